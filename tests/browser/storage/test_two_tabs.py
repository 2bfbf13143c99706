"""Two tabs of one browser: they stay in step, and neither writes over the other."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Reply, Send
from tests.browser.chat_page import ChatPage
from tests.browser.watch import Watch
from tests.chromium import options_for_tests
from tests.live_server import LiveServer

_RECORDS = records(Answer(text="Half of it and the rest"))


def held() -> Reply:
    """An answer that stops half-way until its gate is opened."""
    return Reply(
        status=200,
        headers={"content-type": "text/event-stream"},
        steps=(Send(b"".join(_RECORDS[:3])), Gate("rest"), Send(b"".join(_RECORDS[3:]))),
    )


@pytest.fixture(scope="module")
def open_tabs(browser: Browser, live: LiveServer) -> Iterator[tuple[ChatPage, ChatPage]]:
    """Two tabs with the server's scripted provider."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, service_workers="block")
    one, two = (_tab(context, live) for _ in range(2))
    one.open()
    one.use_provider(f"{live.url}/api/demo/v1", "demo")
    two.open()
    yield one, two
    context.close()


def _tab(context: BrowserContext, live: LiveServer) -> ChatPage:
    page = context.new_page()
    return ChatPage(page, live.url, Watch(page))


@pytest.fixture
def tabs(
    open_tabs: tuple[ChatPage, ChatPage], server: LiveServer
) -> Iterator[tuple[ChatPage, ChatPage]]:
    """These, each at a new chat. All chats are deleted afterwards."""
    yield open_tabs
    for chat in open_tabs:
        chat.end_answer()
        chat.new_chat_button.click()
    one, two = open_tabs
    one.delete_all_chats()
    expect(two.page.get_by_text("Your chats will appear here.")).to_be_visible()
    for chat in open_tabs:
        chat.dismiss_toasts()
        chat.watch.check()


def test_the_other_tab_sees_chats_titles_and_finished_answers(
    tabs: tuple[ChatPage, ChatPage],
) -> None:
    one, two = tabs
    one.ask("From the first tab")
    one.wait_for_end()
    expect(two.row("From the first tab")).to_be_visible()
    two.row("From the first tab").get_by_role("link").click()
    expect(two.questions).to_have_count(1)
    one.choose_in_menu("From the first tab", "Rename")
    field = one.page.get_by_role("textbox", name="New title of From the first tab")
    field.fill("Renamed")
    field.press("Enter")
    expect(two.row("Renamed")).to_be_visible()
    expect(two.page.get_by_role("heading", name="Renamed", level=1)).to_be_visible()
    two.ask("And from the second")
    two.wait_for_end()
    expect(one.questions).to_have_count(2)
    expect(one.answers).to_have_count(2)
    one.page.reload()
    one.wait_until_ready()
    expect(one.questions).to_have_count(2)
    expect(one.row("Renamed")).to_be_visible()
    one.choose_in_menu("Renamed", "Delete chat")
    expect(two.rows).to_have_count(0)
    expect(two.toast).to_contain_text("deleted in another tab")
    expect(two.questions).to_have_count(0)
    one.toast.get_by_role("button", name="Undo").click()
    expect(two.row("Renamed")).to_be_visible()


def test_an_answer_of_the_other_tab_is_shown_while_it_is_written(
    tabs: tuple[ChatPage, ChatPage], server: LiveServer
) -> None:
    one, two = tabs
    server.queue(held())
    one.ask("Hello")
    expect(one.text).to_contain_text("Half")
    row = two.row("Hello")
    expect(row.get_by_text("Answering")).to_be_attached()
    row.get_by_role("link").click()
    expect(two.text).to_contain_text("Half")
    expect(two.answer).to_contain_text("being written in another tab")
    server.open_gate("rest")
    one.wait_for_end()
    expect(two.text).to_contain_text("Half of it and the rest")
    expect(two.notice).to_be_hidden()


def test_a_question_asked_in_the_second_tab_waits_for_the_answer_of_the_first(
    tabs: tuple[ChatPage, ChatPage], server: LiveServer
) -> None:
    one, two = tabs
    server.queue(held(), streamed(records(Answer(text="The second answer"))))
    one.ask("Hello")
    expect(one.text).to_contain_text("Half")
    two.row("Hello").get_by_role("link").click()
    expect(two.text).to_contain_text("Half")
    two.ask("And then?")
    expect(two.page.get_by_role("region", name="Waiting questions")).to_contain_text("And then?")
    server.open_gate("rest")
    expect(two.text).to_contain_text("The second answer")
    expect(two.questions).to_have_count(2)
    expect(two.answers.first).to_contain_text("Half of it and the rest")
    expect(one.text).to_contain_text("The second answer")
    expect(one.questions).to_have_count(2)


def test_what_waits_in_the_second_tab_is_held_when_the_answer_of_the_first_is_stopped(
    tabs: tuple[ChatPage, ChatPage], server: LiveServer
) -> None:
    one, two = tabs
    server.queue(held(), streamed(records(Answer(text="The second answer"))))
    one.ask("Hello")
    expect(one.text).to_contain_text("Half")
    two.row("Hello").get_by_role("link").click()
    expect(two.text).to_contain_text("Half")
    two.ask("And then?")
    expect(two.waiting).to_contain_text("Waits for the answer above.")
    one.stop_button.click()
    expect(two.notice).to_contain_text("You stopped this answer.")
    expect(two.waiting).to_contain_text("Paused")
    assert len(server.requests()) == 1
    two.page.get_by_role("button", name="Send them now").click()
    expect(two.text).to_contain_text("The second answer")


