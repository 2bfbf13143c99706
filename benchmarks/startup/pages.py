"""The pages that are opened beside ours, and how long one takes in any browser.

All of them come from a server on this machine, compressed alike, so the network counts little: what
is left is reading, compiling and running. Times begin with the navigation.
"""

import asyncio
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.server.files import Asset, Compressor, respond
from tests.every_browser.driver import Driver

# The least that PyScript's own documentation shows, with the interpreter from the same origin as
# everything else here.
_BARE = """<!doctype html>
<html><head><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/pyscript/core.css">
<script type="module" src="/pyscript/core.js"></script></head>
<body><script type="py" config='{"interpreter": "/pyodide/pyodide.mjs"}'>
from js import document
document.documentElement.setAttribute("data-state", "ready")
</script></body></html>"""

# What no page with Python can be quicker than: the interpreter alone, with the library compiled as
# ours is, without PyScript, without a module of anybody's.
_ALONE = """<!doctype html>
<html><head><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="module">
import { loadPyodide } from "/pyodide/pyodide.mjs";
const python = await loadPyodide({ stdLibURL: "/compiled/python_stdlib.zip" });
python.runPython(`
from js import document
document.documentElement.setAttribute("data-state", "ready")
`);
</script></head><body></body></html>"""

# Gives the time at which Python says so, in the page's own clock. Asked again and again, as our
# page ends what observes it when Python is up.
_READY = """const page = document.documentElement;
while (page.dataset.state !== "ready") await new Promise((next) => setTimeout(next, 5));
return performance.now();"""
# Scripts that are modules have all run when DOMContentLoaded ends: one can write and send.
_USABLE = "return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
# What a second visit is given from.
_KEPT = """if (!navigator.serviceWorker || !document.querySelector("#composer")) return;
await navigator.serviceWorker.ready;
while (!(await caches.match("kept/current"))) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}"""


class Times(NamedTuple):
    """Milliseconds from the navigation until the page can be used, and until Python is ready."""

    usable_ms: float
    ready_ms: float


def visit(driver: Driver, url: str) -> Times:
    """Open a page, and wait until it has kept what it wants to keep."""
    driver.goto(url)
    ready_ms = float(driver.run(_READY))
    usable_ms = float(driver.run(_USABLE))
    driver.run(_KEPT)
    return Times(usable_ms, ready_ms)


def others(runtime: Path) -> Starlette:
    """Serve the bare page at `/bare` and Python alone at `/alone`."""
    modules = runtime / "npm/node_modules"
    folders = {
        "pyodide": modules / "pyodide",
        "pyscript": modules / "@pyscript/core/dist",
        "compiled": runtime,
    }
    compressor = Compressor(runtime / "gzip")

    async def bare(request: Request) -> Response:
        return HTMLResponse(_BARE)

    async def alone(request: Request) -> Response:
        return HTMLResponse(_ALONE)

    async def file(request: Request) -> Response:
        path = folders[request.path_params["folder"]] / request.path_params["name"]
        if not path.is_file():
            return PlainTextResponse("", 404)
        return respond(Asset.of(path.read_bytes(), path.suffix), request.headers, compressor)

    routes = [Route("/bare", bare), Route("/alone", alone), Route("/{folder}/{name:path}", file)]
    app = Starlette(routes=routes)
    app.state.closing = asyncio.Event()
    return app
