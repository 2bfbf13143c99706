"""Text files of all the world are read as written; what is no text is told as what it is."""

import chardet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.browser.conversation.composer.file_kinds import kind_of
from app.browser.conversation.composer.text_encodings import (
    CANDIDATES,
    ENCODINGS,
    decoded,
    guessed,
    sure,
)

CHINESE = "会议纪要：明天上午十点在三楼开会，请准时参加。\n"
TABLE = "姓名,城市,年龄\n王伟,上海,31\n李娜,成都,28\n"
TAIWAN = "會議記錄：明天上午十點在三樓開會，請準時參加。\n"
JAPANESE = "議事録：明日の会議は十時からです。よろしくお願いします。\n"
JAPANESE_TABLE = "品名,数量\nみかん,12\nぶどう,4\n"
KOREAN = "회의록: 내일 오전 열 시에 모입니다. 감사합니다.\n"
RUSSIAN = "Протокол: завтра в десять часов собрание на третьем этаже.\n"
RUSSIAN_TABLE = "Имя;Город\nАнна;Омск\nПётр;Тверь\n"
UKRAINIAN = "Протокол: завтра о десятій зустріч, приїжджайте усі.\n"
POLISH = "Proszę przyjść jutro o dziesiątej, będzie też książę Łukasz.\n"
CZECH = "Zítra v deset hodin máme schůzku, přijďte prosím včas, děkuji.\n"
HUNGARIAN = "Holnap délelőtt tízkor találkozunk, kérjük, legyenek pontosak, köszönjük.\n"
FRENCH = "Réunion à dix heures : merci d’être à l’heure, où que vous soyez.\n"
GERMAN = "Größe,Straße\nfünf,Königsallee\nzwölf,Bäckerweg\n"
SPANISH = "Mañana a las diez: la reunión del señor Muñoz. ¿Quién vendrá?\n"
GREEK = "Πρακτικά: αύριο στις δέκα η ώρα έχουμε συνάντηση.\n"
GERMAN_LETTER = (
    "Sehr geehrte Damen und Herren, wir möchten über die Prüfung sprechen. Grüße, Jörg\n"
)
FRENCH_NOTE = "L'été dernier, j'ai mangé à Orléans. Ça va être très bien, où êtes-vous ?\n"
SWEDISH = "Vi ses på fredag i Malmö, glöm inte att ta med kaffe och räkor. Hälsningar\n"
ITALIAN = "Perché non è così facile? La città è più bella, però c'è traffico.\n"
DANISH = "Vi ses på fredag i København, husk smørrebrød og rødgrød med fløde.\n"
TURKISH = "Yarın saat onda toplantı var, lütfen şu işleri düşünüp gelin; teşekkürler.\n"
HEBREW = "פרוטוקול: מחר בעשר יש ישיבה בקומה השלישית.\n"
ARABIC = "محضر: غدا الساعة العاشرة اجتماع في الطابق الثالث.\n"
LITHUANIAN = "Rytoj dešimtą valandą susirinkimas, prašome nevėluoti, ačiū už dėmesį.\n"
THAI = "พรุ่งนี้สิบโมงมีประชุมที่ชั้นสาม กรุณามาให้ตรงเวลา\n"


def is_written(text: str, encoding: str) -> bool:
    return text.encode(encoding, "ignore").decode(encoding) == text


