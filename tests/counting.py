"""Counting work, so that a test of linear time needs no clock: how many instructions Python carries
out. What C does inside of one of them (joining, copying, searching) is not seen by this.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def instructions(work: Callable[[], object]) -> int:
    """Count the instructions of this work."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_lines = False
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth(count: int, work: Callable[[int], Callable[[], object]]) -> float:
    """Give the factor by which twice the length takes more instructions."""
    # What is carried out for the first time is not told from its beginning, and what is made once
    # and kept counts once.
    instructions(work(5))
    return instructions(work(2 * count)) / instructions(work(count))
