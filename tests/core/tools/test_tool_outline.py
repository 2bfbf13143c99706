"""Tools as the text of a file tells of them: the same as running gives, and nothing runs."""

import inspect
import random
import sys

import pytest

from app.browser.tools.own.tool_examples import EMPTY, EXAMPLES
from app.browser.tools.sandbox.sandboxed import ToolDescription, described, load
from app.core.errors import UsageError
from app.core.tools.function_tool import Tool, tool
from app.core.tools.tool_outline import outline
from tests.core.tools import tool_functions

# Functions of the table with classes of the file's own in them, which only running tells.
OF_CLASSES = {
    "union_dataclasses": ["shape"],
    "union_in_list": ["shapes"],
    "optional_dataclass": ["at"],
    "enum_strings": ["color"],
    "enum_integers": ["level"],
    "enum_mixed": ["answer"],
    "enum_default": ["color"],
    "enum_list": ["colors"],
    "named_tuple": ["span"],
    "dataclass_alone": ["point"],
    "dataclass_and_more": ["point"],
    "dataclass_nested": ["place"],
    "dataclass_list": ["places"],
    "dataclass_recursive": ["tree"],
    "dataclass_twice": ["start", "end"],
    "typed_dict": ["person"],
    "typed_dict_partial": ["contact", "settings"],
    "struct": ["item"],
    "struct_nested": ["order"],
    "words_for_a_class": ["point"],
}


def told(tools: list[Tool]) -> list[ToolDescription]:
    return [described(one) for one in tools]


def test_the_table_of_functions_reads_as_it_runs() -> None:
    source = inspect.getsource(tool_functions).replace("@shown\n", "")
    source = source.replace("def shown", "def _shown")
    read = outline(source)
    assert read.unknown == OF_CLASSES
    found = {one.name: described(one) for one in read.tools}
    for name, function in tool_functions.FUNCTIONS.items():
        ran, unknown = described(tool(function)), OF_CLASSES.get(name, [])
        assert found[name].description == ran.description, name
        for parameter, schema in ran.parameters["properties"].items():
            if parameter not in unknown:
                assert found[name].parameters["properties"][parameter] == schema, name
        if not unknown:
            assert found[name] == ran, name
        assert found[name].parameters["required"] == ran.parameters["required"], name


@pytest.mark.parametrize("source", [EMPTY, *(each.source for each in EXAMPLES)])
def test_each_example_is_known_from_its_text(source: str) -> None:
    read = outline(source)
    assert read.unknown == {}
    # The one that asks the web needs the browser's network.
    runs = source.replace("from pyodide.http import pyfetch", "pyfetch = None")
    assert told(read.tools) == told(load(runs, "tried"))


ATOMS = [
    *("int", "str", "float", "bool", "bytes", "object", "Any", "None", "dict", "list", "set"),
    *("tuple", "datetime.date", "dt.datetime", "UUID", "decimal.Decimal", "Path", "Unit"),
    "abc.Sequence",
]
FORMS = (
    "list[{}]",
    "dict[str, {}]",
    "tuple[{}, ...]",
    "tuple[{}, {}]",
    "set[{}]",
    "{} | None",
    "Optional[{}]",
    "typing.Union[{}, {}]",
    "'{}'",
    "Annotated[{}, 'what it is']",
    "Annotated[{}, Meta(description='what it is')]",
    "Sequence[{}]",
)
HEAD = """from __future__ import annotations
import typing, datetime, decimal
import datetime as dt
from collections import abc
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Optional
from uuid import UUID
from msgspec import Meta
Unit = Literal["celsius", "kelvin", 3, None]
"""
DEFAULTS = ("", " = None", " = 1", " = -2.5", " = 'x'", " = ['a', {'b': ()}]", " = True", " = {1}")


