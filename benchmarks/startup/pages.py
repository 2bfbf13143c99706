"""Opens the pages and reads the browser's own clock.

All of them come from the same server on this machine, compressed alike, so the network counts
little: what is left is reading, compiling and running. Times begin with the navigation.
"""

import asyncio
import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, BrowserContext, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.server.files import Asset, Compressor, respond
from tests.chromium import launch_options
from tests.live_server import live_server, running

_OURS, _AGAIN, _BARE = "ours, first visit", "ours, second visit", "bare PyScript"

# The least that PyScript's own documentation shows, with the interpreter from the same origin as
# everything else here.
_BARE_PAGE = """<!doctype html>
<html><head><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/pyscript/core.css">
<script type="module" src="/pyscript/core.js"></script></head>
<body><script type="py" config='{"interpreter": "/pyodide/pyodide.mjs"}'>
from js import document
document.documentElement.setAttribute("data-state", "ready")
</script></body></html>"""

# Gives the time at which Python says so, in the page's own clock.
_READY = """() => new Promise((resolve) => {
  const page = document.documentElement;
  const look = () => page.dataset.state === "ready" && resolve(performance.now());
  new MutationObserver(look).observe(page, { attributes: true });
  look();
})"""
# Scripts that are modules have all run when DOMContentLoaded ends: one can write and send.
_USABLE = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
_KEPT = """async () => {
  await navigator.serviceWorker.ready;
  const store = (await caches.keys())[0];
  while (!(await (await caches.open(store)).match("kept/current"))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


class Times(NamedTuple):
    """Milliseconds from the navigation until the page can be used, and until Python is ready."""

    usable_ms: float
    ready_ms: float


def report(root: Path, runtime: Path, rounds: int) -> str:
    """Measure and say it as a table; medians of rounds that take turns."""
    taken: dict[str, list[Times]] = {_OURS: [], _AGAIN: [], _BARE: []}
    bare = running(_bare_app(runtime), control="/")
    with (
        live_server(root=root, runtime=runtime, script_control=False) as ours,
        bare as stock,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(**launch_options())
        for number in range(rounds + 1):
            with _visitor(browser) as visitor:
                first = _open(visitor, ours.url)
                second = _open(visitor, ours.url)
            with _visitor(browser) as visitor:
                plain = _open(visitor, stock.url)
            if number:  # the first round also compresses what the server then keeps
                for name, times in zip(taken, (first, second, plain), strict=True):
                    taken[name].append(times)
        browser.close()
    return _table(taken)


def _open(visitor: BrowserContext, url: str) -> Times:
    page = visitor.new_page()
    page.goto(url, wait_until="commit")
    ready_ms = float(page.evaluate(_READY))
    usable_ms = float(page.evaluate(_USABLE))
    if page.evaluate(
        "'serviceWorker' in navigator && document.querySelector('#composer') !== null"
    ):
        page.evaluate(_KEPT)
    page.close()
    return Times(usable_ms, ready_ms)


@contextmanager
def _visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def _bare_app(runtime: Path) -> Starlette:
    modules = runtime / "npm/node_modules"
    folders = {"pyodide": modules / "pyodide", "pyscript": modules / "@pyscript/core/dist"}
    compressor = Compressor(runtime / "gzip")

    async def page(request: Request) -> Response:
        return HTMLResponse(_BARE_PAGE)

    async def file(request: Request) -> Response:
        path = folders[request.path_params["folder"]] / request.path_params["name"]
        if not path.is_file():
            return PlainTextResponse("", 404)
        return respond(Asset.of(path.read_bytes(), path.suffix), request.headers, compressor)

    app = Starlette(routes=[Route("/", page), Route("/{folder}/{name:path}", file)])
    app.state.closing = asyncio.Event()
    return app


def _table(taken: dict[str, list[Times]]) -> str:
    bare_ms = statistics.median(times.ready_ms for times in taken[_BARE])
    lines = [
        f"Start-up, medians of {len(taken[_BARE])} rounds in turns, "
        f"load of this machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors",
        f"{'':22}{'usable':>10}{'Python ready':>15}{'against bare':>15}",
    ]
    for name, all_times in taken.items():
        usable_ms = statistics.median(times.usable_ms for times in all_times)
        ready_ms = statistics.median(times.ready_ms for times in all_times)
        ratio = ready_ms / bare_ms
        lines.append(f"{name:22}{usable_ms:>7.0f} ms{ready_ms:>12.0f} ms{ratio:>14.2f}×")
    return "\n".join(lines)
