"""An Excel workbook (.xlsx) as rows. Source: ECMA-376, part 1, SpreadsheetML.

Values are those that were kept with the file: nothing is calculated.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from .packed import MISSING, Archive, each, named
from .places import Place, one_line

_ROWS = 100
_MOST_CELL = 2_000
# A cell that states a place further right has it all the same.
_MOST_COLUMNS = 500
# Formats of dates and times that are in no list of a file: 18.8.30.
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NO_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def sheet_places(archive: Archive, main: str) -> Iterator[Place]:
    """Give the places of a workbook, so many rows each."""
    related = archive.related(main)
    of_kind = dict(related.values())
    data = archive.read(main)
    shared = [_text(one) for one in each(archive.read(of_kind.get("sharedStrings", "")), ("si",))]
    begins_1904 = any(
        named(one, "date1904") in ("1", "true") for one in each(data, ("workbookPr",))
    )
    cells = _Cells(shared, _date_styles(archive.read(of_kind.get("styles", ""))), begins_1904)
    for sheet in each(data, ("sheet",)):
        _, path = related.get(named(sheet, "id"), ("", ""))
        hidden = ", hidden" if named(sheet, "state") in ("hidden", "veryHidden") else ""
        name = f"sheet {one_line(named(sheet, 'name'))}{hidden}"
        if path not in archive:
            yield Place(name, MISSING)
        yield from row_places(name, map(cells.row, each(archive.read(path), ("row",))))


def row_places(name: str, rows: Iterable[tuple[int, list[str]]]) -> Iterator[Place]:
    """Give rows with their numbers as places of a sheet, the empty ones left out."""
    taken: list[str] = []
    first = last = 0
    for number, cells in rows:
        if not any(cells):
            continue
        if taken and number >= first + _ROWS:
            yield Place(f"{name}, rows {first}–{last}", "\n".join(taken))
            taken = []
        first = first if taken else number
        last = number
        taken.append(f"{number}: {' | '.join(cells)}")
    if taken:
        yield Place(f"{name}, rows {first}–{last}", "\n".join(taken))


class _Cells:
    def __init__(self, shared: list[str], dates: frozenset[int], begins_1904: bool) -> None:
        self._shared = shared
        self._dates = dates
        # 1900 had a 29th of February for Lotus 1-2-3, so days count from the one before.
        self._epoch = datetime(1904, 1, 1) if begins_1904 else datetime(1899, 12, 30)
        self._row = 0

    def row(self, row: Element) -> tuple[int, list[str]]:
        """The number of a row, and its cells, each in its column."""
        stated = row.get("r", "")
        self._row = int(stated[:9]) if stated.isdecimal() else self._row + 1
        cells: list[str] = []
        for cell in row:
            column = _column(cell.get("r", ""))
            if len(cells) < column <= _MOST_COLUMNS:
                cells += [""] * (column - len(cells) - 1)
            cells.append(self._value(cell)[:_MOST_CELL])
        return self._row, cells

    def _value(self, cell: Element) -> str:
        kind = cell.get("t", "n")
        said = next((one.text or "" for one in cell if one.tag == "v"), "")
        if kind == "inlineStr":
            return _text(cell)
        if kind == "s":
            at = int(said[:9]) if said.isdecimal() else len(self._shared)
            return self._shared[at] if at < len(self._shared) else ""
        if kind == "b":
            return "TRUE" if said == "1" else "FALSE"
        style = cell.get("s", "0")
        if kind == "n" and said and style.isdecimal() and int(style[:9]) in self._dates:
            return self._date(said)
        if not said:
            formula = next((one.text or "" for one in cell if one.tag == "f"), "")
            return f"={formula}" if formula else ""
        return " ".join(said.split())

    def _date(self, said: str) -> str:
        try:
            days = float(said)
            moment = self._epoch + timedelta(seconds=round(days * 86_400))
        except (ValueError, OverflowError):
            return said
        if 0 <= days < 1:
            return moment.strftime("%H:%M:%S")
        return moment.strftime("%Y-%m-%d" if days == int(days) else "%Y-%m-%d %H:%M:%S")


def _date_styles(data: bytes) -> frozenset[int]:
    """The numbers of the cells' styles that show a date or a time."""
    dates = set(_DATES)
    for one in each(data, ("numFmt",)):
        code = _NO_FORMAT.sub("", one.get("formatCode", "")).lower()
        if one.get("numFmtId", "").isdecimal() and any(sign in code for sign in "ymdhs"):
            dates.add(int(one.get("numFmtId", "")[:9]))
    styles = next(iter(each(data, ("cellXfs",))), None)
    found = list(styles) if styles is not None else []
    return frozenset(
        at for at, one in enumerate(found) if one.get("numFmtId", "") in map(str, dates)
    )


def _column(reference: str) -> int:
    """The number of the column of a cell's name, from 1; 0 where there is none."""
    number = 0
    for letter in reference[:3]:
        if not letter.isascii() or not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number


def _text(element: Element) -> str:
    """The text of a string, without how it is read aloud."""
    if element.tag == "rPh":
        return ""
    own = element.text or "" if element.tag == "t" else ""
    return own + "".join(map(_text, element))
