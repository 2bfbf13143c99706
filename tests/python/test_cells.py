"""Cells: names that stay, the last value, awaiting, and source that is no Python."""

import pytest

from app.python.cells import compiled
from tests.python.conftest import Told


def test_names_stay_and_the_last_expression_is_the_value(told: Told) -> None:
    assert told.run("x = 20\nx + 1").told == "21"
    assert told.shown == [{"text/plain": "21"}]
    assert told.run("x * 2").told == "40"
    assert told.run("_ + 2").told == "42"


@pytest.mark.parametrize("source", ["x = 1", "None", "1;", "1 ; ", "if True:\n    1", "", "# no"])
def test_what_has_no_value_shows_nothing(told: Told, source: str) -> None:
    done = told.run(source)
    assert (done.status, done.told, told.messages) == ("ok", "[No output.]", [])


@pytest.mark.parametrize("source", ["'a;'", "1  # a;", "'''\n;'''", "[1]"])
def test_a_semicolon_counts_where_it_ends_an_expression(source: str) -> None:
    assert compiled(source, 1).last is not None


def test_a_cell_may_await_and_call_asyncio_run(told: Told) -> None:
    told.run("import asyncio\nasync def double(x):\n    await asyncio.sleep(0)\n    return 2 * x")
    assert told.run("a = await double(3)\na").told == "6"
    assert told.run("await double(4)").told == "8"
    assert told.run("[await double(one) for one in (1, 2)]").told == "[2, 4]"
    assert told.run("asyncio.run(double(5))").told == "10"


def test_a_cell_is_main_for_those_who_ask(told: Told) -> None:
    done = told.run(
        "import pickle, dataclasses, sys\n"
        "@dataclasses.dataclass\nclass Point:\n    x: int\n"
        "copied = pickle.loads(pickle.dumps(Point(7)))\n"
        "if __name__ == '__main__':\n    print(copied, sys.modules['__main__'].Point is Point)"
    )
    assert done.told == "Point(x=7) True"


def test_an_error_is_cut_to_the_cell_with_its_line(told: Told) -> None:
    told.run("def inner(n):\n    return 1 / n")
    done = told.run("x = 1\n\ninner(0)")
    assert done.status == "error"
    assert (told.failure.name, told.failure.line) == ("ZeroDivisionError", 3)
    lines = told.failure.trace.splitlines()
    assert lines[:3] == [
        "Traceback (most recent call last):",
        '  File "<cell 2>", line 3, in <module>',
        "    inner(0)",
    ]
    assert '  File "<cell 1>", line 2, in inner' in lines
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert "session.py" not in told.failure.trace
    assert done.told == told.failure.trace


def test_of_a_library_the_last_frames_are_shown(told: Told) -> None:
    told.run("import json\njson.loads('{')")
    assert told.failure.line == 2
    assert 'File "<cell 1>", line 2' in told.failure.trace
    assert "decoder.py" in told.failure.trace
    assert told.failure.trace.count("  File ") <= 4


def test_causes_are_cut_as_well(told: Told) -> None:
    told.run("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e")
    assert "direct cause" in told.failure.trace
    assert "session.py" not in told.failure.trace


@pytest.mark.parametrize(
    ("source", "name", "line"),
    [
        ("x = 1\nfor", "SyntaxError", 2),
        ("await", "SyntaxError", 1),
        ("x = '\0'", None, None),
        ("def f():\n    return undefined\nf()", "NameError", 2),
        (
            "raise ExceptionGroup('many', [ValueError(), TypeError()])",
            "ExceptionGroup",
            1,
        ),
        ("class Bad(Exception):\n    def __str__(self): raise ValueError\nraise Bad", "Bad", 3),
        ("def f(): f()\nf()", "RecursionError", 1),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", 1),
        ("import asyncio\nraise asyncio.CancelledError", "CancelledError", 2),
        ("raise GeneratorExit", "GeneratorExit", 1),
        ("input('Name? ')", "EOFError", 1),
        ("!pip install pandas", "SyntaxError", 1),
        ("(" * 3000 + ")" * 3000, None, None),
    ],
    ids=range(13),
)
def test_whatever_a_cell_raises_is_told_and_the_session_goes_on(
    told: Told, source: str, name: str | None, line: int | None
) -> None:
    assert told.run(source).status == "error"
    if name:
        assert told.failure.name == name
        assert told.failure.line == line
    assert told.run("1 + 1").told == "2"


def test_leaving_the_program_ends_the_cell(told: Told) -> None:
    assert told.run("print('so far')\nraise SystemExit").told == "so far"
    assert told.run("exit_code = 3\nraise SystemExit(exit_code)").told.endswith("SystemExit: 3]")
    assert told.run("exit_code").told == "3"


def test_the_magic_that_figures_had_in_notebooks_is_passed_over(told: Told) -> None:
    assert told.run("%matplotlib inline\nx = '''\n%d'''\nlen(x)").told == "3"
    told.run("%timeit 1")
    assert "commands of a notebook" in told.failure.message
    assert told.failure.line == 1


def test_a_module_that_a_cell_wrote_can_be_imported(told: Told, monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(told.session.folder.path))
    told.run("with open('fresh_module.py', 'w') as file:\n    file.write('answer = 42')")
    assert told.run("import fresh_module\nfresh_module.answer").told == "42"
