"""A chat with cells as a notebook, as a Python file, and as one HTML page."""

import asyncio
import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser

from app.browser.chats.notebook import to_notebook
from app.browser.chats.script import to_script
from app.browser.chats.web_page import to_page
from app.core.messages import (
    File,
    FinishReason,
    Message,
    Part,
    ProviderTool,
    Reasoning,
    Refusal,
    Role,
    Source,
    Status,
    Text,
    ToolCall,
    ToolResult,
)
from app.history.reading_copy import to_markdown
from app.history.records import ChatRecord, MessageRecord
from app.history.tree import Tree
from app.python.messages import Clear, Display, Done, Failure, Output
from app.python.messages import Message as Told

TABLE = "application/vnd.tokenfall.table+json"

Step = tuple[Role, Sequence[Part]]


def chat(*steps: Step, title: str = "A chat") -> Tree:
    """A chat whose messages follow each other: pairs of a role and its parts."""
    records = []
    for at, (role, parts) in enumerate(steps):
        message = Message(role, list(parts), status="complete")
        parent = f"m{at - 1}" if at else ""
        records.append(MessageRecord(f"m{at}", "c", at, message, parent, source="A model"))
    return Tree(ChatRecord("c", 0, 0, title, head=f"m{len(steps) - 1}"), records)


def cell(code: str, read: str = "", *, is_error: bool = False) -> list[Step]:
    call = ToolCall("call0", "run_python", json.dumps({"code": code}))
    return [
        ("assistant", [call]),
        ("tool", [ToolResult("call0", read, "run_python", is_error)]),
    ]


def cells(*codes: str, failing: Sequence[str] = ()) -> Tree:
    steps = [one for code in codes for one in cell(code, is_error=code in failing)]
    return chat(("user", [Text("Run it")]), *steps, ("assistant", [Text("Done.")]))


def nothing(call_id: str, code: str) -> Sequence[Told]:
    return ()


def notebook_of(tree: Tree, told: Sequence[Told] = ()) -> Any:
    text = to_notebook(tree, lambda call_id, code: told)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    return notebook


def test_a_notebook_has_texts_cells_and_outputs_and_is_valid() -> None:
    told: list[Told] = [
        Output(1, "stdout", "gone"),
        Clear(1),
        Output(1, "stdout", "one\n"),
        Output(1, "stdout", "two\n"),
        Output(1, "stderr", "careful\n"),
        Display(1, {"image/png": "aGk=", "text/plain": "a figure", TABLE: {"rows": [[1]]}}),
        Display(1, {"text/plain": "42", "application/json": {"a": [1]}}, is_value=True),
        Failure(1, "ValueError", "no", "Traceback (most recent call last):\nValueError: no", 1),
        Done(1, "error", 0.1, "told"),
    ]
    notebook = notebook_of(cells("x = 1\nx"), told)
    kinds = [(one.cell_type, one.source) for one in notebook.cells]
    assert kinds == [
        ("markdown", "# A chat"),
        ("markdown", "**You:** Run it"),
        ("code", "x = 1\nx"),
        ("markdown", "Done."),
    ]
    outputs = notebook.cells[2].outputs
    kinds_of_outputs = ["stream", "stream", "display_data", "execute_result", "error"]
    assert [one.output_type for one in outputs] == kinds_of_outputs
    assert (outputs[0].name, outputs[0].text) == ("stdout", "one\ntwo\n")
    assert outputs[2].data["image/png"] == "aGk="
    assert outputs[2].data[TABLE] == {"rows": [[1]]}
    assert outputs[3].execution_count == notebook.cells[2].execution_count == 1
    assert outputs[4].traceback[-1] == "ValueError: no"


def test_where_the_output_is_not_kept_it_has_what_the_model_read() -> None:
    tree = chat(("user", [Text("Go")]), *cell("1 + 1", "2"), *cell("2 + 2", "4"))
    found = [one.outputs[0].text for one in notebook_of(tree).cells if one.cell_type == "code"]
    assert found == ["2", "4"]  # although the calls have the same id


def test_any_text_makes_a_valid_notebook() -> None:
    odd = "\ud800 \x00 \u2028 ``` {}"
    tree = chat(("user", [Text(odd)]), *cell(odd, odd), title=odd)
    notebook_of(tree, [Display(1, {"text/html": odd, "x/y": 5})])
    assert notebook_of(chat()).cells[0].source == "# A chat"


def test_a_call_of_python_that_is_not_whole_is_shown_as_far_as_it_came() -> None:
    call = ToolCall("a", "run_python", '{"code": "import nu')
    tree = chat(("user", [Text("Go")]), ("assistant", [call]))
    said = 'run_python({"code": "import nu)'
    assert notebook_of(tree).cells[-1].source == f"*Tool call:* `{said}`"
    assert f"<code>{escape(said)}</code>" in page_of(tree)
    assert f"`{said}`" in to_markdown(tree)


