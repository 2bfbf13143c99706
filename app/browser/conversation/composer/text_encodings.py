"""Bytes of a file -> its text, whatever its encoding. Pure.

A file that says itself what it is (a mark at its beginning, valid UTF-8) is read so. For all others
a detector is asked, which is loaded only then: see `docs/dependencies.md`.
"""

import codecs
import re
from collections.abc import Callable
from typing import NamedTuple

# By the names of Python's codecs; how people know them. In the order of the menu.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "gb18030": "GB18030 (Chinese)",
    "big5hkscs": "Big5 (Chinese)",
    "cp932": "Shift_JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "iso2022_jp": "ISO-2022-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "cp1252": "Windows-1252 (Western)",
    "cp850": "DOS 850 (Western)",
    "mac_roman": "Mac OS Roman (Western)",
    "cp1250": "Windows-1250 (Central European)",
    "iso8859_2": "ISO 8859-2 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Russian)",
    "koi8_u": "KOI8-U (Ukrainian)",
    "cp866": "DOS 866 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp1258": "Windows-1258 (Vietnamese)",
    "cp874": "Windows-874 (Thai)",
}

# What a detector may call by a narrower name, or one that leaves letters out that files have.
# https://encoding.spec.whatwg.org/#names-and-labels reads them so too.
_WIDER = {
    "ascii": "utf-8",
    "utf_8": "utf-8",
    "utf_8_sig": "utf-8",
    "utf_16_le": "utf-16-le",
    "utf_16_be": "utf-16-be",
    "utf_16": "utf-16-le",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "shift_jis": "cp932",
    "shift_jis_2004": "cp932",
    "shift_jisx0213": "cp932",
    "euc_jis_2004": "euc_jp",
    "iso2022_jp_2": "iso2022_jp",
    "euc_kr": "cp949",
    "johab": "cp949",
    "iso8859_1": "cp1252",
    "iso8859_15": "cp1252",
    "iso8859_5": "cp1251",
    "iso8859_7": "cp1253",
    "iso8859_8": "cp1255",
    "iso8859_6": "cp1256",
    "iso8859_9": "cp1254",
    "iso8859_13": "cp1257",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "tis_620_0": "cp874",
}

# Control characters that texts have: tab, line ends, a new page, and what colours a terminal.
_CONTROLS = frozenset(map(chr, range(32))) - set("\t\n\r\f\x1b\x1a\b")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_ASCII = re.compile(rb"[A-Za-z]")
# Letters of two alphabets in one word, which no language has: French that was read as Russian.
_MIXED = re.compile(
    r"[a-z](?=[\u0370-\u06ff\u0e00-\u0e7f])|[\u0370-\u06ff\u0e00-\u0e7f](?=[a-z])", re.IGNORECASE
)
_WESTERN = ("cp1252", "mac_roman", "cp850")
_CYRILLIC = ("cp1251", "koi8_r", "koi8_u", "cp866")
_LETTER_OF_CYRILLIC = re.compile(r"[\u0400-\u045fҐґ]")
_ODD_IN_CYRILLIC = re.compile(
    r"(?<=[\u0430-\u045fґ])[\u0400-\u042fҐ]|[^\x00-\x7f\u0400-\u045fҐґ«»„“”‘’–—…№°\xa0]"
)
# A capital within a word.
_ODD = re.compile(r"(?<=[^\W\d_A-ZÀ-Þ])[À-ÞŠŒŽŸ]")
_ACCENTED = re.compile(r"[À-ÖØ-öø-ÿŠŒŽšœžŸ]")
# How much of a text is letters, at least.
_LETTERS = 0.6
# A detector needs no more than this of a file.
_LOOKED_AT = 200_000

Detector = Callable[[bytes], str]


class ReadText(NamedTuple):
    """A text, and the encoding (of `ENCODINGS`) that it was read as. `is_sure` where the file said
    so itself.
    """

    text: str
    encoding: str
    is_sure: bool


