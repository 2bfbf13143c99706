"""What a model is told of a file that it does not get."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.browser.conversation.composer import file_summary
from app.browser.conversation.composer.file_summary import summary


def told(name: str, data: bytes) -> list[str]:
    return summary(name, data).splitlines()


def database(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as made:
        for statement in statements:
            made.execute(statement)
        made.commit()
        return made.serialize()


def test_a_csv_is_told_by_its_columns_types_and_first_rows() -> None:
    rows = "".join(f"r{n},{n},{n}.5\n" for n in range(20))
    lines = told("sales.csv", f"region,year,amount\n{rows}".encode())
    assert lines[0] == "File: sales.csv (CSV, 229 bytes, 20 rows × 3 columns)"
    assert lines[1] == "region: text, year: integer, amount: number"
    assert lines[2:] == ["The first 5 rows:", *(f"r{n}, {n}, {n}.5" for n in range(5))]


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.csv", "a;b\n1;x\n"), ("a.csv", "a\tb\n1\tx\n"), ("a.tsv", "a\tb\n1\tx\n")],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_other_separators_and_encodings_are_found(name: str, text: str, encoding: str) -> None:
    assert told(name, text.encode(encoding))[1:] == ["a: integer, b: text", "All rows:", "1, x"]


def test_a_blank_says_nothing_of_the_type_of_its_column() -> None:
    lines = told("a.csv", b"a,b,c\n1, ,\n2,3,\n")
    assert lines[1] == "a: integer, b: integer, c: empty"


def test_of_a_long_csv_the_beginning_is_looked_at() -> None:
    data = b"a,b\n" + b"1,2\n" * 1_000_000
    lines = told("long.csv", data)
    assert lines[0].endswith("1,000,000 rows × 2 columns)")
    assert len(lines) == 8
    wide = ",".join(f"column{n}" for n in range(5000))
    assert len(summary("wide.csv", f"{wide}\n".encode())) < 4_100


def test_json_is_told_by_its_names() -> None:
    items = json.dumps([{"a": 1, "b": None}, {"a": 2, "b": "x"}]).encode()
    assert told("a.json", items) == [
        f"File: a.json (JSON, {len(items)} bytes, a list of 2)",
        "a: number, b: text",
        "All rows:",
        "1, ",
        "2, x",
    ]
    assert told("b.json", b'{"a": [1, 2], "b": {"c": 1}}')[1:] == [
        "a: list of 2",
        "b: object of 1 names",
    ]
    assert told("c.jsonl", b'{"a": 1}\n{"a": 2}\n')[0].endswith("JSON lines, 18 bytes, 2 lines)")


def test_a_database_is_told_by_its_tables() -> None:
    data = database(
        "CREATE TABLE people (name TEXT, born INTEGER)",
        "INSERT INTO people VALUES ('Ada', 1815), (NULL, x'00ff')",
    )
    lines = told("a.db", data)
    assert lines[0].startswith("File: a.db (SQLite database, ")
    assert lines[0].endswith("1 tables)")
    assert lines[1:] == [
        "Table people",
        "name: text, born: integer",
        "All rows:",
        "Ada, 1815",
        ", (2 bytes)",
    ]
    rows = ", ".join(f"({n})" for n in range(6))
    data = database("CREATE TABLE t (n INTEGER)", f"INSERT INTO t VALUES {rows}")
    assert told("a.db", data)[3:] == ["The first 5 rows:", *"01234"]


def test_of_a_table_with_more_rows_the_first_are_told_as_such() -> None:
    for rows, heading in ((5, "All rows:"), (6, "The first 5 rows:"), (900, "The first 5 rows:")):
        values = ", ".join(f"({number})" for number in range(rows))
        lines = told("a.db", database("CREATE TABLE t (a)", f"INSERT INTO t VALUES {values}"))
        assert lines[3:] == [heading, "0", "1", "2", "3", "4"]


def test_of_many_columns_tables_and_letters_some_are_told() -> None:
    names = [f"c{number}" for number in range(70)]
    _, columns, _, row = told("a.csv", ("\n".join([",".join(names)] * 2)).encode())
    assert columns.endswith("c59: text, … 10 more columns")
    assert row == ", ".join(names[:60])
    first, *lines = told("a.db", database(*(f"CREATE TABLE t{number} (a)" for number in range(25))))
    assert first.endswith(" 25 tables)")
    assert [line for line in lines if line.startswith("Table")] == [
        f"Table t{n}" for n in range(20)
    ]
    assert told("a.csv", b"a,b\n" + b"x" * 80 + b"," + b"y" * 81)[-1] == f"{'x' * 80}, {'y' * 80}…"
    long = summary("a.csv", b"\n".join([b",".join([b"z" * 80] * 50)] * 9))
    assert (len(long), long[-2:]) == (4001, "z…")


def test_a_database_whose_tables_have_no_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_summary, "_SQL_STEPS", 2000)
    monkeypatch.setattr(file_summary, "_SQL_STEPS_AT_ONCE", 100)
    few, many = (
        database(*(f"CREATE TABLE t{number} (a)" for number in range(tables)))
        for tables in (30, 600)
    )
    assert told("a.db", few)[0].endswith("30 tables)")
    assert told("a.db", many)[0].endswith("damaged, or not what its name says)")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b""),
        ("a.csv", b"\xff\xfe\x00"),
        ("a.csv", b"\0" * 5000),
        ("a.json", b"{"),
        ("a.json", b"[" * 100_000),
        ("a.jsonl", b"nothing\n"),
        ("a.db", b"SQLite format 3\0" + b"\xff" * 5000),
        ("a.xlsx", b"PK\3\4rest"),
        ("a", b"\0\1\2"),
    ],
)
def test_what_is_damaged_or_unknown_is_told_by_its_size(name: str, data: bytes) -> None:
    first, *_ = told(name, data)
    assert first.startswith(f"File: {name} (")
    assert " bytes" in first or " kB" in first


def test_texts_of_a_database_that_are_not_utf_8_are_read_all_the_same() -> None:
    lines = told(
        "a.db", database("CREATE TABLE t (n)", "INSERT INTO t VALUES (CAST(x'42e472' AS TEXT))")
    )
    assert lines[-1] == "B\ufffdr"


def test_of_whatever_kind_an_empty_file_is_said_to_be_empty() -> None:
    assert told("a.pdf", b"") == ["File: a.pdf (.pdf file, 0 bytes, empty)"]


def test_a_database_that_never_comes_to_an_end_is_left() -> None:
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    )
    data = database(f"CREATE VIEW endless AS {endless}", "CREATE TABLE t (a)")
    assert told("a.db", data)[1:] == ["Table t", "a: "]  # no view is asked
    heavy = "zeroblob(1000000)"
    data = database(
        f"CREATE TABLE t (a, b AS (length(replace(hex({heavy}), '0', 'xx'))))",
        "INSERT INTO t VALUES (1)",
    )
    assert told("a.db", data)[0].startswith("File: a.db (SQLite database")


def wal_database(folder: Path) -> bytes:
    """A database whose newest rows stand in the file beside it."""
    with closing(sqlite3.connect(folder / "w.db")) as base:
        base.execute("CREATE TABLE kept (a)")
        base.commit()
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("INSERT INTO kept VALUES (1)")
        base.commit()
        return (folder / "w.db").read_bytes()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.csv", b"a;b\n1,5;x\n1.003,25;y\n", "a: number with a decimal comma, b: text"),
        ("a.csv", b"sep=;\na;b,c\n1;2\n", "1 rows × 2 columns, below a line 'sep=;'"),
        ("a.csv", b"a,b\r1,2\r3,4\r", "(CSV, 12 bytes, 2 rows × 2 columns"),
        ("a.csv", b'a,b\n"1\n2",3\n', "about 2 rows × 2 columns"),
        ("a.csv", b"", "(CSV, 0 bytes, empty)"),
        ("a.csv", "a\nÄ\n".encode("cp1252"), "read as Windows-1252 here, which may be wrong"),
        ("a.csv", "名前,数\n山田,1\n".encode("shift_jis"), "so tell Python its encoding"),
        ("a.csv", "a\nÄ\n".encode("utf-16"), "1 rows × 1 columns, UTF-16)"),
        ("a.csv", b"a\n" + "ä".encode() * 60_000, "1 rows × 1 columns)"),
        ("a.csv", b"a\n1" + "ä".encode() * 60_000, "1 rows × 1 columns)"),
        ("a.json", b'{"a":', "(JSON, 5 bytes, damaged, or not what its name says)"),
        ("a.jsonl", b'{"a":1}\n{"a"\n', "2 lines, of the first 2 1 damaged)\na: number"),
        ("a.db", b"SQLite format 3\0" + b"\xff" * 500, "damaged, or not what its name says"),
    ],
)
def test_what_is_odd_about_data_is_told(name: str, data: bytes, told: str) -> None:
    assert told in summary(name, data)


def test_a_database_in_wal_mode_is_read_and_says_so(tmp_path: Path) -> None:
    told = summary("w.db", wal_database(tmp_path))
    assert "1 tables, in WAL mode: its newest rows may stand in a file beside it" in told
    assert "Table kept" in told
