"""Markdown of answers beyond CommonMark, as it is to be read: dollars, scripts without spaces,
tags, callouts, line breaks, formulas without dollars.
"""

import re
from html import unescape

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.markdown.test_dollars import FORMULAS, PLAIN


def one(lab: Lab, text: str) -> str:
    """The HTML of a text, which is the same however it comes."""
    (html,) = lab.drawn([text], "one")
    assert lab.drawn([text], "characters") == [html]
    return html


def test_headings_stand_in_order_whatever_level_an_answer_begins_with(lab: Lab) -> None:
    """One level below the page's own, and each one below that it belongs to."""
    places = {
        "## B\n\n#### D\n\n### C\n\n# A\n\n###### F": [3, 4, 4, 3, 4],
        "###### F\n\n> ##### E\n\n# A\n\nB\n---": [3, 3, 3, 4],
        "## B\n\n- #### D\n- text\n- ##### E\n- ### C\n\n  #### D\n\n#### D\n\n## B": [
            *(3, 4, 5, 4, 5),
            *(5, 3),
        ],
        "### [C]\n\ntext\n\n## B\n\n### [C]\n\n[C]: /c": [3, 3, 4],
        "# A\n\n## B[^n]\n\n[^n]: note\n\n    ### C\n\n### C": [3, 4, 5, 5, 3],
    }
    for text, expected in places.items():
        html = one(lab, text)
        assert [
            int(found["told"] or found["tag"])
            for found in re.finditer(
                r'<h(?P<tag>\d) class="level-\d"[^>]*?(?: aria-level="(?P<told>\d)")?>', html
            )
        ] == expected, text
    assert 'class="level-2"' in one(lab, "## B")  # as it is drawn, and copied


def test_dollars_that_are_no_formulas_stay(lab: Lab) -> None:
    for text, html in zip(PLAIN, lab.drawn(PLAIN, "characters"), strict=True):
        assert "math" not in html, text
        assert html.count("$") == text.count("$"), text
    texts = list(FORMULAS)
    for text, html in zip(texts, lab.drawn(texts, "characters"), strict=True):
        drawn = [unescape(tex) for tex in re.findall(r'data-tex="([^"]*)"', html)]
        assert drawn == FORMULAS[text], text
    (cells,) = lab.drawn(["| a | b |\n|---|---|\n| $5 | $10 |\n| 3$ | 4$/mo |"], "one")
    assert "math" not in cells
    assert cells.count("$") == 4


def test_formulas_need_no_dollars_and_chemistry_is_drawn(lab: Lab) -> None:
    html = one(
        lab,
        "So\n\\begin{align}\na &= b \\\\\n\n c &= d\n\\end{align}\nthen "
        "\\begin{equation}e\\end{equation}, "
        "\\begin{multline}f\\end{multline}\n\n$$\n\\begin{cases}\nx \\\\\n\ny\n\\end{cases}\n$$\n\n"
        "$\\ce{2H2 + O2 -> 2H2O}$ \\(\\pu{5 m/s}\\)",
    )
    assert html.count('class="katex"') == 6
    bare = one(
        lab, "The ion \\ce{SO4^2-}, \\ce{^{227}_{90}Th+} and \\pu{1.2e3 kg}; `\\ce{A}` \\ce{"
    )
    assert bare.count('class="katex"') == 3
    assert "katex-error" not in bare
    assert "\\ce{A}</code> \\ce{" in bare
    assert "katex-error" not in html
    assert "→" in html or "⟶" in html or "\\longrightarrow" in html
    unknown = one(lab, "\\begin{document}\na\n\\end{document}")
    assert "math" not in unknown


def test_a_closed_fence_of_tex_is_drawn_and_its_source_stays(lab: Lab) -> None:
    """Where it is formulas and nothing else: a document, a lesson or prose stays code."""
    drawn = {
        "```math\n\\frac{a}{b} = 3\n```": ["\\frac{a}{b} = 3"],
        "```Latex\n\\[ x^2 \\]\n\n$$\ny_1\n$$\n```": ["x^2", "y_1"],
        "- one\n  ~~~katex\n  \\begin{cases}\n  1 \\\\\n\n  2\n  \\end{cases}\n  ~~~\n- two": [
            "\\begin{cases}\n1 \\\\\n2\n\\end{cases}"
        ],
        "> ```tex\n> $E = mc^2 \\quad \\text{for all of it}$ \n> ```": [
            "E = mc^2 \\quad \\text{for all of it}"
        ],
        # In TeX lines run into one: a = b and c = d would read a = bc = d.
        "```math\na = b\n-c = \\sum_{i=1}^n d\n```": [
            "\\begin{gathered}\na = b \\\\\n-c = \\sum_{i=1}^n d\n\\end{gathered}"
        ],
        "```math\na\n= b\n\nc\n```": ["a\n= b", "c"],
    }
    for text, formulas in drawn.items():
        html = one(lab, f"Before\n\n{text}\n\nAfter")
        assert [unescape(tex) for tex in re.findall(r'data-tex="([^"]*)"', html)] == formulas, text
        assert "katex-error" not in html
        assert html.count("<details><summary>Source</summary>") == 1
    for text in (
        "```latex\n\\documentclass{article}\n\\begin{document}\n$x$\n\\end{document}\n```",
        "```tex\n\\begin{itemize}\n\\item x^2\n\\end{itemize}\n```",
        "```latex\nLet x be $x^2$ and so on.\n```",
        "```math\nTwo apples and three pears = 5\n```",
        "```latex\n\\alpha $ b\n```",
        "```tex\nplain\n```",
        "```latex\n```",
        "```math\nx^2",  # not closed
        "- ```math\n  x^2\n\nafter",
        "```math\n" + "x^2 " * 3000 + "\n```",
        "```python\nx = 1\n```",
    ):
        assert 'class="math' not in one(lab, text), text
    assert 'class="math' not in lab.open_end("```math\nx^2\n``")
    too_large = one(lab, "```math\n" + "x^2 " * 1200 + "\n```")
    assert "Shown as text: this formula is too large to draw." in too_large


