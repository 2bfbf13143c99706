"""An agent's state, and its activities, which change while they are shown.

Both are kept as tools of the provider, so that each version of an answer has its own, and are told
once, at the end: what matters of them is the last.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ...core.messages import Message, ProviderTool
from ..tolerant import as_dict, as_list, as_str
from .json_patch import Document, PatchError, Room

STATE = "state"


def state_of(messages: Sequence[Message], provider: str) -> Any:
    """The state that this agent told last in the conversation; an empty object at its begin."""
    for message in reversed(messages):
        if message.role == "assistant" and message.provider == provider:
            for part in reversed(message.parts):
                if isinstance(part, ProviderTool) and part.name == STATE:
                    return part.result
    return {}


class _Question(msgspec.Struct):
    state: Any = {}


def _asked_with(question: bytes) -> Any:
    return msgspec.json.decode(question, type=_Question).state if question else {}


class Shown:
    """The state and the activities of a run. Raises `PatchError` for a patch that does not fit."""

    def __init__(self) -> None:
        self.question = b""  # the request, whose state the first change may be one of
        self._room = Room()
        self._state: Document | None = None
        self._activities: dict[str, tuple[str, Document]] = {}

    def take_state(self, fields: dict[str, Any]) -> None:
        """A snapshot of the state."""
        self._state = Document(fields.get("snapshot"), self._room)

    def change_state(self, fields: dict[str, Any]) -> None:
        """A change of the state, which before its first snapshot is what the request told."""
        self._state = self._state or Document(_asked_with(self.question), self._room)
        self._state.apply(as_list(fields.get("delta")))

    def take_activity(self, fields: dict[str, Any]) -> None:
        """An activity as it is now; `replace` false keeps the one that is there."""
        id = as_str(fields.get("messageId"))
        if id not in self._activities or fields.get("replace") is not False:
            content = Document(as_dict(fields.get("content")), self._room)
            self._activities[id] = as_str(fields.get("activityType")), content

    def change_activity(self, fields: dict[str, Any]) -> None:
        """A change of an activity."""
        id = as_str(fields.get("messageId"))
        if id not in self._activities:
            raise PatchError("no such activity")
        self._activities[id][1].apply(as_list(fields.get("patch")))

    def parts(self) -> Iterator[ProviderTool]:
        """Give the state and the activities as parts of the answer."""
        for id, (kind, content) in self._activities.items():
            yield ProviderTool(id, kind or "activity", result=content.value)
        if self._state is not None:
            yield ProviderTool(STATE, STATE, result=self._state.value)
