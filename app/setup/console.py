"""Progress of the set-up for a person: numbered steps, each with its time."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

# How often a terminal's line is drawn anew, in seconds: often enough to look alive.
_REDRAW_S = 0.25

Report = Callable[[str], None]
"""Takes a short note on what a step is doing right now."""


class Console:
    """Writes steps to a stream; on a terminal the running one is a live line."""

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream or sys.stdout
        self._clock = clock
        self._live = self._stream.isatty()

    def say(self, text: str) -> None:
        """Write one line."""
        self._stream.write(text + "\n")
        self._stream.flush()

    @contextmanager
    def step(self, number: int, total: int, title: str) -> Iterator[Report]:
        """Show a step while the block runs, then the time it took."""
        head = f"[{number}/{total}] {title} …"
        started = self._clock()
        note = ""
        finished = threading.Event()

        def report(text: str) -> None:
            nonlocal note
            note = " ".join(text.split())

        def redraw() -> None:
            while not finished.wait(_REDRAW_S):
                self._draw(f"{head} {self._clock() - started:.0f} s  {note}")

        drawer = threading.Thread(target=redraw, daemon=True)
        if self._live:
            self._draw(head)
            drawer.start()
        else:
            self._stream.write(head)
            self._stream.flush()
        try:
            yield report
        except BaseException:
            self._finish(finished, drawer, head, "not finished")
            raise
        self._finish(finished, drawer, head, f"{self._clock() - started:.1f} s")

    def _finish(
        self, finished: threading.Event, drawer: threading.Thread, head: str, result: str
    ) -> None:
        finished.set()
        if self._live:
            drawer.join()
            self._draw(f"{head} {result}")
            self.say("")
        else:
            self.say(f" {result}")

    def _draw(self, text: str) -> None:
        # One column less than the terminal has: a full line would wrap and stay.
        width = shutil.get_terminal_size().columns - 1
        # "Erase to the end of the line", which Windows' console understands as well.
        self._stream.write(f"\r{text[:width]}\x1b[K")
        self._stream.flush()
