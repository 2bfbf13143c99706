"""Growing Markdown source -> finished blocks and one open tail, in linear time.

A page that draws an answer while it comes must know what can no longer change. This follows the
block structure of CommonMark line by line, with the tables of GFM, `$$…$$` and `\\[…\\]` as blocks,
and footnotes, and cuts the source where one block at the top ends for good. Each piece may then be
drawn by itself: all of them together look as if the text had been drawn at once. Where it is not
sure, it cuts later, never earlier.
Source: https://spec.commonmark.org/0.31.2/#phase-1-block-structure

What is finished changes only by a label that is defined further down; `Growth.late` says where.
"""

import re
from collections import deque
from typing import NamedTuple

from .block_marks import (
    FENCE,
    FOOTNOTE,
    HEADING,
    ITEM,
    MATH_LINES,
    NEVER,
    RULE,
    UNDERLINE,
    closer_of,
    content_start,
    end_of_spaces,
    is_table,
    is_whole_math,
    opens_math,
    unindented,
)
from .labels import definitions, labels_in, without_definitions


class _Container(NamedTuple):
    """A quote (">"), an item of a list (its marker: "-", "*", "+", "." or ")"), a footnote ("^").

    `indent` is how many columns what belongs to it stands to the right.
    """

    kind: str
    indent: int = 0
    is_empty: bool = False


class _Math(NamedTuple):
    """What was there before a line that may begin a formula, to go back to if it does not."""

    stack: list[_Container]
    leaf: str
    paragraph: list[str]
    lines: int
    since: list[str]


class Growth(NamedTuple):
    """What a piece of text led to.

    `finished` are the sources of new blocks. `late` are the numbers of blocks, counted from 0 over
    the whole text, that use a label which was just defined further down: they are to be drawn
    again, after the new ones.
    """

    finished: list[str]
    late: list[int]


