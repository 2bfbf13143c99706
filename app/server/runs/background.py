"""Responses that their provider goes on with by itself: OpenAI's background mode.

A question asks for it by `"background": true` among its extra fields. Where the connection breaks,
the response is read on behind its last event (`starting_after`). A worker that takes the run over
reads it from its beginning, and leaves out what readers have (`Overlap`). As leaving a connection
does not stop such a response, a stop is told to the provider.

https://developers.openai.com/api/docs/guides/background
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import msgspec
from msgspec.structs import replace

from ...core.errors import ReadError, TransportError
from ...core.events import (
    ContentDelta,
    Event,
    Heartbeat,
    ReasoningDelta,
    RefusalDelta,
    Retry,
    StepReset,
    ToolCallDelta,
)
from ...core.wire.framing import SSE, Comment, Record
from ...core.wire.transport import Request, Response, Transport
from ...protocols.tokenfall.runs import Question
from ...runs.compaction import Merger

_ENDS = frozenset(f"response.{word}" for word in ("completed", "failed", "incomplete", "cancelled"))
# How often in a row a broken connection is taken up anew, and the first wait, which doubles.
_TRIES = 6
_FIRST_WAIT_S = 0.25
_STOP_LIMIT_S = 5.0

DIFFERS = "What the provider has of this answer is not what had come of it."


class _Named(msgspec.Struct, frozen=True):
    id: str = ""


class _Told(msgspec.Struct):
    """The fields of an event by which its stream is found again."""

    type: str = ""
    sequence_number: int | None = None
    response: _Named = _Named()


class _Asked(msgspec.Struct):
    background: bool | None = None
    stream: bool = False


_decode_told = msgspec.json.Decoder(_Told).decode
_decode_asked = msgspec.json.Decoder(_Asked).decode


def is_wanted(question: Question) -> bool:
    """Tell whether a question asks for such a response."""
    return question.options.extra.get("background") is True


class Background:
    """The responses of one run. `known` is the id of one that another worker had begun."""

    def __init__(self, known: str = "") -> None:
        self._known = known
        self._stopping: tuple[Transport, Request] | None = None

    def over(self, transport: Transport) -> Transport:
        """Carry requests by this transport."""
        return _Carrier(self, transport)

    async def stop(self) -> None:
        """Have the provider stop, where it is at work."""
        if self._stopping is None:
            return
        transport, request = self._stopping
        with suppress(TransportError, TimeoutError):
            async with asyncio.timeout(_STOP_LIMIT_S), transport.open(request):
                pass

    def take_known(self) -> str:
        """Give the id of the response that was begun; once."""
        known, self._known = self._known, ""
        return known

    def note(self, transport: Transport, request: Request | None) -> None:
        """Note what would stop the provider now."""
        self._stopping = None if request is None else (transport, request)


class _Carrier:
    def __init__(self, background: Background, transport: Transport) -> None:
        self._background = background
        self._transport = transport

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        """Carry a request; one for such a response until that has ended."""
        if not _is_for_background(request):
            async with self._transport.open(request) as response:
                yield response
            return
        async with AsyncExitStack() as stack:
            kept = _Kept(self._background, self._transport, request, stack)
            await kept.begin()
            yield kept


class _Kept:
    """One response, over as many connections as it takes."""

    def __init__(
        self,
        background: Background,
        transport: Transport,
        request: Request,
        stack: AsyncExitStack,
    ) -> None:
        self._background = background
        self._transport = transport
        self._request = request
        self._stack = stack
        self._id = ""
        self._last: int | None = None
        self._has_ended = False
        self._response: Response | None = None

    @property
    def status(self) -> int:
        assert self._response is not None
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        assert self._response is not None
        return self._response.headers

    async def begin(self) -> None:
        """Ask, or find what was asked before."""
        if known := self._background.take_known():
            self._name(known)
            await self._connect(self._at(known, "?stream=true"))
            if self.status == 200:
                return
            self._id = ""
        await self._connect(self._request)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield whole events. Raises `ReadError` where the response cannot be found again."""
        assert self._response is not None
        if self.status != 200:
            async for chunk in self._response.chunks():
                yield chunk
            return
        tries = 0
        while True:
            framer = SSE(lenient=True)
            failure: ReadError | None = None
            try:
                async for chunk in self._response.chunks():
                    if told := b"".join(map(self._seen, framer.feed(chunk))):
                        tries = 0
                        yield told
            except ReadError as error:
                failure = error
            if self._has_ended or not self._id:
                if failure is not None:
                    raise failure
                yield b"".join(map(self._seen, framer.close()))
                return
            if not await self._has_come_back(tries):
                raise failure or ReadError("The connection broke off.")
            tries += 1

    async def _has_come_back(self, tries: int) -> bool:
        """Connect once more, behind the last event that came."""
        behind = "" if self._last is None else f"&starting_after={self._last}"
        for number in range(tries, _TRIES):
            await asyncio.sleep(_FIRST_WAIT_S * 2**number)
            with suppress(TransportError):
                await self._connect(self._at(self._id, f"?stream=true{behind}"))
                if self.status == 200:
                    return True
        return False

    async def _connect(self, request: Request) -> None:
        await self._stack.aclose()
        self._response = await self._stack.enter_async_context(self._transport.open(request))

    def _at(self, id: str, rest: str, method: str = "GET") -> Request:
        url, mark, query = self._request.url.partition("?")
        if mark:
            rest = f"{rest}{'&' if '?' in rest else '?'}{query}"
        return Request(method, f"{url}/{id}{rest}", self._request.headers)

    def _name(self, id: str) -> None:
        self._id = id
        self._background.note(self._transport, self._at(id, "/cancel", "POST"))

    def _seen(self, record: Record | Comment) -> bytes:
        if isinstance(record, Comment):
            return b": %s\n\n" % record.text.encode()
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            told = _decode_told(record.data)
            if told.response.id and not self._id:
                self._name(told.response.id)
            if told.sequence_number is not None:
                self._last = told.sequence_number
            if told.type in _ENDS:
                self._has_ended = True
                self._background.note(self._transport, None)
        lines = b"".join(b"data: %s\n" % line for line in record.data.split(b"\n"))
        return b"event: %s\n%s\n" % (record.event.encode(), lines)


