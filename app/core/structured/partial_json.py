"""JSON that is still being written: what of it is certain so far.

Each character is looked at once, so the cost is linear in the text, however it is cut. Strings show
as they grow; numbers and the words `true`, `false` and `null` when they are over; a key when its
value begins. Standard: RFC 8259, so no `NaN`, no comments, no trailing commas. A surrogate without
its other half becomes U+FFFD.

Long, because it is one automaton.
"""

import re
from typing import Any, Final

import msgspec

from ..nesting import MAX_DEPTH

_SPACE = re.compile(r"[ \t\n\r]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]+')
_NUMBER_PART = re.compile(r"[-+.0-9eE]+")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_ESCAPES = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_WORDS: dict[str, tuple[str, Any]] = {
    "t": ("true", True),
    "f": ("false", False),
    "n": ("null", None),
}
_LONE = "\N{REPLACEMENT CHARACTER}"

# The token that may come next, outside of strings, numbers and words.
_VALUE: Final = "a value"
_ITEM_OR_END: Final = "a value or ]"
_KEY: Final = "a key"
_KEY_OR_END: Final = "a key or }"
_COLON: Final = "a colon"
_COMMA_OR_END: Final = "a comma or the end of what is open"
_NOTHING: Final = "nothing more"


class PartialJson:
    """Takes JSON text in any pieces.

    `value` is the part that is certain so far, `msgspec.UNSET` while nothing is. Objects and lists
    are the growing ones themselves: read them between feeds, copy what is kept. `error` says what
    is wrong with the text, "" while nothing is; after an error nothing more is read, and `value`
    stays.
    """

    def __init__(self) -> None:
        self.error = ""
        # The root is the one item of a list, so that every value has a place.
        self._root: list[Any] = []
        self._open: list[Any] = [self._root]
        self._keys: list[str] = []
        self._expected = _VALUE
        self._position = 0
        self._problem = ""
        self._token: _String | _Number | _Word | None = None

    @property
    def value(self) -> Any:
        return self._root[0] if self._root else msgspec.UNSET

    @property
    def is_complete(self) -> bool:
        """Tell whether the value is whole. A number alone is so only after `close`."""
        return self._expected == _NOTHING

    def feed(self, text: str) -> Any:
        """Take the next piece of text; return `value`."""
        at = 0
        while at < len(text) and not self.error:
            at = self._step(text, at) if self._token is None else self._token.feed(text, at, self)
        if isinstance(self._token, _String):
            self._token.flush(self)
        self._position += len(text)
        return self.value

    def close(self) -> Any:
        """Take the end of the text; return `value`. Text that ends too early is an `error`."""
        # Anywhere else something must follow a number, so what follows is cut off, and perhaps
        # more of the number.
        if isinstance(self._token, _Number) and len(self._open) == 1:
            self._token.end(self, 0)
        if not self.error and not self.is_complete:
            inside = self._token.name if self._token is not None else self._expected
            self.error = f"the text ends where {inside} was expected"
            if self._token is not None:
                self.error = f"the text ends inside {inside}"
        return self.value

    def fail(self, problem: str, at: int) -> None:
        self.error = f"{problem} at character {self._position + at}"
        self._token = None

    def place(self, value: Any) -> None:
        """Put a value where the next one belongs."""
        top = self._open[-1]
        if isinstance(top, list):
            top.append(value)
        else:
            top[self._keys[-1]] = value

    def grow(self, text: str) -> None:
        """Add to the string that was placed last."""
        # Held by one name alone, a string grows in place; else each piece would copy all of it.
        top = self._open[-1]
        if isinstance(top, list):
            value = top.pop()
            value += text
            top.append(value)
        else:
            key = self._keys[-1]
            value = top.pop(key)
            value += text
            top[key] = value

    def end_value(self) -> None:
        self._token = None
        self._expected = _COMMA_OR_END if len(self._open) > 1 else _NOTHING

    def end_key(self, key: str) -> None:
        self._token = None
        self._keys[-1] = key
        self._expected = _COLON

    def _step(self, text: str, at: int) -> int:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        if at == len(text):
            return at
        character = text[at]
        if not self._take(character):
            problem = self._problem or f"{character!r} where {self._expected} was expected"
            self.fail(problem, at)
        # A number's first character is part of it.
        return at if isinstance(self._token, _Number) else at + 1

    def _take(self, character: str) -> bool:
        expected = self._expected
        if expected in (_VALUE, _ITEM_OR_END):
            if character == "]" and expected == _ITEM_OR_END:
                return self._shut(list)
            return self._begin(character)
        if expected in (_KEY, _KEY_OR_END):
            if character == '"':
                self._token = _String(is_key=True)
                return True
            return expected == _KEY_OR_END and character == "}" and self._shut(dict)
        if expected == _COLON and character == ":":
            self._expected = _VALUE
            return True
        if expected == _COMMA_OR_END:
            if character == ",":
                self._expected = _VALUE if isinstance(self._open[-1], list) else _KEY
                return True
            return character in "]}" and self._shut(list if character == "]" else dict)
        return False

    def _begin(self, character: str) -> bool:
        if character == '"':
            self.place("")
            self._token = _String(is_key=False)
        elif character in "{[" and len(self._open) > MAX_DEPTH:
            self._problem = f"more than {MAX_DEPTH} lists and objects within each other"
            return False
        elif character == "{":
            self._enter({})
            self._keys.append("")
            self._expected = _KEY_OR_END
        elif character == "[":
            self._enter([])
            self._expected = _ITEM_OR_END
        elif character in _WORDS:
            self._token = _Word(*_WORDS[character])
        elif character in "-0123456789":
            self._token = _Number()
        else:
            return False
        return True

    def _enter(self, container: Any) -> None:
        self.place(container)
        self._open.append(container)

    def _shut(self, kind: type) -> bool:
        if not isinstance(self._open[-1], kind):
            return False
        self._open.pop()
        if kind is dict:
            self._keys.pop()
        self.end_value()
        return True


class _String:
    """Inside a string. An escape that is cut is held back, and so is half a surrogate pair."""

    name = "a string"

    def __init__(self, *, is_key: bool) -> None:
        self._is_key = is_key
        self._pieces: list[str] = []
        self._escape = ""
        self._high = ""

    def feed(self, text: str, at: int, parser: PartialJson) -> int:
        if self._escape:
            return self._escaped(text, at, parser)
        if plain := _PLAIN.match(text, at):
            self._add(plain[0])
            return plain.end()
        character = text[at]
        if character == "\\":
            self._escape = character
        elif character == '"':
            self._end(parser)
        else:
            self._drop_high()
            self.flush(parser)
            parser.fail(f"{character!r} inside a string, without its escape,", at)
        return at + 1

    def flush(self, parser: PartialJson) -> None:
        if self._pieces and not self._is_key:
            parser.grow("".join(self._pieces))
            self._pieces.clear()

    def _escaped(self, text: str, at: int, parser: PartialJson) -> int:
        self._escape += text[at]
        kind = self._escape[1]
        if kind == "u":
            missing = 6 - len(self._escape)
            self._escape += text[at + 1 : at + 1 + missing]
            at += min(missing, len(text) - at - 1)
            if len(self._escape) == 6:
                self._add_unit(self._escape[2:], at, parser)
        elif kind in _ESCAPES:
            self._add(_ESCAPES[kind])
            self._escape = ""
        else:
            self._bad_escape(at, parser)
        return at + 1

    def _add_unit(self, digits: str, at: int, parser: PartialJson) -> None:
        if not _HEX.fullmatch(digits):
            self._bad_escape(at, parser)
            return
        self._escape = ""
        unit = int(digits, 16)
        if self._high and 0xDC00 <= unit <= 0xDFFF:
            high, self._high = ord(self._high), ""
            self._pieces.append(chr(0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00)))
        elif 0xD800 <= unit <= 0xDBFF:
            self._drop_high()
            self._high = chr(unit)
        else:
            self._add(_LONE if 0xDC00 <= unit <= 0xDFFF else chr(unit))

    def _bad_escape(self, at: int, parser: PartialJson) -> None:
        self._drop_high()
        self.flush(parser)
        parser.fail(f"the escape {self._escape} inside a string", at)

    def _add(self, text: str) -> None:
        self._drop_high()
        self._pieces.append(text)

    def _drop_high(self) -> None:
        if self._high:
            self._pieces.append(_LONE)
            self._high = ""

    def _end(self, parser: PartialJson) -> None:
        self._drop_high()
        if self._is_key:
            parser.end_key("".join(self._pieces))
        else:
            self.flush(parser)
            parser.end_value()


