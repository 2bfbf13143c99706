"""How much of Markdown is drawn: past that it is shown as text. See `blocks`.

A browser needs some microseconds for whatever a mark makes, and a block that is open is drawn again
and again. So what is drawn at once is bounded, and what a whole text may cost grows with it:
ordinary answers have one mark in ten to forty characters.
"""

import re

from .block_lines import Structure

# Of what is drawn at once: characters, and for each line and mark as many as take about as long.
_AT_ONCE = 60_000
_MARK_CHARACTERS = 40
_LINE_CHARACTERS = 15
# Cells of one table: a browser lays out all of them for each that comes.
_CELLS = 6000
# Lines of one list or table, for the same reason.
_LINES = 4000
# Marks that a text may have, beside one in so many characters.
_IN_ALL = 22_000
_CHARACTERS_A_MARK = 5

# Marks, links without one, and changes of the direction in which letters run.
_MARKS = re.compile(
    r"""[]*_`~$|<&\\>@![]|://|www\.|[\u200e\u200f\u202a-\u202e\u2066-\u2069]
    |[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]\s*+(?=[A-Za-z0-9])""",
    re.VERBOSE,
)


class Limits:
    """What the text has had so far, and the part of it that is drawn at once."""

    def __init__(self) -> None:
        self._characters = 0
        self._marks = 0
        self._weight = 0
        self._unit = (0, 0)
        self._cells = 0
        self.block_is_past = False

    def take(self, line: str, structure: Structure) -> None:
        """Take in a line that `structure` has just read."""
        unit = (structure.cuts, structure.settled)
        marks = 0 if structure.is_code else _marks_in(line)
        if structure.is_table:
            # What a row lacks of cells is made.
            marks = max(marks, structure.columns)
            self._cells += structure.columns
        if unit[0] != self._unit[0]:
            self._cells = 0
        self._characters += len(line) + 1
        self._marks += marks
        weight = len(line) + _LINE_CHARACTERS + marks * _MARK_CHARACTERS
        self._weight = weight + (self._weight if unit == self._unit else 0)
        self._unit = unit
        is_open = bool(structure.lines) and not structure.may_be_math and not structure.is_code
        is_large = self._weight > _AT_ONCE or self._cells > _CELLS
        is_long = len(structure.lines) > _LINES
        self.block_is_past = is_open and (is_large or is_long or structure.past_limit)
        work = self._marks + structure.work
        self.text_is_past = work > _IN_ALL + self._characters // _CHARACTERS_A_MARK

    def would_end_with(self, line: str, structure: Structure) -> bool:
        """Whether with this line the open block is too much to be drawn at once."""
        is_same = self._unit == (structure.cuts, structure.settled)
        weight = (self._weight if is_same else 0) + len(line)
        return weight > _AT_ONCE or weight + _marks_in(line) * _MARK_CHARACTERS > _AT_ONCE


def _marks_in(line: str) -> int:
    return len(_MARKS.findall(line))
