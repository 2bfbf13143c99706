"""Exchanges on the wire, with their timing: noted beside the reading, played back.

    recorder = Recorder(transport)
    chat = Chat(provider, model, transport=recorder)
    …
    again = Chat(provider, model, transport=Replay(recorder.exchanges, pace=1))

Keys are hidden when a request is noted, so that no recording ever holds one. Recording costs one
list entry a chunk.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Literal

import msgspec

from ..errors import ConnectError, ReadError, TransportError
from .secrets import HIDDEN, Secrets, hidden
from .transport import Request, Response, Transport

# How an exchange ended: "end" is the body's proper end, "aborted" that its reader left before.
End = Literal["running", "end", "error", "aborted"]


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Bytes of a body, and how many seconds after the request they came."""

    at_s: float
    data: bytes


class Exchange(msgspec.Struct, omit_defaults=True):
    """One request, without its keys, and what came back. All times are seconds since the request.

    `status` and `opened_s` are None where there was no answer, `ended_s` while it goes on. `error`
    is the transport's sentence where it failed.
    """

    request: Request
    status: int | None = None
    headers: dict[str, str] = {}
    opened_s: float | None = None
    chunks: list[Chunk] = []
    end: End = "running"
    ended_s: float | None = None
    error: str = ""

    @property
    def body(self) -> bytes:
        """The body of the answer as far as it came."""
        return b"".join(chunk.data for chunk in self.chunks)


class Recorder:
    """A transport that notes what passes through another one; bytes and aborts stay as they are.

    `exchanges` holds the newest `keep` of them (None: all), also those that failed or go on.
    """

    def __init__(self, transport: Transport, *, keep: int | None = None) -> None:
        self._transport = transport
        self._exchanges: deque[Exchange] = deque(maxlen=keep)
        self.size = 0  # bytes noted, of all requests and answers

    @property
    def exchanges(self) -> list[Exchange]:
        return list(self._exchanges)

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        """Open with the transport that carries. Raises what that raises."""
        note = _Note(request, self)
        self.size += len(request.body)
        self._exchanges.append(note.exchange)
        try:
            async with self._transport.open(request) as response:
                note.opened(response)
                yield _Noted(response, note)
        except TransportError as error:
            note.ended("error", str(error))
            raise
        finally:
            note.ended("aborted")


class Replay:
    """A transport that answers requests with recorded exchanges, in their order, whatever is asked.

    `pace` is how many seconds a recorded second takes: 1 as it was, 0 at once.
    """

    def __init__(self, exchanges: Iterable[Exchange], *, pace: float = 0) -> None:
        self._left = deque(exchanges)
        self._pace = pace

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        """Answer with the next exchange.

        Raises:
            ConnectError: It failed so when it was recorded, or there is none left.
        """
        if not self._left:
            raise ConnectError("The recording has no answer to a further request.")
        exchange = self._left.popleft()
        wait_until = _Clock(self._pace)
        if exchange.status is None:
            await wait_until(exchange.ended_s)
            raise ConnectError(exchange.error or "The recording ends before an answer came.")
        await wait_until(exchange.opened_s)
        yield _Replayed(exchange, wait_until)


class _Note:
    """Fills one exchange in while it happens."""

    def __init__(self, request: Request, recorder: Recorder) -> None:
        self._recorder = recorder
        self.exchange = Exchange(hidden(request))
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self._url = request.url
        self._secrets = Secrets.of(request)
        self._has_secrets = bool(self._secrets)
        self._tail = b""  # of the body, as it came: what may be the beginning of a secret

    def opened(self, response: Response) -> None:
        exchange = self.exchange
        exchange.opened_s = self._now()
        exchange.status = response.status
        exchange.headers = {
            name.lower(): HIDDEN if "cookie" in name.lower() else self._clean(value)
            for name, value in response.headers.items()
        }

    def chunk(self, data: bytes) -> None:
        if self._has_secrets:  # some servers say the key again
            data, came = self._clean_chunk(data), self._tail + data
            self._tail = came[1 - self._secrets.longest :]
        self.exchange.chunks.append(Chunk(self._now(), data))
        self._recorder.size += len(data)

    def _clean_chunk(self, data: bytes) -> bytes:
        """The chunk without secrets; the beginning of one is taken from those before."""
        before = len(self._tail)
        for begin, end in self._secrets.spans(self._tail + data):
            if begin < before < end:
                self._take_back(before - begin)
                rest = self._secrets.clean_bytes(data[end - before :])
                return HIDDEN.encode() + rest
        return self._secrets.clean_bytes(data)

    def _take_back(self, left: int) -> None:
        """Take so many bytes from the end of the recording."""
        chunks = self.exchange.chunks
        for place in reversed(range(len(chunks))):
            kept = chunks[place].data[: max(0, len(chunks[place].data) - left)]
            left -= len(chunks[place].data) - len(kept)
            chunks[place] = Chunk(chunks[place].at_s, kept)
            if not left:
                break

    def ended(self, end: End, error: str = "") -> None:
        """Note the end; the first one counts."""
        if self.exchange.end == "running":
            self.exchange.end = end
            self.exchange.ended_s = self._now()
            self.exchange.error = self._clean(error)

    def _now(self) -> float:
        return round(self._clock() - self._began, 6)

    def _clean(self, text: str) -> str:
        text = text.replace(self._url, self.exchange.request.url)
        return self._secrets.clean(text) if self._has_secrets else text


class _Noted:
    """A response whose chunks are noted as they pass."""

    def __init__(self, response: Response, note: _Note) -> None:
        self._response = response
        self._note = note

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.chunks():
                self._note.chunk(chunk)
                yield chunk
        except TransportError as error:
            self._note.ended("error", str(error))
            raise
        self._note.ended("end")


class _Replayed:
    """A recorded response."""

    def __init__(self, exchange: Exchange, wait_until: "_Clock") -> None:
        self._exchange = exchange
        self._wait_until = wait_until

    @property
    def status(self) -> int:
        return self._exchange.status or 0

    @property
    def headers(self) -> Mapping[str, str]:
        return self._exchange.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the recorded chunks. An exchange whose reader had left ends where he left.

        Raises:
            ReadError: It broke off so when it was recorded.
        """
        for chunk in self._exchange.chunks:
            await self._wait_until(chunk.at_s)
            yield chunk.data
        await self._wait_until(self._exchange.ended_s)
        if self._exchange.end == "error":
            raise ReadError(self._exchange.error)


class _Clock:
    """Waits for moments of a recording."""

    def __init__(self, pace: float) -> None:
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    async def __call__(self, at_s: float | None) -> None:
        due = self._began + (at_s or 0) * self._pace
        # Also where nothing is waited for: whoever wants to stop the reading must get a turn.
        await asyncio.sleep(max(0.0, due - self._loop.time()))
