"""Chromium with a long history in it, and what is measured in the page itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from app.core.messages import Message, Text, user
from app.history.records import ChatRecord, MessageRecord
from tests.browser.kept import keep, said
from tests.chromium import launch_options
from tests.live_server import live_server

# Of the words of an ordinary answer; the one that is looked for is in one chat of a hundred.
_TEXT = "The tide comes in twice a day, and the keeper of the light writes it down. " * 8
_NEEDLE = "Lanterne"
_KEPT_AT_ONCE = 1000

_OBSERVE = """
() => {
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration);
  }).observe({ type: "longtask" });
}
"""
# Milliseconds from a press until what it leads to has been drawn.
_OPEN = """
async ([address, last]) => {
  const began = performance.now();
  location.hash = address;
  for (;;) {
    await new Promise(requestAnimationFrame);
    if (document.querySelector("#transcript").textContent.includes(last)) break;
  }
  return performance.now() - began;
}
"""
_SCROLL = """
async (steps) => {
  const list = document.querySelector("#chats");
  const end = list.scrollHeight - list.clientHeight;
  const gaps = [];
  let empty = 0;
  let before = performance.now();
  for (let step = 1; step <= steps; step++) {
    list.scrollTop = (end * step) / steps;
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - before);
    before = now;
    const { left, top, height } = list.getBoundingClientRect();
    const seen = document.elementFromPoint(left + 40, top + height / 2);
    if (!seen?.closest("li")) empty += 1;
  }
  return [gaps, empty];
}
"""
_SEARCH = """
async (words) => {
  const field = document.querySelector("#chat-search");
  const status = document.querySelector("#status");
  status.textContent = "";
  const began = performance.now();
  field.value = words;
  field.dispatchEvent(new Event("input"));
  while (!status.textContent) await new Promise(requestAnimationFrame);
  return [performance.now() - began, status.textContent];
}
"""


@dataclass
class Figures:
    """Times in milliseconds; `long_ms` are tasks over 50 ms, by what was done meanwhile."""

    ready_ms: float = 0
    open_ms: float = 0
    scroll_cpu_ms: float = 0
    scroll_gaps_ms: list[float] = field(default_factory=list)
    empty_steps: int = 0
    searches: list[tuple[str, float, str]] = field(default_factory=list)
    long_ms: dict[str, list[float]] = field(default_factory=dict)


def measure(chats: int, messages: int, steps: int) -> Figures:
    """Keep so many chats, and one with so many messages; open, scroll and search them."""
    figures = Figures()
    with _open_page() as page:
        _fill(page, chats, messages)
        page.reload()
        page.wait_for_selector("[data-chat]", state="attached")
        figures.ready_ms = page.evaluate("performance.now()")
        page.wait_for_selector('html[data-state="ready"]')
        page.evaluate(_OBSERVE)
        last = f"This is message {messages - 1}."
        figures.open_ms = page.evaluate(_OPEN, ["#/chat/long", last])
        figures.long_ms["opening"] = _long(page)
        clock = page.context.new_cdp_session(page)
        clock.send("Performance.enable", {"timeDomain": "threadTicks"})
        before_s = _cpu_s(clock)
        figures.scroll_gaps_ms, figures.empty_steps = page.evaluate(_SCROLL, steps)
        figures.scroll_cpu_ms = (_cpu_s(clock) - before_s) * 1000
        figures.long_ms["scrolling"] = _long(page)
        for words in (_NEEDLE, "lanterne tide", "tide", "nowhere at all"):
            took_ms, found = page.evaluate(_SEARCH, words)
            figures.searches.append((words, took_ms, found))
            figures.long_ms[f"searching “{words}”"] = _long(page)
    return figures


@contextmanager
def _open_page() -> Iterator[Page]:
    with live_server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.url)
        page.wait_for_selector('html[data-state="ready"]')
        yield page
        browser.close()


def _fill(page: Page, chats: int, messages: int) -> None:
    hour_ms = 3_600_000
    records = [
        ChatRecord(
            f"chat{number}",
            number * hour_ms,
            1_600_000_000_000 + number * hour_ms,
            f"Chat {number} about the sea",
            head=f"a{number}",
        )
        for number in range(chats)
    ]
    for start in range(0, chats, _KEPT_AT_ONCE):
        some = records[start : start + _KEPT_AT_ONCE]
        kept: list[MessageRecord] = []
        for number, record in enumerate(some):
            needle = _NEEDLE if number % 100 == 0 else ""
            kept += said(record, f"Question {number}", f"{_TEXT}{needle}")
        keep(page, some, kept)
    long = ChatRecord("long", 0, 1, "Long", head=str(messages - 1))
    keep(page, [long], _chain(messages))


def _chain(messages: int) -> list[MessageRecord]:
    chain: list[MessageRecord] = []
    for number in range(messages):
        text = f"{_TEXT}\n\n- **One**\n- `two`\n\nThis is message {number}."
        message = (
            Message("assistant", [Text(text)], status="complete") if number % 2 else user(text)
        )
        parent = chain[-1].id if chain else ""
        chain.append(MessageRecord(str(number), "long", number, message, parent, "Demo"))
    return chain


def _cpu_s(clock: CDPSession) -> float:
    """Seconds of the main thread's processor time in scripts, style and layout.

    Painting is left out: without a graphics card, as here, it is done by the processor as well.
    """
    counted = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
    found = clock.send("Performance.getMetrics")["metrics"]
    return float(sum(each["value"] for each in found if each["name"] in counted))


def _long(page: Page) -> list[float]:
    tasks: Any = page.evaluate("longTasks.splice(0)")
    return [float(each) for each in tasks]
