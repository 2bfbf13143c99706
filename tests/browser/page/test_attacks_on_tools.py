"""Attacks through a tool that really ran: its result is shown as words and nothing more.

None of the page's own tools hands on more than numbers and names. One that does, as tools of others
do, is put among them here, and is called by a model that says what it gives back.
"""

import json

from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from tests.browser.attack import Attack, vectors
from tests.browser.chat_page import ChatPage
from tests.browser.conversation.test_conversation import says
from tests.browser.lab import Lab
from tests.cases import library
from tests.live_server import LiveServer

pytestmark = library.recorded

# One page draws as much as all answers of a chat hold: a new chat for each batch keeps it small.
_BATCH = 60


def test_every_recorded_vector_as_the_result_of_a_tool(chat: ChatPage, server: LiveServer) -> None:
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    chat.page.get_by_role("button", name="Tools:").click()
    chat.page.get_by_role("menuitemcheckbox", name="Calculate", exact=True).click()
    Lab(chat.page).let_a_tool_repeat("calculate")
    server.reset()
    attack = Attack(chat.page, own=("/api/demo/",))
    given = vectors()

    def feed(texts: list[str]) -> None:
        chat.new_chat_button.click()
        # Every second one fails with these words, in place of giving them back.
        calls = tuple(
            ToolCall(f"c{at}", "calculate", json.dumps({"expression": text, "fails": at % 2 == 1}))
            for at, text in enumerate(texts)
        )
        asked = Answer(text="Let me see.", tool_calls=calls, finish_reason="tool_calls")
        # By characters here, too: the arguments are shown while they come.
        by_characters = records(asked, split=lambda text: list(text))
        server.queue(streamed([b"".join(by_characters)]), says("\n\n".join(texts)))
        chat.ask("Repeat")
        chat.wait_for_end()
        states = chat.answer.locator('.tool [data-part="state"]')
        expect(states).to_have_text(["Failed" if at % 2 else "Done" for at in range(len(texts))])
        results = chat.answer.locator('.tool [data-part="result"]').all_text_contents()
        # Word for word, but for JSON, which is written in lines, and what is cut as too long.
        for text, shown in zip(texts, results, strict=True):
            assert text[:1] in "[{" or shown.split()[:3] == text.split()[:3]
        more = chat.answer.locator('[data-action="more"]:visible')
        more.evaluate_all("all => all.forEach((one) => one.click())")

    batches = [given[at : at + _BATCH] for at in range(0, len(given), _BATCH)]
    attack.run(batches, feed=feed, where="#transcript")
    # The same when the chat is drawn from what was kept of it.
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.answer.locator(".tool").first).to_be_visible()
    again = Attack(chat.page, own=("/api/demo/",))
    again.run([""], feed=lambda _: None, where="#transcript")
