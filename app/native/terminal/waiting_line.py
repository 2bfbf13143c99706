"""A line for a person who waits: drawn over on a terminal."""

import sys
from typing import TextIO

_ERASE_LINE = "\r\x1b[K"


class WaitingLine:
    """A line on standard error, gone when the block ends. Elsewhere than on a terminal each new
    text is a line of its own, but for what takes a moment only.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_live = self._stream.isatty()
        self._told = ""

    def __enter__(self) -> "WaitingLine":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_live and self._told:
            self._stream.write(_ERASE_LINE)
            self._stream.flush()
        self._told = ""

    def note(self, sentence: str) -> None:
        """Say something that stays."""
        erase = _ERASE_LINE if self._is_live and self._told else ""
        self._stream.write(f"{erase}{sentence}\n")
        self._stream.flush()
        self._told = ""

    def show(self, text: str, detail: str = "", *, is_short: bool = False) -> None:
        """Say what is going on; `detail` changes too often to be a line of its own."""
        if self._is_live:
            self._stream.write(f"{_ERASE_LINE}{text}{', ' if detail else ''}{detail}")
        elif text != self._told and not is_short:
            self._stream.write(f"{text}\n")
        self._stream.flush()
        self._told = text
