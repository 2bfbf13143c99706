"""A provider that begins its answer anew: what was shown goes, and what comes stands alone.

A step that broke off after its first words is left to the person (test_errors). What begins anew by
itself is what the provider's stream says does.
"""

import json

from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Send
from tests.browser.anthropic_stream import block, event, message, text
from tests.browser.chat_page import ChatPage
from tests.browser.elsewhere import KEY
from tests.live_server import LiveServer


def test_all_that_was_shown_goes_and_the_new_answer_stands_alone(
    demo_chat: ChatPage, elsewhere: LiveServer
) -> None:
    chat = demo_chat
    elsewhere.reset()
    chat.use_provider(f"{elsewhere.url}/v1", "otter", KEY, preset="Anthropic-compatible")
    delta = {"type": "input_json_delta", "partial_json": '{"expression": "6 * 7"}'}
    elsewhere.queue(
        streamed(
            [
                message("first"),
                *block(0, "thinking", {"type": "thinking_delta", "thinking": "A first thought"}),
                *text(1, "The first words, which are rather more than the others"),
                *block(2, "tool_use", delta, id="call", name="calculate"),
                Gate("anew"),
                message("second"),
                Gate("on"),
                *text(0, "Other words"),
                Gate("end"),
                event("message_delta", delta={"stop_reason": "end_turn"}, usage={}),
                event("message_stop"),
            ]
        )
    )
    chat.ask("Tell me")
    body = chat.answer.locator('[data-part="body"]')
    expect(body).to_contain_text("A first thought")
    expect(chat.text).to_have_text("The first words, which are rather more than the others")
    expect(chat.answer.get_by_role("list", name="Tool calls")).to_contain_text("calculate")
    expect(chat.facts).to_contain_text("~23 tokens")
    elsewhere.open_gate("anew")
    expect(body).to_be_empty()
    expect(chat.answer).to_contain_text("Waiting for")
    expect(chat.answer.get_by_text("1 note about this answer")).to_be_visible()
    expect(chat.facts).not_to_contain_text("tokens")
    elsewhere.open_gate("on")
    expect(chat.text).to_have_text("Other words")
    expect(chat.answer).not_to_contain_text("Waiting for")
    # Counted is what stands there.
    expect(chat.facts).to_contain_text("~3 tokens")
    elsewhere.open_gate("end")
    chat.wait_for_end()
    expect(body).to_have_text("Other words")
    expect(chat.notice).to_be_hidden()
    chat.answer.get_by_text("1 note about this answer").click()
    expect(chat.answer).to_contain_text("The answer began anew.")
    # No tool of the withdrawn words has run, and nothing of them is sent again.
    assert len(elsewhere.requests()) == 1
    elsewhere.queue(streamed([message("third"), *text(0, "Yes."), event("message_stop")]))
    chat.ask("Sure?")
    expect(chat.text).to_have_text("Yes.")
    sent = elsewhere.requests()[-1].body
    assert "Other words" in sent
    assert "A first thought" not in sent
    assert "The first words" not in sent
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.answers.first.locator('[data-part="body"]')).to_have_text("Other words")


def test_an_answer_that_began_anew_behind_another_chat(
    demo_chat: ChatPage, elsewhere: LiveServer
) -> None:
    """The text that stands is drawn when the person comes back to it."""
    chat = demo_chat
    elsewhere.reset()
    chat.use_provider(f"{elsewhere.url}/v1", "otter", KEY, preset="Anthropic-compatible")
    elsewhere.queue(
        streamed(
            [
                message("first"),
                *text(0, "The first words"),
                Gate("anew"),
                message("second"),
                Gate("on"),
                *text(0, "Other"),
                Gate("more"),
                *text(0, " word"),
                Gate("end"),
                *text(0, "s"),
                event("message_delta", delta={"stop_reason": "end_turn"}, usage={}),
                event("message_stop"),
            ]
        )
    )
    chat.ask("Tell me behind my back")
    expect(chat.text).to_have_text("The first words")
    chat.new_chat_button.click()
    elsewhere.open_gate("anew")
    elsewhere.wait(at="gate:on")
    chat.row("Tell me behind my back").get_by_role("link").click()
    expect(chat.answer).to_contain_text("Waiting for")
    chat.new_chat_button.click()
    elsewhere.open_gate("on")
    elsewhere.wait(at="gate:more")
    chat.row("Tell me behind my back").get_by_role("link").click()
    expect(chat.text).to_have_text("Other")
    chat.new_chat_button.click()
    elsewhere.open_gate("more")
    elsewhere.wait(at="gate:end")
    chat.row("Tell me behind my back").get_by_role("link").click()
    expect(chat.text).to_have_text("Other word")
    elsewhere.open_gate("end")
    chat.wait_for_end()
    chat.expect_words("Other words")


def test_a_last_word_that_is_another_replaces_what_was_streamed(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    *written, _, done = records(Answer(text="A draft of it"))
    last = {"index": 0, "delta": {}, "message": {"content": "The answer"}, "finish_reason": "stop"}
    data = {"id": "chatcmpl-demo", "object": "chat.completion.chunk", "choices": [last]}
    server.queue(
        streamed([*written, Gate("end"), Send(f"data: {json.dumps(data)}\n\n".encode()), done])
    )
    chat.ask("Tell me")
    expect(chat.text).to_have_text("A draft of it")
    server.open_gate("end")
    expect(chat.text).to_have_text("The answer")
    chat.wait_for_end()
    expect(chat.facts).to_contain_text("~3 tokens out")
    chat.answer.get_by_text("2 notes about this answer").click()
    expect(chat.answer).to_contain_text("The text at the end is not what was streamed")
