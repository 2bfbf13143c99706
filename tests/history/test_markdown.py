"""A message's Markdown stays within its message: nothing of it is open, no heading too high."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.messages import Message, Source, Status, Text, ToolCall, user
from app.history.markdown import below, called, closed, emphasised, sources_of
from app.history.reading_copy import to_markdown
from app.history.records import MessageRecord
from app.history.tree import Tree
from app.markdown.blocks import Blocks
from tests.history.chats import chat

OPEN = [
    "```python\nprint(1)",
    "~~~~\nx\n~~~",
    "````md\n```\ncode\n```",
    "Look:\n```",
    "   ```\n   code",
    "```\n# no heading\n``",
    "- item\n\n```\nafter the list",
    "$$\nx^2",
    "\\[\nx^2\n",
    "$$\n```\nx",
    "\\begin{align}\n```\nx",
    "<details>\n<summary>More</summary>\n\n```python\nprint(1)",
]


def test_marks_of_code_that_close_nothing_hide_no_part_to_unfold() -> None:
    assert closed("``` and `<details>").endswith("</details>")
    assert closed("`<details>`") == "`<details>`"
    lone = "a " + "`" * 20_000  # no work that grows with its square: this would take minutes
    assert closed(lone) == lone


@pytest.mark.parametrize("text", OPEN)
def test_what_is_open_ends_with_its_message(text: str) -> None:
    whole = closed(text)
    assert whole.startswith(text)
    assert last_blocks(f"{whole}\n\n## You\n\nNext")[-2:] == ["## You\n", "Next"]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("<!-- a note", "\\<!-- a note"),
        ("$$\nx\n<!-- a", "$$\nx\n\\<!-- a\n$$"),
        ("<pre>\ncode", "\\<pre>\ncode"),
        ("<pre><b>", "\\<pre><b>"),
        ("</details>\ntext", "\\</details>\ntext"),
        ("$$$$", "$$$$"),
        ("<script>\n\nalert(1)", "\\<script>\n\nalert(1)"),
        ("<details>\n<summary>More</summary>\n\ntext", None),
        ("<!-- a note -->\n<pre>\nx\n</pre>", "<!-- a note -->\n<pre>\nx\n</pre>"),
        ("`<details>` is a tag", "`<details>` is a tag"),
        ("```html\n<!-- open\n```", "```html\n<!-- open\n```"),
        ("```\nclosed\n```\ntext", "```\nclosed\n```\ntext"),
        ("- item\n  ```\n  ends with its list", "- item\n  ```\n  ends with its list"),
        ("> ```\n> ends with its quote", "> ```\n> ends with its quote"),
        ("5$ and $$ are no formulas", "5$ and $$ are no formulas"),
        ("    ```\n    code", "    ```\n    code"),
        ("a</details></details>`</details>`", "a\\</details>\\</details>`</details>`"),
        ("<details>\n</details></details>", "<details>\n</details>\\</details>"),
        ("```\n</details>\n```", "```\n</details>\n```"),
        ("a\n</details\n>", "a\n\\</details\n>"),
        ("a</details/>", "a\\</details/>"),
        ("<details\nopen>\ntext", None),
        ("\\`</details>`", "\\`\\</details>`"),
        ("\\``</details>`", "\\``</details>`"),
        ("\\\\`a`</details>`b`", "\\\\`a`\\</details>`b`"),
        ("a\\</details>", "a\\</details>"),
        ("a\\\\</details>", "a\\\\\\</details>"),
        ("a</detailsx>", "a</detailsx>"),
    ],
)
def test_html_that_has_no_end_is_text_and_what_ends_stays(text: str, whole: str | None) -> None:
    assert closed(text) == (f"{text}\n\n</details>" if whole is None else whole)


@given(st.text("`~$ab\n -> #1.<!\\[]", max_size=60))
def test_nothing_is_open_at_the_end_whatever_was_said(text: str) -> None:
    after = last_blocks(f"{closed(text)}\n\n## You\n\nNext")
    assert after[-2:] == ["## You\n", "Next"]


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("# A\n\n## B\n\ntext", "### A\n\n#### B\n\ntext"),
        ("## You", "### You"),
        ("### A", "### A"),
        ("# A\n###### F", "### A\n###### F"),
        ("A title\n===\ntext", "### A title\ntext"),
        ("Over\ntwo lines\n---\ntext", "### Over two lines\ntext"),
        ("> # Quoted\n> text", "> ### Quoted\n> text"),
        ("- # In an item", "- ### In an item"),
        ("# A #\n#", "### A #\n###"),
        ("```sh\n# a comment\n```\n# A", "```sh\n# a comment\n```\n### A"),
        ("- a\n  ```sh\n  # a comment\n  ```\n# A", "- a\n  ```sh\n  # a comment\n  ```\n### A"),
        ("    # code\n\n#hash", "    # code\n\n#hash"),
        ("> text\n---\n# A", "> text\n---\n### A"),
        ("| a | b |\n|---|---|\n| # | 1 |", "| a | b |\n|---|---|\n| # | 1 |"),
        ("text\n\n---\n\nmore", "text\n\n---\n\nmore"),
        ("a\n- ", "### a"),
        ("- > # a", "- > ### a"),
        ("- a\n---\n# b", "- a\n---\n### b"),
        ("- a\n  ---", "- ### a"),
        ("A\n===\n\nB\n---", "### A\n\n#### B"),
        ("# A\n\nB\n---\n\nC\n=", "### A\n\n#### B\n\n### C"),
        ("# A\n#### D\n##### E", "### A\n###### D\n###### E"),
        ("one\ntwo\n\nthree\n---", "one\ntwo\n\n### three"),
        ("> a\n---\n# b", "> a\n---\n### b"),
    ],
)
def test_headings_stand_below_those_of_the_document(text: str, moved: str) -> None:
    assert below(text, 3) == moved


def test_headings_that_are_low_enough_stay_as_they_were_written() -> None:
    assert below("A\n---\n\n### B ###", 2) == "A\n---\n\n### B ###"


@pytest.mark.parametrize("text", OPEN)
@pytest.mark.parametrize("status", ["aborted", "incomplete"])
def test_in_an_export_everybody_speaks_under_the_own_heading(text: str, status: Status) -> None:
    tree = Tree(chat(title="T"))
    call = ToolCall("1", "look", "{}")
    answer = Message("assistant", [Text(f"# Big\n\n{text}"), call, Text(text)], status=status)
    for number, message in enumerate((user(text), answer, user("Next"))):
        tree.add(
            MessageRecord(str(number), "c", number, message, str(number - 1 if number else ""))
        )
    blocks = last_blocks(to_markdown(tree))
    headings = [block.strip() for block in blocks if block.startswith("#")]
    assert headings == ["# T", "## You", "## Answer", "### Big", "## You"]
    assert "Tool call: `look({})`\n" in blocks
    assert blocks[-1] == "Next\n"


def test_the_first_line_of_a_question_keeps_its_indentation() -> None:
    tree = Tree(chat(title="T"))
    tree.add(MessageRecord("1", "c", 1, user("\n    indented\nnot")))
    assert to_markdown(tree) == "# T\n\n## You\n\n    indented\nnot\n"


@pytest.mark.parametrize(
    ("title", "url", "listed"),
    [
        ("# One", "", r"\# One"),
        ("- One", "", r"\- One"),
        ("+ One", "", r"\+ One"),
        ("---", "", r"\---"),
        ("1. One", "", r"1\. One"),
        ("12)", "", r"12\)"),
        ("In 2.5 hours - #1", "", "In 2.5 hours - #1"),
        ("", "file:a\n\n# b", "file:a # b"),
        ("One", "https://a.example/?b=1&copy;=2", "[One](<https://a.example/?b=1&amp;copy;=2>)"),
        ("One", "https://a.example/?b=1&c=2", "[One](<https://a.example/?b=1&c=2>)"),
    ],
)
def test_a_cited_page_is_one_item_whatever_its_title(title: str, url: str, listed: str) -> None:
    cited = Message("assistant", [Source(url, title)])
    assert sources_of(cited) == f"Sources:\n\n1. {listed}"


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("look", '{"at": "a b"}', 'Tool call: `look({"at": "a b"})`'),
        (
            "run_python",
            '{"code": "a = 1\\na\\n"}',
            "Tool call: `run_python()`\n\n```python\na = 1\na\n```",
        ),
        ("run_sql", '{"code": "x", "db": "ü"}', 'Tool call: `run_sql({"db": "ü"})`\n\n```\nx\n```'),
        (
            "write",
            '{"text": "a\\n```\\nb"}',
            "Tool call: `write()`\n\n`text`:\n\n````\na\n```\nb\n````",
        ),
        ("run_python", '{"code": "half', 'Tool call: `run_python({"code": "half)`'),
        ("run_python", '{"code": 5}', 'Tool call: `run_python({"code": 5})`'),
        ("look", "[" * 100_000, None),
    ],
)
def test_a_call_has_its_code_in_lines(name: str, arguments: str, said: str | None) -> None:
    assert called(name, arguments) == (
        f"Tool call: `{name}({arguments})`" if said is None else said
    )


def test_no_word_of_a_line_that_is_ours_means_anything() -> None:
    assert emphasised("Failed: *a* <b> [c](d)") == "*Failed: \\*a\\* \\<b\\> \\[c\\](d)*"


def last_blocks(text: str) -> list[str]:
    blocks = Blocks()
    found = [*blocks.feed(text).finished, *blocks.close().finished]
    return [block for block in found if block.strip()]
