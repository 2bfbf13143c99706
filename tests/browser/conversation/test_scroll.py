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
    expect_lines(chat, 100)
    chat.expect_at_end()


def expect_lines(chat: ChatPage, count: int) -> None:
    """Expect so many lines; those far from the view have no inner text."""
    expect(chat.text.locator("p")).to_have_count(count)


def test_the_page_follows_the_answer(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    begin(chat, server)
    server.open_gate("second")
    expect_lines(chat, 200)
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
    expect_lines(chat, 200)
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
    expect_lines(chat, 200)
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
    expect_lines(chat, 200)
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


def test_the_slowest_wheel_is_not_fought(scripted_chat: ChatPage, server: LiveServer) -> None:
    """A touch pad sends a few pixels at a time, and the answer grows in between."""
    chat = scripted_chat
    begin(chat, server)
    before = chat.scroll_top()
    chat.page.mouse.move(640, 400)
    chat.page.mouse.wheel(0, -5)
    expect(chat.page.locator("#scroller")).to_have_js_property("scrollTop", before - 5)
    server.open_gate("second")
    expect_lines(chat, 200)
    chat.page.mouse.wheel(0, -5)
    expect(chat.page.locator("#scroller")).to_have_js_property("scrollTop", before - 10)
    server.open_gate("third")
    chat.wait_for_end()
    assert chat.scroll_top() == before - 10


def test_a_wheel_that_moves_nothing_ends_nothing(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    begin(chat, server)
    chat.page.locator("#scroller").evaluate(
        "element => element.dispatchEvent(new WheelEvent('wheel', {deltaY: -5, bubbles: true}))"
    )
    server.open_gate("second")
    server.open_gate("third")
    chat.wait_for_end()
    chat.expect_at_end()


def test_what_changes_above_does_not_move_the_reader(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    begin(chat, server)
    chat.page.mouse.move(640, 400)
    chat.page.mouse.wheel(0, -600)
    jump = chat.page.get_by_role("button", name="Jump to latest")
    expect(jump).to_be_visible()
    line = "document.elementFromPoint(640, 300).textContent.length"
    before = chat.page.evaluate(line)
    add = """([pixels]) => {
      let space = document.querySelector("#test-space");
      if (!space) {
        space = document.createElement("div");
        space.id = "test-space";
        document.querySelector("#transcript").prepend(space);
      }
      space.style.height = `${pixels}px`;
    }"""
    chat.page.evaluate(add, [900])
    chat.page.evaluate("new Promise(requestAnimationFrame)")
    assert chat.page.evaluate(line) == before
    chat.page.evaluate(add, [0])
    server.open_gate("second")
    server.open_gate("third")
    chat.wait_for_end()
    expect(jump).to_be_visible()
    jump.click()
    chat.expect_at_end()


def test_a_question_stands_near_the_top_and_its_answer_has_room(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    for question in ("The first", "The second"):
        chat.ask(question)
        chat.wait_for_end()
    stage = chat.page.locator("#scroller").bounding_box()
    box = chat.questions.last.bounding_box()
    assert stage
    assert box
    assert 0 <= box["y"] - stage["y"] < 60
    chat.expect_at_end()


def test_new_text_below_is_told_by_a_dot(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    begin(chat, server)
    chat.page.mouse.move(640, 400)
    chat.page.mouse.wheel(0, -600)
    dot = chat.page.locator(".jump-dot")
    expect(chat.page.get_by_role("button", name="Jump to latest")).to_be_visible()
    expect(dot).to_be_hidden()
    server.open_gate("second")
    expect(dot).to_be_visible()
    server.open_gate("third")
    chat.wait_for_end()
