"""Pages that draw what a cell shows."""

import json
import re
from typing import Any

import pytest

from app.browser.displays.chart_pages import LIBRARIES, page_of, title_of
from app.setup.display_libraries import LIBRARIES as FETCHED


@pytest.mark.parametrize("kind", ["plotly", "vega"])
def test_nothing_in_a_specification_ends_its_script(kind: str) -> None:
    spec = {"title": "</script><script>evil()</script><!--", "data": [1, "\u2028"]}
    page = page_of(kind, spec, ["library = 1"])
    assert page.count("evil()") == 1
    assert page.count("<script") == page.count("</script>") == 3
    found = re.search(r'id="spec">(.*?)</script>', page)
    assert found is not None
    assert json.loads(found[1]) == spec


def test_html_is_shown_as_it_is() -> None:
    assert page_of("output", "<b>bold</b>", []).endswith("</style><b>bold</b>")


def test_all_that_charts_need_can_be_fetched() -> None:
    assert {name for names in LIBRARIES.values() for name in names} < FETCHED.keys()


@pytest.mark.parametrize(
    ("kind", "content", "title"),
    [
        ("plotly", {"layout": {"title": {"text": "<b>Sold</b> by<br>month"}}}, "Sold by month"),
        ("plotly", {"layout": {"title": "Sold"}}, "Sold"),
        ("plotly", {"layout": {"title": {}}, "title": "no"}, ""),
        ("plotly", {"layout": None}, ""),
        ("vega", {"title": "Sold < 3"}, "Sold < 3"),
        ("vega", {"title": {"text": ["Sold", "by month", 3]}}, "Sold by month"),
        ("vega", {}, ""),
        ("output", "<title>a</title>", ""),
        ("output", {"title": "a"}, ""),
        ("plotly", ["no chart"], ""),
    ],
)
def test_the_title_of_a_chart(kind: str, content: Any, title: str) -> None:
    assert title_of(kind, content) == title
