"""The arguments of a call as they grow, from servers that tell them more than once. Pure.

Some send all so far with each fragment, some the whole once more at the end, some `null` or `{}`
before the first. A part told before, alone or with a new one, is not told again.
"""

from typing import Any

import msgspec

from ..core.messages import is_object
from ..core.nesting import is_too_deep
from ..core.wire.framing import JSONArray
from .tolerant import is_same_json

# What stands for no arguments, or for none yet.
_NONE_YET = ("null", "{}")
_MOST_HELD = 100  # with the white space behind it


class GrowingArguments:
    """Arguments of one call; `fragments` are the parts told so far."""

    def __init__(self) -> None:
        self.fragments: list[str] = []
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

    def told(self) -> str:
        """Give the whole text so far, with the part that is held back."""
        return "".join(self.fragments) or self._held

    def rest(self) -> str:
        """Take the end; return the text held back for a possible continuation."""
        held, self._held = self._held, ""
        if held:
            said = "".join(self.fragments)
            if not is_object(said + held) and is_object(held):
                held = held[len(said) :]
            self.fragments.append(held)
        return held

    def _new_of(self, fragment: str) -> str:
        """Find the part of a fragment that was not told yet: some servers send all so far with each
        fragment, or the whole once more at the end.
        """
        if not self._length and self._held.strip() in ("", *_NONE_YET):
            if fragment.strip() in _NONE_YET:
                self._held = fragment
                return ""
            if self._held and not fragment.strip():
                self._held = (self._held + fragment)[:_MOST_HELD]
                return ""
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

    def is_whole(self) -> bool:
        """Tell whether the arguments are a JSON object, to which nothing can be added any more.

        Each fragment is looked at once, however often this is asked.
        """
        if not self._length and self._held.strip() == "{}":
            return True
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


def _is_object(record: Any) -> bool:
    if not record.data.startswith(b"{") or is_too_deep(record.data):
        return False
    try:
        msgspec.json.decode(record.data, type=dict[str, Any])
    except msgspec.DecodeError:
        return False
    return True
