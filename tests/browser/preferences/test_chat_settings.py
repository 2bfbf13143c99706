"""Settings of one chat that differ from the defaults: prompt, presets, numbers, mode, model."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, records, streamed, whole
from app.scripted.steps import Gate, Send
from tests.browser.axe import expect_accessible
from tests.browser.chat_page import ChatPage
from tests.browser.elsewhere import KEY
from tests.live_server import LiveServer

TAB = "Settings of this chat"


def body(server: LiveServer) -> Any:
    return json.loads(server.requests()[-1].body)


def test_a_chat_has_settings_of_its_own(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    panel = chat.open_drawer(TAB)
    panel.get_by_label("System prompt").fill("Speak like a pirate.")
    panel.get_by_label("Temperature").fill("0.5")
    panel.get_by_label("Top-p").fill("0.9")
    panel.get_by_label("Max tokens").fill("7")
    panel.get_by_label("Reasoning effort").select_option("low")
    panel.get_by_label("Stop words").fill("END\nSTOP")
    panel.get_by_label("Extra JSON").fill('{"user": "me"}')
    chat.ask("Hello")
    chat.wait_for_end()
    sent = body(server)
    assert sent["messages"][0]["content"] == "Speak like a pirate."
    assert (sent["temperature"], sent["top_p"], sent["max_tokens"]) == (0.5, 0.9, 7)
    assert (sent["reasoning_effort"], sent["stop"], sent["user"]) == ("low", ["END", "STOP"], "me")
    chat.new_chat_button.click()
    expect(panel.get_by_label("Temperature")).to_have_value("")
    chat.ask("Hello again")
    chat.wait_for_end()
    assert "temperature" not in body(server)
    chat.page.go_back()
    chat.page.get_by_role("button", name="Close details").click()


def test_the_meter_counts_what_is_being_written_and_knows_a_window_that_is_set(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    written = [*map(Send, records(Answer(text="word " * 400)))]
    server.queue(streamed([*written[:-2], Gate("rest"), *written[-2:]]))
    chat.ask("Count")
    meter = chat.page.locator(".context:visible")
    expect(meter).to_have_text("Context ~502 tokens")
    # Also where the top bar has no room for it.
    panel = chat.open_drawer(TAB)
    panel.get_by_label("Context window").fill("1000")
    expect(meter).to_have_text("Context ~50 %")
    server.open_gate("rest")
    chat.wait_for_end()
    chat.page.get_by_role("button", name="Close details").click()


def test_what_cannot_be_meant_stays_and_is_not_sent(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    panel = chat.open_drawer(TAB)
    for label, text, sentence in (
        ("Temperature", "7", "Temperature should be a number from 0 to 2."),
        ("Extra JSON", "{seed", "This is not JSON yet"),
    ):
        field = panel.get_by_label(label)
        field.fill(text)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(sentence))
        expect(panel).to_contain_text(sentence)
        expect(field).to_have_value(text)
    expect_accessible(chat.page, "settings with mistakes")
    chat.ask("Hello")
    chat.wait_for_end()
    assert "temperature" not in body(server)
    chat.page.get_by_role("button", name="Close details").click()


def test_presets_are_used_kept_and_deleted(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    page = chat.page
    panel = chat.open_drawer(TAB)
    prompt = panel.get_by_label("System prompt")
    presets = panel.get_by_role("button", name="Presets")
    presets.click()
    page.get_by_role("menuitemcheckbox", name="Translator").click()
    expect(prompt).to_have_value(re.compile("^Translate what you are given"))
    prompt.fill("Answer in rhymes.")
    presets.click()
    page.get_by_role("menuitem", name="Save this prompt as a preset…").click()
    name = "<img src=x onerror=alert(1)> Poet"
    panel.get_by_label("Name for the prompt").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"Preset saved: {name}")
    presets.click()
    expect(page.get_by_role("menuitemcheckbox", name=name)).to_be_checked()
    assert page.get_by_role("menu").locator("img").count() == 0
    expect_accessible(page, "presets")
    page.get_by_role("menuitem", name=f"Delete preset: {name}").click()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    presets.click()
    expect(page.get_by_role("menuitemcheckbox", name=name)).to_be_visible()
    page.get_by_role("menuitem", name=f"Delete preset: {name}").click()
    panel.get_by_role("button", name="Back to the defaults").click()
    expect(prompt).to_have_value("")
    page.get_by_role("button", name="Close details").click()


def test_the_settings_of_a_chat_become_those_of_new_ones(chat: ChatPage) -> None:
    panel = chat.open_drawer(TAB)
    panel.get_by_label("Temperature").fill("0.3")
    panel.get_by_role("button", name="Use for new chats too").click()
    expect(panel.get_by_label("Temperature")).to_have_attribute("placeholder", "Default: 0.3")
    settings = chat.open_settings("Model defaults")
    expect(settings.get_by_label("Temperature")).to_have_value("0.3")
    settings.get_by_label("Temperature").fill("9")
    chat.go_to_settings("Privacy")
    settings.get_by_role("button", name="Save").click()
    # The section with the mistake comes up.
    expect(settings.get_by_label("Temperature")).to_be_focused()
    expect(settings).to_contain_text("Temperature should be a number from 0 to 2.")
    expect(settings.get_by_label("Temperature")).to_have_value("9")
    settings.get_by_label("Temperature").fill("1")
    chat.save_settings()
    expect(panel.get_by_label("Temperature")).to_have_attribute("placeholder", "Default: 1")


def test_mode_and_model_belong_to_the_chat(chat: ChatPage, server: LiveServer) -> None:
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    chat.streaming_switch.uncheck()
    chat.open_drawer(TAB).get_by_label("Top-p").fill("0.8")
    chat.ask("In the first chat")
    chat.wait_for_end()
    chat.new_chat_button.click()
    chat.choose_model("Demo")
    chat.streaming_switch.check()
    chat.ask("In the second chat")
    chat.wait_for_end()
    chat.open_sidebar().get_by_role("link", name="In the first chat").click()
    expect(chat.model_label).to_have_text("demo")
    expect(chat.streaming_switch).not_to_be_checked()
    # All of it is there after a reload.
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.model_label).to_have_text("demo")
    expect(chat.streaming_switch).not_to_be_checked()
    expect(chat.open_drawer(TAB).get_by_label("Top-p")).to_have_value("0.8")


def test_a_chat_stays_with_mode_and_tools_when_others_change(chat: ChatPage) -> None:
    page = chat.page
    tools = page.locator("#tools")
    chat.ask("In the first chat")
    chat.wait_for_end()
    offered = tools.get_attribute("aria-label")
    assert offered
    chat.new_chat_button.click()
    chat.ask("In the second chat")
    chat.wait_for_end()
    chat.streaming_switch.uncheck()
    tools.click()
    # What is ticked here holds for the next chats too, and says so.
    offered_here = page.get_by_role("group", name="Offered in this chat, and in new ones")
    offered_here.get_by_role("menuitemcheckbox", name="Roll dice", exact=True).click()
    page.keyboard.press("Escape")
    expect(tools).not_to_have_attribute("aria-label", offered)
    chat.row("In the first chat").get_by_role("link").click()
    expect(chat.streaming_switch).to_be_checked()
    expect(tools).to_have_attribute("aria-label", offered)
    chat.new_chat_button.click()
    # New ones begin with what was chosen last.
    expect(chat.streaming_switch).not_to_be_checked()
    expect(tools).not_to_have_attribute("aria-label", offered)


def test_settings_of_an_earlier_version_are_taken_over(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    old = {"connections": [], "choice": "", "instructions": "Be kind.", "max_tokens": 9}
    chat.page.add_init_script(f"localStorage['tokenfall.settings'] = '{json.dumps(old)}'")
    chat.open()
    settings = chat.open_settings("Model defaults")
    expect(settings.get_by_label("System prompt")).to_have_value("Be kind.")
    expect(settings.get_by_label("Max tokens")).to_have_value("9")


def test_on_a_phone(phone_chat: ChatPage) -> None:
    chat = phone_chat
    panel = chat.open_drawer(TAB)
    panel.get_by_label("Temperature").fill("7")
    for theme in ("light", "dark"):
        chat.page.emulate_media(color_scheme=theme)
        expect_accessible(chat.page, f"settings of a chat, {theme}")
    assert chat.page.evaluate("document.documentElement.scrollWidth") == 390
    panel.get_by_label("Temperature").fill("")
    chat.page.get_by_role("button", name="Close details").click()


def test_what_a_model_refuses_is_left_out_by_a_press_and_sent_again_by_another(
    demo_chat: ChatPage, server: LiveServer
) -> None:
    chat = demo_chat
    server.reset()
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    chat.watch.expect(r"the server responded with a status of")
    panel = chat.open_drawer(TAB)
    field = panel.get_by_label("Temperature")
    field.fill("0.5")
    said = "Unsupported parameter: 'temperature' is not supported with this model."
    error = json.dumps({"error": {"message": said, "param": "temperature"}}).encode()
    server.queue(whole(error, status=400, headers={"content-type": "application/json"}))
    chat.ask("Hello")
    chat.answer.get_by_role("button", name="Send without temperature").click()
    chat.wait_for_end()
    assert "temperature" not in body(server)
    expect(field).to_be_disabled()
    expect(field).to_have_value("0.5")
    expect(field).to_have_accessible_description(re.compile("This model has refused it"))
    chat.page.reload()
    chat.wait_until_ready()
    panel = chat.open_drawer(TAB)
    expect(panel.get_by_label("Temperature")).to_be_disabled()
    panel.get_by_role("button", name="Send it anyway").click()
    expect(panel.get_by_label("Temperature")).to_be_enabled()
    chat.ask("Hello again")
    chat.wait_for_end()
    assert body(server)["temperature"] == 0.5
    # Another model that is asked once and refuses is the one that gets it no more.
    chat.page.get_by_role("button", name="Close details").click()
    chat.answer.get_by_role("button", name="More for this answer").click()
    chat.page.get_by_role("menuitem", name="Regenerate with another model…").click()
    picker = chat.page.get_by_role("dialog", name="Regenerate with…")
    picker.get_by_role("combobox").fill("never-chosen")
    server.queue(whole(error, status=400, headers={"content-type": "application/json"}))
    picker.get_by_role("option", name="Use never-chosen").click()
    chat.answer.get_by_role("button", name="Send without temperature").click()
    chat.wait_for_end()
    assert body(server)["model"] == "never-chosen"
    assert "temperature" not in body(server)
    chat.ask("And you?")
    chat.wait_for_end()
    assert (body(server)["model"], body(server)["temperature"]) == ("demo", 0.5)


def test_what_a_model_is_known_to_refuse_is_greyed_with_the_reason(
    demo_chat: ChatPage, elsewhere: LiveServer
) -> None:
    chat = demo_chat
    elsewhere.reset()
    chat.use_provider(f"{elsewhere.url}/v1", "claude-opus-5", KEY, preset="Anthropic-compatible")
    panel = chat.open_drawer(TAB)
    field = panel.get_by_label("Temperature")
    expect(field).to_be_disabled()
    expect(field).to_have_accessible_description(re.compile("can't be told how"))
    expect_accessible(chat.page, "greyed settings")
    panel.get_by_role("button", name="Send it anyway").first.click()
    expect(field).to_be_enabled()
    expect(field).to_be_focused()
    panel.get_by_role("button", name="Leave it out").click()
    expect(field).to_be_disabled()
    chat.page.get_by_role("button", name="Close details").click()


def test_a_model_that_refuses_tools_is_asked_without_them(
    new_chat: Callable[..., ChatPage], server: LiveServer
) -> None:
    chat = new_chat()
    chat.open()
    server.reset()
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    chat.watch.expect(r"the server responded with a status of")
    chat.page.get_by_role("button", name="Tools: ").click()
    chat.page.get_by_role("menuitemcheckbox", name="Calculate", exact=True).click()
    chat.page.keyboard.press("Escape")
    error = json.dumps({"error": {"message": "library/gemma:2b does not support tools"}}).encode()
    server.queue(whole(error, status=400, headers={"content-type": "application/json"}))
    chat.ask("Hello")
    chat.answer.get_by_role("button", name="Send without tools").click()
    chat.wait_for_end()
    assert "tools" not in body(server)
    chat.page.get_by_role("button", name="Tools: this model has refused tools").click()
    chat.page.get_by_role("menuitem", name="Send tools anyway").click()
    chat.ask("Hello again")
    chat.wait_for_end()
    assert body(server)["tools"]
