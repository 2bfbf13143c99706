"""Tab, Shift+Tab and Enter in Python source, without a page. `|` marks the cursor, two of them what
is selected.
"""

from collections.abc import Callable

import pytest

from app.browser.tools.own.code_keys import Edit, indented, line_range, new_line, unindented


def after(how: Callable[[str, int, int], Edit], marked: str) -> str:
    start = marked.index("|")
    plain = marked.replace("|", "", 1)
    end = plain.index("|") if "|" in plain else start
    plain = plain.replace("|", "")
    edit = how(plain, start, end)
    text = plain[: edit.start] + edit.text + plain[edit.end :]
    first, last = edit.selected
    if first == last:
        return text[:first] + "|" + text[first:]
    return f"{text[:first]}|{text[first:last]}|{text[last:]}"


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ("|x", "    |x"),
        ("ab|", "ab  |"),
        ("    |x", "        |x"),
        ("x = |12|", "x =     |"),
        ("|a\nb|\nc", "    |a\n    b|\nc"),
        ("|a\n\nb\n|c", "    |a\n\n    b\n|c"),
        ("a\n|b\n|c\nd", "a\n    |b\n|c\nd"),
        ("a|\nb|", "    a|\n    b|"),
        ("abc\nde|", "abc\nde  |"),
        ("abc\nabcd|", "abc\nabcd    |"),
    ],
)
def test_tab_goes_a_step_in(before: str, then: str) -> None:
    assert after(indented, before) == then


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ("    x|", "x|"),
        ("  x|", "x|"),
        ("x|", "x|"),
        (" |   x", "|x"),
        ("        x = |1|", "    x = |1|"),
        ("|    a\n  b|\n    c", "|a\nb|\n    c"),
        # A cursor at the beginning of a line is in that line, and in no other.
        ("    a\n|    b\n    c", "    a\n|b\n    c"),
        ("    a\n    b|", "    a\nb|"),
        ("|    a\n|    b", "|a\n|    b"),
        ("      |x", "  |x"),
    ],
)
def test_shift_tab_goes_a_step_out(before: str, then: str) -> None:
    assert after(unindented, before) == then


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ("x = 1|", "x = 1\n|"),
        ("    x = 1|", "    x = 1\n    |"),
        ("def f():|", "def f():\n    |"),
        ("    if x:  # so|", "    if x:  # so\n        |"),
        ("    # so:|", "    # so:\n    |"),
        ("  |  x", "  \n  |  x"),
        ("a|bc|d", "a\n|d"),
    ],
)
def test_enter_keeps_the_indentation(before: str, then: str) -> None:
    assert after(new_line, before) == then


def test_a_line_is_found_by_its_number() -> None:
    text = "one\ntwo\n"
    assert text[slice(*line_range(text, 2))] == "two"
    assert line_range(text, 3) == line_range(text, 99) == (8, 8)
    assert line_range(text, 0) == (0, 3)
