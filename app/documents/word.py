"""A Word document (.docx) as sections. Source: ECMA-376, part 1, WordprocessingML."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .packed import Archive, each, named
from .places import Place, sections

# What is deleted, said in another way, or none of the text.
_SKIPPED = frozenset({"del", "moveFrom", "delText", "instrText", "Fallback", "pPr", "rPr", "tcPr"})
_HEADING = re.compile(r"heading (\d)")
_SPACES = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def word_places(archive: Archive, main: str) -> Iterator[Place]:
    """Give the places of a document whose text is in `main`."""
    related = dict(archive.related(main).values())
    levels = dict(_levels(archive.read(related.get("styles", ""))))
    yield from sections(_lines(archive.read(main), levels))
    for kind, name in (("footnotes", "footnote"), ("endnotes", "endnote"), ("comments", "comment")):
        notes = [
            (0, f"[^{named(one, 'id')}]: {_text(one).strip()}")
            for one in each(archive.read(related.get(kind, "")), (name,))
            if _text(one).strip()
        ]
        yield from sections([(1, kind), *notes] if notes else [])


def _levels(styles: bytes) -> Iterator[tuple[str, int]]:
    """The levels of the headings among the styles, whose names are Word's in all languages."""
    for style in each(styles, ("style",)):
        name = next((named(one, "val") for one in style if one.tag == "name"), "")
        found = _HEADING.match(name.lower())
        if found or name.lower() == "title":
            yield named(style, "styleId"), int(found[1]) if found else 1
        else:
            outline = next((named(one, "val") for one in style.iter("outlineLvl")), "")
            if outline.isdecimal() and int(outline) < 9:
                yield named(style, "styleId"), int(outline) + 1


def _lines(data: bytes, levels: dict[str, int]) -> Iterator[tuple[int, str]]:
    for block in each(data, ("p", "tbl")):
        if block.tag == "tbl":
            yield from ((0, row) for row in _rows(block))
            continue
        properties = next((one for one in block if one.tag == "pPr"), None)
        level, is_item = 0, False
        for one in properties if properties is not None else ():
            level = levels.get(named(one, "val"), level) if one.tag == "pStyle" else level
            is_item = is_item or one.tag == "numPr"
        text = _text(block).rstrip("\n")
        yield level, f"- {text}" if is_item and not level else text


def _rows(table: Element) -> Iterator[str]:
    for row in table.iter("tr"):
        cells = [" ".join(_text(cell).split()) for cell in row if cell.tag in ("tc", "sdt")]
        yield f"| {' | '.join(cells)} |"


def _text(element: Element) -> str:
    if element.tag in _SKIPPED:
        return ""
    if element.tag == "t":
        return element.text or ""
    if element.tag in ("footnoteReference", "endnoteReference"):
        return f"[^{named(element, 'id')}]"
    inner = _SPACES.get(element.tag, "") + "".join(map(_text, element))
    # Of a text box or a cell, which hold paragraphs of their own.
    return f"{inner}\n" if element.tag == "p" else inner
