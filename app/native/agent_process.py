"""A person's file in a process of its own (`app/agents/process`), from the asking side.

The process is that of the Python the server was started with, so the file finds the packages that
the person has. It is no wall: the file is theirs.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Literal

import msgspec

from ..agents.loading import title_of
from ..agents.messages import (
    MOST_LINE_BYTES,
    Ask,
    Broken,
    Decide,
    Loaded,
    Question,
    Stop,
    Told,
    line,
    read_answer,
)
from ..core.errors import ErrorInfo
from ..core.events import Done, Error, Event
from .asked_agent import AskedAgent

_START_LIMIT_S = 120.0
_STOP_LIMIT_S = 3.0

_ENDED = "The program that answers has ended. It starts anew with the next question."
_BROKEN = "The file that answers cannot be used"
_SLOW_START = f"It did not come up within {_START_LIMIT_S:g} seconds."


class AgentStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """Status of the agent for the page. `error`: why the file, as it is now, cannot be used; where
    there was a good version of it, that one answers on. `reload`: edits are looked for.
    `takes_tools`: those of the page are of use to it.
    """

    title: str
    state: Literal["starting", "ready", "failed"] = "starting"
    description: str = ""
    error: str = ""
    reload: bool = False
    takes_tools: bool = False


class AgentProcess(AskedAgent):
    """Runs a file, and asks it. `executable` is the Python; `packages` the folder with the packages
    that Tokenfall itself needs, by default this program's. With `reload` an edit counts from the
    next question on.
    """

    def __init__(
        self,
        file: Path,
        *,
        executable: Path | None = None,
        packages: Path | None = None,
        reload: bool = False,
    ) -> None:
        self.file = file
        self._executable = executable or Path(sys.executable)
        self._packages = packages or Path(msgspec.__file__).parents[1]
        self._reload = reload
        self._good: _Running | None = None
        self._before: list[_Running] = []  # versions that may still give an answer
        # Of the file and its own modules, when they were last tried.
        self._seen: dict[Path, tuple[int, int] | None] = {}
        self._status = AgentStatus(title_of(file), reload=reload)
        self._turn = asyncio.Lock()
        self._looking: asyncio.Future[AgentStatus] | None = None

    @property
    def status(self) -> AgentStatus:
        """The agent's status as last known."""
        return self._status

    def look(self) -> AgentStatus:
        """Give the status; begin to take in an edit, for the next time."""
        if self._reload and (self._looking is None or self._looking.done()):
            self._looking = asyncio.ensure_future(self.load())
        return self._status

    async def load(self) -> AgentStatus:
        """Have the file as it is ready; where it can't be used, the version before stays."""
        async with self._turn:
            is_there = self._good is not None and self._good.is_alive
            if not is_there or (self._reload and self._is_edited()):
                await self._start()
            return self._status

    def _is_edited(self) -> bool:
        return any(_stamp(file) != seen for file, seen in self._seen.items())

    async def _batches(self, asked: Ask) -> AsyncGenerator[list[Event]]:
        await self.load()
        running = self._good
        if running is None:
            failure = ErrorInfo("unknown", f"{_BROKEN}.")
            if asked.shows_errors:
                why = self._status.error
                failure = ErrorInfo("unknown", f"{_BROKEN}: {why.splitlines()[-1]}", raw=why)
            yield [Error(failure), Done("error")]
            return
        async with aclosing(running.ask(asked)) as batches:
            async for batch in batches:
                yield batch

    async def _decide(self, said: Decide) -> bool:
        return any(one.decide(said) for one in self._all())

    async def close(self) -> None:
        """End the process."""
        if self._looking is not None:
            self._looking.cancel()
        for one in self._all():
            await one.close()

    def _all(self) -> list["_Running"]:
        return [*self._before, *([self._good] if self._good else [])]

    async def _start(self) -> None:
        self._seen = {file: _stamp(file) for file in {self.file, *self._seen}}
        running = _Running(await self._process())
        said = await running.begin()
        self._seen |= {
            file: _stamp(file) for file in map(Path, said.beside) if file not in self._seen
        }
        before, is_good = self._good, isinstance(said, Loaded)
        if isinstance(said, Loaded):
            self._good = running
            self._status = AgentStatus(
                said.title,
                "ready",
                said.description,
                reload=self._reload,
                takes_tools=said.takes_tools,
            )
        else:
            await running.close()
            state: Literal["ready", "failed"] = "failed" if before is None else "ready"
            self._status = msgspec.structs.replace(self._status, state=state, error=said.error)
            print(f"{self.file}: {said.error}", file=sys.stderr, flush=True)
        if before is not None and is_good:
            self._before.append(before)
        for one in [one for one in self._before if one.is_idle]:
            self._before.remove(one)
            await one.close()

    async def _process(self) -> Process:
        # Nothing in the folder one stands in is imported; nor is our own `app`, which may be
        # the name of a package of theirs.
        root = Path(__file__).parents[2]
        named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        paths = [str(root / "editable"), *(one for one in named if one not in ("", str(root)))]
        return await asyncio.create_subprocess_exec(
            *(str(self._executable), "-P", str(Path(__file__).parents[1] / "agents/start.py")),
            *(str(self.file), str(self._packages)),
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            stdin=PIPE,
            stdout=PIPE,
            limit=MOST_LINE_BYTES,
            # Ctrl+C at the terminal is for the server, which ends it.
            start_new_session=True,
        )


