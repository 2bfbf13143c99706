"""Clocks that jump while a run is on its way: what its readers get is whole and the same.

wall clock        all that people set: of the workers, and Redis' own, by which it counts claims
of a dead worker  the same behind a worker's death: its run goes on at another one a lease later
of a worker       one whose machine slept: another worker has its run when it wakes, and goes on
"""

import asyncio
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.core.events import Event, StepReset, Warning
from app.core.messages import Status, user
from app.core.running.chat import Chat
from app.core.tools.function_tool import tool
from app.core.tools.toolbox import NotedToolbox
from app.core.wire.transport import Request
from app.protocols.tokenfall.runs import Question
from app.providers import PROVIDERS
from app.runs.feeds import Feeds, kept
from app.runs.log import LEASE_S, Claim, RunRecord, events_of
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Gate, Reply
from app.scripted.transport import ScriptedTransport
from app.server.runs.budgets import Patience
from app.server.runs.metrics import Metrics
from app.server.runs.runner import Runner
from app.server.runs.takeover import Again
from tests.live_server import LIMIT_S
from tests.runs.stores import Store
from tests.server.runs.doomed import PHASES, WORDS
from tests.server.runs.following import again, check_whole, follow

WALL, DEAD, SLEPT = CLOCKS = ("wall clock", "clock of a dead worker", "clock of a worker")

# How often a keeper looks after claims here, in seconds; a lease is as long as ever.
_LOOK_S = 0.01
_GO = "go"


class Worker:
    """One of several workers over a store."""

    def __init__(self, store: Store, again: Again | None = None) -> None:
        self.log = store.open()
        self.feeds = Feeds(self.log)
        self.runner = Runner(self.log, self.feeds, Metrics(), Patience(lease_s=3 * _LOOK_S), again)
        self._keeping: asyncio.Task[None] | None = None
        self._looks = 0
        look = self.log.unattended

        async def counted() -> list[str]:
            found = await look()
            self._looks += 1
            return found

        self.log.unattended = counted  # type: ignore[method-assign]

    def wake(self) -> None:
        """Have its keeper look after claims."""
        self._keeping = asyncio.create_task(self.runner.keep())

    async def sleep(self) -> None:
        """Have its keeper look after none."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def has_looked(self) -> None:
        """Wait until its keeper has seen how things are, and done what follows."""
        until = self._looks + 3
        while self._looks < until:
            await asyncio.sleep(_LOOK_S)

    async def die(self) -> None:
        """Leave its runs without a word to anybody."""
        await self.sleep()
        for held in list(self.runner._held.values()):
            held.carrying.cancel()
            await asyncio.gather(held.carrying, return_exceptions=True)


class HeldRun:
    """A run that stays in a phase until it may go on."""

    def __init__(self, phase: str, folder: Path) -> None:
        self.phase = phase
        self._folder = folder
        self._transport = ScriptedTransport(self._reply)
        self._may_go = asyncio.Event()
        self._is_there = asyncio.Event()

    async def begin(self, worker: Worker) -> None:
        """Have a worker begin it; wait until it is in the phase."""

        @tool
        async def look(where: str) -> str:
            """Look there."""
            with (self._folder / "looked").open("a") as file:
                file.write("looked\n")
            await self._stay("in a tool")
            return "seen"

        worker.log.append = partial(  # type: ignore[method-assign]
            self._append, worker.log.append
        )
        toolbox = NotedToolbox([look])
        chat = Chat(PROVIDERS["demo"], "demo", tools=toolbox, transport=self._transport)
        question = msgspec.json.encode(Question([user("Look.")], "demo", "demo"))
        record = RunRecord("r1", "ada", "c1", question=question)
        assert await worker.runner.start(record, chat.stream("Look."), lambda: None, toolbox)
        kinds = {"in text": b'"content_delta"', "in a tool call": b'"tool_call_delta"'}
        if (kind := kinds.get(self.phase)) is not None:
            while not any([kind in one.data async for one in kept(worker.log, events_of("r1"))]):
                await asyncio.sleep(_LOOK_S)
        else:
            await self._is_there.wait()

    def let_go(self) -> None:
        """Let it go on."""
        self._may_go.set()
        self._transport.open_gate(_GO)

    async def _stay(self, phase: str) -> None:
        if phase == self.phase:
            self._is_there.set()
            await self._may_go.wait()

    async def _append(
        self,
        append: Callable[..., Any],
        run: str,
        claim: Claim,
        data: bytes,
        count: int,
        status: Status | None = None,
    ) -> Any:
        if status is not None:
            await self._stay("in the last write")
        return await append(run, claim, data, count, status)

    def _reply(self, request: Request) -> Reply:
        has_looked = b'"tool"' in request.body
        call = ToolCall(id="c1", name="look", arguments='{"where": "there"}')
        parts: list[Any] = list(
            records(Answer(text="".join(WORDS), tool_calls=() if has_looked else (call,)))
        )
        at = {"in text": 2, "in a tool call": len(parts) - 2}.get(self.phase)
        if at is not None and not has_looked:
            parts.insert(at, Gate(_GO))
        reply = streamed(parts)
        if self.phase == ("between steps" if has_looked else "before the first token"):
            self._is_there.set()
            reply = msgspec.structs.replace(reply, before=(Gate(_GO),))
        return reply


async def jumped(store: Store, clock: str, phase: str, seconds: float) -> str:
    """A clock that jumps in a phase of a run, which another worker looks at."""
    delivered: list[bytes] = []
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        first, second = Worker(store), Worker(store, partial(again, folder))
        run = HeldRun(phase, folder)
        async with asyncio.timeout(LIMIT_S):
            await run.begin(first)
            following = asyncio.create_task(follow(second.feeds, delivered))
            for worker in (first, second):
                worker.wake()
                await worker.has_looked()
                await worker.sleep()  # Redis' claims and clock are set one after the other
            if clock == SLEPT:
                await store.pass_time(LEASE_S + abs(seconds))
            else:
                await store.jump(seconds, patch)
            second.wake()
            if clock == DEAD:
                await first.die()
                await second.has_looked()
                await store.pass_time(LEASE_S * 1.1)
            elif clock == WALL:
                first.wake()
                await first.has_looked()
            await second.has_looked()
            record = await second.log.get("r1")
            assert record is not None
            assert record.epoch == (1 if clock == WALL else 2), "it is not with whom it should be"
            run.let_go()
            if clock == SLEPT:
                first.wake()
            await following
        lines = [line async for one in kept(second.log, events_of("r1")) for line in one.lines()]
        record = await second.log.get("r1")
        for worker in (first, second):
            await worker.sleep()
            await worker.runner.close()
            await worker.feeds.close()
        await store.close()
        assert (folder / "looked").read_text() == "looked\n", "a tool ran twice"
    assert delivered == lines, "a reader got something else"
    events = [msgspec.json.decode(line, type=Event) for line in lines]
    assert record is not None
    check_whole(events, record)
    if clock == WALL:
        assert not any(isinstance(event, StepReset | Warning) for event in events)
    way = "forth" if seconds > 0 or clock == SLEPT else "back"
    return f"{clock} set {way}, {phase}: by {abs(seconds):.0f} s, {len(lines)} events"


def round_of(store: Store, number: int, seconds: float) -> str:
    """Do the round of this number: each clock in each phase, in turn."""
    passed, phase = divmod(number, len(PHASES))
    clock = CLOCKS[passed % len(CLOCKS)] if store.outlives else WALL
    return asyncio.run(jumped(store, clock, PHASES[phase], seconds))
