"""axe-core finds nothing, whatever the page shows, in both themes and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.browser.axe import expect_accessible, expect_accessible_in_both_themes
from tests.browser.chat_page import ChatPage


@pytest.fixture(params=["light", "dark"])
def themed_chat(request: pytest.FixtureRequest, scripted_chat: ChatPage) -> Iterator[ChatPage]:
    scripted_chat.page.emulate_media(color_scheme=request.param, reduced_motion="reduce")
    scripted_chat.choose_model("Demo")
    yield scripted_chat
    scripted_chat.page.emulate_media(color_scheme="light", reduced_motion="no-preference")


def test_conversations(themed_chat: ChatPage) -> None:
    chat = themed_chat
    expect_accessible(chat.page, "empty")
    chat.ask("/stall")
    expect(chat.text).to_contain_text("This answer begins")
    expect_accessible(chat.page, "an answer runs")
    chat.stop_button.click()
    chat.wait_for_end()
    expect_accessible(chat.page, "stopped")
    for command in ("/reasoning", "/tool", "/error 429", "/cut"):
        chat.ask(command)
        chat.wait_for_end()
        expect_accessible(chat.page, command)


def test_markdown(themed_chat: ChatPage) -> None:
    """The Demo's whole Markdown: formulas, code in colours, tables, notes, an image."""
    chat = themed_chat
    chat.ask("/markdown")
    chat.wait_for_end()
    expect(chat.text.locator(".hljs-keyword").first).to_be_visible()
    expect(chat.text.locator(".katex").first).to_be_visible()
    expect_accessible(chat.page, "Markdown")
    chat.answer.get_by_role("button", name="More for this answer").click()
    chat.page.get_by_role("menuitemcheckbox", name="Show as plain text").click()
    expect_accessible(chat.page, "Markdown as it was written")


def test_what_opens_over_the_page(themed_chat: ChatPage) -> None:
    chat = themed_chat
    page = chat.page
    chat.open_settings()
    expect_accessible(page, "settings")
    chat.settings.get_by_role("button", name="Cancel").click()
    for keys, state in (("Control+k", "palette"), ("Control+/", "help")):
        chat.message.press(keys)
        expect(page.locator("dialog[open]")).to_be_visible()
        expect_accessible(page, state)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="More").click()
    expect(page.get_by_role("menu")).to_be_visible()
    expect_accessible(page, "menu")
    page.keyboard.press("Escape")
    for tab in ("Settings of this chat", "Wire"):
        chat.open_drawer(tab)
        expect_accessible(page, f"details: {tab}")
    page.get_by_role("button", name="Close details").click()


def test_on_a_phone(phone_chat: ChatPage) -> None:
    chat, page = phone_chat, phone_chat.page
    held: list[Route] = []
    page.route("**/pyodide.asm.wasm", lambda route: held.append(route), times=1)
    page.goto("about:blank")
    with page.expect_request("**/pyodide.asm.wasm"):  # else it may begin after all that follows
        page.goto(chat.url)
    expect(page.get_by_role("progressbar", name="Starting Python")).to_be_visible()
    expect_accessible_in_both_themes(page, "starting")
    held[0].continue_()
    chat.wait_until_ready()
    expect_accessible_in_both_themes(page, "empty")
    chat.open_sidebar()
    expect_accessible_in_both_themes(page, "chats")
    page.keyboard.press("Escape")
    chat.open_drawer("Wire")
    expect_accessible_in_both_themes(page, "details")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More").tap()
    expect_accessible_in_both_themes(page, "menu")
    page.keyboard.press("Escape")


def test_a_page_that_could_not_start(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    chat.watch.expect("")
    chat.page.route("**/pyscript.toml", lambda route: route.abort())
    chat.page.goto(chat.url)
    expect(chat.page.get_by_role("alert")).to_be_visible()
    expect_accessible(chat.page, "failed to start")
