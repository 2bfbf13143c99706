"""The page in front of a function, in another program: as an ASGI app to mount.

api.mount("/chat", tokenfall.app(answer, title="Ops bot", user=current_user))
"""

import asyncio
import hashlib
import inspect
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .. import __version__
from ..core.errors import UsageError
from ..native.agent_here import AgentHere
from ..native.local_model import ModelStatus
from ..native.server_status import PATH as STATUS_PATH
from ..native.server_status import ServerStatus
from ..runs.log import RunLog
from ..setup.errors import SetupError
from .access import ONE, is_name, owner_at, owner_named
from .agent_routes import agent_routes
from .body_limit import BodyLimit
from .errors import api_error, client_left, no_text, too_deep
from .files import Asset, Compressor, respond
from .found_servers import PATH as FOUND_PATH
from .found_servers import FoundServers
from .host_stopping import until_host_stops
from .libraries import library_routes
from .main import open_log
from .page_folder import page_here
from .runs.agent_asking import AgentAsker
from .runs.budgets import Patience
from .runs.chat_routes import chat_routes
from .runs.run_routes import run_routes
from .runs.service import RunService
from .security import checked_framers, foreign_origin, from_elsewhere, with_headers

# Gives the name of the asking person, None where nobody has logged in.
User = Callable[[Request], str | None | Awaitable[str | None]]

_PAGES = ("", "index.html")
# What keeps a page for its next visit would keep one person's for the next.
_LEFT_OUT = ("service_worker.mjs", "files.json")
_OWN_FILES = ("/app/", "/vendor/", "/wheels/")
_HTML = b"<html"
_LOG_IN = "Log in first."
# With it a page says whose it is, by its part of the browser's storage: one that was left open must
# not go on as the person who logged in after.
_SPACE_HEADER = "tokenfall-space"
_OTHER_PERSON = "Another person has logged in in this browser since. Reload the page."
# The addresses of a Redis.
_REDIS = ("redis://", "rediss://", "unix://")
_NO_HISTORY = (
    "history is the path of a file, or the address of a Redis, as redis://localhost:6379/0; "
    "{history!r} is neither"
)
# All that a page uses: 404 tells it that there is no such chat here, and it asks no more to have it
# deleted, as it would after a 405.
_METHODS = ["GET", "POST", "PATCH", "DELETE"]
# A history is kept until its owner deletes it: for a hundred years.
_FOR_GOOD_S = 100 * 365 * 86_400.0
# What the runs of all people say, and models: no page needs it here.
_NOT_FOR_OWNERS = ("/api/metrics", "/api/providers")


def app(
    answer: Callable[..., Any] | object,
    *,
    title: str = "",
    description: str = "",
    user: User | None = None,
    history: str | os.PathLike[str] = "",
    framed_by: Sequence[str] = (),
    debug: bool = False,
) -> ASGIApp:
    """The page in front of `answer`, a function or an agent, as an ASGI app, to mount under any
    path of a program that serves over HTTP.

    `user` says who asks: a function of the request, sync or async, that gives a name, or None for
    who has to log in first. Chats, answers and states are theirs alone. Without it, whoever reaches
    the page may use it.

    Chats are kept in each browser. With a `history`, the path of a file or the address of a Redis
    (`redis://localhost:6379/0`), they are kept here too, by user: an answer goes on while no page
    is open, and a person finds all chats in each browser.

    `framed_by` names the origins whose pages may show this one in a frame, as
    "https://intranet.example.org", or "self"; else no page may. With `debug` people see where the
    function failed.

    Raises:
        UsageError: It cannot answer, there is no page here, or one of these is none; the message
            says why.
    """
    agent = AgentHere(answer, title=title, description=description)
    open_log = _opener(os.fspath(history)) if history else None
    return _Embedded(agent, user, open_log, checked_framers(framed_by), debug=debug)


