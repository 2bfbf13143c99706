"""Small windows and large text: a quarter of a screen (1280 by 1024 at 400 %), a phone with its
keyboard up or on its side, text of twice the size. All can be reached, nothing scrolls sideways.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from tests.browser.chat_page import ChatPage
from tests.browser.conftest import forget
from tests.browser.conversation.test_conversation import choose, says
from tests.browser.kept import chat as kept_chat_of
from tests.browser.kept import open_with, said
from tests.browser.touch import expect_within_reach
from tests.browser.watch import Watch
from tests.live_server import LiveServer

WINDOWS = {
    "a quarter of a screen": (320, 256, 100),
    "a phone with its keyboard": (390, 400, 100),
    "a phone on its side": (700, 320, 100),
    "text twice as large": (1280, 800, 200),
}
_ANSWER = """
## A heading of some length for a window of this width

Some words with `code`, and **more** of them.

```python
print("a line of code that is longer than the window is wide, whatever it is")
```

| Column | Another column | A third one | And one more |
|--------|----------------|-------------|--------------|
| value  | another value  | a third one | and one more |
"""


@pytest.fixture(scope="module")
def one_page(browser: Browser, live: LiveServer) -> Iterator[ChatPage]:
    page = browser.new_context(service_workers="block").new_page()
    chat = ChatPage(page, live.url, Watch(page))
    older = kept_chat_of(1, "An older chat with a title of some length, and then some more")
    open_with(chat, [older], said(older, "A question", "An answer"))
    chat.use_provider(f"{live.url}/api/demo/v1", "demo")
    page.get_by_role("button", name="Tools:").click()
    page.get_by_role("menuitemcheckbox", name="Roll dice", exact=True).click()
    page.keyboard.press("Escape")
    yield chat
    forget(page)
    page.context.close()


def states(chat: ChatPage, server: LiveServer) -> Iterator[str]:
    """Bring the page from one state to the next, and name each."""
    page = chat.page
    menu = page.locator("[popover]:popover-open")

    def while_open(what: Locator, state: str) -> Iterator[str]:
        expect(what).to_be_visible()
        yield state
        page.keyboard.press("Escape")
        expect(what).to_be_hidden()

    def command(words: str) -> None:
        chat.message.press("Control+k")
        expect(page.locator("#palette")).to_be_visible()
        page.keyboard.type(words)
        expect(
            page.get_by_role("listbox", name="Commands and chats").get_by_role("option")
        ).not_to_have_count(0)
        page.keyboard.press("Enter")

    chat.dismiss_toasts()
    yield "welcome"
    server.queue(says(_ANSWER))
    chat.ask("A question of several words, so that it takes more than one line\nand then another")
    chat.wait_for_end()
    yield "an answer"
    chat.answer.get_by_role("button", name="More for this answer").click()
    yield from while_open(menu, "the menu of an answer")
    choose(chat, chat.answer, "Edit this answer")
    yield from while_open(chat.answer.get_by_role("textbox"), "editing an answer")
    page.get_by_role("button", name="Tools:").click()
    yield from while_open(menu, "the menu of tools")
    page.get_by_role("button", name="More", exact=True).click()
    yield from while_open(menu, "the menu More")
    chat.open_picker()
    yield from while_open(chat.picker, "the model picker")
    chat.message.press("Control+k")
    yield from while_open(page.locator("#palette"), "the palette")
    chat.message.press("Control+/")
    yield from while_open(page.locator("#help"), "help")
    chat.open_sidebar()
    yield "the sidebar"
    page.keyboard.press("Escape")
    for tab in ("Settings of this chat", "Wire", "Outline"):
        chat.open_drawer(tab)
        yield f"the drawer at {tab}"
    page.get_by_role("button", name="Close details").click()
    chat.message.press("Control+.")
    expect(chat.settings).to_be_visible()
    for section in chat.settings.get_by_role("tab").all():
        section.click()
        yield f"the settings at {str(section.text_content()).strip()}"
    yield from while_open(chat.settings, "the settings")
    command("chats and storage")
    data = page.locator("#data")
    expect(data).to_be_visible()
    yield "chats and storage"
    page.get_by_role("button", name="Delete all…").click()
    yield from while_open(page.locator("#confirm"), "a question")
    yield from while_open(data, "chats and storage once more")
    command("your tools")
    yield from while_open(page.locator("#own-tools"), "the person's tools")
    call = ToolCall("1", "roll_dice", '{"count": 2}')
    asks = records(Answer(text="Let me.", tool_calls=(call,), finish_reason="tool_calls"))
    server.queue(streamed(asks), says("Done."))
    chat.ask("Roll")
    expect(chat.requests).to_have_count(1)
    for name in ("Allow once", "Deny"):
        choice = chat.requests.get_by_role("button", name=name)
        choice.scroll_into_view_if_needed()
        expect(choice).to_be_in_viewport()
    chat.choose("Deny")
    chat.wait_for_end()
    server.queue(says("One."), says("Two."))
    choose(chat, chat.answer, "Compare streaming and sync")
    yield from while_open(page.locator("#compare"), "a comparison")


@pytest.mark.parametrize("window", WINDOWS)
def test_all_can_be_reached(window: str, one_page: ChatPage, server: LiveServer) -> None:
    chat, page = one_page, one_page.page
    width, height, text = WINDOWS[window]
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("(text) => { document.documentElement.style.fontSize = `${text}%`; }", text)
    server.reset()
    for state in states(chat, server):
        expect_within_reach(page, f"{window}, {state}", by_thumb=False)
    page.evaluate("document.documentElement.style.fontSize = ''")
    chat.message.press("Control+Shift+O")
    chat.watch.check()


def test_a_phone_with_text_twice_as_large(one_page: ChatPage, server: LiveServer) -> None:
    chat, page = one_page, one_page.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    server.reset()
    server.queue(says(_ANSWER))
    chat.ask("Some code")
    chat.wait_for_end()
    expect_within_reach(page, "an answer with code", by_thumb=False)
    # The model's name is there to be read.
    label = chat.model_label.bounding_box()
    assert label is not None
    assert label["width"] > 60
    page.evaluate("document.documentElement.style.fontSize = ''")
    chat.message.press("Control+Shift+O")
    chat.watch.check()
