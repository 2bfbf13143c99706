"""Short messages at the lower edge: how long they stay, how they are used, what they take back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.chat_page import ChatPage
from tests.browser.conftest import forget
from tests.browser.kept import chat as kept_chat_of
from tests.browser.kept import open_with, said
from tests.browser.long_times import let_pass
from tests.browser.watch import Watch
from tests.live_server import LiveServer

# Longer than the longest of them stays.
LONG_MS = 9000


@pytest.fixture(scope="module")
def timed_page(browser: Browser, live: LiveServer) -> Iterator[ChatPage]:
    """One page for all tests here."""
    page = browser.new_context(
        viewport={"width": 1280, "height": 800}, service_workers="block"
    ).new_page()
    chat = ChatPage(page, live.url, Watch(page))
    chats = [kept_chat_of(number, f"Chat {number:02}") for number in range(1, 41)]
    open_with(chat, chats, [one for record in chats for one in said(record, "Hello?", "Hi.")])
    yield chat
    forget(page)
    page.context.close()


@pytest.fixture
def listed(timed_page: ChatPage, server: LiveServer) -> Iterator[ChatPage]:
    """Many chats are in the list, and no toast is shown."""
    chat = timed_page
    expect(toasts(chat)).to_have_count(0)
    yield chat
    chat.page.mouse.move(640, 300)
    chat.message.focus()
    let_pass(chat.page, LONG_MS)
    chat.watch.check()


def toasts(chat: ChatPage) -> Locator:
    return chat.page.locator(".toast")


def delete(chat: ChatPage) -> str:
    """Delete the first chat of the list by its key; return its title."""
    link = chat.rows.first.get_by_role("link")
    title = link.inner_text()
    link.focus()
    chat.page.keyboard.press("Delete")
    expect(chat.row(title)).to_have_count(0)
    return title


def test_one_goes_by_itself_and_what_it_said_stays_done(listed: ChatPage) -> None:
    chat = listed
    title = delete(chat)
    expect(toasts(chat)).to_contain_text("Chat deleted.")
    let_pass(chat.page, 4000)
    expect(toasts(chat)).to_have_count(1)
    let_pass(chat.page, LONG_MS)
    expect(toasts(chat)).to_have_count(0)
    expect(chat.row(title)).to_have_count(0)


def test_its_time_stands_still_under_the_pointer(listed: ChatPage) -> None:
    chat = listed
    delete(chat)
    toasts(chat).hover()
    let_pass(chat.page, LONG_MS)
    expect(toasts(chat)).to_have_count(1)
    # One that comes meanwhile is read in peace too.
    delete(chat)
    let_pass(chat.page, LONG_MS)
    expect(toasts(chat)).to_have_count(2)
    chat.page.mouse.move(640, 300)
    let_pass(chat.page, LONG_MS)
    expect(toasts(chat)).to_have_count(0)


def test_its_time_stands_still_while_it_has_the_focus(listed: ChatPage) -> None:
    chat = listed
    delete(chat)
    chat.page.keyboard.press("F8")
    expect(toasts(chat).get_by_role("button", name="Undo")).to_be_focused()
    let_pass(chat.page, LONG_MS)
    expect(toasts(chat)).to_have_count(1)
    chat.message.focus()
    let_pass(chat.page, LONG_MS)
    expect(toasts(chat)).to_have_count(0)


def test_undo_takes_back_what_it_speaks_of_and_nothing_else(listed: ChatPage) -> None:
    chat = listed
    chat.rows.nth(1).get_by_role("link").click()
    expect(chat.questions).to_contain_text("Hello?")
    first, second, third = (delete(chat) for _ in range(3))
    expect(toasts(chat)).to_have_count(3)
    toasts(chat).nth(1).get_by_role("button", name="Undo").click()
    expect(chat.row(second)).to_be_visible()
    expect(chat.questions).to_contain_text("Hello?")
    expect(toasts(chat)).to_have_count(2)
    expect(chat.row(third)).to_have_count(0)
    chat.page.keyboard.press("F8")
    chat.page.keyboard.press("Enter")
    expect(chat.row(third)).to_be_visible()
    expect(chat.row(first)).to_have_count(0)


def test_more_than_three_nobody_reads(listed: ChatPage) -> None:
    chat = listed
    *_, last = (delete(chat) for _ in range(4))
    # The oldest has gone, and the latest is the lowest.
    expect(toasts(chat)).to_have_count(3)
    chat.toast.get_by_role("button", name="Undo").click()
    expect(chat.row(last)).to_be_visible()
    chat.page.mouse.move(640, 300)
    let_pass(chat.page, LONG_MS)
    expect(toasts(chat)).to_have_count(0)


def test_they_are_sent_away_by_keyboard(listed: ChatPage) -> None:
    chat = listed
    for _ in range(3):
        delete(chat)
    chat.page.keyboard.press("F8")
    chat.page.keyboard.press("Tab")
    expect(chat.toast.get_by_role("button", name="Dismiss")).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(toasts(chat)).to_have_count(2)
    expect(chat.message).to_be_focused()
    # Escape is for the message, and not for the answer that runs.
    chat.ask("/stall")
    expect(chat.text).to_contain_text("This answer begins")
    chat.message.press("F8")
    chat.page.keyboard.press("Escape")
    expect(toasts(chat)).to_have_count(1)
    expect(chat.stop_button).to_be_visible()
    expect(chat.message).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.send_button).to_be_visible()
    # Where there is none, the key does nothing.
    let_pass(chat.page, LONG_MS)
    expect(toasts(chat)).to_have_count(0)
    chat.message.press("F8")
    expect(chat.message).to_be_focused()
