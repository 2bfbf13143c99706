"""Output for a person: the answer on standard output, all else beside it.

On a terminal thinking and what tools do is dimmed, between the words of the answer. Where output
goes to a pipe or a file, that gets the answer alone, and notes go to standard error.
"""

import os
import sys
from typing import TextIO

from ...core import events as ev
from ...core.messages import ToolResult
from ...core.text.formatter import call_line, noted, shortened
from ...core.text.stream_chunks import Progress
from ...core.text.visible_text import readable

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_ERASE_LINE = "\r\x1b[K"

_MAX_NOTE = 200


class Screen:
    """Shows one answer after the other."""

    def __init__(self, output: TextIO | None = None, errors: TextIO | None = None) -> None:
        self._output = output or sys.stdout
        self._errors = errors or sys.stderr
        self._is_terminal = self._output.isatty()
        self._can_dim = self._is_terminal and _has_colours()
        self._live = not self._is_terminal and self._errors.isatty() and _has_colours()
        self._is_line_start = True
        self._section = ""
        self._has_status = False  # a live line stands on standard error
        self._calls: dict[int, tuple[str, list[str]]] = {}  # by index: name, fragments
        self._after_cr = False
        self._before = ""  # the last character of the section
        self._passing_on: TextIO | None = None  # where a line stands that is to go

    @property
    def is_terminal(self) -> bool:
        return self._is_terminal

    def show(self, batch: list[ev.Event]) -> None:
        """Show what came. Raises `BrokenPipeError` where nobody reads any more."""
        for event in batch:
            match event:
                case ev.Heartbeat(progress=progress):
                    if progress is not None and progress < 1:
                        self._passing(f"Reading your prompt, {100 * progress:.0f} %")
                case ev.ContentDelta(text) | ev.RefusalDelta(text):
                    self._write("content", text)
                case ev.ReasoningDelta(text):
                    if self._is_terminal:
                        self._write("reasoning", text)
                case ev.ToolCallStart(index, _, name):
                    self._calls[index] = name, []
                case ev.ToolCallDelta(index, arguments):
                    self._calls[index][1].append(arguments)
                case ev.ToolCallEnd(index):
                    name, fragments = self._calls.pop(index)
                    self.note(f"→ {call_line(name, ''.join(fragments))}")
                case ToolResult():
                    self.note(f"← {shortened(noted(event)[1], _MAX_NOTE)}")
                # Approvals are asked for by `person`; the end is told with the answer's end.
                case ev.ApprovalRequest() | ev.Error() | ev.Done():
                    pass
                case _:
                    if words := noted(event)[1]:
                        self.note(f"({shortened(words, _MAX_NOTE)})")
        self._output.flush()

    def _passing(self, text: str) -> None:
        """Show a line that the next words take away; only where somebody sees it pass."""
        stream = self._output if self._can_dim and self._is_line_start else None
        if stream is None and self._live:
            stream = self._errors
        if stream is not None:
            stream.write(f"{_ERASE_LINE}{text}")
            stream.flush()
            self._passing_on = stream

    def _pass(self) -> None:
        if self._passing_on is not None:
            self._passing_on.write(_ERASE_LINE)
            self._passing_on.flush()
            self._passing_on = None

    def end_line(self) -> None:
        """Let what follows begin on a line of its own."""
        self._pass()
        if not self._is_line_start:
            self._output.write("\n")
            self._is_line_start = True
        self._section = ""
        self._output.flush()

    def note(self, text: str) -> None:
        """Write a line beside the answer."""
        if not self._is_terminal:
            if self._section:
                self.end_line()
            self.say(text)
            return
        self.end_line()
        self._output.write(self._dimmed(readable(text)) + "\n")

    def say(self, text: str) -> None:
        """Write a line to standard error."""
        self._pass()
        if self._is_terminal:
            self.end_line()
        if self._has_status:
            self._errors.write(_ERASE_LINE)
            self._has_status = False
        self._errors.write(readable(text) + "\n")
        self._errors.flush()

    def status(self, progress: Progress) -> None:
        """Tell how far the answer is, where that disturbs nothing."""
        if self._live:
            self._errors.write(f"{_ERASE_LINE}{progress}")
            self._errors.flush()
            self._has_status = True

    def _write(self, section: str, text: str) -> None:
        self._pass()
        # Half of a line end at the end of a fragment.
        if self._after_cr and not text.startswith("\n"):
            text = "\r" + text
        self._after_cr = text.endswith("\r")
        text = text.removesuffix("\r")
        if section != self._section:
            text = text.lstrip("\n")
            if not text:
                return
            if self._section:
                self.end_line()
            self._section = section
            self._before = ""
            if section == "reasoning" and not self._can_dim:
                self._output.write("Thinking: ")
        shown = readable(text, self._before)
        self._before = text[-1:] or self._before
        self._output.write(self._dimmed(shown) if section == "reasoning" else shown)
        self._is_line_start = text.endswith("\n")

    def _dimmed(self, text: str) -> str:
        return f"{_DIM}{text}{_PLAIN}" if self._can_dim else text


def _has_colours() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
