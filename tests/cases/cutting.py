"""Streams that break off, and asserting that none is taken for whole and nothing is lost of it."""

import itertools
import random
from collections.abc import Collection

from app.core.events import ContentDelta, Event, ReasoningDelta, RefusalDelta
from app.core.messages import Message, Status
from app.protocols import decoder

from . import records
from .decoding import assert_sound, decode
from .records import Ending

STATUS: dict[Ending, Status] = {
    "open": "incomplete",
    "finished": "complete",
    "done": "complete",
    "failed": "error",
}


def cut_between_records(
    parts: list[bytes], protocol: str, places: Collection[int] | None = None
) -> None:
    """Read the beginning of a stream up to and with each of its records; those at `places` alone,
    where they are given.
    """
    body = b"".join(parts)
    endings = records.endings(parts, protocol)
    final = decode([body], protocol)[1]
    live = decoder(protocol)
    shown: list[Event] = []
    ends = itertools.accumulate(map(len, parts))
    for place, (part, end, ending) in enumerate(zip(parts, ends, endings, strict=True)):
        shown += live.feed(part)
        if places is not None and place not in places:
            continue
        events, message = decode([body[:end]], protocol)
        assert_sound(events, message)
        assert message.status == STATUS[ending], f"after record {place}"
        assert_nothing_lost(shown, message)
        assert_prefix(message, final)


def cut_inside_records(body: bytes, protocol: str, source: random.Random, count: int) -> None:
    """Read the beginning of a stream up to any byte, so often."""
    final = decode([body], protocol)[1]
    for _ in range(count):
        events, message = decode([body[: source.randrange(len(body))]], protocol)
        assert_sound(events, message)
        assert_prefix(message, final)


def assert_nothing_lost(shown: list[Event], message: Message) -> None:
    """Assert that text on the page when the stream broke off is still in the message."""
    for text, kind in (
        (message.text, ContentDelta),
        (message.reasoning, ReasoningDelta),
        (message.refusal, RefusalDelta),
    ):
        assert text.startswith("".join(e.text for e in shown if isinstance(e, kind)))


def assert_prefix(message: Message, final: Message) -> None:
    """A cut stream says the beginning of what the whole one says, and no half call may run."""
    # The beginning of a tag that may lead reasoning is text until the rest of it comes.
    if not "<think>".startswith(message.text.strip()):
        assert final.text.startswith(message.text)
    assert final.reasoning.startswith(message.reasoning)
    assert final.refusal.startswith(message.refusal)
    assert len(message.tool_calls) <= len(final.tool_calls)
    for call, whole in zip(message.tool_calls, final.tool_calls, strict=False):
        assert whole.arguments.startswith(call.arguments)
    for call in message.runnable_tool_calls:
        assert call in final.tool_calls
