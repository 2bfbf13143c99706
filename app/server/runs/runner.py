"""Runs that this process holds: it renews its claims, and takes those that a dead worker left."""

import asyncio
import logging
import os
import secrets
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from ...core.events import Done, Event
from ...core.running.calls import Decision
from ...core.running.run import Run
from ...core.tools.toolbox import Toolbox
from ...runs.feeds import Feeds
from ...runs.log import Claim, LogError, NoSuchRunError, RunLog, RunRecord
from ...runs.writing import OverError, Writer
from . import chat_changes, controls
from .background import Background
from .budgets import Patience
from .carrying import Carrier, ClaimedRun
from .controls import Began
from .metrics import Metrics
from .takeover import Again, Rest, left_begun, marked, rest_of, stop_left

_log = logging.getLogger(__name__)

# How often it is looked for what has expired, in seconds.
_EXPIRE_EVERY_S = 3600.0
# How long runs may take to end with the server, in seconds.
_CLOSE_LIMIT_S = 2.0


class _Held(NamedTuple):
    run: Run | None  # None where only its end is written
    carrying: asyncio.Task[None]


class Runner:
    """The runs of this process. `start` begins one; `keep` is to go on as long as the process.
    `again` makes the chat in which a run that a dead worker left goes on, where it can, or by which
    its provider is stopped; without `takes_over` all of those are marked. `decide(owner, answer,
    call, decision)` is told what a person said to a question that is none of the run's own calls.
    """

    def __init__(
        self,
        log: RunLog,
        feeds: Feeds,
        metrics: Metrics,
        patience: Patience,
        again: Again | None = None,
        decide: Callable[[str, str, str, Decision], None] = lambda *_: None,
        *,
        takes_over: bool = True,
    ) -> None:
        self._again = again
        self._takes_over = takes_over and again is not None
        self._log = log
        self._metrics = metrics
        self._patience = patience
        self._carrier = Carrier(log, feeds, metrics, patience, decide)
        self.worker = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._held: dict[str, _Held] = {}
        self._stopping: set[asyncio.Task[None]] = set()  # of providers of deleted runs

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

        carrying = self._carrier.carry(ClaimedRun(record, claim, run, toolbox, background))
        self._hold(record.id, run, carrying, on_end)
        return True

    async def delete_run(self, record: RunRecord, message: str = "") -> None:
        """Remove a run, as `chat_changes` does; its provider is told."""
        begun = await self._begun(record)
        await chat_changes.delete_run(self._log, record, message)
        self._stop_left(record, begun)

    async def delete_chat(self, records: Sequence[RunRecord]) -> None:
        """Remove a chat with all its runs; their providers are told."""
        begun = [await self._begun(record) for record in records]
        await chat_changes.delete_chat(self._log, records)
        for record, one in zip(records, begun, strict=True):
            self._stop_left(record, one)

    async def _begun(self, record: RunRecord) -> Began | None:
        """Find what is to be stopped where a run is deleted. Who carries it stops it too, and may
        have died.
        """
        is_carried_elsewhere = record.status is None and record.id not in self._held
        return await left_begun(self._log, record.id) if is_carried_elsewhere else None

    def _stop_left(self, record: RunRecord, begun: Began | None) -> None:
        if begun is not None:
            task = asyncio.create_task(stop_left(record, begun, self._again))
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)

    def _hold(
        self,
        run_id: str,
        run: Run | None,
        work: Coroutine[Any, Any, None],
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        def forget(_: object) -> None:
            self._held.pop(run_id, None)
            on_end()

        carrying = asyncio.create_task(work)
        self._held[run_id] = _Held(run, carrying)
        carrying.add_done_callback(forget)

    def stop(self, run: str) -> bool:
        """Stop a run that is carried here, without the log; False where it is not."""
        held = self._held.get(run)
        if held is None or held.run is None:
            return False
        held.run.cancel()
        return True

    @property
    def running(self) -> int:
        """The number of runs that this process carries."""
        return len(self._held)

    async def keep(self) -> None:
        """Renew this worker's claims; take runs that dead workers left; remove old ones."""
        loop = asyncio.get_running_loop()
        lease_s = self._patience.lease_s
        well_since_s = loop.time() - lease_s
        expire_at_s = loop.time()
        while True:
            try:
                if self._takes_over:
                    await self._log.attend(self.worker)
                for lost in await self._log.heartbeat(self.worker, list(self._held)):
                    if lost in self._held and (run := self._held[lost].run) is not None:
                        run.cancel("lost")
                # Where the log has failed, others could not renew theirs either.
                if loop.time() - well_since_s >= lease_s:
                    for left in await self._log.unattended():
                        if left not in self._held:
                            await self._take(left)
                if loop.time() >= expire_at_s:
                    expire_at_s = loop.time() + _EXPIRE_EVERY_S
                    await chat_changes.expire(self._log, self._patience.keep_s)
            except LogError as error:
                _log.warning("the log of runs fails: %s", error)
                well_since_s = loop.time()
            await asyncio.sleep(lease_s / 3)

    async def close(self) -> None:
        """Leave the runs here to another worker that takes them; where there is none, stop them,
        each answer marked, with the events so far.
        """
        tasks = [held.carrying for held in self._held.values()]
        with suppress(LogError, TimeoutError):
            async with asyncio.timeout(_CLOSE_LIMIT_S):
                if await self._has_heirs():
                    await self._hand_over()
        for held in self._held.values():
            if held.run is not None:
                held.run.cancel("stopping")
        await _end_of(tasks)
        with suppress(LogError, TimeoutError):
            async with asyncio.timeout(_CLOSE_LIMIT_S):
                await self._log.release(self.worker)
                # Of several that end at once the last one finds, behind its own release, nobody
                # and what all of them have left.
                if self._takes_over and not await self._has_heirs():
                    self._takes_over = False
                    for left in await self._log.unattended():
                        await self._take(left)
        await _end_of([*self._stopping, *(held.carrying for held in self._held.values())])

    async def _has_heirs(self) -> bool:
        return self._takes_over and bool(await self._log.attending() - {self.worker})

    async def _hand_over(self) -> None:
        """Let go of the runs here without a word to their readers, who find them elsewhere."""
        for id, held in list(self._held.items()):
            if held.run is not None and held.run.status is None:  # else its end is being written
                del self._held[id]
                held.carrying.cancel()
                with suppress(NoSuchRunError):
                    await controls.tell(self._log, id, controls.HandedOver())

    async def _take(self, run: str) -> None:
        """Take a run whose worker has died: its events are kept, and it goes on or is marked."""
        with suppress(NoSuchRunError, OverError):
            claim = await self._log.claim(run, self.worker)
            record = await self._log.get(run)
            if claim is None or record is None:
                return
            self._metrics.interrupted()
            again = self._again if self._takes_over else None
            try:
                rest = await rest_of(self._log, record, claim, again)
            except (LogError, NoSuchRunError):
                raise
            except Exception:
                _log.exception("a run that was left cannot go on")
                rest = marked()
            if isinstance(rest, Rest):
                taken = ClaimedRun(record, claim, rest.run, rest.toolbox, rest.background, rest)
                self._hold(run, rest.run, self._carrier.carry(taken))
            else:
                self._hold(run, None, self._end(record, claim, rest))

    async def _end(self, record: RunRecord, claim: Claim, rest: list[Event]) -> None:
        """Write the end of a run that goes on no more; its provider is told behind that."""
        writer = Writer(self._log, record.id, claim)
        status = rest[-1].status if isinstance(rest[-1], Done) else None
        try:
            await writer.write(rest)
            await writer.settled()
            await chat_changes.tell(self._log, record, "ended", status)
            if status in ("aborted", "incomplete"):
                begun = await left_begun(self._log, record.id)
                await stop_left(record, begun, self._again)
        except OverError:
            pass  # another worker has it, or it was deleted
        except Exception:
            _log.exception("the end of a run was not written, or not told")
        finally:
            writer.abandon()


async def _end_of(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait for the end of what runs here, which is near, then bring it about."""
    if tasks:
        await asyncio.wait(tasks, timeout=_CLOSE_LIMIT_S)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
