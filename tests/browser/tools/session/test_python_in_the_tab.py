"""The Python of a chat in the tab: state, output, files, Stop, and what is shown of a cell."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, FilePayload, FrameLocator, expect

from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Gate
from tests.browser.axe import expect_accessible
from tests.browser.chats.test_foreign_import import take
from tests.browser.python_page import PythonPage, calls, says


def test_state_output_value_and_errors(python: PythonPage) -> None:
    python.chat.new_chat_button.click()
    # One that does not start, as WebKit's now and then, is begun once more.
    program = "**/vendor/pyodide/pyodide.asm.wasm"
    python.page.route(program, lambda route: route.fulfill(body=b"broken"), times=1)
    assert python.run("import sqlite3, sys\nx = 20\nprint(sys.platform)\nx + 1") == [
        "emscripten\n21"
    ]
    first, second = python.run("x * 2", "1 / 0")
    assert first == "40"
    assert second.splitlines() == [
        "Traceback (most recent call last):",
        '  File "<cell 3>", line 1, in <module>',
        "    1 / 0",
        "    ~~^~~",
        "ZeroDivisionError: division by zero",
    ]
    expect(python.output).to_contain_text("ZeroDivisionError")
    assert python.run("import asyncio\nawait asyncio.sleep(0, 'slept')") == ["'slept'"]
    assert python.page.evaluate("crossOriginIsolated")


def set_time(python: PythonPage, name: str, seconds: float) -> None:
    """Give one of the page's times for cells this length."""
    python.page.evaluate(
        """async ([name, seconds]) => {
          const { whenDefined } = await import("/vendor/pyscript/core.js");
          const { interpreter } = await whenDefined("py");
          interpreter.runPython(`
from app.browser.tools.session import python_session
python_session.${name} = ${seconds}`);
        }""",
        [name, seconds],
    )


def stopped(python: PythonPage, code: str) -> None:
    """Begin a cell, and stop it once it has printed `ready`."""
    python.server.queue(calls(code))
    python.chat.ask("Go on for ever")
    expect(python.output).to_contain_text("ready")
    python.chat.stop_button.click()
    python.chat.wait_for_end()


def test_stop_ends_the_cell_and_keeps_the_names(python: PythonPage) -> None:
    python.run("kept = 0")
    set_time(python, "_PATIENCE_S", 60)  # a busy machine may need more than a person waits
    stopped(python, "print('ready')\nwhile True: kept += 1")
    expect(python.output).to_contain_text("KeyboardInterrupt")
    assert python.run("kept > 0") == ["True"]
    stopped(python, "import asyncio\nprint('ready')\nawait asyncio.sleep(3600)")
    assert python.run("kept > 0") == ["True"]
    # What catches its interrupt is ended with its Python, and the model is told.
    set_time(python, "_PATIENCE_S", 2)
    stopped(
        python,
        "print('ready')\nwhile True:\n    try:\n        while True: pass\n"
        "    except BaseException: pass",
    )
    (told,) = python.run("'kept' in globals()")
    assert told.startswith("False\n[Python was started anew, so all names and imports")