def annotation(random: random.Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.3:
        return random.choice(ATOMS)
    form = random.choice(FORMS)
    if form in ("'{}'", "{} | None"):
        # Neither a string nor None may stand beside None.
        inner = random.choice([atom for atom in ATOMS if atom != "None"])
        return repr(inner) if form == "'{}'" else f"{inner} | None"
    return form.format(*(annotation(random, depth - 1) for _ in range(form.count("{}"))))


def _is_refused_or_unknown(source: str) -> bool:
    try:
        return bool(outline(source).unknown)
    except UsageError:
        return True


@pytest.mark.parametrize("seed", range(5 if sys.platform == "emscripten" else 40))
@pytest.mark.parametrize("head", [HEAD, HEAD.partition("\n")[2]], ids=["future", "now"])
def test_any_signature_reads_as_it_runs(seed: int, head: str) -> None:
    chosen = random.Random(seed)
    for number in range(20):
        names = chosen.sample("abcdef", chosen.randrange(1, 5))
        parts = [f"{name}: {annotation(chosen, 3)}{chosen.choice(DEFAULTS)}" for name in names]
        source = f'{head}def f{number}(*, {", ".join(parts)}):\n    """Do.\n\n    Args:\n        '
        source += f'{names[0]}: One of them.\n    """\n'
        try:
            ran = told(load(source, "tried"))
        except Exception as error:
            # What can't run, or no model can be told of, is not read as if it could.
            ran = None
            failed = f"{error}"
        if ran is None:
            assert _is_refused_or_unknown(source), f"{source}: {failed}"
            continue
        read = outline(source)
        assert read.unknown == {}, source
        assert told(read.tools) == ran, source


MARKED = """
import app.core.tools
from app.core import tools as t
from app.core.tools import tool as mark

def helper(*a: int): ...

@mark
def first(a: int): "One."

@t.tool(name="second_one", description="Two.", timeout_s=2, needs_approval=True)
async def second(b: str = "x"): ...

@app.core.tools.tool()
def third(): ...
"""


def test_tools_that_are_marked_read_as_they_run() -> None:
    read = outline(MARKED)
    assert [one.name for one in read.tools] == ["first", "second_one", "third"]
    assert told(read.tools) == told(load(MARKED, "tried"))
    assert read.is_whole


NOTHING_RUNS = '''
import builtins
builtins.ran = ["a module"]
def _note(*what): builtins.ran.append(what); return lambda it: it
class Type(metaclass=_note): ...
from nowhere import *
X = _note("an assignment")
@_note("a decorator")
def a(
    one: _note("an annotation"),
    two: "_note('a string')",
    three: list["_note('inside')"],
    four: dict[str, "__import__('builtins').ran.append(4)"] = _note("a default"),
    five: Literal[_note("a choice")] = f"{_note('a text')}",
    *, six: Annotated[int, _note("a _note")] = 6,
) -> _note("what it returns"):
    f"""{_note("a docstring")}"""
'''


def test_nothing_runs() -> None:
    import builtins

    read = outline(NOTHING_RUNS)
    assert not hasattr(builtins, "ran")
    assert read.unknown == {"a": ["one", "two", "three", "four", "five", "six"]}
    assert not read.is_whole


@pytest.mark.parametrize(
    "before",
    [
        "int = str",
        "def int(): ...",
        "class int: ...",
        "from elsewhere import int",
        "from elsewhere import *",
        "import elsewhere as int",
        "if something:\n    int = str",
        "for int in (): ...",
        "try: ...\nexcept E as int: ...",
        "with x as int: ...",
        "int, y = 1, 2",
        "(int := 3)",
        "del int",
    ],
)
def test_a_name_that_may_mean_something_else_is_not_known(before: str) -> None:
    read = outline(f"{before}\ndef f(a: int): ...")
    # `str` is as well known as `int`.
    known = before == "int = str"
    assert read.unknown.get("f") == (None if known else ["a"])
    if known:
        (one,) = read.tools[-1:]
        assert one.parameters["properties"]["a"] == {"type": "string"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "no public function"),
        ("x = 1\n_y = 2", "no public function"),
        ("def _private(): ...", "no public function"),
        ("def f(*many): ...", "takes *many"),
        ("def f(**more): ...", "takes **more"),
        ("def f(self): ...", "a method without its object"),
        ("def f():\n    yield 1", "yields"),
        ("def f(a: complex): ...", "because of the type of a"),
        (
            "from app.core.tools import tool\n@tool(name='a')\ndef f(): ...\n@tool\ndef a(): ...",
            "two tools have the name a",
        ),
        ("from app.core.tools import tool\n@tool(nome='a')\ndef f(): ...", "nome"),
    ],
)
def test_what_is_wrong_is_said_without_running(source: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        outline(source)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("source", "line"), [("x = 1\ndef f(:\n", 2), ("x = '\0'", None), ("(" * 300, 1)]
)
def test_what_is_no_python_is_said_with_its_line(source: str, line: int | None) -> None:
    with pytest.raises(SyntaxError) as caught:
        outline(source)
    assert line is None or caught.value.lineno == line


@pytest.mark.parametrize(
    "source",
    ["f = tool(g)", "if x:\n    def f(): ...", "exec('def f(): ...')", "@cached\ndef f(*a): ..."],
)
def test_what_only_running_tells_is_no_error(source: str) -> None:
    read = outline(source)
    assert read.tools == []
    assert not read.is_whole


