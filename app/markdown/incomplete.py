"""Half-written Markdown as it is shown: closed where its end is clear, held back where it is not.

A reader should never see marks that the next token turns into something else. The held text is
little and comes soon; where it does not, the marks mean nothing and are shown as they are. All of
this concerns the last paragraph or row alone, so it costs what that has of characters.
"""

import re

from .block_marks import math_marks
from .dollars import is_formula, is_prose, may_become_formula

# Characters after which a mark that nothing closes is taken to be no mark.
_LABEL = 200
_ADDRESS = 2000
_CODE = 400
_EMPHASIS = 600
_FORMULA = 2000
_DOLLAR = 100
_HEADER = 1000
# A longer paragraph is shown as it is.
_PARAGRAPH = 8000

# Nothing that these take is given back: else a line of spaces alone takes longer than a minute.
_QUOTES = r"[ \t>]*+(?:(?:[-+*]|[0-9]{1,9}[.)])[ \t]++)*+"
_MARK_ONLY = re.compile(
    _QUOTES
    + r"""(?:
      [-+*=_~#>|:`][-+*=_~#|:`\ \t]*+  # a rule, an underline, a heading, a fence, a delimiter row
      | [0-9]{1,9}[.)]?                 # what may become the number of an item
      | \[[ xX]?\]?                     # a task
      | \[![A-Za-z]*+(?:\][-+]?)?      # a callout
      | (?:`{3,}|~{3,})[^`\n]*          # what will be the language of a fence
      | \[\^?[^\]\n]*\]:?[^\n]{0,300}(?<=\]:)  # a definition that has only its label
    )?[ \t]*+$""",
    re.VERBOSE,
)
_ROW = re.compile(r"[ \t>]*\|")
_DELIMITER_ROW = re.compile(r"[ \t>]*+[|:-][-|: \t]*+$")
_TAGS = ("sub", "sup", "kbd", "mark", "u", "s")
_MARK = re.compile(
    r"\\b(?:e(?:g(?:i(?:n(?:\{[A-Za-z]*+\*?)?)?)?)?)?$"  # half of \begin{…}
    r"|\\[\s\S]|`+|\*+|_+|~~+|!?\[|\]|\$\$?|<[A-Za-z][A-Za-z+.-]*:[^\s<>]*$"
    rf"|</?(?:{'|'.join(_TAGS)})>|</?[a-z]*+(?: open)?[ ]?/?$",
    re.IGNORECASE,
)
# Of these a line is shown when their text is whole.
_SUMMARY = re.compile(
    r"[ \t>]*+<(?:details\b[^>]*+(?:>[ \t]*+<summary\b|$)|summary\b)", re.IGNORECASE
)
_MARKS_AT_END = "*_~`$!<\\["
_ENTITY_AT_END = re.compile(r"&#?[A-Za-z0-9]{0,10}\Z")
_ADDRESS_END = re.compile(r"\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")


def shown(end: str, kind: str) -> str:
    """Give the open end of a text as it is shown, `kind` being that of `Blocks.tail_parts`."""
    if kind == "math":
        return "" if len(end) <= _FORMULA else end
    if kind == "fence":
        before, _, line = end.rpartition("\n")
        marks = line.strip(" \t>")
        return end if marks.strip("`~") else end[: len(end) - len(line)]
    before, last = _split(end)
    if kind == "table":
        return before + ("" if last.strip(" \t>|") == "" else _closed(last))
    is_half = _SUMMARY.match(last) and "</summary>" not in last and len(last) < _HEADER
    if is_half or _MARK_ONLY.match(last):
        last = ""
    first = _held_table(before, last)
    if first is not None:
        return before[:first]
    return _closed(before + last)


def _split(text: str) -> tuple[str, str]:
    at = text.rfind("\n") + 1
    return text[:at], text[at:]


def _held_table(before: str, last: str) -> int | None:
    """Find the beginning of the line that may be the first row of a table; None if there is
    none.
    """
    if _ROW.match(last):
        return len(before) if len(last) < _HEADER else None
    start = before.rfind("\n", 0, -1) + 1
    header = before[start:]
    is_open = not last or _DELIMITER_ROW.match(last)
    return start if header and is_open and _ROW.match(header) and len(header) < _HEADER else None


def _without_half_picture(text: str) -> str:
    """The text without a picture in it that has not come whole: one long word, of which a browser
    lays out each line as if it were all of it.
    """
    at = text.rfind("](data:")
    opener = text.rfind("![", 0, at) if at >= 0 else -1
    if opener < 0 or re.search(r"[)\s]", text[at + 2 :]):
        return text
    label = text[opener + 2 : at]
    # Else the address is that of a link behind the picture, or behind the sign alone.
    is_its_own = "](" not in label and label.count("[") == label.count("]")
    return text[:opener] if is_its_own else text


