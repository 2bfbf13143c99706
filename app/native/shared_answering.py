"""The built-in model and a person's file, run by one process for others that serve beside it.

A `SharedAnswering` runs them in a thread with an event loop of its own, and gives each of the
others one end of a pair of sockets. Over it go lines of JSON, to and from a `SharedLink` there: how
the model is and where it listens, questions to the file, and its events. Neither the model's key
nor a question is in a file or a command line, and no address of the machine leads there.

Long, because both ends of one protocol stand here.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing, suppress
from itertools import count
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from ..agents.messages import Ask, Decide, Stop, Told
from ..core.errors import ErrorInfo
from ..core.events import Done, Error, Event
from ..core.messages import Message
from ..core.options import ToolDefinition
from ..protocols.tolerant import clean
from .agent_process import AgentProcess, AgentStatus
from .local_model import Endpoint, LocalModel, ModelStatus

# A line is a question or a batch of events, perhaps with files.
_MOST_LINE_BYTES = 256_000_000
_STOP_LIMIT_S = 10.0
_ENDED = "The process that answers has ended."


class _Said(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True):
    pass


class _Want(_Said, tag="want", frozen=True):
    """Somebody asks for a model that has failed."""


class _Look(_Said, tag="look", frozen=True):
    """Somebody wants to know how the file is; an edit of it is taken in."""


class _Decision(_Said, tag="decision", frozen=True):
    """A decision, and the number under which it is told whether anybody waited for it."""

    number: int
    decide: Decide


class _Decided(_Said, tag="decided", frozen=True):
    number: int
    is_awaited: bool


class _Model(_Said, tag="model", frozen=True):
    status: ModelStatus
    base_url: str = ""
    key: str = ""


class _Agent(_Said, tag="agent", frozen=True):
    status: AgentStatus


_Asked = _Want | _Look | _Decision | Ask | Stop
_Answered = _Decided | _Model | _Agent | Told

_read_asked = msgspec.json.Decoder(_Asked).decode
_read_answered = msgspec.json.Decoder(_Answered).decode


def _line(said: _Asked | _Answered) -> bytes:
    try:
        return msgspec.json.encode(said) + b"\n"
    except UnicodeEncodeError:  # half a character, as functions may give
        return msgspec.json.encode(clean(msgspec.to_builtins(said))) + b"\n"


class SharedAnswering:
    """Runs these from `start` to `end`; either may be None."""

    def __init__(self, model: LocalModel | None, agent: AgentProcess | None) -> None:
        self._model = model
        self._agent = agent
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="shared answering", daemon=True
        )
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to run them."""
        self._thread.start()
        if self._model is not None:
            self._begin(self._model.run())

    def link(self) -> "SharedEnd":
        """Give the end of a new link that another process is to have; it can be pickled for it."""
        ours, theirs = socket.socketpair()
        self._begin(self._serve(ours))
        title = None if self._agent is None else self._agent.status.title
        return SharedEnd(theirs, self._model is not None, title)

    def end(self) -> None:
        """End them, once."""
        if self._loop.is_closed():
            return
        ending = asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        with suppress(TimeoutError):
            ending.result(_STOP_LIMIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_LIMIT_S)
        if not self._thread.is_alive():
            self._loop.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        def begin() -> None:
            self._tasks.add(task := self._loop.create_task(work))
            task.add_done_callback(self._tasks.discard)

        self._loop.call_soon_threadsafe(begin)

    async def _end(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._agent is not None:
            await self._agent.close()

    async def _serve(self, ours: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=ours, limit=_MOST_LINE_BYTES)
        await _Served(reader, writer, self._model, self._agent).run()


class _Served:
    """One process that uses them, from this side."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        model: LocalModel | None,
        agent: AgentProcess | None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._model = model
        self._agent = agent
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Answer until that process ends; what it had asked ends with it."""
        if self._model is not None:
            self._begin(self._tell_of(self._model))
        try:
            with suppress(ConnectionError, ValueError):
                while line := await self._reader.readline():
                    self._take(_read_asked(line))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._writer.close()
            with suppress(ConnectionError):
                await self._writer.wait_closed()

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _take(self, asked: _Asked) -> None:
        match asked:
            case _Want():
                if self._model is not None:
                    self._model.want()
            case Stop(id):
                if (answer := self._answers.get(id)) is not None:
                    answer.cancel()
            case _ if self._agent is None:
                return
            case _Look():
                self._begin(self._look(self._agent))
            case Ask():
                self._answers[asked.id] = self._begin(self._answer(self._agent, asked))
            case _Decision(number, said):
                self._begin(self._decide(self._agent, number, said))

    async def _tell_of(self, model: LocalModel) -> None:
        while True:
            endpoint = model.endpoint
            where = (endpoint.base_url, endpoint.key) if endpoint else ()
            await self._say(_Model(model.status, *where))
            await model.changed()

    async def _look(self, agent: AgentProcess) -> None:
        await self._say(_Agent(await agent.load()))

    async def _decide(self, agent: AgentProcess, number: int, said: Decide) -> None:
        found = await agent.decide(said.id, said.call_id, said.decision, user=said.user)
        await self._say(_Decided(number, found))

    async def _answer(self, agent: AgentProcess, asked: Ask) -> None:
        told = agent.ask(
            asked.messages,
            chat=asked.chat,
            user=asked.user,
            shows_errors=asked.shows_errors,
            tools=asked.tools,
        )
        try:
            async with aclosing(told):
                async for events in told:
                    await self._say(Told(asked.id, events))
        finally:
            self._answers.pop(asked.id, None)

    async def _say(self, said: _Answered) -> None:
        self._writer.write(_line(said))
        with suppress(ConnectionError):
            await self._writer.drain()


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

    def say(self, said: _Asked) -> None:
        """Send a message, where the link is up."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(_line(said))

    async def look(self) -> None:
        """Wait until the other side says how the file is."""
        looked = self._looked
        self.say(_Look())
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
            self.say(_Decision(number, said))
            return await decided
        finally:
            del self._deciding[number]

    async def close(self) -> None:
        """End the link."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        reader, writer = await asyncio.open_connection(sock=self._socket, limit=_MOST_LINE_BYTES)
        self._writer = writer
        self._opened.set()
        try:
            with suppress(ConnectionError, ValueError):
                while line := await reader.readline():
                    self._take(_read_answered(line))
        finally:
            self.endpoint = None
            self.status = msgspec.structs.replace(self.status, state="failed", message=_ENDED)
            self._looked.set()
            for decided in self._deciding.values():
                decided.set_result(False)
            for told in self._answers.values():
                told.put_nowait(_end())
            writer.close()

    def _take(self, said: _Answered) -> None:
        match said:
            case _Model(status, base_url, key):
                self.status = status
                self.endpoint = Endpoint(base_url, key) if base_url else None
            case _Agent(status):
                self.agent_status = status
                self._looked.set()
                self._looked = asyncio.Event()
            case _Decided(number, is_awaited):
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
        self._link.say(_Want())

    async def run(self) -> None:
        """Follow how it is, until this is cancelled."""
        await asyncio.shield(await self._link.reading())


class SharedAgent:
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

    async def ask(
        self,
        messages: list[Message],
        *,
        chat: str,
        user: str,
        shows_errors: bool,
        tools: Sequence[ToolDefinition] = (),
    ) -> AsyncGenerator[list[Event]]:
        """Yield the events of an answer, `Done` last. Closing this stops the function."""
        asked = Ask(uuid4().hex, messages, chat, user, shows_errors, list(tools))
        async with aclosing(self._link.ask(asked)) as told:
            async for events in told:
                yield events

    async def decide(self, answer_id: str, call_id: str, decision: str, *, user: str) -> bool:
        """Pass on what a person said; False where no answer of theirs waits for it."""
        return await self._link.decide(Decide(answer_id, call_id, decision, user))

    async def close(self) -> None:
        """End the link; what runs for others goes on."""
        if self._looking is not None:
            self._looking.cancel()
        await self._link.close()


def _end() -> list[Event]:
    return [Error(ErrorInfo("unknown", _ENDED)), Done("error")]
