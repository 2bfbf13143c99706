"""Objects as their representations, by the protocol that libraries keep to."""

import base64
import json
import sys
from types import ModuleType

import pytest

from app.python import tables
from app.python.messages import TABLE
from app.python.plain import text_of
from tests.python.conftest import Told

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


def test_each_method_of_the_protocol_is_a_representation(told: Told) -> None:
    told.run(
        "class Rich:\n"
        "    def _repr_html_(self): return '<b>x</b>'\n"
        "    def _repr_svg_(self): return '<svg/>', {'width': 1}\n"
        f"    def _repr_png_(self): return {PNG!r}\n"
        "    def _repr_markdown_(self): return None\n"
        "    def _repr_latex_(self): raise ValueError\n"
        "    def _repr_json_(self): return {'a': [1, None]}\n"
        "    def __repr__(self): return 'rich'\n"
        "Rich()"
    )
    assert told.shown == [
        {
            "text/html": "<b>x</b>",
            "image/svg+xml": "<svg/>",
            "image/png": base64.b64encode(PNG).decode(),
            "application/json": {"a": [1, None]},
            "text/plain": "rich",
        }
    ]
    # A class has them for its instances.
    told.run("Rich")
    assert list(told.shown[0]) == ["text/plain"]


def test_a_bundle_comes_first_and_what_cannot_be_sent_is_left_out_and_said(told: Told) -> None:
    told.run(
        "class Many:\n"
        "    def _repr_mimebundle_(self, include=None, exclude=None):\n"
        "        deep = []\n"
        "        for _ in range(200): deep = [deep]\n"
        "        return {'text/html': 'h', 'application/json': float('nan'),\n"
        "                'application/x.deep+json': deep, 'text/x-long': 'x' * 6_000_000,\n"
        "                'image/png': 'AA\\nAA'}, {}\n"
        "Many()"
    )
    (shown,) = told.shown
    assert shown.keys() == {"text/html", "image/png", "text/plain"}
    assert shown["image/png"] == "AAAA"
    for mime in ("application/json", "application/x.deep+json", "text/x-long"):
        assert f"its {mime}" in shown["text/plain"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [1, (2,)]}, "{'b': 1, 'a': [1, (2,)]}"),
        (list(range(5)), "[0, 1, 2, 3, 4]"),
        ("\ud800", r"'\ud800'"),
        (10**5_000, "<int of 16,610 bits>"),
        (float("nan"), "nan"),
    ],
    ids=range(5),
)
def test_values_are_written_as_python_does(value: object, text: str) -> None:
    assert text_of(value) == text


def test_of_large_values_the_beginning_is_written() -> None:
    assert len(text_of([10**9] * 5_000_000)) < 21_000
    assert len(text_of("x" * 10_000_000)) < 21_000
    deep: list[object] = []
    for _ in range(1000):
        deep = [deep]
    assert "..." in text_of(deep)
    own: list[object] = []
    own.append(own)
    assert len(text_of(own)) < 200

    class Bad:
        def __repr__(self) -> str:
            raise RuntimeError

    assert text_of([Bad()]) == "[<Bad object, whose repr raised RuntimeError>]"


@pytest.mark.parametrize(
    "member",
    [
        "def __getattr__(self, name): raise RuntimeError",
        "__class__ = property(lambda self: 1 / 0)",
        "_repr_html_ = property(lambda self: 1 / 0)",
        "_repr_mimebundle_ = property(lambda self: 1 / 0)",
    ],
)
def test_objects_that_raise_when_they_are_looked_at_are_text(told: Told, member: str) -> None:
    done = told.run(f"class Odd:\n    {member}\n    def __repr__(self): return 'odd'\nOdd()")
    assert (done.status, done.told) == ("ok", "odd")


def test_objects_that_pretend_to_have_everything_are_text(told: Told) -> None:
    done = told.run(
        "class All:\n    def __getattr__(self, name): return lambda *a, **k: name\n"
        "    def __repr__(self): return 'all'\nAll()"
    )
    assert done.told == "all"


def test_the_names_of_ipython_are_there(told: Told) -> None:
    done = told.run(
        "import IPython, json\nfrom IPython.display import *\n"
        "from IPython.display import HTML, Markdown, SVG, Image, JSON, Latex, Math, display\n"
        f"with open('p.png', 'wb') as file: file.write({PNG!r})\n"
        "display(HTML('<i>'), Markdown('*m*'), SVG('<svg/>'), Image('p.png'), JSON({'a': 1}),\n"
        "        Latex('$x$'), Math('y'))\n"
        "display({'text/html': 'raw'}, raw=True)\nIPython.get_ipython()"
    )
    assert done.status == "ok"
    first = [next(iter(one)) for one in told.shown]
    assert first == [
        *("text/html", "text/markdown", "image/svg+xml", "image/png", "application/json"),
        *("text/latex", "text/latex", "text/html"),
    ]
    assert "shown to the person" in done.told
    assert "*m*" in done.told
    assert "IPython" not in sys.modules
    told.run("from IPython.display import Image\nImage('https://example.org/a.png')")
    assert told.failure.name == "ValueError"


