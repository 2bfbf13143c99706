"""Answers that go on at their provider by themselves (`keepers`), read on wherever they broke.

Where the connection breaks, the answer is read on behind its last event. A worker that takes the
run over finds in the log (`Began`) which answer was on its way: it reads that from its beginning,
and leaves out what readers have (`overlap`). Such an answer goes on when its connection is left, so
a stop is told to its provider.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress

from ...core.errors import ReadError, TransportError
from ...core.running.calls import Decision
from ...core.running.chat import Chat
from ...core.wire.framing import SSE, Comment, Record
from ...core.wire.transport import Request, Response, Transport
from ...following.run_server import may_pass
from ...protocols.tokenfall.runs import Question
from .controls import Began
from .keepers import Call, Keeper, keeper_of

# How often in a row a broken connection is taken up anew, and the first wait, which doubles.
_TRIES = 6
_FIRST_WAIT_S = 0.25
_STOP_LIMIT_S = 5.0


def background_of(question: Question, run: str, begun: Began | None = None) -> "Background | None":
    """Give what the provider of a run does by itself; None where it does nothing so. `begun` is the
    answer that another worker had it begin last.
    """
    keeper = keeper_of(question)
    return None if keeper is None else Background(keeper, run, begun)


async def stop_begun(question: Question, begun: Began, chat: Chat) -> None:
    """Have the provider end the answer that another worker had it begin; `chat` knows the way."""
    keeper, transport = keeper_of(question), chat.transport
    if keeper is None or transport is None:
        return
    request = chat.provider.render(
        question.messages, model=chat.model, options=chat.options, stream=question.stream
    )
    call = keeper.call(transport, request, begun.name)
    if call is not None:
        call.name = begun.name
        await _told(call.stop())


class Background:
    """The answers of one run. `on_begun` is told of each before it comes to an end."""

    def __init__(self, keeper: Keeper, run: str = "", begun: Began | None = None) -> None:
        self.on_begun: Callable[[Began], Awaitable[None]] = _nobody
        self._keeper = keeper
        self._run = run
        self._begun = begun
        self._count = 0 if begun is None else begun.number
        self._call: Call | None = None  # on its way
        self._telling: set[asyncio.Task[None]] = set()

    def over(self, transport: Transport) -> Transport:
        """Carry requests by this transport."""
        return _Carrier(self, transport)

    def call_of(self, transport: Transport, request: Request) -> tuple[Call | None, bool]:
        """Give the model call that a request is, and whether another worker had it begun; None
        where it is carried as it is.
        """
        call = self._keeper.call(transport, request, f"{self._run}-{self._count + 1}")
        begun, self._begun = self._begun, None
        if call is not None and begun is not None and begun.size == call.size:
            call.name = begun.name
            return call, True
        self._count += call is not None
        return call, False

    def note(self, call: Call | None) -> None:
        """Note the answer that is on its way; None where there is nothing to stop."""
        self._call = call

    async def began(self, call: Call) -> None:
        """Note an answer that begins, in the log too, before any of it is told."""
        self.note(call)
        await self.on_begun(Began(call.name, call.size, self._count))

    async def stop(self) -> None:
        """Have the provider stop, where it is at work."""
        call, self._call = self._call, None
        if call is not None:
            await _told(call.stop())

    def decide(self, call_id: str, decision: Decision) -> bool:
        """Pass a person's decision on to the provider; False where it is at no work."""
        if self._call is None:
            return False
        self._telling.add(task := asyncio.create_task(_told(self._call.decide(call_id, decision))))
        task.add_done_callback(self._telling.discard)
        return True


class _Carrier:
    def __init__(self, background: Background, transport: Transport) -> None:
        self._background = background
        self._transport = transport

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        """Carry a request; one for such an answer until that has ended."""
        call, has_begun = self._background.call_of(self._transport, request)
        if call is None:
            async with self._transport.open(request) as response:
                yield response
            return
        await self._background.stop()  # one that was lost on the way, which this one is in place of
        async with AsyncExitStack() as stack:
            kept = _Kept(self._background, call, stack)
            await kept.begin(has_begun=has_begun)
            yield kept


class _Kept:
    """One answer, over as many connections as it takes."""

    def __init__(self, background: Background, call: Call, stack: AsyncExitStack) -> None:
        self._background = background
        self._call = call
        self._stack = stack
        self._place = ""
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

    async def begin(self, *, has_begun: bool) -> None:
        """Find what was asked before, else ask."""
        if has_begun:
            self._background.note(self._call)
            await self._reach(lambda: self._call.rejoin(""))
            if self.status == 200:
                return
            self._call.is_not_there()
        if self._call.name:
            await self._background.began(self._call)
            await self._reach(self._call.ask)
        else:
            await self._connect(self._call.ask())

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield whole events. Raises `ReadError` where the answer cannot be found again."""
        assert self._response is not None
        if self.status != 200:
            self._background.note(None)
            async for chunk in self._response.chunks():
                yield chunk
            return
        tries = 0
        while True:
            framer = SSE(lenient=True)
            failure: TransportError | None = None
            told: list[bytes] = []
            try:
                async for chunk in self._response.chunks():
                    for record in framer.feed(chunk):
                        told.append(await self._seen(record))
                    if told:
                        tries = 0
                        yield b"".join(told)
                        told = []
            except TransportError as error:
                failure = error
                yield b"".join(told)
            if self._has_ended or not self._call.name:
                if failure is not None:
                    raise failure
                yield b"".join([await self._seen(record) for record in framer.close()])
                return
            if not await self._has_come_back(tries):
                raise failure or ReadError("The connection broke off.")
            tries += 1

    async def _has_come_back(self, tries: int) -> bool:
        """Connect once more, behind the last event that came."""
        if tries >= _TRIES:
            return False
        with suppress(TransportError):
            await self._reach(lambda: self._call.rejoin(self._place), tries + 1)
            return self.status == 200
        return False

    async def _reach(
        self, opening: Callable[[], AbstractAsyncContextManager[Response]], tries: int = 0
    ) -> None:
        """Connect, again where the other end is away for a moment. Raises `TransportError`."""
        for number in range(tries, _TRIES + 1):
            if number:
                await asyncio.sleep(_FIRST_WAIT_S * 2 ** (number - 1))
            try:
                await self._connect(opening())
                if not may_pass(self.status) or number == _TRIES:
                    return
            except TransportError:
                if number == _TRIES:
                    raise

    async def _connect(self, opening: AbstractAsyncContextManager[Response]) -> None:
        await self._stack.aclose()
        self._response = await self._stack.enter_async_context(opening)

    async def _seen(self, record: Record | Comment) -> bytes:
        if isinstance(record, Comment):
            return b": %s\n\n" % record.text.encode()
        seen = await self._call.seen(record)
        if seen.name and not self._call.name:
            self._call.name = seen.name
            await self._background.began(self._call)
        self._place = seen.place or self._place
        if seen.is_end:
            self._has_ended = True
            self._background.note(None)
        lines = b"".join(b"data: %s\n" % line for line in seen.data.split(b"\n"))
        return b"event: %s\n%s\n" % (record.event.encode(), lines)


async def _nobody(begun: Began) -> None:
    pass


async def _told(telling: Awaitable[None]) -> None:
    with suppress(TransportError, TimeoutError):
        async with asyncio.timeout(_STOP_LIMIT_S):
            await telling
