"""Recorded streams that break off: never taken for whole, and nothing that arrived is lost."""

import itertools
import random
from collections.abc import Iterator

import pytest

from app.core.events import ContentDelta, Event, ReasoningDelta, RefusalDelta
from app.core.messages import Message, Status
from app.protocols import decoder

from . import records, tally
from .decoding import IN_TAB, assert_sound, decode
from .library import Case, of_all_protocols
from .records import Ending

STREAMS = [case for case in of_all_protocols("streams") if case.quality == "A"]

# A stream is read anew for each cut, so of long ones only a sample is cut.
MOST_CUTS = 50 if IN_TAB else 500
SAMPLE = 20 if IN_TAB else 60
CUTS_INSIDE_RECORDS = 5 if IN_TAB else 20

STATUS: dict[Ending, Status] = {
    "open": "incomplete",
    "finished": "complete",
    "done": "complete",
    "failed": "error",
}


@pytest.mark.parametrize("case", STREAMS, ids=str)
def test_cut_between_records(case: Case):
    parts = records.split(case.body, case.protocol)
    endings = records.endings(parts, case.protocol)
    final = decode([case.body], case.protocol)[1]
    live = decoder(case.protocol)
    shown: list[Event] = []
    ends = list(itertools.accumulate(len(part) for part in parts))
    assert ends[-1] == len(case.body)
    cuts = 0
    sampled = set(_sample(len(parts)))
    for place, (part, end, ending) in enumerate(zip(parts, ends, endings, strict=True)):
        shown += live.feed(part)
        if place not in sampled:
            continue
        events, message = decode([case.body[:end]], case.protocol)
        assert_sound(events, message)
        assert message.status == STATUS[ending], f"after record {place}"
        assert_nothing_lost(shown, message)
        assert_prefix(message, final)
        cuts += 1
    tally.count("truncations", cuts)


@pytest.mark.parametrize("case", STREAMS, ids=str)
def test_cut_inside_records(case: Case):
    source = random.Random(case.name)
    final = decode([case.body], case.protocol)[1]
    for _ in range(CUTS_INSIDE_RECORDS):
        start = case.body[: source.randrange(len(case.body))]
        events, message = decode([start], case.protocol)
        assert_sound(events, message)
        assert_prefix(message, final)
    tally.count("truncations", CUTS_INSIDE_RECORDS)


def _sample(count: int) -> Iterator[int]:
    if count <= MOST_CUTS:
        yield from range(count)
        return
    yield from (round(n * (count - 1) / (SAMPLE - 1)) for n in range(SAMPLE))


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
