"""One Python in which cells run after each other and share their names.

Long, because the streams, displays and interrupts of a cell are states of one run.
"""

import asyncio
import importlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import FrameType, ModuleType
from typing import Any

from . import bundles, cells, figures, notebook_names, summaries, tracebacks, variables
from .cells import Cell
from .folder import Folder
from .messages import (
    Clear,
    Display,
    Done,
    Failure,
    Message,
    Omitted,
    Output,
    Status,
    Stream,
    Variables,
)
from .output import NoInput, Printed, SessionStream

# Of one cell. Each may be large; a loop that shows something is cut here.
_MOST_DISPLAYS = 100
_MOST_DISPLAYED_CHARACTERS = 20_000_000
_NO_MEMORY = (
    "Memory is limited here, and what names hold counts: del what is not needed, "
    "or make less at once"
)


class Session:
    """`tell` is called with the messages of cells, as they come. `folder` is where their files
    lie.
    """

    def __init__(self, tell: Callable[[Message], None], folder: Path) -> None:
        self.folder = Folder(folder)
        self._tell = tell
        self._main = ModuleType("__main__")
        self._main.__dict__.update(__builtins__=__builtins__, display=bundles.display)
        self._run: _Run | None = None
        self._unlaid: list[str] = []
        # Waits for what programs have printed that a cell has started; `process` sets it.
        self.drain: Callable[[], None] = lambda: None
        self._outside: Callable[[Stream, str], None] = lambda stream, text: None
        self._interrupted = False
        bundles.prepare_libraries()
        self._stand_ins = notebook_names.modules(self._clear)

    @property
    def names(self) -> dict[str, Any]:
        """The names that cells have given."""
        return vars(self._main)

    @property
    def is_running(self) -> bool:
        """Tell whether code of a cell runs."""
        return bool(self._run and self._run.may_be_interrupted)

    def put(self, name: str, data: bytes) -> None:
        """Lay a file into the folder; where its name does not fit there, the next cell says so."""
        try:
            self.folder.put(name, data)
        except (OSError, ValueError) as error:
            self._unlaid.append(f"{name[:80]} could not be laid into the folder: {error}")

    def variables(self) -> Variables:
        """List the names that cells have given."""
        with self._modules():
            return variables.listed(
                {name: value for name, value in self.names.items() if value is not bundles.display}
            )

    def run(self, source: str, number: int, loop: asyncio.AbstractEventLoop) -> Done:
        """Run a cell to its end. One that awaits nothing runs outside of the loop, so that it may
        call `asyncio.run`.
        """
        cell = self._compiled(source, number)
        if isinstance(cell, Done):
            return cell
        running = self._executed(cell)
        if cell.is_async:
            return loop.run_until_complete(running)
        try:
            running.send(None)
        except StopIteration as end:
            done: Done = end.value
            return done
        raise RuntimeError("a cell without await has awaited")

    async def run_async(self, source: str, number: int) -> Done:
        """Run a cell to its end within a loop that runs."""
        cell = self._compiled(source, number)
        return cell if isinstance(cell, Done) else await self._executed(cell)

    def interrupt(self, _signal: int = 0, frame: FrameType | None = None) -> None:
        """End the cell's work, in its place: a handler of SIGINT, and called for a cell that
        awaits.

        Raises:
            KeyboardInterrupt: Its own code runs at the moment.
        """
        run = self._run
        if run is None or not run.may_be_interrupted:
            return
        self._interrupted = True
        if _is_within(frame, self._values.__code__):
            raise KeyboardInterrupt
        run.cancel()

    def print_from_outside(self, stream: Stream, text: str) -> None:
        """Take text that was printed past `sys.stdout`, by a program that a cell has started."""
        self._outside(stream, text)

    def _compiled(self, source: str, number: int) -> Cell | Done:
        began = monotonic()
        try:
            return cells.compiled(source, number)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            failure = tracebacks.failure(error, number)
            self._tell(failure)
            return Done(number, "error", monotonic() - began, failure.trace)

    async def _executed(self, cell: Cell) -> Done:
        began = monotonic()
        run = self._run = _Run(cell.number, self._tell)
        run.notes, self._unlaid = self._unlaid, []
        self._interrupted = False
        failure: Failure | None = None
        status: Status = "ok"
        with self._modules(), self._streams(run), self._displays(run):
            importlib.invalidate_caches()  # an earlier cell may have written a module
            run.may_be_interrupted = True
            try:
                await self._values(cell, run)
            except SystemExit as error:
                run.notes += _exit_notes(error)
            except BaseException as error:  # whatever it is, the session goes on
                run.may_be_interrupted = False
                is_ours = isinstance(error, KeyboardInterrupt | asyncio.CancelledError)
                status = "interrupted" if is_ours and self._interrupted else "error"
                failure = tracebacks.failure(error, cell.number)
                run.notes += [_NO_MEMORY] if isinstance(error, MemoryError) else []
            finally:
                run.may_be_interrupted = False
            self.drain()
            run.printed.end()
            if failure is not None:
                self._tell(failure)
        changes, notes = self.folder.changes()
        for change in changes:
            self._tell(change)
        run.notes += notes
        self._run = None
        told = summaries.of_cell(
            (*run.printed.parts(), run.printed.omitted),
            run.shown,
            failure.trace if failure else "",
            run.notes,
            status,
        )
        return Done(cell.number, status, monotonic() - began, told, run.notes)

    async def _values(self, cell: Cell, run: "_Run") -> None:
        """Run the cell's own code: it may be interrupted, and may raise anything."""
        run.task = _current_task()
        value = None
        try:
            for code in (cell.body, cell.last):
                if code is not None:
                    made = eval(code, self.names)
                    value = await made if cells.is_awaited(code) else made
            if cell.last is not None and value is not None:
                self.names["_"] = value
            if cell.last is not None and value is not None and not figures.is_drawn(value):
                run.display(bundles.bundle_of(value), is_value=True)
        except Exception:
            _show_figures(run)
            raise
        _show_figures(run)

    def _clear(self, wait: bool = False, **_: object) -> None:
        if self._run is not None:
            self._run.clear(wait)

    @contextmanager
    def _modules(self) -> Iterator[None]:
        """Set `__main__` and the stand-ins, as long as a cell runs."""
        ours = {"__main__": self._main, **self._stand_ins}
        before = {name: sys.modules.get(name) for name in ours}
        sys.modules.update(ours)
        try:
            yield
        finally:
            for name, module in before.items():
                if module is None:
                    sys.modules.pop(name, None)
                else:
                    sys.modules[name] = module

    @contextmanager
    def _streams(self, run: "_Run") -> Iterator[None]:
        before = sys.stdin, sys.stdout, sys.stderr
        take = self._outside = run.write
        sys.stdin = NoInput()
        sys.stdout = SessionStream("stdout", take)
        sys.stderr = SessionStream("stderr", take)
        try:
            yield
        finally:
            sys.stdin, sys.stdout, sys.stderr = before
            self._outside = lambda stream, text: None

    @contextmanager
    def _displays(self, run: "_Run") -> Iterator[None]:
        bundles.show_with(run.display)
        try:
            yield
        finally:
            bundles.show_with(None)


