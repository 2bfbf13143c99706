"""Questions that wait behind an answer that failed: they are held, and go on when it has come."""

import pytest
from playwright.sync_api import Locator, expect

from app.scripted.openai_chat import Answer, error_body, error_record, records, streamed, whole
from app.scripted.steps import Gate, Send
from tests.browser.chat_page import ChatPage
from tests.browser.conversation.test_conversation import button, held, says
from tests.live_server import LiveServer

REFUSED = whole(error_body("Not like this.", type="invalid_request_error"), status=400)
BREAKS = streamed(
    [
        *records(Answer(text="This much"))[:-2],
        Gate("break"),
        Send(error_record("It broke", type="server_error")),
    ]
)


@pytest.fixture
def paused_chat(scripted_chat: ChatPage, server: LiveServer) -> ChatPage:
    """Second and Third wait behind an answer that broke off."""
    chat = scripted_chat
    chat.watch.expect(r"the server responded with a status of")
    server.queue(BREAKS)
    chat.ask("First")
    expect(chat.text).to_have_text("This much")
    for question in ("Second", "Third"):
        chat.ask(question)
    expect(waiting(chat)).to_contain_text("Waits for the answer above.")
    expect(button(waiting(chat), "Send them now")).to_be_hidden()
    server.open_gate("break")
    expect(chat.notice).to_contain_text("had an internal error")
    return chat


def waiting(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("region", name="Waiting questions")


def expect_waiting(chat: ChatPage, *questions: str) -> None:
    expect(waiting(chat).get_by_role("listitem").locator(".question-text")).to_have_text(questions)


def test_it_is_said_and_goes_on_after_retry(paused_chat: ChatPage, server: LiveServer) -> None:
    chat = paused_chat
    expect(waiting(chat)).to_contain_text("Paused, because the last answer did not finish")
    expect_waiting(chat, "Second", "Third")
    expect(chat.text).to_have_text("This much")
    expect(chat.send_button).to_be_visible()
    assert len(server.requests()) == 1
    # One that fails again changes nothing.
    server.queue(REFUSED)
    button(chat.answer, "Retry").click()
    expect(chat.notice).to_contain_text("Not like this.")
    expect_waiting(chat, "Second", "Third")
    expect(waiting(chat)).to_contain_text("Paused")
    server.queue(held("All of it."), says("Two."), says("Three."))
    button(chat.answer, "Retry").click()
    expect(chat.text).to_have_text("All of it.")
    expect(waiting(chat)).to_contain_text("Waits for the answer above.")
    expect(waiting(chat)).not_to_contain_text("Paused")
    server.open_gate("end")
    expect(chat.questions).to_have_count(3)
    expect(chat.text).to_have_text("Three.")
    chat.wait_for_end()
    expect(waiting(chat)).to_be_hidden()
    second, third = (asked.body for asked in server.requests()[3:])
    assert second.index("First") < second.index("All of it.") < second.index("Second")
    assert "This much" not in second
    assert third.index("Two.") < third.index("Third")


def test_what_waits_is_changed_and_sent_by_hand(paused_chat: ChatPage, server: LiveServer) -> None:
    chat = paused_chat
    items = waiting(chat).get_by_role("listitem")
    button(items.first, "Remove").click()
    expect_waiting(chat, "Third")
    expect(chat.message).to_be_focused()
    # A further one waits its turn.
    chat.ask("Fourth")
    expect_waiting(chat, "Third", "Fourth")
    button(items.first, "Edit").click()
    expect(chat.message).to_have_value("Third")
    chat.message.fill("Third, changed")
    chat.message.press("Enter")
    expect_waiting(chat, "Fourth", "Third, changed")
    assert len(server.requests()) == 1
    server.queue(says("Four."), says("Three."))
    button(waiting(chat), "Send them now").press("Enter")
    expect(chat.message).to_be_focused()
    expect(chat.questions).to_have_count(3)
    expect(chat.text).to_have_text("Three.")
    chat.wait_for_end()
    assert "This much" in server.requests()[1].body


def test_nothing_is_held_when_all_that_waited_is_gone(
    paused_chat: ChatPage, server: LiveServer
) -> None:
    chat = paused_chat
    for _ in range(2):
        button(waiting(chat).get_by_role("listitem").first, "Remove").click()
    expect(waiting(chat)).to_be_hidden()
    server.queue(says("At once."))
    chat.ask("Now")
    expect(chat.text).to_have_text("At once.")
    chat.wait_for_end()


def test_other_chats_are_not_held(paused_chat: ChatPage, server: LiveServer) -> None:
    chat = paused_chat
    chat.new_chat_button.click()
    expect(waiting(chat)).to_be_hidden()
    server.queue(says("Elsewhere."))
    chat.ask("In a new chat")
    expect(chat.text).to_have_text("Elsewhere.")
    chat.wait_for_end()
    chat.page.go_back()
    expect_waiting(chat, "Second", "Third")
    expect(waiting(chat)).to_contain_text("Paused")


def test_asking_otherwise_in_mid_answer_holds_nothing(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    """The answer was given up for another one, and that came to its end."""
    chat = scripted_chat
    server.queue(held("One."), held("Uno.", "again"), says("Two."))
    chat.ask("First")
    expect(chat.text).to_have_text("One.")
    chat.ask("Second")
    chat.questions.first.hover()
    button(chat.questions.first, "Edit").click()
    chat.questions.first.get_by_role("textbox").fill("First, in Spanish")
    chat.page.keyboard.press("Enter")
    expect(chat.text).to_have_text("Uno.")
    server.wait(0, state="disconnected")
    expect(waiting(chat)).to_contain_text("Waits for the answer above.")
    server.open_gate("again")
    expect(chat.text).to_have_text("Two.")
    chat.wait_for_end()
    expect(waiting(chat)).to_be_hidden()
