"""An answer of hundreds of blocks: those far from what is seen are not laid out, which nobody may
notice.
"""

import pytest
from playwright.sync_api import expect

from app.core.messages import Message, Text, user
from app.history.records import MessageRecord
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Send
from tests.browser.chat_page import ChatPage
from tests.browser.kept import chat as record_of
from tests.browser.kept import open_with
from tests.live_server import LiveServer

BLOCKS = (
    "## Heading {}",
    "Text {} of **some** length.",
    "---",
    "- item {}\n- another",
    "> Said {}",
)
TEXT = "\n\n".join(["The $x^2$.", *(BLOCKS[at % 5].format(at) for at in range(200))])
FURTHER = "\n\n".join(f"Further {number}." for number in range(40))

_BLOCKS = "[...document.querySelectorAll('#transcript .blocks > *')]"
_LAY_OUT_ALL = """
() => { for (const one of document.querySelectorAll(".blocks.far")) one.classList.remove("far"); }
"""
_JOIN_GROUPS = """
() => {
  const [first, ...further] = document.querySelectorAll("#transcript .blocks");
  for (const group of further) {
    first.append(...group.childNodes);
    group.remove();
  }
}
"""
# Opens the other chat as soon as anything of the long answer is there.
_LEAVE_WITH_THE_FIRST_BLOCKS = """
() => {
  new MutationObserver((_changes, observer) => {
    const count = document.querySelectorAll(".blocks > *").length;
    if (!count) return;
    observer.disconnect();
    globalThis.drawnOnLeaving = count;
    const links = [...document.querySelectorAll("nav a")];
    links.find((link) => link.textContent.includes("A short one")).click();
  }).observe(document.querySelector("#transcript"), { childList: true, subtree: true });
}
"""
_TOPS = f"{_BLOCKS}.map((block) => Math.round(block.getBoundingClientRect().top * 10))"
_IN_THE_MIDDLE = f"{_BLOCKS}.find((block) => block.getBoundingClientRect().bottom > 300)"
_TOP = "(block) => block.getBoundingClientRect().top"
_TOP_AFTER_FRAMES = """
(block) => new Promise((resolve) => {
  const soon = requestAnimationFrame;
  soon(() => soon(() => soon(() => resolve(block.getBoundingClientRect().top))));
})
"""


@pytest.fixture
def long_answer(scripted_chat: ChatPage, server: LiveServer) -> ChatPage:
    """An answer that came a few blocks at a time, with a last part behind a gate."""
    pieces = [f"{block}\n\n" for block in TEXT.split("\n\n")]
    written = records(
        Answer(text="".join([*pieces, FURTHER])),
        split=lambda text: [*pieces, FURTHER] if text else [],
    )
    until = len(pieces) + 1
    server.queue(streamed([*map(Send, written[:until]), Gate("rest"), *map(Send, written[until:])]))
    scripted_chat.ask("A long one")
    expect(scripted_chat.text).to_contain_text("Said 199")
    expect(scripted_chat.page.locator(".blocks.far").nth(4)).to_be_attached()
    return scripted_chat


def test_it_is_as_long_as_if_all_of_it_were_laid_out(
    long_answer: ChatPage, server: LiveServer
) -> None:
    chat = long_answer
    server.open_gate("rest")
    chat.wait_for_end()
    chat.expect_at_end()
    height = "document.querySelector('#scroller').scrollHeight"
    before = chat.page.evaluate(height)
    chat.page.evaluate(_LAY_OUT_ALL)
    assert chat.page.evaluate(height) == before


def test_the_space_between_blocks_is_the_same_in_groups(long_answer: ChatPage) -> None:
    chat = long_answer
    assert chat.page.evaluate("document.querySelectorAll('#transcript .blocks').length") > 5
    chat.page.evaluate(_LAY_OUT_ALL)
    in_groups = chat.page.evaluate(_TOPS)
    chat.page.evaluate(_JOIN_GROUPS)
    together = chat.page.evaluate(_TOPS)
    assert [top - in_groups[0] for top in in_groups] == [top - together[0] for top in together]


