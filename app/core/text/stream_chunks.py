"""Two narrow views of a run: chunks of text with a last one that tells the end, and a count of what
has come so far, every so many tokens.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Callable

import msgspec

from ..errors import ErrorInfo
from ..events import (
    ContentDelta,
    Done,
    Error,
    Event,
    ReasoningDelta,
    RefusalDelta,
    StepEnd,
    ToolCallDelta,
)
from ..messages import Status, Usage

_TOKENS = (ContentDelta, ReasoningDelta, RefusalDelta, ToolCallDelta)


class StreamChunk(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fragment of the answer's text. The final one has no text of its own; it says how the answer
    ended, with the whole usage where the provider told it, and the error if there was one.
    """

    text: str
    is_final: bool = False
    usage: Usage | None = None
    status: Status | None = None
    error: ErrorInfo | None = None


async def stream_chunks(events: AsyncIterable[Event]) -> AsyncGenerator[StreamChunk]:
    """Yield a run as chunks; the last one, and only that, is final. Nothing is raised for what a
    provider does: what came before a failure was yielded before it.
    """
    error: ErrorInfo | None = None
    async for event in events:
        match event:
            case ContentDelta(text):
                yield StreamChunk(text)
            case Error():
                error = event.error
            case Done(status=status, usage=usage):
                failed = error if status == "error" else None
                yield StreamChunk("", True, usage, status, failed)


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """Progress of an answer. Times are in seconds since the question.

    `tokens` are the fragments that have come, as most providers send one token a fragment; at the
    end of a step what the provider counted takes their place, and `is_counted` is true.
    """

    tokens: int
    elapsed_s: float
    first_output_s: float | None = None
    is_counted: bool = False

    @property
    def tokens_per_s(self) -> float | None:
        """The rate since the first token; None before there is one to speak of."""
        if self.first_output_s is None or self.tokens < 2:
            return None
        writing_s = self.elapsed_s - self.first_output_s
        return (self.tokens - 1) / writing_s if writing_s > 0 else None

    def __str__(self) -> str:
        parts = [f"{'' if self.is_counted else '~'}{self.tokens} tokens"]
        if self.first_output_s is not None:
            parts.append(f"first after {self.first_output_s:.2f} s")
        if (rate := self.tokens_per_s) is not None:
            parts.append(f"{rate:.1f} tokens/s")
        return ", ".join(parts)


class Meter:
    """Counts what comes in; every `every` tokens it has news. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float], *, every: int = 10) -> None:
        self._clock = clock
        self._every = every
        self._began = clock()
        self._first_s: float | None = None
        self._last_s: float | None = None  # when the latest token came: tools run after it
        self._counted = 0  # by the provider, in the steps that have ended
        self._fragments = 0  # in this step
        self._all_counted = True
        self._told = 0

    def push(self, event: Event) -> Progress | None:
        """Take the next event; return the state every so many tokens, and with `Done`."""
        if isinstance(event, _TOKENS):
            self._last_s = self._clock() - self._began
            if self._first_s is None:
                self._first_s = self._last_s
            self._fragments += 1
            tokens = self._counted + self._fragments
            if tokens - self._told < self._every:
                return None
            self._told = tokens
            return self.progress
        if isinstance(event, StepEnd):
            output = event.usage.output_tokens if event.usage else None
            self._all_counted &= output is not None
            self._counted += self._fragments if output is None else output
            self._fragments = 0
        return self.progress if isinstance(event, Done) else None

    @property
    def progress(self) -> Progress:
        """The answer's progress now."""
        return Progress(
            self._counted + self._fragments,
            self._clock() - self._began if self._last_s is None else self._last_s,
            self._first_s,
            self._all_counted and not self._fragments and self._counted > 0,
        )