def is_utf8(beginning: bytes) -> bool:
    """Tell whether these bytes are text in UTF-8, but for a letter that is cut at their end."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return False
    return not _has_controls(text)


def sure(data: bytes) -> ReadText | None:
    """Read the text of a file that names its encoding itself; None for all others."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        # The same mark, and two zeros, begin UTF-32.
        if data.startswith(mark) and not data.startswith(codecs.BOM_UTF32_LE):
            return ReadText(decoded(data, encoding), encoding, is_sure=True)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    is_escaped = b"\x1b$" in data or b"\x1b(" in data  # seven bits, as ISO-2022-JP has them
    return None if is_escaped or _has_controls(text) else ReadText(_plain(text), "utf-8", True)


def guessed(data: bytes, detect: Detector) -> ReadText | None:
    """Guess the text of a file that does not; None where it is no text. `detect` gives the name of
    a codec, or nothing.
    """
    for encoding in _candidates(data, detect):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        foreign = len(_NOT_ASCII.findall(data))
        if 4 * len(_MIXED.findall(text)) > foreign and len(_ASCII.findall(data)) > 2 * foreign:
            encoding, text = _western(data) or (encoding, text)
        if not _has_controls(text):
            return ReadText(_plain(text), encoding, is_sure=False)
    return _without_zeros(data)


def decoded(data: bytes, encoding: str) -> str:
    """The text as it is in this encoding; letters that are none in it show as �."""
    return _plain(data.decode(encoding, "replace").removeprefix("\ufeff"))


def _candidates(data: bytes, detect: Detector) -> list[str]:
    if b"\0" in data:
        return [_utf16(data)] if _utf16(data) else []
    # From the line with the first letter that tells something: an English beginning has none.
    telling = _NOT_ASCII.search(data)
    start = data.rfind(b"\n", 0, telling.start()) + 1 if telling is not None else 0
    found = detect(data[start : start + _LOOKED_AT])
    try:
        name = codecs.lookup(found).name if found else ""
    except LookupError:
        name = ""
    name = name.replace("-", "_")
    likely = _WIDER.get(name, name)
    is_known = likely in ENCODINGS and likely not in _WESTERN
    if likely in _CYRILLIC:
        likely = max((likely, *_CYRILLIC), key=lambda one: _fit_of_cyrillic(data, one))
    return [likely, "cp1252"] if is_known else ["cp1252"]


def _fit_of_cyrillic(data: bytes, encoding: str) -> int:
    """Tell how well a text reads in this encoding: a detector takes those of DOS for Windows'."""
    text = data[:_LOOKED_AT].decode(encoding, "replace")
    return len(_LETTER_OF_CYRILLIC.findall(text)) - 2 * len(_ODD_IN_CYRILLIC.findall(text))


def _western(data: bytes) -> tuple[str, str] | None:
    """Read a text whose few letters with accents a detector took for another alphabet's."""
    best: tuple[int, str, str] | None = None
    for encoding in _WESTERN:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        fit = len(_ACCENTED.findall(text)) - 2 * len(_ODD.findall(text))
        if best is None or fit > best[0]:
            best = fit, encoding, text
    return best and best[1:]


def _utf16(data: bytes) -> str:
    """Read UTF-16 without its mark: every other byte of the letters that all languages share is
    zero.
    """
    even, odd = data[::2].count(0), data[1::2].count(0)
    if len(data) % 2 or min(even, odd) * 10 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _without_zeros(data: bytes) -> ReadText | None:
    """Read UTF-16 without its mark and without zeros: every letter can be seen, and they are of few
    alphabets.
    """
    found: dict[str, str] = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        is_seen = all(letter.isprintable() or letter in "\r\n\t" for letter in text)
        # Bytes at random make signs as often as letters.
        if is_seen and sum(map(str.isalpha, text)) > _LETTERS * len(text):
            found[encoding] = text
    if not found:
        return None
    likely = min(found, key=lambda encoding: len({ord(one) >> 8 for one in found[encoding]}))
    return ReadText(_plain(found[likely]), likely, is_sure=False)


def _has_controls(text: str) -> bool:
    return not _CONTROLS.isdisjoint(text)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")
