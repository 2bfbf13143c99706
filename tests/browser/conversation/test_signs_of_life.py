"""Signs of life before a server's first word: that it lives, how much of the question it read."""

import json
import re

from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Send
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer


def read_of(processed: int) -> Send:
    """A record of llama.cpp's: so many of 1,000 tokens were read."""
    told = {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}],
        "prompt_progress": {"total": 1000, "cache": 0, "processed": processed, "time_ms": 9},
    }
    return Send(f"data: {json.dumps(told)}\n\n".encode())


def test_the_wait_for_the_first_word_says_what_goes_on(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    said = records(Answer(text="It is long."), include_usage=True)
    server.queue(
        streamed(
            [
                read_of(400),
                Gate("more"),
                read_of(755),
                Gate("alive"),
                Send(b": still here\n\n"),
                Gate("words"),
                *said,
            ]
        )
    )
    chat.ask("Read all of this")
    waiting = chat.answer.locator('[data-part="waiting-text"]')
    expect(waiting).to_have_text("Reading your prompt, 40 %")
    chat.page.set_viewport_size({"width": 390, "height": 800})
    expect(waiting).to_be_in_viewport(ratio=1)
    chat.page.set_viewport_size({"width": 1280, "height": 800})
    server.open_gate("more")
    expect(waiting).to_have_text(re.compile("^Reading your prompt, 7[56] %$"))
    server.open_gate("alive")
    expect(waiting).to_have_text(re.compile(r" is still working, \d+ s$"))
    server.open_gate("words")
    expect(chat.text).to_have_text("It is long.")
    expect(waiting).to_be_hidden()
    chat.wait_for_end()
    expect(chat.notice).to_be_hidden()
