"""The outline of a long chat, and going from question to question."""

from playwright.sync_api import Locator, expect

from app.core.messages import Message, Text, user
from app.history.records import MessageRecord
from tests.browser.chat_page import ChatPage
from tests.browser.kept import chat as record_of
from tests.browser.kept import open_with
from tests.browser.touch import expect_within_reach

COUNT = 160
# Where something begins, below the upper edge of what is seen.
_TOP = """
(node) => node.getBoundingClientRect().top
  - document.querySelector("#scroller").getBoundingClientRect().top
"""
_IS_AT_TOP = f"(node) => Math.abs(({_TOP})(node)) < 45"


def put_chat(chat: ChatPage) -> None:
    kept = record_of(1, "A long one")
    kept.head = f"m{COUNT - 1}"
    records: list[MessageRecord] = []
    for number in range(COUNT):
        lines = "\n\n".join(f"Line {line} of answer {number}." for line in range(8))
        answer = f"# Part {number}\n\n{lines}\n\n### Detail of *{number}*\n\n{lines}"
        said = Message("assistant", [Text(answer)], status="complete")
        message = said if number % 2 else user(f"Question {number}")
        parent = f"m{number - 1}" if number else ""
        at_ms = kept.created_ms + number
        records.append(MessageRecord(f"m{number}", kept.id, at_ms, message, parent, "Demo"))
    open_with(chat, [kept], records)
    chat.row("A long one").get_by_role("link").click()


def test_a_long_chat_has_an_outline_and_its_questions_are_gone_through(
    unopened_chat: ChatPage,
) -> None:
    chat, page = unopened_chat, unopened_chat.page
    put_chat(chat)
    expect(chat.questions.last).to_contain_text("Question 158")

    def expect_at_top(place: Locator) -> None:
        page.wait_for_function(_IS_AT_TOP, arg=place.element_handle())

    def article(number: int) -> Locator:
        return page.locator(f'#transcript > [data-turn="m{number}"]')

    outline = chat.open_drawer("Outline")
    rows = outline.get_by_role("button")
    # All questions at once; the headings of what is drawn, and soon of the rest.
    expect(rows).to_have_count(COUNT // 2 * 3)
    expect(rows.nth(2)).to_have_text("Detail of 1")
    # A question that is the furthest away.
    rows.first.click()
    expect_at_top(article(0))
    expect(article(0)).to_be_focused()
    expect(rows.first).to_have_attribute("aria-current", "true")
    rows.filter(has_text="Detail of 81").click()
    expect_at_top(article(81).get_by_role("heading", name="Detail of 81"))
    expect(rows.filter(has_text="Question 80")).to_have_attribute("aria-current", "true")

    # The question that is read, the one before it, and back; the keys count beside words as well.
    chat.message.fill("Some words")
    chat.message.press("Alt+PageUp")
    expect_at_top(article(80))
    expect(chat.status).to_have_text("Question 41 of 80: Question 80")
    chat.message.press("Alt+PageUp")
    expect_at_top(article(78))
    chat.message.fill("")
    chat.message.press("Alt+ArrowDown")
    expect_at_top(article(80))
    page.get_by_role("button", name="Next question").click()
    expect_at_top(article(82))
    page.get_by_role("button", name="Previous question").click()
    expect_at_top(article(80))
    chat.message.press("Control+k")
    page.keyboard.type("next question")
    page.keyboard.press("Enter")
    expect_at_top(article(82))
    rows.filter(has_text="Question 158").click()
    chat.message.press("Alt+ArrowDown")
    chat.expect_at_end()

    # On a phone the outline lies over the conversation, and makes room for what was chosen.
    page.set_viewport_size({"width": 390, "height": 700})
    expect(outline).to_be_hidden()
    outline = chat.open_drawer("Outline")
    expect_within_reach(page, "the outline", by_thumb=False)
    outline.get_by_role("button", name="Detail of 41").click()
    expect(outline).to_be_hidden()
    expect_at_top(article(41).get_by_role("heading", name="Detail of 41"))
    expect(page.get_by_role("button", name="Previous question")).to_be_in_viewport()
    expect_within_reach(page, "away from the end", by_thumb=False)
