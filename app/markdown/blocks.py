"""Growing Markdown source -> finished blocks and one open tail, in linear time.

A page that draws an answer while it comes must know what can no longer change. This follows the
block structure of CommonMark line by line, with the tables of GFM, `$$…$$` and `\\[…\\]` as blocks,
and footnotes, and cuts the source where one block at the top ends for good. Each piece may then be
drawn by itself: all of them together look as if the text had been drawn at once. Where it is not
sure, it cuts later, never earlier.
Source: https://spec.commonmark.org/0.31.2/#phase-1-block-structure

What is finished changes only by a label that is defined further down; `Growth.late` says where.

Markdown that would take the page long is shown as text (`block_limits`): of a block the rest that
is too much to be drawn at once, or all that follows where the whole text has too many marks. Which
it is depends on the lines alone, not on how they came in.
"""

import re
from typing import NamedTuple

from .block_limits import Limits
from .block_lines import Structure
from .block_marks import unindented
from .labels import labels_in

# Marks around code that is still being written: more than a program has that means something.
_FENCE = 40


class Growth(NamedTuple):
    """The effect of a piece of text.

    `finished` are the sources of new blocks. `late` are the numbers of blocks, counted from 0 over
    the whole text, that use a label which was just defined further down: they are to be drawn
    again, after the new ones. `grown` is the source of further whole items or rows of the list or
    the table that is open after all of those; the tail follows them. `texts` are the places in
    `finished` of blocks that are shown as text.
    """

    finished: list[str]
    late: list[int]
    grown: str
    texts: list[int]


