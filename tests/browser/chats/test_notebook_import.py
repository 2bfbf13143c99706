"""A notebook of Jupyter as a chat."""

import json
import time
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import expect

from app.browser.chats.notebook import to_notebook
from app.browser.chats.notebook_import import from_notebook
from app.browser.chats.told_cells import Said, cells_of
from app.core.messages import Text, ToolCall, ToolResult
from app.history.transfer import ImportProblem
from app.python.messages import TABLE, Display, Done, Failure, Output, written
from app.python.messages import Message as Told
from tests.browser.chat_page import ChatPage
from tests.browser.chats import test_cell_exports as exports
from tests.browser.chats.test_cell_exports import cell
from tests.browser.chats.test_foreign_import import PNG, take
from tests.browser.web.test_pictures import USED, svg
from tests.documents.files import notebook

CELLS: tuple[dict[str, Any], ...] = (
    {"cell_type": "markdown", "source": ["# Sales\n", "of May"]},
    {
        "cell_type": "code",
        "source": ["1 + ", "1"],
        "outputs": [
            {"output_type": "stream", "name": "stderr", "text": ["careful\n"]},
            {
                "output_type": "execute_result",
                "data": {"text/plain": ["2"], "application/json": {"a": [1]}},
            },
            {"output_type": "display_data", "data": {"image/png": "aGk="}},
        ],
    },
    {"cell_type": "code", "source": "", "outputs": []},
    {
        "cell_type": "code",
        "source": "1 / 0",
        "outputs": [
            {
                "output_type": "error",
                "ename": "ZeroDivisionError",
                "evalue": "no",
                "traceback": ["\x1b[0;31mTraceback\x1b[0m", "no"],
            }
        ],
    },
    {"cell_type": "raw", "source": "That is all."},
)


def test_texts_are_said_and_cells_have_run() -> None:
    tree, outputs = from_notebook("May.ipynb", notebook(*CELLS), 7)
    assert tree.chat.title == "May"
    messages = [record.message for record in tree.path()]
    roles = [message.role for message in messages]
    assert roles == ["user", "assistant", "tool", "assistant", "tool", "user"]
    assert messages[0].parts == [Text("# Sales\nof May")]
    assert messages[1].parts == [ToolCall("cell-2", "run_python", '{"code": "1 + 1"}')]
    assert messages[2].parts == [ToolResult("cell-2", "careful\n2\n(image/png)", "run_python")]
    assert messages[4].parts == [
        ToolResult("cell-4", "ZeroDivisionError: no", "run_python", is_error=True)
    ]
    assert [(one.call_id, one.code) for one in outputs] == [
        ("cell-2", "1 + 1"),
        ("cell-4", "1 / 0"),
    ]
    assert outputs[0].told == [
        Output(2, "stderr", "careful\n"),
        Display(2, {"text/plain": "2", "application/json": {"a": [1]}}, is_value=True),
        Display(2, {"image/png": "aGk="}),
        Done(2, "ok", 0.0, ""),
    ]
    assert outputs[1].told == [
        Failure(4, "ZeroDivisionError", "no", "Traceback\nno"),
        Done(4, "error", 0.0, ""),
    ]
    # It brings no setting, and comes once.
    assert tree.chat.brought is None
    assert from_notebook("May.ipynb", notebook(*CELLS), 9)[0].chat.id == tree.chat.id


