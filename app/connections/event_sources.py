"""Any source of an answer -> batches of its events, with an end: a run, events, or mere texts."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from typing import Any, Protocol

from msgspec.structs import replace

from ..core.errors import ErrorInfo, TransportError, UsageError, error_info
from ..core.events import ContentDelta, Done, Error, Event, MessageStart
from ..core.running.run import Run
from ..protocols.tokenfall.sound import Sound


class Batched(Protocol):
    """An answer that is read in batches: a run, one of a server, one of a function."""

    def batches(self) -> AsyncGenerator[list[Event]]: ...


# Texts, events, or lists of events; a run is one of them, and so is one text.
Telling = Batched | AsyncIterable[Any] | Iterable[Any]


async def told(source: Telling) -> AsyncGenerator[list[Event]]:
    """Yield the source's events in batches; `Done` is the last, also where the source ends without
    one. Errors of the source are raised; leaving early closes it.
    """
    is_done = False
    # What a provider says was read with doubt before.
    sound = None if isinstance(source, Run) else Sound()
    async with aclosing(items_of(source)) as items:
        async for item in items:
            batch = batch_of(item)
            if sound is not None:
                batch = sound.events(batch)
            if batch and not is_done:
                yield batch
                is_done = isinstance(batch[-1], Done)
    if not is_done:
        end: list[Event] = [Done("complete", "stop", "stop")]
        yield end if sound is None else sound.events(end)


def batch_of(item: Any) -> list[Event]:
    """An item of a source as events. Raises `UsageError` where it can be none."""
    if isinstance(item, str):
        return [ContentDelta(item)] if item else []
    if isinstance(item, list):
        return item
    if isinstance(item, Event):
        return [item]
    raise UsageError(f"a stream gives texts, events or lists of events, not {type(item).__name__}")


def failure(error: Exception, words: str) -> list[Event]:
    """Make the end of an answer whose source raised."""
    known = error_info(error) if isinstance(error, TransportError) else None
    return [Error(known or ErrorInfo("unknown", words)), Done("error")]


async def items_of(source: Telling) -> AsyncGenerator[Any]:
    """Yield what a source tells, item by item. Leaving early closes it.

    Raises:
        UsageError: It tells nothing.
    """
    if isinstance(source, Run):
        async with source:
            async for batch in source.batches():
                yield [_signed(event, source) for event in batch]
    elif hasattr(source, "batches"):
        async with aclosing(source.batches()) as batches:
            async for batch in batches:
                yield batch
    elif isinstance(source, AsyncIterable):
        try:
            async for item in source:
                yield item
        finally:
            if hasattr(source, "aclose"):
                await source.aclose()
    elif isinstance(source, str | bytes):
        yield source
    elif isinstance(source, Iterable):
        for item in source:
            yield item
    else:
        raise UsageError(f"an answer is texts, events or bytes, not {type(source).__name__}")


def _signed(event: Event, run: Run) -> Event:
    """Name the provider with the start of an answer. Its extras (signatures of reasoning, ids) come
    back with the next question, and go to no other.
    """
    if not isinstance(event, MessageStart):
        return event
    answer = run.message
    return replace(event, protocol=answer.protocol, provider=answer.provider)
