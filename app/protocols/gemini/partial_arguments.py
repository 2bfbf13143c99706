"""Arguments that come as values at JSON paths -> their JSON text, as it grows.

Vertex AI streams the arguments of a call so where it is asked to: `{"jsonPath": "$.city",
"stringValue": "Ro", "willContinue": true}`, then more of the same string, then the next path.
Values come in the order of the text, so the text can be written on the way, and what was written
stays as it is.

Source: https://googleapis.github.io/js-genai/release_docs/interfaces/types.PartialArg.html, as of
November 2026.
"""

import json
import re
from typing import Any

from ..answer_text import Characters
from ..tolerant import as_str, clean

# `.name`, `[0]`, `["name"]` or `['name']`.
_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]]+)|\[(?P<index>\d{1,9})\]"""
    r"""|\[(?P<mark>["'])(?P<quoted>(?:(?!(?P=mark))[^\\]|\\.)*)(?P=mark)\]"""
)

_VALUES = ("stringValue", "numberValue", "boolValue")

Step = str | int


class PartialArguments:
    """Writes the arguments of one call."""

    def __init__(self) -> None:
        self._way: list[Step] = []  # to the object or array that is open
        self._closers: list[str] = []  # of it and of all around it; none before the first value
        self._comma = ""  # what stands before the next value
        self._string: list[Step] | None = None  # where the string is that is open
        self._characters = Characters()

    def add(self, part: dict[str, Any]) -> str:
        """Take one partial value; return the text that it adds."""
        path = _path(as_str(part.get("jsonPath")))
        value = next((part[name] for name in _VALUES if part.get(name) is not None), None)
        text = ""
        if self._string != path or not isinstance(value, str):
            text = self._end_string() + self._go(path)
        if not isinstance(value, str):
            return text + _written(value)
        if self._string is None:
            self._string = path
            text += '"'
        text += _written(self._characters.feed(value))[1:-1]
        return text if part.get("willContinue") else text + self._end_string()

    def close(self) -> str:
        """Take the end of the call; return the text that makes it whole."""
        if not self._closers:
            return "{}"
        text = self._end_string() + "".join(reversed(self._closers))
        self._closers = []
        return text

    def _go(self, path: list[Step]) -> str:
        """Write what stands between the last value and the one at `path`."""
        text = ""
        if not self._closers:
            self._closers.append("}")
            text = "{"
        shared = 0
        for step, closer, known in zip(path[1:], self._closers[1:], self._way, strict=False):
            if known != path[shared] or closer != _closer(step):
                break
            shared += 1
        while len(self._way) > shared:
            self._way.pop()
            text += self._closers.pop()
            self._comma = ","
        for depth, step in enumerate(path[shared:], shared + 1):
            text += self._comma
            if isinstance(step, str):
                text += _written(step) + ":"
            self._comma = ","
            if depth < len(path):
                closer = _closer(path[depth])
                text += "[" if closer == "]" else "{"
                self._way.append(step)
                self._closers.append(closer)
                self._comma = ""
        return text

    def _end_string(self) -> str:
        if self._string is None:
            return ""
        self._string = None
        return self._characters.close() + '"'


def _closer(step: Step) -> str:
    """Give the bracket that closes the container which has this step as a member."""
    return "]" if isinstance(step, int) else "}"


def _path(text: str) -> list[Step]:
    """The steps of a path; the first is always a name, since arguments are an object."""
    steps: list[Step] = []
    for found in _STEP.finditer(text):
        if found["index"] is not None and steps:
            steps.append(int(found["index"]))
        else:
            quoted = re.sub(r"\\(.)", r"\1", found["quoted"] or "")
            steps.append(found["name"] or found["index"] or quoted)
    return steps or [""]


def _written(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():  # protobuf knows no whole numbers
        value = int(value)
    return json.dumps(clean(value), ensure_ascii=False)
