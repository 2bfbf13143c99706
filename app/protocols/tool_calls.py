"""Which fragments belong to which tool call: the identity rule, for providers that muddle it.

A fragment is looked up by its index; the same index with a new id *and* a name is a new call.
Without an index: by id, else the latest call, where a new name opens a new one. The first id and
the first name that are not empty win; arguments that come before the name are held back; an id
that never comes is made up once.
"""

from typing import Any

import msgspec

from ..core.events import Event, ToolCallDelta, ToolCallEnd, ToolCallStart
from ..core.nesting import is_too_deep


class _Call:
    """One call as it grows. `order` is its place among the calls, once it was announced."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.order: int | None = None
        self.fragments: list[str] = []
        self.extra: Any = None

    def is_whole(self) -> bool:
        """Whether the arguments are a JSON object, to which nothing can be added any more."""
        if not self.fragments or not self.fragments[-1].rstrip().endswith("}"):
            return False
        arguments = "".join(self.fragments).encode("utf-8", "replace")
        if is_too_deep(arguments):
            return False
        try:
            msgspec.json.decode(arguments, type=dict[str, Any])
        except msgspec.DecodeError:
            return False
        return True


class ToolCalls:
    """The tool calls of one answer."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._announced = 0

    def add(
        self,
        out: list[Event],
        *,
        index: int | None,
        id: str,
        name: str,
        arguments: str,
        extra: Any = None,
        minted_id: str,
    ) -> None:
        """Take one fragment; append the events it makes to `out`.

        `minted_id` stands in, with the call's order, for an id that the provider does not give.
        """
        call = self._find(index, id, name)
        if call is None:
            call = _Call()
            self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        call.id = call.id or id
        call.name = call.name or name
        if extra is not None:
            call.extra = extra
        if arguments:
            call.fragments.append(arguments)
        if call.order is not None:
            if arguments:
                out.append(ToolCallDelta(call.order, arguments))
        elif call.name:
            self._announce(out, call, minted_id)

    def close(self, out: list[Event], minted_id: str) -> None:
        """End all calls. One that never got a name is announced now, so that nothing is lost."""
        for call in self._calls:
            if call.order is None:
                self._announce(out, call, minted_id)
        for call in sorted(self._calls, key=lambda call: call.order or 0):
            out.append(ToolCallEnd(call.order or 0, call.extra))

    def __bool__(self) -> bool:
        return bool(self._calls)

    def _find(self, index: int | None, id: str, name: str) -> _Call | None:
        if index is not None:
            call = self._by_index.get(index)
            if call is None or (name and id and call.id and id != call.id):
                return None
            # Two whole calls at one index, without ids to tell them apart.
            return None if name and not id and call.is_whole() else call
        if id:
            for call in self._calls:
                if call.id == id:
                    return call
        latest = self._calls[-1] if self._calls else None
        if latest is None or not name or not latest.name:
            return latest
        # A name repeated with every fragment is no new call, unless the last one is whole.
        is_repeated = name == latest.name and not id and not latest.is_whole()
        return latest if is_repeated else None

    def _announce(self, out: list[Event], call: _Call, minted_id: str) -> None:
        call.order = self._announced
        self._announced += 1
        call.id = call.id or f"{minted_id}_{call.order}"
        out.append(ToolCallStart(call.order, call.id, call.name))
        if held := "".join(call.fragments):
            out.append(ToolCallDelta(call.order, held))
