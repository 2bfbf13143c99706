"""Measures all starts in turns and writes them as a page in Markdown."""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from playwright.sync_api import Browser, sync_playwright

from app.native.local_model import LocalModel
from app.setup import other_browsers
from tests.chromium import launch_options
from tests.every_browser.chromium import chromium
from tests.every_browser.driver import Driver
from tests.every_browser.firefox import firefox
from tests.every_browser.webkit import webkit
from tests.live_server import live_server, running

from .felt import Far, Slow, far, first_word_ms, slow
from .pages import Times, others, visit

_OURS, _BARE, _ALONE = "Tokenfall", "bare PyScript", "Python alone"
# One visit, and one more in the same browser.
_Visits = list[tuple[Times, Times]]


def report(root: Path, runtime: Path, rounds: int, also: Sequence[str]) -> str:
    """Measure; medians of rounds that take turns."""
    model = LocalModel(runtime)
    with (
        live_server(root=root, runtime=runtime, script_control=False, model=model) as ours,
        running(others(runtime), control="/") as beside,
        sync_playwright() as playwright,
        playwright.chromium.launch(**launch_options()) as browser,
    ):
        _let_start(ours.url)
        pages = {_OURS: ours.url, _BARE: f"{beside.url}/bare", _ALONE: f"{beside.url}/alone"}
        pages |= {url: url for url in also}
        for url in pages.values():  # once, so that all is compressed and kept by the server
            far(browser, url)
        starts = {name: _visits(name, browser, pages, rounds) for name in ("Chromium", *_there())}
        far_ones = {
            name: [far(browser, pages[name]) for _ in range(rounds)] for name in (_OURS, _BARE)
        }
        slow_ones = [slow(browser, ours.url) for _ in range(rounds)]
        words_ms = [first_word_ms(browser, ours.url) for _ in range(rounds)]
    return "\n\n".join(
        [
            _opening(rounds),
            *(_table(name, starts[name]) for name in starts),
            _felt(far_ones, slow_ones, words_ms),
        ]
    )


def _there() -> list[str]:
    return [name for name in ("Firefox", "WebKit") if not other_browsers.missing(name)]


def _let_start(url: str) -> None:
    with httpx2.Client(base_url=url, trust_env=False) as client:
        while client.get("/api/status").json()["model"]["state"] != "ready":
            time.sleep(0.2)


def _visits(
    browser_name: str, browser: Browser, pages: dict[str, str], rounds: int
) -> dict[str, _Visits]:
    taken: dict[str, _Visits] = {name: [] for name in pages}
    for _ in range(rounds):
        for name, url in pages.items():
            with _fresh(browser_name, browser) as driver:
                taken[name].append((visit(driver, url), visit(driver, url)))
    return taken


@contextmanager
def _fresh(name: str, browser: Browser) -> Iterator[Driver]:
    """A browser that has kept nothing."""
    starts = {"Firefox": firefox, "WebKit": webkit}
    with starts[name]() if name in starts else chromium(browser) as driver:
        yield driver


def _opening(rounds: int) -> str:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"""\
# How long a start takes

Written by `python3 -m benchmarks.startup --into docs` on {datetime.now(UTC):%d %B %Y}, on
{os.cpu_count()} processors with a load of {load} (1, 5, 15 minutes). Medians of {rounds}
rounds, in which the pages take turns, each in a browser that has kept nothing; *again* is a second
visit in the same one. *Usable* is when one can write and send, *ready* when Python says so. *Bare
PyScript* is the least page that PyScript's documentation shows. *Python alone* is below what any
page with Python can reach: the interpreter with our compiled library, without PyScript and without
one module of ours. All times but those at 20 Mbit/s are near the server."""


def _table(browser_name: str, taken: dict[str, _Visits]) -> str:
    bare_ms = _ready_ms(taken[_BARE], 0)
    lines = [
        f"## {browser_name}",
        "",
        "| | usable | ready | to bare | again usable | again ready | to the bare page's first |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, visits in taken.items():
        cells = [name]
        for again in (0, 1):
            usable_ms = statistics.median(both[again].usable_ms for both in visits)
            ready_ms = _ready_ms(visits, again)
            cells += [f"{usable_ms:,.0f} ms", f"{ready_ms:,.0f} ms", f"{ready_ms / bare_ms:.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _ready_ms(visits: _Visits, again: int) -> float:
    return statistics.median(both[again].ready_ms for both in visits)


def _felt(far_ones: dict[str, list[Far]], slow_ones: list[Slow], words_ms: list[float]) -> str:
    lines = ["## What is felt, in Chromium", "", "| | |", "| --- | ---: |"]
    lines += [
        f"| first visit at 20 Mbit/s, {name}: ready ({one.megabytes:.1f} MB sent) "
        f"| {statistics.median(each.ready_ms for each in all_):,.0f} ms |"
        for name, all_ in far_ones.items()
        for one in all_[:1]
    ]
    paint_ms, ready_ms, shift = (statistics.median(part) for part in zip(*slow_ones, strict=True))
    lines += [
        f"| processor slowed to a quarter, 390 px: first paint | {paint_ms:,.0f} ms |",
        f"| the same: how far the page jumped (layout shift, 0 is not at all) | {shift:.3f} |",
        f"| the same: ready | {ready_ms:,.0f} ms |",
        "| first visit, asked at once: first word of the built-in model "
        f"| {statistics.median(words_ms):,.0f} ms |",
    ]
    return "\n".join(lines) + "\n"
