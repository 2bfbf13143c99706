"""Plausibility of a text that was decoded as one encoding of several. Pure.

A detector compares bytes with how often languages have them; on short texts it takes German of DOS
for Japanese, and Italian for Russian. What comes of that has signs within words, capitals behind
small letters, or two alphabets in one word.
"""

import re
from collections.abc import Callable


def _letters(first: int, last: int, is_one: Callable[[str], bool]) -> str:
    return "".join(letter for letter in map(chr, range(first, last + 1)) if is_one(letter))


_ALPHABETS = ((0xC0, 0x24F), (0x386, 0x3CE), (0x400, 0x45F), (0x490, 0x491))
_LARGE = "".join(_letters(*one, str.isupper) for one in _ALPHABETS)
_SMALL = "".join(_letters(*one, str.islower) for one in _ALPHABETS)
_LATIN = r"A-Za-z\u00c0-\u024f"
_LETTER = r"[^\W\d_]"
# Greek, Cyrillic, Hebrew, Arabic, Thai: no word has letters of one of them beside Latin ones.
_OTHERS = r"\u0370-\u06ff\u0e00-\u0e7f"
# What stands within words: apostrophes, hyphens, points, and the signs above and below letters.
_WITHIN = (
    r"’‘ʼ·\xad–—‐‑״׳־\u0300-\u036f\u0591-\u05bd\u064b-\u0652\u200c\u200d"
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u3000-\u303f\uff00-\uffef"
)
_ODD = re.compile(
    rf"[{_LATIN}](?=[{_OTHERS}])|[{_OTHERS}](?=[{_LATIN}])"
    r"|[\u0370-\u03ff](?=[\u0400-\u06ff\u0e00-\u0e7f])|[\u0400-\u04ff](?=[\u0370-\u03ff\u0590-\u06ff])"
    # Korean letters beside Chinese ones, and one Eastern letter within a Western word.
    r"|[\uac00-\ud7a3](?=[\u4e00-\u9fff])|[\u4e00-\u9fff](?=[\uac00-\ud7a3])"
    r"|(?<=[A-Za-z])[\u2260-\u22bf\u3040-\u9fff\uac00-\ud7a3\uff61-\uff9f](?=[A-Za-z])"
    rf"|(?<=[a-z{_SMALL}])[{_LARGE}]|(?<=[A-Z])[{_SMALL}](?=[A-Z])"
    rf"|(?<={_LETTER})[^\w\s\x00-\x7f{_WITHIN}](?={_LETTER})"
    rf"|[¹²³¼½¾](?={_LETTER})|(?<={_LETTER})[¼½¾¹]"
    # Lines of boxes stand beside each other, not within words.
    rf"|(?<={_LETTER})[\u2500-\u259f](?![\u2500-\u259f])"
    rf"|(?<![\u2500-\u259f])[\u2500-\u259f](?={_LETTER})"
    # A corner where single lines meet double ones, with no line beside it: a letter of DOS 850.
    r"|(?<![\u2500-\u259f])[\u2552-\u256b](?![\u2500-\u259f])"
    # Signs that hardly any text has, what is no letter at all, and one letter again and again.
    r"|[\x80-\x9f¤¦¨¯´¸¬¶ªº˛ˇ˘˝˙ˆ˜‰\ue000-\uf8ff\ufffd]"
    r"|([^\x00-\x7f\u2500-\u259f–—…。・ー\s])\1{3,}"
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# Letters of Icelandic, whose texts have some of the others too: without them it is Turkish.
_ICELANDIC, _WITH_THEM = re.compile("[ðþÐÞ]"), re.compile("[áíóúæ]", re.IGNORECASE)


def plausibility(text: str) -> float:
    """Tell how much of what is not plain English letters reads as a language has it: 0 to 1."""
    foreign = len(_NOT_ASCII.findall(text))
    odd = sum(len(found[0]) for found in _ODD.finditer(text))
    if not _WITH_THEM.search(text):
        odd += len(_ICELANDIC.findall(text))
    return max(0.0, 1 - odd / max(foreign, 1))
