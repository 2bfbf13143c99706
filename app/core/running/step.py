"""One step of a run: one model call, from the request to how it ended."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Protocol

import msgspec

from ..errors import ErrorInfo, TransportError, error_info
from ..events import OUTPUT, Event
from ..messages import Message, Mode, Timing
from ..options import Options
from ..wire.secrets import Secrets
from ..wire.transport import Request, Response, Transport
from .waiting import Late, Stopped, Waiter

# An error page of a proxy can be long; what it says is at its beginning.
_MAX_ERROR_BYTES = 1_000_000

# How long a server may take to close the stream after the protocol's own end, in seconds. Reading
# on keeps the connection for the next request, and what some send after the end; not all close it.
_LINGER_S = 0.25


class Deadlines(msgspec.Struct, frozen=True):
    """Seconds; None means never.

    Signs of life (comments, pings, the progress of a prompt) are no output, but no silence either:
    while they come, output may take as long as `alive_s`.

    A server that reads a long question may send its headers only with the first token, so
    `connect_s` is no shorter than that takes. In sync mode nothing can be seen before the end:
    there only `sync_s` counts. `total_s` is the limit of one model call.
    """

    connect_s: float | None = 120
    first_output_s: float | None = 180
    idle_s: float | None = 90
    alive_s: float | None = 1200
    total_s: float | None = None
    sync_s: float | None = 600


class Decoder(Protocol):
    """A protocol's decoder, as far as a step needs it."""

    @property
    def message(self) -> Message: ...

    @property
    def ended(self) -> bool: ...

    def go_on_from(self, earlier: Message) -> None: ...

    def hide(self, secrets: Secrets) -> None: ...

    def take_question(self, body: bytes) -> None: ...

    def want_no_thoughts(self) -> None: ...

    def feed(self, chunk: bytes) -> list[Event]: ...

    def flush(self) -> list[Event]: ...

    def close(
        self,
        *,
        error: ErrorInfo | None = None,
        aborted: bool = False,
        timing: Timing | None = None,
    ) -> list[Event]: ...


class Endpoint(Protocol):
    """The side that answers: renders requests and decodes answers."""

    def render(
        self, messages: Sequence[Message], *, model: str, options: Options, stream: bool
    ) -> Request: ...

    def decoder(self) -> Decoder: ...

    def http_error(self, response: Response, body: bytes) -> ErrorInfo: ...

    def withdraws(self, error: ErrorInfo, model: str) -> bool:
        """Take back what nobody asked for where an error refuses it; tell whether anything was."""
        ...


