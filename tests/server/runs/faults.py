"""Faults by a seed, each round another one: what readers get is whole and the same, or said.

    python -m tests.server.runs.faults --rounds 100 --seed 1 --store sqlite

Rounds of four kinds: a reader's connection is cut again and again at any byte; a worker is killed
with -9 in each phase of a run (where the store outlives it), which goes on at another one or is
marked; a clock jumps in each phase (`clocks`); the disk is full for a while (SQLite's own limit),
or Redis is killed and started again.
Each line says what the round really hit.
"""

import argparse
import asyncio
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from operator import methodcaller
from pathlib import Path
from typing import Any

import msgspec

from app.core.cut_short import INTERRUPTED
from app.core.events import ContentDelta, Done, Event
from app.core.fold import Fold
from app.core.messages import ToolResult
from app.runs.feeds import Feeds, kept
from app.runs.log import LEASE_S, RunLog, RunRecord, events_of
from app.runs.memory import MemoryLog
from app.runs.redis import RedisLog
from app.runs.sqlite import SQLiteLog
from app.runs.writing import Writer
from app.server.runs.budgets import Budget, Patience
from app.server.runs.metrics import Metrics
from app.server.runs.runner import Runner
from tests.live_server import LIMIT_S, REPOSITORY, LiveServer, live_server
from tests.runs.redis_server import RedisServer
from tests.runs.stores import STORES, redis_store
from tests.server.runs import clocks
from tests.server.runs.conftest import PATIENCE, Pages
from tests.server.runs.doomed import PHASES, WORDS
from tests.server.runs.following import again, check_whole, follow
from tests.server.tree import make_tree

ROOT = REPOSITORY


def seen_in(raw: bytes) -> list[tuple[str, str]]:
    """The whole events in a piece of an event stream: their places and their JSON."""
    found = []
    for record in raw.replace(b"\r\n", b"\n").split(b"\n\n")[:-1]:
        fields = dict(
            line.split(b": ", 1)
            for line in record.split(b"\n")
            if b": " in line and line[:1] != b":"
        )
        if b"data" in fields:
            found.append((fields.get(b"id", b"").decode(), fields[b"data"].decode()))
    return found


def cut_reading(server: LiveServer, run: str, chance: random.Random) -> list[tuple[str, str]]:
    """Read a run to its end over connections that are cut at random; come back each time."""
    events: list[tuple[str, str]] = []
    while not (events and json.loads(events[-1][1])["type"] == "done"):
        after = f"Last-Event-ID: {events[-1][0]}\r\n" if events else ""
        head = (
            f"GET /api/runs/{run}/events HTTP/1.0\r\nHost: localhost:{server.port}\r\n{after}\r\n"
        )
        with closing(socket.create_connection(("127.0.0.1", server.port), LIMIT_S)) as connection:
            connection.sendall(head.encode())
            limit, got = chance.randint(1, 3000), b""
            while len(got) < limit and (piece := connection.recv(limit - len(got))):
                got += piece
        # Chunks of HTTP/1.1 are not used with 1.0, so the body is as it was sent.
        events += seen_in(got.partition(b"\r\n\r\n")[2])
    return events


