"""One page in each browser that is there, for all tests of this folder."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest
from playwright.sync_api import Browser

from app.setup import other_browsers
from tests.every_browser.chat_tab import ANSWER, ChatTab, NoPython
from tests.every_browser.chromium import chromium
from tests.every_browser.driver import Driver
from tests.every_browser.firefox import firefox
from tests.every_browser.webkit import webkit
from tests.live_server import LiveServer, live_server


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """A server of its own, so that no browser keeps what another test has left."""
    with live_server() as server:
        yield server


@pytest.fixture(scope="module", params=["Chromium", "Firefox", "WebKit"])
def driver(
    request: pytest.FixtureRequest, browser: Browser, server: LiveServer
) -> Iterator[Driver]:
    """Each browser, started once, with the page open in it."""
    with ExitStack() as running:

        def start() -> Driver:
            driver = running.enter_context(_started(request.param, browser))
            driver.resize(1280, 800)
            ChatTab(driver).open(server.url)
            return driver

        try:
            driver = start()
        except NoPython as error:
            # Once in some 100 starts WebKitGTK ran no WebAssembly in any page of a process.
            if request.param != "WebKit":
                raise
            terminal = request.config.pluginmanager.getplugin("terminalreporter")
            terminal.write_line(f"WebKit was started anew, as its page said: {error}")
            running.close()
            driver = start()
        yield driver


def _started(name: str, browser: Browser) -> AbstractContextManager[Driver]:
    if name == "Chromium":
        return chromium(browser)
    missing = other_browsers.missing(name)
    if missing and other_browsers.are_wanted():
        pytest.fail(f"{name} is to be tested, but this machine lacks {', '.join(missing)}.")
    if missing:
        pytest.skip(
            f"{name} was left out: this machine lacks {', '.join(missing)}. With "
            f"{other_browsers.VARIABLE}=1 “python3 -m tests” installs them where it can."
        )
    return firefox() if name == "Firefox" else webkit()


@pytest.fixture(scope="module")
def opened(driver: Driver, server: LiveServer) -> ChatTab:
    """The page, with the scripted provider entered and chosen."""
    tab = ChatTab(driver)
    tab.click("#sidebar button", "Settings")
    tab.select("#set-preset", "OpenAI-compatible")
    tab.fill("#set-model", "demo")
    tab.fill("#set-base-url", f"{server.url}/api/demo/v1")
    tab.click("dialog button", "Save")
    tab.wait_for_text("#model [data-part='label']", "demo")
    return tab


@pytest.fixture
def tab(opened: ChatTab, server: LiveServer) -> Iterator[ChatTab]:
    """A new chat. Whatever the console tells of errors fails the test."""
    server.reset()
    opened.click("#new-chat")
    opened.wait("!document.querySelector(args[0])", ANSWER)
    yield opened
    assert opened.driver.complaints() == []
