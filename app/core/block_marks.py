"""The marks with which lines of Markdown begin blocks. See `blocks`."""

import re

# Lines that a display formula may have. A bound, because one that never ends is read again.
MATH_LINES = 200

FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
HEADING = re.compile(r"#{1,6}(?: |$)")
RULE = re.compile(r"([-_*])(?: *\1){2,} *$")
UNDERLINE = re.compile(r"(?:=+|-+) *$")
ITEM = re.compile(r"([-+*]|([0-9]{1,9})[.)])(?= |$)")
FOOTNOTE = re.compile(r"\[\^([^\s\[\]]+)\]:")
_DELIMITERS = re.compile(r"[-:|][-:| ]+$")
_COLUMN = re.compile(r":?-+:?$")
_SPACES = re.compile(" *")
NEVER = 1 << 30


def is_table(header: str, delimiters: str) -> bool:
    """Whether these two lines begin a table: as many columns, and a bar in the first."""
    if not _DELIMITERS.match(delimiters) or delimiters.startswith("- "):
        return False
    header = header.strip()
    if "|" not in header:
        return False
    columns = [column.strip() for column in delimiters.split("|")]
    inner = [column for n, column in enumerate(columns) if column or 0 < n < len(columns) - 1]
    return all(map(_COLUMN.match, inner)) and len(inner) == len(_cells(header))


def end_of_spaces(line: str, start: int) -> int:
    found = _SPACES.match(line, start)
    return found.end() if found is not None else len(line)


def unindented(line: str, indent: int) -> str:
    if not indent:
        return line
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(indent, spaces) :]


def content_start(line: str, after_marker: int) -> int:
    """The column at which the content of an item begins."""
    start = end_of_spaces(line, after_marker)
    if start == len(line) or start - after_marker > 4:
        return after_marker + 1
    return start


def closer_of(text: str) -> str:
    return "$$" if text.startswith("$$") else "\\]"


def opens_math(text: str) -> bool:
    """Whether a line may begin a formula: nothing but space after a closing mark on it."""
    if not text.startswith(("$$", "\\[")):
        return False
    closer = text.find(closer_of(text), 2)
    return closer < 0 or is_whole_math(text)


def is_whole_math(text: str) -> bool:
    closer = text.find(closer_of(text), 2)
    return closer >= 0 and bool(text[2:closer].strip(" ")) and not text[closer + 2 :].strip(" ")


def _cells(row: str) -> list[str]:
    """The cells of a row of a table; a bar after a backslash belongs to its cell."""
    cells = re.split(r"(?<!\\)\|", row)
    if cells and not cells[0]:
        del cells[0]
    if cells and not cells[-1]:
        del cells[-1]
    return cells
