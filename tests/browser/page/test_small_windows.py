"""Small windows and large text: a quarter of a screen (1280 by 1024 at 400 %), a phone with its
keyboard up or on its side, text of twice the size. All can be reached, nothing scrolls sideways.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

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

    def key(keys: str) -> None:
        page.keyboard.press(keys)

    def command(words: str) -> None:
        chat.message.press("Control+k")
        page.keyboard.type(words)
        expect(
            page.get_by_role("listbox", name="Commands and chats").get_by_role("option")
        ).not_to_have_count(0)
        key("Enter")

    chat.dismiss_toasts()
    yield "welcome"
    server.queue(says(_ANSWER))
    chat.ask("A question of several words, so that it takes more than one line\nand then another")
    chat.wait_for_end()
    yield "an answer"
    choose_menu = chat.answer.get_by_role("button", name="More for this answer")
    choose_menu.click()
    yield "the menu of an answer"
    key("Escape")
    choose(chat, chat.answer, "Edit this answer")
    yield "editing an answer"
    key("Escape")
    page.get_by_role("button", name="Tools:").click()
    yield "the menu of tools"
    key("Escape")
    page.get_by_role("button", name="More", exact=True).click()
    yield "the menu More"
    key("Escape")
    chat.open_picker()
    yield "the model picker"
    key("Escape")
    chat.message.press("Control+k")
    yield "the palette"
    key("Escape")
    chat.message.press("Control+/")
    yield "help"
    key("Escape")
    chat.open_sidebar()
    yield "the sidebar"
    key("Escape")
    for tab in ("Settings of this chat", "Wire", "Outline"):
        chat.open_drawer(tab)
        yield f"the drawer at {tab}"
    page.get_by_role("button", name="Close details").click()
    chat.message.press("Control+.")
    for section in chat.settings.get_by_role("tab").all():
        section.click()
        yield f"the settings at {str(section.text_content()).strip()}"
    key("Escape")
    command("chats and storage")
    yield "chats and storage"
    page.get_by_role("button", name="Delete all…").click()
    yield "a question"
    key("Escape")
    key("Escape")
    command("your tools")
    yield "the person's tools"
    key("Escape")
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
    yield "a comparison"
    key("Escape")
    expect(chat.toast).to_be_visible()


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
