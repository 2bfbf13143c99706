"""Two tabs of one browser: what is set in one is there in the other, and neither undoes it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.browser.watch import Watch
from tests.live_server import LiveServer

_NOWHERE = [f"http://localhost:{number}/v1" for number in (1, 2, 3)]


@pytest.fixture
def tabs(
    new_chat: Callable[..., ChatPage], server: LiveServer
) -> Iterator[tuple[ChatPage, ChatPage]]:
    """Two tabs of a browser that has kept nothing."""
    one = new_chat()
    one.open()
    page = one.page.context.new_page()
    two = ChatPage(page, server.url, Watch(page))
    two.open()
    for chat in (one, two):
        chat.watch.expect("net::ERR_")  # nothing is there to list its models
    yield one, two
    two.watch.check()


def save_default(chat: ChatPage, label: str, value: str) -> None:
    chat.open_settings("Model defaults").get_by_label(label).fill(value)
    chat.save_settings()


def test_providers_tools_and_defaults_of_one_tab_survive_what_the_other_sets(
    tabs: tuple[ChatPage, ChatPage],
) -> None:
    one, two = tabs
    one.use_provider(_NOWHERE[0], "mole")
    # Another tab ticks a tool; what the first has saved is there, and stays.
    tools = two.page.get_by_role("button", name=re.compile("^Tools:"))
    tools.click()
    two.page.get_by_role("menuitemcheckbox", name="Roll dice", exact=True).click()
    two.page.get_by_role("menuitemcheckbox", name="Ask before: Roll dice").click()
    two.page.keyboard.press("Escape")
    two.open_settings()
    expect(two.providers).to_contain_text(["localhost:1"])
    two.settings.get_by_role("button", name="Cancel").click()
    two.use_provider(_NOWHERE[1], "badger")
    one.open_settings()
    expect(one.providers).to_contain_text(["localhost:1", "localhost:2"])
    # Each gives up one and sets a default: nothing comes back, nothing else goes.
    one.providers.first.click()
    one.settings.get_by_role("button", name="Forget this provider").click()
    expect(one.providers).to_have_count(1)
    one.settings.get_by_role("button", name="Cancel").click()
    save_default(two, "Temperature", "0.5")
    save_default(one, "Top-p", "0.7")
    two.use_provider(_NOWHERE[2], "otter")
    for chat in tabs:
        settings = chat.open_settings("Model defaults")
        expect(settings.get_by_label("Temperature")).to_have_value("0.5")
        expect(settings.get_by_label("Top-p")).to_have_value("0.7")
        dice = chat.go_to_settings("Tools").get_by_role("checkbox", name="Roll dice")
        expect(dice).to_be_checked()
        chat.go_to_settings("Providers")
        expect(chat.providers).to_contain_text(["localhost:2", "localhost:3"])
        settings.get_by_role("button", name="Cancel").click()
    one.page.reload()
    one.wait_until_ready()
    one.open_settings()
    expect(one.providers).to_contain_text(["localhost:2", "localhost:3"])
    expect(one.model_label).to_have_text("otter")


def test_a_dialog_that_is_open_saves_what_was_changed_in_it_and_nothing_older(
    tabs: tuple[ChatPage, ChatPage],
) -> None:
    one, two = tabs
    html = two.page.locator("html")
    two.open_settings("Appearance")
    settings = one.open_settings("Appearance")
    settings.get_by_role("radio", name="Dark").check()
    expect(html).not_to_have_attribute("data-theme", "dark")  # so far it is tried out
    one.save_settings()
    expect(html).to_have_attribute("data-theme", "dark")
    # Nothing was touched in the second tab: its fields follow.
    expect(two.settings.get_by_role("radio", name="Dark")).to_be_checked()
    two.go_to_settings("Model defaults").get_by_label("Top-p").fill("0.7")
    save_default(one, "Temperature", "0.5")
    one.use_provider(_NOWHERE[0], "mole")
    # The list of providers follows also now, and each in it can be looked at.
    two.go_to_settings("Providers")
    two.providers.get_by_text("localhost:1").click()
    expect(two.settings.get_by_label("Model", exact=True)).to_have_value("mole")
    expect(two.go_to_settings("Model defaults").get_by_label("Top-p")).to_have_value("0.7")
    two.save_settings()
    for chat in tabs:
        expect(chat.page.locator("html")).to_have_attribute("data-theme", "dark")
        settings = chat.open_settings("Model defaults")
        expect(settings.get_by_label("Temperature")).to_have_value("0.5")
        expect(settings.get_by_label("Top-p")).to_have_value("0.7")
        chat.go_to_settings("Providers")
        expect(chat.providers).to_have_count(1)
        settings.get_by_role("button", name="Cancel").click()
