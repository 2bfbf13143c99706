"""The page of another computer: over plain http, which is no secure context, and over https."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.server.certificate import Certificate
from tests.browser.chat_page import ChatPage
from tests.browser.touch import PHONE
from tests.browser.watch import Watch
from tests.chromium import options_for_tests
from tests.live_server import live_server

# The name by which a device finds this computer.
NAME = socket.gethostname().lower()
PEM = Path(__file__).parents[2] / "server" / "certificate.pem"


def test_a_phone_in_the_local_network_chats_and_is_told_what_plain_http_lacks(
    phone_browser: Browser,
) -> None:
    with live_server(host="0.0.0.0") as server:
        page = phone_browser.new_context(**PHONE).new_page()
        chat = ChatPage(page, server.address.replace("localhost", NAME), Watch(page))
        chat.watch.expect("Opener-Policy header has been ignored", f"stranger: http://{NAME}:")
        chat.open()
        assert page.evaluate("isSecureContext") is False
        expect(chat.hint).to_contain_text("Over plain http")
        chat.choose_model("Demo")
        chat.message.fill("/markdown")
        chat.send_button.tap()
        chat.wait_for_end()
        expect(chat.hint).not_to_contain_text("Over plain http")
        expect(chat.text).to_contain_text("Formulas")
        page.reload()
        chat.wait_until_ready()
        expect(chat.text).to_contain_text("Formulas")
        chat.watch.check()
        page.context.close()


def test_by_https_it_is_all_there(phone_browser: Browser) -> None:
    certificate = Certificate(PEM, PEM)
    with live_server(host="0.0.0.0", certificate=certificate) as server:
        page = phone_browser.new_context(ignore_https_errors=True, **PHONE).new_page()
        address = server.address.replace("localhost", certificate.names()[0])
        chat = ChatPage(page, address, Watch(page))
        # A browser registers none behind a certificate that it has warned of.
        chat.watch.expect(
            "An SSL certificate error occurred when fetching the script",
            "stranger: https://models.example:",
        )
        chat.open()
        assert page.evaluate("isSecureContext && crossOriginIsolated") is True
        expect(chat.hint).not_to_contain_text("Over plain http")
        chat.choose_model("Demo")
        chat.message.fill("Hello")
        chat.send_button.tap()
        chat.wait_for_end()
        expect(chat.text).to_contain_text("Demo")
        chat.watch.check()
        page.context.close()


@pytest.fixture(scope="module")
def phone_browser(browser: Browser) -> Iterator[Browser]:
    """One that finds this computer by its name, and by that of the certificate."""
    rules = f"--host-resolver-rules=MAP {NAME} 127.0.0.1,MAP models.example 127.0.0.1"
    started = browser.browser_type.launch(**options_for_tests(rules))
    yield started
    started.close()
