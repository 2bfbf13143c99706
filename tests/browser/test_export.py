"""The exported site on an ordinary file host, in a sub-folder, without a network."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.scripted.openai_chat import Answer, records, streamed
from app.server.export import export
from tests.browser.chat_page import ChatPage
from tests.browser.elsewhere import KEY
from tests.browser.test_offline import wait_until_kept
from tests.browser.watch import Watch
from tests.live_server import REPOSITORY, RUNTIME, LiveServer


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the export under `python -m http.server`."""
    folder: Path = tmp_path_factory.mktemp("host")
    export(REPOSITORY, RUNTIME, folder / "some" / "where")
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "--directory", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as host:
        assert host.stdout
        # It says "Serving HTTP on 127.0.0.1 port 40123 (http://127.0.0.1:40123/) ...".
        port = host.stdout.readline().split(" port ")[1].split()[0]
        yield f"http://127.0.0.1:{port}/some/where/"
        host.terminate()


def test_the_export_works_in_a_sub_folder(address: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    chat = ChatPage(page, address, Watch(page))
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    chat.open()
    expect(page.locator("html")).to_have_attribute("data-host", "static")
    expect(chat.hint).to_contain_text("The built-in model needs serve.py")
    expect(chat.model_label).to_have_text("Demo")
    chat.ask("Write a short story about a lighthouse")
    expect(chat.text).to_contain_text("The lighthouse at Harrow Point")
    chat.stop_button.click()
    expect(chat.notice).to_contain_text("You stopped this answer.")
    chat.streaming_switch.uncheck()
    chat.ask("/help")
    chat.wait_for_end()
    expect(chat.facts).to_contain_text("Sync")
    assert [url for url in outside if not url.startswith(address)] == []
    page.context.close()
    chat.watch.check()


def test_a_provider_is_chosen_in_the_picker_of_the_export(
    address: str, browser: Browser, elsewhere: LiveServer
) -> None:
    elsewhere.reset()
    page = browser.new_context().new_page()
    chat = ChatPage(page, address, Watch(page))
    chat.open()
    wait_until_kept(page)
    chat.use_provider(f"{elsewhere.url}/v1", "otter-small", KEY)
    chat.choose_model("otter-large")
    elsewhere.queue(streamed(records(Answer(text="An otter."))))
    chat.ask("Who is it?")
    expect(chat.text).to_have_text("An otter.")
    page.context.set_offline(True)
    chat.open()
    expect(chat.model_label).to_have_text("otter-large")
    chat.choose_model("Demo")
    chat.ask("And now?")
    chat.wait_for_end()
    expect(chat.text).to_contain_text("I am the Demo")
    page.context.close()
    chat.watch.expect("ERR_INTERNET_DISCONNECTED")
    chat.watch.check()


def test_the_export_starts_without_a_network(address: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    chat = ChatPage(page, address, Watch(page))
    chat.open()
    wait_until_kept(page)
    page.context.set_offline(True)
    chat.open()
    chat.ask("Write a short story about a lighthouse")
    expect(chat.text).to_contain_text("The lighthouse at Harrow Point")
    page.context.close()
    chat.watch.expect("ERR_INTERNET_DISCONNECTED")
    chat.watch.check()