FILES = [
    *((text, name) for text in (CHINESE, TABLE) for name in ("gbk", "gb18030", "gb2312")),
    (TAIWAN, "big5"),
    *((text, name) for text in (JAPANESE, JAPANESE_TABLE) for name in ("shift_jis", "euc_jp")),
    (JAPANESE, "iso2022_jp"),
    (KOREAN, "euc_kr"),
    (KOREAN, "cp949"),
    *((text, name) for text in (RUSSIAN, RUSSIAN_TABLE) for name in ("cp1251", "koi8_r", "cp866")),
    (UKRAINIAN, "cp1251"),
    (UKRAINIAN, "koi8_u"),
    ("Љубав је најлепша ствар на свету. Ђак је ушао у школу.\n", "cp1251"),
    (POLISH, "cp1250"),
    (CZECH, "cp1250"),
    (HUNGARIAN, "cp1250"),
    (FRENCH, "cp1252"),
    (GERMAN, "cp1252"),
    (SPANISH, "cp1252"),
    (GREEK, "cp1253"),
    (TURKISH, "cp1254"),
    (HEBREW, "cp1255"),
    (ARABIC, "cp1256"),
    (LITHUANIAN, "cp1257"),
    (THAI, "cp874"),
    *(
        (text, name)
        for text in (GERMAN, RUSSIAN, TABLE, "Привет")
        for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    ),
    *(
        (text, name)
        for text in (GERMAN, GERMAN_LETTER, FRENCH_NOTE, SPANISH, SWEDISH, ITALIAN, GERMAN.upper())
        for name in ("cp437", "cp850", "mac_roman", "cp1252", "iso8859_15")
        if is_written(text, name)
    ),
    (DANISH, "cp850"),
    (DANISH, "cp865"),
    *((text, name) for text in (POLISH, CZECH, HUNGARIAN) for name in ("cp852", "iso8859_2")),
    (RUSSIAN, "iso8859_5"),
    (RUSSIAN, "mac_cyrillic"),
    (GREEK, "cp737"),
    (TURKISH, "cp857"),
    (HEBREW, "cp862"),
    ("Geçen hafta dağlara gittik, hava çok güzeldi.\n", "cp1254"),
    ("Það er fundur á morgun klukkan tíu, ekki gleyma því.\n", "cp1252"),
    ("Preis: 5 € für Ärzte, Œuvre\n", "iso8859_15"),
    ("temp: 25 °C ± 0.5, 10 µm, § 5, © 2004 Müller\n", "cp1252"),
    ("1\n00:00:01,000 --> 00:00:03,000\nÇa alors ! Où est-il ?\n", "cp1252"),
    ("C:.\n├───src\n│   └───main\n└───docs\n", "cp437"),
    ("╔══════════╗\n║ Größen   ║\n╚══════════╝\n", "cp850"),
    ("备注\n", "gbk"),
    # A few letters, of which the detector knows nothing.
    *(
        (text, "mac_roman")
        for text in ("Grüße aus Köln", "Außerdem", "Öl", "déjà vu", "Señor Muñoz")
    ),
    *(
        (text, "euc_jp")
        for text in ("氏名,年齢\n田中,31\n", "東京都", "請求書", "売上,12\n経費,4\n")
    ),
    ("[設定]\n名前=山田\n住所=東京都新宿区\n", "euc_jp"),
    *((text, "cp1252") for text in ("naïve café", "Preis: 5 €")),
    *((text, "hz") for text in (CHINESE, TABLE, "备注\n")),
]
MARKED = ("utf-8-sig", "utf-16", "utf-8", "utf-32")


def detect(data: bytes) -> list[tuple[str, float]]:
    """As `encoding_detector` asks it in the tab."""
    found = chardet.detect_all(
        data,
        encoding_era=chardet.EncodingEra.ALL,
        include_encodings=CANDIDATES,
        ignore_threshold=True,
    )
    return [(one["encoding"], one["confidence"]) for one in found if one["encoding"]]


@pytest.mark.parametrize(("text", "encoding"), FILES)
def test_a_text_is_read_as_it_was_written(text: str, encoding: str) -> None:
    data = text.replace("\n", "\r\n").encode(encoding)
    assert sure(data) is None
    found = guessed(data, detect)
    assert found is not None
    assert found.text == text
    assert not found.is_sure
    assert found.encoding in ENCODINGS
    assert decoded(data, found.encoding) == text


