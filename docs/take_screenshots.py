"""Takes the pictures of the README: `.venv/bin/python -m docs.take_screenshots`, after the set-up.

A real page in its main states, in both themes and on a phone; the answer in the first picture is
the built-in model's. `--quick` leaves that one out; `--data` takes those of the guide to
documents and data alone.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from app.native.local_model import LocalModel
from tests.browser.chat_page import ChatPage
from tests.browser.python_page import PythonPage
from tests.browser.tool_writing import Editor
from tests.browser.watch import Watch
from tests.chromium import launch_options
from tests.documents import files
from tests.live_server import RUNTIME, LiveServer, live_server

FOLDER = Path(__file__).parent / "pictures"
WIDE: dict[str, Any] = {"viewport": {"width": 1120, "height": 700}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "has_touch": True,
    "is_mobile": True,
}
# Nobody has to answer there: it is asked about, and not allowed.
FROM_ELSEWHERE = """import pandas as pd
weather = pd.read_csv("https://data.example.org/weather.csv")
weather.groupby("place").mean()"""
# Python, the model or the Demo may take so long on a busy machine.
PATIENCE_MS = 120_000


def main() -> None:
    """Write every picture."""
    os.environ.setdefault("TOKENFALL_CHROMIUM", "/usr/bin/chromium")
    expect.set_options(timeout=PATIENCE_MS)
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        if "--data" in sys.argv:
            with live_server() as server:
                _guide(browser, server)
            return
        if "--quick" not in sys.argv:
            with (
                live_server(model=LocalModel(RUNTIME)) as server,
                _opened(browser, server, "light", WIDE) as chat,
            ):
                expect(chat.model).to_contain_text("SmolLM2 135M")
                _ask(chat, "Explain rain in three sentences")
                _take(chat, "model")
        with live_server() as server:
            _guide(browser, server)
            for theme in ("light", "dark"):
                with _opened(browser, server, theme, WIDE) as chat:
                    _wide(chat, theme)
                with _opened(browser, server, theme, PHONE) as chat:
                    _phone(chat, theme)
        browser.close()


def _wide(chat: ChatPage, theme: str) -> None:
    page = chat.page
    _take(chat, f"empty-{theme}")
    _ask(chat, "/markdown")
    page.get_by_role("heading", name="Code").evaluate("heading => heading.scrollIntoView()")
    _take(chat, f"answer-{theme}")
    page.keyboard.press("Control+k")
    _take(chat, f"palette-{theme}")
    page.keyboard.press("Escape")
    chat.open_picker()
    _take(chat, f"models-{theme}")
    page.keyboard.press("Escape")
    chat.new_chat_button.click()
    chat.ask("/tools")
    expect(chat.requests.get_by_role("button", name="Allow once")).to_be_enabled()
    _take(chat, f"tools-{theme}")
    chat.choose("Deny")
    chat.wait_for_end()
    chat.new_chat_button.click()
    _ask(chat, "Explain rain in three sentences")
    chat.open_drawer("Wire")
    _take(chat, f"wire-{theme}")
    page.keyboard.press("Escape")
    chat.answer.get_by_role("button", name="More for this answer").click()
    page.get_by_role("menuitem", name="Compare streaming and sync").click()
    both = page.get_by_role("dialog", name="Streaming and sync")
    expect(both.get_by_role("list", name="About this answer")).to_have_count(2)
    for facts in both.get_by_role("list", name="About this answer").all():
        expect(facts).to_contain_text("total")
    _take(chat, f"compare-{theme}")
    both.get_by_role("button", name="Close the comparison").click()
    chat.open_settings("Model defaults")
    _take(chat, f"settings-{theme}")
    page.keyboard.press("Escape")
    _editor(chat, theme)


def _guide(browser: Browser, server: LiveServer) -> None:
    with _opened(browser, server, "light", WIDE) as chat:
        _data(chat, server)
    for theme in ("light", "dark"):
        with _opened(browser, server, theme, WIDE) as chat:
            _documents(chat, theme)


def _documents(chat: ChatPage, theme: str) -> None:
    """Ask the Demo about a report of 40 pages, and open a place that it cites."""
    pages = [
        f"Pump {n}\n\nPump {n} was looked at in week {n} and gave {n * 7} litres a minute.\n"
        + "Its seals are sound, its bearings were greased. " * 25
        for n in range(1, 41)
    ]
    pages[26] += "\nThe turbine behind it stood still for two days: a blade was cracked."
    report = files.pdf([page.replace("greased. ", "greased.\n") for page in pages])
    chat.page.locator("#attach-files").set_input_files(
        [{"name": "Pumps of May.pdf", "mimeType": "application/pdf", "buffer": report}]
    )
    expect(chat.attachments.get_by_role("combobox")).to_have_value("summary")
    chat.attachments.get_by_text("What the model reads").click()
    _take(chat, f"document-attached-{theme}")
    _ask(chat, "cracked blade of the turbine")
    _take(chat, f"document-answer-{theme}")
    chat.text.get_by_role("link", name="Pumps of May.pdf, page 27").click()
    expect(chat.page.get_by_role("region", name="page 27")).to_contain_text("cracked")
    _take(chat, f"document-place-{theme}")


def _data(chat: ChatPage, server: LiveServer) -> None:
    """Begin with a sample file, and be asked for what a cell wants from elsewhere."""
    page = chat.page
    expect(page.get_by_role("group", name="Begin with a file")).to_be_visible()
    _take(chat, "data-samples")
    page.get_by_role("button", name="Sales of a tea shop (CSV)").click()
    expect(chat.attachments).to_have_count(1)
    chat.send_button.click()
    chat.choose("Allow once")
    chat.wait_for_end()
    page.locator(".cell").last.evaluate("cell => cell.scrollIntoView({ block: 'center' })")
    _take(chat, "data-cell")
    panel = chat.open_drawer("Python")
    expect(panel.get_by_role("table")).to_be_visible()
    _take(chat, "data-panel")
    page.get_by_role("button", name="Close details").click()
    chat.new_chat_button.click()
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    python = PythonPage(chat, server)
    python.offer()
    python.begin(FROM_ELSEWHERE, question="How warm was it in May, place by place?")
    expect(chat.requests.get_by_role("button", name="Allow both")).to_be_enabled()
    _take(chat, "data-question")
    chat.choose("Don't allow")
    chat.wait_for_end()


def _editor(chat: ChatPage, theme: str) -> None:
    editor = Editor(chat).open()
    chat.page.get_by_role("button", name="Cost of a loan").click()
    expect(editor.state).to_contain_text("Not run yet")
    for name, value in (("amount", "10000"), ("yearly_percent", "4"), ("years", "5")):
        editor.trial.get_by_label(name).fill(value)
    editor.run_button.click()
    expect(editor.result).to_contain_text("payments")
    _take(chat, f"editor-{theme}")


def _phone(chat: ChatPage, theme: str) -> None:
    _ask(chat, "What time is it?")
    _take(chat, f"phone-{theme}")
    chat.page.get_by_role("button", name="Show chats").tap()
    _take(chat, f"phone-chats-{theme}")


@contextmanager
def _opened(
    browser: Browser, server: LiveServer, theme: str, screen: dict[str, Any]
) -> Iterator[ChatPage]:
    context = browser.new_context(
        color_scheme=theme, reduced_motion="reduce", service_workers="block", **screen
    )
    page = context.new_page()
    chat = ChatPage(page, server.url, Watch(page))
    chat.open()
    yield chat
    context.close()


def _ask(chat: ChatPage, text: str) -> None:
    chat.message.fill(text)
    chat.send_button.click()  # Enter makes a new line where there is no keyboard
    chat.wait_for_end()


def _take(chat: ChatPage, name: str) -> None:
    chat.page.evaluate("document.fonts.ready")
    chat.page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    main()
