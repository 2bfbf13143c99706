"""`?debug` in a real page: who told whom, and none of the words.

Alone: `python3 -m tests tests/browser/page/test_debug.py`.
"""

from collections.abc import Callable

from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer


def test_the_console_tells_what_a_room_calls_in_another(
    new_chat: Callable[..., ChatPage], server: LiveServer
) -> None:
    chat = new_chat(f"{server.url}/?debug")
    said: list[str] = []
    chat.page.on("console", lambda message: said.append(message.text))
    chat.open()
    with chat.page.expect_console_message(lambda message: "→ storage" in message.text):
        chat.ask("A secret word")
    assert any(line.startswith("main ") and "→ chats " in line for line in said)
    assert any(line.startswith("the browser → ") for line in said)
    assert not any("secret" in line for line in said)


def test_without_it_nothing_is_told(demo_chat: ChatPage) -> None:
    said: list[str] = []
    demo_chat.page.on("console", lambda message: said.append(message.text))
    demo_chat.ask("Hello")
    demo_chat.wait_for_end()
    assert not any("→" in line for line in said)
