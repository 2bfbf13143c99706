"""Limits of the Markdown that is drawn: past them it is shown as text. See `blocks`.

A browser needs some microseconds for whatever a mark makes, and a block that is open is drawn again
and again. So the part that is drawn at once is bounded, and the cost of a whole text grows with its
length: ordinary answers have one mark in ten to forty characters.
"""

import re

from .block_lines import Structure

# Of what is drawn at once: characters, and for each line and mark as many as take about as long.
_AT_ONCE = 60_000
_MARK_CHARACTERS = 40
_LINE_CHARACTERS = 15
# Lines of one list or table, or cells: a browser lays out all of them for each that comes. What
# they hold takes as long as more of them: a checkbox or a link as one, others as so many; a frame
# for each block that it counts for.
_LINES = 3200
_FORMULA_LINES = 4
_CHEMISTRY_LINES = 12
_FRAME_LINES = 3
_CHECKBOX = re.compile(r"[-*+.)] +\[[ xX]\](?= )")
_FORMULAS = re.compile(r"\$[^\s$][^$]*+(?<![\s\\])\$(?!\d)|\\(?:[(\[]|begin\{)")
# Marks that a text may have, beside one in so many characters.
_IN_ALL = 22_000
_CHARACTERS_A_MARK = 5
# A link takes as long as so many more of them: its address is judged, and cleaned again.
_LINK_MARKS = 5
# Blocks of it, each put into the page by itself, with the frames that some have.
_BLOCKS = 1800
_CHARACTERS_A_BLOCK = 20

# Marks, and links without one.
_MARKS = re.compile(r"[]*_`~$|<&\\>@![]|://|www\.")
# Changes of the direction in which letters run, each with a run of letters before it and one after.
_RIGHT = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
_TURNS = re.compile(
    rf"[\u200e\u200f\u202a-\u202e\u2066-\u2069]|{_RIGHT}(?:(?!{_RIGHT})\W)*+(?!{_RIGHT})(?=\w)"
)
_TURN_MARKS = 2
# A formula without a mark around it, which makes some twenty elements of few letters.
_CHEMISTRY = re.compile(r"\\(?:ce|pu)\{")
_CHEMISTRY_MARKS = 4


class Limits:
    """Counts of the text so far, and of the part of it that is drawn at once."""

    def __init__(self) -> None:
        self._characters = 0
        self._marks = 0
        self._weight = 0
        self._unit = (0, 0)
        # Of the open block: cells of its tables, and what its lines hold, in lines.
        self._cells = 0
        self._held = 0
        self._frames = 0
        self.block_is_past = False
        # Of the line that is not finished: what is counted of it, and its marks.
        self._counted = 0
        self._counted_marks = 0

    def take(self, line: str, structure: Structure) -> None:
        """Take in a line that `structure` has just read."""
        self._counted = self._counted_marks = 0
        unit = (structure.cuts, structure.settled)
        marks = _turns_in(line) if structure.is_code else _marks_in(line)
        if structure.is_table:
            # Missing cells of a row are made.
            marks = max(marks, structure.columns)
            self._cells += structure.columns
        if unit[0] != self._unit[0]:
            self._cells = self._held = 0
        self._held += 0 if structure.is_verbatim else _held_by(line)
        self._held += _FRAME_LINES * (structure.frames - self._frames)
        self._frames = structure.frames
        self._characters += len(line) + 1
        self._marks += marks + (0 if structure.is_code else _LINK_MARKS * _links_in(line))
        weight = len(line) + _LINE_CHARACTERS + marks * _MARK_CHARACTERS
        self._weight = weight + (self._weight if unit == self._unit else 0)
        self._unit = unit
        is_open = bool(structure.lines) and not structure.is_code
        is_large = self._weight > _AT_ONCE
        is_long = max(len(structure.lines), self._cells) + self._held > _LINES
        self.block_is_past = is_open and (is_large or is_long or structure.past_limit)
        work = self._marks + structure.work
        blocks = structure.cuts + structure.frames
        self.text_is_past = (
            work > _IN_ALL + self._characters // _CHARACTERS_A_MARK
            or blocks > _BLOCKS + self._characters // _CHARACTERS_A_BLOCK
        )

    def would_end_with(self, line: str, structure: Structure) -> bool:
        """Tell whether this growing line makes the open block too much to be drawn at once."""
        half = line.rfind("\\", max(self._counted, len(line) - len("\\ce")))
        counted = len(line) if half < 0 else half
        self._counted_marks += _marks_in(line[self._counted : counted])
        self._counted = counted
        is_same = self._unit == (structure.cuts, structure.settled)
        weight = self._weight if is_same else 0
        return weight + len(line) + self._counted_marks * _MARK_CHARACTERS > _AT_ONCE


def _marks_in(line: str) -> int:
    formulas = len(_CHEMISTRY.findall(line)) if "\\" in line else 0
    return len(_MARKS.findall(line)) + _CHEMISTRY_MARKS * formulas + _turns_in(line)


def _held_by(line: str) -> int:
    lines = 0
    if "$" in line or "\\" in line:
        lines = _FORMULA_LINES * len(_FORMULAS.findall(line))
        lines += _CHEMISTRY_LINES * len(_CHEMISTRY.findall(line))
    return lines + len(_CHECKBOX.findall(line)) + _links_in(line)


def _links_in(line: str) -> int:
    return line.count("://") + line.count("www.")


def _turns_in(line: str) -> int:
    return 0 if line.isascii() else _TURN_MARKS * len(_TURNS.findall(line))
