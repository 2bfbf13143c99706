"""Markdown as the suites of CommonMark and GFM have it, and the same however it streams in."""

import json
import random
import re
from typing import Any

import pytest

from tests.browser.canonical import canonical
from tests.browser.lab import Lab
from tests.cases import library


def suite(*names: str) -> dict[str, dict[str, Any]]:
    """The cases of these files by their text."""
    assert library.FOLDER is not None
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        for case in json.loads((library.FOLDER / "markdown" / f"{name}.json").read_bytes())[
            "cases"
        ]:
            text = case.get("markdown", case.get("input"))
            if isinstance(text, str):
                found.setdefault(text, case)
    return found


SPECS = ("commonmark-spec", "gfm-spec-extensions")
FURTHER = (
    "gfm-extensions.shared",
    "markdown-it-commonmark_extras.shared",
    "markdown-it-linkify.shared",
    "markdown-it-normalize.shared",
    "markdown-it-strikethrough.shared",
    "markdown-it-tables.shared",
    "markdown-it-tasklists.shared",
    "streaming-markdown.shared",
    "remend-incomplete-markdown.shared",
)


@library.recorded
@pytest.mark.parametrize("how", ["characters", "cuts", "whole"])
@pytest.mark.parametrize("names", [SPECS, FURTHER], ids=["specs", "further"])
def test_in_pieces_it_looks_as_in_one(lab: Lab, names: tuple[str, ...], how: str) -> None:
    texts = list(suite(*names))
    assert len(texts) > 200
    in_pieces, in_one = lab.drawn(texts, how), lab.drawn(texts, "one")
    different = [
        f"{text!r}\n  in pieces {one}\n  in one    {other}"
        for text, one, other in zip(texts, in_pieces, in_one, strict=True)
        if one != other
    ]
    assert not different, "\n".join([f"{len(different)} of {len(texts)}", *different[:5]])


# Examples of which we make something else, and why.
BY_DESIGN = {
    ("commonmark-spec", 12): "\\[…\\] is a formula",
    ("commonmark-spec", 198): "the sanitiser takes the line end off the beginning of a title",
    ("commonmark-spec", 604): "bare addresses are links, as in GFM",
    ("commonmark-spec", 610): "bare addresses are links, as in GFM",
    ("commonmark-spec", 613): "bare addresses are links, as in GFM",
    ("commonmark-spec", 614): "bare addresses are links, as in GFM",
    ("gfm-spec-extensions", 625): "brackets in a bare address are paired",
    ("gfm-spec-extensions", 626): "a bare address ends before a semicolon",
    ("gfm-spec-extensions", 628): "only http, https and mailto are links",
    ("gfm-spec-extensions", 630): "a plus sign may stand in the host of an e-mail address",
}


def flowing(html: str) -> str:
    """Without line breaks: here every line end is one, in the specification only some are."""
    return re.sub(r"<br ?/?>\n?", "\n", html)


@library.recorded
@pytest.mark.parametrize("name", SPECS)
def test_it_looks_as_the_specification_says(lab: Lab, name: str) -> None:
    cases = suite(name)
    texts = list(cases)
    with_html = lab.markdown_it(texts, html=True)
    without = lab.markdown_it(texts, html=False)
    ours = lab.drawn(texts, "one")
    compared, different = 0, {}
    for case, html, raw, text in zip(cases.values(), ours, with_html, without, strict=True):
        if raw != text:
            continue  # HTML plays a part, which is text here
        compared += 1
        if canonical(flowing(html)) != canonical(flowing(case["html"])):
            different[name, case["example"]] = "\n".join(
                [
                    repr(case["markdown"]),
                    f"  ours     {canonical(flowing(html))}",
                    f"  expected {canonical(case['html'])}",
                ]
            )
    known = {key for key in BY_DESIGN if key[0] == name}
    assert compared > len(cases) / 2
    surprises = [f"{key[1]}: {different[key]}" for key in different if key not in known]
    assert not surprises, "\n".join([f"{len(surprises)} of {compared}", *surprises[:40]])
    assert known <= set(different), "these are no longer different"


