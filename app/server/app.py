"""The routes of the server: the site, the status, the built-in model, the relay, the Demo."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from .. import __version__
from ..core.tools.function_tool import Tool
from ..core.wire.transport import Transport
from ..native.http import HTTPTransport
from ..native.local_model import BuiltInModel, ModelStatus
from ..native.server_status import PATH as STATUS_PATH
from ..native.server_status import ServerStatus
from ..providers import Provider
from ..runs.log import RunLog
from ..runs.memory import MemoryLog
from ..scripted import demo
from ..setup.errors import SetupError
from ..setup.packages import FOLDER as PACKAGES
from .access import Access, AccessControl
from .access_log import AccessLog
from .addresses import is_loopback_host
from .agent_routes import Agent, agent_routes
from .body_limit import BodyLimit
from .control import control_routes
from .edits import SCRIPT, Edits
from .errors import api_error, client_left, no_text, too_deep
from .files import Compressor, respond
from .found_servers import PATH as FOUND_PATH
from .found_servers import Discover, FoundServers
from .identity import identity_of
from .kept_keys import KeptKeys, key_routes
from .libraries import library_routes
from .packages import ServedPackages
from .page_folder import Page, page_of
from .playback import Script
from .proving import proof_routes
from .proxy import Proxy
from .public_address import PublicAddress
from .relay import Relay
from .request_log import RequestLog
from .runs.agent_asking import AgentAsker
from .runs.asking import Asker
from .runs.budgets import Budget, Patience
from .runs.chat_routes import chat_routes
from .runs.run_routes import run_routes
from .runs.service import RunService
from .security import Guard

# To who is on another computer; the terminal says why.
_BROKEN_FILE = "it does not load"


def create_app(
    *,
    root: Path,
    runtime: Path,
    page: Page | None = None,
    model: BuiltInModel | None = None,
    named: str = "",
    host: str = "127.0.0.1",
    behind: PublicAddress | None = None,
    names: Collection[str] = (),
    access: Access | None = None,
    relay: bool = False,
    keys: Path | None = None,
    packages: Path | None = None,
    discover: Discover | None = None,
    agent: Agent | None = None,
    debug: bool = False,
    open_log: Callable[[], RunLog] | None = None,
    own_providers: Mapping[str, Provider] | None = None,
    tools: Sequence[Tool] = (),
    transport: Transport | None = None,
    budget: Budget | None = None,
    patience: Patience | None = None,
    resume: bool = False,
    takes_over: bool = False,
    script_control: bool = False,
    reload: bool = False,
    verbose: bool = False,
    access_log: bool = False,
) -> Starlette:
    """Make the ASGI application.

    `root` is the folder of `index.html` and `app`, `runtime` what the set-up has prepared; where
    the page is elsewhere, `page` says so.
    `model` is run and ended together with the application, `named` the model that new chats of the
    page begin with. `host` is the address listened on, `behind` the one of a proxy in front,
    `names` those of a certificate. Where only this computer can reach that, the page's requests are
    relayed to providers; with `relay` also where others can, but not to addresses of this computer.
    `access` decides who is answered. `keys` is the folder of remembered keys, where it is not that
    of `runtime`, `packages` that of packages for the Python of chats. `discover` finds model
    servers of this computer, for pages that nobody else can reach. `agent` answers in the place of
    a model; who is on another computer sees where it failed with `debug` only. `open_log` opens the
    log of runs, by default one in memory; `own_providers` are those with the server's own keys,
    `tools` what may run here for a model, `transport` what carries the requests of runs, `budget`
    and `patience` how much of it one may have; with `resume` runs that another process left are
    looked after at once, and not only when somebody asks for one, and with `takes_over` they go on.
    `script_control` adds the addresses by which tests steer the Demo. With `reload` open pages
    follow edits, with `verbose` each request is logged, with `access_log` as JSON.
    Setting `app.state.closing` ends every answer that still streams; `app.state.access` is the
    decision.
    """
    closing = asyncio.Event()
    access = access or Access(identity_of(runtime), host, behind)
    edits = Edits(root, closing) if reload else None
    page = page or page_of(root, runtime, SCRIPT if edits else "")
    compressor = Compressor(runtime / "gzip")
    proxy = Proxy(model, closing)
    is_open = behind is not None or not is_loopback_host(host)
    shows_errors = debug or not is_open
    passer = Relay(closing, is_on=relay or not is_open, is_open=is_open)
    found = FoundServers(None if is_open else discover)
    own_transport = HTTPTransport()
    asker = Asker(
        transport or own_transport,
        own=own_providers or {},
        model=model,
        tools=tools,
        is_open=is_open,
        relays=relay,
        agent=AgentAsker(agent, shows_errors=shows_errors) if agent else None,
    )
    runs = RunService(
        open_log or MemoryLog, asker, budget=budget, patience=patience, takes_over=takes_over
    )
    script = Script(closing, keeps_requests=script_control)

    async def status(request: Request) -> Response:
        model_status = model.status if model else ModelStatus()
        told = agent.look() if agent else None
        if told and told.error and not shows_errors:
            told = replace(told, error=_BROKEN_FILE)
        known = tuple(own_providers or ())
        said = ServerStatus(
            __version__,
            model_status,
            passer.is_on,
            named,
            told,
            known,
            chats=await runs.has_chats(request.state.owner),
            on_server=None if agent is None else False,
        )
        return Response(msgspec.json.encode(said), media_type="application/json")

    async def demo_models(request: Request) -> Response:
        return await script.response(request, demo.models())

    async def demo_chat(request: Request) -> Response:
        reply = await run_in_threadpool(demo.reply, await request.body())
        return await script.response(request, reply)

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    async def no_such_api(request: Request) -> Response:
        return api_error(404, f"no such address: {request.scope['path']}", "not_found")

    async def file(request: Request) -> Response:
        def answer() -> Response | None:
            asset = page.site.find(request.path_params["path"])
            return respond(asset, request.headers, compressor) if asset else None

        found = await run_in_threadpool(answer)
        return found or PlainTextResponse(f"there is no {request.scope['path']}\n", 404)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(found.servers())]
        if model:
            tasks.append(asyncio.create_task(model.run()))
        if agent:
            tasks.append(asyncio.create_task(agent.load()))
        if resume:
            await runs.resume()
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await runs.close()
            await own_transport.aclose()
            await proxy.close()
            await passer.close()
            if agent:
                await agent.close()

    control = control_routes(script, "/api/demo/control/") if script_control else []
    app = Starlette(
        routes=[
            *proof_routes(access.token),
            Route(STATUS_PATH, status, methods=["GET"]),
            Route("/api/model/v1/{path:path}", proxy.handle, methods=["GET", "POST"]),
            Route("/api/relay", passer.handle, methods=["GET", "POST"]),
            Route(FOUND_PATH, found.handle, methods=["GET"]),
            *(agent_routes(agent, closing, shows_errors=shows_errors) if agent else ()),
            *key_routes(KeptKeys(keys or runtime / "keys")),
            *run_routes(runs, closing),
            *chat_routes(runs, closing),
            *library_routes(page.prepare_displays),
            *ServedPackages(packages or runtime / PACKAGES).routes(),
            Route("/api/demo/v1/models", demo_models, methods=["GET"]),
            Route("/api/demo/v1/chat/completions", demo_chat, methods=["POST"]),
            *control,
            *(edits.routes() if edits else ()),
            Route("/healthz", health, methods=["GET"]),
            Route("/api/{path:path}", no_such_api, methods=["GET", "POST"]),
            Route("/{path:path}", file, methods=["GET"]),
        ],
        middleware=[Middleware(AccessControl, access=access), Middleware(BodyLimit)],
        exception_handlers={
            HTTPException: _http_error,
            SetupError: _setup_error,
            ClientDisconnect: client_left,
            RecursionError: too_deep,
            UnicodeDecodeError: no_text,
        },
        lifespan=lifespan,
    )
    # Outside of all that Starlette has of its own, so that an answer to a failure is guarded too.
    guard = Guard(app.build_middleware_stack(), host, behind, names)
    logged = AccessLog(guard, sys.stdout) if access_log else guard
    app.middleware_stack = RequestLog(logged) if verbose else logged
    app.state.edits = edits
    app.state.runs = runs
    app.state.closing = closing
    app.state.access = access
    return app


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if not request.scope["path"].startswith("/api/"):
        return PlainTextResponse(f"{error.detail}\n", error.status_code)
    headers = dict(error.headers or {})
    return api_error(error.status_code, error.detail, "invalid_request", headers)


async def _setup_error(request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", 503)
