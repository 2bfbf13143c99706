"""Links that lead out of the page: seen before, and nothing happens before a click is done."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.scripted.openai_chat import Answer, Source, records, streamed
from app.scripted.steps import Gate
from tests.browser.chat_page import ChatPage
from tests.browser.watch import Watch
from tests.chromium import options_with_windows
from tests.live_server import LIMIT_S, LiveServer

_TEXT = """
[the docs](https://docs.example/a?b=1 'A title') and [mail](mailto:me@example.org) and
[paypal.com](https://evil.example/login) and [bücher](https://bücher.example/\u202egnp)
"""
# Says what the browser could read in the link when it came to its own part of an event.
_NOTE = """
globalThis.noted = [];
for (const kind of ["pointerdown", "contextmenu", "copy"]) {
  window.addEventListener(kind, (event) => {
    const link = document.querySelector('[data-part="text"] a');
    noted.push([kind, link?.getAttribute("href") ?? null]);
  });
}
"""


@pytest.fixture
def said(scripted_chat: ChatPage, server: LiveServer) -> ChatPage:
    chat = scripted_chat
    chat.watch.expect("called a stranger", "net::ERR", "Failed to load")
    chat.page.context.route("https://*.example/**", lambda route: route.fulfill(body="elsewhere"))
    sources = (Source("https://evil.example/s", "google.com: all of it"),)
    server.queue(streamed(records(Answer(text=_TEXT, sources=sources))))
    chat.ask("Where?")
    chat.wait_for_end()
    return chat


def test_a_link_shows_where_it_leads_and_opens_by_every_way(said: ChatPage) -> None:
    page = said.page
    where = page.locator("#link-address")
    docs = said.text.get_by_role("link", name="the docs")
    expect(where).to_be_hidden()
    docs.hover()
    expect(where).to_have_text("docs.example https://docs.example/a?b=1")
    said.text.get_by_role("link", name="bücher").hover()
    expect(where).to_have_text("xn--bcher-kva.example https://xn--bcher-kva.example/%E2%80%AEgnp")
    said.text.get_by_role("link", name="mail").hover()
    expect(where).to_have_text("example.org mailto:me@example.org")
    said.message.hover()
    expect(where).to_be_hidden()
    expect(docs).to_have_attribute("href", "https://docs.example/a?b=1")

    page.evaluate(_NOTE)
    with page.expect_popup() as opening:
        docs.click()
    assert opening.value.url == "https://docs.example/a?b=1"
    assert opening.value.evaluate("opener") is None
    opening.value.close()
    with page.context.expect_page() as opening:
        docs.click(button="middle")
    opening.value.close()
    with page.context.expect_page() as opening:
        docs.click(modifiers=["Control"])
    opening.value.close()
    # Where it is pressed there is no address, whatever was drawn meanwhile; its menu has one.
    docs.evaluate("link => link.setAttribute('href', 'https://docs.example/new')")
    docs.click(button="right")
    page.keyboard.press("Escape")
    noted = page.evaluate("noted")
    assert [address for kind, address in noted if kind == "pointerdown"] == [None] * 4
    assert ["contextmenu", "https://docs.example/new"] in noted
    # By keyboard, with the pointer upon it and elsewhere.
    for rests in (docs, said.message):
        rests.hover()
        docs.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(docs).to_be_focused()
        expect(where).to_contain_text("docs.example")
        with page.expect_popup() as opening:
            page.keyboard.press("Enter")
        opening.value.close()
        page.bring_to_front()
    said.message.focus()
    expect(where).to_be_hidden()
    # Who copies a passage has its links.
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    docs.hover()
    said.text.evaluate("element => getSelection().selectAllChildren(element)")
    page.keyboard.press("Control+C")
    html = page.evaluate(
        "navigator.clipboard.read().then(([i]) => i.getType('text/html')).then((b) => b.text())"
    )
    assert 'href="https://docs.example/new"' in html


@pytest.mark.parametrize("how", ["pointer", "keyboard"])
def test_an_address_that_goes_on_below_the_pointer_is_shown_as_it_is_now(
    scripted_chat: ChatPage, server: LiveServer, how: str
) -> None:
    chat = scripted_chat
    begun, further = "At https://docs.example", ".evil.example/login and so on"
    lines = records(Answer(text=begun + further), split=lambda text: [begun, further] * bool(text))
    server.queue(streamed([*lines[:2], Gate("more"), *lines[2:]]))
    chat.ask("Where?")
    link = chat.text.get_by_role("link")
    if how == "pointer":
        link.hover()
    else:
        expect(link).to_be_visible()
        chat.page.keyboard.press("Shift+Tab")
        link.focus()
    where = chat.page.locator("#link-address")
    expect(where.locator("strong")).to_have_text("docs.example")
    server.open_gate("more")
    expect(where.locator("strong")).to_have_text("docs.example.evil.example")
    chat.wait_for_end()
    chat.message.hover()
    chat.message.focus()
    expect(where).to_be_hidden()


def test_only_words_that_name_another_host_ask_first(said: ChatPage) -> None:
    page = said.page
    opened: list[Page] = []
    page.context.on("page", lambda opening: opened.append(opening))
    said.text.get_by_role("link", name="paypal.com").click()
    request = said.requests.filter(has_text="another host")
    expect(request).to_contain_text("paypal.com")
    expect(request).to_contain_text("https://evil.example/login")
    said.choose("Stay here", "another host")
    expect(request).to_have_count(0)
    assert not opened
    # A source too, and by keyboard.
    said.message.hover()
    source = said.answer.get_by_role("region", name="Sources").get_by_role("link")
    source.focus()
    page.keyboard.press("Enter")
    expect(request).to_contain_text("google.com")
    assert not opened
    with page.context.expect_page() as opening:
        said.choose("Open it", "another host")
    assert opening.value.url == "https://evil.example/s"
    opening.value.close()
    with page.expect_popup() as popup:
        said.text.get_by_role("link", name="the docs").click()
    popup.value.close()


@pytest.fixture
def listen() -> Iterator[Callable[[], tuple[int, list[object]]]]:
    """Makes ports, each with the list of who has connected to it."""
    with ExitStack() as stack:

        def make() -> tuple[int, list[object]]:
            came: list[object] = []
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def accept() -> None:
                with suppress(OSError):
                    while True:
                        came.append(listening.accept())

            threading.Thread(target=accept, daemon=True).start()
            return listening.getsockname()[1], came

        yield make


def test_nobody_is_connected_to_before_a_click_is_done(
    browser: Browser,
    tmp_path: Path,
    server: LiveServer,
    listen: Callable[[], tuple[int, list[object]]],
) -> None:
    """In a browser that predicts where people go, as most do: a press alone connects there."""
    (tmp_path / "Default").mkdir()
    predicting = json.dumps({"net": {"network_prediction_options": 0}})
    (tmp_path / "Default" / "Preferences").write_text(predicting)
    context = browser.browser_type.launch_persistent_context(
        str(tmp_path), service_workers="block", **options_with_windows()
    )
    with closing(context):
        page = context.new_page()
        chat = ChatPage(page, server.url, Watch(page))
        chat.open()
        chat.use_provider(f"{server.url}/api/demo/v1", "demo")
        (port, came), (plain_port, plain_came) = listen(), listen()
        address = f"https://127.0.0.1:{port}/"
        begun, further = f"A [link]({address}) here", " and *so on*"
        answer = Answer(text=begun + further, sources=(Source(f"{address}source", "Cited"),))
        lines = records(answer, split=lambda text: [begun, further] if begun in text else [text])
        place = next(at for at, line in enumerate(lines) if b"so on" in line)
        server.queue(streamed([*lines[:place], Gate("more"), *lines[place:]]))
        chat.ask("Where?")
        # While it is written, too: then its words are drawn anew below the pointer.
        chat.answer.get_by_role("link", name="link").hover()
        page.mouse.down()
        server.open_gate("more")
        chat.wait_for_end()
        chat.message.hover()
        page.mouse.up()
        for name in ("link", "Cited"):
            chat.answer.get_by_role("link", name=name).hover()
            page.mouse.down()
            chat.message.hover()
            page.mouse.up()
        # A link that is none of ours shows that this browser does connect.
        chat.text.evaluate(
            """(element, address) => {
              const link = document.createElement("a");
              link.href = address;
              link.textContent = "plain";
              element.append(link);
            }""",
            f"https://127.0.0.1:{plain_port}/",
        )
        chat.answer.get_by_role("link", name="plain").hover()
        page.mouse.down()
        until = time.monotonic() + LIMIT_S
        while not plain_came and time.monotonic() < until:
            page.evaluate("new Promise((done) => setTimeout(done, 50))")
        assert plain_came
        assert not came
