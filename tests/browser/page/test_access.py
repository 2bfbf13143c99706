"""A page whose server wants a token: what it says without one, and the way in."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.browser.chat_page import ChatPage
from tests.browser.page.test_offline import wait_until_kept
from tests.live_server import LiveServer, live_server

REFUSED = "the server responded with a status of 401"
SENTENCE = "open the address that serve.py printed, with its token"


@pytest.fixture(scope="module")
def closed_server() -> Iterator[LiveServer]:
    """One that others can reach."""
    with live_server(host="0.0.0.0", relay=True) as server:
        yield server


def test_the_page_opens_says_what_to_do_and_goes_on_once_that_is_done(
    new_chat: Callable[..., ChatPage], closed_server: LiveServer
) -> None:
    chat = new_chat(closed_server.url, service_workers="allow")
    chat.watch.expect(REFUSED, "the server responded with a status of 502")
    chat.open()
    wait_until_kept(chat.page)
    expect(chat.hint).to_contain_text(SENTENCE)
    expect(chat.model_label).to_have_text("Demo")
    chat.open_picker()
    expect(chat.models.first).to_contain_text("not open to this browser")
    chat.page.keyboard.press("Escape")

    # The printed address, in another tab of a browser that has kept the page.
    other = chat.page.context.new_page()
    other.goto(closed_server.address + "#chat")
    expect(other).to_have_url(f"{closed_server.url}/#chat")
    other.close()
    chat.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(chat.hint).not_to_contain_text(SENTENCE)

    # And from then on a bookmark will do; scripts of the page don't see the cookie.
    chat.open()
    expect(chat.hint).not_to_contain_text(SENTENCE)
    assert chat.page.evaluate("document.cookie") == ""

    # A cookie that is lost in the middle, with the server itself and with its relay.
    chat.use_provider("https://models.example/v1", "far", "sk-a-key-of-mine", via_server=True)
    chat.use_provider(f"{closed_server.url}/api/demo/v1", "demo")
    chat.page.context.clear_cookies()
    chat.ask("Still there?")
    expect(chat.notice).to_contain_text(SENTENCE)
    expect(chat.retry_button).to_be_visible()
    chat.new_chat_button.click()
    chat.choose_model("far")
    chat.ask("And you?")
    expect(chat.notice).to_contain_text("Open the address that serve.py printed")
    chat.page.goto(closed_server.address)
    chat.wait_until_ready()
    chat.new_chat_button.click()
    chat.choose_model("demo")
    chat.ask("And now?")
    chat.wait_for_end()
    expect(chat.text).to_contain_text("I am the Demo")


def test_a_token_that_no_server_saw_is_handed_in_by_the_page(
    new_chat: Callable[..., ChatPage], closed_server: LiveServer
) -> None:
    """The service worker of 0.1.0 answers the printed address from what it has kept."""
    chat = new_chat(closed_server.address)
    shell = chat.page.request.get(closed_server.url).text()

    def kept(route: Route) -> None:
        if route.request.is_navigation_request():
            route.fulfill(body=shell, content_type="text/html")
        else:
            route.continue_()

    chat.page.route("**/?token=*", kept)
    chat.open()
    expect(chat.page).to_have_url(f"{closed_server.url}/")
    expect(chat.hint).not_to_contain_text(SENTENCE)


def test_the_server_of_another_user_is_named_as_such(new_chat: Callable[..., ChatPage]) -> None:
    """A page that the browser has kept, on a port that another user has now."""
    chat = new_chat()
    chat.watch.expect("the server responded with a status of 403")
    chat.page.route("**/api/status", lambda route: route.fulfill(status=403, json={}))
    chat.open()
    expect(chat.hint).to_contain_text("start your own with serve.py")
