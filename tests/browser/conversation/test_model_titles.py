"""Titles by the model, where a person wants them."""

import json

from playwright.sync_api import expect

from app.scripted.openai_chat import error_body, whole
from tests.browser.chat_page import ChatPage
from tests.browser.conversation.test_conversation import held, says
from tests.live_server import LiveServer


def test_the_model_gives_a_chat_its_title(unopened_chat: ChatPage, server: LiveServer) -> None:
    chat, page = unopened_chat, unopened_chat.page
    chat.open()
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    title = page.locator("#chat-title")
    # Off by default.
    server.queue(says("Far."), says("Very."))
    chat.ask("How far is the moon?")
    chat.wait_for_end()
    chat.ask("How far exactly?")
    chat.wait_for_end()
    assert len(server.requests()) == 2
    settings = chat.open_settings("Model defaults")
    settings.get_by_label("Let the model give a new chat its title").check()
    chat.save_settings()

    server.reset()
    chat.new_chat_button.click()
    server.queue(says("It is **far**."), says('"Distance of the moon."\n\nIs that right?'))
    chat.ask("How far is the moon?")
    expect(title).to_have_text("Distance of the moon")
    expect(chat.row("Distance of the moon")).to_be_visible()
    asked = json.loads(server.requests()[1].body)
    assert len(asked["messages"]) == 1
    assert "It is **far**." in asked["messages"][0]["content"]
    assert "tools" not in asked
    assert 0 < asked.get("max_tokens", asked.get("max_completion_tokens")) <= 256
    wire = chat.open_drawer("Wire")
    expect(wire).to_contain_text("Give the conversation below a title")
    page.get_by_role("button", name="Close details").click()
    # Once a chat.
    server.queue(says("Yes."))
    chat.ask("Really?")
    chat.wait_for_end()
    assert len(server.requests()) == 3

    # Never over one that the person has given meanwhile.
    server.reset()
    chat.new_chat_button.click()
    server.queue(says("It is near."), held("A late title"), says("Yes."))
    chat.ask("How far is the sea?")
    chat.wait_for_end()
    server.wait(1)
    page.get_by_role("button", name="Rename this chat").click()
    page.get_by_role("textbox", name="Title of this chat").fill("My own")
    page.keyboard.press("Enter")
    server.open_gate("end")
    chat.ask("Really?")
    chat.wait_for_end()
    expect(title).to_have_text("My own")

    # What fails leaves the title, and says nothing.
    server.reset()
    chat.new_chat_button.click()
    chat.watch.expect("429")
    broken = whole(error_body("Too many", type="rate_limit"), status=429)
    server.queue(says("It is."), broken, says("Yes."))
    chat.ask("Is it wet?")
    chat.wait_for_end()
    server.wait(1)
    chat.ask("Really?")
    chat.wait_for_end()
    expect(title).to_have_text("Is it wet?")
    expect(chat.notice).to_be_hidden()

    # A temporary chat has none.
    server.reset()
    page.get_by_role("button", name="Temporary chat").click()
    server.queue(says("It is."), says("Yes."))
    chat.ask("Is it dry?")
    chat.wait_for_end()
    chat.ask("Really?")
    chat.wait_for_end()
    expect(chat.text).to_have_text("Yes.")
    assert len(server.requests()) == 2
