"""Tab, Shift+Tab and Enter in Python in a text field. Pure."""

from collections.abc import Callable
from typing import NamedTuple

_STEP = 4


class Edit(NamedTuple):
    """Put `text` in the place of the characters from `start` to `end`, then select `selected`."""

    start: int
    end: int
    text: str
    selected: tuple[int, int]


def indented(text: str, start: int, end: int) -> Edit:
    """Edit for Tab: spaces up to the next step; with several lines selected, each of them further
    in.
    """
    if "\n" not in text[start:end]:
        spaces = " " * (_STEP - (start - _line_start(text, start)) % _STEP)
        at = start + len(spaces)
        return Edit(start, end, spaces, (at, at))
    return _shifted(text, start, end, lambda line: " " * _STEP + line if line.strip() else line)


def unindented(text: str, start: int, end: int) -> Edit:
    """Edit for Shift+Tab: the line, or each selected one, a step further out."""
    return _shifted(text, start, end, lambda line: line[min(_STEP, _width(line)) :])


def new_line(text: str, start: int, end: int) -> Edit:
    """Edit for Enter: the next line begins where this one does, and a step further in after a
    colon.
    """
    line = text[_line_start(text, start) : start]
    width = _width(line)
    if line.partition("#")[0].rstrip().endswith(":"):
        width += _STEP
    at = start + 1 + width
    return Edit(start, end, "\n" + " " * width, (at, at))


def line_range(text: str, number: int) -> tuple[int, int]:
    """Find beginning and end of this line, counted from 1; the last one for numbers beyond it."""
    lines = text.split("\n")
    number = min(max(number, 1), len(lines))
    start = sum(len(line) + 1 for line in lines[: number - 1])
    return start, start + len(lines[number - 1])


def _shifted(text: str, start: int, end: int, shift: Callable[[str], str]) -> Edit:
    first = _line_start(text, start)
    # A selection that ends before the first character of a line does not take that line.
    inside = end - 1 if end > start and text[end - 1] == "\n" else end
    last = text.find("\n", inside)
    last = len(text) if last < 0 else last
    lines = text[first:last].split("\n")
    moved = [shift(line) for line in lines]
    put = "\n".join(moved)
    begins = max(first, start + len(moved[0]) - len(lines[0]))
    ends = max(begins, end + len(put) - (last - first))
    return Edit(first, last, put, (begins, ends))


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _width(line: str) -> int:
    """Count the spaces that the line begins with."""
    return len(line) - len(line.lstrip(" "))
