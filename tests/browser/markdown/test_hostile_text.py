"""No text ends the tab or holds it up: what is past a limit is shown as text, with a word about it.

`python3 -m benchmarks.hostile` measures many more.
"""

import pytest
from playwright.sync_api import expect

from benchmarks.hostile import catalogue
from benchmarks.hostile.cases import repeated
from benchmarks.hostile.pieces import LETTERS
from benchmarks.painting.answer import text as ordinary
from tests.browser.lab import Lab

CASES = {case.name: case for case in catalogue.chosen(["known", "generated", "extended"])}
# Of each kind that once took from some seconds to some minutes, or ended the tab.
COSTLY = [
    *("\\sqrt x200", "\\frac x200", "\\overbrace x200", "\\xrightarrow x200", "matrix x160"),
    *("row of 30000 cells", "header of 20,000 cells", "100 rows of 200 cells"),
    *("spaces, then a letter", "[a]( in a fence of Markdown", "25,000 uses of a note"),
    *("notes that use notes", "late labels", "\\[ x50,000", "one quote"),
    *("one item, many paragraphs", "letters combining", "letters in a cell combining"),
    *("letters in code combining", "letters directions, isolated", "letters in a cell myanmar"),
    *("formulas roots", "nest '- '", "nest '> '", "marks '$a$'"),
    *("lines '# a'", "lines '---'", "lines '```'", "lines apart 'a'", "lines '|---|---|'"),
    *("lines '- a'", "letters directions, mixed words", "letters directions, mixed paragraphs"),
    *("letters short lines", "letters line ends", "letters in code short lines"),
    *("extended: diagrams", "extended: fences of formulas", "extended: notes"),
    *("extended: reactions in items", "extended: code in items", "extended: formulas in cells"),
    "extended: code of each language",
]
# Times an ordinary answer of the same length, on a computer as busy as it may be. The page's budget
# is a second, which is some three of them.
MOST = 2.5
REMARK = ".attacked .past-limit"
TEXT = ".attacked .as-text .pieces"


def seconds(lab: Lab, text: str) -> float:
    """Processor time of the page's main thread for the text, laid out."""
    clock = lab.page.context.new_cdp_session(lab.page)
    clock.send("Performance.enable", {"timeDomain": "threadTicks"})

    def now_s() -> float:
        metrics = clock.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "ThreadTime")

    before_s = now_s()
    lab.stream_into_page([text], "whole")
    lab.page.evaluate("() => document.querySelector('#transcript').offsetHeight")
    taken_s = now_s() - before_s
    clock.detach()
    return taken_s


def test_hostile_texts_cost_about_what_an_ordinary_one_costs(lab: Lab) -> None:
    """What disturbs a busy computer only adds to a time. It may begin at any moment and stay: where
    one seems to cost too much, an ordinary one is measured anew too.
    """
    plain = ordinary(100_000)
    seconds(lab, ordinary(20_000))
    plain_s = min(seconds(lab, plain) for _ in range(3))
    for name in COSTLY:
        found = [(seconds(lab, CASES[name].text), plain_s)]
        while found[-1][0] > MOST * found[-1][1] and len(found) < 6:
            found.append((seconds(lab, CASES[name].text), seconds(lab, plain)))
        assert found[-1][0] <= MOST * found[-1][1], f"{name}: {found}"


@pytest.mark.parametrize(
    "name",
    [
        *("lines '# a'", "lines apart 'a'", "lines '|---|---|'", "nest '> '", "one row"),
        *("letters short lines", "letters directions, mixed words", "letters in code short lines"),
    ],
)
def test_a_text_twice_as_long_costs_twice_as_much(lab: Lab, name: str) -> None:
    make = repeated("|a", "| a |\n|---|\n") if name == "one row" else CASES[name].make
    text, twice = make(50_000), make(100_000)
    # Long enough that the clock tells them apart.
    once_s, twice_s = seconds(lab, text), seconds(lab, twice)
    for _ in range(8):
        if twice_s <= 2.2 * once_s:
            break
        once_s, twice_s = min(once_s, seconds(lab, text)), min(twice_s, seconds(lab, twice))
    assert twice_s <= 2.2 * once_s, f"{once_s:.3f} s, {twice_s:.3f} s"


