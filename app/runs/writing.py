"""Writing a run's batches: before they are delivered, and over the time in which the log fails.

A log that fails never costs the answer. The run goes on; what could not be written waits in memory,
as few events as it can be, and is tried again until the log is back or patience ends. Readers get
nothing meanwhile that the log may lose: they are told that it fails.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

import msgspec

from ..core.events import Done, Event
from .compaction import Merger
from .log import Claim, FencedError, LogError, NoSuchRunError, RunLog

_log = logging.getLogger(__name__)

# How long a run goes on whose log fails, in seconds, and how long its end is then still tried.
PATIENCE_S = 600.0
# The first and the longest wait between two tries, in seconds.
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.05, 5.0

_encoder = msgspec.json.Encoder()


class OverError(Exception):
    """The run is not this writer's any more: another worker has it, or it was deleted."""


def encoded(events: Sequence[Event]) -> bytes:
    """A batch as it lies in the log."""
    return b"\n".join(map(_encoder.encode, events))


class Writer:
    """Writes one run's events under a claim. `on_trouble` is called with True where the log fails,
    and with False when it is back.
    """

    def __init__(
        self,
        log: RunLog,
        run: str,
        claim: Claim,
        *,
        patience_s: float = PATIENCE_S,
        on_trouble: Callable[[bool], None] = lambda fails: None,
    ) -> None:
        self._log = log
        self._run = run
        self._claim = claim
        self._patience_s = patience_s
        self._on_trouble = on_trouble
        self._waiting = Merger()
        self._trying: asyncio.Task[None] | None = None
        self._is_over = False

    async def write(self, events: Sequence[Event]) -> bool:
        """Write a batch; `Done` ends the run. Tell whether it is in the log: else it waits for it.

        Raises:
            OverError: Nothing of this run is written here any more.
        """
        if self._is_over:
            raise OverError(self._run)
        if self._trying is None:
            try:
                await self._append(events)
            except LogError as error:
                _log.warning("the log of a run cannot be written: %s", error)
                self._on_trouble(True)
                self._trying = asyncio.create_task(self._try_again(events))
            return self._trying is None
        self._waiting.add(events)
        return False

    async def settled(self) -> None:
        """Wait until nothing waits for the log any more."""
        if self._trying is not None:
            await asyncio.wait({self._trying})

    def abandon(self) -> None:
        """Try no more: the process ends."""
        if self._trying is not None:
            self._trying.cancel()

    async def _try_again(self, batch: Sequence[Event]) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._patience_s
        wait_s = _FIRST_WAIT_S
        while True:
            # A batch that a failed try may have written is tried again as it is, without more.
            batch = batch or self._waiting.take()
            if not batch:
                self._trying = None
                self._on_trouble(False)
                return
            try:
                await self._append(batch)
                batch = []
            except LogError as error:
                if loop.time() > until_s:
                    _log.error("an answer was not written: %s", error)
                    self._is_over = True
                    return
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
            except OverError:
                return

    async def _append(self, events: Sequence[Event]) -> None:
        last = events[-1]
        status = last.status if isinstance(last, Done) else None
        data = encoded(events)
        try:
            self._claim = await self._log.append(self._run, self._claim, data, len(events), status)
        except (FencedError, NoSuchRunError):
            self._is_over = True
            raise OverError(self._run) from None
