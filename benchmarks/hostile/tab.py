"""Chromium with the page in it, one text after the other, and what each cost."""

import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, TimeoutError

from tests.chromium import launch_options
from tests.live_server import LiveServer

from ..painting.trace import long_tasks
from .cases import Case

_INSIDE = Path(__file__).with_name("inside.py")
# What a trace needs to tell tasks apart.
_CATEGORIES = ["-*", "toplevel", "blink.user_timing"]

_PREPARE = """
async (source) => {
  const { whenDefined } = await import("/vendor/pyscript/core.js");
  const { interpreter } = await whenDefined("py");
  interpreter.globals.set("hostile_source", source);
  interpreter.runPython(`
import sys, types
hostile = sys.modules["hostile"] = types.ModuleType("hostile")
exec(hostile_source, hostile.__dict__)
`);
  await import("/app/browser/markdown/markdown.mjs");
  globalThis.hostile = { interpreter };
}
"""
# Before the clock: to come to Python from here 5 MB take a second and more, as nothing that comes
# over the network does.
_GIVE = "(text) => { hostile.interpreter.globals.get('hostile').text = text; }"
# Begins and comes back at once, so that a page that stands still can be given up.
_SHOW = """
([surface, how, pace]) => {
  performance.mark("tenth-0");
  const { interpreter } = hostile;
  const call = interpreter.globals.get("hostile").show;
  hostile.outcome = undefined;
  const end = (outcome) => { hostile.outcome = outcome; };
  call(surface, how, pace).then(() => end(""), (error) => end(String(error)));
}
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the processor time of the page's main thread, and milliseconds of its longest
    task; `failure` says where it came to no end.
    """

    seconds: float
    longest_ms: float
    failure: str = ""


class Tab:
    """One page, in a browser that is started anew where a text has ended it."""

    def __init__(self, playwright: Playwright, server: LiveServer, limit_s: float) -> None:
        self._playwright = playwright
        self._server = server
        self._limit_s = limit_s
        self._browser: Browser | None = None

    def cost(self, case: Case, how: str, pace_ms: float = 1.0) -> Cost:
        """Show a text so, and wait until all of it is drawn."""
        text = case.text
        if self._browser is None:
            self._browser = self._open()
        browser, page = self._browser, self._page
        page.evaluate(_GIVE, text)
        browser.start_tracing(page=page, categories=_CATEGORIES)
        before_s, began_s = self._seconds(), time.monotonic()
        limit_s = self._limit_s + (len(text) / 4 * pace_ms / 1000 if how == "paced" else 0)
        try:
            page.evaluate(_SHOW, [case.surface, how, pace_ms])
            page.wait_for_function(
                "() => hostile.outcome !== undefined", polling=100, timeout=limit_s * 1000
            )
            failure = str(page.evaluate("hostile.outcome"))
            taken_s = self._seconds() - before_s
        except TimeoutError:
            return self._give_up(f"no end after {limit_s:.0f} s", time.monotonic() - began_s)
        except Error as error:
            return self._give_up(str(error).splitlines()[0], time.monotonic() - began_s)
        tasks = long_tasks(browser.stop_tracing())
        return Cost(taken_s, max((task.processor_ms for task in tasks), default=0.0), failure)

    def close(self) -> None:
        """End the browser."""
        browser, self._browser = self._browser, None
        if browser is not None:
            browser.close()

    def _open(self) -> Browser:
        browser = self._playwright.chromium.launch(**launch_options())
        page = browser.new_page(viewport={"width": 1280, "height": 800}, service_workers="block")
        page.goto(self._server.url)
        page.locator('html[data-state="ready"]').wait_for(timeout=120_000)
        page.evaluate(_PREPARE, _INSIDE.read_text("utf-8"))
        self._page = page
        self._clock = page.context.new_cdp_session(page)
        self._clock.send("Performance.enable", {"timeDomain": "threadTicks"})
        return browser

    def _give_up(self, failure: str, taken_s: float) -> Cost:
        self.close()
        return Cost(taken_s, taken_s * 1000, failure)

    def _seconds(self) -> float:
        metrics = self._clock.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "ThreadTime")