class _Embedded:
    """Finds out who asks, and answers below the path that it is mounted at."""

    def __init__(
        self,
        agent: AgentHere,
        user: User | None,
        open_log: Callable[[], RunLog] | None,
        framers: Sequence[str],
        *,
        debug: bool,
    ) -> None:
        self._user = user
        self._page = page_here()
        self._compressor = Compressor(self._page.runtime / "gzip")
        self._agent = agent
        self._framers = framers
        self._runs = None
        if open_log is not None:
            asker = AgentAsker(agent, shows_errors=debug)
            self._runs = RunService(open_log, asker, patience=Patience(keep_s=_FOR_GOOD_S))
        self._closing = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._routes = self._routed(debug=debug)

    def _routed(self, *, debug: bool) -> ASGIApp:
        runs, closing = self._runs, self._closing
        routes = Starlette(
            routes=[
                Route(STATUS_PATH, self._status, methods=["GET"]),
                Route(FOUND_PATH, FoundServers(None).handle, methods=["GET"]),
                *library_routes(self._page.prepare_displays),
                *agent_routes(self._agent, closing, shows_errors=debug),
                *(_for_owners(run_routes(runs, closing)) if runs else ()),
                *(chat_routes(runs, closing) if runs else ()),
                Route("/api/{path:path}", _no_such_api, methods=_METHODS),
                Route("/{path:path}", self._file, methods=["GET"]),
            ],
            exception_handlers={
                SetupError: _setup_error,
                ClientDisconnect: client_left,
                RecursionError: too_deep,
                UnicodeDecodeError: no_text,
            },
        )
        return BodyLimit(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._routes(scope, receive, send)
            await self._stop()
            return
        if scope["type"] != "http":
            raise UsageError(f"this answers HTTP requests, not {scope['type']!r}")
        if self._watching is None:
            self._watching = asyncio.create_task(self._stop_with_host())
        mount = scope.get("root_path", "").rstrip("/")
        path = scope["path"].removeprefix(mount)
        # Below us the path is our own, whatever is around.
        own = {**scope, "path": path, "root_path": "", "state": dict(scope.get("state", {}))}
        answer = await self._answer(Request(scope), own, mount)
        await (answer or self._routes)(own, receive, with_headers(send, path, self._framers))

    async def _stop_with_host(self) -> None:
        await until_host_stops()
        await self._stop()

    async def _stop(self) -> None:
        """End the answers: those of the history are marked as cut short."""
        self._closing.set()
        if self._runs is not None:
            await self._runs.close()

    async def _answer(self, request: Request, own: Scope, mount: str) -> Response | None:
        """Give a refusal, a redirect or a missing login; None where the request is answered."""
        path = own["path"]
        if not path:
            # Relative to the page, all its addresses would be one folder up.
            return RedirectResponse(f"{mount}/", 307)
        if (refusal := _from_elsewhere(path, request.headers)) is not None:
            return refusal
        own["state"] |= {"owner": owner_at(ONE, mount), "mount": mount}
        if path.startswith(_OWN_FILES):
            return None  # they are no secret, and the host's login need not be asked for each
        name = await self._name(request)
        if name is None:
            if path.startswith("/api/"):
                return api_error(401, _LOG_IN, "login_unknown")
            return PlainTextResponse(f"{_LOG_IN}\n", 401)
        if name:
            own["state"]["owner"] = owner_at(owner_named(name), mount)
        said = request.headers.get(_SPACE_HEADER)
        if said is not None and said != _space(own["state"]["owner"]):
            return api_error(401, _OTHER_PERSON, "login_changed")
        return None

    async def _name(self, request: Request) -> str | None:
        if self._user is None:
            return ""
        if inspect.iscoroutinefunction(self._user):
            said = await self._user(request)
        else:
            said = await run_in_threadpool(self._user, request)
            if inspect.isawaitable(said):
                said = await said
        # No name at all is nobody's, and not everybody's.
        return said if is_name(said) else None

    async def _status(self, request: Request) -> Response:
        keeps = self._runs is not None
        said = ServerStatus(
            __version__,
            ModelStatus(),
            agent=self._agent.look(),
            chats=keeps,
            on_server=True if keeps else None,
        )
        return Response(msgspec.json.encode(said), media_type="application/json")

    async def _file(self, request: Request) -> Response:
        path = request.path_params["path"]
        told = self._told(request) if path in _PAGES else b""

        def answer() -> Response | None:
            asset = None if path in _LEFT_OUT else self._page.site.find(path)
            if asset is None:
                return None
            if told:
                asset = Asset.of(asset.body.replace(_HTML, _HTML + told, 1), asset.suffix)
            return respond(asset, request.headers, self._compressor)

        found = await run_in_threadpool(answer)
        if found is None:
            return PlainTextResponse("there is no such file\n", 404)
        if told:
            found.headers["cache-control"] = "no-store"
        return found

    def _told(self, request: Request) -> bytes:
        """Tell the page which it is, and whether some site may frame it."""
        told = f' data-space="{_space(request.state.owner)}"'
        return (told + " data-frameable" * bool(self._framers)).encode()


def _space(owner: str) -> str:
    """Names the part of the browser's storage that is a page's own: a host may have several pages,
    and several people log in one after the other.
    """
    return f"{hashlib.sha256(owner.encode()).hexdigest()[:16]}."


def _opener(history: str) -> Callable[[], RunLog]:
    """Give what opens the log at this path or address. Raises `UsageError` where it is neither."""
    is_address = history.startswith(_REDIS)
    if "://" in history and not is_address:
        raise UsageError(_NO_HISTORY.format(history=history))
    file = Path(history).absolute()
    return partial(open_log, history if is_address else "", file, is_durable=False)


def _for_owners(routes: list[Route]) -> list[Route]:
    return [route for route in routes if not route.path.startswith(_NOT_FOR_OWNERS)]


def _from_elsewhere(path: str, headers: Headers) -> Response | None:
    """The host decides which names it has; of what it answers, only its own origin may ask."""
    origin, host = headers.get("origin"), headers.get("host", "")
    # The scheme may be another one behind a proxy.
    if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
        return foreign_origin(origin)
    return from_elsewhere(path, headers)


async def _no_such_api(request: Request) -> Response:
    return api_error(404, f"no such address: {request.scope['path']}", "not_found")


async def _setup_error(request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", 503)
