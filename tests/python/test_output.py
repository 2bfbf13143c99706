"""Printed output: as it comes, in its order, within bounds; and its summary for a model."""

from app.python.messages import Clear, Display, Omitted, Output
from app.python.output import HEAD_CHARACTERS, TAIL_CHARACTERS
from tests.python.conftest import Told


def test_each_line_is_told_at_once_and_both_streams_keep_their_order(told: Told) -> None:
    told.run("import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c', end='')")
    assert [(one.stream, one.text) for one in told.of(Output)] == [
        ("stdout", "a\n"),
        ("stderr", "b\n"),
        ("stdout", "c"),
    ]


def test_what_is_shown_stands_among_what_is_printed(told: Told) -> None:
    told.run("print('before')\ndisplay(1, 2)\nprint('after')\n3")
    kinds = [type(one) for one in told.messages]
    assert kinds == [Output, Display, Display, Output, Display]
    assert [one.is_value for one in told.of(Display)] == [False, False, True]


def test_of_much_the_beginning_and_the_end_are_told(told: Told) -> None:
    done = told.run("for n in range(200_000):\n    print(n)")
    assert len(told.printed) == HEAD_CHARACTERS + TAIL_CHARACTERS
    assert told.printed.startswith("0\n1\n2\n")
    assert told.printed.endswith("\n199999\n")
    whole = sum(len(str(n)) + 1 for n in range(200_000))
    assert [one.characters for one in told.of(Omitted)] == [whole - len(told.printed)]
    assert len(done.told) < 6_000
    assert done.told.endswith("199999")
    assert "left out" in done.told


def test_a_loop_of_small_prints_sends_few_messages(told: Told) -> None:
    told.run("for n in range(20_000):\n    print('.', end='', flush=True)")
    assert told.printed == "." * 20_000
    told.run("for n in range(5_000):\n    print('.')")
    assert told.printed == ".\n" * 5_000
    assert len(told.messages) < 1_000


def test_one_line_that_never_ends_is_told_all_the_same(told: Told) -> None:
    told.run("print('x' * 5_000, end='')\nprint('y', end='')")
    assert [len(one.text) for one in told.of(Output)] == [5_000, 1]


def test_a_bar_of_progress_is_its_last_state_for_a_model(told: Told) -> None:
    done = told.run("for n in range(5):\n    print(f'\\r{n} of 4', end='')\nprint('\\nend')")
    assert done.told == "4 of 4\nend"
    assert told.printed.startswith("\r0 of 4")


def test_bytes_surrogates_and_other_types(told: Told) -> None:
    told.run("import sys\nsys.stdout.buffer.write('é'.encode())\nprint('\\ud800|')")
    assert "é" in told.printed
    assert "\N{REPLACEMENT CHARACTER}|" in told.printed
    assert told.run("sys.stdout.write(1)").status == "error"


def test_what_was_shown_can_be_cleared(told: Told) -> None:
    told.run(
        "from IPython.display import clear_output\n"
        "display(1)\nclear_output(wait=True)\ndisplay(2)\nclear_output()\n3"
    )
    assert [one.waits for one in told.of(Clear)] == [True, False]
    assert told.run("_").told == "3"


def test_a_loop_of_displays_is_capped_and_says_so(told: Told) -> None:
    done = told.run("for n in range(5_000):\n    display(n)")
    assert len(told.of(Display)) == 100
    assert done.notes == ["Of what the cell shows, no more than the first 100 are shown"]
    assert done.notes[0] in done.told
    assert len(done.told) < 2_000
