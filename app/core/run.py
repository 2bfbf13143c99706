"""One run: a question asked, an answer received, whatever happens on the way.

A run is pulled by whoever reads it. It reads no further than its reader, which is the
backpressure, and keeps no task or queue of its own. `cancel` and deadlines wake it while it waits
for a silent provider. Nothing that a provider or the network does is raised at the reader: it
becomes events, and the message keeps what had arrived.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Protocol, TypeVar

import msgspec

from .errors import ErrorInfo, TransportError, UsageError, error_info
from .events import OUTPUT, ContentDelta, Event
from .messages import Message, Mode, Timing
from .options import Options
from .transport import Request, Response, Transport

_log = logging.getLogger(__name__)

# An error page of a proxy can be long; what it says is at its beginning.
_MAX_ERROR_BYTES = 1_000_000

# How long a server may take to close the stream after the protocol's own end, in seconds. Reading
# on keeps the connection for the next request, and what some send after the end; not all close it.
_LINGER_S = 0.25

T = TypeVar("T")


class Deadlines(msgspec.Struct, frozen=True):
    """Seconds; None means never. Heartbeats do not count as output.

    A server that reads a long question may send its headers only with the first token, so
    `connect_s` is no shorter than that takes. In sync mode nothing can be seen before the end:
    there only `sync_s` counts.
    """

    connect_s: float | None = 120
    first_output_s: float | None = 180
    idle_s: float | None = 90
    total_s: float | None = None
    sync_s: float | None = 600


class Decoder(Protocol):
    """What a run needs of a protocol's decoder."""

    @property
    def message(self) -> Message: ...

    @property
    def ended(self) -> bool: ...

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
    """Who is asked: renders requests and decodes answers."""

    def render(
        self, messages: Sequence[Message], *, model: str, options: Options, stream: bool
    ) -> Request: ...

    def decoder(self) -> Decoder: ...

    def http_error(self, response: Response, body: bytes) -> ErrorInfo: ...


class _Interrupted(Exception):
    """The wait was ended by `cancel` or a deadline."""


