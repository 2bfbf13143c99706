"""Text that would hold up the page is shown as text, and finding that out is quick."""

import random
import time
from collections.abc import Callable
from functools import partial

import pytest

from app.markdown.blocks import Blocks
from app.markdown.incomplete import shown
from benchmarks.hostile import catalogue
from benchmarks.hostile.cases import Case, repeated
from benchmarks.painting.answer import text as harmless

CASES = {
    case.name: case
    for case in catalogue.chosen(["known", "generated", "extended"])
    if case.surface == "answer" and not case.name.startswith("code")
}


def cut(*pieces: str) -> list[tuple[str, bool]]:
    """The sources of all blocks, and whether each is shown as text."""
    blocks = Blocks()
    found: list[tuple[str, bool]] = []
    for growth in (*map(blocks.feed, pieces), blocks.close()):
        found += [(source, at in growth.texts) for at, source in enumerate(growth.finished)]
    return found


def seconds(work: Callable[[], object]) -> float:
    before_s = time.thread_time()
    work()
    return time.thread_time() - before_s


def draw(text: str) -> None:
    """Feed a text in bursts, as Python does when it draws."""
    blocks = Blocks()
    size = max(len(text) // 100, 1)
    for at in range(0, len(text), size):
        blocks.feed(text[at : at + size])
        if blocks.is_text:
            blocks.take_text(anew=False)
        elif blocks.is_code:
            blocks.take_code()
        else:
            _, end, kind = blocks.tail_parts
            shown(end, kind)
    blocks.close()


def is_within(some: Callable[[], object], times: float, other: Callable[[], object]) -> bool:
    """Tell whether one takes at most so many times the processor time of the other: the least of
    several measurements, since disturbances of a busy computer only add to it.
    """
    least_s = other_s = float("inf")
    for _ in range(12):
        least_s, other_s = min(least_s, seconds(some)), min(other_s, seconds(other))
        if least_s <= times * other_s:
            return True
    return False


def test_a_text_twice_as_long_takes_twice_the_time() -> None:
    costly = [CASES["marks '\\\\['"], CASES["nest '- '"], CASES["lines '\\\\['"]]
    long_lines = [Case("turns", repeated("\u05d0a ")), Case("one line", repeated("a *b* "))]
    for case in (*costly, *long_lines, *list(CASES.values())[::23]):
        text, twice = case.make(20_000), case.make(40_000)
        assert is_within(partial(draw, twice), 2.2, partial(draw, text)), case.name


def test_no_known_text_takes_much_longer_than_an_ordinary_one() -> None:
    """Here one that grows by its square took 10 s, a thousand times as long."""
    ordinary = partial(draw, harmless(100_000))
    known = [case for case in catalogue.chosen(["known"]) if len(case.text) > 20_000]
    for case in known:
        assert is_within(partial(draw, case.text), 12, ordinary), case.name


@pytest.mark.parametrize(
    "text",
    [
        "> " * 31 + "a\n",
        "- " * 31 + "a\n",
        "> - " * 20 + "a\n",
        "|a" * 201 + "|\n" + "|-" * 201 + "|\n",
        "*a* " * 2000 + "\n",
        "> *a*\n" * 1000,
        "a" * 70_000 + "\n",
        "- a\n" + "  - b `c`\n" * 1000,
    ],
    ids=lambda text: text[:10],
)
def test_a_block_that_is_too_much_is_text_and_the_next_is_not(text: str) -> None:
    found = cut(f"# before\n\n{text}\n\n# after\n")
    assert [is_text for _, is_text in found] == [False, True, False]
    assert [line for line in "".join(source for source, _ in found).split("\n") if line] == [
        line for line in f"# before\n{text}\n# after\n".split("\n") if line
    ]


@pytest.mark.parametrize(
    ("name", "most"),
    [
        *((f"extended: {name}", 1000) for name in ("diagrams", "pages", "fences of formulas")),
        ("extended: notes", 1200),
    ],
)
def test_what_a_block_has_beside_its_text_counts(name: str, most: int) -> None:
    drawn = [is_text for _, is_text in cut(CASES[name].text)].count(False)
    assert most / 2 < drawn < most


@pytest.mark.parametrize("size", [1, 4, 64])
def test_formulas_without_marks_count_however_they_come(size: int) -> None:
    """A line with a thousand of them was laid out anew with each token."""
    text = CASES["extended: chemistry"].make(10_000)
    blocks = Blocks()
    for at in range(0, len(text), size):
        blocks.feed(text[at : at + size])
        if blocks.is_text:
            break
    assert 200 < text[:at].count("\\ce") < 350


def test_whole_items_and_rows_before_one_that_is_too_much_stay() -> None:
    (before, is_text), (rest, is_rest_text) = cut("- a\n- b\n" + "- " + "*c* " * 2000 + "\n- d\n")
    assert (before, is_text, is_rest_text) == ("- a\n- b\n", False, True)
    assert rest.endswith("\n- d\n")
    head = "| a |\n|---|\n| b |\n"
    (before, is_text), (rest, is_rest_text) = cut(head + "| " + "\u05d0a" * 5000 + " |\n| c |\n")
    assert (before, is_text, is_rest_text) == (head, False, True)
    assert rest.endswith("\n| c |\n")


def test_long_lists_and_tables_end_as_text() -> None:
    for text in ("- a\n" * 5000, "| a | b |\n|---|---|\n" + "| c | d |\n" * 5000):
        (before, is_text), (rest, is_rest_text) = cut(text)
        assert (is_text, is_rest_text) == (False, True)
        assert before + rest == text
        assert 1500 < before.count("\n") < 3500


@pytest.mark.parametrize(
    "line",
    [
        *("# \n", "---\n", "***\n", "```\n", "a\n\n", "~~~\n~~~\n", "> a\n\n", "> [!NOTE]\n\n"),
        *("| a |\n|---|\n\n", "<details><summary>a</summary>b</details>\n"),
    ],
)
def test_blocks_of_a_few_letters_end_as_text(line: str) -> None:
    """Each is put into the page by itself, and some have frames as well."""
    found = cut(line * 25_000)
    assert [is_text for _, is_text in found[-2:]] == [False, True]
    assert 400 < len(found) < 3000
    assert "".join(source for source, _ in found).count(line[0]) == (line * 25_000).count(line[0])


def test_nothing_is_open_once_the_rest_has_ended() -> None:
    for text in ("# a\n" * 5000, "```\na\n```\n" * 5000 + "```\nb", "`a`\n\n" * 20_000):
        blocks = Blocks()
        blocks.feed(text)
        assert blocks.close().texts
        assert (blocks.is_text, blocks.is_code, blocks.tail) == (False, False, "")


def test_short_paragraphs_and_answers_of_code_are_within_the_limits() -> None:
    assert not any(is_text for _, is_text in cut("Only few words.\n\n" * 6000))
    code = "Then:\n\n```sh\nmake all\nmake test\nmake install\n```\n\n"
    assert not any(is_text for _, is_text in cut(code * 1000))


@pytest.mark.parametrize(
    "turn",
    [
        "\u05d0 a ",
        "\u05d0\u03b1",
        "\u05d0-\u4e00 ",
        "\u06281",
        "\U0001e900\u0436",
        "\u05d0\u05b0: b",
    ],
    ids=["Latin", "Greek", "Chinese", "digit", "Adlam", "point"],
)
def test_changes_of_direction_count_in_any_script(turn: str) -> None:
    lines = turn * 20 + "\n\n"
    assert cut(lines * 3000)[-1][1]
    assert cut("```\n" + lines * 3000 + "```\n")[-1][1]
    # Not letters of one direction, whatever stands between them.
    assert not any(is_text for _, is_text in cut("\u05d0\u05b0 \u0628: \u05d0\n\n" * 3000))
    assert not any(is_text for _, is_text in cut("\u03b1a - \u4e00: 1\n\n" * 3000))


def test_a_text_of_marks_alone_ends_as_text() -> None:
    found = cut("`a`\n\n" * 20_000)
    assert [is_text for _, is_text in found[-2:]] == [False, True]
    assert 2_000 < len(found) < 15_000
    assert "".join(source for source, _ in found).count("`a`") == 20_000


@pytest.mark.parametrize(
    ("piece", "most"),
    [
        ("- [ ] a\n", 1_700),
        ("1. [x] a\n", 1_700),
        ("- [ ] a\n\n", 1_700),
        ("- a\n", 3_300),
        ("http://a.b/\n\n", 4_000),
        ("www.a.b\n\n", 4_000),
    ],
)
def test_boxes_and_links_weigh_what_they_cost(piece: str, most: int) -> None:
    """In a browser each takes as long as some lines of text."""
    found = cut(piece * (100_000 // len(piece)))
    drawn = sum(source.count(piece.strip()) for source, is_text in found if not is_text)
    assert most / 2 < drawn < most
    assert "".join(source for source, _ in found).count(piece.strip()) == 100_000 // len(piece)


@pytest.mark.parametrize(
    ("piece", "most", "head"),
    [
        ("- $a$\n", 660, ""),
        ("- \\(a\\) b\n", 660, ""),
        ("- \\ce{H2O}\n", 260, ""),
        ("- [a](https://b.example)\n", 1_700, ""),
        ("- ```py\n  a\n  ```\n", 280, ""),
        ("- | a |\n  |---|\n", 300, ""),
        ("| $a$ | $b$ |\n", 340, "| a | b |\n|---|---|\n"),
        ("| https://a.b | c |\n", 1_200, "| a | b |\n|---|---|\n"),
    ],
)
def test_what_items_and_cells_hold_weighs_what_it_costs(piece: str, most: int, head: str) -> None:
    """All of a list or table is laid out for each code or formula that is drawn in it."""
    source, is_text = cut(head + piece * 4_000)[0]
    assert not is_text
    assert most * 0.8 < source.count(piece) < most


def test_blocks_within_blocks_count_as_those_at_the_top() -> None:
    lists = ("- ```py\n  a\n  ```\n" * 99 + "\nThen\n\n") * 50
    assert 800 < "".join(source for source, is_text in cut(lists) if not is_text).count("py") < 1600


def test_long_lists_with_formulas_and_code_and_tables_of_prices_are_within_the_limits() -> None:
    formulas = "".join(f"- Of {n} parts $x^2 + {n}$ is one, and $y$ another.\n" for n in range(300))
    steps = "".join(f"{n}. Then:\n\n   ```sh\n   make {n}\n   ```\n\n" for n in range(1, 200))
    prices = "| a | b |\n|---|---|\n" + "| $5 | $6 to $7 |\n" * 1500
    for text in (formulas, steps, prices):
        assert not any(is_text for _, is_text in cut(text))


def test_long_lists_of_links_and_tasks_are_within_the_limits() -> None:
    links = "".join(f"- [Source {n}](https://example.org/{n}) says a word.\n" for n in range(1500))
    tasks = "".join(f"- [ ] Task {n}, in some words\n" for n in range(1500))
    assert not any(is_text for _, is_text in cut(f"{links}\n# Tasks\n\n{tasks}"))


def test_an_ordinary_long_answer_is_within_the_limits() -> None:
    answer = harmless(400_000)
    assert not any(is_text for _, is_text in cut(answer))
    references = "".join(f"[{n}]: https://example.org/a_b/{n}\n" for n in range(200))
    assert not any(is_text for _, is_text in cut(references))
    assert not any(is_text for _, is_text in cut("```\n" + "x[i] = *a & b | c\n" * 5000))


@pytest.mark.parametrize(
    "name",
    ["one quote", "late labels", "25,000 uses of a note", "columns without cells", "\\[ x50,000"],
)
def test_where_it_is_text_does_not_depend_on_how_it_comes(name: str) -> None:
    text, source, pieces, at = CASES[name].text, random.Random(name), [], 0
    while at < len(text):
        size = source.randint(1, 3000)
        pieces.append(text[at : at + size])
        at += size
    assert cut(*pieces) == cut(text)


def test_text_that_goes_on_comes_once() -> None:
    blocks = Blocks()
    blocks.feed("# a\n\n" + "*b* " * 2000)
    assert blocks.is_text
    shown_so_far = blocks.take_text(anew=True)
    for piece in ("c", "d\ne", "\n", "f\n", "g"):
        blocks.feed(piece)
        assert blocks.is_text
        shown_so_far += blocks.take_text(anew=False)
    growth = blocks.close()
    assert growth.texts == [0]
    assert growth.finished == [shown_so_far] == ["*b* " * 2000 + "cd\ne\nf\ng"]
    assert not blocks.is_text


def test_every_case_is_as_long_as_it_should_be() -> None:
    assert len(CASES) > 700
    for case in CASES.values():
        assert 10 < len(case.text) < 110_000, case.name


@pytest.mark.parametrize("size", [70, 1_000, 10**6])
@pytest.mark.parametrize("end", ["", "\n"])
def test_of_code_that_is_shown_as_text_its_fence_is_no_part(size: int, end: str) -> None:
    code = "x = 1\n" * 9 + "\u05d0a = \u05d0b\n" * 9_000 + "x = 3" + end
    blocks, taken = Blocks.of("python"), ""
    for at in range(0, len(code), size):
        assert not blocks.feed(code[at : at + size]).finished
        if blocks.is_text:
            taken += blocks.take_text(anew=not taken)
    growth = blocks.close()
    assert taken == code
    assert (growth.finished, growth.texts) == ([code], [0])
