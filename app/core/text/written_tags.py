"""Tags that a model writes into its text: `<think>…</think>`, `<tool_call>{…}</tool_call>`.

A decoder knows only of a `<think>` that leads the answer, for more would change what was said. This
is for showing: what stands between the tags is told apart from the text around it, wherever that
cannot be prose about tags: thinking that begins a line, calls that are closed and are calls. A tag
may arrive in pieces, so an end of the text that may become one is held back.
"""

import re
from typing import Any, Literal

import msgspec

from ..nesting import is_too_deep

Kind = Literal["content", "reasoning", "tool_call"]

_REASONING = {"<think>": "</think>", "<thinking>": "</thinking>"}
_TOOL_CALL = {"<tool_call>": "</tool_call>", "[TOOL_CALL]": "[/TOOL_CALL]"}
_CLOSING = _REASONING | _TOOL_CALL
_OPENING = re.compile("|".join(re.escape(tag) for tag in _CLOSING))

# How long a call may be, its tags included, in characters (as in Ambi). A longer one, and one that
# is never closed, is text like any other: shown late, but shown.
MAX_CALL = 8192


class WrittenTags:
    """Splits one answer's text by the tags in it. A call is given whole, with its tags."""

    def __init__(self) -> None:
        self._held = ""
        self._at = 0  # what is held before this has been given
        self._scanned = 0  # up to here there is no closing tag
        self._opening = ""  # the tag of the block we are in; "" in plain text
        self._is_line_start = True
        self._pieces: list[tuple[Kind, str]] = []

    def push(self, text: str) -> list[tuple[Kind, str]]:
        """Take the next fragment; return its certain parts, in order."""
        self._held += text
        while self._take():
            pass
        return self._given()

    def flush(self) -> list[tuple[Kind, str]]:
        """Return the held text as such: no more of it will come now."""
        if self._opening in _REASONING:
            self._give("reasoning", len(self._held))
        else:
            self._give("content", len(self._held))
            self._opening = ""
        return self._given()

    def _given(self) -> list[tuple[Kind, str]]:
        pieces, self._pieces = self._pieces, []
        self._held = self._held[self._at :]
        self._scanned = max(0, self._scanned - self._at)
        self._at = 0
        return pieces

    def _take(self) -> bool:
        """Take one piece off the held text; return whether another look is worth it."""
        if not self._opening:
            return self._take_plain()
        if self._opening in _TOOL_CALL:
            return self._take_call()
        return self._take_reasoning()

    def _take_plain(self) -> bool:
        for tag in _OPENING.finditer(self._held, self._at):
            if tag[0] in _TOOL_CALL or self._begins_line(tag.start()):
                self._give("content", tag.start())
                self._opening = tag[0]
                self._scanned = tag.end()
                if tag[0] in _REASONING:
                    self._at = tag.end()
                return True
        self._give("content", len(self._held) - self._overlap(_OPENING_PREFIXES))
        return False

    def _take_call(self) -> bool:
        closing = _CLOSING[self._opening]
        limit = self._at + MAX_CALL
        found = self._held.find(closing, self._scanned, limit)
        if found >= 0:
            self._give("tool_call", found + len(closing))
        elif len(self._held) >= limit:
            self._give("content", limit)
        else:
            self._scanned = max(self._scanned, len(self._held) - len(closing) + 1)
            return False
        self._opening = ""
        return True

    def _take_reasoning(self) -> bool:
        closing = _CLOSING[self._opening]
        found = self._held.find(closing, self._at)
        if found < 0:
            self._give("reasoning", len(self._held) - self._overlap(_CLOSING_PREFIXES))
            return False
        self._give("reasoning", found)
        self._at = found + len(closing)
        self._opening = ""
        return True

    def _begins_line(self, start: int) -> bool:
        return self._held[start - 1] == "\n" if start > self._at else self._is_line_start

    def _give(self, kind: Kind, end: int) -> None:
        """Give the held text up to `end`."""
        if end > self._at:
            self._pieces.append((kind, self._held[self._at : end]))
            self._is_line_start = self._held[end - 1] == "\n"
            self._at = end

    def _overlap(self, prefixes: frozenset[str]) -> int:
        """Count the characters at the end of the held text that may begin a tag."""
        for length in range(min(len(self._held) - self._at, _LONGEST), 0, -1):
            if self._held[-length:] in prefixes:
                return length
        return 0


def written_call(block: str) -> tuple[str, str] | None:
    """Name and arguments (JSON text) of a call with its tags; None where it is not a call.

    Models name the arguments differently.
    """
    call = json_object(block[block.find("{") : block.rfind("}") + 1])
    if call is None or not isinstance(call.get("name"), str):
        return None
    for key in ("arguments", "args", "parameters"):
        if key in call:
            value = call[key]
            is_text = isinstance(value, str)
            return call["name"], value if is_text else msgspec.json.encode(value).decode()
    return call["name"], "{}"


def json_object(text: str) -> dict[str, Any] | None:
    """The JSON object that this text is; None where it is none, or nests too deep to be read."""
    if is_too_deep(text.encode("utf-8", "replace")):
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


def _prefixes(tags: "list[str]") -> frozenset[str]:
    return frozenset(tag[:length] for tag in tags for length in range(1, len(tag)))


_OPENING_PREFIXES = _prefixes(list(_CLOSING))
_CLOSING_PREFIXES = _prefixes(list(_REASONING.values()))
_LONGEST = max(len(tag) for tag in _CLOSING.values())
