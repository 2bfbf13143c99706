"""An answer that is read again, without what readers have of it."""

from collections import deque
from collections.abc import Sequence

from msgspec.structs import replace

from ...core.events import (
    ContentDelta,
    Event,
    Heartbeat,
    ReasoningDelta,
    RefusalDelta,
    Retry,
    StepReset,
    ToolCallDelta,
)
from ...runs.compaction import Merger

DIFFERS = "What the provider has of this answer is not what had come of it."


class Overlap:
    """Leaves out of a model call that is read again what readers have of it. Where it is not the
    same, that is void, and they get all of it.
    """

    def __init__(self, known: Sequence[Event]) -> None:
        merger = Merger()
        merger.add(known)
        self._known = deque(merger.take())
        self._read: list[Event] = []

    def new(self, batch: Sequence[Event]) -> list[Event]:
        """Give the events that readers have not."""
        if not self._known:
            return list(batch)
        found: list[Event] = []
        for event in batch:
            if not self._known or isinstance(event, Retry):
                found.append(event)
                continue
            if isinstance(event, Heartbeat):
                continue
            self._read.append(event)
            if isinstance(event, StepReset):
                self._known.clear()
                found.append(event)
            elif (rest := self._behind(event)) is None:
                self._known.clear()
                found += [StepReset(DIFFERS), *self._read]
            else:
                found += rest
        return found

    def _behind(self, event: Event) -> list[Event] | None:
        """Match an event with the next known one; give what it has more, None where it differs."""
        known = self._known.popleft()
        if known == event:
            return []
        name = "arguments" if isinstance(known, ToolCallDelta) else "text"
        fragments = ContentDelta | ReasoningDelta | RefusalDelta | ToolCallDelta
        if not isinstance(known, fragments) or type(known) is not type(event):
            return None
        had, has = getattr(known, name), getattr(event, name)
        if replace(known, **{name: ""}) != replace(event, **{name: ""}):
            return None
        if had.startswith(has):
            self._known.appendleft(replace(known, **{name: had[len(has) :]}))
            return []
        if not has.startswith(had):
            return None
        rest = replace(event, **{name: has[len(had) :]})
        return self._behind(rest) if self._known else [rest]
