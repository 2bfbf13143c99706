"""Runs the server until Ctrl+C, with its model, and opens the page in the browser."""

import asyncio
import os
import socket
import sys
import threading
import webbrowser
from functools import partial
from html import escape
from pathlib import Path

from .. import __version__
from ..native import private_file
from ..native.agent_process import AgentProcess
from ..native.local_model import LocalModel
from ..native.model_servers import model_servers_here
from ..native.server_file import RunningServer, announce, withdraw
from ..native.shared_answering import SharedAnswering
from ..runs.log import LogError, RunLog
from ..setup.errors import SetupError
from .access import Access
from .addresses import is_loopback_host
from .agent_routes import Agent
from .app import create_app
from .certificate import Certificate
from .edits import Edits
from .http_server import Server, keep_log_readable
from .identity import identity_of
from .listening import ALL_ADDRESSES, address, listen, to_connect
from .page_folder import Page
from .public_address import PublicAddress
from .runs.server_keys import read_server_keys
from .workers import Workers

# Gives `serve`, where an edit wants the server to start again.
START_AGAIN = -1

# A token of one's own choice, which is the same after each start; in the place of a new one.
TOKEN_VARIABLE = "TOKENFALL_TOKEN"
_SHORTEST_TOKEN = 24

_TOKEN = "Whoever opens this address once can use it from then on, and nobody else can."
_OTHER_DEVICES = (
    "On another device, put this computer's name or IP address in the place of localhost. Browsers "
    "there can do less over plain http; --https serves all of it."
)
_BY_NAME = "On another device, open it by what the certificate is for: {}."
_RELAY_OFF = "It asks no other providers for them; --relay lets it."
_RELAY_ON = (
    "It asks other addresses for them (--relay), none of this computer, and of a private network "
    "for those who are in it."
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


def serve(
    *,
    root: Path,
    runtime: Path,
    page: Page | None = None,
    host: str,
    port: int = 0,
    sockets: list[socket.socket] | None = None,
    told: str = "",
    open_browser: bool,
    with_model: bool,
    gguf: Path | None = None,
    named: str = "",
    relay: bool = False,
    behind: PublicAddress | None = None,
    discovery: bool = True,
    agent: Agent | None = None,
    debug: bool = False,
    reload: bool = False,
    verbose: bool = False,
    access_log: bool = False,
    durable: bool = False,
    log: str = "",
    takes_over: bool = False,
    server_keys: Path | None = None,
    login_header: str = "",
    packages: Path | None = None,
    workers: int = 1,
    certificate: Certificate | None = None,
) -> int:
    """Serve the page until Ctrl+C, at `sockets` where they listen already. `agent` answers in the
    place of a model; `packages` is the folder of packages, where it is not that of `runtime`;
    `told` is the address that is known already, and not printed.

    Gives the exit code: 0, or 2 where it cannot listen; START_AGAIN where with `reload` a module of
    the server was edited.
    """
    names = certificate.names() if certificate else []
    try:
        sockets = sockets or listen(host, port)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    identity = identity_of(runtime)
    is_open = behind is not None or not is_loopback_host(host)
    own_providers = read_server_keys(server_keys, {} if is_open else os.environ)
    token = os.environ.get(TOKEN_VARIABLE, "")
    if token and len(token) < _SHORTEST_TOKEN:
        raise SetupError(f"{TOKEN_VARIABLE} is too short: take {_SHORTEST_TOKEN} letters or more")
    access = Access(identity, host, behind, token=token, login_header=login_header)
    where = sockets[0].getsockname()
    direct = address(host, where[1], names)
    url = access.address(behind.url if behind else direct)
    running = RunningServer(
        __version__,
        to_connect(where[0]),
        where[1],
        access.token,
        identity.instance,
        os.getpid(),
        is_secure=certificate is not None,
    )

    def on_started() -> None:
        try:
            announce(runtime, running)
        except OSError as error:
            print(f"The terminal will not find this server: {error}", file=sys.stderr)
        if url != told:
            print(f"Tokenfall is at {url}   (Ctrl+C stops it)", flush=True)
        if not access.by_user:
            print(_TOKEN, flush=True)
        if behind:
            print(f"Its proxy asks it at {direct}, and people for a login.", flush=True)
        elif host in ALL_ADDRESSES:
            by_name = _BY_NAME.format(", ".join(names))
            print(by_name if certificate else _OTHER_DEVICES, flush=True)
        if is_open:
            print(_RELAY_ON if relay else _RELAY_OFF, flush=True)
        if open_browser and _has_screen():
            opened = url if access.by_user else _by_file(runtime, url)
            threading.Thread(target=webbrowser.open, args=[opened], daemon=True).start()

    keep_log_readable(verbose)
    runs = runtime / "runs" / "runs.db"
    make_app = partial(
        create_app,
        root=root,
        runtime=runtime,
        page=page,
        named=named,
        host=host,
        behind=behind,
        names=names,
        access=access,
        relay=relay,
        discover=model_servers_here if discovery else None,
        debug=debug,
        reload=reload,
        verbose=verbose,
        access_log=access_log,
        open_log=partial(open_log, log, runs, is_durable=durable),
        resume=bool(log) or workers > 1 or runs.exists(),
        takes_over=takes_over,
        own_providers=own_providers,
        packages=packages,
    )

    def on_stopping() -> None:
        withdraw(runtime, running)

    model = LocalModel(runtime, gguf=gguf) if with_model else None
    if workers > 1:
        together = Workers(
            make_app,
            sockets,
            workers,
            # A function of this very program is where that is.
            shared=SharedAnswering(model, agent if isinstance(agent, AgentProcess) else None),
            edits=Edits(root, asyncio.Event()) if reload else None,
            certificate=certificate,
            verbose=verbose,
        )
        code = together.run(on_started, on_stopping)
        return START_AGAIN if together.is_outdated else code
    app = make_app(model=model, agent=agent)
    edits = app.state.edits
    server = Server(app, on_started, on_stopping, edits=edits, certificate=certificate)
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
