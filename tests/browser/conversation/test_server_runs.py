"""Answers that the page's server gives go on without the page."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import monotonic

import httpx2
import msgspec
import pytest
from playwright.sync_api import expect

from app.runs.sqlite import SQLiteLog
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Reply
from tests.browser.chat_page import ChatPage
from tests.browser.long_times import let_pass
from tests.browser.watch import Watch
from tests.live_server import LIMIT_S, REPOSITORY, RUNTIME, LiveServer, live_server
from tests.server.workers import three_workers

_WORDS = ("Half of it", " and more", " and the rest.")
# More than a lease.
LATER_S = 60.0


def held(*gates: str) -> Reply:
    """An answer in three pieces; before each further one is a gate."""
    lines = records(Answer(text="".join(_WORDS)), split=lambda text: list(_WORDS) if text else [])
    first, second = gates
    return streamed([*lines[:2], Gate(first), lines[2], Gate(second), *lines[3:]])


@pytest.fixture
def one(new_chat: Callable[..., ChatPage], server: LiveServer) -> Iterator[ChatPage]:
    """A page whose provider is asked by the server. At the end the server forgets all chats."""
    chat = new_chat()
    chat.open()
    chat.use_provider(f"{server.url}/api/demo/v1", "demo", on_server=True)
    yield chat
    with httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as http:
        for kept in http.get("/api/chats").json()["chats"]:
            http.delete(f"/api/chats/{kept['id']}").raise_for_status()


def beside(chat: ChatPage) -> ChatPage:
    """One more tab with the chat that is shown."""
    page = chat.page.context.new_page()
    other = ChatPage(page, chat.page.url, Watch(page))
    other.open()
    return other


_READ_BY_EVENT_SOURCE = """
async () => {
  const { chats } = await (await fetch("api/chats")).json();
  const source = new EventSource(`api/runs/${chats[0].run}/events`);
  const texts = [];
  source.onmessage = ({ data }) => texts.push(JSON.parse(data).text ?? "");
  await new Promise((resolve) => source.addEventListener("done", resolve));
  source.close();
  return texts.join("");
}
"""


def test_the_same_answer_goes_on_after_a_reload_in_a_second_tab_and_without_the_first(
    one: ChatPage, server: LiveServer
) -> None:
    server.queue(held("a", "b"))
    one.ask("Tell me")
    one.expect_words("Half of it")
    one.page.reload()
    one.wait_until_ready()
    one.expect_words("Half of it")
    expect(one.stop_button).to_be_visible()
    two = beside(one)
    two.expect_words("Half of it")
    server.open_gate("a")
    for tab in (one, two):
        tab.expect_words("Half of it and more")
    one.page.close()
    server.open_gate("b")
    two.wait_for_end()
    two.expect_words("Half of it and more and the rest.")
    expect(two.notice).to_be_hidden()
    two.page.reload()
    two.wait_until_ready()
    two.expect_words("Half of it and more and the rest.")
    expect(two.answers).to_have_count(1)
    assert two.page.evaluate(_READ_BY_EVENT_SOURCE) == "Half of it and more and the rest."
    assert len(server.requests()) == 1
    two.watch.check()


def test_it_stops_from_the_other_tab_comes_back_from_offline_and_is_deleted_with_its_chat(
    one: ChatPage, server: LiveServer
) -> None:
    server.queue(held("a", "b"), held("c", "d"))
    one.watch.expect("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")
    one.page.context.set_offline(True)
    one.ask("Tell me")
    expect(one.answer).to_contain_text("The server can't be reached")
    one.page.context.set_offline(False)
    one.expect_words("Half of it")
    expect(one.answer).not_to_contain_text("can't be reached")
    server.open_gate("a")
    server.open_gate("b")
    one.wait_for_end()
    one.expect_words("Half of it and more and the rest.")
    assert len(server.requests()) == 1
    one.ask("And then?")
    one.expect_words("Half of it")
    two = beside(one)
    two.expect_words("Half of it")
    two.stop_button.click()
    for tab in (one, two):
        expect(tab.notice).to_contain_text("You stopped this answer.")
        expect(tab.stop_button).to_be_hidden()
    server.wait(1, state="disconnected")
    two.watch.check()
    two.page.close()
    one.choose_in_menu("Tell me", "Delete chat")
    expect(one.toast).to_contain_text("on the server too")
    with one.page.expect_response(re.compile("/api/chats/")) as told:
        let_pass(one.page, 16_000)
    assert told.value.status == 204
    assert httpx2.get(told.value.url, timeout=LIMIT_S).status_code == 404


def test_its_tools_run_in_the_page_after_a_yes_that_a_reload_asks_for_again(
    one: ChatPage, server: LiveServer
) -> None:
    one.choose_model("Demo")
    panel = one.open_drawer("Settings of this chat")
    expect(panel).to_contain_text("Answers are given in this tab")
    panel.get_by_label("Run on the server").select_option("Yes")
    expect(panel).to_contain_text("Answers go on when this page is closed")
    one.ask("/tools")
    cards = one.answer.get_by_role("list", name="Tool calls").get_by_role("listitem")
    card = cards.filter(has_text="roll_dice")
    expect(card).to_contain_text("Waiting for your approval")
    one.page.reload()
    one.wait_until_ready()
    expect(card).to_contain_text("Waiting for your approval")
    one.choose("Allow once")
    expect(card).to_contain_text("Done")
    one.wait_for_end()
    expect(one.text.last).to_contain_text("The tools answered")
    # The Demo of the server itself was asked, and not the provider.
    assert "POST" not in [request.method for request in server.requests()]


def test_another_browser_sees_the_chat_follows_it_goes_on_and_loses_it_when_it_is_deleted(
    one: ChatPage, new_chat: Callable[..., ChatPage], server: LiveServer
) -> None:
    server.queue(held("a", "b"), held("c", "d"))
    one.ask("Tell me")
    one.expect_words("Half of it")
    two = new_chat(viewport=one.page.viewport_size)
    two.open()
    two.use_provider(f"{server.url}/api/demo/v1", "demo", on_server=True)
    two.page.reload()
    two.wait_until_ready()
    expect(two.headings).to_have_text(["On the server"])
    two.row("Tell me").get_by_role("link").click()
    two.expect_words("Half of it")
    server.open_gate("a")
    for browser in (one, two):
        browser.expect_words("Half of it and more")
    server.open_gate("b")
    for browser in (one, two):
        browser.wait_for_end()
        browser.expect_words("Half of it and more and the rest.")
    two.ask("And then?")
    for browser in (two, one):
        expect(browser.questions).to_contain_text(["Tell me", "And then?"])
        expect(browser.text.last).to_have_text("Half of it")
    server.open_gate("c")
    server.open_gate("d")
    for browser in (two, one):
        expect(browser.text.last).to_have_text("Half of it and more and the rest.")
        browser.wait_for_end()
    assert len(server.requests()) == 2
    shares_title_pin_and_settings(two, one)
    two.questions.last.get_by_role("button", name="More for this question").click()
    two.page.get_by_role("menuitem", name="Delete this question").click()
    expect(two.toast).to_contain_text("2 messages deleted, on the server too.")
    let_pass(two.page, 16_000)
    expect(one.questions).to_have_count(1)
    expect(one.answers).to_have_count(1)
    two.choose_in_menu("My own title", "Delete chat")
    expect(two.toast).to_contain_text("Chat deleted, on the server too")
    with two.page.expect_response(re.compile("/api/chats/")):
        let_pass(two.page, 16_000)
    expect(one.toast).to_contain_text("on another device")
    expect(one.questions).to_have_count(0)
    expect(one.page.get_by_role("link", name="My own title")).to_have_count(0)
    one.watch.check()


def shares_title_pin_and_settings(here: ChatPage, there: ChatPage) -> None:
    """What one browser sets of the chat the other one shows, which has been looked at."""
    here.choose_in_menu("Tell me", "Rename")
    field = here.page.get_by_role("textbox", name="New title of Tell me")
    field.fill("My own title")
    field.press("Enter")
    expect(there.row("My own title")).to_be_visible()
    expect(there.page).to_have_title(re.compile("My own title"))
    there.choose_in_menu("My own title", "Pin")
    for browser in (here, there):
        expect(browser.headings.first).to_have_text("Pinned")
    panel = there.open_drawer("Settings of this chat")
    panel.get_by_label("System prompt").fill("Be brief.")
    panel.get_by_label("System prompt").blur()
    panel = here.open_drawer("Settings of this chat")
    expect(panel.get_by_label("System prompt")).to_have_value("Be brief.")
    here.page.keyboard.press("Escape")
    there.page.keyboard.press("Escape")


_DOOMED = """
import sys
from functools import partial
from pathlib import Path
from threading import Event
from app.runs.sqlite import SQLiteLog
from tests.live_server import live_server

