"""Chromium with the page in it, and the clocks that are read from outside."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Route, ViewportSize, sync_playwright

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Pause, Send, Step
from tests.browser.chat_page import ChatPage
from tests.browser.watch import Watch
from tests.chromium import launch_options
from tests.live_server import LiveServer, live_server

from .trace import CATEGORIES, Task, long_tasks, paints

_HERE = Path(__file__).parent
OURS = "ours"
NAMED = "ours, its parts named (which costs)"
FLOOR_OF_TEXT = "one text node"
PEERS = ("streamdown", "react-markdown", "markdown-it", "marked")
FLOOR = "a page that only counts its frames"
TENTHS = 10
# Tokens come in bursts, so many milliseconds apart: what a network makes of single ones.
_BURST_MS = 10.0

_SIZE: ViewportSize = {"width": 1280, "height": 800}

_BEGIN = """
async ([name, url]) => {
  const { begin } = await import("/naive.mjs");
  globalThis.painting = await begin(name, url);
}
"""
_START_COUNTING = """
() => {
  const element = document.createElement("p");
  document.getElementById("transcript").append(element);
  let frames = 0;
  let id = 0;
  const count = () => {
    frames += 1;
    element.textContent = String(frames);
    id = requestAnimationFrame(count);
  };
  count();
  globalThis.painting = {
    write: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    remove: () => { cancelAnimationFrame(id); element.remove(); },
  };
}
"""
# Names in the trace what the page's parts take, so that a long task can say what it did.
_NAME_PARTS = """
async (source) => {
  const { whenDefined } = await import("/vendor/pyscript/core.js");
  const { interpreter } = await whenDefined("py");
  const named = (name, call) =>
    function (...given) {
      const start = performance.now();
      try {
        return call.apply(this, given);
      } finally {
        performance.measure(name, { start, end: performance.now() });
      }
    };
  const { Drawing } = await import("/app/browser/markdown/markdown.mjs");
  for (const name of ["draw", "appendCode", "grow"]) {
    const call = Drawing.prototype[name];
    if (call) Drawing.prototype[name] = named(`Markdown: ${name}`, call);
  }
  const { default: highlighter } = await import("/vendor/highlight/highlight.js");
  highlighter.highlight = named("highlighting", highlighter.highlight);
  interpreter.runPython(source);
}
"""
_NODES = "() => document.getElementById('transcript').getElementsByTagName('*').length"
_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass
class Painted:
    """Cost of one way of drawing.

    `tenths_us` are microseconds of the main thread's processor time per token, for each tenth of
    the answer, and `parts_us` the same by what was done, the whole process of the renderer too.
    `nodes` are those that the answer added. `tasks`, those over 50 ms, and `paints` are known where
    it was traced, which costs.
    """

    name: str
    tenths_us: list[float] = field(default_factory=list)
    parts_us: dict[str, list[float]] = field(default_factory=dict)
    nodes: int = 0
    tasks: list[Task] = field(default_factory=list)
    paints: int = 0
    took_s: float = 0.0

    @property
    def token_us(self) -> float:
        """A token on the main thread."""
        return statistics.mean(self.tenths_us)

    @property
    def process_us(self) -> float:
        """A token in all threads of the renderer."""
        return statistics.mean(self.parts_us["process"])


class Tab:
    """One page, drawn into by one way after the other."""

    def __init__(self, browser: Browser, chat: ChatPage, server: LiveServer) -> None:
        self._browser = browser
        self._chat = chat
        self._page = chat.page
        self._server = server
        self._clock = self._page.context.new_cdp_session(self._page)
        self._clock.send("Performance.enable", {"timeDomain": "threadTicks"})

    def paint(self, name: str, tokens: list[str], pace_ms: float, *, traced: bool) -> Painted:
        """Let the tokens come at this pace, and read the clocks after every tenth of them."""
        count = len(tokens) // TENTHS
        if name in (OURS, NAMED):
            if name == NAMED:
                self._page.evaluate(_NAME_PARTS, (_HERE / "inside.py").read_text("utf-8"))
            self._chat.new_chat_button.click()
            painted = self._measure(name, count, self._ask(tokens, pace_ms), traced)
            self._let_end()
            self._chat.wait_for_end()
            return painted
        if name == FLOOR:
            write = self._count_frames(count, pace_ms)
        else:
            write = self._begin(name, tokens, pace_ms)
        painted = self._measure(name, count, write, traced)
        if name != FLOOR:
            self._let_end()
        self._page.evaluate("painting.remove()")
        return painted

    def on_a_phone(self, tokens: list[str], pace_ms: float) -> Painted:
        """Let our page draw in a phone's width, its processor slowed to a quarter."""
        self._page.set_viewport_size({"width": 390, "height": 844})
        self._clock.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        try:
            return self.paint(OURS, tokens, pace_ms, traced=True)
        finally:
            self._clock.send("Emulation.setCPUThrottlingRate", {"rate": 1})
            self._page.set_viewport_size(_SIZE)

    def delays_ms(self, name: str, tokens: list[str], pace_ms: float) -> list[float]:
        """Let the tokens come and tell how long each of their marked words took to be seen."""
        self._page.evaluate("async () => void (await import('/delays.mjs')).taken()")
        self.paint(name, tokens, pace_ms, traced=False)
        taken: list[float] = self._page.evaluate(
            "async () => (await import('/delays.mjs')).taken()"
        )
        return taken

    def _let_end(self) -> None:
        """Let the answer end, which would else keep one of the few connections of a page."""
        self._server.open_gate(str(TENTHS))
        self._server.wait(state="finished")

    def _count_frames(self, count: int, pace_ms: float) -> Callable[[int], None]:
        self._page.evaluate(_START_COUNTING)

        def write(_tenth: int) -> None:
            self._page.evaluate("(ms) => painting.write(ms)", count * pace_ms)

        return write

    def _ask(self, tokens: list[str], pace_ms: float) -> Callable[[int], None]:
        """Let the Demo answer with these tokens, and a person ask; the whole road is measured."""
        write = self._answer(tokens, pace_ms)
        self._chat.ask("What does the tide bring?")
        self._server.wait(at="gate:0")
        return write

    def _begin(self, name: str, tokens: list[str], pace_ms: float) -> Callable[[int], None]:
        """Let another page read the same answer from the same server."""
        write = self._answer(tokens, pace_ms)
        url = f"{self._server.url}/api/demo/v1/chat/completions"
        self._page.evaluate(_BEGIN, [name, url])
        self._server.wait(at="gate:0")
        return write

    def _answer(self, tokens: list[str], pace_ms: float) -> Callable[[int], None]:
        """Queue the answer; what is returned lets the next tenth of it come."""
        self._server.reset()
        written = records(Answer(text="".join(tokens)), split=lambda text: tokens if text else [])
        self._server.queue(streamed(_script(written, len(tokens) // TENTHS, pace_ms)))

        def write(tenth: int) -> None:
            self._server.open_gate(str(tenth))
            until = f"gate:{tenth + 1}"
            for patience in range(12, -1, -1):
                try:
                    self._server.wait(at=until)
                    return
                except AssertionError:
                    # It waits no longer than a test may take.
                    if not patience:
                        raise

        return write

    def _measure(
        self, name: str, count: int, write: Callable[[int], None], traced: bool
    ) -> Painted:
        page, painted = self._page, Painted(name)
        nodes = page.evaluate(_NODES)
        if traced:
            self._browser.start_tracing(page=page, categories=CATEGORIES)
        began_s = time.monotonic()
        for tenth in range(TENTHS):
            page.evaluate("(tenth) => performance.mark(`tenth-${tenth}`) && 0", tenth)
            before = self._clocks()
            write(tenth)
            page.evaluate(_FRAMES)
            for part, taken_s in self._clocks().items():
                figures = painted.parts_us.setdefault(part, [])
                figures.append((taken_s - before[part]) * 1e6 / count)
        painted.took_s = time.monotonic() - began_s
        painted.tenths_us = painted.parts_us.pop("all")
        painted.nodes = page.evaluate(_NODES) - nodes
        if traced:
            trace = self._browser.stop_tracing()
            painted.tasks, painted.paints = long_tasks(trace), paints(trace)
        return painted

    def _clocks(self) -> dict[str, float]:
        """Seconds of the main thread's processor time, all of it and by what was done."""
        metrics = self._clock.send("Performance.getMetrics")["metrics"]
        now = {str(each["name"]): float(each["value"]) for each in metrics}
        return {
            "all": now["ThreadTime"],
            "process": now["ProcessTime"],
            "script": now["ScriptDuration"],
            "style": now["RecalcStyleDuration"],
            "layout": now["LayoutDuration"],
        }


def _script(written: list[bytes], count: int, pace_ms: float) -> Iterator[bytes | Step]:
    """The records, each tenth behind a gate, and in bursts."""
    opening, contents, ending = written[0], written[1:-2], written[-2:]
    burst = max(round(_BURST_MS / pace_ms), 1)
    yield opening
    for tenth in range(TENTHS):
        yield Gate(str(tenth))
        first = tenth * count
        last = first + count if tenth < TENTHS - 1 else len(contents)
        for at in range(first, last, burst):
            yield Send(b"".join(contents[at : min(at + burst, last)]))
            yield Pause(burst * pace_ms)
    yield Gate(str(TENTHS))
    yield Send(b"".join(ending))


@contextmanager
def open_tab(runtime: Path) -> Iterator[Tab]:
    """Serve the page and open it.

    Raises:
        FileNotFoundError: a script of the peers is not in `runtime`.
    """
    packages = runtime / "npm-development" / "node_modules"
    # Read before anything waits for them: what fails while a request is answered is told nobody.
    own = {name: (_HERE / name).read_bytes() for name in ("naive.mjs", "delays.mjs")}
    marked = (packages / "marked" / "lib" / "marked.esm.js").read_bytes()
    peers = (runtime / "painters" / "peers.mjs").read_bytes()

    def give(script: bytes) -> Callable[[Route], None]:
        headers = {"content-type": "text/javascript"}
        return lambda route: route.fulfill(body=script, headers=headers)

    with (
        live_server(runtime=runtime) as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(**launch_options()) as chromium,
    ):
        page = chromium.new_page(viewport=_SIZE, service_workers="block")
        for name, script in own.items():
            page.route(f"**/{name}", give(script))
        page.route("**/npm/marked/**", give(marked))
        page.route("**/peers.mjs", give(peers))
        chat = ChatPage(page, server.url, Watch(page))
        page.goto(server.url)
        page.locator('html[data-state="ready"]').wait_for(timeout=60_000)
        chat.use_provider(f"{server.url}/api/demo/v1", "demo")
        yield Tab(chromium, chat, server)