# Lines of which lists and tables, and formulas that may not end, are made.
LISTS = (
    ["- a", "- b", "* d", "1. one", "2. two", "3) three", "  - n", "  more", "    code", "  ```"]
    + ["- [ ] t", "- [x] [l]", "[l]: /u", "  [m]: /v", "- [m]", "", "", "-", "- ```", "```", " - i"]
    + ["| a | b |", "|---|--:|", "| 1 | $x$ |", "| 2 | `y", "x | y", "> q", "[^n]: note", "- u[^n]"]
    + ["   - j", "\t- k", "* * *", "# h", "---", "$$", "- $$", "$$ a", "\\[", "\\]"]
)
FORMULAS = [
    "$$",
    "> $$",
    "- $$",
    "  $$",
    "\\[",
    "\\]",
    "a",
    "",
    "$$ a",
    "a $$",
    "1. $$",
    "> - $$",
    "b",
] + ["> b", "  b", "```", "- c", "| a |", "|---|", "$$ b $$", "```math", "- ```tex", "x_1 = 2"]


# Tags that stand in lines of their own, callouts, and environments without dollars.
TAGS = (
    ["<details>", "</details>", "<details><summary>s</summary>", "<summary>*t*</summary>", "> q"]
    + ["<details open>", "<details>x</details>", "> <details>", "> </details>", "- <details>"]
    + ["  </details>", "- a", "", "", "text", "```", "> [!NOTE]", "> [!tip] t", "1. one", "| a |"]
    + [
        "|---|",
        "[^n]: note",
        "u[^n]",
        "# h",
        "---",
        "    code",
        "<sub>a",
        "b</sub> <br>",
        "===",
    ]
    + [
        "\\begin{align}",
        "\\end{align}",
        "$$",
        "\\begin{cases}",
        "\\end{cases}",
        "  a",
        "> - b",
        "[a]: /u",
    ]
)


@pytest.mark.parametrize("lines", [LISTS, FORMULAS, TAGS], ids=["lists", "formulas", "tags"])
def test_any_nest_looks_in_pieces_as_in_one(lab: Lab, lines: list[str]) -> None:
    source = random.Random(7)
    texts = ["\n".join(source.choices(lines, k=source.randint(2, 14))) for _ in range(150)]
    texts += ["- $$\n| a |\n  $$\n```\n> $$\n- c", "* d\na\n  $$\n> $$", "- a\n- b\n\n  c\n- d\n"]
    in_pieces, in_one = lab.drawn(texts, "characters"), lab.drawn(texts, "one")
    different = [
        text for text, *two in zip(texts, in_pieces, in_one, strict=True) if len({*two}) > 1
    ]
    assert not different


def test_a_long_text_looks_in_pieces_as_in_one(lab: Lab) -> None:
    parts = ["Text with [a], [later] and[^n].", "## Heading", "- one\n- two", "---", "> quote"]
    parts += ["[a]: /u", "| a |\n|---|\n| b |", "```py\ncode\n```", "[^n]: Note", "$$\nx\n$$"]
    source = random.Random(3)
    texts = ["\n\n".join([*source.choices(parts, k=150), "[later]: /v"]) for _ in range(4)]
    in_one = lab.drawn(texts, "one")
    for how in ("cuts", "whole"):
        assert lab.drawn(texts, how) == in_one


@pytest.mark.parametrize("long", ["Text of **some** [a].\n\n", "- item [a]\n", "| a |\n|---|\n"])
def test_a_text_drawn_in_slices_looks_as_in_one(lab: Lab, long: str) -> None:
    row = "| `x` [a] |\n" if long[0] == "|" else long
    text = "# First\n\n" + long + row * 3000
    further = row * 20 + "\n\n```js\nlet x = 1;\n```\n\n[a]: /u\n"
    assert lab.drawn_in_slices(text, further) == lab.drawn([text + further], "one")[0]


def test_whole_items_and_rows_are_drawn_once(lab: Lab) -> None:
    for line in ("- **item** `x`\n", "1. item\n\n", "| **a** | b |\n"):
        head = "| a | b |\n|---|---|\n" if line[0] == "|" else line
        assert lab.changed_nodes(head + line * 3, line * 50) == 0
