"""Summaries of files for a model that does not get them: of data the columns and first rows, of
all others kind and size. Pure; of what is long only the beginning is looked at.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from ....core.nesting import is_too_deep
from ....core.text.text_files import ending, named
from ...web import words as web_words
from .file_kinds import kind_of

_LABELS = {
    "csv": "CSV",
    "tsv": "tab-separated values",
    "json": "JSON",
    "jsonl": "JSON lines",
    "ndjson": "JSON lines",
}
_HEAD_BYTES = 100_000
_MOST_JSON_BYTES = 5_000_000
_ROWS = 5
_LOOKED_AT = 200  # rows, for their types
_MOST_COLUMNS = 60
_MOST_CELL = 80
_MOST_TABLES = 20
_MOST_CHARACTERS = 4_000
_SEPARATOR = re.compile(r"(?i)sep=(.)\s*")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?")
# The versions to write and to read, in a header: https://sqlite.org/fileformat2.html
_WAL = b"\2\2"
# Steps of SQLite's machine, of which a database can ask for any number. It counts them in so many.
_SQL_STEPS = 2_000_000
_SQL_STEPS_AT_ONCE = 10_000


def summary(name: str, data: bytes, size_bytes: int = 0) -> str:
    """Write kind and size of a file, with names, types and first rows where it is data.
    `size_bytes` where this is the text of a file of another size.
    """
    what = _what(name, data)
    extent, lines = "", ""
    try:
        found = _described(what, data)
        extent, lines = found if found else ("" if data else "empty", "")
    except (ValueError, csv.Error, RecursionError, MemoryError):
        extent = "damaged, or not what its name says" if data else "empty"
    encoding = _encoding(data) if what in _LABELS.values() else ""
    size = web_words.size(size_bytes or len(data))
    about = ", ".join(filter(None, [what, size, extent, encoding]))
    text = f"{named(name)} ({about})" + (f"\n{lines}" if lines else "")
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"


def _what(name: str, data: bytes) -> str:
    kind = kind_of(data[:4096], name)
    if kind == "a database":
        return "SQLite database"
    return kind or _LABELS.get(ending(name), f".{ending(name)} file" if ending(name) else "file")


def _described(what: str, data: bytes) -> tuple[str, str] | None:
    match what:
        case "CSV" | "tab-separated values":
            return _of_csv(data, "\t" if what != "CSV" else "")
        case "JSON" if len(data) <= _MOST_JSON_BYTES:
            return _of_json(_loaded(data))
        case "JSON lines":
            return _of_json_lines(data)
        case "SQLite database":
            return _of_sqlite(data)
    return None


def _text(data: bytes) -> str:
    for encoding in (
        ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",)
    ):
        try:
            # A letter may be cut at the end.
            return data[:_HEAD_BYTES].decode(
                encoding, "ignore" if len(data) > _HEAD_BYTES else "strict"
            )
        except UnicodeDecodeError:
            continue
    return data[:_HEAD_BYTES].decode("cp1252", "replace")


def _encoding(data: bytes) -> str:
    """Say in which encoding it was read, where it may be another one."""
    head = data[:_HEAD_BYTES]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) == _HEAD_BYTES and error.start > len(head) - 4:  # a letter is cut there
            return ""
        try:
            head.decode("cp1252")
        except UnicodeDecodeError:
            return "not in UTF-8; its letters are not known here, so tell Python its encoding"
        return "not in UTF-8; read as Windows-1252 here, which may be wrong"
    return ""


def _lines(data: bytes) -> list[str]:
    """The first lines; one that is cut is none."""
    lines = _text(data).splitlines()
    return lines[:-1] if len(data) > _HEAD_BYTES and len(lines) > 1 else lines


def _count_lines(data: bytes) -> int:
    end = b"\n" if b"\n" in data else b"\r"
    return data.count(end) + (not data.rstrip(b"\0").endswith(end) and data != b"")


def _of_csv(data: bytes, separator: str) -> tuple[str, str]:
    lines = _lines(data)
    # As Excel takes it from the first line.
    said = _SEPARATOR.fullmatch(lines[0]) if lines else None
    if said:
        separator, lines = said[1], lines[1:]
    first = next((line for line in lines if line.strip()), "")
    separator = separator or max(",;\t|", key=first.count)
    rows = [row for row in csv.reader(lines[: _LOOKED_AT + 1], delimiter=separator) if row]
    if not rows:
        raise ValueError("no rows")
    names, body = rows[0], rows[1:]
    types = [
        _type_of_texts([row[at] for row in body if at < len(row)], separator)
        for at in range(len(names))
    ]
    # Lines within quotes count as well, so a file with such is said to have about so many.
    count = max(_count_lines(data) - (2 if said else 1), 0)
    about = "" if b'"' not in data else "about "
    extent = f"{about}{count:,} rows × {len(names):,} columns"
    extent += f", below a line {said[0]!r}" if said else ""
    return extent, _table(names, types, body)


def _type_of_texts(values: Iterable[str], separator: str) -> str:
    some = [value.strip() for value in values if value.strip()]
    for kind, read in (("integer", int), ("number", float)):
        if some and all(_reads(read, value) for value in some):
            return kind
    if separator != "," and some and all(map(_DECIMAL_COMMA.fullmatch, some)):
        return "number with a decimal comma"
    return "text" if some else "empty"


def _reads(read: Any, value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _loaded(data: bytes) -> Any:
    if is_too_deep(data):
        raise ValueError("it nests too deep")
    return json.loads(data)


def _of_json_lines(data: bytes) -> tuple[str, str]:
    rows, broken = [], 0
    for line in (line for line in _lines(data)[:_LOOKED_AT] if line.strip()):
        try:
            rows.append(_loaded(line.encode("utf-8", "replace")))
        except ValueError:
            broken += 1
    if broken and not rows:
        raise ValueError("no line is JSON")
    note = f", of the first {len(rows) + broken} {broken} damaged" if broken else ""
    return f"{_count_lines(data):,} lines{note}", _of_items(rows)


def _of_json(value: Any) -> tuple[str, str]:
    if isinstance(value, list):
        return f"a list of {len(value):,}", _of_items(value[:_LOOKED_AT])
    if isinstance(value, dict):
        lines = [
            f"{_cell(name)}: {_type_of(one)}" for name, one in [*value.items()][:_MOST_COLUMNS]
        ]
        return f"an object of {len(value):,} names", "\n".join(lines)
    return _type_of(value), ""


def _of_items(items: Sequence[Any]) -> str:
    rows = [item for item in items if isinstance(item, dict)]
    if not rows or len(rows) < len(items):
        return ", ".join(dict.fromkeys(map(_type_of, items)))
    names = list(dict.fromkeys(name for row in rows for name in row))
    types = [_common(row.get(name) for row in rows) for name in names]
    return _table(names, types, [[_written(row.get(name)) for name in names] for row in rows])


def _common(values: Iterable[Any]) -> str:
    types = dict.fromkeys(_type_of(one) for one in values if one is not None)
    return " or ".join(types) if types else "null"


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return f"list of {len(value):,}"
        case Mapping():
            return f"object of {len(value):,} names"
    return type(value).__name__


def _written(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:_MOST_CELL]


def _of_sqlite(data: bytes) -> tuple[str, str]:
    import sqlite3  # rarely needed, and large

    note = ""
    if data[18:20] == _WAL:  # which no database in memory can be in
        data = data[:18] + b"\1\1" + data[20:]
        note = ", in WAL mode: its newest rows may stand in a file beside it, with -wal at its end"
    try:
        extent, told = _of_tables(sqlite3.connect(":memory:"), data)
        return extent + note, told
    except sqlite3.Error as error:
        raise ValueError(str(error)) from None


def _of_tables(connection: Any, data: bytes) -> tuple[str, str]:
    steps = 0

    def step() -> bool:
        nonlocal steps
        steps += _SQL_STEPS_AT_ONCE
        return steps > _SQL_STEPS  # True ends the query

    with closing(connection) as database:
        database.set_progress_handler(step, _SQL_STEPS_AT_ONCE)
        database.text_factory = lambda text: text.decode("utf-8", "replace")
        database.deserialize(data)
        # What a schema calls is not to be trusted: https://sqlite.org/security.html
        database.execute("PRAGMA trusted_schema=OFF")
        database.execute("PRAGMA query_only=ON")
        found = database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "AND sql NOT LIKE 'CREATE VIRTUAL%'"
        ).fetchall()
        told = [_of_table(database, str(name)) for (name,) in found[:_MOST_TABLES]]
    return f"{len(found):,} tables", "\n".join(told)


def _of_table(database: Any, name: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    columns = database.execute(f"PRAGMA table_info({quoted})").fetchall()
    rows = database.execute(f"SELECT * FROM {quoted} LIMIT {_ROWS + 1}").fetchall()
    body = [[_cell_of_sql(one) for one in row] for row in rows]
    names, types = [str(one[1]) for one in columns], [str(one[2]).lower() for one in columns]
    return f"Table {_cell(name)}\n{_table(names, types, body)}"


def _cell_of_sql(value: Any) -> str:
    return (
        f"({len(value):,} bytes)"
        if isinstance(value, bytes)
        else ""
        if value is None
        else str(value)
    )


def _table(names: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    shown = list(zip(names, types, strict=False))[:_MOST_COLUMNS]
    lines = [", ".join(f"{_cell(name)}: {kind}" for name, kind in shown)]
    if len(names) > len(shown):
        lines[0] += f", … {len(names) - len(shown):,} more columns"
    if rows:
        lines.append("All rows:" if len(rows) <= _ROWS else f"The first {_ROWS} rows:")
        lines += [", ".join(_cell(one) for one in row[: len(shown)]) for row in rows[:_ROWS]]
    return "\n".join(lines)


def _cell(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_CELL else f"{line[:_MOST_CELL]}…"
