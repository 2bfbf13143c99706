"""Dollars that hold a formula, told from those of money, variables of a shell or keys.

By Pandoc's rules (no space inside of the dollars, no digit after them), and by the text before,
between and after them. `markdown_math.mjs` draws formulas by the same rules; here they hold back
the end of a text that is half written.
Source: https://pandoc.org/MANUAL.html#math
"""

import re

_UNFINISHED = tuple("-/:,;=+&|.@\"'([{<>*%!?~#–—、，；：")
# After the second dollar a sentence goes on so.
_GOES_ON = re.compile(r"""[\s)\].,;:!?'"*_|}…—–、。，；：！？）」』”’\u2e80-\uffef]|$""")
_NAME = re.compile(r"[A-Za-z_]\w+$", re.ASCII)
_VARIABLE = re.compile(r"[A-Z_]{2}")
_SUFFIX = re.compile(r"[a-z]+(?![\w$])", re.ASCII)
_TEX = re.compile(r"[\\^{}]")
_OPERATOR = re.compile(r"[_=<>]")
_WORD = r"(?<![^\W_])(?:[^\W\d_]{3,}+|or|to|in|is|at|on|by|vs)(?![^\W\d_]|\()"
# Two words, or the end of a sentence, which no formula has outside of \\text.
_WORDS = re.compile(rf"{_WORD}[.,;:!?)]*+\s+{_WORD}|[.!?]\s++[^\W\d_]")
_WORD_OF_PRICE = re.compile(rf"{_WORD}|[\u3040-\u30ff\u3400-\u9fff]")


def is_formula(before: str, text: str, after: str) -> bool:
    """Tell whether this text between two dollars is a formula, by the text around them."""
    if not text or text[:1].isspace() or text[-1:].isspace() or after[:1].isdigit():
        return False
    if after.startswith("{") or (text[0] == "(" and after.startswith("(")):
        return False
    if text[0] == ")" and text[-1] == "(":  # cost($) vs gain($)
        return False
    if text.endswith(_UNFINISHED) and not _GOES_ON.match(after):
        return False
    if len(text) > 1 and text.endswith("/"):
        return False
    if text[0] in "\\^_":
        return True
    if _is_word(before[-1:]):
        return False
    if _is_word(after[:1]) and (_NAME.match(text) or not _SUFFIX.match(after)):
        return False
    return not is_prose(text)


def may_become_formula(before: str, text: str) -> bool:
    """Tell whether the dollar before this unfinished text may have begun a formula."""
    if not text[:1].strip() or text[0].isdigit() or _VARIABLE.match(text):
        return False
    return not is_prose(text) and (text[0] in "\\^_" or not _is_word(before[-1:]))


def is_prose(text: str) -> bool:
    """Tell whether it reads as words between two signs that have nothing to do with each other."""
    if _TEX.search(text):
        return False
    if _WORDS.search(text):
        return True
    is_price = (text[:1].isspace() or text[:1].isdigit()) and not _OPERATOR.search(text)
    return is_price and _WORD_OF_PRICE.search(text) is not None


def _is_word(character: str) -> bool:
    return character == "_" or (character.isalnum() and character < "\u0250")