def test_what_the_second_tab_did_to_a_chat_stays_when_the_answer_of_the_first_ends(
    tabs: tuple[ChatPage, ChatPage], server: LiveServer
) -> None:
    """Also where the first shows another chat meanwhile."""
    one, two = tabs
    server.queue(held())
    one.ask("Hello")
    expect(one.text).to_contain_text("Half")
    one.new_chat_button.click()
    row = two.row("Hello")
    row.get_by_role("link").click()
    expect(two.text).to_contain_text("Half")
    two.choose_in_menu("Hello", "Rename")
    field = two.page.get_by_role("textbox", name="New title of Hello")
    field.fill("Renamed")
    field.press("Enter")
    two.choose_in_menu("Renamed", "Pin")
    panel = two.open_drawer("Settings of this chat")
    panel.get_by_label("Temperature").fill("0.3")
    expect(one.headings.first).to_have_text("Pinned")
    writing = one.rows.locator('[data-part="running"]')
    expect(writing).to_be_visible()
    server.open_gate("rest")
    expect(writing).to_be_hidden()
    expect(two.text).to_contain_text("Half of it and the rest")
    for chat in tabs:
        expect(chat.rows).to_have_count(1)
        expect(chat.row("Renamed")).to_be_visible()
        expect(chat.headings.first).to_have_text("Pinned")
    # The first tab opens it as the second has left it, and asks so.
    one.row("Renamed").get_by_role("link").click()
    expect(one.page.get_by_role("heading", name="Renamed", level=1)).to_be_visible()
    here = one.open_drawer("Settings of this chat")
    expect(here.get_by_label("Temperature")).to_have_value("0.3")
    here.get_by_label("Top-p").fill("0.9")
    expect(panel.get_by_label("Top-p")).to_have_value("0.9")
    server.queue(streamed(records(Answer(text="The second answer"))))
    two.ask("And then?")
    expect(one.text).to_contain_text("The second answer")
    sent = json.loads(server.requests()[-1].body)
    assert (sent["temperature"], sent["top_p"]) == (0.3, 0.9)
    one.page.reload()
    one.wait_until_ready()
    expect(one.page.get_by_role("heading", name="Renamed", level=1)).to_be_visible()
    expect(one.headings.first).to_have_text("Pinned")
    expect(one.text).to_contain_text("The second answer")


def test_a_chat_that_the_second_tab_deletes_does_not_come_back_with_its_answer(
    tabs: tuple[ChatPage, ChatPage], server: LiveServer
) -> None:
    one, two = tabs
    server.queue(held(), streamed(records(Answer(text="The second answer"))))
    one.ask("Hello")
    expect(one.text).to_contain_text("Half")
    one.new_chat_button.click()
    two.choose_in_menu("Hello", "Delete chat")
    expect(one.rows).to_have_count(0)
    server.open_gate("rest")
    one.ask("Another one")
    one.wait_for_end()
    for chat in tabs:
        expect(chat.rows).to_have_count(1)
        expect(chat.row("Another one")).to_be_visible()
    two.toast.get_by_role("button", name="Undo").click()
    for chat in tabs:
        expect(chat.rows).to_have_count(2)
    one.row("Hello").get_by_role("link").click()
    expect(one.text).to_contain_text("Half of")


def test_what_a_killed_browser_had_shown_is_there_in_the_next_one(
    browser: Browser, server: LiveServer, tmp_path: Path
) -> None:
    """The whole browser is killed in mid-answer; no page gets to run anything."""

    def begin() -> tuple[BrowserContext, ChatPage]:
        context = browser.browser_type.launch_persistent_context(tmp_path, **options_for_tests())
        page = context.pages[0]
        made = ChatPage(page, server.url, Watch(page))
        made.open()
        return context, made

    context, chat = begin()
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    server.queue(held())
    chat.ask("Hello")
    expect(chat.text).to_contain_text("Half of")
    # Another tab sees what is in the database; a slow disk may have it later than the page.
    page = context.new_page()
    other = ChatPage(page, server.url, Watch(page))
    other.open()
    other.row("Hello").get_by_role("link").click()
    expect(other.text).to_contain_text("Half of")
    assert context.browser
    told = context.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    pid = next(each["id"] for each in told["processInfo"] if each["type"] == "browser")
    with chat.page.expect_event("close"):
        os.kill(pid, signal.SIGKILL)
    context, chat = begin()
    expect(chat.page.locator("#storage-note")).to_be_hidden()
    chat.row("Hello").get_by_role("link").click()
    expect(chat.text).to_contain_text("Half of")
    expect(chat.notice).to_contain_text("The page was closed while")
    expect(chat.answer.get_by_role("button", name="Continue")).to_be_visible()
    context.close()
    chat.watch.check()


def test_the_partial_answer_is_there_after_a_reload_in_mid_answer(
    demo_chat: ChatPage,
) -> None:
    chat = demo_chat
    chat.ask("/stall")
    expect(chat.text).to_contain_text("This answer begins")
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.notice).to_contain_text("The page was closed while")
    expect(chat.text).to_contain_text("This answer begins")
    expect(chat.answer.get_by_role("button", name="Continue")).to_be_visible()
