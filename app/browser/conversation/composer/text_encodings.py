"""Bytes of a file -> its text, whatever its encoding. Pure.

A file that says itself what it is (a mark at its beginning, valid UTF-8) is read so. For all others
a detector is asked, which is loaded only then: see `docs/dependencies.md`.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

# By the names of Python's codecs; how people know them. In the order of the menu.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
    "gb18030": "GB18030 (Chinese)",
    "hz": "HZ (Chinese)",
    "big5hkscs": "Big5 (Chinese)",
    "cp932": "Shift_JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "iso2022_jp": "ISO-2022-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "iso2022_kr": "ISO-2022-KR (Korean)",
    "cp1252": "Windows-1252 (Western)",
    "iso8859_15": "ISO 8859-15 (Western)",
    "mac_roman": "Mac OS Roman (Western)",
    "cp437": "DOS 437 (Western)",
    "cp850": "DOS 850 (Western)",
    "cp865": "DOS 865 (Nordic)",
    "cp1250": "Windows-1250 (Central European)",
    "iso8859_2": "ISO 8859-2 (Central European)",
    "mac_latin2": "Mac OS (Central European)",
    "cp852": "DOS 852 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Russian)",
    "koi8_u": "KOI8-U (Ukrainian)",
    "iso8859_5": "ISO 8859-5 (Cyrillic)",
    "mac_cyrillic": "Mac OS (Cyrillic)",
    "cp866": "DOS 866 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp737": "DOS 737 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp857": "DOS 857 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp862": "DOS 862 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "iso8859_6": "ISO 8859-6 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp1258": "Windows-1258 (Vietnamese)",
    "cp874": "Windows-874 (Thai)",
}

# What a file may call itself, or a detector calls it, by a narrower name.
# https://encoding.spec.whatwg.org/#names-and-labels reads them so too.
_WIDER = {
    "ascii": "utf-8",
    "utf_8": "utf-8",
    "utf_16_le": "utf-16-le",
    "utf_16_be": "utf-16-be",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "shift_jis": "cp932",
    "shift_jis_2004": "cp932",
    "euc_jis_2004": "euc_jp",
    "iso2022_jp_2": "iso2022_jp",
    "euc_kr": "cp949",
    "iso8859_1": "cp1252",
    "iso8859_7": "cp1253",
    "iso8859_8": "cp1255",
    "iso8859_9": "cp1254",
    "iso8859_13": "cp1257",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
}
# By the names that the detector has for those of the menu that a file does not tell itself.
CANDIDATES = [
    {"euc_jp": "euc_jis_2004", "iso2022_jp": "iso2022_jp_2"}.get(name, name)
    for name in ENCODINGS
    if not name.startswith("utf") and name != "hz"
]
# How likely files are in it, beside the others: what is rare needs to fit better.
_RARE = {"cp1258": 0.6, "mac_latin2": 0.7, "cp852": 0.8}
_RARE_KINDS = (("cp4", 0.9), ("cp7", 0.9), ("cp8", 0.9), ("mac_", 0.9), ("iso8859", 0.99))
# A text that reads worse than this is none, or of no encoding of the menu.
_LEAST = 0.5

# Control characters that texts have: tab, line ends, a new page, and what colours a terminal.
_CONTROLS = frozenset(map(chr, range(32))) - set("\t\n\r\f\x1b\x1a\b")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
# Seven bits, as ISO-2022 has them. What begins with `\x1b(B` is the reset of a terminal, too.
_ESCAPED = re.compile(rb"\x1b(?:\$|\([IJ])")
# HZ has only letters of ASCII, too: pairs between two marks, of which the first tells a sign or one
# of the usual characters, as no word in small letters does.
# https://www.rfc-editor.org/rfc/rfc1843
_HZ = re.compile(rb"~\{((?:[!-#0-W][!-~])+)~\}")
_LINES_THAT_TELL = re.compile(rb"[^\n]{0,2000}[\x80-\xff][^\n]{0,2000}\n?")
# How files name their encoding: XML, HTML, CSS, Python, Vim, headers of mails and translations.
_DECLARED = re.compile(
    rb"(?:charset|encoding|coding|fenc)[\"']?\s{0,3}[=:]?\s{0,3}[\"']?([A-Za-z][\w.:-]{2,30})",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 1024
# How much of a text is letters, at least.
_LETTERS = 0.6
# A detector needs no more than this of a file, and it shows in as much of it how it reads.
_LOOKED_AT, _READ = 200_000, 6000

# Those of UTF-32 first: one begins with the mark of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Names of codecs for bytes, each with how likely it is.
Detector = Callable[[bytes], Iterable[tuple[str, float]]]


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
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return ReadText(decoded(data, encoding), encoding, is_sure=True)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    is_escaped = _ESCAPED.search(data) or (data.isascii() and _HZ.search(data))
    return None if is_escaped or _has_controls(text) else ReadText(_plain(text), "utf-8", True)


def guessed(data: bytes, detect: Detector) -> ReadText | None:
    """Guess the text of a file that does not; None where it is no text."""
    for encoding in _candidates(data, detect):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if not _has_controls(text):
            return ReadText(_plain(text), encoding, is_sure=False)
    return _damaged(data) or _without_zeros(data)


def decoded(data: bytes, encoding: str) -> str:
    """The text as it is in this encoding; letters that are none in it show as �."""
    return _plain(data.decode(encoding, "replace").removeprefix("\ufeff"))


def _candidates(data: bytes, detect: Detector) -> Iterator[str]:
    """Give the encodings of the menu that this text may be in, the likeliest first."""
    if b"\0" in data:
        yield from _of_wide_letters(data)
        return
    if _damaged(data) is not None:
        return
    if data.isascii() and _HZ.search(data):
        yield from ("hz", "utf-8")
    from .plausible import plausibility  # most files are UTF-8
    from .usual_letters import usual_share

    declared = _DECLARED.search(data[:_DECLARED_WITHIN])
    name = _known(declared[1].decode()) if declared is not None else ""
    if name and plausibility(_read_as(data, name)) > _LEAST:
        yield name
    # Lines in plain English tell nothing.
    telling = b"".join(_LINES_THAT_TELL.findall(data[:_LOOKED_AT])) or data[:_LOOKED_AT]
    start = _NOT_ASCII.search(data)
    if start is not None and start.start() >= _LOOKED_AT - 1:
        telling = data[start.start() : start.start() + _LOOKED_AT]
    fits: dict[str, float] = {}
    likely = {_known(found): confidence for found, confidence in detect(telling)}
    likely.pop("", None)
    for name, confidence in likely.items():
        if (fit := plausibility(_read_as(telling, name))) > _LEAST:
            usual = usual_share(_read_as(telling, name))
            fits[name] = confidence * fit**8 * usual * _likelihood(name)
    yield from sorted(fits, key=lambda name: -fits[name])
    if not fits:
        yield from (max(likely, key=likely.__getitem__, default="cp1252"), "cp1252")


def _known(name: str) -> str:
    """The name in the menu of what a file or a detector calls so; empty where there is none."""
    try:
        name = codecs.lookup(name).name.replace("-", "_")
    except LookupError:
        return ""
    name = _WIDER.get(name, name)
    return name if name in ENCODINGS else ""


def _likelihood(name: str) -> float:
    kinds = (likelihood for kind, likelihood in _RARE_KINDS if name.startswith(kind))
    return _RARE.get(name, next(kinds, 1.0))


def _read_as(data: bytes, encoding: str) -> str:
    return data[:_READ].decode(encoding, "replace")


def _damaged(data: bytes) -> ReadText | None:
    """Read UTF-8 of which a few bytes are cut off or broken, as in logs."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = len(re.findall(r"[^\x00-\x7f\ufffd]", text))
    is_cut = broken == 1 and text.endswith("\ufffd")
    if not whole or whole < (1 if is_cut else 10) * broken or _has_controls(text):
        return None
    return ReadText(_plain(text), "utf-8", is_sure=False)


def _of_wide_letters(data: bytes) -> Iterator[str]:
    """Tell UTF-32 and UTF-16 without their mark by the zeros: those letters that all languages
    share have three in four bytes, or one in two.
    """
    for encoding in ("utf-32-le", "utf-32-be"):
        if len(data) % 4 == 0 and 2 * data.count(0) >= len(data):
            try:
                data.decode(encoding)
            except UnicodeDecodeError:
                continue
            yield encoding
    even, odd = data[::2].count(0), data[1::2].count(0)
    if len(data) % 2 == 0 and min(even, odd) * 10 <= max(even, odd):
        yield "utf-16-le" if odd > even else "utf-16-be"


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
    text = text.replace("\r\n", "\n")
    return text if "\n" in text else text.replace("\r", "\n")  # lines of an old Mac
