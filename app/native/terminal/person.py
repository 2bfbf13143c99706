"""The person at the terminal, asked while an answer is on its way: may this tool run?"""

import asyncio
import os
import sys
from contextlib import suppress

from ...core.errors import UsageError
from ...core.events import ApprovalRequest
from ...core.running.calls import Decision
from ...core.running.run import Run
from ...core.text.visible_text import shown_arguments, visible
from .screen import Screen

_DECISIONS: dict[str, Decision] = {
    "y": "once",
    "yes": "once",
    "a": "chat",
    "always": "chat",  # nothing is kept beyond this conversation
}


class Person:
    """The person at the terminal, where there is one: also where standard input is a pipe."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._waiting: asyncio.Future[str | None] | None = None

    async def answer(self, request: ApprovalRequest, run: Run) -> None:
        """Ask about a call, and tell the run. Without a terminal the answer is no."""
        # In one line, as the tool gets it: a line end in it could look like a prompt of ours.
        arguments = shown_arguments(request.arguments, in_lines=False).replace("\n", "\\n")
        call = f"{visible(request.name)}({arguments})"
        with suppress(UsageError):  # the run ended meanwhile
            if request.wants == "result":
                given = await self._line(f"{call}\nIts result: ")
                run.give(request.call_id, given or "", is_error=given is None)
                return
            reply = await self._line(f"Run {call}? yes, no, always [no] ")
            decision = _DECISIONS.get((reply or "").strip().lower(), "deny")
            if decision == "deny":
                self._screen.note("(denied)")
            run.decide(request.call_id, decision)

    def leave(self) -> None:
        """End a question that still waits, without an answer."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _line(self, prompt: str) -> str | None:
        """Ask for one line; None where nobody can be asked, or the input ended."""
        terminal = _terminal()
        if terminal is None:
            self._screen.say(f"({prompt.strip()} There is no terminal to ask at; --yes allows all)")
            return None
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        try:
            self._screen.end_line()
            _forget_typed(terminal)
            os.write(terminal, prompt.encode("utf-8", "backslashreplace"))
            loop.add_reader(terminal, self._read, terminal)
            return await self._waiting
        finally:
            loop.remove_reader(terminal)
            os.close(terminal)
            self._waiting = None

    def _read(self, terminal: int) -> None:
        # A terminal gives whole lines.
        with suppress(OSError):
            line = os.read(terminal, 65536)
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(line.decode("utf-8", "replace") if line else None)


if sys.platform == "win32":

    def _terminal() -> int | None:
        # The event loop there cannot wait for a console.
        return None

    def _forget_typed(terminal: int) -> None:
        pass

else:
    import termios

    def _terminal() -> int | None:
        try:
            return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        except OSError:
            return None

    def _forget_typed(terminal: int) -> None:
        """Drop the keys typed before the question was asked: they are no answer to it."""
        with suppress(termios.error):
            termios.tcflush(terminal, termios.TCIFLUSH)
