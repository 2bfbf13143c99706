"""Runs in the tab: counts the calls of our functions, in how many modules, and those between
modules.
"""

import json
import sys
from collections import Counter
from types import FrameType

_OURS = "/app/"
# What the page does twice a second as long as an answer runs depends on the clock.
_BY_CLOCK = frozenset({"_tick", "tick"})


class Calls:
    """Counts from `begin` to `end`."""

    def __init__(self) -> None:
        self.functions: Counter[tuple[str, str]] = Counter()
        self.crossing = 0
        self._is_ours: dict[str, bool] = {}

    def begin(self) -> None:
        self.functions.clear()
        self.crossing = 0
        sys.setprofile(self._called)

    def end(self) -> str:
        """The counts as JSON."""
        sys.setprofile(None)
        most = [(f"{file}:{name}", count) for (file, name), count in self.functions.most_common()]
        modules = len({file for file, _ in self.functions})
        calls = self.functions.total()
        return json.dumps(
            {"calls": calls, "modules": modules, "crossing": self.crossing, "most": most}
        )

    def _called(self, frame: FrameType, event: str, _given: object) -> None:
        if event != "call":
            return
        file = frame.f_code.co_filename
        if (is_ours := self._is_ours.get(file)) is None:
            is_ours = self._is_ours[file] = _OURS in file
        if not is_ours:
            return
        caller = frame.f_back
        outer: FrameType | None = frame
        while outer is not None:
            if outer.f_code.co_name in _BY_CLOCK and _OURS in outer.f_code.co_filename:
                return
            outer = outer.f_back
        self.functions[file.partition(_OURS)[2], frame.f_code.co_name] += 1
        if caller is not None and caller.f_code.co_filename != file:
            self.crossing += self._is_ours.get(caller.f_code.co_filename, False)


calls = Calls()
