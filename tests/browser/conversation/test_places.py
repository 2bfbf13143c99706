"""A chat is where it was left, and the keys that scroll do so from the message box."""

from datetime import datetime, timedelta

from playwright.sync_api import expect

from app.core.messages import Message, Text, user
from app.history.records import ChatRecord, MessageRecord
from tests.browser.chat_page import ChatPage
from tests.browser.kept import open_with
from tests.browser.long_times import let_pass

# The first turn of which something is seen, and how far it begins below the upper edge.
_SEEN = """
() => {
  const edge = document.querySelector("#scroller").getBoundingClientRect().top;
  const seen = [...document.querySelectorAll("#transcript > article")]
    .find((article) => article.getBoundingClientRect().bottom > edge + 1);
  return [seen.dataset.turn, Math.round(seen.getBoundingClientRect().top - edge)];
}
"""
_IS_BACK = f"""
(at) => {{
  const [turn, top] = ({_SEEN})();
  return turn === at[0] && Math.abs(top - at[1]) <= 2;
}}
"""
_TOMORROW = "(() => { const now = Date.now; Date.now = () => now() + 86_400_000; })()"


def a_chat(
    name: str, count: int, begun: datetime, apart: timedelta
) -> tuple[ChatRecord, list[MessageRecord]]:
    """A chat of so many questions and answers by turns, each so long after the one before."""
    begun_ms, apart_ms = int(begun.timestamp() * 1000), int(apart.total_seconds() * 1000)
    record = ChatRecord(name, begun_ms, begun_ms, f"Chat {name}", head=f"{name}{count - 1}")
    records: list[MessageRecord] = []
    for number in range(count):
        lines = "\n\n".join(f"Line {line} of **answer {number}**." for line in range(12))
        said = Message("assistant", [Text(lines)], status="complete")
        records.append(
            MessageRecord(
                f"{name}{number}",
                name,
                begun_ms + number * apart_ms,
                said if number % 2 else user(f"Question {number}"),
                f"{name}{number - 1}" if number else "",
                "Demo",
            )
        )
    return record, records


def show(chat: ChatPage, title: str) -> None:
    chat.row(title).get_by_role("link").click()


def test_a_chat_is_where_it_was_left(unopened_chat: ChatPage) -> None:
    chat, page = unopened_chat, unopened_chat.page
    noon = datetime.now().replace(hour=12, minute=0, second=0, microsecond=0)
    long, of_long = a_chat("long", 120, noon - timedelta(days=9), timedelta(minutes=1))
    short, of_short = a_chat("short", 2, noon - timedelta(days=8), timedelta(minutes=1))
    open_with(chat, [long, short], [*of_long, *of_short])
    show(chat, "Chat long")
    expect(page.locator("#transcript > article")).to_have_count(120)
    chat.expect_at_end()

    # From the box, while it is empty; with words in it the caret's keys are the box's own.
    chat.message.press("Home")
    expect(chat.questions.first).to_be_in_viewport()
    chat.message.press("PageDown")
    assert page.evaluate(_SEEN)[0] == "long1"
    chat.message.fill("Some words")
    chat.message.press("Home")
    page.keyboard.type("At first: ")
    expect(chat.message).to_have_value("At first: Some words")
    assert page.evaluate(_SEEN)[0] == "long1"
    chat.message.press("PageDown")
    seen = page.evaluate(_SEEN)
    assert seen[0] == "long3"
    chat.message.fill("\n".join(["A line"] * 200))
    chat.message.press("PageUp")
    assert page.evaluate(_IS_BACK, seen)
    chat.message.fill("")

    show(chat, "Chat short")
    expect(chat.answers).to_have_count(1)
    show(chat, "Chat long")
    page.wait_for_function(_IS_BACK, arg=seen)
    page.reload()
    chat.wait_until_ready()
    page.wait_for_function(_IS_BACK, arg=seen)
    # Who was at the end is at the end again.
    chat.message.press("End")
    chat.expect_at_end()
    show(chat, "Chat short")
    expect(chat.answers).to_have_count(1)
    show(chat, "Chat long")
    expect(page.locator("#transcript > article")).to_have_count(120)
    chat.expect_at_end()


def test_days_have_headings_and_midnight_changes_them(unopened_chat: ChatPage) -> None:
    chat, page = unopened_chat, unopened_chat.page
    noon = datetime.now().replace(hour=12, minute=0, second=0, microsecond=0)
    record, messages = a_chat("days", 4, noon - timedelta(days=3), timedelta(days=1))
    open_with(chat, [record], messages)
    show(chat, "Chat days")
    days = page.locator("#transcript > .day")
    expect(days).to_have_count(4)
    expect(days.nth(2)).to_have_text("Yesterday")
    expect(days.nth(3)).to_have_text("Today")
    expect(chat.answer.locator("time")).to_have_text("12:00")
    # One that is all of today needs no heading until another day begins.
    chat.new_chat_button.click()
    chat.ask("/error rate")
    chat.wait_for_end()
    expect(days).to_have_count(0)
    page.evaluate(_TOMORROW)
    let_pass(page, 86_400_000)
    expect(days).to_have_text(["Yesterday"])
    expect(chat.questions.locator("time")).to_contain_text(", ")
    chat.retry_button.click()
    expect(days).to_have_text(["Yesterday", "Today"])
    chat.wait_for_end()
