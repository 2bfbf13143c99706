"""Limits of one connection: its time, and its place among the others.

uvicorn waits without end for the rest of a request, and for a client that does not read its answer.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from .security import HEADERS

# For files, the sockets that listen, and what the model and the set-up have open.
_OTHER_DESCRIPTORS = 64
# So many connections asyncio accepts of a socket in one turn of its loop. One that is too many is
# closed six turns after it was accepted, and there may be two sockets.
ACCEPTED_AT_ONCE = 4
BURST = 2 * 6 * ACCEPTED_AT_ONCE
_MOST_CONNECTIONS = 1000
# Reading a piece of a body costs the same for a byte as for thousands: those who send more than the
# first few have to send so much in each, on average.
_FREE_PIECES = 500
_LEAST_PIECE_BYTES = 256
_CRUMBS = (
    f"The body came in too small pieces: beyond the first {_FREE_PIECES}, each needs "
    f"{_LEAST_PIECE_BYTES} bytes on average."
)


def most_connections() -> int:
    """Compute how many connections fit into this process's descriptors, each with one to
    elsewhere, and a burst beside them: where the system gives no more, asyncio accepts nothing for
    a second.
    """
    try:
        import resource
    except ImportError:  # Windows, whose `select` takes 512
        return 200
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if descriptors == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(8, min(_MOST_CONNECTIONS, (descriptors - _OTHER_DESCRIPTORS - BURST) // 2))


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds are for: all headers of a request, each next piece of its body, a connection between
    two requests, and a reader that takes nothing of an answer which waits for it.
    """

    connections: int = field(default_factory=most_connections)
    headers_s: float = 10
    body_s: float = 30
    idle_s: int = 5
    reader_s: float = 300

    @property
    def streams(self) -> int:
        """Number of connections that may carry answers that stream."""
        return self.connections - self.spare

    @property
    def spare(self) -> int:
        """Number of those kept for who asks something short."""
        return max(1, self.connections // 4)


class _Messages(h11.Connection):
    """h11's reading of requests, which refuses a body in crumbs."""

    _pieces = 0
    _bytes = 0
    refusal = ""

    def next_event(self) -> Any:
        """Read the next event."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._pieces = self._bytes = 0
        elif isinstance(event, h11.Data):
            self._pieces += 1
            self._bytes += len(event.data)
            if self._bytes < (self._pieces - _FREE_PIECES) * _LEAST_PIECE_BYTES:
                self.refusal = _CRUMBS
                raise h11.RemoteProtocolError(_CRUMBS)
        return event


class LimitedProtocol(H11Protocol):
    """uvicorn's connection within limits. One timer is enough, for it is in one state at a time;
    reading an answer has its own.
    """

    def __init__(self, *arguments: Any, limits: Limits, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.conn = self._messages = _Messages(h11.SERVER)
        self._limits = limits
        self._timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None
        # When it began to wait for a request; None while one that is whole is answered.
        self.waits_since: float | None = None
        # When the reader of an answer stopped taking it; None while it goes on.
        self.unread_since: float | None = None
        self._has_place: asyncio.Future[bool] = self.loop.create_future()
        self._app, self.app = self.app, self._answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; where all places are taken, in the place of the one that has waited longest
        without a word, or for who does not read.
        """
        super().connection_made(transport)
        self._await_request()
        # Twice: asyncio reads only then what has come over this connection, and over those that
        # were accepted together with it.
        self.loop.call_soon(self.loop.call_soon, self._take_place)

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request."""
        super().data_received(data)
        if self.cycle is not None and self.cycle.more_body:
            self._within(self._limits.body_s, self._body_is_late)
        elif self._has_request():
            self._answer_request()
        elif self._timer is None:  # the first bytes of the next request
            self._await_request()

    def on_response_complete(self) -> None:
        """Wait for the next request, which may be there already."""
        self._stop_timer()
        self.waits_since = self.loop.time()
        super().on_response_complete()
        if self._has_request():
            self._answer_request()

    def pause_writing(self) -> None:
        """Wait for the reader of an answer."""
        super().pause_writing()
        self.unread_since = self.loop.time()
        self._reader_timer = self.loop.call_later(self._limits.reader_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with the answer."""
        if self._reader_timer is not None:
            self._reader_timer.cancel()
        self.unread_since = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """End an idle connection, also where the rest of an answer is never read."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(self._limits.reader_s, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse bytes that are no HTTP, or a body in crumbs."""
        self._refuse(400, self._messages.refusal or msg)

    async def _answer(self, *request: Any) -> None:
        if await self._has_place:  # else nothing is done of what was refused
            await self._app(*request)

    def _take_place(self) -> None:
        has_place = self not in self.connections or self._is_room() or self._make_room()
        if not has_place:
            self._refuse(503, "This server has too many connections. Try again in a moment.")
            self.connections.discard(self)  # those that came with it need not go for it
        self._has_place.set_result(has_place)

    def _has_request(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _answer_request(self) -> None:
        self._stop_timer()
        if self.cycle.more_body:
            self._within(self._limits.body_s, self._body_is_late)
        else:
            self.waits_since = None

    def _await_request(self) -> None:
        self.waits_since = self.loop.time()
        self._within(
            self._limits.headers_s,
            lambda: self._refuse(408, "The headers of a request came too slowly."),
        )

    def _body_is_late(self) -> None:
        if self.flow.read_paused:  # by us: who asks is not to blame
            self._within(self._limits.body_s, self._body_is_late)
        else:
            self.transport.abort()

    def _within(self, limit_s: float, otherwise: Callable[[], None]) -> None:
        if self.transport.is_closing():
            return
        self._stop_timer()
        self._timer = self.loop.call_later(limit_s, otherwise)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_room(self) -> bool:
        most = self._limits.connections
        return len(self.connections) <= most or len(self._others_with_place()) < most

    def _others_with_place(self) -> list["LimitedProtocol"]:
        """List those whose turn to ask has been; the others are only just accepted."""
        return [
            other
            for other in self.connections
            if isinstance(other, LimitedProtocol) and other._has_place.done()
        ]

    def _make_room(self) -> bool:
        """End the connection that has waited longest for a request, or for its reader where few
        wait for a request; tell whether there is one.
        """
        others = self._others_with_place()
        silent = [(one.waits_since, one) for one in others if one.waits_since is not None]
        unread = [(one.unread_since, one) for one in others if one.unread_since is not None]
        idle = silent if len(silent) > self._limits.spare else unread or silent
        if not idle:
            return False
        _, longest = min(idle, key=lambda each: each[0])
        longest.transport.abort()
        self.connections.discard(longest)
        return True

    def _refuse(self, status: int, message: str) -> None:
        if self.transport.is_closing():
            return
        is_asked = self._has_request()
        if not (is_asked and self.cycle.response_started):
            headers = HEADERS | {
                "content-type": "text/plain; charset=utf-8",
                "content-length": str(len(message)),
                "connection": "close",
            }
            head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
            head += [f"{name}: {value}" for name, value in headers.items()]
            self.transport.write("\r\n".join([*head, "", message]).encode("ascii"))
        if is_asked:
            self.cycle.disconnected = True  # so that nothing follows this
        self.transport.close()
