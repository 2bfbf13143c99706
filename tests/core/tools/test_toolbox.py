"""The tools of a chat by name, what a call waits for, and the tool that knows which call it is."""

import asyncio

import pytest

from app.core.messages import ToolCall, ToolResult
from app.core.tools import toolbox
from app.core.tools.function_tool import Tool, run, running_call, tool
from app.core.tools.toolbox import NotedToolbox, Toolbox


def add(a: int, b: int = 2, *, c: int = 3, d: int = 4) -> str:
    """Add."""
    return f"{a} {b} {c} {d}"


@tool(needs_approval=True)
def erase() -> str:
    """Erase."""
    return "gone"


ELSEWHERE = Tool.from_schema("elsewhere", "", {"type": "object"})


def call(name: str, arguments: str = "{}", id: str = "c") -> ToolCall:
    return ToolCall(id, name, arguments)


def test_what_a_call_waits_for() -> None:
    box = Toolbox([add, erase, ELSEWHERE])
    assert bool(box)
    assert not Toolbox()
    assert [one.name for one in box.definitions] == ["add", "erase", "elsewhere"]
    assert box.wants(call("add")) is None
    assert box.wants(call("erase")) == "approval"
    assert box.wants(call("elsewhere")) == "result"
    assert box.wants(call("unheard_of")) is None
    box.allow("erase")
    assert box.wants(call("erase")) is None
    assert (box.is_allowed("erase"), box.is_allowed("add")) == (True, False)
    # One of the same name takes its place.
    box.add(Tool.from_schema("add", "Other", {"type": "object"}))
    assert [one.description for one in box.definitions] == ["Other", "Erase.", ""]


async def test_a_tool_that_is_not_there_is_told_with_those_that_are() -> None:
    result = await Toolbox([add, erase]).run(call("sub"))
    assert result == ToolResult(
        "c", "There is no tool 'sub'. The tools are: add, erase.", "sub", is_error=True
    )


async def test_parameters_that_are_left_out_have_their_defaults() -> None:
    def places(a: int = 1, /, b: int = 2, *, c: int = 3) -> str:
        """Places."""
        return f"{a} {b} {c}"

    box = Toolbox([add, places])
    for arguments, said in (
        ('{"a": 1}', "1 2 3 4"),
        ('{"a": 1, "d": 9}', "1 2 3 9"),
        ('{"a": 1, "c": 7, "d": 9}', "1 2 7 9"),
        ('{"a": 1, "b": null, "d": 5}', "1 2 3 5"),
    ):
        assert (await box.run(call("add", arguments))).content == said
    assert (await box.run(call("places", '{"c": 9}'))).content == "1 2 9"
    assert (await box.run(call("places", '{"a": 7, "b": 8}'))).content == "7 8 3"
    wrong = (await box.run(call("add", '{"b": "x", "e": 1, "d": "y"}'))).content
    assert all(word in wrong for word in ("a: missing", "b: ", "e: unknown", "d: "))


async def test_a_tool_may_ask_which_call_it_answers() -> None:
    def which() -> str:
        """Which."""
        return running_call.get()

    assert (await run(tool(which), "{}", call_id="c7")).content == "c7"
    results = await asyncio.gather(*(run(tool(which), "{}", call_id=id) for id in "abc"))
    assert [(one.call_id, one.content) for one in results] == [("a", "a"), ("b", "b"), ("c", "c")]


async def test_a_noted_tool_runs_once_for_each_note() -> None:
    ran = []

    def note() -> str:
        """Note."""
        ran.append(running_call.get())
        return "done"

    box = NotedToolbox([note])
    waiting = [asyncio.create_task(box.run(call("note", id=id))) for id in ("a", "a", "b")]
    await asyncio.sleep(0)
    assert ran == []
    box.note("a")
    done, open_ones = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert (len(done), ran) == (1, ["a"])
    box.note("b")
    box.note("a")
    assert {(await one).content for one in open_ones} == {"done"}
    assert sorted(ran) == ["a", "a", "b"]


async def test_an_error_that_has_no_words_is_a_result_too() -> None:
    def count() -> None:
        raise ValueError(10**5000)  # of so many digits Python makes no text

    result = await Toolbox([count]).run(ToolCall("c", "count", "{}"))
    assert result.is_error
    assert result.content.startswith("ValueError")


async def test_a_tool_has_a_minute_where_nobody_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits: list[object] = []

    async def noted(one: Tool, arguments: str, **named: object) -> ToolResult:
        limits.append(named["timeout_s"])
        return ToolResult("c", "", one.name)

    monkeypatch.setattr(toolbox, "run", noted)
    for box in (Toolbox([add]), Toolbox([add], timeout_s=5), Toolbox([add], timeout_s=None)):
        await box.run(call("add"))
    assert limits == [60, 5, None]
