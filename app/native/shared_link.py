"""Answering that another process shares (`shared_answering`), as the one that uses it has it."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import suppress
from itertools import count
from typing import NamedTuple

import msgspec

from ..agents.messages import Ask, Decide, Stop, Told
from ..core.errors import ErrorInfo
from ..core.events import Done, Error, Event
from .agent_process import AgentStatus
from .asked_agent import AskedAgent
from .local_model import Endpoint, ModelStatus
from .shared_messages import (
    MOST_LINE_BYTES,
    AgentNews,
    Answered,
    Asked,
    Decided,
    Decision,
    Look,
    ModelNews,
    Want,
    line,
    read_answered,
)

_ENDED = "The process that answers has ended."


class SharedEnd(NamedTuple):
    """The end of a link, on its way to the process that is to use it. `title` names the file."""

    theirs: socket.socket
    has_model: bool
    title: str | None

    def connected(self) -> tuple["SharedModel | None", "SharedAgent | None"]:
        """Give the shared model and file, as far as there are any."""
        link = SharedLink(self.theirs)
        return (
            SharedModel(link) if self.has_model else None,
            None if self.title is None else SharedAgent(link, self.title),
        )


class SharedLink:
    """Answering as another process has it: at the socket that `SharedAnswering.link` gave."""

    def __init__(self, theirs: socket.socket) -> None:
        self.status = ModelStatus("starting", message="The model is being prepared.")
        self.endpoint: Endpoint | None = None
        self.agent_status: AgentStatus | None = None
        self._socket = theirs
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answers: dict[str, asyncio.Queue[list[Event]]] = {}
        self._deciding: dict[int, asyncio.Future[bool]] = {}
        self._numbers = count()
        self._opened = asyncio.Event()
        self._looked = asyncio.Event()

    async def reading(self) -> asyncio.Task[None]:
        """Have the link read; give the task that reads, which ends with the other side."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        await self._opened.wait()
        return self._reading

    def say(self, said: Asked) -> None:
        """Send a message, where the link is up."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(line(said))

    async def look(self) -> None:
        """Wait until the other side says how the file is."""
        looked = self._looked
        self.say(Look())
        await looked.wait()

    async def ask(self, asked: Ask) -> AsyncGenerator[list[Event]]:
        """Yield the events of an answer of the file; closing this stops it."""
        reading = await self.reading()
        told = self._answers[asked.id] = asyncio.Queue()
        try:
            self.say(asked)
            if reading.done():
                told.put_nowait(_end())
            while True:
                events = await told.get()
                yield events
                if isinstance(events[-1], Done):
                    return
        finally:
            del self._answers[asked.id]
            self.say(Stop(asked.id))

    async def decide(self, said: Decide) -> bool:
        """Pass a person's decision on; tell whether anybody waited for it."""
        if (await self.reading()).done():
            return False
        number = next(self._numbers)
        decided: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._deciding[number] = decided
        try:
            self.say(Decision(number, said))
            return await decided
        finally:
            del self._deciding[number]

    async def close(self) -> None:
        """End the link."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        reader, writer = await asyncio.open_connection(sock=self._socket, limit=MOST_LINE_BYTES)
        self._writer = writer
        self._opened.set()
        try:
            with suppress(ConnectionError, ValueError):
                while line := await reader.readline():
                    self._take(read_answered(line))
        finally:
            self.endpoint = None
            self.status = msgspec.structs.replace(self.status, state="failed", message=_ENDED)
            self._looked.set()
            for decided in self._deciding.values():
                decided.set_result(False)
            for told in self._answers.values():
                told.put_nowait(_end())
            writer.close()

    def _take(self, said: Answered) -> None:
        match said:
            case ModelNews(status, base_url, key):
                self.status = status
                self.endpoint = Endpoint(base_url, key) if base_url else None
            case AgentNews(status):
                self.agent_status = status
                self._looked.set()
                self._looked = asyncio.Event()
            case Decided(number, is_awaited):
                if number in self._deciding:
                    self._deciding[number].set_result(is_awaited)
            case Told(id, events):
                if id in self._answers:
                    self._answers[id].put_nowait(events)


class SharedModel:
    """The shared model, used as a `LocalModel` is."""

    is_shared = True

    def __init__(self, link: SharedLink) -> None:
        self._link = link

    @property
    def status(self) -> ModelStatus:
        return self._link.status

    @property
    def endpoint(self) -> Endpoint | None:
        return self._link.endpoint

    def want(self) -> None:
        """Try a failed model anew at once."""
        self._link.say(Want())

    async def run(self) -> None:
        """Follow how it is, until this is cancelled."""
        await asyncio.shield(await self._link.reading())


class SharedAgent(AskedAgent):
    """The shared file, asked as an `AgentProcess` is. `title` is its name until it is loaded."""

    def __init__(self, link: SharedLink, title: str) -> None:
        self._link = link
        self._status = AgentStatus(title)
        self._looking: asyncio.Future[AgentStatus] | None = None

    def look(self) -> AgentStatus:
        """Give the status as last known, and ask for it anew where it may be another one."""
        status = self._link.agent_status or self._status
        if status.reload and (self._looking is None or self._looking.done()):
            self._looking = asyncio.ensure_future(self.load())
        return status

    async def load(self) -> AgentStatus:
        """Have the file as it is ready."""
        reading = await self._link.reading()
        if not reading.done():
            await self._link.look()
        return self._link.agent_status or self._status

    def _batches(self, asked: Ask) -> AsyncGenerator[list[Event]]:
        return self._link.ask(asked)

    async def _decide(self, said: Decide) -> bool:
        return await self._link.decide(said)

    async def close(self) -> None:
        """End the link; what runs for others goes on."""
        if self._looking is not None:
            self._looking.cancel()
        await self._link.close()


def _end() -> list[Event]:
    return [Error(ErrorInfo("unknown", _ENDED)), Done("error")]
