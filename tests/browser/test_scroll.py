"""Following the end of an answer, until the reader goes up to read."""

from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Send
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer

LINES = "".join(f"line {number}\n\n" for number in range(100))


def begin(chat: ChatPage, server: LiveServer) -> None:
    """A long answer, of which a second and a third part wait for their gates."""
    written = records(Answer(text=LINES * 3), split=lambda text: [LINES] * 3 if text else [])
    server.queue(
        streamed(
            [
                Send(written[0] + written[1]),
                Gate("second"),
                Send(written[2]),
                Gate("third"),
                *map(Send, written[3:]),
            ]
        )
    )
    chat.ask("A long one")
    chat.expect_words(LINES)
    chat.expect_at_end()


def test_the_page_follows_the_answer(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    begin(chat, server)
    server.open_gate("second")
    chat.expect_words(LINES * 2)
    chat.expect_at_end()
    server.open_gate("third")
    chat.wait_for_end()
    chat.expect_at_end()


def test_a_reader_who_goes_up_is_left_alone(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    begin(chat, server)
    jump = chat.page.get_by_role("button", name="Jump to latest")
    expect(jump).to_be_hidden()
    chat.page.mouse.move(640, 400)
    chat.page.mouse.wheel(0, -600)
    expect(jump).to_be_visible()
    where = chat.scroll_top()
    server.open_gate("second")
    chat.expect_words(LINES * 2)
    server.open_gate("third")
    chat.wait_for_end()
    assert chat.scroll_top() == where
    jump.click()
    chat.expect_at_end()
    expect(jump).to_be_hidden()


def test_a_small_step_up_is_enough(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    begin(chat, server)
    before = chat.scroll_top()
    chat.page.mouse.move(640, 400)
    chat.page.mouse.wheel(0, -50)
    expect(chat.page.locator("#scroller")).to_have_js_property("scrollTop", before - 50)
    server.open_gate("second")
    chat.expect_words(LINES * 2)
    assert chat.scroll_top() == before - 50


def test_a_reader_who_comes_back_is_followed_again(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    begin(chat, server)
    chat.page.locator("#scroller").focus()
    chat.page.keyboard.press("PageUp")
    expect(chat.page.get_by_role("button", name="Jump to latest")).to_be_visible()
    chat.page.keyboard.press("End")
    chat.expect_at_end()
    server.open_gate("second")
    chat.expect_words(LINES * 2)
    chat.expect_at_end()


def test_a_new_question_brings_the_reader_to_the_end(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    begin(chat, server)
    server.open_gate("second")
    server.open_gate("third")
    chat.wait_for_end()
    chat.page.mouse.move(640, 400)
    chat.page.mouse.wheel(0, -2000)
    expect(chat.page.get_by_role("button", name="Jump to latest")).to_be_visible()
    chat.ask("And now?")
    chat.expect_at_end()
