"""Chromium with the page in it, and the clocks that are read from outside."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, sync_playwright

from tests.chromium import launch_options
from tests.live_server import live_server

_HERE = Path(__file__).parent
OURS = "ours"
PEERS = ("markdown-it", "marked")
_TENTHS = 10

_START = """
async ([source, tokens]) => {
  const { whenDefined } = await import("/vendor/pyscript/core.js");
  const { interpreter } = await whenDefined("py");
  await import("/app/browser/markdown.mjs");
  interpreter.globals.set("painting_source", source);
  interpreter.globals.set("painting_tokens", tokens);
  interpreter.runPython(`
import json, sys, types
painting = types.ModuleType("painting")
exec(painting_source, painting.__dict__)
painting_writer = painting.Writer(json.loads(painting_tokens))
`);
  globalThis.painting = {
    write: (count, pace) =>
      interpreter.runPythonAsync(`await painting_writer.write(${count}, ${pace})`),
    remove: () => interpreter.runPython("painting_writer.finish()"),
  };
}
"""
_START_NAIVE = """
async ([name, tokens]) => {
  const { writer } = await import("/naive.mjs");
  globalThis.painting = writer(name, JSON.parse(tokens));
}
"""
_OBSERVE = """
() => {
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration);
  }).observe({ type: "longtask" });
}
"""


@dataclass
class Painted:
    """What one way of drawing cost.

    `tenths_us` are microseconds of the main thread's processor time per token, for each tenth of
    the answer; `long_ms` the tasks over 50 ms, by the tenth in which they fell.
    """

    name: str
    tenths_us: list[float] = field(default_factory=list)
    long_ms: list[list[float]] = field(default_factory=list)

    @property
    def total_s(self) -> float:
        return sum(self.tenths_us)


class Tab:
    """One page, drawn into by one way after the other."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._clock = page.context.new_cdp_session(page)
        self._clock.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.evaluate(_OBSERVE)

    def paint(self, name: str, tokens: list[str], pace_ms: float) -> Painted:
        """Let the tokens come at this pace, and read the clocks after every tenth of them."""
        given = json.dumps(tokens)
        if name == OURS:
            source = (_HERE / "inside.py").read_text("utf-8")
            self._page.evaluate(_START, [source, given])
        else:
            self._page.evaluate(_START_NAIVE, [name, given])
        painted = Painted(name)
        count = len(tokens) // _TENTHS
        for _ in range(_TENTHS):
            self._page.evaluate("longTasks.length = 0")
            before = self._thread_s()
            self._page.evaluate("([count, pace]) => painting.write(count, pace)", [count, pace_ms])
            taken_s = self._thread_s() - before
            painted.tenths_us.append(taken_s * 1e6 / count)
            # Long tasks are told a moment later.
            self._page.evaluate("new Promise((resolve) => setTimeout(resolve, 100))")
            painted.long_ms.append(list(self._page.evaluate("longTasks")))
        self._page.evaluate("painting.remove()")
        return painted

    def _thread_s(self) -> float:
        metrics = self._clock.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "ThreadTime")


@contextmanager
def open_tab(runtime: Path) -> Iterator[Tab]:
    """Serve the page and open it."""
    marked = runtime / "npm-benchmarks" / "node_modules" / "marked" / "lib" / "marked.esm.js"

    def give(path: Path) -> Any:
        return lambda route: _fulfil(route, path)

    with (
        live_server(runtime=runtime) as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(**launch_options()) as chromium,
    ):
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        page.route("**/naive.mjs", give(_HERE / "naive.mjs"))
        page.route("**/npm/marked/**", give(marked))
        page.goto(server.url)
        page.locator('html[data-state="ready"]').wait_for(timeout=60_000)
        yield Tab(page)


def _fulfil(route: Route, path: Path) -> None:
    route.fulfill(body=path.read_bytes(), headers={"content-type": "text/javascript"})