def test_a_chat_that_was_exported_comes_back() -> None:
    told: list[Told] = [
        Output(1, "stdout", "one\n"),
        Display(1, {"text/plain": "a figure", "image/png": "aGk="}),
        Failure(1, "ValueError", "no", "Traceback:\nValueError: no"),
        Done(1, "error", 0.1, "told"),
    ]
    before = exports.chat(
        ("user", [Text("Run it")]),
        *cell("x = 1"),
        ("assistant", [Text("Done.\n\nReally.")]),
        ("user", [Text("Again")]),
        ("assistant", [Text("# No title")]),
        title="Of May",
    )
    data = to_notebook(before, lambda call_id, code: told).encode()
    tree, outputs = from_notebook("x.ipynb", data, 7)
    assert tree.chat.title == "Of May"

    def told_of(call_id: str, code: str) -> Sequence[Told]:
        return next(one.told for one in outputs if (one.call_id, one.code) == (call_id, code))

    found = [
        (one.text, one.speaker != "") if isinstance(one, Said) else getattr(one, "code", "")
        for one in cells_of(tree, told_of)
    ]
    assert found == [
        ("Run it", False),
        "x = 1",
        ("Done.\n\nReally.", True),
        ("Again", False),
        ("# No title", True),
    ]
    assert to_notebook(tree, told_of).encode() == data


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"cells": []}', notebook({"source": " "})])
def test_what_is_no_notebook_is_said(data: bytes) -> None:
    with pytest.raises(ImportProblem):
        from_notebook("a.ipynb", data, 7)


def test_whatever_stands_in_a_notebook_can_be_told_and_kept() -> None:
    odd: list[Any] = [None, 3, "x", [], {}, {"output_type": "stream", "text": 3}]
    odd += [{"output_type": "display_data", "data": one} for one in odd]
    odd += [{"output_type": "display_data", "data": {"image/png": [1], "text/plain": None}}]
    cells = [{"cell_type": "code", "source": "x", "outputs": one} for one in (odd, None, 3)]
    _, outputs = from_notebook("a.ipynb", json.dumps({"cells": [*cells, 3, None]}).encode(), 7)
    assert len(outputs) == 3
    for output in outputs:
        assert all(written(message) for message in output.told)


def test_many_cells_cost_no_more_than_their_number() -> None:
    def seconds(count: int) -> float:
        cell: dict[str, object] = {"cell_type": "markdown", "source": "abcdefgh " * 40}
        data = notebook(*[cell] * count)
        before_s = time.process_time()
        from_notebook("a.ipynb", data, 7)
        return time.process_time() - before_s

    # Copied for each cell, what was before it would take sixteen times as long.
    fewer_s, more_s = (min(seconds(count) for _ in range(3)) for count in (5_000, 20_000))
    assert more_s <= 8 * fewer_s


def test_a_notebook_is_taken_in_with_what_its_cells_had_shown(chat: ChatPage) -> None:
    page = chat.page
    picture = b64encode(PNG).decode()
    shown = {"image/png": picture, "text/plain": "a figure"}
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "printed\n"},
        {"output_type": "display_data", "data": shown},
        # Which drawn by the page would hold it up for good, and a table that is none.
        {"output_type": "display_data", "data": {"image/svg+xml": svg(USED)}},
        {"output_type": "display_data", "data": {TABLE: {"rows": 7, "columns": 7}}},
        {"output_type": "stream", "name": "stdout", "text": "the end"},
    ]
    data = notebook(
        {"cell_type": "markdown", "source": "Sales of May"},
        {"cell_type": "code", "source": "draw()", "outputs": outputs},
    )
    page.get_by_role("button", name="Chats and storage").click()
    dialog = page.get_by_role("dialog", name="Chats and storage")
    take(dialog, "May.ipynb", data)
    expect(page.get_by_role("heading", level=1)).to_have_text("May")
    expect(chat.questions.last).to_contain_text("Sales of May")
    expect(page.locator(".cell")).to_contain_text("draw()")
    output = page.get_by_role("group", name="Output of the cell")
    expect(output).to_contain_text("printed")
    expect(output.locator("img")).to_be_visible()
    expect(output).to_contain_text("the end")
    expect(output.get_by_role("button", name="Draw")).to_be_visible()
    page.get_by_role("button", name="Chats and storage").click()
    take(dialog, "May.ipynb", data)
    expect(dialog).to_contain_text("Nothing new")
