"""A page of HTML as sections, as it is read: without scripts, styles and what is hidden."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from .places import Place, sections

_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hr", "html", "li", "main", "nav", "ol", "option", "p", "pre", "section"),
        *("summary", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    }
)
_UNSEEN = frozenset({"script", "style", "template", "noscript", "svg", "iframe", "object", "head"})
_VOID = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
        *("track", "wbr"),
    }
)
_HEADING = re.compile(r"h([1-6])")
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)


def page_places(data: bytes) -> Iterator[Place]:
    """Give the sections of a page, whose bytes say in which encoding they are, or are UTF-8."""
    yield from sections(html_lines(_decoded(data)))


def html_lines(text: str) -> list[tuple[int, str]]:
    """Write HTML as lines, each with the level of its heading, or 0."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.end_line()
    return reader.lines


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    stated = _CHARSET.search(data[:4096])
    for encoding in (stated[1].decode("ascii") if stated else "utf-8", "utf-8"):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[int, str]] = []
        self._line: list[str] = []
        self._unseen: list[str] = []  # what is open of that which nobody sees
        self._level = 0
        self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._unseen or tag in _UNSEEN or "hidden" in given:
            if tag == "body":
                self._unseen.clear()  # a head may be left open
            elif tag not in _VOID:
                self._unseen.append(tag)
            return
        if tag in _BLOCKS or tag == "br":
            self.end_line()
        if found := _HEADING.fullmatch(tag):
            self._level = int(found[1])
        elif tag == "pre":
            self._pre += 1
        elif tag == "li":
            self._line.append("- ")
        elif tag in ("td", "th") and any(self._line):
            self._line.append(" | ")
        elif tag == "img" and (given.get("alt") or "").strip():
            self._line.append(f"[{given['alt']}]")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._unseen:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            if tag in self._unseen:
                while self._unseen.pop() != tag:
                    pass
            return
        if tag in _BLOCKS:
            self.end_line()
        if _HEADING.fullmatch(tag):
            self._level = 0
        elif tag == "pre" and self._pre:
            self._pre -= 1

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._line.append(data if self._pre else re.sub(r"\s+", " ", data))

    def end_line(self) -> None:
        """End the line that is written."""
        text, self._line = "".join(self._line), []
        for line in text.rstrip().split("\n") if self._pre else [text.strip()]:
            if line.strip() not in ("", "-"):
                self.lines.append((self._level, line))