def test_files_of_a_question_are_named() -> None:
    file = File("data:text/csv;base64,YQ==", "text/csv", "a.csv")
    tree = chat(("user", [file, Text("How many?")]))
    sources = [one.source for one in notebook_of(tree).cells]
    assert sources == ["# A chat", "*Attached:* a.csv", "**You:** How many?"]
    assert "# Attached: a.csv\n" in to_script(tree, nothing)


DRAWN = File("data:image/png;base64,aGk=", "image/png")


def answered(status: Status, finish_reason: FinishReason | None, *parts: Part) -> Tree:
    tree = chat(("user", [Text("Go")]), ("assistant", parts))
    answer = tree.path()[-1].message
    answer.status, answer.finish_reason = status, finish_reason
    return tree


@pytest.mark.parametrize(
    ("status", "finish_reason", "ending"),
    [
        ("aborted", None, "This answer was stopped."),
        ("error", None, "This answer failed."),
        ("incomplete", None, "This answer was cut off."),
        ("complete", "length", "This answer reached its length limit."),
    ],
)
def test_no_answer_that_is_not_whole_looks_so(
    status: Status, finish_reason: FinishReason | None, ending: str
) -> None:
    tree = answered(status, finish_reason, Text("Half a"))
    assert [one.source for one in notebook_of(tree).cells][-2:] == ["Half a", f"*{ending}*"]
    assert f'<p class="ending">{ending}</p>' in page_of(tree)
    assert to_markdown(tree).endswith(f"Half a\n\n*{ending}*\n")
    whole = answered("complete", "stop", Text("All of it"))
    assert "ending" not in page_of(whole).partition("<main>")[2]
    assert to_markdown(whole).endswith("All of it\n")


def test_whatever_an_answer_holds_is_in_its_exports() -> None:
    tree = answered(
        "complete",
        "stop",
        ToolCall("a", "look", '{"at": "<b>`"}'),
        ProviderTool("b", "web_search", '{"query": "otters"}', "Found."),
        Refusal("I decline."),
        DRAWN,
        File("https://example.com/a,b.csv", "text/csv", "a.csv"),
        Source("https://example.com/1", "One [1]"),
        Source("https://example.com/1", "Again"),
        Source("javascript:alert(1)", "Two"),
    )
    listed = "Sources:\n\n1. [One \\[1\\]](<https://example.com/1>)\n2. Two"
    searched = 'web_search({"query": "otters"})'
    far = "[a.csv](<https://example.com/a,b.csv>)"
    said = ["I decline.", "*File:* image/png", f"*File:* {far}", listed]
    assert [one.source for one in notebook_of(tree).cells][2:] == [
        '*Tool call:* `` look({"at": "<b>`"}) ``',
        f"*Tool call:* `{searched}`",
        *said,
    ]
    page = page_of(tree)
    assert "look({&quot;at&quot;: &quot;&lt;b&gt;`&quot;})" in page
    assert 'File: image/png (2 bytes)</p><img alt="" src="data:image/png;base64,aGk=">' in page
    assert 'File: <a href="https://example.com/a,b.csv">a.csv</a></p>' in page
    assert escape(searched) in page
    assert "I decline." in page
    assert "One" in page
    text = to_markdown(tree)
    assert listed in text
    assert f"`{searched}`" in text
    assert "(image/png)" in text
    assert "Attached" not in to_script(tree, nothing)


def test_what_a_model_thought_is_folded_in_a_page_and_in_no_file_that_runs() -> None:
    thoughts = [Reasoning("I <b>"), Reasoning("", "hidden"), Reasoning("wonder")]
    tree = answered("complete", "stop", *thoughts, Text("So it is."))
    fold = '<details class="aside"><summary>Reasoning</summary><p>I <b>\n\nwonder</p></details>'
    said = "<p>So it is.</p>"  # written as Markdown both, below one name
    name = '<h2 class="speaker">A model</h2>'
    wanted = f"<article>{name}{fold}</article>\n<article>{said}</article>"
    assert wanted in page_of(tree)
    # What is read back from a notebook counts as said.
    assert [one.source for one in notebook_of(tree).cells][2:] == ["So it is."]
    assert "wonder" not in to_script(tree, nothing)


def test_thoughts_of_two_models_stand_below_their_own_names() -> None:
    tree = Tree(ChatRecord("c", 0, 0, head="b"))
    for id, parent in (("a", ""), ("b", "a")):
        message = Message("assistant", [Reasoning(f"thought {id}")], status="complete")
        tree.add(MessageRecord(id, "c", 0, message, parent, source=f"Model {id}"))
    page = page_of(tree)
    for id in "ab":
        assert f'<h2 class="speaker">Model {id}</h2><details class="aside">' in page
        assert f"<p>thought {id}</p>" in page