class Step:
    """One model call. Its events end with `Done`, whatever happens."""

    def __init__(
        self,
        endpoint: Endpoint,
        transport: Transport,
        request: Request,
        *,
        mode: Mode,
        deadlines: Deadlines,
        waiter: Waiter,
        no_thoughts: bool = False,
    ) -> None:
        self._transport = transport
        self._request = request
        self._endpoint = endpoint
        self._is_streaming = mode == "streaming"
        self._deadlines = deadlines
        self._waiter = waiter
        self.secrets = Secrets.of(request)  # that the answer may not show
        self._decoder = endpoint.decoder()
        self._decoder.hide(self.secrets)
        self._decoder.take_question(request.body)
        if no_thoughts:
            self._decoder.want_no_thoughts()
        self._timer: asyncio.TimerHandle | None = None
        # Seconds on the loop's clock:
        self._started_at = 0.0
        self._connected_at: float | None = None
        self._first_output_at: float | None = None
        self._ended_at: float | None = None  # the protocol's own end
        self._waiting_since = 0.0  # for output, without the time that the reader took
        self._alive_at = 0.0  # when anything came

    @property
    def message(self) -> Message:
        """The answer so far; its `status` is None until the end."""
        return self._decoder.message

    def go_on_from(self, earlier: Message) -> None:
        """Begin the answer with one that its provider paused in."""
        self._decoder.go_on_from(earlier)

    async def batches(self) -> AsyncGenerator[list[Event]]:
        """Yield events as they come, one list for what arrived together; `Done` is the last."""
        self._started_at = self._waiting_since = asyncio.get_running_loop().time()
        error: ErrorInfo | None = None
        is_aborted = False
        try:
            async with AsyncExitStack() as stack:
                stack.callback(self._stop_watching)
                self._watch()
                try:
                    async with aclosing(self._receive(stack)) as received:
                        async for batch in received:
                            yield batch
                except TransportError as failure:
                    error = error_info(failure)
                except _Refused as refused:
                    error = refused.info
                except Late as late:
                    error = late.error if self._ended_at is None else None
                except Stopped:
                    is_aborted = True
            yield self._end(error, is_aborted)
        finally:
            # The reader left, or its task was cancelled: the partial answer is kept all the same.
            self._end(None, True)

    def _end(self, error: ErrorInfo | None, is_aborted: bool) -> list[Event]:
        rest = self._decoder.flush()
        self._stamp(rest)
        rest += self._decoder.close(error=error, aborted=is_aborted, timing=self._timing())
        return rest

    async def _receive(self, stack: AsyncExitStack) -> AsyncGenerator[list[Event]]:
        opening = self._transport.open(self._request)
        response = await self._waiter.wait(lambda: stack.enter_async_context(opening))
        loop = asyncio.get_running_loop()
        self._connected_at = loop.time()
        self._watch()
        chunks = response.chunks()
        if not 200 <= response.status < 300:
            raise _Refused(self._endpoint.http_error(response, await self._error_body(chunks)))
        while True:
            try:
                chunk = await self._waiter.wait(chunks.__anext__)
            except StopAsyncIteration:
                return
            self._alive_at = loop.time()
            batch = self._decoder.feed(chunk)
            if self._decoder.ended and self._ended_at is None:
                self._ended_at = loop.time()
                self._watch()
            if batch:
                if self._stamp(batch):
                    self._watch()
                given_at = loop.time()
                yield batch
                self._waiting_since += loop.time() - given_at  # the reader's time is not idle time

    async def _error_body(self, chunks: AsyncIterator[bytes]) -> bytes:
        body = b""
        try:
            while len(body) < _MAX_ERROR_BYTES:
                body += await self._waiter.wait(lambda: anext(chunks))
        except (StopAsyncIteration, TransportError):
            pass  # the status says enough
        return body

    def _watch(self) -> None:
        """Arm the step's one timer for the nearest deadline.

        Again whenever a new deadline begins to count. Within one of them the deadline only moves
        away, which the timer finds out when it fires: nothing is done per chunk.
        """
        self._stop_watching()
        loop = asyncio.get_running_loop()
        due_at, message = self._nearest_deadline()
        if due_at is None:
            return
        if self._waiter.is_waiting and loop.time() >= due_at:
            self._waiter.end(ErrorInfo("timeout", message, retryable=True))
        else:
            self._timer = loop.call_at(max(due_at, loop.time() + 0.05), self._watch)

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _nearest_deadline(self) -> tuple[float | None, str]:
        limits = self._deadlines
        began = self._started_at
        due: list[tuple[float, str]] = []

        def add(since: float, limit_s: float | None, message: str) -> None:
            if limit_s is not None:
                due.append((since + limit_s, message.format(limit_s)))

        if self._ended_at is not None:
            return self._ended_at + _LINGER_S, "The stream did not close."
        add(began, limits.total_s, "The answer took longer than {:g} s.")
        if not self._is_streaming:
            add(began, limits.sync_s, "There was no answer within {:g} s.")
        elif self._connected_at is None:
            add(began, limits.connect_s, "The provider did not respond within {:g} s.")
        else:
            is_first = self._first_output_at is None
            since = began if is_first else self._waiting_since
            alive = "The provider gave signs of life and no output for {:g} s."
            add(since, limits.alive_s, alive)
            since = max(since, self._alive_at)
            if is_first:
                add(since, limits.first_output_s, "The model said nothing within {:g} s.")
            else:
                add(since, limits.idle_s, "The answer stalled: nothing came for {:g} s.")
        return min(due, default=(None, ""))

    def _stamp(self, batch: list[Event]) -> bool:
        """Note when output came; return whether it was the first."""
        for event in batch:
            if isinstance(event, OUTPUT):
                break
        else:
            return False
        self._waiting_since = asyncio.get_running_loop().time()
        if self._first_output_at is not None:
            return False
        self._first_output_at = self._waiting_since
        return True

    def _timing(self) -> Timing:
        now = asyncio.get_running_loop().time()
        first = self._first_output_at
        return Timing(
            total_s=round(now - self._started_at, 6),
            first_output_s=None if first is None else round(first - self._started_at, 6),
        )


class _Refused(Exception):
    """The provider answered with an HTTP error."""

    def __init__(self, info: ErrorInfo) -> None:
        super().__init__(info.message)
        self.info = info
