"""A function of one's own as the other end of a chat."""

import asyncio
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Any

from ..core.errors import ErrorInfo, ReadError, UsageError
from ..core.events import Done, Event
from ..core.messages import Message
from ..core.options import Options
from ..core.wire.transport import Request, Response
from ..protocols import decoder, http_error, tokenfall
from ..protocols.decoding import Decoder
from ..protocols.tokenfall.sound import Sound
from .event_sources import batch_of, failure, items_of
from .remote import Connection

# Called with the messages so far, what else was told, and the signal; gives an (async) iterable of
# texts, events or bytes, or one text, or an awaitable of these.
Function = Callable[[list[Message], dict[str, Any], "Signal"], Any]


class Signal:
    """Tells a function that its answer is not wanted any more."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    @property
    def aborted(self) -> bool:
        return self._event.is_set()

    async def wait(self) -> None:
        """Return when the answer is not wanted any more."""
        await self._event.wait()

    def abort(self) -> None:
        self._event.set()


def stream(function: Function, *, protocol: str = tokenfall.NAME) -> Connection:
    """Connect to a function: `function(messages, data, signal)`.

    It gives texts, or events, whose end is the answer's end; or bytes in the wire format that
    `protocol` names, which then says how the answer ended. An exception becomes the answer's error.
    When the answer is stopped or its reader leaves, `signal` says so and the iterator is closed.

    Raises:
        UsageError: There is no protocol of this name.
    """
    decoder(protocol)
    called = _Called(function, protocol)
    return Connection(called, called)


class _Called:
    """The function as endpoint and transport: the request never leaves the process."""

    def __init__(self, function: Function, protocol: str) -> None:
        self._function = function
        self._protocol = protocol

    def render(
        self, messages: Sequence[Message], *, model: str, options: Options, stream: bool
    ) -> Request:
        rendered = tokenfall.render(messages, model=model, options=options, stream=stream)
        return Request("POST", "function:", {}, rendered.body)

    def decoder(self) -> Decoder:
        return decoder(self._protocol)

    def http_error(self, response: Response, body: bytes) -> ErrorInfo:
        return http_error(self._protocol, response.status, response.headers, body)

    def withdraws(self, error: ErrorInfo, model: str) -> bool:
        return False  # nothing is sent unasked

    def open(self, request: Request) -> AbstractAsyncContextManager[Response]:
        return self._open(request)

    @asynccontextmanager
    async def _open(self, request: Request) -> AsyncIterator[Response]:
        asked = tokenfall.parse_request(request.body)
        signal = Signal()
        if self._protocol == tokenfall.NAME:
            chunks = self._told(asked, signal)
        else:
            chunks = self._bytes(asked, signal)
        try:
            yield _Response(chunks)
        finally:
            signal.abort()
            await chunks.aclose()

    async def _told(self, asked: tokenfall.ChatRequest, signal: Signal) -> AsyncGenerator[bytes]:
        """Texts and events as lines of our own format; bytes of it as they are."""
        is_ended = False
        sound = Sound()
        try:
            async with aclosing(self._items(asked, signal)) as items:
                async for item in items:
                    if isinstance(item, bytes):
                        is_ended = True  # the bytes say for themselves how they end
                        yield item
                    elif batch := sound.events(batch_of(item)):
                        is_ended = isinstance(batch[-1], Done)
                        yield _lines(batch)
        except Exception as error:
            yield _lines(sound.events(failure(error, _described(error))))
        else:
            if not is_ended:
                yield _lines(sound.events([Done("complete", "stop", "stop")]))

    async def _bytes(self, asked: tokenfall.ChatRequest, signal: Signal) -> AsyncGenerator[bytes]:
        try:
            async with aclosing(self._items(asked, signal)) as items:
                async for item in items:
                    if not isinstance(item, bytes):
                        raise UsageError(
                            f"a function that speaks {self._protocol} gives bytes, "
                            f"not {type(item).__name__}"
                        )
                    yield item
        except Exception as error:
            raise ReadError(_described(error)) from error

    async def _items(self, asked: tokenfall.ChatRequest, signal: Signal) -> AsyncGenerator[Any]:
        data = {"model": asked.model} | asked.data if asked.model else asked.data
        given = self._function(asked.messages, data, signal)
        if inspect.isawaitable(given):
            given = await given
        async with aclosing(items_of(given)) as items:
            async for item in items:
                yield item


class _Response:
    """The function's answer; satisfies the core's `Response`."""

    status = 200
    headers: Mapping[str, str] = {}

    def __init__(self, chunks: AsyncGenerator[bytes]) -> None:
        self._chunks = chunks

    def chunks(self) -> AsyncIterator[bytes]:
        return self._chunks


def _lines(batch: list[Event]) -> bytes:
    return b"".join(map(tokenfall.ndjson, batch))


def _described(error: Exception) -> str:
    try:
        return str(error) or type(error).__name__
    except Exception:  # it has no words, as of a number of thousands of digits
        return type(error).__name__