# Each of these, long enough, ends the interpreter of the tab that is given it to parse.
@pytest.mark.parametrize(
    "source",
    [
        f"x = {'not ' * 1000}1",
        f"x = {'-' * 1000}1",
        f"x = {'lambda: ' * 1000}1",
        f"x = {'1 if a else ' * 1000}1",
        f"x = {'(not 1, ' * 150}{'not ' * 1000}1",
        "x = (" + "not\n" * 1000 + "1)",
        f"a{'.b' * 1000}",
        f"f{'()' * 1000}",
        f"x = {'1 + ' * 1000}1",
        "if a: ...\n" + "elif a: ...\n" * 1000,
        f"def f(a: {'int | ' * 1000}int): ...",
        "\n".join(f"def f{number}(): ..." for number in range(200)),
        f"x = '{'x' * 50_000}'",
    ],
)
def test_what_is_too_deep_or_too_long_is_left_to_running(source: str) -> None:
    read = outline(f"{source}\ndef tool(): ...")
    assert read.tools == []
    assert not read.is_whole


def test_much_that_lies_side_by_side_is_read() -> None:
    numbers = ", ".join(
        f'{{"a": [{number}, -1.5e3, (2, "x.y"), not True]}}' for number in range(500)
    )
    calls = "\n".join(f"print({number} + 1, end='')" for number in range(500))
    assert len(outline(f"X = [{numbers}]\n{calls}\ndef f(): ...").tools) == 1


def test_what_another_decorator_makes_of_it_is_not_known() -> None:
    read = outline("from functools import wraps\n@wraps(len)\ndef f(a: int, b: str): ...")
    assert read.unknown == {"f": ["a", "b"]}


@pytest.mark.parametrize("words", [f"x {'(' * 500}: y", f"x ({'a' * 2_000}: y"])
def test_a_docstring_that_would_take_long_is_taken_as_it_is(words: str) -> None:
    source = f'def f(x: int):\n    """Do.\n\n    Args:\n        {words}\n    """\n'
    (read,) = outline(source).tools
    assert read.description == f"Do.\n\nArgs:\n    {words}"
    assert told([read]) == told(load(source, "tried"))


TOOL = 'def f(a: int) -> int:\n    """F."""\n    return a\n'


@pytest.mark.parametrize(
    ("source", "is_too_much"),
    [
        (TOOL + "#" * (50_000 - len(TOOL)), False),
        (TOOL + "#" * (50_001 - len(TOOL)), True),
        ("".join(TOOL.replace("f(", f"f{at}(") for at in range(100)), False),
        ("".join(TOOL.replace("f(", f"f{at}(") for at in range(101)), True),
        (TOOL + "x = " + "-" * 299 + "1\n", False),
        (TOOL + "x = " + "-" * 300 + "1\n", True),
        (TOOL + "if a:\n    pass\n" + "elif a:\n    pass\n" * 299, False),
        (TOOL + "if a:\n    pass\n" + "elif a:\n    pass\n" * 301, True),
        (TOOL + "x = (" + "-1, " * 900 + ")\n", False),
    ],
)
def test_how_much_is_read(source: str, is_too_much: bool) -> None:
    read = outline(source)
    assert (read.tools == []) == is_too_much
    if is_too_much:
        assert not read.is_whole


@pytest.mark.parametrize(
    ("source", "names", "is_whole"),
    [
        (TOOL, ["f"], True),
        (TOOL + "def _g() -> None: ...\n", ["f"], True),
        (TOOL + "x = 1\ny: int\nimport os\n", ["f"], True),
        (TOOL + "x = g()\n", ["f"], False),
        (TOOL + "if x:\n    pass\n", ["f"], False),
        ("from app.core.tools import tool\n@tool\n" + TOOL + TOOL.replace("f(", "g("), ["f"], True),
        ("from app.core.tools import tool\n@tool(name='h')\n" + TOOL, ["h"], True),
        ("from app.core.tools import tool\n@tool(f)\n" + TOOL, ["f"], False),
        ("from app.core.tools import tool\n@tool(name=x)\n" + TOOL, ["f"], False),
        ("@other\n" + TOOL, ["f"], False),
        ("@other(1)\n" + TOOL, ["f"], False),
    ],
)
def test_which_functions_are_tools(source: str, names: list[str], is_whole: bool) -> None:
    read = outline(source)
    assert ([one.name for one in read.tools], read.is_whole) == (names, is_whole)