class Blocks:
    """The blocks of one text that grows."""

    def __init__(self) -> None:
        self._stack: list[_Container] = []
        # The innermost open block: "", paragraph, table, code, fence or math.
        self._leaf = ""
        self._paragraph: list[str] = []
        self._fence = ""
        self._fence_indent = 0
        self._math: _Math | None = None
        self._math_closer = ""
        self._lines: list[str] = []
        self._unfinished: list[str] = []
        self._ends_in_return = False
        self._finished: list[str] = []
        self._count = 0
        self._defined: set[str] = set()
        # Label -> the number of the block that has just defined it.
        self._just_defined: dict[str, int] = {}
        self._users: dict[str, list[int]] = {}
        self._fresh_code: list[str] = []
        self._shown_of_line = 0

    def feed(self, text: str) -> Growth:
        """Take in the next piece, of any length and cut anywhere."""
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
        """The text has ended: what is left is finished, too."""
        ends_in_line = not self._unfinished
        if self._unfinished:
            self._read("".join(self._unfinished))
            self._unfinished = []
        while self._math is not None:
            self._give_up_math()
        self._cut()
        growth = self._growth()
        if growth.finished and not ends_in_line:
            growth.finished[-1] = growth.finished[-1].removesuffix("\n")
        return growth

    @property
    def tail(self) -> str:
        """The source that is not finished."""
        return "".join((*(f"{line}\n" for line in self._lines), *self._unfinished))

    @property
    def count(self) -> int:
        """How many blocks are finished."""
        return self._count

    @property
    def is_code(self) -> bool:
        """Whether the tail is a fence at the top that is still open; see `take_code`."""
        return self._leaf == "fence" and not self._stack

    @property
    def opening(self) -> str:
        """The first line of the tail, without its end."""
        return self._lines[0]

    @property
    def tail_parts(self) -> tuple[str, str, str]:
        """The tail in two: what stands, and the end that may be half written; and what the end is.

        It is "text", "table" (a row), "fence" (a line of code) or "math".
        """
        open_lines = 0
        if self._math is not None:
            open_lines = len(self._math.since)
        elif self._leaf == "paragraph":
            open_lines = len(self._paragraph)
        at = len(self._lines) - open_lines
        head = "".join(f"{line}\n" for line in self._lines[:at])
        end = "".join((*(f"{line}\n" for line in self._lines[at:]), *self._unfinished))
        kind = self._leaf if self._leaf in ("table", "fence", "math") else "text"
        return head, end, kind

    def take_code(self) -> str:
        """The code that came into the open fence since this was asked last, or since it began.

        A line that may become the closing one is held back.
        """
        line = unindented("".join(self._unfinished), self._fence_indent)
        if not line.strip(" \t") or re.fullmatch(rf" {{0,3}}{self._fence[0]}+[ \t]*", line):
            line = ""
        code = "".join((*self._fresh_code, line))[self._shown_of_line :]
        self._fresh_code = []
        self._shown_of_line = len(line)
        return code

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
        return Growth(finished, sorted(late))

    def _cut(self) -> None:
        """All lines so far are one finished block; the next line begins another."""
        self._end_paragraph()
        self._leaf = ""
        self._stack = []
        self._fresh_code = []
        self._shown_of_line = 0
        if not self._lines:
            return
        source = "".join(f"{line}\n" for line in self._lines)
        self._lines = []
        self._finished.append(source)
        if "[" in source:
            for label in labels_in(source):
                self._users.setdefault(label, []).append(self._count)
        self._count += 1

    def _define(self, label: str) -> None:
        if label not in self._defined:
            self._defined.add(label)
            self._just_defined[label] = self._count

    def _end_paragraph(self) -> None:
        if self._paragraph and self._paragraph[0].startswith("["):
            for label in definitions("\n".join(self._paragraph)):
                self._define(label)
        self._paragraph = []

    def _read(self, line: str) -> None:
        """One line, and those that have to be read again where a formula turned out to be none."""
        waiting = deque([(line, True)])
        while waiting:
            line, may_be_math = waiting.popleft()
            again = self._line(line, may_be_math)
            if again:
                waiting.extendleft((each, True) for each in reversed(again[1:]))
                waiting.appendleft((again[0], False))

    def _line(self, raw: str, may_be_math: bool) -> list[str]:
        """Follow one line; returns lines to read anew, the first of which begins no formula."""
        line = raw.expandtabs(4)
        column, matched = self._match(line)
        first = end_of_spaces(line, column)
        indent, is_blank = first - column, first == len(line)
        is_inside = matched == len(self._stack)

        if self._leaf == "math":
            return self._line_of_math(raw, line[first:], is_inside and not is_blank)
        if is_inside and self._leaf == "fence":
            self._line_of_fence(raw, line[first:], indent)
        elif is_inside and self._leaf == "code" and (is_blank or indent >= 4):
            self._lines.append(raw)
        elif is_blank:
            self._blank(raw, matched)
        else:
            self._text(raw, line, column, matched, may_be_math)
        return []

    def _match(self, line: str) -> tuple[int, int]:
        """How far the open containers reach into this line: the column, and how many."""
        column = 0
        for number, container in enumerate(self._stack):
            first = end_of_spaces(line, column)
            if container.kind == ">":
                if line[first : first + 1] != ">":
                    return column, number
                column = first + 1
                if line[column : column + 1] == " ":
                    column += 1
            elif first < len(line):
                if first - column < container.indent:
                    return column, number
                column += container.indent
            else:
                column = len(line)
        return column, len(self._stack)

    def _line_of_fence(self, raw: str, text: str, indent: int) -> None:
        self._lines.append(raw)
        mark = self._fence[0]
        length = len(text) - len(text.lstrip(mark))
        if length >= len(self._fence) and indent < 4 and not text[length:].strip(" "):
            self._leaf = ""
            if not self._stack:
                self._cut()
        elif not self._stack:
            self._fresh_code.append(unindented(raw, self._fence_indent) + "\n")

    def _state(self) -> _Math:
        return _Math(self._stack.copy(), self._leaf, self._paragraph.copy(), len(self._lines), [])

    def _line_of_math(self, raw: str, text: str, is_inside: bool) -> list[str]:
        math = self._math
        assert math is not None
        math.since.append(raw)
        closer = text.find(self._math_closer) if is_inside else -1
        if closer >= 0 and not text[closer + 2 :].strip(" "):
            self._lines.append(raw)
            self._leaf, self._math = "", None
            if not self._stack:
                self._cut()
            return []
        if is_inside and closer < 0 and len(math.since) <= MATH_LINES:
            self._lines.append(raw)
            return []
        return self._go_back()

    def _go_back(self) -> list[str]:
        math = self._math
        assert math is not None
        self._math = None
        self._stack, self._leaf, self._paragraph = math.stack, math.leaf, math.paragraph
        del self._lines[math.lines :]
        return math.since

    def _give_up_math(self) -> None:
        again = self._go_back()
        may_be_math = False
        for number, line in enumerate(again):
            more = self._line(line, may_be_math)
            may_be_math = True
            if more:
                # It stopped in the middle; the rest follows those that are read again.
                for each in (*more, *again[number + 1 :]):
                    self._read_without_math(each) if each is more[0] else self._read(each)
                return

    def _read_without_math(self, line: str) -> None:
        self._line(line, False)

    def _blank(self, raw: str, matched: int) -> None:
        # A quote ends with its paragraph; a list may go on after any number of blank lines.
        had_lines = bool(self._lines)
        if matched < len(self._stack):
            self._end_paragraph()
            del self._stack[matched:]
            self._leaf = ""
        if self._leaf in ("paragraph", "table"):
            self._end_paragraph()
            self._leaf = ""
        if not self._stack:
            if had_lines:
                self._cut()
            return
        last = self._stack[-1]
        if last.is_empty:
            # An item may begin with one blank line, not with two.
            self._stack[-1] = last._replace(indent=NEVER, is_empty=False)
        self._lines.append(raw)

    def _text(self, raw: str, line: str, column: int, matched: int, may_be_math: bool) -> None:
        """A line with something on it: what it begins, ends or goes on with."""
        first = end_of_spaces(line, column)
        is_inside = matched == len(self._stack)
        is_paragraph = self._leaf == "paragraph"
        text = line[first:]
        if self._stack and self._stack[-1].is_empty:
            self._stack[-1] = self._stack[-1]._replace(is_empty=False)
        if is_paragraph and is_inside and first - column < 4:
            if is_table(self._paragraph[-1], text):
                self._lines.append(raw)
                self._end_paragraph()
                self._leaf = "table"
                return
            if UNDERLINE.match(text) and self._has_text():
                self._lines.append(raw)
                self._end_paragraph()
                self._leaf = ""
                if not self._stack:
                    self._cut()
                return
        before = self._state() if may_be_math and ("$$" in text or "\\[" in text) else None
        opened = False
        while first - column < 4:
            text = line[first:]
            kind = self._start(text, opened, matched, is_inside, may_be_math)
            if not kind:
                break
            if not opened:
                count = self._count
                self._make_room(kind, text, matched)
                if count != self._count:
                    before = self._state()
            opened = True
            if kind == "math" and not is_whole_math(text):
                self._math = before
            if kind in ("leaf", "fence", "math"):
                self._open_leaf(kind, raw, text, first - column)
                return
            column = self._open_container(kind, line, column, first)
            first = end_of_spaces(line, column)
            if first == len(line):
                self._lines.append(raw)
                return
        self._go_on(raw, line, column, first, matched, opened)

    def _start(
        self, text: str, opened: bool, matched: int, is_inside: bool, may_be_math: bool
    ) -> str:
        """What begins here: a container by its kind, "leaf", "fence", "math", or "" for nothing."""
        mark = text[0]
        if mark == ">":
            return ">"
        if mark in "`~" and FENCE.match(text):
            return "fence"
        if mark == "#" and HEADING.match(text):
            return "leaf"
        if mark in "-_*" and RULE.match(text):
            return "leaf"
        if mark in "$\\" and may_be_math and opens_math(text):
            return "math"
        if mark == "[" and not opened and not matched and FOOTNOTE.match(text):
            lazy = self._leaf == "paragraph" and self._stack and self._stack[0].kind != "^"
            lazy = lazy or (self._leaf == "table" and not self._stack)
            return "" if lazy else "^"
        item = ITEM.match(text)
        if item is None:
            return ""
        if self._leaf == "paragraph" and is_inside and not opened and self._has_text():
            # Only a list that begins with 1 and says something may end a paragraph.
            number = item[2]
            if (number is not None and int(number) != 1) or not text[item.end() :].strip(" "):
                return ""
        return item[1][-1]

    def _make_room(self, kind: str, text: str, matched: int) -> None:
        """Something begins: what it does not stand in has ended."""
        is_sibling = matched < len(self._stack) and self._stack[matched].kind == kind
        if is_sibling and kind in ">^":
            is_sibling = False
        may_go_on = self._leaf in ("paragraph", "table")
        if kind == "math" and may_go_on and not is_whole_math(text):
            # It may turn out to be text that goes on; so nothing is finished yet.
            self._paragraph = []
            self._leaf = ""
            del self._stack[matched:]
            return
        self._end_paragraph()
        self._leaf = ""
        del self._stack[matched:]
        if not matched and not is_sibling:
            self._cut()

    def _open_leaf(self, kind: str, raw: str, text: str, indent: int) -> None:
        self._lines.append(raw)
        if kind == "fence":
            self._leaf = "fence"
            mark = text[0]
            self._fence = mark * (len(text) - len(text.lstrip(mark)))
            self._fence_indent = indent
        elif kind == "math" and self._math is not None:
            self._leaf = "math"
            self._math_closer = closer_of(text)
            self._math.since.append(raw)
        elif not self._stack:
            self._cut()

    def _open_container(self, kind: str, line: str, column: int, first: int) -> int:
        """Open a quote, an item or a footnote; returns the column after its mark."""
        if kind == ">":
            self._stack.append(_Container(">"))
            return first + 2 if line[first + 1 : first + 2] == " " else first + 1
        if kind == "^":
            note = FOOTNOTE.match(line, first)
            assert note is not None
            self._define(f"^{note[1]}")
            self._stack.append(_Container("^", 4))
            return end_of_spaces(line, note.end())
        item = ITEM.match(line, first)
        assert item is not None
        start = content_start(line, item.end())
        is_empty = not line[item.end() :].strip(" ")
        self._stack.append(_Container(kind, start - column, is_empty))
        return start

    def _go_on(
        self, raw: str, line: str, column: int, first: int, matched: int, opened: bool
    ) -> None:
        """Text that begins nothing: of a paragraph or a table, or indented code."""
        is_inside = matched == len(self._stack)
        is_code = first - column >= 4
        is_lazy = is_code or not is_inside
        if (
            not opened
            and self._leaf == "paragraph"
            and not (is_lazy and self._has_ended(line[first:]))
        ):
            self._lines.append(raw)
            self._paragraph.append(line[first:] if not is_code and is_inside else "")
            return
        if not opened and self._leaf == "table" and is_inside and not is_code:
            self._lines.append(raw)
            return
        if not opened:
            self._end_paragraph()
            del self._stack[matched:]
            if not self._stack:
                self._cut()
        self._lines.append(raw)
        self._leaf = "code" if is_code else "paragraph"
        self._paragraph = [] if is_code else [line[first:]]

    def _has_text(self) -> bool:
        """Whether the open paragraph is more than definitions."""
        if not self._paragraph[0].startswith("["):
            return True
        return bool(without_definitions("\n".join(self._paragraph)))

    def _has_ended(self, text: str) -> bool:
        """Whether the open paragraph is all definitions, none of which goes on with this text."""
        if not self._paragraph[0].startswith("["):
            return False
        return without_definitions("\n".join([*self._paragraph, text])) == text
