"""Identity of tool calls: which fragments belong together, for providers that muddle it.

A fragment is looked up by its index; the same index with a new id *and* a name is a new call.
Without an index: by id, else the latest call, where a new name opens a new one. The first id and
the first name that are not empty win; arguments that come before the name are held back; an id
that never comes is made up once, and one that another call has already is told apart.
"""

from typing import Any

from ..core.events import Event, ToolCallDelta, ToolCallEnd, ToolCallStart
from ..core.messages import is_object
from .answer_text import Characters
from .growing_arguments import GrowingArguments
from .tolerant import is_same_json


class CallIds:
    """The ids of one answer's calls: each as it came, where no other call has it."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def own(self, id: str) -> str:
        """The id of one more call."""
        number = 1
        own = id
        while own in self._taken:
            number += 1
            own = f"{id}_{number}"
        self._taken.add(own)
        return own


class _Call(GrowingArguments):
    """One call as it grows. `order` is its place among the calls, once it was announced."""

    def __init__(self) -> None:
        super().__init__()
        self.id = ""
        self.name = ""
        self.order: int | None = None
        self.characters = Characters()
        self.extra: Any = None

    def is_another(self, name: str, arguments: str) -> bool:
        """Tell whether this begins another call, though its id is the same: some servers know one
        id.
        """
        if not name or not self.name or not self.is_whole():
            return False
        if name != self.name:
            return True
        is_new = arguments.strip() != "" and is_object(arguments)
        return is_new and not is_same_json("".join(self.fragments), arguments)


class ToolCalls:
    """The tool calls of one answer."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._by_id: dict[str, _Call] = {}
        self._announced = 0
        self._ids = CallIds()

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
        call = self._find(index, id, name, arguments)
        if call is None:
            call = _Call()
            self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        if id and not call.id:
            call.id = id
            self._by_id[id] = call
        call.name = call.name or name
        if extra is not None:
            call.extra = extra
        if call.characters.half or not arguments.isascii():
            arguments = call.characters.feed(arguments)
        if arguments:
            arguments = call.add(arguments)
        if call.order is not None:
            if arguments:
                out.append(ToolCallDelta(call.order, arguments))
        elif call.name:
            self._announce(out, call, minted_id)

    def close(self, out: list[Event], minted_id: str) -> None:
        """End all calls. One that never got a name is announced now, so that nothing is lost."""
        for call in self._calls:
            half = call.characters.close()
            half = (call.add(half) if half else "") + call.rest()
            if call.order is None:
                self._announce(out, call, minted_id)
            elif half:
                out.append(ToolCallDelta(call.order, half))
        for call in sorted(self._calls, key=lambda call: call.order or 0):
            out.append(ToolCallEnd(call.order or 0, call.extra))

    def told(self) -> list[tuple[str, str, str]]:
        """Id, name and arguments of each call so far, in the order of their first fragments."""
        return [(call.id, call.name, call.told()) for call in self._calls]

    def __bool__(self) -> bool:
        return bool(self._calls)

    def _find(self, index: int | None, id: str, name: str, arguments: str) -> _Call | None:
        if index is not None:
            call = self._by_index.get(index)
            if call is None or (name and id and call.id and id != call.id):
                return None
            # Two whole calls at one index, without ids to tell them apart.
            if name and call.name and not id and call.is_whole():
                return None
            return None if id and call.is_another(name, arguments) else call
        if id and (known := self._by_id.get(id)) is not None:
            return None if known.is_another(name, arguments) else known
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
        out.append(ToolCallStart(call.order, self._ids.own(call.id), call.name))
        if held := "".join(call.fragments):
            out.append(ToolCallDelta(call.order, held))
