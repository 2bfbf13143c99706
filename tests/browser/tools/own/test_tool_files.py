"""A person's files of tools, without a page."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.browser.tools.own.tool_files import ToolFile, file_name, free_name, problem, tools_of
from app.browser.tools.sandbox.sandboxed import ToolDescription
from app.core.tools.function_tool import ToolError, run

SHOUT = ToolDescription(
    "shout",
    "Say it loud.",
    {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    timeout_s=5,
)
SOURCE = "def shout(text: str) -> str: ..."


class Shouting:
    """Runs tools as the sandbox does."""

    async def call(self, source: str, name: str, arguments: Mapping[str, Any]) -> str:
        assert (source, name) == (SOURCE, "shout")
        if not arguments["text"]:
            raise ToolError("There is nothing to shout.")
        return str(arguments["text"]).upper()


async def test_a_call_goes_to_where_tools_run() -> None:
    (tool,) = tools_of(ToolFile("a.py", SOURCE, [SHOUT]), Shouting())
    assert (tool.name, tool.description, tool.timeout_s) == ("shout", "Say it loud.", 5)
    assert (await run(tool, '{"text": "hi"}')).content == "HI"
    failed = await run(tool, '{"text": ""}')
    assert failed.is_error
    assert failed.content == "There is nothing to shout."
    assert "text: missing" in (await run(tool, "{}")).content


def test_what_no_model_can_call_is_left_out() -> None:
    bad = [ToolDescription("so gut", "", {}), ToolDescription("list", "", {"type": "array"}), SHOUT]
    assert [tool.name for tool in tools_of(ToolFile("a.py", SOURCE, bad), Shouting())] == ["shout"]


def test_names_that_clash_are_said() -> None:
    other = ToolFile("b.py", SOURCE, [ToolDescription("whisper", "", {})])
    taken = ["calculate"]

    def said(file: ToolFile) -> str:
        return problem(file, [other], taken)

    assert said(ToolFile("a.py", SOURCE, [SHOUT])) == ""
    assert "another file called b.py" in said(ToolFile("b.py", SOURCE, [SHOUT]))
    assert "no tool in it" in said(ToolFile("a.py", SOURCE, []))
    assert "Two tools" in said(ToolFile("a.py", SOURCE, [SHOUT, SHOUT]))
    assert "The page has" in said(ToolFile("a.py", SOURCE, [ToolDescription("calculate", "", {})]))
    assert "b.py has a tool called whisper" in said(ToolFile("a.py", SOURCE, other.tools))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("marks", "marks.py"),
        ("marks.py", "marks.py"),
        (" My class marks ", "My_class_marks.py"),
        ("../../etc/passwd", "etc_passwd.py"),
        ("Ünter/läufe.py", "Ünter_läufe.py"),
        ("...", ""),
        ("", ""),
        ("x" * 99, f"{'x' * 60}.py"),
    ],
)
def test_a_name_becomes_that_of_a_file(typed: str, name: str) -> None:
    assert file_name(typed) == name


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_name("a.py", []) == "a.py"
    assert free_name("a.py", ["a.py", "a_2.py"]) == "a_3.py"
