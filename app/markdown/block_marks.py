"""The marks with which lines of Markdown begin blocks. See `blocks`."""

import re

# Lines that a display formula may have. A bound, because one that never ends is read again.
MATH_LINES = 200
# What is more is shown as text: containers in each other, columns of a table, footnotes of a text.
DEPTH = 30
COLUMNS = 200
NOTES = 200
# As many marks take about as long as a line.
LINE_MARKS = 3
# And as many blocks as the frame of code or a table, with buttons; as what there is beside code
# that can be shown as something else; as a callout's frame; as the links of a footnote; as
# <details>.
FRAME_BLOCKS = 2
DISPLAY_BLOCKS = 1
CALLOUT_BLOCKS = 1
NOTE_BLOCKS = 1
DETAILS_BLOCKS = 5

# As in markdown_displays.mjs and markdown_tex.mjs.
DISPLAYED = re.compile(
    r"[`~]+\s*(?:mermaid|mmd|svg|xml|x?html?|math|katex|latex|tex)\b", re.IGNORECASE
)
FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
HEADING = re.compile(r"#{1,6}(?: |$)")
RULE = re.compile(r"([-_*])(?: *+\1){2,}+ *+$")
UNDERLINE = re.compile(r"(?:=++|-++) *+$")
ITEM = re.compile(r"([-+*]|([0-9]{1,9})[.)])(?= |$)")
FOOTNOTE = re.compile(r"\[\^([^\s\[\]]+)\]:")
_DELIMITERS = re.compile(r"[-:|][-:| ]+$")
_COLUMN = re.compile(r":?-+:?$")
_SPACES = re.compile(" *")
# As in markdown_math.mjs and markdown_tags.mjs.
_ENVIRONMENT = re.compile(
    r"\\begin\{((?:align(?:at)?|aligned|array|cases|CD|[dr]cases|eqnarray|equation|flalign"
    r"|gather(?:ed)?|[bBpvV]?matrix|multline|smallmatrix|split)\*?)\}"
)
_DETAILS = re.compile(r"<details(?: open)?>", re.IGNORECASE)
_DETAILS_END = re.compile(r"</details> *+$", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary>(?:(?!</summary>).)*+</summary> *+$", re.IGNORECASE)
NEVER = 1 << 30


def columns_of(header: str, delimiters: str) -> int:
    """Count the columns of the table that these two lines begin; 0 where they begin none.

    Both have as many, and the first has a bar.
    """
    if not _DELIMITERS.match(delimiters) or delimiters.startswith("- "):
        return 0
    header = header.strip()
    if "|" not in header:
        return 0
    columns = [column.strip() for column in delimiters.split("|")]
    inner = [column for n, column in enumerate(columns) if column or 0 < n < len(columns) - 1]
    is_table = all(map(_COLUMN.match, inner)) and len(inner) == len(_cells(header))
    return len(inner) if is_table else 0


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


def math_marks(text: str) -> tuple[str, str]:
    """The mark that may begin a formula at the beginning of this line, and the one that ends it;
    both empty where there is none.
    """
    if text.startswith("$$"):
        return "$$", "$$"
    if text.startswith("\\["):
        return "\\[", "\\]"
    found = _ENVIRONMENT.match(text)
    return (found[0], f"\\end{{{found[1]}}}") if found is not None else ("", "")


def opens_math(text: str) -> bool:
    """Tell whether a line may begin a formula: nothing but space after a closing mark on it."""
    opener, closer = math_marks(text)
    if not opener:
        return False
    return text.find(closer, len(opener)) < 0 or is_whole_math(text)


def is_whole_math(text: str) -> bool:
    opener, closer = math_marks(text)
    end = text.find(closer, len(opener))
    if end < 0 or text[end + len(closer) :].strip(" "):
        return False
    return bool(text[len(opener) : end].strip(" "))


def environments_in(text: str) -> int:
    """Count the environments of TeX that this opens and does not close."""
    return text.count("\\begin{") - text.count("\\end{")


def details_mark(text: str) -> str:
    """Tell what a tag of <details> at the beginning of a line does: "<" where it opens a container,
    "</" where it ends one, "leaf" where the line is whole, "" for nothing.
    """
    if _DETAILS.match(text):
        return "leaf" if _DETAILS_END.search(text) else "<"
    if _DETAILS_END.match(text):
        return "</"
    return "leaf" if _SUMMARY.match(text) else ""


def _cells(row: str) -> list[str]:
    """The cells of a row of a table; a bar after a backslash belongs to its cell."""
    cells = re.split(r"(?<!\\)\|", row)
    if cells and not cells[0]:
        del cells[0]
    if cells and not cells[-1]:
        del cells[-1]
    return cells
