"""Half-written Markdown as it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.markdown.incomplete import shown
from tests.counting import growth


@pytest.mark.parametrize(
    ("end", "seen"),
    [
        ("plain text", "plain text"),
        ("a **bold", "a **bold**"),
        ("a **bold text*", "a **bold text**"),
        ("a **", "a "),
        ("a *b **c", "a *b **c***"),
        ("a ~~b", "a ~~b~~"),
        ("snake_case", "snake_case"),
        ("2 * 3", "2 * 3"),
        ("a `code", "a `code`"),
        ("a ``co`de", "a ``co`de``"),
        ("a [lin", "a lin"),
        ("a [link]", "a link"),
        ("a [link](https://exam", "a link"),
        ("a [link](https://example.org) b", "a [link](https://example.org) b"),
        ("a ![alt](https://exam", "a "),
        ("a[^no", "a"),
        ("it is $5 and", "it is $5 and"),
        ("a $x + y", "a "),
        ("a $x$ b", "a $x$ b"),
        ("a \\(x", "a "),
        ("a &am", "a "),
        ("a\n- ", "a\n"),
        ("a\n--", "a\n"),
        ("a\n12", "a\n"),
        ("a\n- [", "a\n"),
        ("a\n```py", "a\n"),
        ("# ", ""),
        ("| a | b", ""),
        ("| a | b |\n|--", ""),
        ("a\n| b |\n", "a\n"),
        ("see <https://exam", "see "),
        ("a H<sub>2", "a H<sub>2</sub>"),
        ("**a <kbd>b", "**a <kbd>b</kbd>**"),
        ("a <sub>2</sub>", "a <sub>2</sub>"),
        ("a <de", "a "),
        ("a <xy", "a <xy"),
        ("a <br", "a "),
        ("<details><summary>a *b", ""),
        ("> [!NO", ""),
        ("so \\begin{al", "so "),
        ("so \\begin{align}x", "so "),
        ("so \\begin{align}x\\end{align} is", "so \\begin{align}x\\end{align} is"),
        ("so \\begin{document}x", "so \\begin{document}x"),
        ("Add $HOME/bin", "Add $HOME/bin"),
        ("5$ and 10", "5$ and 10"),
    ],
)
def test_marks_are_closed_or_wait(end: str, seen: str) -> None:
    assert shown(end, "text") == seen


def test_what_never_closes_is_shown_in_the_end() -> None:
    assert shown("a [" + "b" * 300, "text") == "a [" + "b" * 300
    assert shown("a $" + "b" * 300, "text") == "a $" + "b" * 300
    assert shown("| " + "b" * 2000, "text") == "| " + "b" * 2000


def test_a_row_waits_for_its_first_cell_only() -> None:
    assert shown("| ", "table") == ""
    assert shown("| a | **b", "table") == "| a | **b**"


def test_a_formula_waits_for_its_end() -> None:
    assert shown("$$\nx", "math") == ""
    assert shown("$$\n" + "x" * 3000, "math") == "$$\n" + "x" * 3000


def test_code_waits_only_where_the_fence_may_close() -> None:
    assert shown("x = 1\n``", "fence") == "x = 1\n"
    assert shown("x = `", "fence") == "x = `"


KINDS = st.sampled_from(["text", "table", "fence", "math"])


@given(st.text("ab *_`~[]()!$|\\<>&#-.:1\n", max_size=60), KINDS)
def test_nothing_makes_it_fail(end: str, kind: str) -> None:
    seen = shown(end, kind)
    letters = [character for character in seen if character.isalnum()]
    assert all(character in end for character in letters)


@pytest.mark.parametrize(
    "piece",
    [
        "[a",
        "*a ",
        "`a",
        "$a ",
        "![",
        "a_b*c",
        "[a](b) ",
        "\\\\(a ",
        "<u>",
        "</u>",
        "\\\\begin{align}",
    ],
)
def test_twice_the_paragraph_is_twice_the_work(piece: str) -> None:
    assert growth(200, lambda count: lambda: shown(piece * count, "text")) <= 2.2


def test_a_picture_in_the_text_is_not_shown_before_it_is_whole() -> None:
    """Written out it held the page up for a minute."""
    half = "See ![a](data:image/png;base64," + "A" * 20_000
    assert shown(half, "text") == "See "
    assert shown(half.replace("[a]", "[a [b]]"), "text") == "See "
    # An address behind a picture is its own link's.
    before = "![a](https://a.example/b.png) Some words. "
    assert shown(f"{before}See [it](data:text/html,a", "text").startswith(before)
    assert shown("So it is![ Really, [see](data:text/html,a", "text").startswith("So it is")
    assert shown(f"{half}) and", "text") == f"{half}) and"
