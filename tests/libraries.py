"""`python3 -m tests --libraries`: what the libraries show in a session, by the real ones.

They lie in an environment of their own, as those of a person do; the ordinary tests play them with
classes that keep to the same protocol (`tests/python`).
"""

import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.native.python_process import PythonProcess, PythonSettings
from app.python import tables
from app.python.messages import TABLE, Display, Done, Message
from tests.live_server import REPOSITORY
from tests.peers.asking import running

# The Python that has them.
VARIABLE = "TOKENFALL_LIBRARIES"

PLOTLY = "application/vnd.plotly.v1+json"
VEGA_LITE = "application/vnd.vegalite.v6+json"


class Shown:
    """Result of a cell."""

    def __init__(self, done: Done, messages: list[Message]) -> None:
        self.done = done
        self.bundles = [one.data for one in messages if isinstance(one, Display)]

    @property
    def table(self) -> dict[str, Any]:
        table: dict[str, Any] = self.bundles[-1][TABLE]
        return table

    @property
    def types(self) -> list[str]:
        return [one["type"] for one in self.table["columns"]]


Run = Callable[[str], Coroutine[Any, Any, Shown]]


def in_a_session(test: Callable[[Run], Coroutine[Any, Any, None]]) -> Callable[[Path], Any]:
    """Give a test what runs cells of one session."""

    async def run_test(tmp_path: Path) -> None:
        settings = PythonSettings(executable=Path(os.environ[VARIABLE]), folder=tmp_path)
        process = PythonProcess(settings)

        async def run(code: str) -> Shown:
            messages: list[Message] = []
            return Shown(await process.run(code, messages.append), messages)

        try:
            await test(run)
        finally:
            await process.close()

    run_test.__name__ = test.__name__
    return run_test


@in_a_session
async def test_tables_of_pandas(run: Run) -> None:
    shown = await run(
        "import pandas as pd\n"
        "df = pd.DataFrame({'n': [1, 2], 'f': [1.5, None], 't': ['a', None],\n"
        "    'd': pd.to_datetime(['2026-01-02', None]), 'b': [True, False]}, index=['x', 'y'])\ndf"
    )
    assert shown.bundles[0].keys() == {"text/html", TABLE, "text/plain"}
    assert shown.table["rows"] == [
        ["x", 1, 1.5, "a", "2026-01-02 00:00:00", True],
        ["y", 2, None, None, None, False],
    ]
    assert shown.types[1:3] == ["int64", "float64"]
    assert shown.done.told.startswith(
        "DataFrame, 2 rows × 5 columns, shown to the person\nn: int64, f: float64, t: str"
    )
    shown = await run("df.n")
    assert (shown.table["label"], shown.table["total_columns"]) == ("Series", 1)
    shown = await run("df.groupby(['n', 'b']).count()")
    assert [one["is_index"] for one in shown.table["columns"]] == [True, True, False, False, False]
    # Names that are there twice, and names that are no texts.
    shown = await run("pd.concat([df, df.rename(columns={'f': ('a', 1)})], axis=1)")
    assert shown.table["total_columns"] == 10
    assert ["('a', 1)" in one["name"] for one in shown.table["columns"]].count(True) == 1
    shown = await run("pd.DataFrame({'x': range(1_000_000)})")
    assert len(shown.table["rows"]) == tables.MOST_ROWS
    assert "1,000,000 rows" in shown.done.told
    assert len(shown.done.told) < 300
    shown = await run("pd.DataFrame()")
    assert (shown.table["total_columns"], shown.table["rows"]) == (0, [])
    shown = await run("df.describe()")
    assert shown.table["total_rows"] == 8


@in_a_session
async def test_tables_of_polars(run: Run) -> None:
    shown = await run(
        "import polars as pl\nfrom datetime import date\n"
        "df = pl.DataFrame({'n': [1, None], 'd': [date(2026, 1, 2), None], 'l': [[1], [2, 3]]})\ndf"
    )
    assert shown.types == ["Int64", "Date", "List(Int64)"]
    assert shown.table["rows"] == [[1, "2026-01-02", "[1]"], [None, None, "[2, 3]"]]
    shown = await run("df['n']")
    assert shown.table["label"] == "Series"
    shown = await run("pl.DataFrame()")
    assert shown.table["rows"] == []


