"""A page whose model runs Python, as a person sees it."""

import json

from playwright.sync_api import Locator, expect

from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Reply
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer


def says(text: str, **fields: object) -> Reply:
    return streamed(records(Answer(text=text, **fields)))  # type: ignore[arg-type]


def calls(*cells: str) -> Reply:
    """An answer that runs these cells."""
    asked = tuple(
        ToolCall(f"call{number}", "run_python", json.dumps({"code": code}))
        for number, code in enumerate(cells)
    )
    return says("", tool_calls=asked, finish_reason="tool_calls")


class PythonPage:
    """A page with a scripted provider, whose chats offer `run_python`."""

    def __init__(self, chat: ChatPage, server: LiveServer) -> None:
        self.chat = chat
        self.page = chat.page
        self.server = server

    def offer(self) -> None:
        """Let the model run Python unasked."""
        self.page.get_by_role("button", name="Tools:").click()
        self.page.get_by_role("menuitemcheckbox", name="Run Python", exact=True).check()
        self.page.get_by_role("menuitemcheckbox", name="Ask before: Run Python").uncheck()
        self.page.keyboard.press("Escape")

    def run(self, *cells: str, question: str = "Run it") -> list[str]:
        """Have the model run cells, to the end; what it read of each."""
        before = self.chat.answers.count()
        self.begin(*cells, question=question)
        # Until the new answer is there, the one before it has ended.
        expect(self.chat.answers).to_have_count(before + 1)
        self.chat.wait_for_end()
        return self.results()[-len(cells) :]

    def begin(self, *cells: str, question: str = "Run it") -> None:
        """Have the model run cells."""
        self.server.queue(calls(*cells), says("Done."))
        self.chat.ask(question)

    def results(self) -> list[str]:
        """Give the results of the calls as the model reads them, in its last question."""
        body = json.loads(self.server.requests()[-1].body)
        return [one["content"] for one in body["messages"] if one["role"] == "tool"]

    @property
    def cell(self) -> Locator:
        """The last cell."""
        return self.page.locator(".cell").last

    @property
    def output(self) -> Locator:
        return self.cell.get_by_role("group", name="Output of the cell")