def test_emphasis_and_addresses_end_where_they_do_without_spaces(lab: Lab) -> None:
    texts = {
        "**注意：**请先备份。": ["注意："],
        "含**「重点」**内容。": ["「重点」"],
        "前文**（测试）**后文。": ["（测试）"],
        "これは**重要です。**次へ。": ["重要です。"],
        '**"강조"**는 **중요(필수)**입니다.': ['"강조"', "중요(필수)"],
        "**สำคัญ!**ข้อความ": ["สำคัญ!"],
        "a **b** c**d**e, 2 ** 3 ** 4": ["b", "d"],
    }
    for (text, words), html in zip(texts.items(), lab.drawn(list(texts), "cuts"), strict=True):
        assert re.findall("<strong>(.*?)</strong>", html) == words, text
    assert "<em>斜体。</em>" in one(lab, "*斜体。*后面")
    html = one(
        lab,
        "请看https://example.org/docs查看，https://example.org/a。（见 https://example.org/b）"
        "https://example.org/x查看https://example.org/y和 https://zh.example.org/wiki/中文",
    )
    found = re.findall(r'href="https://(?:zh\.)?example\.org/([^"]*)"', html)
    assert found == ["docs", "a", "b", "x", "y", "wiki/%E4%B8%AD%E6%96%87"]
    assert "</a>查看" in html


def test_a_few_tags_mean_something_and_no_attribute_does(lab: Lab) -> None:
    html = one(
        lab,
        "H<sub>2</sub>O x<SUP>2</sup> <kbd>Ctrl</kbd> <mark>m</mark> <u>u</u> <s>s</s>\n"
        "a<br>b<br/>\nc<br />d\n\n| x<br>y |\n|---|\n| <sub>z</sub><br>w |",
    )
    for tag in ("sub>2", "sup>2", "kbd>Ctrl", "mark>m", "u>u", "s>s", "sub>z"):
        assert f"<{tag}</{tag[:-2] if tag[-2] == '>' else 'kbd'}>" in html, tag
    assert html.count("<br>") == 6
    crossed = one(lab, "<sub>a **b</sub> c** </sup> <u>")
    assert "<strong>b&lt;/sub&gt; c</strong>" in crossed
    assert "<sub>" not in crossed
    for text in (
        "<sub onclick=alert(1)>a</sub>",
        '<u style="x">a</u>',
        "<kbd\n x>a</kbd>",
        "<details ontoggle=alert(1)>\na\n</details>",
        "<img src=x onerror=alert(1)>",
        "<summary id=x>a</summary>",
        "<span>a</span>",
        "<b>a</b>",
    ):
        drawn = one(lab, text)
        assert not re.search(r"<(?!/?(p|br)\b)", drawn), drawn


def test_parts_to_unfold_hold_markdown(lab: Lab) -> None:
    text = (
        "<details>\n<summary>More of `it`</summary>\n\n- item\n\n```html\n</details>\n```\n\n"
        "Text\n</details>\n\nAfter\n\n<details><summary>S</summary>Whole</details>\n\n"
        "<details open>\nNo end\n\n> quote"
    )
    html = one(lab, text)
    lab.stream_into_page([text])
    parts = lab.page.locator(".attacked details")
    expect(parts).to_have_count(3)
    expect(parts.first.locator("li")).to_have_text("item")
    expect(parts.first.locator("pre")).to_have_text("</details>\n")
    expect(parts.nth(1)).to_have_text(re.compile("S\\s*Whole"))
    expect(lab.page.locator(".attacked p", has_text="After")).to_be_visible()
    expect(lab.page.locator(".attacked p", has_text="No end")).to_be_visible()
    expect(parts.first.locator("li")).to_be_hidden()
    parts.first.locator("summary").click()
    expect(parts.first.locator("li")).to_be_visible()
    assert '<summary dir="auto">More of <code' in html


