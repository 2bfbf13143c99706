"""The switch for tools that a provider runs itself."""

import json
import re
from typing import Any

from playwright.sync_api import Route, expect

from app.browser.tools import provider_tools, words
from app.providers import provider
from app.providers.provider_tools import NAMES
from app.scripted.steps import Send, Step
from tests.browser.anthropic_stream import event, message, text
from tests.browser.chat_page import ChatPage

MODEL = "claude-sonnet-5"


def body(steps: list[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Send))


def test_what_is_turned_on_counts_for_its_provider_alone() -> None:
    claude, openai = provider("anthropic"), provider("openai")
    chosen = [provider_tools.key(claude, "web_search")]

    def on(who: Any, model: str, *, beside_functions: bool = False) -> list[str]:
        return provider_tools.turned_on(chosen, who, model, beside_functions=beside_functions)  # type: ignore[return-value]

    assert on(claude, MODEL) == ["web_search"]
    assert on(claude, MODEL, beside_functions=True) == ["web_search"]
    assert on(openai, "gpt-5-mini") == []
    chosen = [provider_tools.key(provider("google"), name) for name in NAMES]
    assert on(provider("google"), "gemini-2.5-flash") == list(NAMES)
    assert on(provider("google"), "gemini-2.5-flash", beside_functions=True) == []
    assert on(provider("google"), "gemini-3.8-flash", beside_functions=True) == list(NAMES)


def test_every_tool_has_words_and_unknown_providers_none() -> None:
    assert words.PROVIDER_TOOLS.keys() == set(NAMES)
    assert provider_tools.known_of(provider("llama.cpp"), "m") == []
    assert [one.name for one in provider_tools.known_of(provider("mistral"), "m")] == list(NAMES)


def test_searching_is_off_until_it_is_turned_on_in_this_chat(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    chat.open()
    asked: list[Any] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            asked.append(json.loads(route.request.post_data or "{}"))
        said = [
            message("m"),
            *text(0, "It rains."),
            event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 3}),
            event("message_stop"),
        ]
        headers = {"content-type": "text/event-stream", "access-control-allow-origin": "*"}
        headers["access-control-allow-headers"] = "*"
        route.fulfill(status=200, headers=headers, body=body(said))

    chat.watch.expect(r"called a stranger: https://api\.anthropic\.com/")
    chat.page.route("https://api.anthropic.com/**", answer)
    try:
        chat.use_provider("https://api.anthropic.com/v1", MODEL, "sk-ant-1", preset="Anthropic")
        chat.ask("Does it rain?")
        expect(chat.text).to_have_text("It rains.")
        assert "tools" not in asked[-1]

        tools = chat.page.get_by_role("button", name=re.compile("^Tools"))
        tools.click()
        search = chat.page.get_by_role("menuitemcheckbox", name="Search the web")
        group = chat.page.get_by_role("group", name="Run by Anthropic: what is asked goes there")
        expect(group.get_by_role("menuitemcheckbox")).to_have_count(2)
        expect(search).to_have_attribute("aria-checked", "false")
        search.click()
        expect(search).to_have_attribute("aria-checked", "true")
        expect(tools).to_have_accessible_name("Tools: 1 on")
        chat.page.keyboard.press("Escape")
        chat.ask("And now?")
        expect(chat.answers).to_have_count(2)
        expect(chat.text).to_have_text("It rains.")
        assert [one["name"] for one in asked[-1]["tools"]] == ["web_search"]

        chat.wait_for_end()
        chat.new_chat_button.click()
        chat.ask("In another chat?")
        expect(chat.text).to_have_text("It rains.")
        assert "tools" not in asked[-1]
    finally:
        chat.page.unroute("https://api.anthropic.com/**")
