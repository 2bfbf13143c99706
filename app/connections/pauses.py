"""Answers that ask a person while they are served to a front end of others.

AG-UI and the AI SDK know no way back within a response: a question ends it, and the person's reply
comes with the next request. Until then the answer is held here, in this process. What names it is
a secret that its reader alone is told, so nobody else can reply.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, Protocol
from uuid import uuid4

from ..core.errors import ErrorInfo, UsageError
from ..core.events import ApprovalRequest, Done, Error, Event, MessageStart

# Called with the id of the answer (of its first `MessageStart`), that of a call, and the decision.
Decide = Callable[[str, str, str], object]

GONE: list[Event] = [
    Error(ErrorInfo("unknown", "The answer that asked this is not held any more. Ask again.")),
    Done("error"),
]
# As long as a person may take to reply, in seconds, and as many answers as may wait.
_LIMIT_S = 3600.0
_MOST_HELD = 1000
# So many batches are read ahead of a slow reader.
_AHEAD = 16


class Writer(Protocol):
    """Writes the records of one answer, and ends a response with questions, by their ids."""

    def write(self, batch: Sequence[Event]) -> bytes: ...

    def pause(self, questions: Mapping[str, ApprovalRequest]) -> bytes: ...


class Held:
    """An answer, read by a task of its own since it outlives a response."""

    def __init__(
        self, batches: AsyncGenerator[list[Event]], decide: Decide, writer: Writer
    ) -> None:
        self.writer: Any = writer
        self.token = uuid4().hex
        self._decide = decide
        self._answer_id = ""
        self._asked: dict[str, ApprovalRequest] = {}
        self._told: asyncio.Queue[list[Event]] = asyncio.Queue(_AHEAD)
        self._reading = asyncio.create_task(self._read(batches))

    async def records(self) -> AsyncGenerator[bytes]:
        """Yield the records of a response: up to the answer's end, or its next questions. Leaving
        before that ends the answer.
        """
        is_kept = False
        try:
            while True:
                batch = await self._told.get()
                self._note(batch)
                if records := self.writer.write(batch):
                    yield records
                if isinstance(batch[-1], Done):
                    return
                if self._asked and self._told.empty():
                    break
            # The reply may come before the last record is away.
            _held.keep(self)
            is_kept = True
            named = {f"{self.token}.{call_id}": asked for call_id, asked in self._asked.items()}
            yield self.writer.pause(named)
        finally:
            if not is_kept:
                await self.end()

    def reply(self, replies: Mapping[str, bool]) -> None:
        """Pass on what the person said, by the ids of the questions. What they left out is no."""
        asked, self._asked = self._asked, {}
        for call_id in asked:
            decision = "once" if replies.get(f"{self.token}.{call_id}") else "deny"
            with suppress(UsageError):  # it waits no more
                self._decide(self._answer_id, call_id, decision)

    async def end(self) -> None:
        """Stop the answer."""
        self._reading.cancel()
        await asyncio.wait({self._reading})

    def _note(self, batch: list[Event]) -> None:
        for event in batch:
            if isinstance(event, MessageStart):
                self._answer_id = self._answer_id or event.id
            elif isinstance(event, ApprovalRequest) and event.wants != "result":
                self._asked[event.call_id] = event

    async def _read(self, batches: AsyncGenerator[list[Event]]) -> None:
        async with aclosing(batches):
            async for batch in batches:
                await self._told.put(batch)


class _Held:
    """The answers that wait for a reply, by their tokens."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[Held, asyncio.TimerHandle]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def keep(self, held: Held) -> None:
        """Keep an answer until its reply is there, or nobody expects one any more."""
        if len(self._answers) >= _MOST_HELD:
            self._drop(next(iter(self._answers)))
        timer = asyncio.get_running_loop().call_later(_LIMIT_S, self._drop, held.token)
        self._answers[held.token] = held, timer

    def take(self, ids: Iterable[str]) -> Held | None:
        """Give the answer that asked these questions; None where there is none."""
        for id in ids:
            held, timer = self._answers.pop(id.partition(".")[0], (None, None))
            if held is not None and timer is not None:
                timer.cancel()
                return held
        return None

    def _drop(self, token: str) -> None:
        held, timer = self._answers.pop(token)
        timer.cancel()
        ending = asyncio.ensure_future(held.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


_held = _Held()
take = _held.take


def decider(stream: object, decide: Decide | None) -> Decide | None:
    """Give the taker of a stream's decisions: `decide`, or its own; None where there is none."""
    own = getattr(stream, "decide", None)
    if decide is not None or own is None:
        return decide
    return lambda _, call_id, decision: own(call_id, decision)
