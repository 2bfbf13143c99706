"""Runs that go on, whoever reads them, and those that a dead worker left.

A run is the core's own `Run`; its batches go into the log, and from there to readers. It finds its
readers' requests (a stop, a tool's result, a person's yes) in the log too, whichever worker took
them.

Long, because one claim is held here from its begin to its end.
"""

import asyncio
import logging
import os
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing, suppress
from functools import partial
from typing import Any

import msgspec

from ...connections.event_sources import items_of
from ...core.cut_short import STOPPED, TOO_LONG
from ...core.errors import ErrorInfo, UsageError
from ...core.events import ApprovalRequest, Done, Error, Event, ToolRunStart, Warning
from ...core.messages import Status
from ...core.running.calls import Decision
from ...core.running.run import Run
from ...core.tools.toolbox import NotedToolbox, Toolbox
from ...protocols.tokenfall.runs import Change, ChatFacts, What
from ...runs.feeds import Behind, Feeds, Told
from ...runs.log import (
    Claim,
    LogError,
    NoSuchRunError,
    RunLog,
    RunRecord,
    changes_of,
    controls_of,
    events_of,
)
from ...runs.offsets import START, Offset
from ...runs.writing import OverError, Writer
from .background import Background
from .budgets import Patience
from .controls import Began, Cancel, Control, Decide, HandedOver, obey
from .kept import by_reference, question_of
from .metrics import Metrics
from .takeover import Again, Rest, rest_of

_log = logging.getLogger(__name__)

_NOBODY = "Nobody answered in time, so this tool was not run."
_FAILED = "The server failed in the middle of the answer."
# Reasons for which a run ends everywhere: not where another worker has it.
_STOPS = frozenset({"user", "deleted", "time", "stopping"})
# How often it is looked for what has expired, in seconds.
_EXPIRE_EVERY_S = 3600.0


