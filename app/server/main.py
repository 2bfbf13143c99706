"""Runs the server until Ctrl+C, with its model, and opens the page in the browser."""

import asyncio
import logging
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from .. import __version__
from ..native import private_file
from ..native.local_model import LocalModel
from ..native.model_servers import model_servers_here
from ..native.server_file import RunningServer, announce, withdraw
from ..runs.log import LogError, RunLog
from ..setup.errors import SetupError
from .access import Access
from .addresses import is_loopback_host
from .agent_routes import Agent
from .app import create_app
from .edits import Edits
from .identity import identity_of
from .limits import Limits
from .listening import ALL_ADDRESSES, address, listen, to_connect
from .page_folder import Page
from .protocol import Protocol
from .public_address import PublicAddress
from .runs.server_keys import read_server_keys

# Gives `serve`, where an edit wants the server to start again.
START_AGAIN = -1

# A token of one's own choice, which is the same after each start; in the place of a new one.
TOKEN_VARIABLE = "TOKENFALL_TOKEN"
_SHORTEST_TOKEN = 24

# How long answers that still run may take to end after Ctrl+C; they are told at once.
_STOP_LIMIT_S = 3

_TOKEN = "Whoever opens this address once can use it from then on, and nobody else can."
_OTHER_DEVICES = (
    "On another device, put this computer's name or IP address in the place of localhost."
)
_RELAY_OFF = "It asks no other providers for them; --relay lets it."
_RELAY_ON = (
    "It asks other addresses for them (--relay), none of this computer, and of a private network "
    "for those who are in it."
)


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


def open_log(address: str, file: Path, *, is_durable: bool) -> RunLog:
    """Open the log of runs: at the address of a Redis, or in a file. Their libraries are imported
    when the first run is asked for, not at the start.
    """
    if not address:
        from ..runs.sqlite import SQLiteLog

        return SQLiteLog(file, is_durable=is_durable)
    from ..runs.redis import RedisLog

    try:
        return RedisLog(address)
    except ValueError as error:
        raise LogError(f"--log: {error}") from error


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
    ) -> None:
        limits = limits or Limits()
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=partial(Protocol, limits=limits),  # type: ignore[arg-type]  # made, not looked at
            # How often asyncio tries at once to accept, also where that fails.
            backlog=128,
            timeout_keep_alive=limits.idle_s,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_STOP_LIMIT_S,
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


def serve(
    *,
    root: Path,
    runtime: Path,
    page: Page | None = None,
    host: str,
    port: int = 0,
    sockets: list[socket.socket] | None = None,
    open_browser: bool,
    with_model: bool,
    gguf: Path | None = None,
    named: str = "",
    relay: bool = False,
    behind: PublicAddress | None = None,
    discovery: bool = True,
    agent: Agent | None = None,
    reload: bool = False,
    verbose: bool = False,
    access_log: bool = False,
    durable: bool = False,
    log: str = "",
    takes_over: bool = False,
    server_keys: Path | None = None,
    login_header: str = "",
    packages: Path | None = None,
) -> int:
    """Serve the page until Ctrl+C, at `sockets` where they listen already. `agent` answers in the
    place of a model; `packages` is the folder of packages, where it is not that of `runtime`.

    Gives the exit code: 0, or 2 where it cannot listen; START_AGAIN where with `reload` a module of
    the server was edited.
    """
    try:
        sockets = sockets or listen(host, port)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    identity = identity_of(runtime)
    is_open = behind is not None or not is_loopback_host(host)
    own_keys = read_server_keys(server_keys, {} if is_open else os.environ)
    token = os.environ.get(TOKEN_VARIABLE, "")
    if token and len(token) < _SHORTEST_TOKEN:
        raise SetupError(f"{TOKEN_VARIABLE} is too short: take {_SHORTEST_TOKEN} letters or more")
    access = Access(identity, host, behind, token=token, login_header=login_header)
    where = sockets[0].getsockname()
    direct = address(host, where[1])
    url = access.address(behind.url if behind else direct)
    running = RunningServer(
        __version__, to_connect(where[0]), where[1], access.token, identity.instance, os.getpid()
    )

    def on_started() -> None:
        try:
            announce(runtime, running)
        except OSError as error:
            print(f"The terminal will not find this server: {error}", file=sys.stderr)
        print(f"Tokenfall is at {url}   (Ctrl+C stops it)", flush=True)
        if not access.by_user:
            print(_TOKEN, flush=True)
        if behind:
            print(f"Its proxy asks it at {direct}, and people for a login.", flush=True)
        elif host in ALL_ADDRESSES:
            print(_OTHER_DEVICES, flush=True)
        if is_open:
            print(_RELAY_ON if relay else _RELAY_OFF, flush=True)
        if open_browser and _has_screen():
            opened = url if access.by_user else _by_file(runtime, url)
            threading.Thread(target=webbrowser.open, args=[opened], daemon=True).start()

    _keep_log_readable(verbose)
    runs = runtime / "runs" / "runs.db"
    model = LocalModel(runtime, gguf=gguf) if with_model else None
    app = create_app(
        root=root,
        runtime=runtime,
        page=page,
        model=model,
        named=named,
        host=host,
        behind=behind,
        access=access,
        relay=relay,
        discover=model_servers_here if discovery else None,
        agent=agent,
        reload=reload,
        verbose=verbose,
        access_log=access_log,
        open_log=partial(open_log, log, runs, is_durable=durable),
        resume=bool(log) or runs.exists(),
        takes_over=takes_over,
        server_keys=own_keys,
        packages=packages,
    )
    server = Server(app, on_started, lambda: withdraw(runtime, running), edits=app.state.edits)
    try:
        server.run(sockets)
    except KeyboardInterrupt:
        print("\nStopped.")
    return START_AGAIN if server.is_outdated else 0


def _by_file(runtime: Path, url: str) -> str:
    """Give the address of a file that leads to this one, which holds a token.

    Other users see the command line of a browser. macOS and Windows hand addresses over otherwise.
    """
    if sys.platform in ("darwin", "win32"):
        return url
    file = runtime / "open.html"
    at = escape(url)
    page = f'<meta http-equiv="refresh" content="0; url={at}"><a href="{at}">Open Tokenfall</a>\n'
    try:
        private_file.replace(file, ["<!doctype html><title>Tokenfall</title>", page])
    except OSError:
        return url
    return file.as_uri()


def _has_screen() -> bool:
    """Tell whether a browser would open in a window, and not in this terminal."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _keep_log_readable(verbose: bool) -> None:
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
