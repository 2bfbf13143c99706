"""The page in front of a function, in another program: as an ASGI app to mount, or served here.

api.mount("/chat", tokenfall.app(answer, title="Ops bot", user=current_user))
tokenfall.serve(answer)
"""

import asyncio
import hashlib
import inspect
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from html import escape
from typing import Any, NamedTuple

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
from ..setup.errors import SetupError
from .access import ONE, owner_named
from .agent_routes import agent_routes
from .body_limit import BodyLimit
from .errors import api_error, client_left, too_deep
from .files import Asset, Compressor, respond
from .found_servers import PATH as FOUND_PATH
from .found_servers import FoundServers
from .libraries import library_routes
from .listening import DEFAULT_HOST, DEFAULT_PORT, address, listen
from .main import serve as serve_page
from .page_folder import page_here
from .security import foreign_origin, from_elsewhere, with_headers

# Gives the name of the asking person, None where nobody has logged in.
User = Callable[[Request], str | None | Awaitable[str | None]]

_PAGES = ("", "index.html")
# What keeps a page for its next visit would keep one person's for the next.
_LEFT_OUT = ("service_worker.mjs", "files.json")
_OWN_FILES = ("/app/", "/vendor/", "/wheels/")
_HTML = b"<html"
_LOG_IN = "Log in first."
_LONGEST_NAME = 200


def app(
    answer: Callable[..., Any] | object,
    *,
    title: str = "",
    description: str = "",
    user: User | None = None,
    debug: bool = False,
) -> ASGIApp:
    """The page in front of `answer`, a function or an agent, as an ASGI app, to mount under any
    path of a program that serves over HTTP.

    `user` says who asks: a function of the request, sync or async, that gives a name, or None for
    who has to log in first. Chats, answers and states are theirs alone. Without it, whoever reaches
    the page may use it. With `debug` people see where the function failed.

    Raises:
        UsageError: It cannot answer, or there is no page here; the message says why.
    """
    return _Embedded(AgentHere(answer, title=title, description=description), user, debug=debug)


def serve(
    answer: Callable[..., Any] | object,
    *,
    title: str = "",
    description: str = "",
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    open_browser: bool = True,
) -> "Served | None":
    """Serve the page in front of `answer`, for the person of this computer, until Ctrl+C.

    Where a loop runs already, as in a notebook, it serves beside it and returns at once, with a
    link to the page.

    Raises:
        UsageError: It cannot answer, or there is no page here; the message says why.
        SetupError: The port is taken.
    """
    page = page_here()
    agent = AgentHere(answer, title=title, description=description)
    sockets = listen(host, port)
    start = partial(
        serve_page,
        root=page.runtime,
        runtime=page.runtime,
        page=page,
        host=host,
        sockets=sockets,
        open_browser=open_browser,
        with_model=False,
        discovery=False,
        agent=agent,
    )
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        start()
        return None
    threading.Thread(target=start, daemon=True).start()
    return Served(agent.look().title, address(host, sockets[0].getsockname()[1]))


class Served(NamedTuple):
    """Address of the page; a notebook shows the link."""

    title: str
    url: str

    def _repr_html_(self) -> str:
        return f'<a href="{escape(self.url)}" target="_blank">{escape(self.title)}</a>'


class _Embedded:
    """Finds out who asks, and answers below the path that it is mounted at."""

    def __init__(self, agent: AgentHere, user: User | None, *, debug: bool) -> None:
        self._user = user
        self._page = page_here()
        self._compressor = Compressor(self._page.runtime / "gzip")
        self._agent = agent
        self._routes = self._routed(debug=debug)

    def _routed(self, *, debug: bool) -> ASGIApp:
        # Answers end with their readers, whose connections the host ends.
        closing = asyncio.Event()
        routes = Starlette(
            routes=[
                Route(STATUS_PATH, self._status, methods=["GET"]),
                Route(FOUND_PATH, FoundServers(None).handle, methods=["GET"]),
                *library_routes(self._page.prepare_displays),
                *agent_routes(self._agent, closing, shows_errors=debug),
                Route("/api/{path:path}", _no_such_api, methods=["GET", "POST"]),
                Route("/{path:path}", self._file, methods=["GET"]),
            ],
            exception_handlers={
                SetupError: _setup_error,
                ClientDisconnect: client_left,
                RecursionError: too_deep,
            },
        )
        return BodyLimit(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._routes(scope, receive, send)
            return
        if scope["type"] != "http":
            raise UsageError(f"this answers HTTP requests, not {scope['type']!r}")
        mount = scope.get("root_path", "").rstrip("/")
        path = scope["path"].removeprefix(mount)
        # Below us the path is our own, whatever is around.
        own = {**scope, "path": path, "root_path": "", "state": dict(scope.get("state", {}))}
        answer = await self._answer(Request(scope), own, mount)
        await (answer or self._routes)(own, receive, with_headers(send, path))

    async def _answer(self, request: Request, own: Scope, mount: str) -> Response | None:
        """Give a refusal, a redirect or a missing login; None where the request is answered."""
        path = own["path"]
        if not path:
            # Relative to the page, all its addresses would be one folder up.
            return RedirectResponse(f"{mount}/", 307)
        if (refusal := _from_elsewhere(path, request.headers)) is not None:
            return refusal
        own["state"] |= {"owner": ONE, "mount": mount}
        if path.startswith(_OWN_FILES):
            return None  # they are no secret, and the host's login need not be asked for each
        name = await self._name(request)
        if name is None:
            if path.startswith("/api/"):
                return api_error(401, _LOG_IN, "login_unknown")
            return PlainTextResponse(f"{_LOG_IN}\n", 401)
        if name:
            own["state"]["owner"] = owner_named(name)
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
        return said if isinstance(said, str) and 0 < len(said) <= _LONGEST_NAME else None

    async def _status(self, request: Request) -> Response:
        said = ServerStatus(__version__, ModelStatus(), relay=False, agent=self._agent.look())
        return Response(msgspec.json.encode(said), media_type="application/json")

    async def _file(self, request: Request) -> Response:
        path = request.path_params["path"]
        space = _space(request.state.mount, request.state.owner) if path in _PAGES else b""

        def answer() -> Response | None:
            asset = None if path in _LEFT_OUT else self._page.site.find(path)
            if asset is None:
                return None
            if space:
                asset = Asset.of(asset.body.replace(_HTML, _HTML + space, 1), asset.suffix)
            return respond(asset, request.headers, self._compressor)

        found = await run_in_threadpool(answer)
        if found is None:
            return PlainTextResponse("there is no such file\n", 404)
        if space:
            found.headers["cache-control"] = "no-store"
        return found


def _space(mount: str, owner: str) -> bytes:
    """Tells the page which part of the browser's storage is its own: a host may have several pages,
    and several people log in one after the other.
    """
    # The host's names are any texts.
    about = f"{mount}\0{owner}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(about).hexdigest()[:16]
    return f' data-space="{digest}."'.encode()


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