with live_server(port=int(sys.argv[1]), open_log=partial(SQLiteLog, Path(sys.argv[2]))) as server:
    print(server.port, flush=True)
    Event().wait()
"""


def test_what_a_killed_server_had_told_is_there_and_goes_on_with_continue(
    new_chat: Callable[..., ChatPage], tmp_path: Path
) -> None:
    file = tmp_path / "runs.db"
    command = [sys.executable, "-c", _DOOMED, "0", str(file)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as doomed:
        try:
            assert doomed.stdout is not None
            port = int(doomed.stdout.readline())
            chat = new_chat(f"http://localhost:{port}")
            chat.watch.expect("net::ERR_")
            chat.open()
            chat.use_provider(f"{chat.url}/api/demo/v1", "demo", "sk-of-this-tab", on_server=True)
            replies = msgspec.json.encode([held("never", "never")])
            answered = httpx2.post(
                f"{chat.url}/api/demo/control/replies", content=replies, timeout=LIMIT_S
            )
            answered.raise_for_status()
            chat.ask("Tell me")
            chat.expect_words("Half of it")
        finally:
            doomed.send_signal(signal.SIGKILL)
    expect(chat.answer).to_contain_text("The server can't be reached")
    chat.expect_words("Half of it")
    # Its claim on the run is over at once.
    log = partial(SQLiteLog, file, clock=lambda: monotonic() + LATER_S)
    with live_server(port=port, open_log=log, resume=True) as server:
        expect(chat.notice).to_contain_text("The server ended in the middle of this answer")
        chat.expect_words("Half of it")
        server.queue(streamed(records(Answer(text=" and on."))))
        chat.notice.get_by_role("button", name="Continue").click()
        chat.wait_for_end()
        expect(chat.answer).to_contain_text("and on.")
        # The key of the tab was kept nowhere, and was asked of the tab again.
        assert not any(b"sk-of-this-tab" in kept.read_bytes() for kept in tmp_path.iterdir())
        assert "authorization" in server.requests()[-1].headers


def test_a_killed_worker_of_three_is_not_seen_in_the_answer(
    new_chat: Callable[..., ChatPage], server: LiveServer, tmp_path: Path
) -> None:
    with three_workers(server, REPOSITORY, RUNTIME, tmp_path) as workers:
        chat = new_chat(workers.url)
        chat.watch.expect("net::ERR_")
        chat.open()
        chat.use_provider(f"{server.url}/api/demo/v1", "demo", on_server=True)
        server.queue(held("never", "never"), held("go on", "and end"))
        chat.ask("Tell me")
        chat.expect_words("Half of it")
        with httpx2.Client(base_url=workers.url, timeout=LIMIT_S, trust_env=False) as http:
            [kept] = http.get("/api/chats").json()["chats"]
        carrier = workers.carrier(kept["run"])
        os.kill(carrier, signal.SIGKILL)
        server.wait(1, at="gate:go on")  # by another worker
        assert workers.carrier(kept["run"]) != carrier
        server.open_gate("go on")
        chat.expect_words("Half of it and more")
        server.open_gate("and end")
        chat.wait_for_end()
        chat.expect_words("Half of it and more and the rest.")
        expect(chat.notice).to_be_hidden()
        expect(chat.answers).to_have_count(1)