def cut(server: LiveServer, pages: Pages, chance: random.Random) -> str:
    """One run whose readers are cut; all get what one that was not cut gets."""
    begun = pages.http.post(
        "/api/runs",
        json=pages.question("flow", provider="demo", base_url="", options={"max_tokens": 40}),
    ).json()
    readers = [random.Random(chance.random()) for _ in range(3)]
    got: list[list[tuple[str, str]]] = [[] for _ in readers]

    def read(place: int) -> None:
        got[place] = cut_reading(server, begun["id"], readers[place])

    threads = [threading.Thread(target=read, args=[place]) for place in range(len(readers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
    whole = pages.read(begun["id"])
    assert all(events == whole for events in got), "a reader got something else"
    pages.http.delete(f"/api/chats/{begun['chat']}")
    return f"cut: {len(whole)} events, {len(readers)} readers"


async def killed(phase: str, url: str = "", *, goes_on: bool = False) -> str:
    """A worker that dies in a phase: what was delivered stays, no tool runs again, and its end is
    marked, or it goes on at another worker.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = redis_store(url) if url else None
        log = RedisLog(url) if url else SQLiteLog(folder / "runs.db", clock=_later)
        feeds = Feeds(log)
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.server.runs.doomed", name, phase, *filter(None, [url])),
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert worker.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            assert await worker.stdout.readline() == b"ready\n"
        delivered: list[bytes] = []
        following = asyncio.create_task(follow(feeds, delivered))
        before = [line async for entry in kept(log, events_of("r1")) for line in entry.lines()]
        worker.kill()
        await worker.wait()
        if store is not None:
            await store.pass_time(LEASE_S)
        taking = partial(again, folder) if goes_on else None
        runner = Runner(log, feeds, Metrics(), Patience(), taking)
        keeping = asyncio.create_task(runner.keep())
        async with asyncio.timeout(LIMIT_S):
            await following
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        after = [line async for entry in kept(log, events_of("r1")) for line in entry.lines()]
        record = await log.get("r1")
        await feeds.close()
        await log.close()
        looked = folder / "looked"
        assert not looked.exists() or looked.read_text() == "looked\n", "a tool ran twice"
    assert after[: len(before)] == before, "something delivered is missing"
    assert delivered == after, "a reader got something else"
    events = [msgspec.json.decode(line, type=Event) for line in after]
    assert record is not None
    if goes_on:
        check_whole(events, record)
        return f"killed {phase}, and went on: {len(before)} of {len(after)} events"
    fold = Fold()
    fold.add(events)
    assert (record.status, fold.message.status) == ("incomplete", "incomplete")
    assert INTERRUPTED in fold.message.warnings
    _check_phase(phase, fold)
    return f"killed {phase}: {len(before)} events kept"


def _check_phase(phase: str, fold: Fold) -> None:
    """The run really was where it should have been."""
    message = fold.message
    has_result = any(part.call_id == "c1" for part in _results(fold) if not part.is_error)
    assert bool(message.text) == (phase != PHASES[0])
    assert bool(message.tool_calls) == (phase not in PHASES[:2])
    assert has_result == (phase in PHASES[4:])
    if phase == "in a tool":
        [result] = _results(fold)
        assert result.is_error  # it says that the tool was running
    if phase == "in the last write":
        assert message.text == "".join(WORDS) * 2


def _results(fold: Fold) -> list[ToolResult]:
    return [part for part in fold.message.parts if isinstance(part, ToolResult)]


def _later() -> float:
    """A clock on which every claim of another process has lapsed."""
    return 3600 + time.monotonic()


Change = Callable[[], Awaitable[object]]


async def away(log: RunLog, chance: random.Random, fail: Change, mend: Change) -> str:
    """A log that fails for a while: the answer is whole in the end, for its readers too."""
    feeds = Feeds(log)
    claim = await log.create(RunRecord("r1", "ada", "c1"), "w1")
    assert claim is not None
    delivered: list[bytes] = []
    following = asyncio.create_task(follow(feeds, delivered))
    writer = Writer(log, "r1", claim)
    words = [f"{chance.random()} " for _ in range(200)]
    fails_at, back_at = sorted(chance.sample(range(len(words)), 2))
    waited = 0
    for number, word in enumerate(words):
        if number == fails_at:
            await fail()
        elif number == back_at:
            await mend()
        waited += not await writer.write([ContentDelta(word * 100)])
    await writer.write([Done("complete")])
    await writer.settled()
    async with asyncio.timeout(LIMIT_S):
        await following
    await feeds.close()
    await log.close()
    fold = Fold()
    fold.add(msgspec.json.decode(line, type=Event) for line in delivered)
    assert fold.message.text == "".join(word * 100 for word in words)
    return f"{waited} of {len(words)} batches waited"


async def full(chance: random.Random) -> str:
    """A disk that is full for a while."""
    with tempfile.TemporaryDirectory() as name:
        log = SQLiteLog(Path(name) / "runs.db")

        async def limit(pages: int) -> None:
            await log._writing.run(methodcaller("execute", f"PRAGMA max_page_count = {pages}"))

        return f"full: {await away(log, chance, partial(limit, 1), partial(limit, 1_000_000))}"


async def stopped(chance: random.Random) -> str:
    """A Redis that is killed, and started again."""
    with RedisServer() as server:
        log = RedisLog(server.url)
        fail = partial(asyncio.to_thread, server.stop)
        mend = partial(asyncio.to_thread, server.start)
        return f"Redis stopped: {await away(log, chance, fail, mend)}"


def clock(kind: str, url: str, number: int, chance: random.Random) -> str:
    """A clock that jumps by a second to three weeks, forth or back."""
    seconds = 10 ** chance.uniform(0, 6.3) * chance.choice([1, -1])
    with tempfile.TemporaryDirectory() as name:
        store = redis_store(url) if kind == "redis" else STORES[kind](Path(name))
        return clocks.round_of(store, number, seconds)


@contextmanager
def serving(store: str, url: str = "") -> Iterator[tuple[LiveServer, Pages]]:
    """A server over this store."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = make_tree(folder)
        opens: dict[str, Any] = {
            "memory": MemoryLog,
            "redis": partial(RedisLog, url, lease_s=LIMIT_S),
            "sqlite": partial(SQLiteLog, folder / "runs.db", lease_s=LIMIT_S),
        }
        with live_server(
            root=tree.root,
            runtime=tree.runtime,
            open_log=opens[store],
            patience=PATIENCE,
            budget=Budget(starts_a_minute=10_000),
        ) as server:
            pages = Pages(server, folder)
            with pages.http:
                yield server, pages


def rounds(store: str, count: int, seed: int) -> Iterator[str]:
    """Do so many rounds; give what each hit. A store that outlives its process has all kinds."""
    chance = random.Random(seed)
    with ExitStack() as stack:
        url = doomed_url = ""
        if store == "redis":
            url = stack.enter_context(RedisServer()).url
            doomed_url = stack.enter_context(RedisServer()).url
        server, pages = stack.enter_context(serving(store, url))
        kinds = 2 if store == "memory" else 4
        for number in range(count):
            passed, kind = divmod(number, kinds)
            if kind == 0:
                yield cut(server, pages, chance)
            elif kind == 1:
                yield clock(store, doomed_url, passed, chance)
            elif kind == 2:
                again_too, phase = divmod(passed, len(PHASES))
                goes_on = again_too % 2 == 0
                yield asyncio.run(killed(PHASES[phase], doomed_url, goes_on=goes_on))
            elif store == "redis":
                yield asyncio.run(stopped(chance))
            else:
                yield asyncio.run(full(chance))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=("memory", "sqlite", "redis"), default="sqlite")
    options = parser.parse_args()
    hit: Counter[str] = Counter()
    for number, line in enumerate(rounds(options.store, options.rounds, options.seed), 1):
        hit[line.partition(":")[0]] += 1
        print(f"{number:4} {line}", flush=True)
    print(f"\n{options.store}, seed {options.seed}: {options.rounds} rounds without a loss")
    for kind, count in sorted(hit.items()):
        print(f"{count:5} {kind}")


if __name__ == "__main__":
    main()
