"""Parts that runs need of a server, opened when first wanted: starting costs nothing more."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from ...runs.feeds import Feeds
from ...runs.log import LogError, RunLog
from .agent_asking import AgentAsker
from .asking import Asker
from .budgets import Budget, Budgets, Patience
from .metrics import Metrics
from .refusals import RefusedError

_log = logging.getLogger(__name__)

# Who makes the chat of a question: of any provider, or of the one agent.
RunAsker = Asker | AgentAsker

# How long a reader may hear nothing, in seconds: what stands on the way would take the connection
# for dead.
HEARTBEAT_S = 15.0


class Runs:
    """The log of one server, its readers and its runner. With `takes_over` what dead workers left
    goes on.
    """

    def __init__(
        self, log: RunLog, patience: Patience, asker: RunAsker, *, takes_over: bool
    ) -> None:
        from .runner import Runner  # not at the start of the server

        self.log = log
        self.feeds = Feeds(log, HEARTBEAT_S)
        self.metrics = Metrics()
        self.runner = Runner(
            log,
            self.feeds,
            self.metrics,
            patience,
            asker.again,
            asker.decide,
            takes_over=takes_over,
        )
        self._keeping = asyncio.create_task(self.runner.keep())

    async def close(self) -> None:
        """Stop the runs, and close the log."""
        self._keeping.cancel()
        await asyncio.gather(self._keeping, return_exceptions=True)
        await self.runner.close()
        await self.feeds.close()
        await self.log.close()


class RunService:
    """`open_log` opens the log, in a thread; `asker` makes the chat of a question. With
    `takes_over` runs that dead workers left go on here, else they are marked.
    """

    def __init__(
        self,
        open_log: Callable[[], RunLog],
        asker: RunAsker,
        *,
        budget: Budget | None = None,
        patience: Patience | None = None,
        takes_over: bool = False,
    ) -> None:
        self.asker = asker
        self.budgets = Budgets(budget or Budget())
        self._open_log = open_log
        self._patience = patience or Patience()
        self._takes_over = takes_over
        self._runs: Runs | None = None
        self._opening = asyncio.Lock()
        self._is_closed = False

    @property
    def opened(self) -> Runs | None:
        """The opened parts; None before they were wanted."""
        return self._runs

    async def runs(self) -> Runs:
        """Open the log, once. Raises `RefusedError` where it cannot be."""
        async with self._opening:
            if self._runs is None:
                if self._is_closed:
                    raise RefusedError(503, "server_stopping", "the server is being stopped")
                try:
                    log = await asyncio.to_thread(self._open_log)
                except LogError as error:
                    _log.error("%s", error)
                    raise RefusedError(503, "log_failed", str(error)) from error
                self._runs = Runs(log, self._patience, self.asker, takes_over=self._takes_over)
        return self._runs

    async def has_chats(self, owner: str) -> bool:
        """Tell whether there are any of this person, as far as is known without opening the log."""
        if self._runs is None:
            return False
        try:
            return bool(await self._runs.log.runs(owner))
        except LogError:
            return False

    async def resume(self) -> None:
        """Open the log now, where it can be; a failure was logged."""
        with suppress(RefusedError):
            await self.runs()

    async def close(self) -> None:
        """Close the opened parts, once."""
        async with self._opening:
            was_closed, self._is_closed = self._is_closed, True
            if self._runs is not None and not was_closed:
                await self._runs.close()
