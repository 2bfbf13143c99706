"""A Python session in a process of its own (`app/python/process`), from the asking side.

It is no wall: a model's code can do what the user may. A folder of its own, a clean environment and
limits keep accidents small.
"""

import asyncio
import json
import os
import signal
import site
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from ..core.errors import UsageError
from ..python.messages import Done, Message, Variables, read

# How long a cell may run, and how long one that is interrupted may take to end.
LIMIT_S = 120.0
_PATIENCE_S = 2.0
_MEMORY_BYTES = 4_000_000_000
_FILE_BYTES = 1_000_000_000
# A session of ours sends less in one line.
_MOST_LINE_BYTES = 64_000_000

# What of our own environment it gets: none of the keys that may be there.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH")

_RESET = (
    "Python was started anew, so all names and imports of earlier calls are gone. "
    "The files in its folder are still there"
)
_ENDED = "Its process ended before the cell did"

_Answer = TypeVar("_Answer", Done, Variables)


@dataclass(frozen=True, slots=True)
class PythonSettings:
    """`executable` is the Python that runs, `folder` where it works; None makes one, which goes
    with the session.
    """

    executable: Path = Path(sys.executable)
    folder: Path | None = None
    limit_s: float = LIMIT_S
    memory_bytes: int = _MEMORY_BYTES


class PythonProcess:
    """Starts with the first cell; after its end, anew with the next one."""

    def __init__(self, settings: PythonSettings | None = None) -> None:
        self._settings = settings or PythonSettings()
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._process: Process | None = None
        self._cells = 0
        self._turn = asyncio.Lock()
        self._has_run = False  # in the process that is there
        self._has_lost_state = False

    async def run(self, code: str, on_message: Callable[[Message], None] | None = None) -> Done:
        """Run a cell to its end, after those before it. Cancelling this interrupts it.

        Raises:
            UsageError: The Python cannot be started; the message says why.
        """
        async with self._turn:
            process = await self._running()
            self._cells += 1
            self._has_run = True
            notes = [_RESET] if self._has_lost_state else []
            self._has_lost_state = False
            question = {"kind": "Run", "cell": self._cells, "code": code}
            work = asyncio.ensure_future(_asked(process, question, Done, on_message))
            limit_s = self._settings.limit_s
            try:
                if not (await asyncio.wait({work}, timeout=limit_s))[0]:
                    notes.append(f"It was stopped: a cell may run for {limit_s:g} seconds")
                    await self._interrupt(process, work)
            except asyncio.CancelledError:
                await self._interrupt(process, work)
                raise
            done = None if work.cancelled() else work.result()
            if done is None:
                await self._end()
                notes.append(_ENDED)
                done = Done(self._cells, "error", 0, "")
            told = "\n".join([*([done.told] if done.told else []), *(f"[{one}]" for one in notes)])
            return replace(done, told=told, notes=[*done.notes, *notes])

    async def variables(self) -> Variables:
        """List what its cells have named: nothing where none has run."""
        async with self._turn:
            if self._process is None or self._process.returncode is not None:
                return Variables([])
            return await _asked(self._process, {"kind": "Variables"}, Variables) or Variables([])

    async def close(self) -> None:
        """End it, with all that it has started; a folder that was made for it goes."""
        await self._end()
        if self._temporary is not None:
            with suppress(OSError):  # what is still open there, on Windows
                self._temporary.cleanup()
            self._temporary = None

    async def _running(self) -> Process:
        if self._process is not None and self._process.returncode is not None:
            await self._end()
        if self._process is None:
            self._process = await self._start()
            try:
                # Until it listens, a signal would end it.
                is_up = await _asked(self._process, {"kind": "Variables"}, Variables)
            except asyncio.CancelledError:
                await self._end()
                raise
            if is_up is None:
                await self._end()
                raise UsageError(f"{self._settings.executable} ended at its start: is it a Python?")
        return self._process

    async def _start(self) -> Process:
        settings = self._settings
        folder = settings.folder
        if folder is None:
            if self._temporary is None:
                self._temporary = tempfile.TemporaryDirectory(prefix="tokenfall-python-")
            folder = Path(self._temporary.name)
        package = __package__.partition(".")[0]
        try:
            process = await asyncio.create_subprocess_exec(
                # A file in the folder takes no library's place.
                *(str(settings.executable), "-P", "-m", f"{package}.python.process"),
                cwd=folder,
                env=_environment(folder),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                limit=_MOST_LINE_BYTES,
                # Ctrl+C at the terminal is for the asking side; programs of a cell end with it.
                start_new_session=True,
            )
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(f"{settings.executable} cannot be started: {reason}") from error
        limits = {"memory_bytes": settings.memory_bytes, "file_bytes": _FILE_BYTES}
        await _write(process, limits)
        return process

    async def _interrupt(self, process: Process, work: "asyncio.Future[Any]") -> None:
        """End the cell, with the state kept if it ends in time, else with its process."""
        _signal(process, signal.SIGINT)
        await asyncio.wait({work}, timeout=_PATIENCE_S)
        if not work.done():
            await self._end()
            await asyncio.wait({work})

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        self._has_lost_state = self._has_lost_state or self._has_run
        self._has_run = False
        _signal(process, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        await process.wait()


async def _asked(
    process: Process,
    question: dict[str, Any],
    kind: type[_Answer],
    on_message: Callable[[Message], None] | None = None,
) -> _Answer | None:
    """Ask, and hand on its messages until the answer; None where the process ends before."""
    assert process.stdout is not None
    await _write(process, question)
    while line := await _line(process.stdout):
        message = read(line)
        if isinstance(message, kind):
            return message
        if message is not None and on_message is not None:
            on_message(message)
    return None


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except (ValueError, ConnectionError):  # a line longer than any of ours
        return b""


async def _write(process: Process, value: dict[str, Any]) -> None:
    assert process.stdin is not None
    with suppress(ConnectionError):  # it has ended, which is seen when its answer is read
        process.stdin.write(json.dumps(value).encode() + b"\n")
        await process.stdin.drain()


def _environment(folder: Path) -> dict[str, str]:
    known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return known | {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        # Packages that the person has installed for themselves; their home is not its own.
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder),
    }


if sys.platform == "win32":

    def _signal(process: Process, number: signal.Signals) -> None:
        # There a process can be ended, and not interrupted.
        with suppress(ProcessLookupError):
            process.kill()

else:

    def _signal(process: Process, number: signal.Signals) -> None:
        """Signal the process and all that it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