@pytest.mark.parametrize("name", ["short lines", "one word", "directions, mixed words", "emoji"])
def test_text_as_it_is_stands_in_short_pieces_and_is_laid_out_when_it_comes_near(
    lab: Lab, name: str
) -> None:
    text = "*a* " * 3000 + "\n" + LETTERS[name](60_000)
    for how, where in (("whole", ".as-text .piece"), ("source", ".markdown > div")):
        lab.stream_into_page([text], how)
        pieces = lab.page.locator(f".attacked {where}").evaluate_all(
            """(all) => all.map((one) => [
              one.textContent, getComputedStyle(one).contentVisibility === "auto",
            ])"""
        )
        assert "".join(piece for piece, _ in pieces) == text
        assert all(len(piece) <= 2000 and piece.count("\n") <= 100 for piece, _ in pieces)
        # The last ones are laid out, so that what follows the end of a text knows where it is.
        assert [is_far for _, is_far in pieces] == [True] * (len(pieces) - 4) + [False] * 4


def test_what_a_document_has_its_reader_say_is_read_with_doubt(lab: Lab) -> None:
    said = ["[" * 100_000, "{", "\ud800", '{"total": 3}']
    assert lab.heard_of_a_document(said) == [None, None, None, {"total": 3}]


def test_what_a_cell_prints_stands_in_short_pieces_too(lab: Lab) -> None:
    marked = "e" + "\u0301" * 150_000
    text = f"{marked}\nten %\rdone\n{'x' * 50_000}{'ab' * 400}\n" + "line\n" * 3000 + "The end"
    lab.show_output([text[at : at + 7_000] for at in range(0, len(text), 7_000)])
    for shown in lab.page.locator(".attacked pre").all():
        pieces = shown.evaluate(
            """(element) => {
              const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), found = [];
              while (walk.nextNode()) found.push(walk.currentNode.data);
              return found;
            }"""
        )
        assert all(len(piece) <= 2000 and piece.count("\n") <= 100 for piece in pieces)
        # So many marks nobody reads.
        assert "".join(pieces).endswith(
            "x" * 50_000 + "ab" * 400 + "\n" + "line\n" * 3000 + "The end"
        )
        assert "\u0301" * 40 not in "".join(pieces)


def test_of_a_value_in_json_no_more_is_written_than_is_shown(lab: Lab) -> None:
    read = lab.items_read_of_json(1_000_000)
    assert 10_000 < read < 200_000


def test_of_lines_without_number_a_cell_shows_the_first(lab: Lab) -> None:
    lab.show_output(["\n" * 3000] * 10)
    for shown in lab.page.locator(".attacked pre").all():
        assert shown.evaluate("element => element.textContent.split('\\n').length") == 20_000


@pytest.mark.parametrize(
    "text",
    [
        "> " * 50 + "deep\n",
        "- " * 50 + "deep\n",
        "|a" * 300 + "|\n" + "|-" * 300 + "|\n|b|\n",
        "*a* " * 3000 + "\n",
        "a" * 100_000 + "\n",
    ],
    ids=["quotes", "items", "columns", "marks", "word"],
)
def test_what_is_past_a_limit_is_shown_whole_with_a_word_about_it(lab: Lab, text: str) -> None:
    for how in ("whole", "bursts"):
        lab.stream_into_page([f"# Before\n\n{text}\n\n*After*\n"], how)
        expect(lab.page.locator(REMARK)).to_have_text(
            "This part is shown as text: drawing it would hold up the page."
        )
        shown = lab.page.locator(TEXT).evaluate("(element) => element.textContent")
        assert shown.strip("\n") == text.strip("\n")
        expect(lab.page.locator(".attacked em")).to_have_text(["After"])


@pytest.mark.parametrize("how", ["whole", "bursts"])
def test_the_rest_of_a_text_past_a_limit_is_one_part(lab: Lab, how: str) -> None:
    lab.stream_into_page(["# a\n" * 3000 + "\nThe end."], how)
    expect(lab.page.locator(REMARK)).to_have_count(1)
    assert lab.page.locator(TEXT).evaluate("(element) => element.textContent").endswith("The end.")


