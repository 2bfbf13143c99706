"""A table that a cell shows: its rows in steps, sorted by a press on a column, copied and saved as
CSV with all rows that came.
"""

from functools import cache
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

from js import document

from ...markdown.markdown_files import csv
from ...web import toast
from ...web import words as web_words
from ...web.dom import Node, clone, listen, part, save_file, show, to_clipboard
from ...web.plain_text import short
from ...web.tasks import beside
from . import words

_ROWS_AT_ONCE = 50
_MOST_COLUMNS = 50
# What is shown of a cell; it has one line.
_MOST_CHARACTERS = 500

_numbers = count()
_tables: WeakValueDictionary[str, "CellTable"] = WeakValueDictionary()


@cache
def _listen() -> None:
    """Take the presses on all tables, from the first on."""

    def pressed(event: Any) -> None:
        button = event.target.closest("[data-cell-table] [data-do]")
        if not button:
            return
        id = button.closest("[data-cell-table]").getAttribute("data-cell-table")
        if (table := _tables.get(id)) is not None:
            table.press(str(button.getAttribute("data-do")), button)

    listen(document, "click", pressed)


class CellTable:
    """`data` is a table as app/python/tables.py writes it, from outside."""

    def __init__(self, data: dict[str, Any]) -> None:
        _listen()
        self.element: Node = clone("template-cell-table")
        number = str(next(_numbers))
        self.element.setAttribute("data-cell-table", number)
        _tables[number] = self
        self._columns = [
            (str(one.get("name", "")), str(one.get("type", "")), bool(one.get("is_index")))
            for one in _kind_in(data.get("columns"), dict)
        ]
        self._rows: list[list[Any]] = _kind_in(data.get("rows"), list)
        self._order = list(range(len(self._rows)))
        self._sorted: tuple[int, bool] | None = None
        self._shown = 0
        total = data.get("total_rows")
        total_rows = total if isinstance(total, int) else len(self._rows)
        total = data.get("total_columns")
        total_columns = total if isinstance(total, int) else len(self._columns)
        said = words.table_extent(short(str(data.get("label", ""))), total_rows, total_columns)
        if total_rows > len(self._rows):
            said = f"{said} {words.first_rows(len(self._rows))}"
        part(self.element, "extent").textContent = said
        frame = part(self.element, "frame")
        frame.setAttribute("aria-label", said)
        part(self.element, "head").replaceChildren(*self._heads())
        self._draw(anew=True)

    def press(self, what: str, button: Node) -> None:
        """Act on a press on one of its buttons."""
        match what:
            case "sort":
                self._sort(int(button.getAttribute("data-column")))
            case "more":
                self._draw(anew=False)
            case "copy":
                beside(self._copy())
            case "save":
                save_file(self._csv(), "table.csv", "text/csv")

    def _heads(self) -> list[Node]:
        made = []
        for at, (name, kind, is_index) in enumerate(self._columns[:_MOST_COLUMNS]):
            head = document.createElement("th")
            head.scope = "col"
            button = document.createElement("button")
            button.type = "button"
            button.setAttribute("data-do", "sort")
            button.setAttribute("data-column", str(at))
            button.textContent = short(name) or (words.INDEX if is_index else words.UNNAMED_COLUMN)
            button.title = short(kind)
            head.append(button)
            made.append(head)
        return made

    def _draw(self, *, anew: bool) -> None:
        body = part(self.element, "body")
        if anew:
            body.replaceChildren()
            self._shown = 0
        some = self._order[self._shown : self._shown + _ROWS_AT_ONCE]
        body.append(*[self._row(self._rows[at]) for at in some])
        self._shown += len(some)
        rest = len(self._rows) - self._shown
        part(self.element, "more").textContent = words.more_rows(min(rest, _ROWS_AT_ONCE), rest)
        show(part(self.element, "more"), rest > 0)

    def _row(self, values: list[Any]) -> Node:
        row = document.createElement("tr")
        for at, value in enumerate(values[:_MOST_COLUMNS]):
            is_index = at < len(self._columns) and self._columns[at][2]
            cell = document.createElement("th" if is_index else "td")
            if is_index:
                cell.scope = "row"
            if isinstance(value, int | float) and not isinstance(value, bool):
                cell.className = "number"
            cell.textContent = short(written(value), _MOST_CHARACTERS)
            row.append(cell)
        return row

    def _sort(self, column: int) -> None:
        down = self._sorted == (column, False)
        self._sorted = (column, down)
        self._order = sorted_rows(self._rows, column, down=down)
        for at, head in enumerate(part(self.element, "head").children):
            if at == column:
                head.setAttribute("aria-sort", "descending" if down else "ascending")
            else:
                head.removeAttribute("aria-sort")
        self._draw(anew=True)

    def _csv(self) -> str:
        names = [name for name, _, _ in self._columns]
        return csv([names, *([written(one) for one in self._rows[at]] for at in self._order)])

    async def _copy(self) -> None:
        copied = await to_clipboard(self._csv())
        toast.show(words.COPIED_TABLE if copied else f"{web_words.COPY_FORBIDDEN}.")


def sorted_rows(rows: list[list[Any]], column: int, *, down: bool) -> list[int]:
    """The places of the rows in the order of a column: numbers, then texts, then none at all."""

    def key(at: int) -> tuple[int, float, str]:
        value = rows[at][column] if column < len(rows[at]) else None
        if isinstance(value, int | float):
            return (0, value, "")
        return (1, 0, str(value).casefold())

    def is_missing(at: int) -> bool:
        return column >= len(rows[at]) or rows[at][column] is None

    places = range(len(rows))
    there = sorted((at for at in places if not is_missing(at)), key=key, reverse=down)
    return there + [at for at in places if is_missing(at)]


def written(value: Any) -> str:
    """Write a cell as text; a missing value is empty."""
    return "" if value is None else str(value)


def _kind_in(value: Any, kind: type) -> list[Any]:
    return [one for one in value if isinstance(one, kind)] if isinstance(value, list) else []
