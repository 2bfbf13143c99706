"""A run on its way from its claim to its end.

A run is the core's own `Run`; its batches go into the log, and from there to readers. It finds its
readers' requests (a stop, a tool's result, a person's yes) in the log too, whichever worker took
them.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import NamedTuple

import msgspec

from ...connections.event_sources import items_of
from ...core.cut_short import STOPPED, TOO_LONG
from ...core.errors import ErrorInfo, UsageError
from ...core.events import ApprovalRequest, Done, Error, Event, ToolRunStart, Warning
from ...core.messages import Status
from ...core.running.calls import Decision
from ...core.running.run import Run
from ...core.tools.toolbox import NotedToolbox, Toolbox
from ...runs.feeds import Behind, Feeds, Told
from ...runs.log import (
    Claim,
    LogError,
    LostOffsetError,
    NoSuchRunError,
    RunLog,
    RunRecord,
    controls_of,
    events_of,
)
from ...runs.offsets import START, Offset
from ...runs.writing import OverError, Writer
from . import chat_changes, controls
from .background import Background
from .budgets import Patience
from .controls import Began, Decide
from .kept import by_reference
from .metrics import Metrics
from .takeover import Rest

_log = logging.getLogger(__name__)

_NOBODY = "Nobody answered in time, so this tool was not run."
_FAILED = "The server failed in the middle of the answer."
# Reasons for which a run ends everywhere: not where another worker has it.
_STOPS = frozenset({"user", "deleted", "time", "stopping"})
# How long to wait where the log fails, in seconds.
_RETRY_S = 0.25


class ClaimedRun(NamedTuple):
    """A run that this worker holds. A `NotedToolbox` is told when its tools may run; `background`
    stops what the provider goes on with by itself; `rest` is what it goes on behind, where a dead
    worker left it.
    """

    record: RunRecord
    claim: Claim
    run: Run
    toolbox: Toolbox | None = None
    background: Background | None = None
    rest: Rest | None = None


class Carrier:
    """Carries runs. `decide(owner, answer, call, decision)` is told what a person said to a
    question that is none of the run's own calls.
    """

    def __init__(
        self,
        log: RunLog,
        feeds: Feeds,
        metrics: Metrics,
        patience: Patience,
        decide: Callable[[str, str, str, Decision], None],
    ) -> None:
        self._log = log
        self._feeds = feeds
        self._metrics = metrics
        self._patience = patience
        self._decide = decide

    async def carry(self, claimed: ClaimedRun) -> None:
        """Carry a run, or the rest of one, to its end."""
        record, claim, run, toolbox, background, rest = claimed
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
                await chat_changes.tell(self._log, record, "began")
            with self._metrics.run() as counted:
                try:
                    async with aclosing(items_of(run)) as items:
                        async for batch in items if rest is None else rest.following(items):
                            waits.note(batch)
                            counted.note(batch)
                            batch = _ended(batch, run.cancel_reason)
                            if isinstance(batch[-1], Done):
                                status, has_ended = batch[-1].status, True
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
            await chat_changes.tell(self._log, record, "ended", status)
        finally:
            limit.cancel()
            waits.end()
            writer.abandon()
            listening.cancel()  # first of all: a log that hangs below keeps no listener
            # Also what was given up because it could not be read on, and what was deleted, which
            # may be met by a write before it is told.
            if background is not None and (
                has_ended or run.cancel_reason in _STOPS or await self._is_deleted(record.id)
            ):
                await background.stop()
            await asyncio.gather(listening, return_exceptions=True)

    async def _is_deleted(self, run: str) -> bool:
        with suppress(LogError):
            return await self._log.get(run) is None
        return False

    async def _note_begun(self, run: str, begun: Began) -> None:
        with suppress(LogError, NoSuchRunError):  # who takes it over asks again, then
            await controls.tell(self._log, run, begun)

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
                                place = START  # all once more, where the run is there still
                            continue
                        entries = part.entries if isinstance(part, Behind) else part
                        for entry in entries:
                            place = entry.end
                            controls.obey(run, entry.data, decide)
            except NoSuchRunError:
                run.cancel("deleted")
                return
            except LostOffsetError:
                place = START
            except LogError:
                await asyncio.sleep(_RETRY_S)


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