def _closed(text: str) -> str:
    """The text with its open marks closed, or without them where nothing follows yet."""
    text = _without_half_picture(text)
    if len(text) > _PARAGRAPH:
        return text
    text = _without_mark_at_end(text)
    length = len(text)
    cut = length
    dropped: list[int] = []
    emphasis: list[list[int]] = []  # of each opener: position, length, which character (0: a tag)
    brackets: list[int] = []
    closers = ""
    at = 0
    while (found := _MARK.search(text, at)) is not None and found.start() < cut:
        mark, start, at = found[0], found.start(), found.end()
        match mark[0]:
            case "`":
                end = _code_end(text, mark, at)
                if end < 0 and length - at <= _CODE:
                    closers = mark
                    break
                at = end if end >= 0 else at
            case "*" | "_" | "~":
                _emphasis(text, mark, start, at, emphasis)
            case "[" | "!":
                brackets.append(start)
            case "]" if brackets:
                opener = brackets.pop()
                if at == length or (text[at] == "(" and not _ADDRESS_END.match(text, at)):
                    if length - at > _ADDRESS or text.find("\n\n", at) >= 0:
                        continue
                    cut = _without_link(text, opener, start, dropped)
                elif text[at] == "(":
                    address = _ADDRESS_END.match(text, at)
                    at = address.end() if address is not None else at
            case "$":
                end = _formula_end(text, mark, start)
                cut = start if end == 0 else cut
                at = end if end > 0 else at
            case "\\" if mark[1] in "([":
                end = text.find("\\" + (")" if mark[1] == "(" else "]"), at)
                if end < 0 and length - at <= _FORMULA:
                    cut = start
                at = end + 2 if end >= 0 else at
            case "\\" if mark[1] == "b":
                end = _environment_end(text, mark, start)
                cut = start if end == 0 else cut
                at = end if end > 0 else at
            case "<" if mark.endswith(">"):
                _tag(text, mark.lower(), start, emphasis)
            case "<" if ":" in mark or _is_half_tag(mark):
                cut = start
            case _:
                pass
    for opener in brackets:
        if opener >= cut or length - opener > _LABEL:
            continue
        if text[opener] == "!" or text[opener + 1 : opener + 2] == "^":
            cut = min(cut, opener)
        else:
            dropped.append(opener)
    for start, count, _ in reversed(emphasis):
        if start < cut and length - start <= _EMPHASIS:
            inner = text[start + count : cut].strip()
            if inner and text[start] == "<":
                closers += f"</{text[start + 1 : start + count]}"
            elif inner:
                closers += text[start] * count
            else:
                cut = start
    kept = text[:cut]
    for position in sorted(dropped, reverse=True):
        if position < cut:
            kept = kept[:position] + kept[position + 1 :]
    body = kept.rstrip() if closers and not closers.startswith("`") else kept
    return body + closers + kept[len(body) :] if body.strip() else kept


def _without_mark_at_end(text: str) -> str:
    line_end = "\n" if text.endswith("\n") else ""
    line = text.removesuffix("\n")
    kept = line.rstrip(_MARKS_AT_END)
    if len(kept) == len(line):
        kept = line[:-12] + _ENTITY_AT_END.sub("", line[-12:])
    return kept + line_end


def _code_end(text: str, mark: str, at: int) -> int:
    """Find the end of the code that `mark` began; -1 where it does not end."""
    for found in re.finditer("`+", text[at:]):
        if found[0] == mark:
            return at + found.end()
    return -1


def _emphasis(text: str, mark: str, start: int, end: int, opened: list[list[int]]) -> None:
    before = text[start - 1 : start]
    after = text[end : end + 1]
    is_word = mark[0] == "_" and before.isalnum() and after.isalnum()
    count = len(mark)
    if before.strip() and not is_word:
        while count and opened and opened[-1][2] == ord(mark[0]):
            opener = opened[-1]
            closed = min(count, opener[1])
            count -= closed
            opener[1] -= closed
            if not opener[1]:
                opened.pop()
    if count and after.strip() and not is_word and (mark[0] != "_" or not before.isalnum()):
        opened.append([start, min(count, 3), ord(mark[0])])


def _without_link(text: str, opener: int, closer: int, dropped: list[int]) -> int:
    """Reduce a link without an address to its text, an image to nothing; return where to cut."""
    if text[opener] == "!" or text[opener + 1 : opener + 2] == "^":
        return opener
    dropped.append(opener)
    return closer


def _tag(text: str, mark: str, start: int, opened: list[list[int]]) -> None:
    if mark[1] != "/":
        opened.append([start, len(mark), 0])
    elif opened and opened[-1][2] == 0:
        begin, count, _ = opened[-1]
        if text[begin + 1 : begin + count].lower() == mark[2:]:
            opened.pop()


def _is_half_tag(mark: str) -> bool:
    name = mark.lower().strip("</ ").removesuffix(" open")
    return any(tag.startswith(name) for tag in (*_TAGS, "br", "details", "summary"))


def _environment_end(text: str, mark: str, start: int) -> int:
    """Find the end as `_formula_end` does, where an environment of TeX may begin."""
    opener, closer = math_marks(text[start : start + 40])
    if not opener:
        return 0 if start + len(mark) == len(text) else -1
    end = text.find(closer, start)
    held = len(text) - start <= _FORMULA
    return end + len(closer) if end >= 0 else 0 if held else -1


def _formula_end(text: str, mark: str, start: int) -> int:
    """Find the end of the formula; 0 to hold it back, -1 where the mark begins none."""
    at = start + len(mark)
    before = text[max(start - 1, 0) : start]
    end = text.find(mark, at)
    if mark == "$":
        while end > 0 and text[end - 1] == "\\" and text[end - 2] != "\\":
            end = text.find(mark, end + 1)
    if end < 0:
        held = text[at:]
        if mark == "$$":
            return 0 if len(held) <= _FORMULA and not is_prose(held) else -1
        is_near = len(held) <= _DOLLAR and "\n" not in held
        return 0 if is_near and may_become_formula(before, held) else -1
    inner, after = text[at:end], text[end + len(mark) : end + len(mark) + 20]
    is_one = not is_prose(inner) if mark == "$$" else is_formula(before, inner, after)
    return end + len(mark) if is_one else -1
