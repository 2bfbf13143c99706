"""The built-in model and a person's file, run by one process for others that serve beside it.

A `SharedAnswering` runs them in a thread with an event loop of its own, and gives each of the
others one end of a pair of sockets (`shared_link`). Over it go lines of JSON (`shared_messages`):
how the model is and where it listens, questions to the file, and its events. Neither the model's
key nor a question is in a file or a command line, and no address of the machine leads there.
"""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from contextlib import aclosing, suppress
from typing import Any

from ..agents.messages import Ask, Decide, Stop, Told
from .agent_process import AgentProcess
from .local_model import LocalModel
from .shared_link import SharedEnd
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
    read_asked,
)

_STOP_LIMIT_S = 10.0


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

    def link(self) -> SharedEnd:
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
        reader, writer = await asyncio.open_connection(sock=ours, limit=MOST_LINE_BYTES)
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
                    self._take(read_asked(line))
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

    def _take(self, asked: Asked) -> None:
        match asked:
            case Want():
                if self._model is not None:
                    self._model.want()
            case Stop(id):
                if (answer := self._answers.get(id)) is not None:
                    answer.cancel()
            case _ if self._agent is None:
                return
            case Look():
                self._begin(self._look(self._agent))
            case Ask():
                self._answers[asked.id] = self._begin(self._answer(self._agent, asked))
            case Decision(number, said):
                self._begin(self._decide(self._agent, number, said))

    async def _tell_of(self, model: LocalModel) -> None:
        while True:
            endpoint = model.endpoint
            where = (endpoint.base_url, endpoint.key) if endpoint else ()
            await self._say(ModelNews(model.status, *where))
            await model.changed()

    async def _look(self, agent: AgentProcess) -> None:
        await self._say(AgentNews(await agent.load()))

    async def _decide(self, agent: AgentProcess, number: int, said: Decide) -> None:
        found = await agent.decide(said.id, said.call_id, said.decision, user=said.user)
        await self._say(Decided(number, found))

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

    async def _say(self, said: Answered) -> None:
        self._writer.write(line(said))
        with suppress(ConnectionError):
            await self._writer.drain()
