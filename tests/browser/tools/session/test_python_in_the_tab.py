"""The Python of a chat in the tab: state, output, files, Stop, and what is shown of a cell."""

import json

from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Gate
from tests.browser.python_page import PythonPage, calls, says


def test_state_output_value_and_errors(python: PythonPage) -> None:
    python.chat.new_chat_button.click()
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


def stopped(python: PythonPage, code: str) -> None:
    """Begin a cell, and stop it once it has printed `ready`."""
    python.server.queue(calls(code))
    python.chat.ask("Go on for ever")
    expect(python.output).to_contain_text("ready")
    python.chat.stop_button.click()
    python.chat.wait_for_end()


def test_stop_ends_the_cell_and_keeps_the_names(python: PythonPage) -> None:
    python.run("kept = 0")
    stopped(python, "print('ready')\nwhile True: kept += 1")
    expect(python.output).to_contain_text("KeyboardInterrupt")
    assert python.run("kept > 0") == ["True"]
    stopped(python, "import asyncio\nprint('ready')\nawait asyncio.sleep(3600)")
    assert python.run("kept > 0") == ["True"]
    # What catches its interrupt is ended with its Python, and the model is told.
    stopped(
        python,
        "print('ready')\nwhile True:\n    try:\n        while True: pass\n"
        "    except BaseException: pass",
    )
    (told,) = python.run("'kept' in globals()")
    assert told.startswith("False\n[Python was started anew, so all names and imports")


def test_files_go_in_and_come_back_and_outlast_the_page(python: PythonPage) -> None:
    python.chat.new_chat_button.click()
    with python.page.expect_file_chooser() as chooser:
        python.page.get_by_role("button", name="Attach").click()
    file = {"name": "numbers.csv", "mimeType": "text/csv", "buffer": b"name,n\nb,2\na,10\nc,\n"}
    chooser.value.set_files(file)  # type: ignore[arg-type]
    expect(python.chat.attachments).to_have_count(1)
    (told,) = python.run(
        "import csv, os\nfrom pathlib import Path\n"
        "rows = list(csv.DictReader(open('numbers.csv')))\n"
        "Path('kept.bin').write_bytes(bytes(range(256)))\nprint(os.listdir())\nrows"
    )
    assert "'numbers.csv'" in told
    assert "list, 3 rows × 2 columns, shown to the person\nname: str, n: str" in told
    title = python.page.title()
    python.page.reload()
    python.chat.wait_until_ready()
    assert python.page.title() == title
    # What the cell has shown is there again.
    expect(python.cell.get_by_role("table")).to_contain_text("10")
    (told,) = python.run("from pathlib import Path\nlen(Path('kept.bin').read_bytes())")
    assert told.startswith("256\n[Python was started anew")


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


def test_pictures_markdown_and_progress_are_drawn_and_html_is_text(python: PythonPage) -> None:
    python.run(
        "from IPython.display import SVG, HTML, Markdown, display\n"
        'svg = \'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">\'\n'
        'svg += \'<script>parent.x = 1</script><rect width="40" height="40"/></svg>\'\n'
        "display(SVG(svg), Markdown('**bold**'), HTML('<img src=x onerror=alert(1)>'))\n"
        "for n in range(3): print(f'\\r{n} of 2', end='')\nprint()\nprint('\\x1b[31mred\\x1b[0m')"
    )
    image = python.output.get_by_role("img")
    expect(image).to_have_count(1)
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 40
    expect(python.output.locator("strong")).to_have_text("bold")
    expect(python.output.locator("pre")).to_have_text(["<HTML>", "2 of 2\nred\n"])


def test_time_memory_and_output_have_limits(python: PythonPage) -> None:
    python.run("kept = 7")
    (told,) = python.run("big = bytearray(2_000_000_000)")
    assert told.endswith("MemoryError")
    (told,) = python.run("for n in range(300_000): print(n)")
    assert len(told) < 6_000
    expect(python.output).to_contain_text("characters are left out here")
    assert python.run("kept") == ["7"]


def test_code_is_seen_while_it_is_written(python: PythonPage) -> None:
    arguments = json.dumps({"code": "first = 'é😀'\nsecond = 2\nfirst"}, ensure_ascii=True)
    call = ToolCall("call0", "run_python", arguments)
    chunks = list(records(Answer(tool_calls=(call,), finish_reason="tool_calls")))
    at = next(n for n, chunk in enumerate(chunks) if b"second" in chunk)
    python.server.queue(streamed([*chunks[:at], Gate("written"), *chunks[at:]]), says("Done."))
    python.chat.ask("Write slowly")
    expect(python.cell.locator("code").last).to_contain_text("first")
    python.server.open_gate("written")
    python.chat.wait_for_end()
    expect(python.cell.locator(".hljs-number")).to_have_text("2")
    assert python.results()[-1].startswith("'é😀'")
