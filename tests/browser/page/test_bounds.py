"""Bounds of things that come in any size: sources, tool calls, plain text of all kinds.

Seconds are those of the processor on the page's thread, with a wide margin for the machine; what is
counted besides is what the page holds, on which the rest of the cost depends.
"""

import json
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.core.messages import (
    File,
    Message,
    Part,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    ToolCall,
    ToolResult,
)
from app.history.records import MessageRecord
from app.scripted import openai_chat as scripted
from app.scripted.openai_chat import Answer, records, streamed
from tests.browser.chat_page import ChatPage
from tests.browser.kept import chat as record_of
from tests.browser.kept import keep
from tests.live_server import LiveServer

NewChat = Callable[..., ChatPage]
MEGABYTES_5 = 5_000_000
LINE = "x" * 100_000
MARKS = "e" + "\u0301" * 100_000
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


def test_code_of_any_size(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    code = json.dumps({"code": "e" + "\u0301" * 10**6 + "\n\t" * 10**6}, ensure_ascii=False)
    calls = (scripted.ToolCall("c1", "run_python", code),)
    server.queue(streamed([b"".join(records(Answer(tool_calls=calls, finish_reason="length")))]))
    clock = Clock(chat.page)
    chat.ask("Run it")
    chat.wait_for_end()
    assert clock.seconds < MOST_S
    shown = chat.answer.locator(".cell code.language-python").text_content() or ""
    assert 0 < len(shown) <= 100_000


@pytest.mark.parametrize("where", ["finish reason", "error"])
def test_a_provider_may_say_anything_of_an_end(
    scripted_chat: ChatPage, server: LiveServer, where: str
) -> None:
    chat = scripted_chat
    told = {"message": MARKS, "code": MARKS, "type": MARKS}
    failed = b"data: " + json.dumps({"error": told}, ensure_ascii=False).encode() + b"\n\n"
    ended = records(Answer(text="So it is.", finish_reason=MARKS))
    server.queue(streamed([failed] if where == "error" else ended))
    clock = Clock(chat.page)
    chat.ask("What is it?")
    chat.wait_for_end()
    expect(chat.notice).to_contain_text("ended this answer" if where != "error" else "says")
    assert clock.seconds < MOST_S
    assert MARKS[:100] not in (chat.page.locator("body").text_content() or "")


def kept(chat: ChatPage, parts: list[Part], question: str = "?", **fields: object) -> float:
    """Open a chat with such an answer; the seconds until it is drawn."""
    record = record_of(int(time.monotonic() * 1000), "Large", updated_ms=1_700_000_000_000)
    brought = File("", MARKS, MARKS, told=MARKS)
    asking = Message("user", [Text(question), brought])
    asked = MessageRecord("q1", record.id, record.created_ms, asking)
    message = Message("assistant", parts, status="complete", **fields)  # type: ignore[arg-type]
    answered = MessageRecord(record.head, record.id, record.created_ms + 1, message, "q1")
    keep(chat.page, [record], [asked, answered])
    chat.page.reload()
    chat.wait_until_ready()
    clock = Clock(chat.page)
    chat.row("Large").get_by_role("link").click()
    expect(chat.answer.locator('[data-part="actions"]')).to_be_visible()
    expect(chat.answer).to_contain_text("The end.")
    return clock.seconds


def test_an_answer_from_history_with_all_that_may_be_large(new_chat: NewChat) -> None:
    chat = new_chat()
    chat.open()
    many: list[Part] = []
    for number in range(3000):
        many += [Reasoning(f"thought {number} "), Text(f"word {number} ")]
    calls: list[Part] = [ToolCall(f"c{n}", "f", "{}") for n in range(1000)]
    large: list[Part] = [
        Reasoning(f"{LINE} {MARKS}"),
        Refusal(f"{LINE} {MARKS}"),
        ProviderTool("p", MARKS, LINE * 20, {"a": [LINE] * 20}),
        ToolCall("big", LINE, "[" * 100 + "1," * 50_000),
        ToolResult("big", "word " * 400_000),
        *(Source(f"https://a.example/{n}", MARKS[:200], LINE[:500]) for n in range(5000)),
        Source(f"https://a.example/{LINE * 10}", LINE, LINE),
        Text("The end."),
    ]
    asked_s = kept(
        chat,
        [*many, *calls, *large],
        f"{LINE} {MARKS}" * 10,
        model=MARKS,
        warnings=[LINE[:2000]] * 500,
    )
    assert asked_s < 2 * MOST_S
    expect(chat.answer.get_by_text("Not shown: 802 tool calls or files more")).to_be_visible()
    expect(chat.answer.get_by_role("button", name="Show more (4,801 left)")).to_be_visible()
    expect(chat.answer).to_contain_text("The end.")
    expect(chat.answer).to_contain_text("word 2999")
    expect(chat.answer.locator(".tool")).to_have_count(200)
    expect(chat.answer.locator(".warnings li")).to_have_count(100)
    assert nodes(chat) < 12_000
    question = chat.questions.last
    assert len(question.text_content() or "") < 5000
    question.get_by_role("button", name="Show all").click()
    expect(question.get_by_role("button", name="Show all")).to_be_hidden()
    assert len(question.text_content() or "") > 1_000_000
