"""Cuts of growing Markdown, none of which depends on how the text came in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.markdown.blocks import Blocks


def cut(*pieces: str) -> list[str]:
    """The sources of all blocks."""
    blocks = Blocks()
    finished = [source for piece in pieces for source in blocks.feed(piece).finished]
    return finished + blocks.close().finished


@pytest.mark.parametrize(
    "sources",
    [
        ["a\nb\n", "c\n"],
        ["# a\n", "b\n"],
        ["a\n===\n", "b\n"],
        ["a\n", "***\n", "b\n"],
        ["```py\na\n\nb\n```\n", "c\n"],
        ["````\n```\n````\n", "c\n"],
        ["~~~\n```\n\n~~~\n", "c\n"],
        ["- a\n\n  b\n- c\n", "d\n"],
        ["- ```\n  a\n\n  b\n  ```\n", "c\n"],
        ["- a\nlazy\n", "# b\n"],
        ["- a\n", "* b\n", "1. c\n", "2) d\n"],
        ["> ```\n> a\n", "b\n"],
        ["> a\nlazy\n", "b\n"],
        ["> a\n", "> b\n"],
        ["    a\n\n    b\n", "c\n"],
        ["| a |\n|---|\n| b |\n", "c\n"],
        ["| a |\n|---|\n", "    b\n\n    c\n"],
        ["<div>\na\n", "</div>\n"],
        ["$$\na\n- b\n$$\n", "c\n"],
        ["\\[\na\n= b\n\\]\n", "c\n"],
        ["$$ a $$\n", "c\n"],
        ["\\begin{align}\na\n\nb\n\\end{align}\n", "c\n"],
        ["$$\n\\begin{cases}\na\n\nb\n\\end{cases}\n$$\n", "c\n"],
        ["\\begin{document}\na\n", "b\n"],
        ["<details>\n<summary>a</summary>\n\n- b\n\n```\n</details>\n```\n\n</details>\n", "c\n"],
        ["<details><summary>a</summary>b</details>\n", "c\n"],
        ["<details>\n<details>\na\n</details>\n\nb\n</details>\n", "c\n"],
        ["> <details>\n> a\n", "</details>\n", "c\n"],
        ["<details x=1>\na\n", "</details>\n", "c\n"],
        ["<details open>\nnothing\n\n# ends\n\nit\n"],
        ["[a]: b\n'c'\n", "d\n"],
        ["[^a]: b\n\n    c\n", "[^d]: e\n", "f\n"],
        ["- [ ] a\n- [x] b\n", "c\n"],
    ],
    ids=lambda sources: sources[0].split("\n")[0],
)
def test_blocks_end_where_nothing_can_go_on(sources: list[str]) -> None:
    separated = "\n".join(sources)
    assert [source.strip("\n") for source in cut(separated)] == [
        source.strip("\n") for source in sources
    ]


@pytest.mark.parametrize("text", ["$$\na\n\nb\n", "\\[a\n\nb\n", "$$ a $$ b\n\nc\n"])
def test_dollars_that_nothing_closes_are_text(text: str) -> None:
    assert len(cut(text)) == 2


@pytest.mark.parametrize("end", ["", "\n", "\n\nThe end.\n"])
@pytest.mark.parametrize("opener", ["\\[", "$$", "\\begin{align}"])
def test_what_begins_like_a_formula_and_is_none_has_the_limits_of_all_text(
    opener: str, end: str
) -> None:
    for text in (opener + "*a* " * 3000, f"{opener}\n" + ("*a* " * 30 + "\n") * 100):
        blocks = Blocks()
        grown = [blocks.feed(text + end), blocks.close()]
        texts = [one.finished[place] for one in grown for place in one.texts]
        assert sum(map(len, texts)) >= len(text) // 2, len(text)


def test_a_list_in_what_was_no_formula_is_a_list() -> None:
    assert cut("$$\n- a\n\n  b\n\nc\n") == ["$$\n", "- a\n\n  b\n\n", "c\n"]


def test_a_block_is_finished_as_soon_as_it_is_sure() -> None:
    blocks = Blocks()
    assert blocks.feed("# a\n").finished == ["# a\n"]
    assert blocks.feed("```\nb\n").finished == []
    assert blocks.feed("```\n").finished == ["```\nb\n```\n"]
    assert blocks.feed("c\n").finished == []
    assert blocks.feed("\n").finished == ["c\n"]
    assert blocks.feed("- d\n\n").finished == []
    assert blocks.tail == "- d\n\n"
    assert blocks.feed("e").finished == []
    assert blocks.feed("\n").finished == ["- d\n\n"]
    assert blocks.count == 4


def test_whole_items_and_rows_of_what_is_open_come_once() -> None:
    blocks = Blocks()
    assert blocks.feed("a\n\n- b\n  c\n").grown == ""
    assert blocks.feed("- d\n  - e\n\n").grown == "- b\n  c\n"
    assert blocks.feed("- f").grown == ""
    assert blocks.tail_parts == ("- d\n  - e\n\n", "- f", "text")
    assert blocks.feed("\n").grown == "- d\n  - e\n\n"
    assert blocks.tail_parts == ("", "- f\n", "text")
    growth = blocks.feed("\n\ng\n\n| h | i |\n|---|---|\n| 1 | 2 |\n| 3")
    assert growth.finished[1:] == ["g\n"]
    assert growth.grown == "| h | i |\n|---|---|\n| 1 | 2 |\n"
    assert blocks.tail_parts == ("", "| 3", "table")


def test_what_may_be_a_formula_yet_is_no_whole_item() -> None:
    blocks = Blocks()
    assert blocks.feed("- a\n$$\n- b\n- c\n").grown == ""
    assert blocks.feed("\n").grown == "- a\n$$\n- b\n"


def test_a_label_defined_late_names_the_blocks_that_use_it() -> None:
    blocks = Blocks()
    blocks.feed("see [Foo Bar][], [b][c]\n\nnot [this]\n\nand [x][foo\nbar]\n\n")
    assert blocks.feed("[FOO bar]: /a\n").late == []
    assert blocks.feed("\n").late == [0, 2]
    assert blocks.feed("[foo bar]: /b\n\n").late == []
    assert blocks.feed("> [c]: /c\n\n").late == [0]


def test_a_footnote_defined_late_names_the_blocks_that_use_it() -> None:
    blocks = Blocks()
    blocks.feed("a[^n]\n\nb\n\n")
    assert blocks.feed("[^n]: note\n").late == []
    assert blocks.feed("\nc").late == []
    assert blocks.feed("\n").late == [0]


def test_several_definitions_in_one_paragraph() -> None:
    blocks = Blocks()
    blocks.feed("[a]\n\n[b]\n\n[c]\n\n")
    assert blocks.feed("[a]: /a 'title'\n[b]: <b b>\n[c]:\n/c\n\n").late == [0, 1, 2]


def test_the_code_of_an_open_fence_comes_once() -> None:
    blocks = Blocks()
    blocks.feed("a\n\n  ```py\n  x = 1\n    y")
    assert blocks.is_code
    assert blocks.opening == "  ```py"
    assert blocks.take_code() == "x = 1\n  y"
    blocks.feed("y\n``")
    assert blocks.take_code() == "y\n"
    blocks.feed(" z")
    assert blocks.take_code() == "`` z"
    assert blocks.take_code() == ""
    assert blocks.feed("\n```\n").finished == ["  ```py\n  x = 1\n    yy\n`` z\n```\n"]
    assert not blocks.is_code


LINES = st.sampled_from(
    ["a", "- b", "  c", "    d", "> e", "```", "~~~", "1. f", "* * *", "# g", "===", "---", "$$"]
    + ["<details>", "</details>", "\\begin{align}", "\\end{align}", "\\begin{cases}"]
    + ["\\[", "\\]", "| h | i |", "|---|---|", "[j]: /k", "[^l]: m", "[j] [^l]", "", "", "\t- n"]
)
TEXTS = st.lists(LINES, max_size=12).map("\n".join) | st.text("a\n -`$[]:|>\t\r*#1.\\", max_size=40)


@given(TEXTS, st.randoms(use_true_random=False))
def test_how_the_text_comes_in_changes_nothing(text: str, random) -> None:
    pieces, at = [], 0
    while at < len(text):
        length = random.randint(1, 5)
        pieces.append(text[at : at + length])
        at += length
    assert cut(*pieces) == cut(text)


@given(TEXTS)
def test_nothing_but_empty_lines_between_blocks_is_lost(text: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(cut(text))
    assert [line for line in kept.split("\n") if line.strip(" \t")] == [
        line for line in plain.split("\n") if line.strip(" \t")
    ]


@given(TEXTS)
def test_finished_blocks_and_the_tail_are_the_text(text: str) -> None:
    blocks = Blocks()
    finished = "".join(blocks.feed(text).finished)
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    assert (finished + blocks.tail).split() == plain.split()


@pytest.mark.parametrize(
    "line",
    [
        "<details>\n",
        "<details>\n</details>\n",
        "\\begin{align}\n",
        "$$ a\n",
        "- $$\n",
        "[a\n",
        "> - > - b\n",
        "[^a]: b\n",
        "| a\n",
    ],
)
def test_the_work_grows_with_the_text_alone(line: str) -> None:
    """A long text takes about as many steps a line as a short one."""
    import sys

    def steps(count: int) -> int:
        taken = 0

        def on_call(_frame: object, event: str, _arg: object) -> None:
            nonlocal taken
            taken += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(on_call)
        try:
            cut(line * count)
        finally:
            sys.setprofile(before)
        return taken

    assert steps(2000) < 2.6 * steps(1000)