def test_what_a_tool_gave_back_is_folded_below_its_call() -> None:
    tree = chat(
        ("user", [Text("Go")]),
        ("assistant", [ToolCall("a", "look", "{}"), ToolCall("b", "write", "{}")]),
        ("tool", [ToolResult("a", "<3>", "look"), ToolResult("b", "Denied.", "write", True)]),
        ("assistant", [ToolCall("a", "look", "{}"), ProviderTool("c", "search", '{"q": 1}')]),
    )
    page = page_of(tree)
    fold = '<details class="aside"><summary>{}</summary><pre class="output{}">{}</pre></details>'
    assert f"look({{}})</code></p>\n{fold.format('Result', '', '&lt;3&gt;')}" in page
    assert f"write({{}})</code></p>\n{fold.format('Error', ' failed', 'Denied.')}" in page
    assert page.count("<details") == 2  # the second call of this id has no result
    assert "search({&quot;q&quot;: 1})" in page
    text = to_markdown(tree)
    fold = "<details>\n<summary>{}</summary>\n\n```\n{}\n```\n\n</details>"
    assert f"`look({{}})`\n\n{fold.format('Result', '<3>')}\n\nTool call: `write({{}})`" in text
    assert fold.format("Error", "Denied.") in text
    assert text.endswith('`look({})`\n\nTool call: `search({"q": 1})`\n')


def test_a_page_draws_the_files_of_an_answer_as_the_chat_does() -> None:
    def address(mime_type: str, data: bytes) -> str:
        return f"data:{mime_type};base64,{b64encode(data).decode()}"

    svg = "image/svg+xml"
    page = page_of(
        answered(
            "complete",
            "stop",
            File(address("a/b", b'{"mark": "bar"}'), "application/vnd.vegalite.v6+json"),
            File(address("text/html", b'<b>"Own'), "text/html"),
            File(address("text/html", b"<b>"), "text/html", "named.html"),
            File(address(svg, b"<svg/>"), svg),
            File(address(svg, b"<foo/>"), svg),
        )
    )
    assert f'src="{address(svg, b"<svg>vega bar</svg>")}"' in page
    assert 'sandbox="" title="Output as HTML" srcdoc="&lt;b&gt;&quot;Own"' in page
    assert page.count("<iframe") == 2  # the picture that the chat draws in a frame apart, too
    assert "File: named.html (3 bytes)</p>" in page
    assert f'<img alt="" src="{address(svg, b"<svg/>")}">' in page


def test_files_that_are_not_here_are_named_with_their_address() -> None:
    far = File("https://example.com/<a>.png", "image/png", "a.png")
    tree = chat(("user", [far, File("", "image/png", "cat.png"), Text("Which?")]))
    page = page_of(tree)
    address = "https://example.com/&lt;a&gt;.png"
    assert f'Attached: <a href="{address}">a.png</a></p>' in page
    assert "Attached: cat.png (not here)</p>" in page
    assert [one.source for one in notebook_of(tree).cells][1:3] == [
        "*Attached:* a.png",  # no link in Markdown holds this address
        "*Attached:* cat.png (not here)",
    ]
    assert f"# Attached: a.png {far.url}\n" in to_script(tree, nothing)
    assert "# Attached: cat.png (not here)\n" in to_script(tree, nothing)


def run(tree: Tree, folder: Path) -> "subprocess.CompletedProcess[str]":
    file = folder / "chat.py"
    file.write_text(to_script(tree, nothing), "utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-X", "utf8", str(file)],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


TEXT = r"""text = '''
  \\ \"\"\" kept
'''
len(text)"""


