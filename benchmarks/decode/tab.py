"""In the tab: the page with the contestants of tab.mjs, driven from here.

Pyodide, the standard library, the wheels and the byte pump are those that serve.py serves.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from playwright.sync_api import Page, Route, sync_playwright

from app.server.files import MEDIA_TYPES
from app.server.site import Site
from tests.chromium import launch_options

from .arena import IN_HAND, OURS, RECEIVED, Contestant
from .streams import Answer, Chunks

_ORIGIN = "http://localhost"
_HERE = Path(__file__).parent
_PARSER = "eventsource-parser"

# In tab.mjs, each is called by its name and where its bytes come from.
_CONTESTANTS = (
    (IN_HAND, OURS),
    (IN_HAND, _PARSER),
    (RECEIVED, OURS),
    (RECEIVED, _PARSER),
    (RECEIVED, "openai"),
)

_NPM = {"eventsource-parser": "dist/index.js", "openai": "index.mjs"}
_X509 = "/npm/openai/internal/auth/x509-transport-state"
_IMPORTS = {
    **{name: f"/npm/{name}/{entry}" for name, entry in _NPM.items()},
    # The one file that is no module; bundlers for browsers put the other in its place too.
    f"{_X509}.js": f"{_X509}-browser.mjs",
}
_PAGE = f"""<!doctype html>
<title>Contestants</title>
<script type="importmap">{json.dumps({"imports": _IMPORTS})}</script>
"""


class Tab:
    """Chromium with Pyodide in it."""

    title = "Chromium"

    def __init__(self, page: Page, bodies: dict[str, bytes], versions: Mapping[str, str]) -> None:
        self._page = page
        self._bodies = bodies
        self._clock = page.context.new_cdp_session(page)
        self._clock.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.versions = versions | self._ask("({ versions }) => versions")

    def contestants(self, chunks: Chunks) -> dict[tuple[str, str], Contestant]:
        key = f"{chunks.stream.name} {len(chunks.stream.events)} {chunks.size}"
        self._bodies["/stream"] = chunks.stream.data
        self._ask("({ load }, args) => load(...args)", [key, "/stream", list(chunks.lengths)])
        return {
            (source, name): self._contestant(source, name, key) for source, name in _CONTESTANTS
        }

    def _contestant(self, source: str, name: str, key: str) -> Contestant:
        def run() -> tuple[float, Answer]:
            started = self._thread_time()
            self._ask("({ run }, args) => run(...args)", [f"{name} {source}", key])
            taken = self._thread_time() - started
            answer = self._ask("({ answer }) => answer()")
            return taken, msgspec.json.decode(answer, type=Answer)

        return run

    def _thread_time(self) -> float:
        """Seconds of processor time of the page's main thread, where all contestants work."""
        metrics = self._clock.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "ThreadTime")

    def _ask(self, function: str, args: list[Any] | None = None) -> Any:
        return self._page.evaluate(
            f"async (args) => ({function})(await import('/tab.mjs'), args)", args
        )


@contextmanager
def open_tab(root: Path, runtime: Path) -> Iterator[Tab]:
    """Start Chromium and Python in it. The page has no network: all it asks for is given here."""
    npm = runtime / "npm-development" / "node_modules"
    site = Site(root, runtime)
    bodies = {
        "/": _PAGE.encode(),
        "/tab.mjs": (_HERE / "tab.mjs").read_bytes(),
        "/ours.py": (_HERE / "ours.py").read_bytes(),
    }

    def give(route: Route) -> None:
        path = urlsplit(route.request.url).path
        suffix = Path(path).suffix or ".html"
        body = bodies.get(path)
        if body is None and path.startswith("/npm/"):
            body = (npm / path.removeprefix("/npm/")).read_bytes()
        elif body is None and (asset := site.find(path.removeprefix("/"))):
            body = asset.body
        if body is None:
            route.fulfill(status=404)
            return
        media_type = MEDIA_TYPES.get(suffix, "text/plain")
        route.fulfill(body=body, headers={"content-type": media_type})

    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(**launch_options()) as chromium,
    ):
        page = chromium.new_page()
        page.route("**/*", give)
        page.goto(_ORIGIN)
        versions = {"Chromium": chromium.version} | {name: _version(npm / name) for name in _NPM}
        yield Tab(page, bodies, versions)


def _version(package: Path) -> str:
    return str(json.loads((package / "package.json").read_bytes())["version"])