def test_a_reader_who_goes_up_meets_no_jump(long_answer: ChatPage, server: LiveServer) -> None:
    chat = long_answer
    chat.expect_at_end()
    chat.page.mouse.move(640, 400)
    for step in range(14):
        looked_at = chat.page.evaluate_handle(_IN_THE_MIDDLE)
        before = looked_at.evaluate(_TOP)
        chat.page.mouse.wheel(0, -500)
        chat.page.wait_for_function(
            "([block, wanted]) => Math.abs(block.getBoundingClientRect().top - wanted) <= 1",
            arg=[looked_at, before + 500],
        )
        if step == 5:
            server.open_gate("rest")
            chat.wait_for_end()
        assert abs(looked_at.evaluate(_TOP_AFTER_FRAMES) - (before + 500)) <= 1
    chat.page.get_by_role("button", name="Jump to latest").click()
    chat.expect_at_end()


def test_it_is_found_read_and_copied_as_a_whole(long_answer: ChatPage, server: LiveServer) -> None:
    chat = long_answer
    server.open_gate("rest")
    chat.wait_for_end()
    chat.expect_at_end()
    # Found in the page.
    assert chat.page.evaluate("window.find('Text 101 of', false, false, true)")
    assert chat.page.evaluate("getSelection().toString()") == "Text 101 of"
    # Read aloud, and gone to.
    heading = chat.answer.get_by_role("heading", name="Heading 5", exact=True)
    heading.scroll_into_view_if_needed()
    expect(heading).to_be_in_viewport()
    # Selected as a whole.
    chat.page.evaluate("getSelection().selectAllChildren(document.querySelector('#transcript'))")
    copied = chat.page.evaluate("getSelection().toString()")
    for words in ("Heading 0", "Text 101 of some length.", "Further 39."):
        assert words in copied
    # What has formulas is copied by the page itself.
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.page.evaluate("document.execCommand('copy')")
    copied = chat.page.evaluate("navigator.clipboard.readText()")
    for words in ("The $x^2$.", "Text 101 of some length.", "Further 39."):
        assert words in copied


def test_all_of_it_is_printed(long_answer: ChatPage) -> None:
    chat = long_answer
    chat.page.emulate_media(media="print")
    shown = "getComputedStyle(document.querySelector('.blocks.far')).contentVisibility"
    assert chat.page.evaluate(shown) == "visible"
    chat.page.emulate_media(media="screen")


def test_a_kept_one_is_drawn_in_slices_and_left_in_the_middle(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    long, short = record_of(1, "A long one"), record_of(2, "A short one")
    text = "\n\n".join([TEXT] * 30)
    long.head, short.head = "m2", "n1"
    records_kept = [
        MessageRecord("m1", long.id, long.created_ms, user("Tell me all")),
        MessageRecord(
            "m2",
            long.id,
            long.created_ms,
            Message("assistant", [Text(text)], status="complete"),
            "m1",
        ),
        MessageRecord("n1", short.id, short.created_ms, user("Just this")),
    ]
    open_with(chat, [long, short], records_kept)
    chat.page.evaluate(_LEAVE_WITH_THE_FIRST_BLOCKS)
    chat.row("A long one").get_by_role("link").click()
    expect(chat.questions).to_contain_text(["Just this"])
    assert 0 < chat.page.evaluate("drawnOnLeaving") < 30 * 201
    expect(chat.answers).to_have_count(0)
    # Nothing of it comes later, and it is whole the next time.
    chat.row("A long one").get_by_role("link").click()
    expect(chat.page.locator(".blocks > *")).to_have_count(30 * 201)
    chat.expect_at_end()
    expect(chat.text.get_by_text("Said 199").last).to_be_in_viewport()


def test_a_kept_one_above_is_drawn_whole_without_a_jump(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    record = record_of(1, "Two long ones")
    record.head = "m4"
    said = ["Tell me all", "\n\n".join([TEXT] * 20), "And more", "The last words.\n\n" * 500]
    kept = []
    for number, text in enumerate(said, start=1):
        message = Message("assistant", [Text(text)], status="complete")
        message = message if number % 2 == 0 else user(text)
        parent = f"m{number - 1}" if number > 1 else ""
        kept.append(MessageRecord(f"m{number}", record.id, record.created_ms, message, parent))
    open_with(chat, [record], kept)
    chat.row("Two long ones").get_by_role("link").click()
    expect(chat.page.locator(".blocks > *")).to_have_count(20 * 201 + 500)
    chat.expect_at_end()
    expect(chat.questions).to_have_count(2)
    expect(chat.answers.first.get_by_text("Said 199").last).to_be_attached()
