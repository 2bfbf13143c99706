"""A chat of hundreds of messages: its end is there first, and the rest without a jump."""

from playwright.sync_api import Locator, expect

from app.core.messages import Message, Text, user
from app.history.records import MessageRecord
from tests.browser.chat_page import ChatPage
from tests.browser.kept import chat as record_of
from tests.browser.kept import open_with

COUNT = 120
# What is drawn at the first moment in which anything is.
_FIRST = """
() => {
  const transcript = document.querySelector("#transcript");
  new MutationObserver(() => {
    globalThis.drawnFirst ??= [...transcript.children].map((node) => node.dataset.turn);
  }).observe(transcript, { childList: true });
}
"""

# As a reader does who goes up at once: then where the last question is seen, with each frame, and
# how many messages are drawn.
_GO_UP_AND_LOOK = """
() => {
  const transcript = document.querySelector("#transcript");
  const scroller = document.querySelector("#scroller");
  globalThis.seen = [];
  new MutationObserver((_changes, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => {
      const last = transcript.lastElementChild;
      scroller.dispatchEvent(new WheelEvent("wheel", { deltaY: -300, bubbles: true }));
      scroller.scrollTop -= 300;
      const look = () => {
        const count = transcript.querySelectorAll("article").length;
        seen.push([count, last.getBoundingClientRect().top]);
        requestAnimationFrame(look);
      };
      look();
    });
  }).observe(transcript, { childList: true });
}
"""
# As a reader does who goes up just before more is put above: nobody was told yet where they are.
_GO_UP_BEFORE_MORE_COMES = """
() => {
  const transcript = document.querySelector("#transcript");
  const scroller = document.querySelector("#scroller");
  const hush = (event) => event.stopImmediatePropagation();
  new MutationObserver((_changes, observer) => {
    if (globalThis.lastTop === undefined) {
      addEventListener("scroll", hush, true);
      scroller.scrollTop -= 300;
      globalThis.lastTop = transcript.lastElementChild.getBoundingClientRect().top;
    } else {
      observer.disconnect();
      removeEventListener("scroll", hush, true);
    }
  }).observe(transcript, { childList: true });
}
"""
_IN_THE_MIDDLE = """
() => [...document.querySelectorAll("#transcript > article")]
  .find((article) => article.getBoundingClientRect().bottom > 300)
"""
_TOP = "(article) => article.getBoundingClientRect().top"
_TOP_AFTER_FRAMES = """
(article) => new Promise((resolve) => {
  const soon = requestAnimationFrame;
  soon(() => soon(() => soon(() => resolve(article.getBoundingClientRect().top))));
})
"""


def put_long_chat(chat: ChatPage) -> None:
    """A chat of so many messages in the list."""
    kept = record_of(1, "A long one")
    kept.head = f"m{COUNT - 1}"
    records: list[MessageRecord] = []
    for number in range(COUNT):
        if number % 2:
            lines = "\n\n".join(f"Line {line} of **answer {number}**." for line in range(12))
            message = Message("assistant", [Text(lines)], status="complete")
        else:
            message = user(f"Question {number}")
        parent = f"m{number - 1}" if number else ""
        at_ms = kept.created_ms + number
        records.append(MessageRecord(f"m{number}", kept.id, at_ms, message, parent, "Demo"))
    open_with(chat, [kept], records)


def turns(chat: ChatPage) -> Locator:
    return chat.page.locator("#transcript > article")


def test_the_last_messages_of_a_long_chat_are_there_first(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    put_long_chat(chat)
    chat.page.evaluate(_FIRST)
    chat.row("A long one").get_by_role("link").click()
    expect(turns(chat)).to_have_count(COUNT)
    chat.expect_at_end()
    first = chat.page.evaluate("drawnFirst")
    assert first[-1] == f"m{COUNT - 1}"
    assert len(first) < COUNT // 2
    # All of it is there to be found in the page and read aloud, in order.
    expect(turns(chat).first).to_contain_text("Question 0")
    expect(turns(chat).nth(1)).to_contain_text("Line 11 of answer 1.")
    ids = turns(chat).evaluate_all("articles => articles.map((one) => one.dataset.turn)")
    assert ids == [f"m{number}" for number in range(COUNT)]
    # And can be gone to.
    chat.page.locator("#scroller").focus()
    chat.page.keyboard.press("Home")
    expect(turns(chat).first).to_be_in_viewport()


def test_what_a_reader_looks_at_stays_while_earlier_messages_are_drawn(
    unopened_chat: ChatPage,
) -> None:
    chat = unopened_chat
    put_long_chat(chat)
    chat.page.evaluate(_GO_UP_AND_LOOK)
    chat.row("A long one").get_by_role("link").click()
    expect(turns(chat)).to_have_count(COUNT)
    counts, tops = chat.page.evaluate("[seen.map((one) => one[0]), seen.map((one) => one[1])]")
    assert counts[0] < counts[-1] == COUNT
    assert max(tops) - min(tops) <= 1


def test_who_goes_up_just_before_more_is_put_above_is_left_there(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    put_long_chat(chat)
    chat.page.evaluate(_GO_UP_BEFORE_MORE_COMES)
    chat.row("A long one").get_by_role("link").click()
    expect(turns(chat)).to_have_count(COUNT)
    # The way back to the end is offered only to who has left it.
    expect(chat.page.locator("#jump")).to_be_visible()
    assert abs(turns(chat).last.evaluate(_TOP) - chat.page.evaluate("lastTop")) <= 1


def test_a_reader_who_goes_up_meets_no_jump(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    put_long_chat(chat)
    chat.row("A long one").get_by_role("link").click()
    expect(turns(chat)).to_have_count(COUNT)
    chat.expect_at_end()
    chat.page.mouse.move(640, 400)
    for _ in range(12):
        looked_at = chat.page.evaluate_handle(_IN_THE_MIDDLE)
        before = looked_at.evaluate(_TOP)
        chat.page.mouse.wheel(0, -400)
        chat.page.wait_for_function(
            "([article, wanted]) => Math.abs(article.getBoundingClientRect().top - wanted) <= 1",
            arg=[looked_at, before + 400],
        )
        # It stays there also when what came near above it has its real height.
        assert looked_at.evaluate(_TOP_AFTER_FRAMES) - (before + 400) <= 1
