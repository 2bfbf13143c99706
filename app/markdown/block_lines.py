"""The block structure of Markdown, followed line by line. See `blocks`, which cuts by it.

Long, because the rules of CommonMark for lines depend on each other.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from .block_marks import (
    CALLOUT_BLOCKS,
    COLUMNS,
    DEPTH,
    DETAILS_BLOCKS,
    DISPLAY_BLOCKS,
    DISPLAYED,
    FENCE,
    FOOTNOTE,
    FRAME_BLOCKS,
    HEADING,
    ITEM,
    LINE_MARKS,
    MATH_LINES,
    NEVER,
    NOTE_BLOCKS,
    NOTES,
    RULE,
    UNDERLINE,
    columns_of,
    content_start,
    details_mark,
    end_of_spaces,
    environments_in,
    is_whole_math,
    math_marks,
    opens_math,
    unindented,
)
from .labels import definitions, without_definitions


class _Container(NamedTuple):
    """A quote (">"), an item of a list (its marker: "-", "*", "+", "." or ")"), a footnote ("^"),
    or <details> ("<"), which goes on with any line but its end.

    `indent` is how many columns what belongs to it stands to the right.
    """

    kind: str
    indent: int = 0
    is_empty: bool = False


class _Math(NamedTuple):
    """The state before a line that may begin a formula, to go back to if it does not."""

    stack: list[_Container]
    leaf: str
    paragraph: list[str]
    lines: int
    settled: int
    since: list[str]


class Structure:
    """The blocks that are open after the lines so far.

    `finish` is called with the lines of a block at the top that nothing can go on, and whether they
    are shown as text; `define` with the labels that are defined. `lines` are those of the block
    that is open, `past_limit` says that it is too deep or too wide, and `work` what all lines that
    were read took, in marks; those that had to be read again as often. `cuts` counts the finished
    blocks, `frames` what code, callouts, notes, tables and <details> take beside, in blocks; code
    and tables inside of another block are such blocks too.
    """

    def __init__(
        self, finish: Callable[[list[str], bool], None], define: Callable[[str], None]
    ) -> None:
        self._finish = finish
        self._define = define
        self._stack: list[_Container] = []
        # The innermost open block: "", paragraph, table, code, fence or math.
        self._leaf = ""
        self._paragraph: list[str] = []
        self._fence = ""
        self._math: _Math | None = None
        self._math_closer = ""
        self._environments = 0
        self.cuts = 0
        self.frames = 0
        self.fence_indent = 0
        self.lines: list[str] = []
        self._settled = 0
        # Code of the open fence at the top that nobody has taken yet.
        self.fresh_code: list[str] = []
        self.columns = 0
        self._notes = 0
        self.past_limit = False
        self.is_text = False
        self.work = 0

    def read(self, line: str) -> None:
        """Read one line, and again those behind a mark that began no formula."""
        waiting = deque([(line, True)])
        while waiting:
            line, may_be_math = waiting.popleft()
            again = self._line(line, may_be_math)
            if again:
                waiting.extendleft((each, True) for each in reversed(again[1:]))
                waiting.appendleft((again[0], False))

    def close(self) -> None:
        """End what is open: no line follows."""
        self._decide_math()
        self._cut()

    def give_up(self) -> None:
        """Show the open block as text, but for whole items and rows before the last line."""
        # So much is no formula that is drawn.
        self._decide_math()
        if not self.lines:
            return
        settled = min(self.settled, len(self.lines) - 1)
        if self._leaf == "table" and settled < 2:
            settled = 0  # no table yet
        lines, self.lines = self.lines[:settled], self.lines[settled:]
        self._settled = 0
        if lines:
            self._finish(lines, False)
        self.is_text = True
        self._paragraph = self._paragraph[-1:]

    @property
    def is_code(self) -> bool:
        """Tell whether a fence at the top is open."""
        return self._leaf == "fence" and not self._stack and not self.is_text

    @property
    def is_verbatim(self) -> bool:
        """Tell whether code is open, also inside of another block: a fence, or indented lines."""
        return self._leaf in ("fence", "code")

    @property
    def is_paragraph(self) -> bool:
        """Tell whether a paragraph is open, also inside of another block."""
        return self._leaf == "paragraph"

    @property
    def is_table(self) -> bool:
        """Tell whether a table is open, also inside of another block."""
        return self._leaf == "table"

    @property
    def fence_mark(self) -> str:
        """The character that the open fence is made of."""
        return self._fence[0]

    @property
    def settled(self) -> int:
        """The number of lines that are whole items of the open list or whole rows of the open
        table, at the top: lines behind them only add another item or row.
        """
        return 0 if self._math is not None or self.is_text else self._settled

    @property
    def open_end(self) -> tuple[int, str]:
        """The number of last lines that may be half of something, and its kind; see
        `tail_parts`.
        """
        kind = self._leaf if self._leaf in ("table", "fence", "math") else "text"
        if self._math is not None:
            return len(self._math.since), kind
        return (len(self._paragraph) if self._leaf == "paragraph" else 0), kind

    def _cut(self) -> None:
        """Finish all lines so far as one block; the next line begins another."""
        self._end_paragraph()
        self._leaf = ""
        self._stack = []
        self._settled = 0
        self.fresh_code = []
        if self.lines:
            lines, self.lines = self.lines, []
            self.cuts += 1
            self._finish(lines, self.is_text)
        self.is_text = self.past_limit = False

    def _end_paragraph(self) -> None:
        if not self.is_text and self._paragraph and self._paragraph[0].startswith("["):
            for label in definitions("\n".join(self._paragraph)):
                self._define(label)
        self._paragraph = []

    def _line(self, raw: str, may_be_math: bool) -> list[str]:
        """Follow one line; return lines to read anew, the first of which begins no formula."""
        line = raw.expandtabs(4)
        column, matched = self._match(line)
        first = end_of_spaces(line, column)
        indent, is_blank = first - column, first == len(line)
        is_inside = matched == len(self._stack)
        self.work += 1 if is_blank else LINE_MARKS

        if self._leaf == "math":
            may_go_on = is_inside and (not is_blank or self._environments > 0)
            return self._line_of_math(raw, line[first:], may_go_on)
        if is_inside and self._leaf == "fence":
            self._line_of_fence(raw, line[first:], indent)
        elif is_inside and self._leaf == "code" and (is_blank or indent >= 4):
            self.lines.append(raw)
        elif is_blank:
            self._blank(raw, matched)
        else:
            self._text(raw, line, column, matched, may_be_math)
        return []

    def _match(self, line: str) -> tuple[int, int]:
        """Follow the open containers into this line: the column they reach, and their number."""
        column = 0
        for number, container in enumerate(self._stack):
            first = end_of_spaces(line, column)
            if container.kind == "<":
                continue
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
        self.lines.append(raw)
        mark = self._fence[0]
        length = len(text) - len(text.lstrip(mark))
        if length >= len(self._fence) and indent < 4 and not text[length:].strip(" "):
            self._leaf = ""
            if not self._stack:
                self._cut()
        elif not self._stack:
            self.fresh_code.append(unindented(raw, self.fence_indent) + "\n")

    def _state(self) -> _Math:
        return _Math(
            self._stack.copy(),
            self._leaf,
            self._paragraph.copy(),
            len(self.lines),
            self._settled,
            [],
        )

    def _line_of_math(self, raw: str, text: str, is_inside: bool) -> list[str]:
        math = self._math
        assert math is not None
        math.since.append(raw)
        closer = text.find(self._math_closer) if is_inside else -1
        if closer >= 0 and not text[closer + len(self._math_closer) :].strip(" "):
            self.lines.append(raw)
            self._leaf, self._math = "", None
            if not self._stack:
                self._cut()
            return []
        if is_inside and closer < 0 and len(math.since) <= MATH_LINES:
            self._environments += environments_in(text)
            self.lines.append(raw)
            return []
        return self._go_back()

    def _go_back(self) -> list[str]:
        math = self._math
        assert math is not None
        self._math = None
        self._stack, self._leaf, self._paragraph = math.stack, math.leaf, math.paragraph
        self._settled = math.settled
        del self.lines[math.lines :]
        return math.since

    def _decide_math(self) -> None:
        """Take what may be the beginning of a formula for none."""
        while self._math is not None:
            self._give_up_math()

    def _give_up_math(self) -> None:
        again = self._go_back()
        may_be_math = False
        for number, line in enumerate(again):
            more = self._line(line, may_be_math)
            may_be_math = True
            if more:
                # It stopped in the middle; the rest follows those that are read again.
                for each in (*more, *again[number + 1 :]):
                    self._read_without_math(each) if each is more[0] else self.read(each)
                return

    def _read_without_math(self, line: str) -> None:
        self._line(line, False)

    def _blank(self, raw: str, matched: int) -> None:
        # A quote ends with its paragraph; a list may go on after any number of blank lines.
        had_lines = bool(self.lines)
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
        self.lines.append(raw)

    def _text(self, raw: str, line: str, column: int, matched: int, may_be_math: bool) -> None:
        """Follow a line with something on it, which begins, ends or continues a block."""
        first = end_of_spaces(line, column)
        is_inside = matched == len(self._stack)
        is_paragraph = self._leaf == "paragraph"
        text = line[first:]
        if self._stack and self._stack[-1].is_empty:
            self._stack[-1] = self._stack[-1]._replace(is_empty=False)
        if is_paragraph and is_inside and first - column < 4:
            columns = columns_of(self._paragraph[-1], text)
            if columns:
                self.columns = columns
                self.past_limit |= columns > COLUMNS
                self.lines.append(raw)
                self._end_paragraph()
                self.frames += FRAME_BLOCKS + bool(self._stack)
                self._leaf = "table"
                if not self._stack and len(self.lines) == 2 and columns <= COLUMNS:
                    self._settled = 2
                return
            if UNDERLINE.match(text) and self._has_text():
                self.lines.append(raw)
                self._end_paragraph()
                self._leaf = ""
                if not self._stack:
                    self._cut()
                return
        marks = ("$$", "\\[", "\\begin{")
        before = self._state() if may_be_math and any(mark in text for mark in marks) else None
        opened = False
        while first - column < 4:
            if (len(self._stack) if opened else matched) >= DEPTH:
                self.past_limit = True
                break
            text = line[first:]
            kind = self._start(text, opened, matched, is_inside, may_be_math)
            if not kind:
                break
            if kind == "</":
                self._end_details(raw, matched)
                return
            if not opened:
                count = self.cuts
                self._make_room(kind, text, matched)
                if count != self.cuts:
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
                self.lines.append(raw)
                return
        self._go_on(raw, line, column, first, matched, opened)

    def _start(
        self, text: str, opened: bool, matched: int, is_inside: bool, may_be_math: bool
    ) -> str:
        """Tell what begins here: a container by its kind, "leaf", "fence", "math", "</" for the end
        of a container, or "" for nothing.
        """
        mark = text[0]
        if mark == ">":
            return ">"
        if mark in "`~" and FENCE.match(text):
            return "fence"
        if mark == "#" and HEADING.match(text):
            return "leaf"
        if mark in "-_*" and RULE.match(text):
            return "leaf"
        if mark == "<" and (kind := details_mark(text)):
            is_end = not opened and matched and self._stack[matched - 1].kind == "<"
            return "leaf" if kind == "</" and not is_end else kind
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
        """End the blocks that do not hold the one that begins."""
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
        elif not matched:
            self._settled = len(self.lines)

    def _open_leaf(self, kind: str, raw: str, text: str, indent: int) -> None:
        self.lines.append(raw)
        if text[0] == "<":
            self.frames += DETAILS_BLOCKS
        if kind == "fence":
            self._leaf = "fence"
            self.frames += FRAME_BLOCKS + bool(self._stack)
            mark = text[0]
            self._fence = mark * (len(text) - len(text.lstrip(mark)))
            self.frames += DISPLAY_BLOCKS if DISPLAYED.match(text) else 0
            self.fence_indent = indent
        elif kind == "math" and self._math is not None:
            self._leaf = "math"
            self._math_closer = math_marks(text)[1]
            self._environments = environments_in(text)
            self._math.since.append(raw)
        elif not self._stack:
            self._cut()

    def _open_container(self, kind: str, line: str, column: int, first: int) -> int:
        """Open a quote, an item or a footnote; return the column after its mark."""
        if kind == "<":
            self.frames += DETAILS_BLOCKS
            self._stack.append(_Container("<"))
            return len(line)
        if kind == ">":
            if line.startswith("[!", first + 2):
                self.frames += CALLOUT_BLOCKS
            self._stack.append(_Container(">"))
            return first + 2 if line[first + 1 : first + 2] == " " else first + 1
        if kind == "^":
            note = FOOTNOTE.match(line, first)
            assert note is not None
            self._define(f"^{note[1]}")
            self._notes += 1
            self.frames += NOTE_BLOCKS
            self.past_limit |= self._notes > NOTES
            self._stack.append(_Container("^", 4))
            return end_of_spaces(line, note.end())
        item = ITEM.match(line, first)
        assert item is not None
        start = content_start(line, item.end())
        is_empty = not line[item.end() :].strip(" ")
        self._stack.append(_Container(kind, start - column, is_empty))
        return start

    def _end_details(self, raw: str, matched: int) -> None:
        self._end_paragraph()
        self._leaf = ""
        del self._stack[matched - 1 :]
        self.lines.append(raw)
        if not self._stack:
            self._cut()

    def _go_on(
        self, raw: str, line: str, column: int, first: int, matched: int, opened: bool
    ) -> None:
        """Take text that begins nothing: of a paragraph or a table, or indented code."""
        is_inside = matched == len(self._stack)
        is_code = first - column >= 4
        is_lazy = is_code or not is_inside
        if (
            not opened
            and self._leaf == "paragraph"
            and not (is_lazy and self._has_ended(line[first:]))
        ):
            self.lines.append(raw)
            if self.is_text:
                self._paragraph = []
            self._paragraph.append(line[first:] if not is_code and is_inside else "")
            return
        if not opened and self._leaf == "table" and is_inside and not is_code:
            self.lines.append(raw)
            if self._settled:
                self._settled = len(self.lines)
            return
        if not opened:
            self._end_paragraph()
            del self._stack[matched:]
            if not self._stack:
                self._cut()
        self.lines.append(raw)
        self._leaf = "code" if is_code else "paragraph"
        self._paragraph = [] if is_code else [line[first:]]

    def _has_text(self) -> bool:
        """Tell whether the open paragraph is more than definitions."""
        if not self._paragraph[0].startswith("["):
            return True
        return bool(without_definitions("\n".join(self._paragraph)))

    def _has_ended(self, text: str) -> bool:
        """Tell whether the open paragraph is all definitions, none of which goes on with this
        text.
        """
        if not self._paragraph[0].startswith("["):
            return False
        return without_definitions("\n".join([*self._paragraph, text])) == text