def test_a_formula_may_have_two_alphabets() -> None:
    formula = guessed("αx + βy = γ".encode("cp1253"), lambda _: [("cp1253", 1.0)])
    assert formula is not None
    assert formula.text == "αx + βy = γ"
    mixed = "Письмо о Python и о JavaScript: чтение файлов.\n"
    found = guessed(mixed.encode("cp1251"), detect)
    assert found is not None
    assert found.text == mixed


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ('<?xml version="1.0" encoding="ISO-8859-2"?>\n<a>Łódź</a>', "iso8859_2"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>Да', "koi8_r"),
        ("<meta charset=windows-1250><title>Łódź</title>", "cp1250"),
        ('# -*- coding: latin-2 -*-\nx = "Łódź"\n', "iso8859_2"),
        ('"Content-Type: text/plain; charset=EUC-JP\\n"\nmsgid "設定"\n', "euc_jp"),
        ("/* vim: set fenc=cp850: */\nÖ\n", "cp850"),
    ],
)
def test_a_file_that_names_its_encoding_is_believed_where_it_reads_so(
    text: str, encoding: str
) -> None:
    found = guessed(text.encode(encoding), detect)
    assert found is not None
    assert (found.text, found.encoding) == (text, encoding)
    wrong = guessed(text.encode("utf-16-le"), detect)  # the words stayed when it was saved anew
    assert wrong is not None
    assert wrong.text == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("日本語のテキスト。".encode()[:-1], "日本語のテキスト\ufffd"),
        ("Grüße. ".encode() * 20 + b"\xff", "Grüße. " * 20 + "\ufffd"),
        ("Größe \x1b(B\x1b[m".encode(), "Größe \x1b(B\x1b[m"),
        ("Café déjà vu\rLà-bas\r".encode("mac_roman"), "Café déjà vu\nLà-bas\n"),
        (b"cd ~{a,b}; echo ~{one}~{two}~}", "cd ~{a,b}; echo ~{one}~{two}~}"),  # no HZ
    ],
)
def test_a_broken_byte_does_not_make_all_others_another_encoding(data: bytes, text: str) -> None:
    found = sure(data) or guessed(data, detect)
    assert found is not None
    assert found.text == text


@pytest.mark.parametrize("encoding", MARKED)
@pytest.mark.parametrize("text", ["", "plain\r\n", CHINESE, RUSSIAN])
def test_what_a_file_says_of_itself_is_believed(text: str, encoding: str) -> None:
    found = sure(text.encode(encoding))
    assert found is not None
    assert found.text == text.replace("\r\n", "\n")
    assert found.is_sure


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_utf8_needs_no_guess(text: str) -> None:
    found = sure(text.encode())
    assert found is not None
    assert found.text == text.removeprefix("\ufeff")


def test_every_encoding_of_the_menu_reads_anything() -> None:
    for name in ENCODINGS:
        assert isinstance(decoded(bytes(range(256)), name), str)
    assert decoded(RUSSIAN.encode("koi8_r"), "koi8_r") == RUSSIAN


@pytest.mark.parametrize(
    ("beginning", "name", "kind"),
    [
        (b"export const a: number = 1;\n", "a.ts", ""),
        (b"GIF is a format", "a.txt", ""),
        (b"BMW and others", "a.txt", ""),
        (b"MZ", "a.txt", ""),
        (b"%PDF-1.7 text", "a.pdf", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a.txt", "a PNG image"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a.heic", "a HEIC image"),
        (b"\0\0\0\x18ftypisom", "a.mp4", "a video"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a.webp", "a WebP image"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a.wav", "a sound file"),
        (b"PK\3\4\x14\0[Content_Types].xml word/document.xml", "a", "a Word document"),
        (b"PK\3\4\x14\0[Content_Types].xml", "A.XLSX", "an Excel workbook"),
        (b"PK\3\4\x14\0a.txt", "a.zip", "a zip archive"),
    ],
)
def test_what_is_no_text_is_known_by_its_content(beginning: bytes, name: str, kind: str) -> None:
    assert kind_of(beginning, name) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"\0\1\2",
        b"G" + b"\0\x40\x11\x10" + bytes(range(256)),  # a video of the kind that is called .ts
        bytes(range(256)) * 4,
        b"MZ\x90\0\3\0\0\0",
    ],
)
def test_what_is_no_text_is_not_read_as_one(data: bytes) -> None:
    assert sure(data) is None
    assert guessed(data, detect) is None


def test_a_long_beginning_in_english_hides_no_letters() -> None:
    text = "plain words\n" * 40_000 + RUSSIAN
    found = guessed(text.encode("koi8_r"), detect)
    assert found is not None
    assert found.text == text


def test_without_a_detector_a_text_is_western() -> None:
    found = guessed("café".encode("cp1252"), lambda data: ())
    assert found is not None
    assert (found.text, found.encoding) == ("café", "cp1252")


@pytest.mark.parametrize("odd", ["", "x-unknown", "hex", "idna", "undefined"])
def test_what_a_detector_says_is_not_believed_blindly(odd: str) -> None:
    found = guessed(b"caf\xe9", lambda data: [(odd, 1.0)])
    assert found is not None
    assert found.encoding == "cp1252"
