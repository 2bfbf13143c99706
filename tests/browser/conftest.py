"""A server to steer, and a page that must stay quiet."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chat_page import LIMIT_MS, ChatPage
from tests.browser.elsewhere import elsewhere_app
from tests.browser.lab import Lab
from tests.browser.touch import PHONE
from tests.browser.watch import Watch
from tests.live_server import LiveServer, live_server, running

expect.set_options(timeout=LIMIT_MS)


@pytest.fixture(scope="session")
def live() -> Iterator[LiveServer]:
    with live_server() as server:
        yield server


@pytest.fixture
def server(live: LiveServer) -> LiveServer:
    """Tokenfall's server without a model, its scripted provider waiting for replies."""
    live.reset()
    return live


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[LiveServer]:
    """A provider on another origin, which lets web pages read its answers."""
    with running(elsewhere_app(cors=True), control="/control/") as server:
        yield server


@pytest.fixture(scope="session")
def elsewhere_without_cors() -> Iterator[LiveServer]:
    """A provider on another origin, which does not."""
    with running(elsewhere_app(cors=False), control="/control/") as server:
        yield server


@pytest.fixture
def new_chat(
    request: pytest.FixtureRequest, browser: Browser, server: LiveServer
) -> Iterator[Callable[..., ChatPage]]:
    """Makes unopened pages, each in a browser that has kept nothing.

    Without a service worker, which would answer in place of the tests; `service_workers="allow"`
    lets it come. The first is in a context that other tests use too, if it needs none of its own.
    """
    made: list[ChatPage] = []
    own: list[BrowserContext] = []
    shared: list[BrowserContext] = []

    def make(url: str = server.url, *, is_apart: bool = False, **options: Any) -> ChatPage:
        if is_apart or options or shared or "unopened_chat" in request.fixturenames:
            own.append(browser.new_context(**{"service_workers": "block"} | options))
            page = own[-1].new_page()
        else:
            shared.append(request.getfixturevalue("warm_context"))
            page = shared[-1].new_page()
        made.append(ChatPage(page, url, Watch(page)))
        return made[-1]

    yield make
    for context in own:
        context.close()
    for context in shared:
        empty(context)
    for chat in made:
        chat.watch.check()


