"""The built-in model: what is said while it comes, when it is chosen, that it answers."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Route, expect

from app.native.local_model import LocalModel, ModelStatus
from tests.browser.chat_page import ChatPage
from tests.browser.long_times import let_pass
from tests.live_server import RUNTIME, LiveServer, live_server

# The real model on a busy machine writes a few tokens a second.
PATIENCE_MS = 120_000


class Status:
    """Plays `api/status` of a server whose model is on its way."""

    def __init__(self, chat: ChatPage) -> None:
        self._now = ModelStatus()
        self.named = ""
        chat.page.route("**/api/status", self._answer)

    def becomes(self, state: Any, **known: Any) -> None:
        self._now = ModelStatus(state, **known)

    def _answer(self, route: Route) -> None:
        said = {"version": "0.1.0", "model": self._now, "named": self.named}
        body = msgspec.json.encode(said)
        route.fulfill(body=body.decode(), content_type="application/json")


@pytest.fixture
def status(unopened_chat: ChatPage) -> Status:
    return Status(unopened_chat)


def test_the_demo_answers_until_the_model_is_ready(unopened_chat: ChatPage, status: Status) -> None:
    chat = unopened_chat
    status.becomes("downloading", received_bytes=12_000_000, total_bytes=94_000_000)
    chat.open()
    expect(chat.model_label).to_have_text("Demo")
    expect(chat.hint).to_contain_text("SmolLM2 135M is downloading, 12 of 94 MB")
    expect(chat.hint).to_contain_text("Until it is ready, the Demo answers.")
    bar = chat.page.get_by_role("progressbar", name="Preparing the built-in model")
    expect(bar).to_have_js_property("value", 12 / 94)
    chat.open_picker()
    coming = chat.models.first
    expect(coming).to_contain_text("SmolLM2 135M (downloading, 12 of 94 MB)")
    expect(coming).to_be_disabled()
    status.becomes("downloading", received_bytes=50_000_000, total_bytes=94_000_000)
    expect(chat.hint).to_contain_text("50 of 94 MB")
    expect(coming).to_contain_text("SmolLM2 135M (downloading, 50 of 94 MB)")
    chat.page.keyboard.press("Escape")
    status.becomes("starting", received_bytes=94_000_000, total_bytes=94_000_000)
    expect(chat.hint).to_contain_text("SmolLM2 135M is starting")
    status.becomes("ready")
    expect(chat.model_label).to_have_text("SmolLM2 135M")
    expect(bar).to_be_hidden()
    expect(chat.page.get_by_text("a very small model on this computer")).to_be_visible()
    # What it can't do is not offered.
    expect(chat.page.get_by_role("button", name="Write a thank-you note")).to_be_visible()
    expect(chat.page.get_by_role("button", name="What time is it?")).to_have_count(0)
    # The menu says why, and the way to tools of one's own is there with every model.
    chat.page.get_by_role("button", name="Tools: this model is too small for tools").click()
    menu = chat.page.get_by_role("menu")
    expect(menu).to_contain_text("This model is too small for tools")
    expect(menu.get_by_role("menuitemcheckbox", name="Calculate", exact=True)).to_be_disabled()
    menu.get_by_role("menuitem", name="Write your own…").click()
    expect(chat.page.get_by_role("dialog", name="Your tools", exact=True)).to_be_visible()
    chat.page.keyboard.press("Escape")


def test_a_conversation_that_began_is_not_moved_to_another_model(
    unopened_chat: ChatPage, status: Status
) -> None:
    chat = unopened_chat
    status.becomes("starting")
    chat.open()
    chat.ask("Are you there?")
    chat.wait_for_end()
    status.becomes("ready")
    expect(chat.hint).to_contain_text("SmolLM2 135M is ready.")
    expect(chat.model_label).to_have_text("Demo")
    chat.page.get_by_role("button", name="Use it").click()
    expect(chat.model_label).to_have_text("SmolLM2 135M")


def test_a_choice_of_the_person_stands(unopened_chat: ChatPage, status: Status) -> None:
    chat = unopened_chat
    status.becomes("ready")
    chat.open()
    expect(chat.model_label).to_have_text("SmolLM2 135M")
    chat.choose_model("Demo")
    expect(chat.page.get_by_text("The Demo answers: a script in this tab")).to_be_visible()
    chat.open()
    expect(chat.model_label).to_have_text("Demo")


def test_new_chats_begin_with_the_model_that_the_server_names(
    unopened_chat: ChatPage, status: Status
) -> None:
    chat = unopened_chat
    status.becomes("ready")
    status.named = "Demo"
    chat.open()
    expect(chat.model_label).to_have_text("Demo")
    status.named = "otter-1"
    chat.open()
    expect(chat.hint).to_contain_text("started with --model otter-1, and no provider here has")
    expect(chat.model_label).to_have_text("SmolLM2 135M")


def test_a_model_that_did_not_start_is_explained(unopened_chat: ChatPage, status: Status) -> None:
    status.becomes("failed", message="No wheel fits this platform.")
    unopened_chat.open()
    expect(unopened_chat.hint).to_contain_text("No wheel fits this platform. The Demo answers.")
    expect(unopened_chat.model_label).to_have_text("Demo")
    # The server tries it anew, and the page asks now and then.
    status.becomes("ready")
    page = unopened_chat.page
    for _ in range(600):
        let_pass(page, 5000)
        if unopened_chat.model_label.text_content() == "SmolLM2 135M":
            break
        page.evaluate("new Promise(requestAnimationFrame)")
    expect(unopened_chat.model_label).to_have_text("SmolLM2 135M")


def test_a_server_without_a_model_offers_the_demo(chat: ChatPage) -> None:
    expect(chat.model_label).to_have_text("Demo")
    chat.open_picker()
    expect(chat.models.first).to_contain_text("SmolLM2 135M (not running)")
    expect(chat.models.first).to_be_disabled()


@pytest.fixture(scope="module")
def model_server() -> Iterator[LiveServer]:
    """A server with the real model, which the set-up has fetched."""
    with live_server(model=LocalModel(RUNTIME)) as server:
        yield server


def test_the_real_model_streams_stops_and_answers_again(
    new_chat: Callable[..., ChatPage], model_server: LiveServer
) -> None:
    chat = new_chat(model_server.url)
    chat.open()
    expect(chat.model_label).to_have_text("SmolLM2 135M", timeout=PATIENCE_MS)
    # Without an end of its own, so that it runs when it is stopped.
    panel = chat.open_drawer("Settings of this chat")
    panel.get_by_label("Extra JSON").fill('{"ignore_eos": true}')
    chat.ask("Write a short story about a lighthouse")
    expect(chat.text).not_to_be_empty(timeout=PATIENCE_MS)
    # It grows: sooner or later there is more than there was.
    begun = chat.text.inner_text()
    expect(chat.text).not_to_have_text(begun, timeout=PATIENCE_MS)
    chat.stop_button.click()
    chat.wait_for_end()
    expect(chat.notice).to_contain_text("You stopped this answer.")
    assert chat.text.inner_text().startswith(begun)

    settings = chat.open_settings("Model defaults")
    settings.get_by_label("Temperature").fill("0")
    settings.get_by_label("Max tokens").fill("12")
    chat.save_settings()
    answers = []
    for streaming in (True, False):
        chat.new_chat_button.click()
        chat.streaming_switch.set_checked(streaming)
        chat.ask("Name three colours.")
        expect(chat.answer.locator(".answer-foot")).to_be_visible(timeout=PATIENCE_MS)
        expect(chat.facts).to_contain_text("12 tokens out")
        expect(chat.facts).to_contain_text("Streaming" if streaming else "Sync")
        expect(chat.notice).to_contain_text("length limit")
        answers.append(chat.text.text_content())
    assert answers[0] == answers[1] != ""