def test_callouts_have_a_title_and_other_quotes_stay(lab: Lab) -> None:
    kinds = ("note", "tip", "important", "warning", "caution")
    lab.stream_into_page(["\n\n".join(f"> [!{kind.upper()}]\n> Text **b**" for kind in kinds)])
    notes = lab.page.locator(".attacked").get_by_role("note")
    expect(notes).to_have_count(5)
    for at, kind in enumerate(kinds):
        expect(notes.nth(at)).to_contain_text(kind.capitalize())
        expect(notes.nth(at).locator("strong")).to_have_text("b")
    assert 'class="callout-title"><span dir="auto">Mind this<' in one(
        lab, "> [!warning] Mind this\n> - a"
    )
    assert 'class="callout callout-tip"' in one(lab, "> [!TIP]- Folded\n> a")
    for text in ("> [!OTHER]\n> a", "> a\n> [!NOTE]", "[!NOTE]\na"):
        assert "callout" not in one(lab, text)


def test_a_line_end_is_a_line_break(lab: Lab) -> None:
    assert one(lab, "Roses are red,\nviolets are blue\n- a\n  b").count("<br>") == 2
    assert one(lab, "a  \nb\\\nc<br>\nd").count("<br>") == 3


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("H<sub>2</sub>O", "<"),
        ("a<br>b", "<"),
        ("<details><summary>Title</summary>\nText\n</details>", "<"),
        ("> [!NOTE]\n> Text", "!"),
        ("\\begin{align}\na\n\\end{align}", "\\"),
        ("so $\\frac{a}{b}$ is", "$"),
    ],
)
def test_half_of_a_mark_is_never_seen(lab: Lab, text: str, seen: str) -> None:
    assert not [step for step in lab.steps(text) if seen in step]


def test_a_formula_is_drawn_before_its_paragraph_ends(lab: Lab) -> None:
    for text in (
        "By $\\frac{a}{b}$ and **so",
        "- a\n- $x^2$ an",
        "> $x^2$\n> more",
        "| a |\n|---|\n| $x$ | m",
    ):
        assert lab.open_end(text).count('class="katex"') == 1, text


def test_no_line_begins_with_the_stop_behind_a_formula(lab: Lab) -> None:
    ends = ["$x^2$.", "($a+b=c+d$),", "$n$!", "**$q$**", "（$y$）。", "$a+b+c+d+e+f+g+h=0$;"]
    lab.stream_into_page([" ".join(f"{'m' * n} {end}" for n in range(9) for end in ends)])
    broken = """(root) => {
      const torn = [];
      for (const joint of root.querySelectorAll(".joint")) {
        const range = document.createRange();
        const parts = joint.querySelectorAll(".katex-html > * ");
        for (const text of [joint.firstChild, joint.lastChild].filter((one) => one.data)) {
          range.selectNode(text);
          const part = text === joint.lastChild ? [...parts].at(-1) : parts[0];
          const formula = part.getBoundingClientRect();
          const { top, bottom } = range.getBoundingClientRect();
          if (top > formula.bottom || bottom < formula.top) torn.push(joint.textContent);
        }
      }
      return torn;
    }"""
    shown = lab.page.locator(".attacked").last
    expect(shown.locator(".joint .katex")).to_have_count(54)
    for width in range(320, 400, 8):
        lab.page.set_viewport_size({"width": width, "height": 800})
        assert shown.evaluate(broken) == [], width
    # A long one breaks between its parts as ever.
    tops = """joints => joints.some((joint) =>
      new Set([...joint.querySelectorAll(".katex-base")].map((part) => part.offsetTop)).size > 1)"""
    assert shown.locator(".joint").evaluate_all(tops)
    lab.page.set_viewport_size({"width": 1280, "height": 800})


def test_numbers_of_a_long_list_have_room(lab: Lab) -> None:
    assert 'class="digits-4"' in one(lab, "999. a\n1000. b")
    assert "digits" not in one(lab, "98. a\n99. b\n\ntext")
    items = "".join(f"{number}. item\n" for number in range(1, 102))
    assert one(lab, items).startswith('<ol dir="auto" class="digits-3">')
    lab.page.set_viewport_size({"width": 390, "height": 800})
    lab.stream_into_page(
        ["99998. a\n99999. b\n100000. c\n\n" + "text\n\n- x\n\n997. c\n998. d\n999. e\n1000. f\n"]
    )
    left = lab.page.locator(".attacked ol").evaluate_all(
        """lists => lists.map((list) => {
          const { font, paddingInlineStart } = getComputedStyle(list);
          const pen = new OffscreenCanvas(1, 1).getContext("2d");
          pen.font = font;
          const last = `${list.start + list.children.length - 1}. `;
          return parseFloat(paddingInlineStart) - pen.measureText(last).width;
        })"""
    )
    lab.page.set_viewport_size({"width": 1280, "height": 800})
    assert len(left) == 2
    assert min(left) >= 0
