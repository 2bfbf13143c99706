"""Many small events as few: fragments that follow each other are one fragment.

They fold to the same message, so it serves readers far behind, and writers that wait for a log that
fails.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from ..core.events import (
    ContentDelta,
    Event,
    Heartbeat,
    ReasoningDelta,
    RefusalDelta,
    ToolCallDelta,
)
from .offsets import Offset


class Merger:
    """Takes events and keeps them as few; memory grows with the text, not with the events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._fragments: list[str] = []  # of the last event, where that grows

    def add(self, events: Iterable[Event]) -> None:
        """Take the next events, in order."""
        for event in events:
            if isinstance(event, Heartbeat):
                continue  # it said something about a moment that is over
            last = self.events[-1] if self.events else None
            if last is not None and _continues(last, event):
                self._fragments.append(_text(event))
            else:
                self._join()
                self.events.append(event)

    def take(self) -> list[Event]:
        """Give all that was taken, and begin anew."""
        self._join()
        events, self.events = self.events, []
        return events

    def _join(self) -> None:
        if self._fragments:
            last = self.events[-1]
            text = _text(last) + "".join(self._fragments)
            name = "arguments" if isinstance(last, ToolCallDelta) else "text"
            self.events[-1] = replace(last, **{name: text})
            self._fragments = []


def merged(placed: Iterable[tuple[Offset, Event]]) -> list[tuple[Offset, Event]]:
    """Join events into as few as can be, each at the place of the last one in it."""
    merger, places = Merger(), list[Offset]()
    for place, event in placed:
        merger.add([event])
        if len(merger.events) > len(places):
            places.append(place)
        elif places:
            places[-1] = place
    return list(zip(places, merger.take(), strict=True))


def _continues(last: Event, event: Event) -> bool:
    if isinstance(last, ReasoningDelta) and isinstance(event, ReasoningDelta):
        return last.extra is None and event.extra is None
    if isinstance(last, ToolCallDelta) and isinstance(event, ToolCallDelta):
        return last.index == event.index
    return type(last) is type(event) and isinstance(last, ContentDelta | RefusalDelta)


def _text(event: Event) -> str:
    if isinstance(event, ToolCallDelta):
        return event.arguments
    assert isinstance(event, ContentDelta | ReasoningDelta | RefusalDelta)
    return event.text
