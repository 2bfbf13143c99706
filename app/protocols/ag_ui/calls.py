"""The tool calls of a run, by their ids: the agent's own, which come with results, and ours."""

from typing import Any

from ...core.events import Event, ToolCallDelta, ToolCallEnd, ToolCallStart
from ..answer_text import Characters
from ..tolerant import as_dict, as_str


class _Call:
    def __init__(self, index: int, name: str) -> None:
        self.index = index
        self.name = name
        self.arguments: list[str] = []
        self.characters = Characters()
        self.extra: dict[str, Any] = {}
        self.is_open = True


class Calls:
    """The calls of one run, in their order."""

    def __init__(self) -> None:
        self._calls: dict[str, _Call] = {}
        self._latest = ""

    @property
    def has_open(self) -> bool:
        """Tell whether a call has no result yet."""
        return any(call.is_open for call in self._calls.values())

    @property
    def is_empty(self) -> bool:
        """True until a call has begun."""
        return not self._calls

    def told(self, id: str) -> tuple[str, str]:
        """Give the name and the arguments of a call, both "" where there is none."""
        call = self._calls.get(id)
        return (call.name, "".join(call.arguments)) if call else ("", "")

    def add(self, fields: dict[str, Any], out: list[Event]) -> None:
        """Take the begin of a call, a fragment of its arguments, or both. A fragment without an id
        belongs to the latest.
        """
        id = as_str(fields.get("toolCallId")) or self._latest
        call = self._begun(id, as_str(fields.get("toolCallName")), out)
        delta = fields.get("delta")
        if isinstance(delta, str) and (delta := call.characters.feed(delta)):
            call.arguments.append(delta)
            out.append(ToolCallDelta(call.index, delta))

    def add_whole(self, fields: dict[str, Any], out: list[Event]) -> None:
        """Take a call that came at once; nothing where it is known."""
        id, function = as_str(fields.get("id")), as_dict(fields.get("function"))
        if id not in self._calls:
            call = self._begun(id, as_str(function.get("name")), out)
            if arguments := as_str(function.get("arguments")):
                call.arguments.append(arguments)
                out.append(ToolCallDelta(call.index, arguments))
        if value := as_str(fields.get("encryptedValue")):
            self.seal(id, value)

    def answered(self, id: str) -> str | None:
        """Note a result; return the name of its call, None where none waits for it."""
        call = self._calls.get(id)
        if call is None or not call.is_open:
            return None
        call.is_open = False
        return call.name

    def seal(self, id: str, value: str) -> None:
        """Keep with a call a value that the agent wants to see again."""
        if id in self._calls:
            self._calls[id].extra = {"encryptedValue": value}

    def close(self, out: list[Event]) -> None:
        """End all calls."""
        for call in self._calls.values():
            if half := call.characters.close():
                out.append(ToolCallDelta(call.index, half))
            out.append(ToolCallEnd(call.index, call.extra or None))

    def _begun(self, id: str, name: str, out: list[Event]) -> _Call:
        call = self._calls.get(id)
        if call is None:
            call = self._calls[id] = _Call(len(self._calls), name)
            out.append(ToolCallStart(call.index, id or f"call_{call.index}", name))
        self._latest = id
        return call