class Overlap:
    """Leaves out of a model call that is read again what readers have of it. Where it is not the
    same, that is void, and they get all of it.
    """

    def __init__(self, known: Sequence[Event]) -> None:
        merger = Merger()
        merger.add(known)
        self._known = deque(merger.take())
        self._read: list[Event] = []

    def new(self, batch: Sequence[Event]) -> list[Event]:
        """Give the events that readers have not."""
        if not self._known:
            return list(batch)
        found: list[Event] = []
        for event in batch:
            if not self._known or isinstance(event, Retry):
                found.append(event)
                continue
            if isinstance(event, Heartbeat):
                continue
            self._read.append(event)
            if isinstance(event, StepReset):
                self._known.clear()
                found.append(event)
            elif (rest := self._behind(event)) is None:
                self._known.clear()
                found += [StepReset(DIFFERS), *self._read]
            else:
                found += rest
        return found

    def _behind(self, event: Event) -> list[Event] | None:
        """Match an event with the next known one; give what it has more, None where it differs."""
        known = self._known.popleft()
        if known == event:
            return []
        name = "arguments" if isinstance(known, ToolCallDelta) else "text"
        fragments = ContentDelta | ReasoningDelta | RefusalDelta | ToolCallDelta
        if not isinstance(known, fragments) or type(known) is not type(event):
            return None
        had, has = getattr(known, name), getattr(event, name)
        if replace(known, **{name: ""}) != replace(event, **{name: ""}):
            return None
        if had.startswith(has):
            self._known.appendleft(replace(known, **{name: had[len(has) :]}))
            return []
        if not has.startswith(had):
            return None
        rest = replace(event, **{name: has[len(had) :]})
        return self._behind(rest) if self._known else [rest]


def _is_for_background(request: Request) -> bool:
    if not request.url.partition("?")[0].endswith("/responses"):
        return False
    with suppress(msgspec.MsgspecError):
        asked = _decode_asked(request.body)
        return asked.stream and asked.background is True
    return False