def test_a_script_runs_as_the_session_did(tmp_path: Path) -> None:
    tree = cells(
        "import asyncio\nx = 20\nx + 1",
        "print(x)\n'quiet';",
        "y = await asyncio.sleep(0, 'slept')\nprint(y)",
        "def double(n):\n    return n * 2\n\n(\n    double(x)  # é😀\n)  # a comment",
        "1 / 0",
        "%time 1",
        "%matplotlib inline\nfrom IPython.display import HTML, Markdown, display\n"
        "display(HTML('<b>'), 7)\nMarkdown('# said')",
        "from __future__ import annotations\nw = 3",
        "'''a doc''' and w",
        "class A: pass\nNone",
        "w, *[4, 5]",
        "w,",
        TEXT,
        failing=["1 / 0"],
    )
    done = run(tree, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == [
        "21",
        "20",
        "slept",
        "40",
        "<HTML>",
        "7",
        "# said",
        "3",
        "(3, 4, 5)",
        "(3,)",
        "14",
        "",
    ]
    assert "ZeroDivisionError" in done.stderr
    assert "SyntaxError" in done.stderr  # the line that is a notebook's


HOSTILE = [
    "(" * 5000,
    "x = " + "-" * 5000 + "1",
    "if 0: pass\n" + "elif 0: pass\n" * 3000,
    '"""',
    "'''\\",
    'x = """a"""\n"',
    "\\",
    "a = 1\f\nb = 2",
    "return 5",
    "x = 1\r\ny = 2\r",
    "# only a comment",
    "a = 'é' ; a",
    "x = 1 \\",
    "\0",
    "",
]


def test_no_cell_and_no_text_breaks_the_script(tmp_path: Path) -> None:
    texts = ["\x0cprint('evil')", "one\u2028print('evil')", "two\rprint('evil')", '"""', "\\"]
    texts += ["a\0b"]
    tree = chat(
        ("user", [Text("\n".join(texts))]),
        *[step for code in HOSTILE for step in cell(code)],
        ("assistant", [Text(texts[0])]),
        *cell("print('reached')"),
        title='a title with """ and \0 and \\',
    )
    done = run(tree, tmp_path)
    assert done.stdout.endswith("reached\n"), done.stderr
    assert "evil" not in done.stdout
    assert done.returncode == 0


def page_of(tree: Tree, *told: Told) -> str:
    async def write(text: str) -> str:
        return f"<p>{text}</p>"

    async def draw(kind: str, specification: Any) -> str:
        return f"<svg>{kind} {specification['mark']}</svg>"

    return asyncio.run(to_page(tree, lambda call_id, code: told, write, draw))


class Loaded(HTMLParser):
    """What a browser would run or load of a page, and what it would show as text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.names |= {name for name, _ in attrs if name.startswith("on")}
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


CSV = File("data:text/csv;base64,YSxiCg==", "text/csv", "sales.csv", "File: sales.csv")


PICTURE = File("data:image/png;base64,iVBOAA==", "image/png")


def test_a_page_has_all_that_was_shown_and_nothing_in_it_runs() -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    columns = [{"name": "i", "type": "int", "is_index": True}, {"name": evil, "type": "str"}]
    table = {"columns": columns, "rows": [[0, evil], [1, None]], "total_rows": 5}
    tree = chat(
        ("user", [CSV, PICTURE, Text(evil)]),
        *cell("draw()"),
        ("assistant", [Text("Drawn.")]),
        title=evil,
    )
    page = page_of(
        tree,
        Output(1, "stdout", "one\n"),
        Display(1, {TABLE: table | {"total_columns": 2}, "text/html": evil}),
        Display(1, {"image/png": "iVBO\nRw0="}),
        Display(1, {"image/svg+xml": "<svg onload='alert(1)'/>"}),
        Display(1, {"application/vnd.vegalite.v6+json": {"mark": "bar"}, "text/plain": "a chart"}),
        Display(1, {"text/html": f"<b>{evil}</b>"}),
        Display(1, {"text/markdown": "# Told"}),
        Failure(1, "ValueError", evil, "", 1),
        Done(1, "error", 0.1, "told", ["Cut short"]),
    )
    found = Loaded(page)
    assert not {"script", "onerror", "onload", "link", "object"} & found.names
    assert all(address.startswith("data:image/") for address in found.addresses)
    bar = b64encode(b"<svg>vega bar</svg>").decode()
    assert f"data:image/svg+xml;base64,{bar}" in found.addresses
    assert "data:image/png;base64,iVBORw0=" in found.addresses
    assert PICTURE.url in found.addresses
    for words in (
        *("Attached: sales.csv (4 bytes)", "draw()", "one\n", "Drawn.", "ValueError: <script>"),
        *("5 rows × 2 columns; the first 2 rows are here", "Cut short."),
    ):
        assert words in found.text
    assert "<p># Told</p>" in page
    assert 'sandbox="" ' in page
    assert "default-src 'none'" in page
    odd = page_of(chat(("user", [Text("\ud800\0")]), title="\ud800"), Display(1, {TABLE: [1]}))
    assert odd.encode()


def test_numbers_stand_at_the_end_of_their_cell_in_an_index_too(browser: Browser) -> None:
    columns = [{"name": "i", "is_index": True}, {"name": "n"}]
    table = {"columns": columns, "rows": [[7, 8]], "total_rows": 1, "total_columns": 2}
    with ThreadPoolExecutor() as pool:  # in this thread the browser's loop runs
        written = pool.submit(page_of, cells("t"), Display(1, {TABLE: table})).result()
    page = browser.new_page()
    page.set_content(written)
    side = "all => all.map((one) => getComputedStyle(one).textAlign)"
    assert page.locator("th, td").evaluate_all(side) == ["start", "start", "end", "end"]
    page.close()
