"""What a person feels of a start of ours, in Chromium: far from the server, on a slow phone, and
until the built-in model's first word.
"""

from typing import NamedTuple

from playwright.sync_api import Browser, CDPSession, Page

_READY = "html[data-state='ready']"
_LIMIT_MS = 180_000
# What moved while nobody did anything: https://web.dev/articles/cls
_WATCH_SHIFTS = """
globalThis.shift = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) globalThis.shift += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""
_PAINT_MS = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_WORD_MS = """async () => {
  const answer = 'article[aria-label="Assistant"] [data-part="text"]';
  while (!document.querySelector(answer)?.textContent.trim()) {
    await new Promise((next) => setTimeout(next, 5));
  }
  return performance.now();
}"""


class Far(NamedTuple):
    """Until Python was ready over a line of 20 Mbit/s, and what was sent for it."""

    ready_ms: float
    megabytes: float


class Slow(NamedTuple):
    """The first paint, Python's start and how far the page jumped, on a slowed processor."""

    paint_ms: float
    ready_ms: float
    shift: float


def far(browser: Browser, url: str) -> Far:
    """Open a page for the first time at 20 Mbit/s and 20 ms."""
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    sent: list[float] = []
    session.on("Network.loadingFinished", lambda one: sent.append(one["encodedDataLength"]))
    session.send("Network.enable")
    line = {"latency": 20, "downloadThroughput": 2.5e6, "uploadThroughput": 2.5e6}
    session.send("Network.emulateNetworkConditions", {"offline": False, **line})
    page.goto(url, wait_until="commit")
    ready_ms = _ready_ms(page)
    megabytes = sum(sent) / 1e6
    page.context.close()
    return Far(ready_ms, megabytes)


def slow(browser: Browser, url: str) -> Slow:
    """Open a page for the first time in a phone's width, the processor slowed to a quarter."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.add_init_script(_WATCH_SHIFTS)
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    # To look for an element runs a script of Playwright's, which would come before the paint.
    page.goto(url, wait_until="load")
    ready_ms = _ready_ms(page)
    slow = Slow(page.evaluate(_PAINT_MS), ready_ms, page.evaluate("shift"))
    page.context.close()
    return slow


def first_word_ms(browser: Browser, url: str) -> float:
    """Open ours for the first time, ask at once, and wait for the first word of the answer."""
    page = browser.new_page()
    page.goto(url, wait_until="domcontentloaded")
    page.locator("#message").fill("What is a lighthouse?")
    page.locator("#message").press("Enter")
    word_ms = float(page.evaluate(_WORD_MS))
    page.context.close()
    return word_ms


def _ready_ms(page: Page) -> float:
    page.locator(_READY).wait_for(state="attached", timeout=_LIMIT_MS)
    return float(page.evaluate("performance.now()"))