@pytest.fixture(scope="session")
def warm_context(browser: Browser, live: LiveServer) -> Iterator[BrowserContext]:
    """One whose cache holds Python's files; what pages keep in it is cleared after each test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, service_workers="block")
    # Keeps the process of this site, and with it what has been compiled, from one test to the next.
    context.new_page().goto(f"{live.url}/api/status")
    yield context
    context.close()


@pytest.fixture
def unopened_chat(warm_context: BrowserContext, server: LiveServer) -> Iterator[ChatPage]:
    """A tab that has not gone anywhere yet, in a browser that has kept nothing."""
    page = warm_context.new_page()
    chat = ChatPage(page, server.url, Watch(page))
    yield chat
    empty(warm_context)
    chat.watch.check()


def empty(context: BrowserContext) -> None:
    """Close the tabs of a test, all but the first, and clear what they have kept."""
    context.set_offline(False)
    context.unroute_all()
    pages = sorted(context.pages[1:], key=lambda page: page.url.startswith("http"))
    for page in pages[:-1]:
        page.close()
    for page in pages[-1:]:
        if page.url.startswith("http"):  # else it has left the site, whose port comes never again
            forget(page)
        page.close()
    context.clear_cookies()
    context.clear_permissions()


def forget(page: Page) -> None:
    """Clear what the pages of this browser have kept."""
    page.evaluate(
        """() => {
          localStorage.clear();
          return new Promise((done) => {
            const request = indexedDB.deleteDatabase("tokenfall");
            request.onsuccess = request.onerror = done;
          });
        }"""
    )


@pytest.fixture
def chat(unopened_chat: ChatPage) -> ChatPage:
    """The page of the server, just opened and ready."""
    unopened_chat.open()
    return unopened_chat


@pytest.fixture(scope="session")
def kept_chat(browser: Browser, live: LiveServer) -> Iterator[ChatPage]:
    """One page for all tests that begin with a New chat, so that Python starts once for them."""
    chat = _in_a_context(browser, live)
    chat.open()
    chat.use_provider(f"{live.url}/api/demo/v1", "demo")
    yield chat
    chat.page.context.close()


@pytest.fixture(scope="session")
def other_kept_chat(browser: Browser, live: LiveServer) -> Iterator[ChatPage]:
    """A second one, in which tests may enter providers."""
    chat = _in_a_context(browser, live)
    chat.open()
    yield chat
    chat.page.context.close()


@pytest.fixture(scope="session")
def kept_phone(browser: Browser, live: LiveServer) -> Iterator[ChatPage]:
    """A third one, on a phone."""
    chat = _in_a_context(browser, live, **PHONE)
    chat.open()
    yield chat
    chat.page.context.close()


def _in_a_context(browser: Browser, live: LiveServer, **options: Any) -> ChatPage:
    """An unopened page, beside which a test can open another tab of the same browser."""
    wide = {"viewport": {"width": 1280, "height": 800}, "service_workers": "block"}
    page = browser.new_context(**wide | options).new_page()
    return ChatPage(page, live.url, Watch(page))


@pytest.fixture
def demo_chat(other_kept_chat: ChatPage, server: LiveServer) -> Iterator[ChatPage]:
    """A new chat without providers. Those that are entered are forgotten afterwards."""
    yield from _without_providers(other_kept_chat)


@pytest.fixture
def phone_chat(kept_phone: ChatPage, server: LiveServer) -> Iterator[ChatPage]:
    """The same on a phone."""
    yield from _without_providers(kept_phone)


def _without_providers(chat: ChatPage) -> Iterator[ChatPage]:
    chat.page.bring_to_front()
    yield chat
    chat.forget_providers()
    _begin_anew(chat)
    chat.watch.check()


@pytest.fixture
def scripted_chat(kept_chat: ChatPage, server: LiveServer) -> Iterator[ChatPage]:
    """A new chat with the server's scripted provider. Settings are not to be changed here."""
    chat = kept_chat
    chat.page.bring_to_front()
    # Where the end of a test before this one has failed, anything may be left.
    if not chat.has_begun_anew:
        _begin_anew(chat)
    chat.has_begun_anew = False
    chat.streaming_switch.check()
    if chat.model_label.text_content() != "demo":
        chat.choose_model("demo")
    chat.list_models()
    server.reset()
    yield chat
    _begin_anew(chat)
    chat.watch.check()


def _begin_anew(chat: ChatPage) -> None:
    """Leave a chat that has ended: one that goes on would keep its connection. What another test
    had looked at by other themes, or in print, is as it was.
    """
    chat.has_begun_anew = False
    chat.page.emulate_media(
        media="screen",
        color_scheme="light",
        reduced_motion="no-preference",
        forced_colors="none",
    )
    chat.end_answer()
    chat.new_chat_button.click()
    # What was being written for a new chat is still there.
    chat.message.fill("")
    for _ in range(chat.attachments.count()):
        chat.attachments.first.get_by_role("button", name="Remove").click()
    chat.dismiss_toasts()
    chat.has_begun_anew = True


@pytest.fixture(scope="session")
def lab_page(browser: Browser, live: LiveServer) -> Iterator[ChatPage]:
    """A page whose Python the tests drive themselves; see `lab.py`."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    chat = ChatPage(page, live.url, Watch(page))
    chat.open()
    page.evaluate("import('/app/browser/markdown/markdown.mjs').then(() => undefined)")
    yield chat
    page.close()


@pytest.fixture
def lab(lab_page: ChatPage) -> Iterator[Lab]:
    yield Lab(lab_page.page)
    lab_page.watch.check()
