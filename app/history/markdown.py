"""Markdown of messages, made fit to stand in one document with others. Pure.

Blocks that a message leaves open end with it, and its headings stand below those of the document.
"""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from ..core.messages import Message
from ..core.nesting import is_too_deep
from ..markdown.block_lines import Structure

_QUOTES = re.compile(r"(?:[ \t]*+>)*+[ \t]*+")
# Of quotes and lists, in each other.
_PREFIX = re.compile(r"[ \t]*+(?:(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]))[ \t]*+)*+")
_HEADING = re.compile(r"#{1,6}(?=[ \t]|$)")
_UNDERLINE = re.compile(r"(=+|-+)[ \t]*$")
_LOWEST = 6

# HTML that goes on to its end mark, over empty lines too, by how it begins.
# https://spec.commonmark.org/0.31.2/#html-blocks, kinds 1 to 5
_HTML = (
    (r"<(?:script|pre|style|textarea)(?=[\s>]|$)", r"</(?:script|pre|style|textarea)>"),
    ("<!--", "-->"),
    (r"<\?", r"\?>"),
    (r"<!\[CDATA\[", r"\]\]>"),
    ("<![a-z]", ">"),
)
_HTML_KINDS = [
    (re.compile(" {0,3}" + start, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for start, end in _HTML
]
# What begins a block for us alone: formulas, and parts to unfold, which are HTML to other readers.
_OURS = re.compile(r"\$\$|\\\[|\\begin\{|<(?=/?(?:details|summary)\b)", re.IGNORECASE)
# Code within a line, and what is escaped: a mark of code that is begins none.
_CODE_SPAN = re.compile(r"\\.|(`++)(?:.*?(?<!`)\1(?!`))?")
# A tag may go on in the next line.
_FOLD = re.compile(r"<(/?)details(?=[\s/>]|$)", re.IGNORECASE)


# The argument that is code, of tools that run any.
_CODE = "code"

# Means something in words, or where a line begins.
_MARKS = re.compile(r"[\\\[\]`*_<>$~!&|]|^[#+-]|(?<=[0-9])[.)](?=\s|$)")
# Would be another letter in an address.
_ENTITY = re.compile(r"&(?=#?\w+;)")


def sources_of(message: Message) -> str:
    """The pages that an answer cites as a list of links, each once; empty where it cites none."""
    titles: dict[str, str] = {}
    for source in message.sources:
        titles.setdefault(source.url, " ".join(source.title.split() or source.url.split()))
    lines = [
        f"{at}. {link(title, url) or _as_words(title)}"
        for at, (url, title) in enumerate(titles.items(), 1)
    ]
    return "\n".join(["Sources:", "", *lines]) if lines else ""


def link(title: str, url: str) -> str:
    """A link to a page or file of the web; empty where the address is none of it."""
    is_plain = url.startswith(("https:", "http:")) and not re.search(r"[\s<>\\]", url)
    return f"[{_as_words(title)}](<{_ENTITY.sub('&amp;', url)}>)" if is_plain else ""


def emphasised(text: str) -> str:
    """A line that is not from the answer, whatever stands in it."""
    return f"*{_as_words(text)}*"


def _as_words(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", text)


def folded(title: str, text: str) -> str:
    """A part that is unfolded by a press. The text is `closed`, so nothing in it ends the part."""
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"


def called(name: str, arguments: str) -> str:
    """A tool call: its code, and other texts of several lines, as blocks below it."""
    values = arguments_of(arguments)
    blocks = {
        key: value
        for key, value in values.items()
        if isinstance(value, str) and (key == _CODE or "\n" in value.strip())
    }
    if blocks:
        rest = {key: value for key, value in values.items() if key not in blocks}
        arguments = json.dumps(rest, ensure_ascii=False) if rest else ""
    pieces = [f"Tool call: {code_span(one_line(name, arguments))}"]
    for key, text in blocks.items():
        if key != _CODE:
            pieces.append(f"{code_span(' '.join(key.split()))}:")
        pieces.append(fenced(text, "python" if key == _CODE and "python" in name else ""))
    return "\n\n".join(pieces)


def arguments_of(arguments: str) -> dict[str, Any]:
    """The arguments of a call by their names; none where they are no JSON object."""
    if is_too_deep(arguments.encode("utf-8", "replace")):
        return {}
    try:
        found = json.loads(arguments)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def fenced(text: str, language: str = "") -> str:
    """A text as a block of code, whatever stands in it."""
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"


def one_line(name: str, arguments: str) -> str:
    """A tool call in one line."""
    return " ".join(f"{name}({arguments})".split())


def code_span(text: str) -> str:
    """A line as code in Markdown, whatever stands in it."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def closed(text: str) -> str:
    """Close whatever would swallow the text that follows: code, formulas, HTML. What ends a part
    to unfold that begins outside of the text is shown as words.
    """
    lines = text.split("\n")
    structure = Structure(lambda lines, is_text: None, lambda label: None)
    last_ends = _last_ends(lines)
    folds = 0
    formula = ""
    for at, line in enumerate(lines):
        structure.read(_OURS.sub("xx", line))
        if structure.is_verbatim:
            continue
        kind = _kind_of(line)
        if kind is not None and last_ends[kind] < at:
            lines[at] = line.replace("<", r"\<", 1)
        formula = _formula_after(line, formula)
        ends = [0]  # of parts that begin elsewhere
        for found in _FOLD.finditer(_CODE_SPAN.sub(lambda code: "x" * len(code[0]), lines[at])):
            if found[1] and not folds:
                ends.append(found.start())
            else:
                folds += -1 if found[1] else 1
        lines[at] = "\\".join(lines[at][start:end] for start, end in pairwise([*ends, None]))
    if structure.is_code:
        marks = structure.lines[0].lstrip()
        lines.append(marks[0] * (len(marks) - len(marks.lstrip(marks[0]))))
    elif formula:
        lines.append(formula)
    lines += ["", "</details>"] * folds
    return "\n".join(lines)


def below(text: str, level: int) -> str:
    """The text with its headings moved so that none stands above this level."""
    lines = text.split("\n")
    headings = list(_headings(lines))
    down = level - min((found.level for found in headings), default=level)
    if down <= 0:
        return text
    for found in reversed(headings):
        said = lines[found.first : found.last + 1]
        prefix = _prefix(said[0])
        words = [one[len(_prefix(one)) :].strip() for one in said]
        if found.first != found.last:
            words.pop()
        else:
            words[0] = said[0][len(prefix) :].lstrip("#").strip(" \t")
        marks = "#" * min(found.level + down, _LOWEST)
        lines[found.first : found.last + 1] = [f"{prefix}{marks} {' '.join(words)}".rstrip()]
    return "\n".join(lines)


class _Heading(NamedTuple):
    """The lines from `first` to `last`; of several the last underlines the others."""

    first: int
    last: int
    level: int


def _headings(lines: list[str]) -> Iterator[_Heading]:
    structure = Structure(lambda lines, is_text: None, lambda label: None)
    begun = -1  # the first line of the paragraph that is open
    for at, line in enumerate(lines):
        structure.read(_OURS.sub("xx", line))
        if structure.is_paragraph:
            begun = at if begun < 0 else begun
            continue
        if not structure.is_verbatim:
            if marks := _HEADING.match(line[len(_prefix(line)) :]):
                yield _Heading(at, at, len(marks[0]))
            elif begun >= 0 and (mark := _underline(line, lines[begun])):
                yield _Heading(begun, at, 1 if mark == "=" else 2)
        begun = -1


def _formula_after(line: str, formula: str) -> str:
    """The mark that ends the formula which is open after this line; empty where none is."""
    text = line.strip()
    if formula:
        return "" if text.endswith(formula) else formula
    for opener, closer in (("$$", "$$"), ("\\[", "\\]")):
        if text.startswith(opener) and closer not in text[2:]:
            return closer
    return ""


def _last_ends(lines: list[str]) -> list[int]:
    """Find for each kind of HTML the last line that ends one; -1 where none does."""
    return [
        max((at for at, line in enumerate(lines) if end.search(line)), default=-1)
        for _, end in _HTML_KINDS
    ]


def _kind_of(line: str) -> int | None:
    """The number of the kind of HTML that begins on this line."""
    kinds = (number for number, (start, _) in enumerate(_HTML_KINDS) if start.match(line))
    return next(kinds, None)


def _prefix(line: str) -> str:
    found = _PREFIX.match(line)
    return found[0] if found else ""


def _underline(line: str, said: str) -> str:
    """The sign of a line that makes the paragraph before it a heading; empty where it does not. It
    stands in the same quotes, and in a list where the words do.
    """
    prefix, quotes = _prefix(said), _QUOTES.match(line)
    before = quotes[0] if quotes else ""
    found = _UNDERLINE.match(line[len(before) :])
    is_there = before.count(">") == prefix.count(">")
    is_within = prefix.strip(" \t>") == "" or len(before) >= len(prefix)
    return found[0][0] if found and is_there and is_within else ""
