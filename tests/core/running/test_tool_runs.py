"""Running a tool: whatever it does becomes a result, within its time."""

import asyncio
import contextvars
import math
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from app.core.errors import UsageError
from app.core.messages import ToolResult
from app.core.tools import function_tool
from app.core.tools.function_tool import Tool, ToolError, rendered, run, tool

IS_TAB = sys.platform == "emscripten"
# Only a test that fails waits so long, in seconds.
LIMIT_S = 60.0


async def result(function: Any, arguments: str = "{}", **options: Any) -> ToolResult:
    return await run(tool(function), arguments, **options)


async def test_a_sync_function() -> None:
    def add(a: int, b: int) -> int:
        return a + b

    assert await result(add, '{"a": 1, "b": "2"}', call_id="7") == ToolResult("7", "3", "add")


async def test_an_async_function() -> None:
    async def add(a: int, b: int) -> int:
        await asyncio.sleep(0)
        return a + b

    assert await result(add, '{"a": 1, "b": 2}') == ToolResult("", "3", "add")


async def test_a_sync_function_that_returns_something_to_await() -> None:
    async def later() -> str:
        return "later"

    def begin() -> Any:
        return later()

    assert (await result(begin)).content == "later"


async def test_an_object_with_an_async_call() -> None:
    class Clock:
        async def __call__(self) -> str:
            return str(threading.current_thread() is here)

    here = threading.current_thread()
    assert (await run(tool(name="clock")(Clock()), {})).content == "True"


async def test_where_a_sync_function_runs() -> None:
    here = threading.current_thread()

    def where() -> bool:
        return threading.current_thread() is here

    # The tab has one thread only.
    assert (await result(where)).content == ("true" if IS_TAB else "false")


async def test_a_sync_function_sees_the_context_of_the_run() -> None:
    variable = contextvars.ContextVar("variable", default="unset")
    variable.set("set")

    def look() -> str:
        return variable.get()

    assert (await result(look)).content == "set"


async def test_bad_arguments_are_a_result() -> None:
    def add(a: int, b: int) -> int:
        return a + b

    answer = await result(add, '{"a": "x"}')
    assert answer.is_error
    assert answer.content == (
        'The arguments do not fit:\n- a: expected integer, got "x"\n- b: missing; expected integer'
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("no such city"), "ValueError: no such city"),
        (KeyError("x"), "KeyError: 'x'"),
        (RuntimeError(), "RuntimeError"),
        (ToolError("Ask for a city in Europe."), "Ask for a city in Europe."),
        (TimeoutError("the site is slow"), "TimeoutError: the site is slow"),
        (SystemExit(3), "SystemExit: 3"),
        (StopIteration(), "StopIteration"),
        (asyncio.CancelledError(), "CancelledError"),
        (ValueError("\ud800"), "ValueError: \ufffd"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_an_exception_is_a_result(error: BaseException, words: str) -> None:
    def fail() -> None:
        raise error

    answer = await result(fail, timeout_s=60)
    assert (answer.content, answer.is_error) == (words, True)

    async def fail_later() -> None:
        raise error

    if not isinstance(error, StopIteration):  # Python makes another one of it there
        assert (await result(fail_later, timeout_s=60)).content == words


async def test_time_is_up() -> None:
    was_cancelled = asyncio.Event()

    @tool(timeout_s=0.01)
    async def hang() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            was_cancelled.set()
            raise

    answer = await run(hang, "{}", timeout_s=60)
    assert answer == ToolResult(
        "", "hang did not finish within 0.01 seconds.", "hang", is_error=True
    )
    assert was_cancelled.is_set()


async def test_the_time_of_the_run_is_for_tools_without_their_own() -> None:
    async def hang() -> None:
        await asyncio.get_running_loop().create_future()

    assert "within 0.01 seconds" in (await result(hang, timeout_s=0.01)).content


async def test_a_thread_is_not_waited_for() -> None:
    end = threading.Event()

    def block() -> str:
        # In the tab, nobody else could end it.
        return "ended" if IS_TAB or end.wait(LIMIT_S) else "left alone"

    try:
        answer = await result(block, timeout_s=0.01)
    finally:
        end.set()
    if IS_TAB:
        assert answer.content == "ended"
    else:
        assert answer.content == "block did not finish within 0.01 seconds."


async def test_cancelling_the_run_cancels_the_tool() -> None:
    started = asyncio.Event()
    ended = []

    async def hang() -> None:
        started.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(True)

    task = asyncio.ensure_future(result(hang, timeout_s=60))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


async def test_a_tool_that_ignores_its_end_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function_tool, "PATIENCE_S", 0.01)
    started, released = asyncio.Event(), asyncio.Event()

    async def stubborn() -> str:
        started.set()
        while not released.is_set():
            with suppress(asyncio.CancelledError):
                await released.wait()
        return "at last"

    assert "within 0.01 seconds" in (await result(stubborn, timeout_s=0.01)).content
    started.clear()
    task = asyncio.ensure_future(result(stubborn, timeout_s=60))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    released.set()


