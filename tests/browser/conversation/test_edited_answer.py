"""An answer that a person has rewritten, and what a provider is told of it."""

import json
import re
from typing import Any

from playwright.sync_api import expect

from app.scripted.openai_chat import streamed
from app.scripted.steps import Reply
from tests.browser.anthropic_stream import block, event, message, text
from tests.browser.chat_page import ChatPage
from tests.browser.conversation.test_conversation import button, choose
from tests.browser.elsewhere import KEY
from tests.live_server import LiveServer


def answers(id: str, said: str) -> Reply:
    thought = block(
        0,
        "thinking",
        {"type": "thinking_delta", "thinking": f"A thought of {id}"},
        {"type": "signature_delta", "signature": f"signed-{id}"},
        thinking="",
        signature="",
    )
    ended = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 9})
    return streamed([message(id), *thought, *text(1, said), ended, event("message_stop")])


def sent(server: LiveServer) -> list[dict[str, Any]]:
    """The messages of the last request, without the marks for the prompt cache."""
    messages = json.loads(server.requests()[-1].body)["messages"]
    for one in messages:
        for part in one["content"] if isinstance(one["content"], list) else ():
            part.pop("cache_control", None)
    return list(messages)


def test_an_edited_answer_is_a_version_of_its_own_and_is_sent_as_it_is(
    demo_chat: ChatPage, elsewhere: LiveServer
) -> None:
    chat, page = demo_chat, demo_chat.page
    elsewhere.reset()
    chat.use_provider(f"{elsewhere.url}/v1", "otter", KEY, preset="Anthropic-compatible")
    elsewhere.queue(answers("one", "The **moon** is far."), answers("two", "Yes."))
    chat.ask("How far is it?")
    chat.wait_for_end()

    choose(chat, chat.answer, "Edit this answer")
    box = chat.answer.get_by_role("textbox", name="Edit this answer")
    expect(box).to_be_focused()
    expect(box).to_have_value("The **moon** is far.")
    box.press("Escape")
    expect(box).to_be_hidden()
    choose(chat, chat.answer, "Edit this answer")
    # Enter is a line of the answer.
    box.fill("The **sun** is far.")
    box.press("Enter")
    box.press_sequentially("Very.")
    box.press("Control+Enter")
    expect(chat.text).to_have_text(re.compile("The sun is far.*Very.", re.DOTALL))
    expect(chat.answer.get_by_role("group", name="Answer 2 of 2")).to_be_visible()
    expect(chat.facts).to_contain_text("Edited by you")
    expect(chat.answer.locator(".reasoning")).to_have_count(0)
    expect(chat.message).to_be_focused()

    chat.ask("Is it?")
    chat.wait_for_end()
    edited = {"type": "text", "text": "The **sun** is far.\nVery."}
    assert sent(elsewhere)[1]["content"] in ([edited], edited["text"])

    # It is kept, and so is what the model had said, which is sent with its thoughts.
    page.reload()
    chat.wait_until_ready()
    first = chat.answers.first
    expect(first.get_by_role("list", name="About this answer")).to_contain_text("Edited by you")
    button(first, "Earlier version").click()
    expect(chat.text).to_have_text("The moon is far.")
    expect(chat.facts).not_to_contain_text("Edited")
    elsewhere.queue(answers("three", "No."), answers("four", " And hot."))
    chat.ask("Really?")
    chat.wait_for_end()
    assert [part["type"] for part in sent(elsewhere)[1]["content"]] == ["thinking", "text"]

    # The model goes on from what a person wrote.
    choose(chat, chat.answer, "Edit this answer")
    chat.answer.get_by_role("textbox", name="Edit this answer").fill("It is near")
    button(chat.answer, "Keep this version").click()
    choose(chat, chat.answer, "Have the model go on from here")
    chat.wait_for_end()
    expect(chat.answer).to_contain_text("And hot.")
    expect(chat.facts).to_contain_text("Edited by you")
    messages = sent(elsewhere)
    assert "It is near" in json.dumps(messages[-2])
    assert "signed-three" not in json.dumps(messages)