def test_formulas_past_a_limit_stay_source(lab: Lab) -> None:
    deep = "\\sqrt{" * 200 + "a" + "}" * 200
    endless = "{" * 1900 + "a" + "}" * 1900
    chemistry = "\\ce{" + "H2O " * 500 + "}"
    lab.stream_into_page([f"${deep}$ and $x^2$\n\n$${endless}$$\n\n${chemistry}$\n"], "whole")
    expect(lab.page.locator(REMARK)).to_have_text(
        ["Shown as text: this formula is too large to draw."] * 3
    )
    expect(lab.page.locator(".attacked .math").first).to_contain_text(deep)
    expect(lab.page.locator(".attacked .katex")).to_have_count(1)
    lab.stream_into_page(["$a$\n\n" * 2000], "whole")
    expect(lab.page.locator(REMARK)).to_have_text(
        "From here on formulas are shown as text: there are too many."
    )
    assert lab.page.locator(".attacked .katex").count() > 500


@pytest.mark.parametrize("how", ["whole", "bursts"])
def test_formulas_are_counted_by_what_they_make_of_the_page(lab: Lab, how: str) -> None:
    """Cells, macros and arrows make thousands of elements of few characters."""
    for name in ("cells", "macros", "arrows"):
        lab.stream_into_page([CASES[f"formulas apart {name}"].text[:60_000]], how)
        expect(lab.page.locator(REMARK)).to_have_text(
            "From here on formulas are shown as text: there are too many."
        )
        elements = lab.page.evaluate("() => document.querySelectorAll('.attacked .katex *').length")
        assert 15_000 < elements < 65_000


def test_which_formulas_are_drawn_does_not_depend_on_how_they_come(lab: Lab) -> None:
    """Those of a list that was finished before their turn came were counted twice."""
    found = []
    for how in ("whole", "bursts"):
        lab.stream_into_page([CASES["extended: reactions in items"].text[:5_000]], how)
        expect(lab.page.locator(REMARK)).to_have_count(1)
        found.append(lab.page.locator(".attacked .katex").count())
    assert found[0] == found[1] > 100


def test_emphasis_within_emphasis_ends_as_text(lab: Lab) -> None:
    lab.stream_into_page(["*a _b " * 100 + "c" + "_*" * 100 + "\n\n- **d**\n"], "whole")
    expect(lab.page.locator(REMARK)).to_have_text(
        "Shown as text: too many marks within each other."
    )
    expect(lab.page.locator(".attacked strong")).to_have_text("d")


def test_code_that_takes_too_long_stays_plain_and_the_next_is_coloured(lab: Lab) -> None:
    bomb = "```markdown\n" + "[a](" * 4900 + "\n```\n"
    lab.stream_into_page([f"{bomb}\n```python\nx = 'y'\n```\n"], "whole")
    expect(lab.page.locator(".attacked .hljs-string")).to_have_text("'y'")
    assert lab.page.locator(".attacked .language-markdown span").count() == 0


@pytest.mark.parametrize(
    "name",
    [
        *("one quote", "late labels", "25,000 uses of a note", "one item, many items"),
        *("an open fence", "lines '# a'", "lines '- a'", "lines '```'", "letters short lines"),
        *("letters directions, mixed words", "letters directions, mixed paragraphs"),
        "letters joined",
    ],
)
def test_in_bursts_it_looks_as_at_once(lab: Lab, name: str) -> None:
    text = CASES[name].text[:20_000] + "\n\n[^1]: note\n\n[a1]: /u\n"
    assert lab.drawn([text], "bursts") == lab.drawn([text], "whole")


@pytest.mark.parametrize(
    "name", ["thai", "joined", "directions, isolated", "directions, mixed words"]
)
def test_text_as_it_is_does_not_depend_on_how_it_comes(lab: Lab, name: str) -> None:
    text = "*a* " * 3000 + "\n" + LETTERS[name](20_000)
    assert lab.drawn([text], "bursts") == lab.drawn([text], "whole")


def test_a_word_of_letters_that_join_ends_somewhere(lab: Lab) -> None:
    """Each line of it was shaped up to the end of the word: one task of a second."""
    lab.stream_into_page(["\u0628" * 250 + " \u0628\u0644\u0627"], "whole")
    shown = lab.page.locator(".attacked p").evaluate("(element) => element.textContent")
    assert shown.split("\u200c\u200b") == ["\u0628" * 100] * 2 + [
        "\u0628" * 50 + " \u0628\u0644\u0627"
    ]
