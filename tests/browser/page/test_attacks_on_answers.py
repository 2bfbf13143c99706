"""Attacks through every part of an answer that is not its text: reasoning, calls of tools and their
results, sources, and the words of an error.
"""

import msgspec
from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, Source, ToolCall, error_body, records, streamed, whole
from tests.browser.attack import Attack, vectors
from tests.browser.chat_page import ChatPage
from tests.cases import library
from tests.live_server import LiveServer

pytestmark = library.recorded

# One page draws as much as all answers of a chat hold: a new chat for each batch keeps it small.
_BATCH = 60


def test_every_recorded_vector_around_an_answer(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    chat.watch.expect("the server responded with a status of 400")
    attack = Attack(chat.page, own=("/api/demo/",))
    given = vectors()

    def feed(texts: list[str]) -> None:
        chat.new_chat_button.click()
        calls = tuple(
            ToolCall(f"call_{number}", text, msgspec.json.encode({"text": text}).decode())
            for number, text in enumerate(texts)
        )
        sources = tuple(
            source
            for text in texts
            for source in (Source(text, "title"), Source("https://example.org/" + text, text))
        )
        answer = Answer(
            reasoning="\n\n".join(texts),
            refusal="\n\n".join(texts),
            tool_calls=calls,
            sources=sources,
            finish_reason="tool_calls",
            model="\n".join(texts)[:500],
        )
        # By characters the whole would take minutes; the text itself is fed so in test_attacks.
        written = records(answer, split=lambda text: [text[:7], text[7:]] if text else [])
        server.queue(
            streamed(written), whole(error_body("\n".join(texts), type="error"), status=400)
        )
        chat.ask("\n".join(texts))
        chat.wait_for_end()
        expect(chat.answer.locator(".tool")).to_have_count(len(texts))
        chat.answer.locator(".reasoning summary").click()
        chat.ask("/fail")
        expect(chat.notice).to_be_visible()

    batches = [given[at : at + _BATCH] for at in range(0, len(given), _BATCH)]
    attack.run(batches, feed=feed, where="#transcript")
