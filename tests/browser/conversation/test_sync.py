"""The switch: the whole answer at once, otherwise the same."""

import msgspec
from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, TokenCount, body, records, streamed, whole
from app.scripted.steps import Gate, Reply, Send
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer

ANSWER = Answer(
    text="The same words.\nIn two lines.",
    reasoning="Hm.",
    usage=TokenCount(input=5, output=9, reasoning=1),
)


def test_sync_shows_the_whole_answer_at_once(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    data = body(ANSWER)
    half = len(data) // 2
    server.queue(
        Reply(
            headers={"content-type": "application/json"},
            steps=(Send(data[:half]), Gate("rest"), Send(data[half:])),
        )
    )
    chat.streaming_switch.uncheck()
    chat.ask("All at once")
    server.wait(at="gate:rest")
    expect(chat.answer).to_contain_text("Waiting for the whole answer")
    expect(chat.text).to_have_count(0)
    server.open_gate("rest")
    expect(chat.text).to_have_js_property("textContent", ANSWER.text)
    chat.wait_for_end()
    expect(chat.facts).to_contain_text("Sync")
    expect(chat.facts).to_contain_text("total")
    expect(chat.facts).to_contain_text("5 tokens in")
    expect(chat.facts).to_contain_text("9 tokens out")
    expect(chat.facts).to_contain_text("tokens/s")
    assert msgspec.json.decode(server.requests()[0].body)["stream"] is False


def test_sync_and_streaming_look_the_same(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    server.queue(streamed(records(ANSWER, include_usage=True)), whole(body(ANSWER)))
    chat.ask("Once")
    chat.wait_for_end()
    chat.streaming_switch.uncheck()
    chat.ask("Again")
    chat.wait_for_end()
    expect(chat.facts).to_contain_text("Sync")
    first, second = chat.answers.first, chat.answers.last
    for part in ("text", "reasoning-text"):
        shown = f'[data-part="{part}"]'
        html = first.locator(shown).evaluate("element => element.innerHTML")
        assert html == second.locator(shown).evaluate("element => element.innerHTML")
    expect(first.get_by_role("list", name="About this answer")).to_contain_text("Streaming")


def test_the_mode_is_kept_for_the_next_visit(chat: ChatPage) -> None:
    expect(chat.streaming_switch).to_be_checked()
    chat.streaming_switch.uncheck()
    chat.open()
    expect(chat.streaming_switch).not_to_be_checked()
    chat.ask("Whole, please")
    chat.wait_for_end()
    expect(chat.facts).to_contain_text("Sync")
