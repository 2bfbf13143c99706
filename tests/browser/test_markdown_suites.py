"""Markdown as the suites of CommonMark and GFM have it, and the same however it streams in."""

import json
from typing import Any

import pytest

from tests.browser.canonical import canonical
from tests.browser.lab import Lab
from tests.cases import library

pytestmark = pytest.mark.skipif(library.FOLDER is None, reason="the recorded cases are not here")


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
        if canonical(html) != canonical(case["html"]):
            different[name, case["example"]] = "\n".join(
                [
                    repr(case["markdown"]),
                    f"  ours     {canonical(html)}",
                    f"  expected {canonical(case['html'])}",
                ]
            )
    known = {key for key in BY_DESIGN if key[0] == name}
    assert compared > len(cases) / 2
    surprises = [f"{key[1]}: {different[key]}" for key in different if key not in known]
    assert not surprises, "\n".join([f"{len(surprises)} of {compared}", *surprises[:40]])
    assert known <= set(different), "these are no longer different"
