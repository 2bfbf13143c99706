"""An answer that a server gives, followed to its end: read like a `Run` of our own.

The server's log is the truth. Each event has its place there; a follower knows the last one that it
got, asks for those behind it, and so misses nothing and gets nothing twice, however often the
connection is lost. Leaving only detaches: the run goes on. `cancel` ends it.

Long, because what is known of one run changes in one place, whoever tells it.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec

from ..core.cut_short import GONE
from ..core.errors import (
    ErrorInfo,
    ProtocolError,
    TransportError,
    UsageError,
    error_info,
)
from ..core.events import (
    ApprovalRequest,
    Done,
    Error,
    Event,
    Heartbeat,
    StepReset,
    StepStart,
    ToolRunStart,
    Warning,
)
from ..core.messages import File, Message, Mode, Status, ToolCall, ToolResult
from ..core.run_fold import RunFold
from ..core.running.calls import Decision
from ..core.running.reading import Readable
from ..core.tools.function_tool import Tool
from ..core.wire.framing import Record
from ..core.wire.transport import Response
from ..protocols.tokenfall.runs import Question, RunState
from .run_server import RunServer, records, waits
from .tools_here import ToolsHere

LOST_CONNECTION = "The server can't be reached. This is tried again until it can."
NOT_LET_IN = (
    "The server doesn't let this page in. Reload the page, or open the address that it printed."
)
SERVER_BUSY = "The server is busy, and is asked again."
WAITS_ELSEWHERE = "A tool of the page that asked is waited for."
BEGAN_ANEW = "The server has lost its place in this answer, and tells it from the start."
UNKNOWN_EVENT = "The server said something that this page does not know."

# So many batches are read ahead of a slow reader; then the server's side of the connection waits.
_AHEAD = 16
# How often a question is sent before it is given up.
_TRIES_TO_BEGIN = 6
# How long the server's own word for a stop is waited for, in seconds.
_STOP_LIMIT_S = 3.0


class _News(NamedTuple):
    """Events that came together. `place` is where they end in the server's log, None where they
    came from here; `is_anew`: the answer is told from the start once more.
    """

    events: list[Event]
    place: str | None = None
    is_anew: bool = False


class FollowedRun(Readable):
    """A run of a server by its `name`. `begun` says who is asked. With a `question` the run is
    begun; without, it is followed behind `place`, up to where `known` is what had come before.

    `tools` are those that it has of this place, `allowed` the names of those that run unasked; None
    where it has them of another place.
    """

    def __init__(
        self,
        server: RunServer,
        name: str,
        begun: Message,
        *,
        question: Question | None = None,
        known: Iterable[Event] = (),
        place: str = "",
        tools: Sequence[Tool] | None = (),
        allowed: Iterable[str] = (),
    ) -> None:
        self.mode: Mode = begun.mode or "streaming"
        self.cancel_reason: str | None = None
        self.place = place
        self._server = server
        self._name = name
        self._begun = begun
        self._question = question
        self._fold = RunFold(begun)
        self._news: asyncio.Queue[_News] = asyncio.Queue(_AHEAD)
        self._status: Status | None = None
        self._is_read = False
        self._is_leaving = False
        self._following: asyncio.Task[None] | None = None
        self._stopping: asyncio.TimerHandle | None = None
        self._tools = None
        if tools is not None:
            self._tools = ToolsHere(tools, allowed, self._tell, self._give)
        # Calls that wait for a result from here, and those whose leave the server asks for.
        self._wanted: dict[str, ToolCall] = {}
        self._asked: set[str] = set()
        known = list(known)
        self._fold.add(known)
        self._note(known)
        # A result that never got away is asked for again; a tool that ran is not run again.
        self._left = dict(self._wanted)
        self._left_begun = self._fold.begun_calls

    @property
    def messages(self) -> list[Message]:
        """The run's part of the conversation so far: answers, and results of tools."""
        return self._fold.messages

    @property
    def message(self) -> Message:
        """The answer so far: the latest step's."""
        return self._fold.message

    @property
    def status(self) -> Status | None:
        """The status with which the run ended; None until then."""
        return self._status

    @property
    def is_read(self) -> bool:
        """Tell whether somebody has begun to read."""
        return self._is_read

    def cancel(self, reason: str = "user") -> None:
        """End the run where it is; what came stays. `deleted` says that nothing of it is kept."""
        if self._status is not None or self.cancel_reason is not None:
            return
        self.cancel_reason = reason
        end = self._server.delete if reason == "deleted" else self._server.cancel
        end(self._name)
        if not self._is_read:
            self._status = self.message.status = "aborted"
            return
        if self._tools is not None:
            self._tools.stop()
        limit_s = 0 if reason == "deleted" else _STOP_LIMIT_S
        loop = asyncio.get_running_loop()
        self._stopping = loop.call_later(limit_s, self._end_here)

    def decide(self, call_id: str, decision: Decision) -> None:
        """Pass a person's decision on a call to the server. Raises `UsageError` where no such call
        waits.
        """
        if call_id in self._asked:
            self._asked.discard(call_id)
            self._server.decide(self._name, call_id, decision)
        elif self._tools is not None:
            self._tools.decide(call_id, decision)
        else:
            raise UsageError(f"no call {call_id!r} waits for an answer")

    async def batches(self) -> AsyncGenerator[list[Event]]:
        """Yield events as they come, one list for what arrived together. The last is `Done`.

        Raises:
            UsageError: The run was read before.
        """
        if self._is_read:
            raise UsageError("a run is read once; its answer is in `message`")
        self._is_read = True
        if self._status is not None:  # cancelled before the start
            yield [Done(self._status)]
            return
        self._following = asyncio.create_task(self._follow())
        try:
            while self._status is None:
                events = self._take(await self._news.get())
                while self._status is None and not self._news.empty():
                    events += self._take(self._news.get_nowait())
                yield events
                # The reader has kept them by now.
                for event in events:
                    if isinstance(event, ToolRunStart) and self._tools is not None:
                        self._tools.note(event.call_id)
        finally:
            await self.leave()

    async def leave(self) -> None:
        """Follow it no longer. The run itself goes on."""
        if self._is_leaving:
            return
        self._is_leaving = True
        if self._stopping is not None:
            self._stopping.cancel()
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self._tools is not None:
            await self._tools.end()

    def _take(self, news: _News) -> list[Event]:
        """Bring the messages in step with the news."""
        events = news.events
        if isinstance(events[-1], Done):
            self._status = events[-1].status
        if news.is_anew:
            self._fold = RunFold(self._begun)
        self._fold.add(events)
        if self._status is not None:
            self._fold.settle()
        self.place = self.place if news.place is None else news.place
        self._note(events)
        for event in list(events):
            if isinstance(event, ApprovalRequest) and event.wants == "result":
                if self._tools is None:
                    events.append(Heartbeat(WAITS_ELSEWHERE))
                self._answer(self._wanted[event.call_id])
        return events

    def _note(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case ApprovalRequest(call_id, name, arguments, "result"):
                    self._wanted[call_id] = ToolCall(call_id, name, arguments)
                case ApprovalRequest(call_id) if call_id not in self._wanted:
                    self._asked.add(call_id)
                case ToolResult(call_id):
                    self._wanted.pop(call_id, None)
                    self._asked.discard(call_id)

    def _answer(self, call: ToolCall, *, has_begun: bool = False) -> None:
        if self._tools is not None:
            self._tools.answer(call, has_begun=has_begun)

    async def _tell(self, events: list[Event]) -> None:
        await self._news.put(_News(events))

    def _give(self, result: ToolResult) -> None:
        self._server.give(self._name, result.call_id, result.content, is_error=result.is_error)

    def _end_here(self) -> None:
        """End the answer here: the server says nothing to a stop."""
        if self._following is not None:
            self._following.cancel()
        self._following = asyncio.create_task(self._tell([Done("aborted")]))

    # What goes on beside the reader

    async def _follow(self) -> None:
        if self._question is not None and not await self._begin(self._question):
            return
        for call_id, call in self._left.items():
            self._answer(call, has_begun=call_id in self._left_begun)
        next_s = waits()
        place, is_anew = self.place, False
        while True:
            before = place
            try:
                async with self._server.events(self._name, place) as response:
                    if response.status == 200:
                        self.trouble = ""
                        async for events, reached in self._read(response, place):
                            if is_anew:  # not before: what was there stays until then
                                events = _anew(events)
                            await self._news.put(_News(events, reached, is_anew))
                            place, is_anew = reached, False
                            if isinstance(events[-1], Done):
                                return
                    elif response.status == 410:
                        is_anew = True
                        place, events = await self._lost(response)
                        if events:
                            await self._news.put(_News(_anew(events), place, is_anew))
                            is_anew = False
                            if isinstance(events[-1], Done):
                                return
                    elif (end := await self._end_of(response)) is not None:
                        await self._tell(end)
                        return
                    sign = _SIGNS.get(response.status, SERVER_BUSY)
            except (TransportError, ProtocolError):
                sign = LOST_CONNECTION
            if place != before:
                next_s = waits()
                continue  # it went well until now: at once
            await self._wait(sign, next_s())

    async def _wait(self, sign: str, seconds: float) -> None:
        """Say why nothing comes, and wait before it is tried again."""
        self.trouble = sign
        await self._tell([Heartbeat(sign)])
        await self._server.wait(seconds)

    async def _begin(self, question: Question) -> bool:
        """Have the question answered; False where it will not be, which is told."""
        next_s = waits()
        error, sign = ErrorInfo("connect", LOST_CONNECTION), LOST_CONNECTION
        for number in range(_TRIES_TO_BEGIN):
            if number:
                await self._wait(sign, next_s())
            try:
                reply = await self._server.begin(question, self._name)
            except TransportError as failure:
                error, sign = error_info(failure), LOST_CONNECTION
                continue
            if reply.error is None:
                return True
            error, sign = reply.error, SERVER_BUSY
            if not reply.may_pass or reply.status == 429:
                break
        else:
            self._server.cancel(self._name)  # it may have got there, unheard
        await self._tell([Error(error), Done("error")])
        return False

    async def _read(
        self, response: Response, place: str
    ) -> AsyncGenerator[tuple[list[Event], str]]:
        """Yield what this connection brings, and up to where; nothing that is there already."""
        async for together in records(response):
            events: list[Event] = []
            for record in together:
                event = _event(record)
                if not isinstance(event, Heartbeat) and record.last_event_id:
                    if record.last_event_id <= place:
                        continue
                    place = record.last_event_id
                if isinstance(event, File):
                    event = await self._server.with_data(event)
                events.append(event)
                if isinstance(event, Done):
                    break
            if events:
                yield events, place

    async def _lost(self, response: Response) -> tuple[str, list[Event]]:
        """Read what the server has in the place of what it lost, and up to where; nothing where it
        does not say, and has to be read from its start.
        """
        body = b"".join([chunk async for chunk in response.chunks()])
        with suppress(msgspec.MsgspecError):
            state = msgspec.json.decode(body, type=RunState)
            if state.so_far:
                events = [
                    await self._server.with_data(one) if isinstance(one, File) else one
                    for one in state.so_far
                ]
                return state.offset, events
        return "", []

    async def _end_of(self, response: Response) -> list[Event] | None:
        """The end that this answer of the server means; None where it means none."""
        if response.status == 404:
            return [Warning(GONE), Done("incomplete")]
        if response.status == 204:
            with suppress(ValueError, msgspec.MsgspecError):
                state = await self._server.state(self._name)
                if state is not None and state.status is not None:
                    return [Done(state.status)]
        return None


def _anew(events: list[Event]) -> list[Event]:
    """The beginning of an answer for who had another one."""
    return [StepReset(BEGAN_ANEW), *(one for one in events if one != StepStart(1))]


_SIGNS = {200: LOST_CONNECTION, 401: NOT_LET_IN, 403: NOT_LET_IN}
_decode = msgspec.json.Decoder(Event).decode


def _event(record: Record) -> Event:
    try:
        event: Event = _decode(record.data)
        return event
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Warning(UNKNOWN_EVENT, record.text)
