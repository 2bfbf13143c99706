"""Tables of any library, and lists of rows, as columns and cells: for a person to sort and copy,
for a model as names, types and a head. Nothing is imported for it: where there is a DataFrame, its
library is imported already.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from .plain import text_of

# Bounds of the part of a table that is handed out.
MOST_ROWS = 1000
MOST_COLUMNS = 100
_MOST_CELL_CHARACTERS = 300
# Beyond it JSON's readers lose digits.
_LARGEST_INT = 2**53
# A list with fewer rows is read as well in one line.
_FEWEST_ROWS = 2

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is the library's own word for it."""

    name: str
    type: str
    is_index: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows and columns of a table, and how many there are. `label` is the type's name."""

    label: str
    columns: list[Column]
    rows: list[list[Value]]
    total_rows: int
    total_columns: int

    @property
    def shape(self) -> str:
        return f"{self.total_rows:,} rows × {self.total_columns:,} columns"

    def data(self) -> dict[str, Any]:
        """The table as JSON."""
        return asdict(self)


def table_of(value: object, most_rows: int = MOST_ROWS) -> Table | None:
    """Read a table; None where the object is none."""
    module = type(value).__module__.partition(".")[0]
    name = type(value).__name__
    match module, name:
        case "pandas" | "geopandas", "DataFrame" | "GeoDataFrame" | "Series" | "GeoSeries":
            return _pandas(value, name, most_rows)
        case "polars", "DataFrame" | "Series":
            return _polars(value, name, most_rows)
        case "pyarrow", "Table" | "RecordBatch":
            return _pyarrow(value, name, most_rows)
        case _ if isinstance(value, list | tuple):
            return _rows(value, most_rows)
    return None


def _pandas(value: Any, label: str, most_rows: int) -> Table:
    frame = value if hasattr(value, "columns") else value.to_frame()
    rows, columns = frame.shape
    # Names may be numbers, tuples, or there twice: columns are taken by their place.
    head = frame.iloc[:most_rows, :MOST_COLUMNS]
    index = [
        Column(_text(name) if name is not None else "", _text(level), is_index=True)
        for name, level in zip(head.index.names, _index_types(head.index), strict=True)
    ]
    named = [
        Column(_text(name), _text(kind))
        for name, kind in zip(head.columns, head.dtypes, strict=True)
    ]
    cells = [
        [_cell(one) for one in (key if len(index) > 1 else (key,))]
        + [_cell(_missing(one)) for one in values]
        for key, values in zip(head.index, head.itertuples(index=False, name=None), strict=True)
    ]
    return Table(label, [*index, *named], cells, rows, columns)


def _missing(value: object) -> object:
    """Turn a missing value into None: NaN in pandas, also among texts."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _index_types(index: Any) -> Sequence[object]:
    dtypes = getattr(index, "dtypes", None)
    return list(dtypes) if dtypes is not None else [index.dtype]


def _polars(value: Any, label: str, most_rows: int) -> Table:
    frame = value if hasattr(value, "columns") else value.to_frame()
    rows, columns = frame.shape
    schema = list(frame.schema.items())[:MOST_COLUMNS]
    head = frame.select([name for name, _ in schema]).head(most_rows) if schema else frame
    cells = [[_cell(one) for one in row] for row in head.iter_rows()]
    return Table(label, [Column(_text(n), _text(kind)) for n, kind in schema], cells, rows, columns)


def _pyarrow(value: Any, label: str, most_rows: int) -> Table:
    fields = list(value.schema)[:MOST_COLUMNS]
    head = value.slice(0, most_rows)
    columns = [head.column(at).to_pylist() for at in range(len(fields))]
    cells = [[_cell(one) for one in row] for row in zip(*columns, strict=True)]
    named = [Column(_text(one.name), _text(one.type)) for one in fields]
    return Table(label, named, cells, value.num_rows, value.num_columns)


def _rows(value: Sequence[Any], most_rows: int) -> Table | None:
    """Read rows of the standard library: dictionaries with the same keys, or those of sqlite3."""
    if len(value) < _FEWEST_ROWS:
        return None
    names = _names(value[0])
    if not names or any(_names(row) != names for row in islice(value, most_rows)):
        return None
    shown = names[:MOST_COLUMNS]
    rows = [[row[name] for name in shown] for row in islice(value, most_rows)]
    if any(isinstance(one, list | dict | set | tuple) for row in rows for one in row):
        return None  # nested data reads better as it is
    columns = [Column(name, _common_type(row[at] for row in rows)) for at, name in enumerate(shown)]
    cells = [[_cell(one) for one in row] for row in rows]
    return Table(type(value).__name__, columns, cells, len(value), len(names))


def _names(row: object) -> list[str] | None:
    if isinstance(row, Mapping):
        return list(row) if all(isinstance(name, str) for name in row) else None
    if type(row).__module__ == "sqlite3" and hasattr(row, "keys"):
        return list(row.keys())
    return None


def _common_type(values: Iterable[object]) -> str:
    types = {type(one).__name__ for one in values if one is not None}
    return types.pop() if len(types) == 1 else "mixed" if types else "None"


def _text(value: object) -> str:
    return value[:_MOST_CELL_CHARACTERS] if isinstance(value, str) else str(value)[:100]


def _cell(value: Any) -> Value:
    """Give a cell as JSON has it; other than numbers, texts and truth it is written out."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text_of_cell(value)
    # Numbers of numpy give their Python value; so do their dates, as what prints well.
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        if type(value).__name__.startswith(("datetime64", "timedelta64")):
            return str(value)
        value = value.item()
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if -_LARGEST_INT < value < _LARGEST_INT else text_of(value, 100)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, list | dict | tuple | set | bytes):
        return text_of(value, _MOST_CELL_CHARACTERS, items=20)
    try:
        return text_of_cell(str(value))
    except Exception:
        return text_of(value, _MOST_CELL_CHARACTERS)


def text_of_cell(text: str) -> str:
    """A cell's text within bounds."""
    return text if len(text) <= _MOST_CELL_CHARACTERS else f"{text[:_MOST_CELL_CHARACTERS]}…"