class _Number:
    """Inside a number, which only what follows it can end."""

    name = "a number"

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def feed(self, text: str, at: int, parser: PartialJson) -> int:
        if part := _NUMBER_PART.match(text, at):
            self._pieces.append(part[0])
            return part.end()
        self.end(parser, at)
        return at

    def end(self, parser: PartialJson, at: int) -> None:
        written = "".join(self._pieces)
        match = _NUMBER.fullmatch(written)
        if match is None:
            parser.fail(f"{_short(written)}, which is no number,", at)
            return
        try:
            value = float(written) if match[2] or match[3] else int(written)
        except ValueError:  # Python's limit on digits
            parser.fail(f"{_short(written)}, a number too long,", at)
            return
        parser.place(value)
        parser.end_value()


class _Word:
    """Inside `true`, `false` or `null`, after the first letter."""

    name = "a word"

    def __init__(self, word: str, value: Any) -> None:
        self._word = word
        self._value = value
        self._length = 1

    def feed(self, text: str, at: int, parser: PartialJson) -> int:
        if text[at] != self._word[self._length]:
            parser.fail(f"{text[at]!r} inside {self._word}", at)
            return at + 1
        self._length += 1
        if self._length == len(self._word):
            parser.place(self._value)
            parser.end_value()
        return at + 1


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
