"""The code inside the sandbox, without one."""

import asyncio
from typing import Any

import msgspec
import pytest

from app.browser.tools.sandbox.sandboxed import (
    Answer,
    Call,
    Cancel,
    Describe,
    Question,
    SourceError,
    load,
    serve,
)

SOURCE = '''
import asyncio

calls = 0

def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    global calls
    calls += 1
    return a + b

def counted() -> int:
    return calls

def boom():
    raise ValueError("no")

async def rest():
    await asyncio.sleep(3600)
'''


class Page:
    """The page's side: asks, and gathers what is answered."""

    def __init__(self) -> None:
        self._answers: asyncio.Queue[Any] = asyncio.Queue()
        self._take = serve(
            lambda text: self._answers.put_nowait(msgspec.json.decode(text, type=Answer))
        )

    def say(self, question: Question) -> None:
        self._take(msgspec.json.encode(question).decode())

    async def ask(self, question: Question) -> Any:
        self.say(question)
        return await self._answers.get()

    async def call(self, name: str, **arguments: Any) -> Any:
        return await self.ask(Call(1, SOURCE, name, arguments))


async def test_a_source_is_described() -> None:
    answer = await Page().ask(Describe(7, SOURCE))
    assert answer.id == 7
    assert [one.name for one in answer.tools] == ["add", "counted", "boom", "rest"]
    assert answer.tools[0].description == "Add two numbers."
    assert answer.tools[0].parameters["properties"]["a"] == {"type": "integer"}


async def test_tools_run_and_keep_what_their_module_holds() -> None:
    page = Page()
    assert (await page.call("add", a=1)).content == "3"
    assert (await page.call("counted")).content == "1"


async def test_errors_are_answers() -> None:
    page = Page()
    wrong = await page.call("add", a="x")
    assert wrong.is_error
    assert "a: expected integer" in wrong.content
    failed = await page.call("boom")
    assert (failed.content, failed.is_error) == ("ValueError: no", True)


async def test_a_call_is_cancelled() -> None:
    page = Page()
    page.say(Call(3, SOURCE, "rest", {}))
    await asyncio.sleep(0)  # it has begun
    answer = await page.ask(Cancel(3))
    assert (answer.id, answer.is_error) == (3, True)


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("def f(:\n  pass", "SyntaxError: invalid syntax", 1),
        ("x = 1", "there is no public function", None),
        ("\nimport nothing_here", "ModuleNotFoundError: No module named 'nothing_here'", 2),
        ("def f():\n  g()\ndef g():\n  1 / 0\nf()", "ZeroDivisionError: division by zero", 4),
        ("raise SystemExit", "SystemExit", 1),
        ("x = '\0'", "source code string cannot contain null bytes", None),
    ],
)
def test_what_is_wrong_with_a_source(source: str, message: str, line: int | None) -> None:
    with pytest.raises(SourceError, match=r".") as caught:
        load(source, "tried")
    assert message in str(caught.value)
    assert caught.value.line == line


def test_two_tools_of_one_name_are_refused() -> None:
    source = """
from app.core.tools import tool
@tool(name="one")
def first(): ...
@tool(name="one")
def second(): ...
"""
    with pytest.raises(SourceError, match="two tools have the name one"):
        load(source, "tried")


async def test_what_no_model_can_be_told_is_said() -> None:
    answer = await Page().ask(Describe(1, 'def f() -> None:\n    "\\ud800"\n'))
    assert "a model cannot be told of these tools" in answer.message


async def test_a_tool_that_is_not_there_is_said() -> None:
    answer = await Page().call("gone")
    assert answer.message == "there is no tool gone any more"


async def test_the_source_that_is_used_stays_loaded_while_others_are_written() -> None:
    page = Page()
    for number in range(40):
        await page.call("add", a=1)
        await page.ask(Describe(2, f"def draft_{number}(): ..."))
    assert (await page.call("counted")).content == "40"
