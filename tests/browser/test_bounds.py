"""What comes in any size is shown within bounds: sources, tool calls, plain text of all kinds.

Seconds are those of the processor on the page's thread, with a wide margin for the machine; what is
counted besides is what the page holds, on which the rest of the cost depends.
"""

import json

import pytest
from playwright.sync_api import Page, expect

from app.scripted import openai_chat as scripted
from app.scripted.openai_chat import Answer, records, streamed
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer

MEGABYTES_5 = 5_000_000
# The budget is a second; a busy machine takes several times as long.
MOST_S = 6.0


class Clock:
    """Seconds of the processor that the page's main thread has used."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._began_s = self._now_s()

    def _now_s(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "ThreadTime")

    @property
    def seconds(self) -> float:
        return self._now_s() - self._began_s


def pieces(text: str) -> list[str]:
    """In a hundred bursts."""
    size = max(-(-len(text) // 100), 1)
    return [text[at : at + size] for at in range(0, len(text), size)]


def nodes(chat: ChatPage) -> int:
    return int(chat.answer.locator("*").count())


def test_sources_are_appended_and_shown_in_steps(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    sources = tuple(
        scripted.Source(f"https://a.example/{n}", f"Page {n} " + "x" * (n % 7 * 100))
        for n in range(3000)
    )
    server.queue(streamed(records(Answer(text="So it is.", sources=sources))))
    clock = Clock(chat.page)
    chat.ask("Who says so?")
    chat.wait_for_end()
    assert clock.seconds < MOST_S
    listed = chat.answer.get_by_role("region", name="Sources")
    expect(listed.get_by_role("link")).to_have_count(200)
    listed.get_by_role("button", name="Show more (2,800 left)").click()
    expect(listed.get_by_role("link")).to_have_count(400)
    expect(listed.get_by_role("link").nth(399)).to_contain_text("Page 399")


@pytest.mark.parametrize(
    "arguments",
    [
        json.dumps({"text": "x" * MEGABYTES_5}),
        '{"a":[' + "[]," * (MEGABYTES_5 // 3) + "1]}",
        json.dumps({"text": "e" + "\u0301" * (MEGABYTES_5 // 8)}, ensure_ascii=False),
    ],
    ids=["one line", "brackets", "marks"],
)
def test_arguments_of_any_size(scripted_chat: ChatPage, server: LiveServer, arguments: str) -> None:
    chat = scripted_chat
    calls = (scripted.ToolCall("c1", "n" * 10_000, arguments),)
    answer = Answer(tool_calls=calls, finish_reason="length")
    server.queue(streamed(records(answer, split=pieces)))
    clock = Clock(chat.page)
    chat.ask("Do it")
    chat.wait_for_end()
    assert clock.seconds < MOST_S
    assert nodes(chat) < 200
    shown = chat.answer.locator('[data-part="arguments"]')
    assert len(shown.text_content() or "") <= 20_100
    chat.answer.get_by_role("button", name="characters").click()
    expect(chat.answer.get_by_role("button", name="characters")).to_be_hidden()
    assert len(shown.text_content() or "") >= 20_100 or "\u0301" in arguments