def attach(python: PythonPage, *files: tuple[str, str, bytes]) -> None:
    with python.page.expect_file_chooser() as chooser:
        python.page.get_by_role("button", name="Attach files").click()
    payloads: list[FilePayload] = [
        {"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files
    ]
    chooser.value.set_files(payloads)


def test_files_go_in_and_come_back_and_outlast_the_page(python: PythonPage) -> None:
    page = python.page
    python.chat.new_chat_button.click()
    packed = b"PK\3\4\0\xff packed"
    attach(
        python,
        ("numbers.csv", "text/csv", b"name,n\nb,2\na,10\nc,\n"),
        ("secret.csv", "text/csv", b"who\nXYZZY\n"),
        ("all.csv", "text/csv", b"told\nwhole\n"),
        ("packed.zip", "application/zip", packed),
    )
    expect(python.chat.attachments).to_have_count(4)
    seen = page.get_by_label("What the model sees of secret.csv")
    expect(seen).to_have_value("summary")
    seen.select_option("name")
    page.get_by_label("What the model sees of all.csv").select_option("all")
    expect(page.get_by_label("What the model sees of packed.zip").locator("option")).to_have_text(
        ["The model sees: a summary", "The model sees: only its name"]
    )
    expect_accessible(page)
    first, second = python.run(
        "import csv, os\nfrom pathlib import Path\n"
        "rows = list(csv.DictReader(open('numbers.csv')))\n"
        "Path('kept.bin').write_bytes(bytes(range(256)))\nprint(sorted(os.listdir()))\nrows",
        "Path('secret.csv').read_text(), Path('packed.zip').read_bytes()",
    )
    assert "['all.csv', 'kept.bin', 'numbers.csv', 'packed.zip', 'secret.csv']" in first
    assert "list, 3 rows × 2 columns, shown to the person\nname: str, n: str" in first
    assert second == repr(("who\nXYZZY\n", packed))
    body = json.loads(python.server.requests()[0].body)
    asked = next(one["content"] for one in body["messages"] if one["role"] == "user")
    asked = asked if isinstance(asked, str) else "".join(one["text"] for one in asked)
    assert "File: numbers.csv (CSV, 19 bytes, 3 rows × 2 columns)\nname: text, n: integer" in asked
    assert "File: secret.csv\n" in asked
    assert "XYZZY" not in asked
    assert "told\nwhole\n" in asked
    assert "File: packed.zip (a zip archive, 13 bytes)" in asked
    assert "run_python: numbers.csv, secret.csv, all.csv (text, 11 bytes), packed.zip\n" in asked
    expect(python.chat.questions.last).to_contain_text("The model sees: only its name")
    title = page.title()
    page.reload()
    python.chat.wait_until_ready()
    assert page.title() == title
    # What the cell has shown is there again.
    expect(page.locator(".cell").first.get_by_role("table")).to_contain_text("10")
    (told,) = python.run("from pathlib import Path\nlen(Path('kept.bin').read_bytes())")
    assert told.startswith("256\n[Python was started anew")
    # All of it is in a backup, and comes back as another chat.
    chat = python.chat
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export as JSON").click()
    file = json.loads(download.value.path().read_bytes())
    file["chats"][0]["chat"]["id"] = "another"  # else it is known to be here
    address = page.url
    page.get_by_role("button", name="Chats and storage").click()
    take(page.get_by_role("dialog"), "chat.json", json.dumps(file).encode())
    expect(page).not_to_have_url(address)
    expect(page.locator(".cell").first.get_by_role("table")).to_contain_text("10")
    panel = chat.open_drawer("Python")
    expect(panel.get_by_role("button", name="Download kept.bin")).to_be_visible()
    page.get_by_role("button", name="Close details").click()
    chat.choose("Use them", "This chat brings its own settings")
    (told,) = python.run("from pathlib import Path\nlen(Path('kept.bin').read_bytes()) + 1")
    assert told.startswith("257")


def test_the_panel_lists_names_and_files(python: PythonPage) -> None:
    page = python.page
    python.run(
        "import math\nlist_of = [1, 2, 3]\n_hidden = 1\n"
        "for name in ('new.txt', 'invoice.pdf.exe'): open(name, 'w').write('new') and None"
    )
    panel = python.chat.open_drawer("Python")
    row = panel.get_by_role("row").filter(has_text="list_of")
    expect(row.get_by_role("cell")).to_have_text(["list", "3", re.compile(r"\d+ bytes")])
    expect(panel.get_by_role("row").filter(has_text="_hidden")).to_have_count(0)
    expect(panel.get_by_role("row").filter(has_text="math")).to_have_count(0)
    with page.expect_download() as saved:
        panel.get_by_role("button", name="Download new.txt").click()
    assert saved.value.path().read_text() == "new"
    with page.expect_download() as saved:
        panel.get_by_role("button", name="Download invoice.pdf.exe").click()
    assert saved.value.suggested_filename == "invoice-pdf-exe.txt"
    # What is added there is there at once, for this Python and the next.
    file: FilePayload = {"name": ".up.txt", "mimeType": "text/plain", "buffer": b"added"}
    panel.get_by_label("Files for the folder").set_input_files(file)
    expect(panel.get_by_role("button", name="Download _up.txt")).to_be_visible()
    expect(panel).to_contain_text(re.compile(r"\d+ files take \d+ bytes"))
    assert python.run("open('_up.txt').read()") == ["'added'"]
    # A cell that ends while it is seen is shown.
    python.run("later = 'x' * 7")
    expect(panel.get_by_role("row").filter(has_text="later")).to_contain_text("str")
    expect_accessible(page)
    panel.get_by_role("button", name="Delete new.txt").click()
    expect(panel.get_by_role("button", name="Delete new.txt")).to_have_count(0)
    assert python.run("import os\nos.path.exists('new.txt')") == ["False"]
    panel.get_by_role("button", name="Restart Python").click()
    expect(panel.get_by_role("status")).to_contain_text("No Python runs in this chat")
    expect(panel.get_by_role("button", name="Restart Python")).to_be_disabled()
    (told,) = python.run("'list_of' in globals()")
    assert told.startswith("False\n[Python was started anew")
    page.get_by_role("button", name="Close details").click()


def test_a_person_edits_and_runs_cells_in_the_same_session(python: PythonPage) -> None:
    page = python.page
    python.run("number = 20\nnumber + 1")
    python.cell.get_by_role("button", name="Edit and run").click()
    panel = page.get_by_role("tabpanel", name="Python")
    box = panel.get_by_role("textbox", name="Your cell")
    expect(box).to_have_value("number = 20\nnumber + 1")
    output = panel.get_by_role("group", name="Output of your cell")
    box.fill("number += 22\n[{'value': number}, {'value': 1}]")
    page.keyboard.press("Control+Enter")
    expect(output.get_by_role("table")).to_contain_text("42")
    output.get_by_role("button", name="value").click()
    expect(output.get_by_role("cell")).to_have_text(["1", "42"])
    expect(panel.get_by_role("row").filter(has_text="number")).to_contain_text("int")
    expect_accessible(page, "a cell of one's own")
    # Stop ends it and keeps the names.
    box.fill("print('mine')\nwhile True: pass")
    panel.get_by_role("button", name="Run", exact=True).click()
    expect(output).to_contain_text("mine")
    panel.get_by_role("button", name="Stop", exact=True).click()
    expect(output).to_contain_text("KeyboardInterrupt")
    expect(panel.get_by_role("button", name="Run", exact=True)).to_be_visible()
    first, second = python.run("number", "number")
    assert first.startswith("42\n[The person has run cells of their own meanwhile")
    assert second == "42"
    # On a phone, where the panel covers the page, what its cell asks for is seen all the same.
    page.set_viewport_size({"width": 390, "height": 800})
    panel = python.chat.open_drawer("Python")
    box.fill("import pandas")
    page.keyboard.press("Control+Enter")
    python.chat.choose("Don't load", "Load packages")
    expect(panel).to_contain_text("The person did not want to load")
    expect(panel).to_contain_text("Failed.")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Close details").click()


def test_a_table_is_sorted_and_copied(python: PythonPage) -> None:
    python.run("[{'name': n, 'value': v} for n, v in [('b', 2), ('=a', 10), ('c', None)]]")
    table = python.cell.get_by_role("table")
    first_cells = table.locator("tbody tr > :first-child")
    expect(first_cells).to_have_text(["b", "=a", "c"])
    table.get_by_role("button", name="value").click()
    expect(first_cells).to_have_text(["b", "=a", "c"])
    table.get_by_role("button", name="value").click()
    expect(first_cells).to_have_text(["=a", "b", "c"])
    expect(table.get_by_role("columnheader", name="value")).to_have_attribute(
        "aria-sort", "descending"
    )
    with python.page.expect_download() as saved:
        python.cell.get_by_role("button", name="Download as CSV").click()
    assert saved.value.path().read_text() == "name,value\n'=a,10\nb,2\nc,\n"
    python.run("[{'n': n} for n in range(130)]")
    rows = python.cell.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(50)
    python.cell.get_by_role("button", name="Show 50 more rows of 80").click()
    expect(rows).to_have_count(100)


def shown_in(python: PythonPage, number: int = 0) -> FrameLocator:
    """The page that the cell shows in a frame apart."""
    place = python.output.locator(".display-place").nth(number)
    return place.frame_locator("iframe").frame_locator("iframe")


def test_pictures_markdown_and_progress_are_drawn_and_html_apart(python: PythonPage) -> None:
    python.run(
        "from IPython.display import SVG, HTML, Markdown, display\n"
        'svg = \'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">\'\n'
        'svg += \'<script>parent.x = 1</script><rect width="40" height="40"/></svg>\'\n'
        "display(SVG(svg), Markdown('**bold**'))\n"
        "display(HTML('<h4>Apart</h4><img src=x onerror=\"document.body.append(origin)\">'))\n"
        "for n in range(3): print(f'\\r{n} of 2', end='')\nprint()\nprint('\\x1b[31mred\\x1b[0m')"
    )
    image = python.output.get_by_role("img")
    expect(image).to_have_count(1)
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 40
    python.output.get_by_role("button", name="show larger").press("Enter")
    large = python.page.get_by_role("dialog").filter(has=python.page.locator("#picture-large"))
    with python.page.expect_download() as download:
        large.get_by_role("button", name="Save picture").press("Enter")
    assert download.value.suggested_filename == "figure.svg"
    assert "<rect" in download.value.path().read_text()
    python.page.keyboard.press("Escape")
    expect(python.output.locator("strong")).to_have_text("bold")
    expect(python.output.locator("pre")).to_have_text("2 of 2\nred\n")
    expect(python.output.locator("iframe")).to_have_count(0)
    python.output.get_by_role("button", name="Draw it").click()
    expect(shown_in(python).get_by_role("heading", name="Apart")).to_be_visible()
    expect(shown_in(python).locator("body")).to_contain_text("null")
    expect(python.output.get_by_role("group")).to_have_accessible_name(
        "Output as HTML. It is not part of Tokenfall and has no network."
    )


SHOWN = """
class Shown:
    def __init__(self, mime, spec): self.bundle = {mime: spec, "text/plain": "a chart"}
    def _repr_mimebundle_(self, **_): return self.bundle
"""


def saved(python: PythonPage, folder: Path, label: str) -> Path:
    """Save the shown chat by this command of its menu."""
    python.page.get_by_role("button", name="More", exact=True).click()
    with python.page.expect_download() as download:
        python.page.get_by_role("menuitem", name=label).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def expect_readable(python: PythonPage) -> None:
    letters = shown_in(python).get_by_text("Letters").first.bounding_box()
    assert letters is not None
    assert letters["height"] > 10


def test_charts_are_drawn_by_their_libraries_apart(
    python: PythonPage, browser: Browser, tmp_path: Path
) -> None:
    python.chat.new_chat_button.click()
    (told,) = python.run(
        f"{SHOWN}\nShown('application/vnd.plotly.v1+json', {{'data': [{{'type': 'bar', "
        "'x': ['a', 'b'], 'y': [1, 2]}], 'layout': {'title': {'text': 'Two bars'}}})"
    )
    assert told == "[A Plotly figure, shown to the person]"
    chart = python.output.get_by_role("group", name="Chart: Two bars")
    chart.get_by_role("button", name="Draw it").click()
    expect(shown_in(python).get_by_text("Two bars")).to_be_visible()
    # By keyboard: into the frame, out of it to what saves the chart.
    shown_in(python).locator(".modebar-btn").first.focus()
    python.page.keyboard.press("Escape")
    save = chart.get_by_role("button", name="Save SVG")
    expect(save).to_be_focused()
    with python.page.expect_download() as download:
        save.press("Enter")
    assert download.value.suggested_filename == "chart.svg"
    assert "Two bars" in download.value.path().read_text()
    expect(shown_in(python).locator(".barlayer .point")).to_have_count(2)
    expect_accessible(python.page)
    # Once it is there, charts draw themselves, and again in a page that is opened anew.
    python.page.reload()
    python.chat.wait_until_ready()
    expect(shown_in(python).get_by_text("Two bars")).to_be_visible()
    python.run(
        f"{SHOWN}\nchart = {{"
        "'mark': 'bar', 'width': 700, 'data': "
        "{'values': [{'a': 'A', 'b': 28}, {'a': 'B', 'b': 55}, {'a': 'C', 'b': 43}]}, 'encoding': "
        "{'x': {'field': 'a', 'title': 'Letters'}, 'y': {'field': 'b', 'type': 'quantitative'}}}\n"
        "Shown('application/vnd.vegalite.v6.1+json', chart)"
    )
    python.output.get_by_role("button", name="Draw it").click()
    expect(shown_in(python).get_by_text("Letters")).to_be_visible()
    expect(shown_in(python).locator(".mark-rect path")).to_have_count(3)
    # On a phone it is narrower, what can't be scrolls, and letters stay as large as they are.
    python.page.set_viewport_size({"width": 390, "height": 800})
    expect(shown_in(python).locator("svg")).to_have_attribute("width", re.compile(r"^[23]\d\d$"))
    expect_readable(python)
    python.run("Shown('application/vnd.vegalite.v6.1+json', {'hconcat': [chart, chart]})")
    expect(shown_in(python).get_by_text("Letters")).to_have_count(2)
    expect(shown_in(python).locator("#chart")).to_have_attribute("tabindex", "0")
    expect_readable(python)
    python.page.set_viewport_size({"width": 1280, "height": 800})

    python.run("from IPython.display import Markdown\nMarkdown('> [!NOTE]\\n> Kept')")

    # In the chat as one page they stand still, and nothing is run or asked for.
    file = saved(python, tmp_path, "Export as one HTML page")
    expect(python.page.locator(".display-drawing")).to_have_count(0)
    page = browser.new_page(color_scheme="dark")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    charts = page.get_by_role("img", name="Figure")
    expect(charts).to_have_count(3)
    for chart in charts.all():
        assert chart.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    expect(page.locator("blockquote", has_text="Kept")).to_have_css("border-left-width", "3px")
    expect_accessible(page)
    assert all(url.startswith(("file:", "data:")) for url in asked)
    page.close()


def test_time_memory_and_output_have_limits(python: PythonPage) -> None:
    python.run("kept = 7")
    (told,) = python.run("big = bytearray(2_000_000_000)")
    assert "MemoryError\n[Memory is limited here, and what names hold counts: " in told
    (told,) = python.run("for n in range(300_000): print(n)")
    assert len(told) < 6_000
    expect(python.output).to_contain_text("characters are left out here")
    assert python.run("kept") == ["7"]
    set_time(python, "LIMIT_S", 3)
    set_time(python, "_PATIENCE_S", 60)
    (told,) = python.run("while True: kept += 1")
    assert told.endswith("[It was stopped: a cell may run for 3 seconds]")
    set_time(python, "LIMIT_S", 60)
    set_time(python, "_PATIENCE_S", 2)
    assert python.run("kept > 7") == ["True"]


def test_code_is_seen_while_it_is_written(python: PythonPage) -> None:
    # However long a fence is, it ends no block, and hides nothing below it.
    ticks = "`" * 50
    code = f'first = \'é😀\'\nsecond = 2\nticks = """\n{ticks}\n[hidden]: /x\n"""\nfirst'
    arguments = json.dumps({"code": code}, ensure_ascii=True)
    call = ToolCall("call0", "run_python", arguments)
    chunks = list(records(Answer(tool_calls=(call,), finish_reason="tool_calls")))
    at = next(n for n, chunk in enumerate(chunks) if b"second" in chunk)
    python.server.queue(streamed([*chunks[:at], Gate("written"), *chunks[at:]]), says("Done."))
    python.chat.ask("Write slowly")
    expect(python.cell.locator("code").last).to_contain_text("first")
    python.server.open_gate("written")
    python.chat.wait_for_end()
    expect(python.cell.locator(".hljs-number")).to_have_text("2")
    assert str(python.cell.locator("pre code").first.text_content()).strip("\n") == code
    assert python.results()[-1].startswith("'é😀'")


def test_a_chat_is_exported_as_notebook_and_script(python: PythonPage, tmp_path: Path) -> None:
    python.chat.new_chat_button.click()
    python.run("n = 6\nprint('printed')\nn * 7")

    notebook = nbformat.read(saved(python, tmp_path, "Export as notebook (.ipynb)"), as_version=4)
    nbformat.validate(notebook)
    (cell,) = [one for one in notebook.cells if one.cell_type == "code"]
    assert cell.source == "n = 6\nprint('printed')\nn * 7"
    stream, value = cell.outputs
    assert (stream.text, value.data["text/plain"]) == ("printed\n", "42")
    script = saved(python, tmp_path, "Export as Python (.py)")
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert ran.stdout == "printed\n42\n"