class _Running:
    """One process, and the answers that it gives."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._answers: dict[str, asyncio.Queue[list[Event]]] = {}
        self._users: dict[str, str] = {}
        self._reading: asyncio.Task[None] | None = None

    @property
    def is_alive(self) -> bool:
        """Tell whether it can be asked. Its end is seen in its output, before the system tells
        it.
        """
        return self._reading is not None and not self._reading.done()

    @property
    def is_idle(self) -> bool:
        """Tell whether it gives no answer."""
        return not self._answers

    async def begin(self) -> Loaded | Broken:
        """Wait until it says how loading went."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(_START_LIMIT_S):
                said = read_answer(await self._process.stdout.readline())
        except (TimeoutError, ValueError, ConnectionError):
            return Broken(_SLOW_START)
        if isinstance(said, Loaded):
            self._reading = asyncio.create_task(self._read())
        return said if isinstance(said, Loaded | Broken) else Broken("Its Python did not start.")

    async def ask(self, asked: Ask) -> AsyncGenerator[list[Event]]:
        """Yield the events of one answer."""
        told = self._answers[asked.id] = asyncio.Queue()
        self._users[asked.id] = asked.user
        try:
            self._say(asked)
            while True:
                batch = await told.get()
                yield batch
                if isinstance(batch[-1], Done):
                    return
        finally:
            self._answers.pop(asked.id, None)
            del self._users[asked.id]
            self._say(Stop(asked.id))

    def decide(self, decision: Decide) -> bool:
        if self._users.get(decision.id) == decision.user:
            self._say(decision)
            return True
        return False

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()  # at which it ends
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_LIMIT_S):
                await self._process.wait()
        self._kill()
        await self._process.wait()

    def _kill(self) -> None:
        """End it with all that it has started."""
        if self._process.returncode is not None:
            return  # its number may be another's by now
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _say(self, said: Question) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(line(said))

    async def _read(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError, ConnectionError):
            while data := await self._process.stdout.readline():
                said = read_answer(data)
                if isinstance(said, Told) and said.id in self._answers:
                    self._answers[said.id].put_nowait(said.events)
        for told in self._answers.values():
            told.put_nowait([Error(ErrorInfo("unknown", _ENDED)), Done("error")])


def _stamp(file: Path) -> tuple[int, int] | None:
    """Give the marks by which versions of a file are told apart."""
    try:
        known = file.stat()
    except OSError:
        return None
    return known.st_mtime_ns, known.st_size
