"""Writing one's own tools in the page, as a person does."""

import json
import re
from typing import Any

from playwright.sync_api import Locator, expect

from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer

SHOUT = '''def shout(text: str, times: int = 1) -> str:
    """Say it loud.

    Args:
        text: What to say.
        times: How often.
    """
    return " ".join([text.upper()] * times)
'''
LOOP = '''def spin(text: str = "") -> str:
    """Turn round and round."""
    while True:
        pass
'''


class Editor:
    """The dialog "Your tools" of a page."""

    def __init__(self, chat: ChatPage) -> None:
        self.chat = chat
        self.page = chat.page
        self.dialog = chat.page.get_by_role("dialog", name="Your tools", exact=True)
        self.source = self.dialog.get_by_role("textbox", name="Python", exact=True)
        self.name = self.dialog.get_by_role("textbox", name="File name")
        self.files = self.dialog.get_by_role("list", name="Your files").get_by_role("button")
        self.described = self.dialog.get_by_role("list", name="Tools of this file")
        self.state = self.dialog.locator("#own-state")
        self.problem = self.dialog.locator("#own-problem")
        self.save_button = self.dialog.get_by_role("button", name="Save", exact=True)
        self.trial = self.dialog.get_by_role("form", name="Try it")
        self.run_button = self.trial.get_by_role("button", name="Run")
        self.result = self.trial.get_by_role("region", name="Result")
        self.took = self.trial.locator("#own-took")

    def open(self) -> "Editor":
        """From the menu of tools."""
        self.page.get_by_role("button", name="Tools:").click()
        self.page.get_by_role("menuitem", name="Write your own…").click()
        expect(self.dialog).to_be_visible()
        return self

    def write(self, source: str, *, is_read: bool = True) -> None:
        """Write a new file."""
        if not self.blank.is_visible():
            self.dialog.get_by_role("button", name="New file").click()
        self.blank.click()
        self.source.fill(source)
        if is_read:
            # Not the tool of the blank file, which may have been looked at meanwhile.
            name = re.search(r"^(?:async )?def ([a-z]\w*)", source, re.MULTILINE)
            assert name
            expect(self.state).to_have_text(re.compile(rf"\b{name[1]}\b.* Not run yet"))

    @property
    def blank(self) -> Locator:
        return self.dialog.get_by_role("button", name="Start from a blank file")

    def save(self) -> None:
        """Save, and wait until it is kept."""
        self.save_button.click()
        expect(self.save_button).to_be_disabled()

    def close(self) -> None:
        self.dialog.get_by_role("button", name="Close your tools").click()
        expect(self.dialog).to_be_hidden()

    def more(self, item: str) -> None:
        """Choose in the menu of the file."""
        self.dialog.get_by_role("button", name="More for this file").click()
        self.page.get_by_role("menuitem", name=item).click()


def written(chat: ChatPage, source: str) -> Editor:
    """Write a file, save it and close the dialog."""
    editor = Editor(chat).open()
    editor.write(source)
    editor.save()
    editor.close()
    return editor


def delete_files(chat: ChatPage) -> None:
    """Delete all files that were written, and close the dialog, which may be open already."""
    editor = Editor(chat)
    if not editor.dialog.is_visible():
        editor.open()
    for left in reversed(range(editor.files.count())):
        editor.files.first.click()
        editor.more("Delete")
        expect(editor.files).to_have_count(left)
    editor.close()


def let_call(server: LiveServer, tool: str, **arguments: Any) -> None:
    """Let the model call a tool, and then say that it has what it needs."""
    call = ToolCall("call_1", tool, json.dumps(arguments))
    server.queue(
        streamed(records(Answer(tool_calls=(call,), finish_reason="tool_calls"))),
        streamed(records(Answer(text="I have it."))),
    )


def cards(chat: ChatPage) -> Locator:
    return chat.answer.get_by_role("list", name="Tool calls").get_by_role("listitem")
