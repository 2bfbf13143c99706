"""Cuts of text on its way to a reader: at once, by words, by sentences, every N fragments.

A strategy says how much of the held text may go out. The rest goes out at the latest with the end,
with anything that is not text, or when it grows beyond a cap; there are no timers.

    async for text in batched(run.text(), words): …
    async for batch in batched_events(run.batches(), first_of(words, every(8))): …
"""

import re
from collections.abc import AsyncIterable, AsyncIterator, Callable

from ..events import ContentDelta, Event

# The text that is held, to which one fragment was just added -> how many characters go out.
Strategy = Callable[[str], int]

# How many characters are held at most.
CAP = 1000

_LAST_SPACE = re.compile(r"\s(?=\S*\Z)")
# A mark that closes a phrase, and the quotation marks or brackets that close with it. After a
# Latin mark comes a space, so that 3.14 stays whole; the wide marks of CJK stand alone.
_LAST_MARK = re.compile(r"(?:[.,!?;:…][\"')\]»”’]*(?=\s)|[。，！？；：、][」』）”’]*|\n)")


def immediate(held: str) -> int:
    """Let everything out as it comes."""
    return len(held)


def words(held: str) -> int:
    """Let whole words out, each with the white space behind it."""
    found = _LAST_SPACE.search(held)
    return found.end() if found else 0


def punctuation(held: str) -> int:
    """Let phrases and lines out, each to the mark that closes it."""
    end = 0
    for found in _LAST_MARK.finditer(held):
        end = found.end()
    return end


def every(count: int) -> Strategy:
    """Make a strategy that lets out what `count` fragments brought; for one stream."""
    fragments = 0

    def strategy(held: str) -> int:
        nonlocal fragments
        fragments += 1
        return len(held) if fragments % count == 0 else 0

    return strategy


def first_of(*strategies: Strategy) -> Strategy:
    """Make a strategy that lets out as much as any of these would."""
    return lambda held: max(strategy(held) for strategy in strategies)


async def batched(
    texts: AsyncIterable[str], strategy: Strategy, *, cap: int = CAP
) -> AsyncIterator[str]:
    """Yield the same text, cut by the strategy; never more than `cap` characters are held."""
    held = ""
    async for text in texts:
        out, held = _cut(held + text, strategy, cap)
        if out:
            yield out
    if held:
        yield held


async def batched_events(
    batches: AsyncIterable[list[Event]], strategy: Strategy, *, cap: int = CAP
) -> AsyncIterator[list[Event]]:
    """Yield the same events with the answer's text cut by the strategy.

    Any other event lets out the text held before it, so that the order stays.
    """
    held = ""
    async for batch in batches:
        given: list[Event] = []
        for event in batch:
            if isinstance(event, ContentDelta):
                out, held = _cut(held + event.text, strategy, cap)
                if out:
                    given.append(ContentDelta(out))
                continue
            if held:
                given.append(ContentDelta(held))
                held = ""
            given.append(event)
        if given:
            yield given
    if held:
        yield [ContentDelta(held)]


def _cut(held: str, strategy: Strategy, cap: int) -> tuple[str, str]:
    end = strategy(held)
    if len(held) - end >= cap:
        end = len(held)
    return held[:end], held[end:]
