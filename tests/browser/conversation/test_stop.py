"""Stop: the request ends down to the socket, and what had arrived stays."""

import pytest
from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Reply, Send, Stall
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer


def endless(text: str) -> Reply:
    """An answer that begins and then says nothing more."""
    return streamed([*records(Answer(text=text))[:-2], Stall()])


@pytest.mark.parametrize("way", ["button", "Escape", "Escape elsewhere"])
def test_stop_ends_the_request_and_keeps_the_text(
    way: str, scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(endless("As far as it came"))
    chat.ask("Go on and on")
    expect(chat.text).to_have_text("As far as it came")
    server.wait(at="stall")
    match way:
        case "button":
            chat.stop_button.click()
        case "Escape":
            chat.message.press("Escape")
        case _:
            chat.page.locator("#scroller").focus()
            chat.page.keyboard.press("Escape")
    server.wait(state="disconnected")
    chat.wait_for_end()
    expect(chat.text).to_have_text("As far as it came")
    expect(chat.notice).to_contain_text("You stopped this answer.")
    expect(chat.retry_button).to_be_visible()
    expect(chat.status).to_have_text("You stopped this answer.")
    expect(chat.answer).to_have_attribute("data-state", "aborted")


def test_stop_before_the_first_word(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    server.queue(Reply(before=(Stall(),)))
    chat.ask("Anyone?")
    expect(chat.answer).to_contain_text("Waiting for the first token")
    server.wait(at="stall")
    chat.stop_button.click()
    server.wait(state="disconnected")
    expect(chat.notice).to_contain_text("You stopped this answer.")


def test_stop_in_sync_mode(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    server.queue(Reply(steps=(Send(b'{"choices": ['), Stall())))
    chat.streaming_switch.uncheck()
    chat.ask("Whole, but never")
    server.wait(at="stall")
    chat.stop_button.click()
    server.wait(state="disconnected")
    expect(chat.notice).to_contain_text("You stopped this answer.")


def test_the_next_question_works_after_a_stop(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    server.queue(endless("Partly"), streamed(records(Answer(text="Wholly."))))
    chat.ask("First")
    expect(chat.text).to_have_text("Partly")
    chat.stop_button.click()
    chat.wait_for_end()
    chat.ask("Second")
    chat.wait_for_end()
    expect(chat.text).to_have_text("Wholly.")
    expect(chat.answers.first).to_contain_text("Partly")
    # An answer that was stopped can be asked for again at any time.
    expect(chat.answers.first.get_by_role("button", name="Retry")).to_be_visible()


def test_retry_asks_again_and_keeps_the_earlier_attempt(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(endless("Half of"), streamed(records(Answer(text="All of it."))))
    chat.ask("Tell me")
    expect(chat.text).to_have_text("Half of")
    chat.stop_button.click()
    chat.retry_button.click()
    chat.wait_for_end()
    expect(chat.text).to_have_text("All of it.")
    expect(chat.questions).to_have_count(1)
    expect(chat.answers).to_have_count(1)
    expect(chat.answer.get_by_role("group", name="Answer 2 of 2")).to_be_visible()
    chat.answer.get_by_role("button", name="Earlier version").click()
    expect(chat.text).to_have_text("Half of")
    expect(chat.notice).to_contain_text("You stopped this answer.")
    chat.answer.get_by_role("button", name="Later version").click()
    expect(chat.text).to_have_text("All of it.")
    expect(chat.notice).to_be_hidden()
    # The attempt is not part of the conversation.
    assert "Half of" not in server.requests()[1].body


def test_a_new_chat_leaves_the_answer_of_the_old_one_alone(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(endless("Never mind"), streamed(records(Answer(text="Here I am."))))
    chat.ask("Go on")
    expect(chat.text).to_have_text("Never mind")
    chat.new_chat_button.click()
    expect(chat.answers).to_have_count(0)
    expect(chat.stop_button).to_be_hidden()
    expect(chat.page).to_have_title("Tokenfall")
    chat.ask("Anyone here?")
    chat.wait_for_end()
    expect(chat.text).to_have_text("Here I am.")
    assert server.requests()[0].state == "running"


def test_the_focus_stays_in_the_message_box(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    server.queue(endless("Running"))
    chat.message.fill("By the button")
    chat.send_button.click()
    expect(chat.text).to_have_text("Running")
    expect(chat.message).to_be_focused()
    chat.message.press_sequentially("written meanwhile")
    expect(chat.message).to_have_value("written meanwhile")
    chat.stop_button.click()
    chat.wait_for_end()
    expect(chat.message).to_be_focused()
