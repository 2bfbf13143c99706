"""uvicorn as it serves this app, and what of its log a person is told."""

import asyncio
import logging
import socket
from collections.abc import Callable
from functools import partial

import uvicorn
from starlette.applications import Starlette

from .certificate import Certificate
from .edits import Edits
from .limits import ACCEPTED_AT_ONCE, Limits
from .protocol import Protocol
from .stream_limit import StreamLimit

# So many connections may wait to be accepted.
_QUEUE = 128
# How long answers that still run may take to end after Ctrl+C; they are told at once.
_STOP_LIMIT_S = 3

# What uvicorn says of what others send. An answer that is left unfinished is how a broken stream is
# passed on: the page shows it.
_NO_NEWS = frozenset(
    {
        "ASGI callable returned without completing response.",
        "Invalid HTTP request received.",
        "Unsupported upgrade request.",
        "No supported WebSocket library detected. Please use \"pip install 'uvicorn[standard]'\", "
        "or install 'websockets' or 'wsproto' manually.",
    }
)
_NO_PLACE = (
    "The system gives this program no more connections; those that end make room. (Said once.)"
)


class Server(uvicorn.Server):
    """uvicorn that says when it has started, and ends answers that stream before it stops.

    It waits for running answers otherwise, and a model may talk for minutes.
    """

    def __init__(
        self,
        app: Starlette,
        on_started: Callable[[], None],
        on_stopping: Callable[[], None] = lambda: None,
        limits: Limits | None = None,
        edits: Edits | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        limits = limits or Limits()
        config = uvicorn.Config(
            StreamLimit(app, limits.streams),
            loop="asyncio",
            http=partial(Protocol, limits=limits),  # type: ignore[arg-type]  # made, not looked at
            # How often asyncio tries at once to accept, also where that fails.
            backlog=ACCEPTED_AT_ONCE,
            timeout_keep_alive=limits.idle_s,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_STOP_LIMIT_S,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
        super().__init__(config)
        self._closing: asyncio.Event = app.state.closing
        self._edits = edits
        self._following: asyncio.Task[None] | None = None
        self.is_outdated = False
        self._on_started = on_started
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(_QUEUE)
        self._on_started()
        if self._edits:
            self._following = asyncio.create_task(self._follow(self._edits))

    async def _follow(self, edits: Edits) -> None:
        await edits.until_server_changes(partial(print, flush=True))
        self.is_outdated = self.should_exit = not self._closing.is_set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stopping()
        self._closing.set()
        await super().shutdown(sockets)


def keep_log_readable(verbose: bool) -> None:
    """Let real problems through to the terminal, and with `verbose` what our own parts do."""
    form = "%(asctime)s %(message)s" if verbose else "%(levelname)s: %(message)s"
    logging.basicConfig(level=logging.WARNING, format=form)
    logging.getLogger("tokenfall").setLevel(logging.INFO if verbose else logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    logging.getLogger("asyncio").addFilter(Accepting())


def _is_news(record: logging.LogRecord) -> bool:
    return record.getMessage() not in _NO_NEWS


class Accepting:
    """Filter of the log: says once that no connection can be accepted, and not at each try."""

    def __init__(self) -> None:
        self._is_said = False

    def __call__(self, record: logging.LogRecord) -> bool:
        """Decide on one record."""
        if not record.getMessage().startswith("socket.accept() out of system resource"):
            return True
        record.msg, record.args, record.exc_info = _NO_PLACE, (), None
        was_said, self._is_said = self._is_said, True
        return not was_said
