"""Which fragments belong to which tool call: the identity rule, for providers that muddle it.

A fragment is looked up by its index; the same index with a new id *and* a name is a new call.
Without an index: by id, else the latest call, where a new name opens a new one. The first id and
the first name that are not empty win; arguments that come before the name are held back; an id
that never comes is made up once, and one that another call has already is told apart. Arguments
that were told before, alone or with what is new, are
not told again.
"""

from typing import Any

import msgspec

from ..core.events import Event, ToolCallDelta, ToolCallEnd, ToolCallStart
from ..core.messages import is_object
from ..core.nesting import is_too_deep
from ..core.wire.framing import JSONArray
from .answer_text import Characters
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


class _Call:
    """One call as it grows. `order` is its place among the calls, once it was announced."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.order: int | None = None
        self.fragments: list[str] = []
        self.characters = Characters()
        self.extra: Any = None
        self._length = 0  # of the fragments together
        self._held = ""  # a fragment that may be all so far with something new, or something nested
        self._scanned = 0  # fragments that were looked at for the end of the object
        self._framer = JSONArray()
        self._is_whole: bool | None = None  # None as long as the object is open

    def add(self, fragment: str) -> str:
        """Take the next fragment; return what it adds to the arguments."""
        new = self._new_of(fragment)
        if new:
            self._length += len(new)
            self.fragments.append(new)
        return new

    def rest(self) -> str:
        """Take the end; return what was held back for what might have followed."""
        held, self._held = self._held, ""
        if held:
            said = "".join(self.fragments)
            if not is_object(said + held) and is_object(held):
                held = held[len(said) :]
            self.fragments.append(held)
        return held

    def _new_of(self, fragment: str) -> str:
        """What of a fragment was not told yet: some servers send all so far with each fragment, or
        the whole once more at the end.
        """
        if not self._length and fragment.strip() == "null":
            self._held = fragment  # no arguments, or none yet
            return ""
        if self._held.strip() == "null":
            self._held = ""
        if self._held:
            held, self._held = self._held, ""
            if not fragment.startswith(held):
                return held + fragment
            if len(fragment) > len(held):
                return fragment[self._length :]
        if not self._length or len(fragment) < self._length:
            return fragment
        is_whole = self.is_whole()
        if self._is_whole is False:
            return fragment  # nothing that could be told again
        said = "".join(self.fragments)
        self.fragments[:] = [said]
        self._scanned = 1
        if fragment.startswith(said) and said.lstrip().startswith("{"):
            # Where a value has to come it may be an object that begins as the whole does.
            if said.rstrip()[-1] in ":[,":
                self._held = fragment
                return ""
            return fragment[len(said) :]
        return "" if is_whole and is_same_json(said, fragment) else fragment

    def is_another(self, name: str, arguments: str) -> bool:
        """Whether this begins another call, though its id is the same: some servers know one."""
        if not name or not self.is_whole():
            return False
        if name != self.name:
            return True
        is_new = arguments.strip() != "" and is_object(arguments)
        return is_new and not is_same_json("".join(self.fragments), arguments)

    def is_whole(self) -> bool:
        """Whether the arguments are a JSON object, to which nothing can be added any more.

        Each fragment is looked at once, however often this is asked.
        """
        fragments = self.fragments[self._scanned :]
        self._scanned += len(fragments)
        for fragment in fragments:
            if self._is_whole is not None:
                # Only white space may follow.
                self._is_whole = self._is_whole and not fragment.strip()
            elif records := self._framer.feed(fragment.encode("utf-8", "replace")):
                rest = self._framer.close()
                self._is_whole = len(records) == 1 and not rest and _is_object(records[0])
        return bool(self._is_whole)


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
        return [(call.id, call.name, "".join(call.fragments)) for call in self._calls]

    def __bool__(self) -> bool:
        return bool(self._calls)

    def _find(self, index: int | None, id: str, name: str, arguments: str) -> _Call | None:
        if index is not None:
            call = self._by_index.get(index)
            if call is None or (name and id and call.id and id != call.id):
                return None
            # Two whole calls at one index, without ids to tell them apart.
            if name and not id and call.is_whole():
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


def _is_object(record: Any) -> bool:
    if not record.data.startswith(b"{") or is_too_deep(record.data):
        return False
    try:
        msgspec.json.decode(record.data, type=dict[str, Any])
    except msgspec.DecodeError:
        return False
    return True