class _Run:
    """Output and displays of a running cell."""

    def __init__(self, cell: int, tell: Callable[[Message], None]) -> None:
        self.notes: list[str] = []
        self.shown: list[str] = []
        self.printed = Printed(cell, self._print)
        self.may_be_interrupted = False
        self.task: asyncio.Task[Any] | None = None
        self._cell = cell
        self._tell = tell
        self._displayed = 0
        self._room = _MOST_DISPLAYED_CHARACTERS
        self._clears = 0
        # Threads that a cell has started print too.
        self._lock = threading.RLock()

    def write(self, stream: Stream, text: str) -> None:
        """Print."""
        with self._lock:
            self.printed.write(stream, text)

    def display(self, bundle: dict[str, Any], *, is_value: bool = False) -> None:
        """Show something, in its place among the printed text."""
        size = sum(len(one) for one in bundle.values() if isinstance(one, str))
        if self._displayed >= _MOST_DISPLAYS or size > self._room:
            note = f"Of what the cell shows, no more than the first {self._displayed} are shown"
            self.notes += [] if note in self.notes else [note]
            return
        self._displayed += 1
        self._room -= size
        with self._lock:
            self.printed.flush()
            self._tell(Display(self._cell, bundle, is_value))
        self.shown.append(summaries.of_bundle(bundle))

    def clear(self, waits: bool) -> None:
        """Take the displays so far away."""
        self._clears += 1
        if self._clears > _MOST_DISPLAYS:
            return
        self.printed.flush()
        self.shown.clear()
        self._tell(Clear(self._cell, waits))

    def cancel(self) -> None:
        """Wake a cell that awaits."""
        if self.task is not None and not self.task.done():
            # Also from within a handler of a signal, where the loop sleeps.
            self.task.get_loop().call_soon_threadsafe(self.task.cancel)

    def _print(self, message: Output | Omitted) -> None:
        self._tell(message)


def _show_figures(run: _Run) -> None:
    for figure in figures.take_open():
        run.display(bundles.bundle_of(figure))


def _current_task() -> "asyncio.Task[Any] | None":
    try:
        return asyncio.current_task()
    except RuntimeError:  # no loop runs: the cell awaits nothing
        return None


def _exit_notes(error: SystemExit) -> list[str]:
    if error.code in (None, 0):
        return []
    return [f"It ended with SystemExit: {str(error.code)[:500]}"]


def _is_within(frame: FrameType | None, code: object) -> bool:
    while frame is not None:
        if frame.f_code is code:
            return True
        frame = frame.f_back
    return False


def catch_interrupts(session: Session) -> None:
    """Have SIGINT end the cell's work. In the tab Pyodide makes one of a byte in shared memory."""
    signal.signal(signal.SIGINT, session.interrupt)