class Blocks:
    """The blocks of one text that grows. All of it is in the fence that `opening` begins, where it
    is given: a line that is no part of the text, and not shown with it where that is shown as text.
    """

    def __init__(self, opening: str = "") -> None:
        self._structure = Structure(self._finish, self._define)
        self._unfinished: list[str] = []
        self._ends_in_return = False
        self._finished: list[str] = []
        self._texts: list[int] = []
        self._count = 0
        self._defined: set[str] = set()
        # Label -> the number of the block that has just defined it.
        self._just_defined: dict[str, int] = {}
        self._users: dict[str, list[int]] = {}
        self._shown_of_line = 0
        # Lines of the tail that were told as grown, or taken as text.
        self._grown = 0
        self._taken = 0
        self._limits = Limits()
        self._is_rest = False
        self._opening_lines = 0
        if opening:
            self._read(opening)
            self._opening_lines = 1

    @classmethod
    def of(cls, language: str, text: str = "") -> "Blocks":
        """Make those of code, where a language is named: in one block, which no run of marks ends
        in a `text` that is known.
        """
        if not language:
            return cls()
        longest = max(map(len, re.findall("`+", text)), default=0)
        return cls("`" * max(_FENCE, longest + 1) + language)

    def feed(self, text: str) -> Growth:
        """Take in the next piece, of any length and cut anywhere."""
        if self._ends_in_return or "\r" in text:
            text = self._with_plain_line_ends(text)
        *whole, rest = text.split("\n")
        if whole:
            self._unfinished.append(whole[0])
            whole[0] = "".join(self._unfinished)
            self._unfinished = []
            for line in whole:
                self._read(line)
        if rest:
            self._unfinished.append(rest)
        return self._growth()

    def close(self) -> Growth:
        """Finish what is left: the text has ended."""
        ends_in_line = not self._unfinished
        if self._unfinished:
            self._read("".join(self._unfinished))
            self._unfinished = []
        if self._is_rest:
            self._is_rest = False
            lines = self._structure.lines
            # Its open blocks are closed now.
            self._structure, self._limits = Structure(self._finish, self._define), Limits()
            if lines:
                self._finish(lines, True)
        else:
            self._structure.close()
        growth = self._growth()
        if growth.finished and not ends_in_line:
            growth.finished[-1] = growth.finished[-1].removesuffix("\n")
        return growth

    @property
    def tail(self) -> str:
        """The source that is not finished."""
        lines = self._structure.lines
        return "".join((*(f"{line}\n" for line in lines), self._whole_unfinished()))

    @property
    def count(self) -> int:
        """The number of finished blocks."""
        return self._count

    @property
    def is_code(self) -> bool:
        """Tell whether the tail is a fence at the top that is still open; see `take_code`."""
        return self._structure.is_code

    @property
    def is_text(self) -> bool:
        """Tell whether the tail is shown as text, for now or for good; see `take_text`."""
        if self._is_rest or self._structure.is_text:
            return True
        unfinished = self._whole_unfinished()
        is_code = self._structure.is_code
        return not is_code and self._limits.would_end_with(unfinished, self._structure)

    @property
    def opening(self) -> str:
        """The first line of the tail, without its end."""
        return self._structure.lines[0]

    @property
    def tail_parts(self) -> tuple[str, str, str]:
        """The source behind `Growth.grown` in two parts, the one that stands and the end that may
        be half written; and the kind of that end.

        It is "text", "table" (a row), "fence" (a line of code) or "math".
        """
        lines = self._structure.lines
        open_lines, kind = self._structure.open_end
        at = max(len(lines) - open_lines, self._grown)
        head = "".join([f"{line}\n" for line in lines[self._grown : at]])
        end = "".join([f"{line}\n" for line in lines[at:]]) + self._whole_unfinished()
        return head, end, kind

    def take_code(self) -> str:
        """The code that came into the open fence since this was asked last, or since it began.

        A line that may become the closing one is held back.
        """
        structure = self._structure
        line = unindented(self._whole_unfinished(), structure.fence_indent)
        if not line.strip(" \t") or re.fullmatch(rf" {{0,3}}{structure.fence_mark}+[ \t]*", line):
            line = ""
        code = "".join((*structure.fresh_code, line))[self._shown_of_line :]
        structure.fresh_code = []
        self._shown_of_line = len(line)
        return code

    def take_text(self, *, anew: bool) -> str:
        """The text that came into a tail that is text since this was asked last, or all of it."""
        structure = self._structure
        if anew:
            self._taken, self._shown_of_line = max(self._grown, self._lines_of_opening), 0
        unfinished = self._whole_unfinished()
        lines = structure.lines[self._taken :]
        text = "".join((*(f"{line}\n" for line in lines), unfinished))[self._shown_of_line :]
        self._taken, self._shown_of_line = len(structure.lines), len(unfinished)
        return text

    @property
    def _lines_of_opening(self) -> int:
        """The number of lines of the tail that are none of the text."""
        return 0 if self._count else self._opening_lines

    def _whole_unfinished(self) -> str:
        if len(self._unfinished) > 1:
            self._unfinished = ["".join(self._unfinished)]
        return self._unfinished[0] if self._unfinished else ""

    def _read(self, line: str) -> None:
        structure, limits = self._structure, self._limits
        if self._is_rest:
            structure.lines.append(line)
            return
        structure.read(line)
        limits.take(line, structure)
        if limits.text_is_past:
            structure.give_up()
            self._is_rest = True
        elif limits.block_is_past and not structure.is_text:
            structure.give_up()

    def _with_plain_line_ends(self, text: str) -> str:
        if self._ends_in_return:
            text = "\r" + text
        self._ends_in_return = text.endswith("\r")
        if self._ends_in_return:
            text = text[:-1]
            if not text:
                return ""
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text

    def _growth(self) -> Growth:
        finished, self._finished = self._finished, []
        late: set[int] = set()
        # A definition holds from when its own block is finished.
        for label, number in list(self._just_defined.items()):
            if number < self._count:
                late.update(user for user in self._users.get(label, ()) if user < number)
                del self._just_defined[label]
        settled = max(self._structure.settled, self._grown)
        grown = self._structure.lines[self._grown : settled]
        self._grown = settled
        texts, self._texts = self._texts, []
        return Growth(finished, sorted(late), "".join([f"{line}\n" for line in grown]), texts)

    def _finish(self, lines: list[str], is_text: bool) -> None:
        self._shown_of_line = self._grown = 0
        lines = lines[self._lines_of_opening :] if is_text else lines
        source = "".join(f"{line}\n" for line in lines)
        if is_text:
            self._texts.append(len(self._finished))
        self._finished.append(source)
        if "[" in source and not is_text:
            for label in labels_in(source):
                self._users.setdefault(label, []).append(self._count)
        self._count += 1

    def _define(self, label: str) -> None:
        if label not in self._defined:
            self._defined.add(label)
            self._just_defined[label] = self._count
