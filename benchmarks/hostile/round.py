"""One round: every text in every way, in several tabs, with a word of how far it is."""

import argparse
import json
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock

from playwright.sync_api import sync_playwright

from tests.live_server import LiveServer, live_server

from ..painting import answer
from . import catalogue
from .cases import Case
from .tab import Cost, Tab

SECONDS = 1.0
LONGEST_MS = 200.0
PACED = 2.0
# Token by token, as long as needed to tell; what grows faster than its length shows in bursts.
PACED_CHARACTERS = 10_000
# What a model writes in letters; all else comes in few pieces.
_PACED_SURFACES = ("answer", "reasoning", "refusal")
_TELL_EVERY_S = 30.0
_ORDINARY = "an ordinary answer"


@dataclass(frozen=True, slots=True)
class Showing:
    """A text, and how it comes."""

    case: Case
    way: str

    @property
    def name(self) -> str:
        return f"{self.way:8} {self.case.name}"


@dataclass(frozen=True, slots=True)
class Found:
    """A showing's name and cost; `is_over`: it is over the budget."""

    name: str
    cost: Cost
    is_over: bool

    def __str__(self) -> str:
        line = f"{self.cost.seconds:7.2f} s {self.cost.longest_ms:6.0f} ms  {self.name}"
        said = f"{line}: {self.cost.failure}" if self.cost.failure else line
        return f"{said}  OVER" if self.is_over else said


def measure(runtime: Path, options: argparse.Namespace) -> int:
    """Show each text in each way; the exit code is 1 if one is over the budget or was not shown."""
    found = _noted(options.notes)
    known = {one.name for one in found}
    wanted = [one for one in _showings(options) if one.name not in known]
    random.Random(options.seed).shuffle(wanted)
    print(f"{len(wanted)} showings, {len(found)} noted before", flush=True)
    waiting: SimpleQueue[Showing] = SimpleQueue()
    for showing in wanted:
        waiting.put(showing)
    round_ = _Round(options, waiting, found)
    with live_server(runtime=runtime) as server, ThreadPoolExecutor(options.tabs) as tabs:
        for end in as_completed([tabs.submit(round_.work, server) for _ in range(options.tabs)]):
            end.result()
    over = [one for one in found if one.is_over]
    print(f"\nThe worst, of {len(found)}; {len(over)} over the budget; {waiting.qsize()} not shown")
    for one in sorted(found, key=lambda each: (not each.is_over, -each.cost.seconds))[:30]:
        print(one)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"(load of this machine: {load:.1f} on {os.cpu_count()} processors)")
    return int(bool(over) or not waiting.empty())


def _showings(options: argparse.Namespace) -> Iterator[Showing]:
    for case in catalogue.chosen(options.catalogue):
        if options.only and not any(word in case.name for word in options.only):
            continue
        if options.characters is not None:
            case = replace(case, characters=options.characters)
        for way in options.ways:
            if way != "paced":
                yield Showing(case, way)
            elif case.surface in _PACED_SURFACES:
                short = min(case.characters, PACED_CHARACTERS)
                yield Showing(replace(case, characters=short), way)


def _noted(notes: Path | None) -> list[Found]:
    if notes is None or not notes.exists():
        return []
    lines = map(json.loads, notes.read_text("utf-8").splitlines())
    return [Found(one["name"], Cost(**one["cost"]), one["is_over"]) for one in lines]


class _Round:
    """The showings that wait, and what was found of the others."""

    def __init__(
        self, options: argparse.Namespace, waiting: SimpleQueue[Showing], found: list[Found]
    ) -> None:
        self._options = options
        self._waiting = waiting
        self._found = found
        self._total = waiting.qsize()
        self._lock = Lock()
        self._began_s = self._told_s = time.monotonic()

    def work(self, server: LiveServer) -> None:
        """Show what waits in a tab of its own, until nothing does or the time is over."""
        pace_ms = 1000 / self._options.pace
        with ExitStack() as stack:
            tab = stack.enter_context(_open_tab(server, self._options.limit))
            ordinary_s = self._ordinary(tab, pace_ms)
            while time.monotonic() - self._began_s < self._options.minutes * 60:
                try:
                    one = self._waiting.get_nowait()
                except Empty:
                    return
                cost = tab.cost(one.case, one.way, pace_ms)
                limit_s = SECONDS
                if one.way == "paced":
                    length = max(len(one.case.text), PACED_CHARACTERS)
                    limit_s = PACED * ordinary_s * length / PACED_CHARACTERS
                is_over = bool(cost.failure) or cost.seconds > limit_s
                self._note(Found(one.name, cost, is_over or cost.longest_ms > LONGEST_MS))

    def _ordinary(self, tab: Tab, pace_ms: float) -> float:
        """Seconds that an ordinary answer takes token by token. Prints what it takes in each way:
        on a busy machine all takes longer.
        """
        tab.cost(Case("the first", answer.text), "history")  # loads what all need
        paced_s = 0.0
        for way in self._options.ways:
            length = PACED_CHARACTERS if way == "paced" else 100_000
            case = Case(_ORDINARY, answer.text, characters=length)
            costs = [tab.cost(case, way, pace_ms) for _ in range(3 if way == "paced" else 1)]
            cost = min(costs, key=lambda each: each.seconds)
            paced_s = cost.seconds if way == "paced" else paced_s
            print(Found(f"{way:8} {_ORDINARY}", cost, is_over=False), flush=True)
        return paced_s

    def _note(self, found: Found) -> None:
        with self._lock:
            self._found.append(found)
            if self._options.notes is not None:
                with self._options.notes.open("a", encoding="utf-8") as notes:
                    print(json.dumps(asdict(found)), file=notes)
            if found.is_over or not self._options.quiet:
                print(found, flush=True)
            now_s = time.monotonic()
            if now_s - self._told_s > _TELL_EVERY_S:
                self._told_s = now_s
                self._tell(now_s - self._began_s)

    def _tell(self, took_s: float) -> None:
        done = self._total - self._waiting.qsize()
        left_min = took_s / 60 / done * (self._total - done)
        over = sum(one.is_over for one in self._found)
        print(
            f"-- {done:,} of {self._total:,} in {took_s / 60:.0f} min, {over} over the budget; "
            f"some {left_min:.0f} min more for all",
            flush=True,
        )


@contextmanager
def _open_tab(server: LiveServer, limit_s: float) -> Iterator[Tab]:
    with sync_playwright() as playwright:
        tab = Tab(playwright, server, limit_s)
        yield tab
        tab.close()