class Runner:
    """The runs of this process. `start` begins one; `keep` is to go on as long as the process.
    `again` makes the chat in which a run that a dead worker left goes on, where it can; without it
    all of those are marked. `decide(owner, answer, call, decision)` is told what a person said to a
    question that is none of the run's own calls.
    """

    def __init__(
        self,
        log: RunLog,
        feeds: Feeds,
        metrics: Metrics,
        patience: Patience,
        again: Again | None = None,
        decide: Callable[[str, str, str, Decision], None] = lambda *_: None,
    ) -> None:
        self._again = again
        self._decide = decide
        self._log = log
        self._feeds = feeds
        self._metrics = metrics
        self._patience = patience
        self.worker = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._runs: dict[str, Run] = {}

    async def start(
        self,
        record: RunRecord,
        run: Run,
        on_end: Callable[[], None],
        toolbox: Toolbox | None = None,
        background: Background | None = None,
    ) -> bool:
        """Begin a run; False where there is one of its id. Raises `LogError`.

        `on_end` is called when it is over here, also where it is not begun. A `NotedToolbox` is
        told when its tools may run; `background` stops what the provider goes on with by itself.
        """
        claim = None
        try:
            claim = await self._log.create(record, self.worker)
        finally:
            if claim is None:
                on_end()
        if claim is None:
            return False

        self._hold(record, run, self._carry(record, claim, run, toolbox, background), on_end)
        return True

    def _hold(
        self,
        record: RunRecord,
        run: Run,
        carrying: Coroutine[Any, Any, None],
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        def forget(_: object) -> None:
            self._tasks.pop(record.id, None)
            self._runs.pop(record.id, None)
            on_end()

        self._runs[record.id] = run
        self._tasks[record.id] = task = asyncio.create_task(carrying)
        task.add_done_callback(forget)

    @property
    def running(self) -> int:
        """The number of runs that this process carries."""
        return len(self._tasks)

    async def tell(self, run: str, control: Control) -> None:
        """Tell the worker that carries a run, through the log. Raises as `RunLog.tell`."""
        await self._log.tell(controls_of(run), msgspec.json.encode(control))

    async def delete(self, record: RunRecord, message: str = "") -> None:
        """Remove a run and its records; one on its way is stopped. `message` is the one that its
        page deleted it with, if not the answer alone.
        """
        is_gone = await self._remove(record)
        await self._forget_empty([record])
        if is_gone:
            known = {place.id for place in question_of(record).places}
            await self._tell(record, "deleted", answer=message if message in known else "")

    async def delete_chat(self, records: Sequence[RunRecord]) -> None:
        """Remove a chat with all its runs."""
        for record in records:
            await self._remove(record)
        await self._forget_empty(records[-1:])
        whole = msgspec.structs.replace(records[-1], id="", question=b"")
        await self._tell(whole, "deleted")

    async def set_facts(
        self, record: RunRecord, facts: ChatFacts, kept: Mapping[str, bytes]
    ) -> None:
        """Keep facts of the chat of a run, as these values, and tell who follows it."""
        await self._log.set_facts(record.owner, record.chat, kept)
        await self._forget_empty([record])  # another reader may have deleted it meanwhile
        whole = msgspec.structs.replace(record, id="", question=b"")
        await self._tell(whole, "set", facts=facts)

    async def _remove(self, record: RunRecord) -> bool:
        if record.status is None:
            with suppress(NoSuchRunError):
                await self.tell(record.id, Cancel())
        return await self._log.delete(record.id)

    async def _forget_empty(self, gone: Sequence[RunRecord]) -> None:
        """Forget the facts of the chats of these runs that have no run any more."""
        for owner in {record.owner for record in gone}:
            known = {record.chat for record in await self._log.runs(owner)}
            for chat in {record.chat for record in gone if record.owner == owner} - known:
                await self._log.forget_facts(owner, chat)

    async def keep(self) -> None:
        """Renew this worker's claims; take runs that dead workers left; remove old ones."""
        loop = asyncio.get_running_loop()
        lease_s = self._patience.lease_s
        well_since_s = loop.time() - lease_s
        expire_at_s = loop.time()
        while True:
            try:
                if self._again is not None:
                    await self._log.attend(self.worker)
                for lost in await self._log.heartbeat(self.worker, list(self._tasks)):
                    if lost in self._runs:
                        self._runs[lost].cancel("lost")
                # Where the log has failed, others could not renew theirs either.
                if loop.time() - well_since_s >= lease_s:
                    for run in await self._log.unattended():
                        if run not in self._tasks:
                            await self._take(run)
                if loop.time() >= expire_at_s:
                    expire_at_s = loop.time() + _EXPIRE_EVERY_S
                    expired = await self._log.expire(time.time() - self._patience.keep_s)
                    await self._forget_empty(expired)
                    for record in expired:
                        await self._tell(record, "expired")
            except LogError as error:
                _log.warning("the log of runs fails: %s", error)
                well_since_s = loop.time()
            await asyncio.sleep(lease_s / 3)

    async def close(self) -> None:
        """Leave the runs here to another worker that takes them; where there is none, stop them,
        each answer marked, with the events so far.
        """
        tasks = list(self._tasks.values())
        with suppress(LogError, TimeoutError):
            async with asyncio.timeout(_CLOSE_LIMIT_S):
                if await self._has_heirs():
                    await self._hand_over()
        for run in self._runs.values():
            run.cancel("stopping")
        if tasks:
            await asyncio.wait(tasks, timeout=_CLOSE_LIMIT_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(LogError, TimeoutError):
            async with asyncio.timeout(_CLOSE_LIMIT_S):
                await self._log.release(self.worker)
                # Of several that end at once the last one finds, behind its own release, nobody
                # and what all of them have left.
                if self._again is not None and not await self._has_heirs():
                    self._again = None
                    for left in await self._log.unattended():
                        await self._take(left)

    async def _has_heirs(self) -> bool:
        return self._again is not None and bool(await self._log.attending() - {self.worker})

    async def _hand_over(self) -> None:
        """Let go of the runs here without a word to their readers, who find them elsewhere."""
        for run in list(self._runs):
            self._runs.pop(run)
            self._tasks[run].cancel()
            with suppress(NoSuchRunError):
                await self.tell(run, HandedOver())

    async def _carry(
        self,
        record: RunRecord,
        claim: Claim,
        run: Run,
        toolbox: Toolbox | None,
        background: Background | None,
        rest: Rest | None = None,
    ) -> None:
        """Carry a run, or the rest of one, to its end."""
        stream = events_of(record.id)

        def on_trouble(fails: bool) -> None:
            self._metrics.log_fails(fails)
            self._feeds.tell_trouble(stream, fails)

        writer = Writer(self._log, record.id, claim, on_trouble=on_trouble)

        if background is not None:
            background.on_begun = partial(self._note_begun, record.id)

        def decide(call_id: str, decision: Decision) -> None:
            if background is not None and background.decide(call_id, decision):
                return
            self._decide(record.owner, run.message.id, call_id, decision)

        waits = _Waits(run, self._patience.wait_s, decide)
        listening = asyncio.create_task(
            self._listen(record.id, run, START if rest is None else rest.told, decide)
        )
        loop = asyncio.get_running_loop()
        limit = loop.call_later(self._patience.run_s, run.cancel, "time")
        status: Status = "error"
        has_ended = False
        try:
            if rest is None:
                await self._tell(record, "began")
            with self._metrics.run() as counted:
                try:
                    async with aclosing(items_of(run)) as items:
                        async for batch in items if rest is None else rest.following(items):
                            waits.note(batch)
                            counted.note(batch)
                            batch = _ended(batch, run.cancel_reason)
                            if isinstance(batch[-1], Done):
                                status, has_ended = batch[-1].status, True
                                self._runs.pop(record.id, None)  # there is nothing to stop
                            await self._write(writer, record.id, batch)
                            _note(toolbox, batch)
                except (OverError, NoSuchRunError):
                    return  # another worker has it, or it was deleted
                except Exception:
                    _log.exception("a run failed on the server")
                    failed: list[Event] = [Error(ErrorInfo("unknown", _FAILED)), Done("error")]
                    with suppress(OverError):
                        await writer.write(failed)
            await writer.settled()
            await self._tell(record, "ended", status)
        finally:
            limit.cancel()
            waits.end()
            writer.abandon()
            # Also what was given up because it could not be read on.
            if background is not None and (has_ended or run.cancel_reason in _STOPS):
                await background.stop()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _note_begun(self, run: str, begun: Began) -> None:
        with suppress(LogError, NoSuchRunError):  # who takes it over asks again, then
            await self.tell(run, begun)

    async def _write(self, writer: Writer, run: str, batch: list[Event]) -> None:
        with suppress(LogError):  # then a large file goes with its event
            batch = await by_reference(self._log, run, batch)
        began_s = time.perf_counter()
        if await writer.write(batch):
            self._metrics.appended(time.perf_counter() - began_s)

    async def _listen(self, record_id: str, run: Run, place: Offset, decide: Decide) -> None:
        """Act on readers' messages to a run, as the log tells them."""
        while True:
            try:
                async with aclosing(self._feeds.follow(controls_of(record_id), place)) as parts:
                    async for part in parts:
                        if isinstance(part, Told):
                            if part.what == "gone":
                                run.cancel("deleted")
                                return
                            continue
                        entries = part.entries if isinstance(part, Behind) else part
                        for entry in entries:
                            place = entry.end
                            obey(run, entry.data, decide)
            except NoSuchRunError:
                run.cancel("deleted")
                return
            except LogError:
                await asyncio.sleep(_RETRY_S)

    async def _take(self, run: str) -> None:
        """Take a run whose worker has died: its events are kept, and it goes on or is marked."""
        with suppress(NoSuchRunError, OverError):
            claim = await self._log.claim(run, self.worker)
            record = await self._log.get(run)
            if claim is None or record is None:
                return
            self._metrics.interrupted()
            rest = await rest_of(self._log, record, claim, self._again)
            if isinstance(rest, Rest):
                carrying = self._carry(record, claim, rest.run, rest.toolbox, rest.background, rest)
                self._hold(record, rest.run, carrying)
                return
            writer = Writer(self._log, run, claim)
            await writer.write(rest)
            await writer.settled()
            status = rest[-1].status if isinstance(rest[-1], Done) else None
            await self._tell(record, "ended", status)

    async def _tell(
        self,
        record: RunRecord,
        what: What,
        status: Status | None = None,
        answer: str = "",
        facts: ChatFacts | None = None,
    ) -> None:
        if not answer and record.question:
            answer = question_of(record).answer
        change = Change(record.chat, record.id, what, status, record.title, answer, facts)
        try:
            await self._log.tell(changes_of(record.owner), msgspec.json.encode(change))
        except LogError as error:
            _log.warning("a change was not told: %s", error)


# How long runs may take to end with the server, in seconds.
_CLOSE_LIMIT_S = 2.0
# How long to wait where the log fails, in seconds.
_RETRY_S = 0.25


def _note(toolbox: Toolbox | None, batch: list[Event]) -> None:
    """Let tools run whose start is written: who takes this run over must know what has run."""
    if isinstance(toolbox, NotedToolbox):
        for event in batch:
            if isinstance(event, ToolRunStart):
                toolbox.note(event.call_id)


def _ended(batch: list[Event], reason: str | None) -> list[Event]:
    """The batch; where the server itself stopped the run, that is said, and is no person's stop."""
    words = {"stopping": STOPPED, "time": TOO_LONG}.get(reason or "")
    last = batch[-1]
    if words is None or not isinstance(last, Done) or last.status != "aborted":
        return batch
    return [*batch[:-1], Warning(words), msgspec.structs.replace(last, status="incomplete")]


class _Waits:
    """The calls of a run that wait for somebody, none of them for ever."""

    def __init__(self, run: Run, limit_s: float, decide: Decide) -> None:
        self._run = run
        self._limit_s = limit_s
        self._decide = decide
        self._timers: list[asyncio.TimerHandle] = []

    def note(self, batch: list[Event]) -> None:
        """Begin to count for a call that waits."""
        loop = asyncio.get_running_loop()
        for event in batch:
            if isinstance(event, ApprovalRequest):
                timer = loop.call_later(self._limit_s, self._give_up, event.call_id)
                self._timers.append(timer)

    def end(self) -> None:
        """Count no more."""
        for timer in self._timers:
            timer.cancel()

    def _give_up(self, call_id: str) -> None:
        try:
            self._run.give(call_id, _NOBODY, is_error=True)
        except UsageError:  # it was answered, or is a question of the agent's
            self._decide(call_id, "deny")