async def test_an_async_tool_may_not_end_the_program() -> None:
    async def leave() -> None:
        raise SystemExit(3)

    assert await result(leave) == ToolResult("", "SystemExit: 3", "leave", is_error=True)


async def test_a_tool_that_is_answered_elsewhere_cannot_run() -> None:
    with pytest.raises(UsageError, match="elsewhere"):
        await run(Tool.from_schema("ask", "", {}), "{}")


async def test_a_function_that_does_not_take_what_its_schema_says() -> None:
    made = Tool.from_schema("f", "", {"properties": {"a": {}}}, lambda: None)
    answer = await run(made, '{"a": 1}')
    assert answer.is_error
    assert answer.content.startswith("TypeError: ")


class Plain:
    def __repr__(self) -> str:
        return "<plain>"


class Word(str):
    pass


@dataclass
class Weights:
    first: float | None
    rest: list[float]


def _holding_itself() -> dict[str, Any]:
    value: dict[str, Any] = {"kept": 1}
    value["self"] = value
    return value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        ("", ""),
        (Word("text"), "text"),
        (None, "null"),
        (True, "true"),
        ({"a": [1, 2.5]}, '{"a":[1,2.5]}'),
        (ToolResult("1", "x"), '{"type":"tool_result","call_id":"1","content":"x"}'),
        (Plain(), "<plain>\n(a value of type Plain, shown as Python writes it)"),
        ([Plain()], "[<plain>]\n(a value of type list, shown as Python writes it)"),
        (2**70, "1180591620717411303424"),
        ("a\ud800", "a\ufffd"),
        (["\ud800"], "['\\ud800']\n(a value of type list, shown as Python writes it)"),
        ({"a": None, "b": math.nan}, '{"a":null,"b":"nan"}'),
        ([{"a": (1.5, -math.inf)}], '[{"a":[1.5,"-inf"]}]'),
        (Weights(None, [math.inf]), '{"first":null,"rest":["inf"]}'),
        (math.nan, '"nan"'),
        (_holding_itself(), '{"kept":1,"self":"(holds itself)"}'),
    ],
    ids=repr,
)
def test_rendered(value: Any, text: str) -> None:
    assert rendered(value) == text


def test_values_that_hold_each_other_are_not_written_along_all_ways_through_them() -> None:
    friends: list[dict[str, Any]] = [{"name": number} for number in range(30)]
    for one in friends:
        one["friends"] = list(friends)
    text = rendered(friends)
    assert "(shown before)" in text
    assert len(text) < 5_000_000


async def test_a_result_that_cannot_even_be_shown() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ValueError("broken")

    def give() -> Broken:
        return Broken()

    answer = await result(give)
    assert (answer.content, answer.is_error) == ("ValueError: broken", True)