class Run:
    """An answer on its way: read it as events, as batches, as text, or whole.

    It starts with the first reading, and is read once. Leaving the reading early, or `cancel`,
    aborts the request down to the socket.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        transport: Transport,
        messages: Sequence[Message],
        *,
        model: str,
        options: Options,
        mode: Mode,
        deadlines: Deadlines,
        notify: Callable[[Event], None] | None = None,
    ) -> None:
        self.mode = mode
        self._endpoint = endpoint
        self._transport = transport
        self._messages = list(messages)
        self._model = model
        self._options = options
        self._deadlines = deadlines
        self._notify = notify
        self._decoder = endpoint.decoder()
        self._reader: AsyncGenerator[list[Event]] | None = None
        # What ends it from outside: None, or the error to report, or "cancel".
        self._interruption: ErrorInfo | str | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        # Seconds on the loop's clock:
        self._started_at = 0.0
        self._connected_at: float | None = None
        self._first_output_at: float | None = None
        self._ended_at: float | None = None  # the protocol's own end
        self._waiting_since = 0.0  # for output, without the time that the reader took

    @property
    def message(self) -> Message:
        """The answer so far; its `status` is None until the end."""
        message = self._decoder.message
        message.mode = self.mode
        message.model = message.model or self._model
        return message

    @property
    def is_running(self) -> bool:
        """Whether it is being read and has not come to its end."""
        return self._reader is not None and self._decoder.message.status is None

    def cancel(self, reason: str = "user") -> None:
        """Stop: wakes a silent wait, aborts the request; the partial answer stays.

        Harmless at any time, also before the start and after the end.
        """
        self._interrupt(f"cancelled: {reason}")

    def batches(self) -> AsyncGenerator[list[Event]]:
        """Yield events as they come, one list for what arrived together. The last is `Done`.

        Raises:
            UsageError: The run was read before.
        """
        if self._reader is not None:
            raise UsageError("a run is read once; its answer is in `message`")
        self._reader = self._batches()
        return self._reader

    async def events(self) -> AsyncGenerator[Event]:
        """Yield events one by one; `Done` is the last. Raises as `batches`."""
        batches = self.batches()
        try:
            async for batch in batches:
                for event in batch:
                    yield event
        finally:
            await batches.aclose()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self.events()

    async def text(self) -> AsyncGenerator[str]:
        """Yield the fragments of the answer's text, and nothing else. Raises as `batches`."""
        batches = self.batches()
        try:
            async for batch in batches:
                for event in batch:
                    if isinstance(event, ContentDelta):
                        yield event.text
        finally:
            await batches.aclose()

    async def result(self) -> Message:
        """Return the answer, reading it to its end if nobody did.

        It is there whatever happened: look at its `status` and `error`.
        """
        if self._reader is None:
            async for _ in self.batches():
                pass
        return self.message

    async def __aenter__(self) -> "Run":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Abort the request, if it still goes on."""
        self.cancel("left")
        if self._reader is not None and self._waiting is None:
            await self._reader.aclose()

    async def _batches(self) -> AsyncGenerator[list[Event]]:
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
                            self._tell(batch)
                            yield batch
                except TransportError as failure:
                    error = error_info(failure)
                except _Refused as refused:
                    error = refused.info
                except _Interrupted:
                    why = self._interruption
                    error = why if isinstance(why, ErrorInfo) else None
                    is_aborted = error is None
                    if self._ended_at is not None:
                        error, is_aborted = None, False
            rest = self._end(error, is_aborted)
            self._tell(rest)
            yield rest
        finally:
            # The reader left, or its task was cancelled: the partial answer is kept all the same.
            if self.message.status is None:
                _log.warning("the reader went away in mid-answer; the request was aborted")
                self._tell(self._end(None, True))

    def _end(self, error: ErrorInfo | None, is_aborted: bool) -> list[Event]:
        rest = self._decoder.flush()
        self._stamp(rest)
        rest += self._decoder.close(error=error, aborted=is_aborted, timing=self._timing())
        return rest

    async def _receive(self, stack: AsyncExitStack) -> AsyncGenerator[list[Event]]:
        request = self._endpoint.render(
            self._messages, model=self._model, options=self._options, stream=self._is_streaming
        )
        opening = self._transport.open(request)
        response = await self._wait(lambda: stack.enter_async_context(opening))
        loop = asyncio.get_running_loop()
        self._connected_at = loop.time()
        self._watch()
        chunks = response.chunks()
        if not 200 <= response.status < 300:
            raise _Refused(self._endpoint.http_error(response, await self._error_body(chunks)))
        while True:
            try:
                chunk = await self._wait(lambda: anext(chunks))
            except StopAsyncIteration:
                return
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
                body += await self._wait(lambda: anext(chunks))
        except (StopAsyncIteration, TransportError):
            pass  # the status says enough
        return body

    async def _wait(self, start: Callable[[], Awaitable[T]]) -> T:
        """Wait for the transport, so that `cancel` and deadlines can end it.

        They cancel the task that waits; that cancellation is ours, and is taken back here.
        """
        if self._is_interrupted():
            raise _Interrupted
        task = asyncio.current_task()
        assert task is not None  # only inside a task can anything be awaited
        self._waiting = task
        try:
            return await start()
        except asyncio.CancelledError:
            if not self._is_interrupted() or task.uncancel() > 0:
                raise
            raise _Interrupted from None
        finally:
            self._waiting = None

    def _interrupt(self, why: ErrorInfo | str) -> None:
        if not self._is_interrupted():
            self._interruption = why
            if self._waiting is not None:
                self._waiting.cancel()

    def _watch(self) -> None:
        """Arm the run's one timer for the nearest deadline.

        Again whenever a new deadline begins to count. Within one of them the deadline only moves
        away, which the timer finds out when it fires: nothing is done per chunk.
        """
        self._stop_watching()
        loop = asyncio.get_running_loop()
        due_at, message = self._nearest_deadline()
        if due_at is None:
            return
        if self._waiting is not None and loop.time() >= due_at:
            self._interrupt(ErrorInfo("timeout", message, retryable=True))
        else:
            self._timer = loop.call_at(max(due_at, loop.time() + 0.05), self._watch)

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
        elif self._first_output_at is None:
            add(began, limits.first_output_s, "The model said nothing within {:g} s.")
        else:
            add(self._waiting_since, limits.idle_s, "The answer stalled: nothing came for {:g} s.")
        return min(due, default=(None, ""))

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _stamp(self, batch: list[Event]) -> bool:
        """Note when output came; return whether it was the first."""
        if not any(isinstance(event, OUTPUT) for event in batch):
            return False
        self._waiting_since = asyncio.get_running_loop().time()
        if self._first_output_at is not None:
            return False
        self._first_output_at = self._waiting_since
        return True

    def _tell(self, batch: list[Event]) -> None:
        if self._notify is not None:
            for event in batch:
                self._notify(event)

    def _timing(self) -> Timing:
        now = asyncio.get_running_loop().time()
        first = self._first_output_at
        return Timing(
            total_s=round(now - self._started_at, 6),
            first_output_s=None if first is None else round(first - self._started_at, 6),
        )

    def _is_interrupted(self) -> bool:
        return self._interruption is not None

    @property
    def _is_streaming(self) -> bool:
        return self.mode == "streaming"


class _Refused(Exception):
    """The provider answered with an HTTP error."""

    def __init__(self, info: ErrorInfo) -> None:
        super().__init__(info.message)
        self.info = info
