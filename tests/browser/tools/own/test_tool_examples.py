"""The examples of the editor work, in the terminal too."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from app.browser.tools.own.tool_examples import EMPTY, EXAMPLES
from app.core.tools.function_tool import Tool, run
from app.native.terminal.tool_file import tools_from

MARKS, LOAN, WEATHER = EXAMPLES


def the_tool(source: str, folder: Path) -> Tool:
    file = folder / "my_tools.py"
    file.write_text(source, encoding="utf-8")
    (tool,) = tools_from(file, needs_approval=True)
    return tool


async def test_marks_of_a_class(tmp_path: Path) -> None:
    tool = the_tool(MARKS.source, tmp_path)
    result = await run(tool, {"points": [5, 10, 20], "maximum": 20})
    assert result.content == "2 of 3 passed, mean 58.3 %, median 50.0 %, from 25.0 to 100.0 %"


async def test_the_cost_of_a_loan(tmp_path: Path) -> None:
    tool = the_tool(LOAN.source, tmp_path)
    asked = {"amount": 1200, "yearly_percent": 0, "years": 1}
    plan = json.loads((await run(tool, asked)).content)
    assert plan == {"payments": 12, "each": 100.0, "interest": 0.0}
    yearly = {"amount": 1000, "yearly_percent": 10, "years": 2, "every": "year"}
    plan = json.loads((await run(tool, yearly)).content)
    assert plan == {"payments": 2, "each": 576.19, "interest": 152.38}
    assert (await run(tool, asked | {"every": "day"})).is_error


class Answer:
    def __init__(self, body: object) -> None:
        self._body = body

    def raise_for_status(self) -> None:
        pass

    async def json(self) -> object:
        return self._body


async def test_the_weather_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def pyfetch(address: str) -> Answer:
        asked.append(address)
        if "geocoding" not in address:
            return Answer({"current": {"temperature_2m": 21.5}})
        town = {"name": "Lisbon", "country": "Portugal", "latitude": 38.7, "longitude": -9.1}
        return Answer({"results": [town]} if "Lisbon" in address else {})

    http = ModuleType("pyodide.http")
    http.pyfetch = pyfetch  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyodide", ModuleType("pyodide"))
    monkeypatch.setitem(sys.modules, "pyodide.http", http)
    tool = the_tool(WEATHER.source, tmp_path)
    result = await run(tool, {"place": "Lisbon"})
    assert json.loads(result.content) == {
        "place": "Lisbon",
        "country": "Portugal",
        "temperature_2m": 21.5,
    }
    assert "latitude=38.7&longitude=-9.1&current=temperature_2m" in asked[1]
    nowhere = await run(tool, {"place": "Nowhere"})
    assert nowhere.is_error
    assert "There is no town called Nowhere." in nowhere.content


async def test_a_blank_file_has_a_tool_already(tmp_path: Path) -> None:
    assert (await run(the_tool(EMPTY, tmp_path), {"text": "hi"})).content == "HI"
