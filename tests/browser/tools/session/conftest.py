"""One page whose model may run Python unasked, for all tests of it: a session takes seconds."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chat_page import ChatPage
from tests.browser.python_page import PythonPage
from tests.browser.watch import Watch
from tests.live_server import LiveServer


@pytest.fixture(scope="session")
def kept_python(browser: Browser, live: LiveServer) -> Iterator[PythonPage]:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, service_workers="block")
    chat = ChatPage(page, live.url, Watch(page))
    chat.open()
    chat.use_provider(f"{live.url}/api/demo/v1", "demo")
    python = PythonPage(chat, live)
    python.offer()
    yield python
    page.close()


@pytest.fixture
def python(kept_python: PythonPage, server: LiveServer) -> Iterator[PythonPage]:
    """The kept page, in the chat that the test before has left: its Python runs."""
    kept_python.page.bring_to_front()
    expect(kept_python.chat.stop_button).to_be_hidden()
    server.reset()
    yield kept_python
    kept_python.chat.end_answer()
    kept_python.chat.watch.check()
