"""Text from outside as what it is: letters that are not seen, or move others, written as escapes.

Where a person decides by what is read, `visible` and `visible_json` leave nothing in the text that
looks like something else: no invisible or blank letters, no letters that turn the order of others,
no marks without a letter below them or piled upon one. `readable` is for prose, as an answer in a
terminal: it keeps what languages and pictographs need.
"""

import json
import re
from unicodedata import category

import msgspec

from ..tools.checking import decoded_object
from . import pretty_json

# General categories of Unicode: controls, formats, surrogates, private and unassigned code points,
# separators. A space and a line end are what they look like.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"))
# Letters and marks that nothing is drawn for, or a blank: the fillers of Hangul and Khmer,
# variation selectors, the empty pattern of Braille, the empty notehead, the place of an object.
_BLANK = frozenset(
    map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U00016fe4\U0001d159")
) | {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000)}
# More marks than this upon one letter no language writes; they would cover the lines around.
_MOST_MARKS = 3

# In prose: all of the category Cf and what else is never drawn (Default_Ignorable_Code_Point).
_FORMATS = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0"
    "\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Persian, Hindi and others join and part letters with these, and pictographs are joined by one.
_JOINERS = "(?<![\u0620-\u1cff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
# Asks for the coloured picture of the sign before it: ❤️, ✔️, ↔️, 1️⃣, ©️.
_PICTURE = (
    "(?<![#*0-9\u00a9\u00ae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff])\ufe0f"
)
_IN_PROSE = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_FORMATS}]|{_JOINERS}|{_PICTURE}"
)
_OUTSIDE_ASCII = re.compile("[^\n -~]+")


def visible(text: str) -> str:
    """The text with all that is not plainly seen as escapes, as `\\u202e`; line ends stay."""
    return _OUTSIDE_ASCII.sub(lambda found: _seen(found, as_json=False), text)


def visible_json(text: str) -> str:
    """Escape as `visible` does, for JSON from `laid_out`: it stays JSON, and says the same."""
    return _OUTSIDE_ASCII.sub(lambda found: _seen(found, as_json=True), text)


def readable(text: str, before: str = "") -> str:
    """Prose with its control, format and other invisible characters as escapes; tabs and line ends
    stay. `before` is the character that went before, where the text comes in fragments.
    """
    text = text.replace("\r\n", "\n")
    shown = _IN_PROSE.sub(lambda found: _escaped(found[0]), before + text)
    return shown.removeprefix(readable(before)) if before else shown


def laid_out(arguments: str, *, in_lines: bool = True) -> str | None:
    """The arguments of a call as the tool will get them, as JSON in lines or in one; None where
    they are no JSON object, and no tool gets them.

    Of a key that stands there twice only the value that counts is left, and nothing that stands
    between the values.
    """
    try:
        value = decoded_object(arguments)
        if not in_lines:
            return json.dumps(value, ensure_ascii=False)
        return pretty_json.in_lines(value)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return None


def shown_arguments(arguments: str, *, in_lines: bool = True) -> str:
    """The arguments of a call, laid out, with nothing hidden in them."""
    text = laid_out(arguments, in_lines=in_lines)
    return visible(arguments) if text is None else visible_json(text)


def _seen(found: re.Match[str], *, as_json: bool) -> str:
    """A run of letters beyond ASCII. A mark is drawn upon the letter before it, so that must be
    one, and not have enough of them.
    """
    written = []
    base = category(found.string[found.start() - 1])[0] if found.start() else ""
    marks = 0
    for letter in found[0]:
        kind = category(letter)
        if kind[0] == "M":
            marks += 1
            is_seen = base in ("L", "N") and marks <= _MOST_MARKS
        else:
            base, marks, is_seen = kind[0], 0, kind not in _UNSEEN
        if not is_seen or ord(letter) in _BLANK:
            letter = _escaped_in_json(letter) if as_json else _escaped(letter)
            base = ""
        written.append(letter)
    return "".join(written)


def _escaped(letter: str) -> str:
    code = ord(letter)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def _escaped_in_json(letter: str) -> str:
    code = ord(letter)
    if code < 65536:
        return f"\\u{code:04x}"
    return f"\\u{0xD800 + (code - 65536 >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