@in_a_session
async def test_figures_of_matplotlib(run: Run) -> None:
    shown = await run(
        "import matplotlib.pyplot as plt\n"
        "for n in range(2):\n    plt.plot([n, 2])\n    plt.title(f'T{n}')\n    plt.show()\n"
        "    plt.close()\nprint('after')"
    )
    assert [list(one) for one in shown.bundles] == [["image/svg+xml", "text/plain"]] * 2
    assert shown.done.told == (
        "after\n[Figure 640×480, T0, shown to the person]\n"
        "[Figure 640×480, T1, shown to the person]"
    )
    shown = await run("plt.plot([1, 2])")
    assert len(shown.bundles) == 1  # the figure, and not the list of its lines
    shown = await run("fig, ax = plt.subplots()\nax.plot([1])\nfig")
    assert len(shown.bundles) == 1
    shown = await run("import numpy as np\nplt.scatter(*np.random.rand(2, 20_000))\nplt.show()")
    assert list(shown.bundles[0]) == ["image/png", "text/plain"]
    shown = await run("plt.plot([1]); plt.savefig('saved.png'); plt.show()")
    assert shown.done.status == "ok"
    assert len(shown.bundles) == 1


@in_a_session
async def test_charts_of_plotly_and_altair(run: Run) -> None:
    shown = await run(
        "import plotly.graph_objects as go\nimport numpy as np\n"
        "fig = go.Figure(data=[go.Scatter(x=np.arange(3), y=[3, 4, 5])])\nfig.show()\nfig"
    )
    assert [list(one) for one in shown.bundles] == [[PLOTLY, "text/plain"]] * 2
    assert shown.bundles[0][PLOTLY]["data"][0]["type"] == "scatter"
    assert shown.done.told == "\n".join(["[A Plotly figure, shown to the person]"] * 2)
    shown = await run(
        "import altair as alt, pandas as pd\n"
        "chart = alt.Chart(pd.DataFrame({'a': [1], 'b': [2]})).mark_bar().encode(x='a', y='b')\n"
        "chart.display()\nchart"
    )
    assert [VEGA_LITE in one for one in shown.bundles] == [True, True]
    assert "text/html" not in shown.bundles[1]
    assert shown.bundles[1][VEGA_LITE]["mark"]["type"] == "bar"


@in_a_session
async def test_arrays_and_what_is_listed_of_them(run: Run) -> None:
    shown = await run("import numpy as np\na = np.zeros((1000, 1000))\na")
    assert len(shown.done.told) < 1000
    shown = await run("np.float64(1.5), np.int64(2)")
    assert "1.5" in shown.done.told


@pytest.fixture(autouse=True)
def _there_are_libraries() -> None:
    assert VARIABLE in os.environ, "run these by: python3 -m tests --libraries"


# --- as what a function answers ----------------------------------------------------------------


async def test_the_example_answers_with_a_table_and_a_plot(tmp_path: Path) -> None:
    source = (REPOSITORY / "examples/agents/data_question.py").read_text("utf-8")
    async with running(tmp_path, source, VARIABLE) as ask:
        message = await ask("How is the Isar?")
        assert message.error is None
        (call,) = message.tool_calls
        assert call.arguments == '{"rivers": ["Isar"]}'
        assert "| May | 920 |" in message.text
        assert message.text.rstrip().endswith("Least in August.")
        (plot,) = message.files
        assert plot.url.startswith("data:image/")


ALL_KINDS = """
import altair as alt
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plotly.express as px
import polars as pl
from PIL import Image

def answer(message):
    df = pd.DataFrame({"a": ["A", "B"], "b": [1, 2]})
    yield px.bar(df, x="a", y="b")
    yield alt.Chart(df).mark_bar().encode(x="a", y="b")
    yield Image.new("RGB", (4, 4))
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    yield figure
    yield df.plot()
    yield plt.plot([1, 2])
    yield [plt.figure(), plt.figure()]
    yield pl.DataFrame({"n": [1, 2]})
    yield df.style
    yield np.float64(2.5)
"""


async def test_what_the_libraries_show_is_shown_of_a_function_too(tmp_path: Path) -> None:
    async with running(tmp_path, ALL_KINDS, VARIABLE) as ask:
        message = await ask("All of it")
    assert message.error is None
    assert [one.mime_type for one in message.files] == [
        *(PLOTLY, VEGA_LITE, "image/png"),
        *["image/svg+xml"] * 5,
        "text/html",
    ]
    assert "| n |" in message.text
    assert message.text.endswith("2.5")