def test_rows_of_the_standard_library_are_a_table(told: Told) -> None:
    done = told.run("import csv\nlist(csv.DictReader(['name,size', 'a,1', 'b,2', 'c,']))")
    table = told.shown[0][TABLE]
    assert [one["name"] for one in table["columns"]] == ["name", "size"]
    assert table["rows"] == [["a", "1"], ["b", "2"], ["c", ""]]
    assert done.told == (
        "list, 3 rows × 2 columns, shown to the person\nname: str, size: str\nAll rows:\n"
        "name,size\na,1\nb,2\nc,"
    )
    told.run(
        "import sqlite3\ndb = sqlite3.connect(':memory:')\ndb.row_factory = sqlite3.Row\n"
        "found = db.execute('select 1 as a, 2.5 as b union select 3, null').fetchall()\n"
        "db.close()\nfound"
    )
    table = told.shown[0][TABLE]
    assert [one["type"] for one in table["columns"]] == ["int", "float"]
    assert table["rows"] == [[1, 2.5], [3, None]]


@pytest.mark.parametrize(
    "value",
    [
        [],
        [{"a": 1}],
        [{"a": 1}, {"b": 1}],
        [{1: 2}, {1: 3}],
        [{"a": [1]}, {"a": [2]}],
        [1, 2],
        "ab",
    ],
)
def test_other_lists_are_no_table(value: object) -> None:
    assert tables.table_of(value) is None


def test_a_large_table_is_its_beginning_and_says_how_much_there_is(told: Told) -> None:
    done = told.run("[{f'c{n}': n for n in range(120)} for _ in range(1_500)]")
    table = told.shown[0][TABLE]
    assert (len(table["rows"]), len(table["columns"])) == (1000, 100)
    assert (table["total_rows"], table["total_columns"]) == (1_500, 120)
    assert "60 more columns" in done.told
    assert len(done.told) < 4_200


def test_cells_of_a_table_are_plain_values() -> None:
    rows = [{"n": one} for one in (2**60, float("inf"), "x" * 900, b"b", True)]
    found = tables.table_of(rows)
    assert found is not None
    values = [row[0] for row in found.rows]
    assert values[:2] == [str(2**60), "inf"]
    assert len(str(values[2])) == 301
    assert values[3:] == ["b'b'", True]
    json.dumps(found.data(), allow_nan=False)


class _Pyplot(ModuleType):
    """As much of pyplot as is looked at."""

    def __init__(self, figure: object) -> None:
        super().__init__("matplotlib.pyplot")
        self.open = {1: figure}

    def get_fignums(self) -> list[int]:
        return list(self.open)

    def figure(self, number: int) -> object:
        return self.open[number]

    def close(self, figure: object) -> None:
        self.open = {number: one for number, one in self.open.items() if one is not figure}


class _Figure:
    dpi = 100
    texts: tuple[object, ...] = ()

    def __init__(self, svg: str) -> None:
        self._svg = svg

    def get_size_inches(self) -> tuple[float, float]:
        return 6.4, 4.8

    def get_axes(self) -> list["_Figure"]:
        return [self]

    def get_title(self) -> str:
        return "Sales"

    def get_suptitle(self) -> str:
        return ""

    def savefig(self, target, format: str, **_: object) -> None:
        target.write(self._svg if format == "svg" else PNG)


_Figure.__module__ = "matplotlib.figure"


@pytest.mark.parametrize(
    ("svg", "mime"), [("<svg/>", "image/svg+xml"), ("x" * 400_000, "image/png")]
)
def test_open_figures_are_shown_once_at_the_end(
    told: Told, monkeypatch: pytest.MonkeyPatch, svg: str, mime: str
) -> None:
    pyplot = _Pyplot(_Figure(svg))
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    done = told.run("print('drawn')")
    assert [list(one) for one in told.shown] == [[mime, "text/plain"]]
    assert done.told == "drawn\n[Figure 640×480, Sales, shown to the person]"
    assert told.run("1").told == "1"
    figure = pyplot.open[2] = _Figure(svg)
    told.session.names["figure"] = figure
    told.run("figure")
    assert len(told.shown) == 1
    pyplot.open[3] = figure
    assert told.run("1 / 0").status == "error"
    assert len(told.shown) == 1
