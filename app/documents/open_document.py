"""OpenDocument files (.odt, .ods, .odp) as sections, rows, slides. Source: OpenDocument 1.3."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .packed import Archive, each, named
from .places import Place, one_line, sections
from .problems import Unreadable
from .sheets import row_places

# Changes that were made, what belongs to no text, and notes of who has written it.
_SKIPPED = frozenset({"tracked-changes", "annotation", "note-citation", "sequence-decls", "forms"})
# Rows and cells that say they are there many times are empty to the end of the sheet.
_MOST_REPEATED = 200


def open_places(archive: Archive) -> Iterator[Place]:
    """Give the places of an OpenDocument file."""
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise Unreadable("encrypted")
    kind, data = archive.read("mimetype").decode("ascii", "replace"), archive.read("content.xml")
    if "spreadsheet" in kind:
        for table in each(data, ("table",)):
            yield from row_places(f"sheet {one_line(named(table, 'name'))}", _rows(table))
    elif "presentation" in kind:
        for number, page in enumerate(each(data, ("page",)), start=1):
            lines = (line.strip() for _, line in _blocks(page))
            yield Place(f"slide {number}", "\n".join(filter(None, lines)))
    else:
        yield from sections(
            line
            for block in each(data, ("h", "p", "list", "table", "tracked-changes"))
            for line in _blocks(block)
        )


def _blocks(block: Element) -> Iterator[tuple[int, str]]:
    """The lines of a block, each with the level of its heading, or 0."""
    match block.tag:
        case "h":
            level = named(block, "outline-level")
            yield int(level[:2]) if level.isdecimal() else 1, _text(block)
        case "p":
            yield 0, _text(block).rstrip("\n")
        case "list":
            for item in block:
                lines = [line for one in item for _, line in _blocks(one)]
                yield from ((0, f"{'  ' if at else '- '}{line}") for at, line in enumerate(lines))
        case "table":
            yield from ((0, f"| {' | '.join(cells)} |") for _, cells in _rows(block) if any(cells))
        case tag if tag not in _SKIPPED:
            for one in block:
                yield from _blocks(one)


def _rows(table: Element) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for row in table.iter("table-row"):
        cells: list[str] = []
        for cell in row:
            if cell.tag in ("table-cell", "covered-table-cell"):
                text = " ".join(_text(cell).split())
                cells += [text] * min(_times(cell, "columns"), _MOST_REPEATED)
        while cells and not cells[-1]:
            cells.pop()
        times = _times(row, "rows")
        for at in range(min(times, _MOST_REPEATED) if cells else 0):
            yield number + at + 1, cells
        number += times


def _times(element: Element, what: str) -> int:
    said = named(element, f"number-{what}-repeated")
    return max(1, int(said[:9])) if said.isdecimal() else 1


def _text(element: Element) -> str:
    if element.tag in _SKIPPED:
        return ""
    match element.tag:
        case "s":
            count = named(element, "c")
            return " " * (min(int(count[:4]), 1000) if count.isdecimal() else 1)
        case "tab":
            return "\t"
        case "line-break":
            return "\n"
    inner = (element.text or "") + "".join(_text(one) + (one.tail or "") for one in element)
    return f"{inner}\n" if element.tag == "p" and not inner.endswith("\n") else inner
