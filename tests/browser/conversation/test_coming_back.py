"""State that is still there when a person comes back to a chat, or after a reload."""

import json
import re

from playwright.sync_api import Dialog, Locator, expect

from app.core.messages import File, Message, Text, user
from app.history.records import MessageRecord
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Reply, Send
from tests.browser.anthropic_stream import block, event, message, text
from tests.browser.chat_page import ChatPage
from tests.browser.conversation.composer.test_attachments import payload, pick, png
from tests.browser.conversation.test_conversation import says
from tests.browser.elsewhere import KEY
from tests.browser.kept import chat as record_of
from tests.browser.kept import keep, open_with, said
from tests.browser.watch import Watch
from tests.live_server import LiveServer

# The least of a PNG: one pixel.
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154"
    "789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def held(first: str, rest: str) -> Reply:
    """An answer of which the rest waits for the gate "rest", and its end for "end"."""
    written = records(Answer(text=first + rest), split=lambda text: [first, rest] if text else [])
    return streamed(
        [
            Send(written[0] + written[1]),
            Gate("rest"),
            Send(written[2]),
            Gate("end"),
            *map(Send, written[3:]),
        ]
    )


def card(chat: ChatPage, name: str) -> Locator:
    listed = chat.answer.get_by_role("list", name="Tool calls").get_by_role("listitem")
    return listed.filter(has_text=name)


def test_an_answer_goes_on_while_another_chat_is_shown(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(held("One ", "two."))
    chat.ask("Count for me")
    chat.expect_words("One")
    chat.new_chat_button.click()
    expect(chat.answers).to_have_count(0)
    chat.open_sidebar().get_by_role("link", name="Count for me").first.click()
    chat.expect_words("One")
    expect(chat.stop_button).to_be_visible()
    # What comes from now on is written into what was drawn.
    server.open_gate("rest")
    chat.expect_words("One two.")
    server.open_gate("end")
    chat.wait_for_end()
    chat.expect_words("One two.")


def test_a_tool_that_waited_for_leave_is_not_run_after_a_reload(chat: ChatPage) -> None:
    chat.ask("/tools")
    expect(card(chat, "roll_dice")).to_contain_text("Waiting for your approval")
    expect(card(chat, "current_time")).to_contain_text("Done")
    chat.page.reload()
    chat.wait_until_ready()
    expect(card(chat, "roll_dice")).to_contain_text("Not run")
    expect(chat.requests).to_have_count(0)
    # The second where the page was left before the disk had what the tools gave.
    expect(chat.notice).to_contain_text(
        re.compile("The page was closed|interrupted while it used tools")
    )
    expect(chat.notice.get_by_role("button", name="Continue")).to_be_visible()
    chat.notice.get_by_role("button", name="Retry").click()
    chat.choose("Deny")
    chat.wait_for_end()
    expect(chat.answer.get_by_role("group", name="Answer 2 of 2")).to_be_visible()


def test_durations_are_there_after_a_reload(chat: ChatPage) -> None:
    chat.ask("/tools fail")
    chat.wait_for_end()
    chat.ask("/reasoning")
    chat.wait_for_end()
    title = chat.answer.locator(".reasoning summary")
    expect(title).to_have_text(re.compile(r"Thought for \d"))
    chat.page.reload()
    chat.wait_until_ready()
    expect(title).to_have_text(re.compile(r"Thought for \d"))
    tools = chat.answers.first.get_by_role("list", name="Tool calls").get_by_role("listitem")
    expect(tools.first).to_contain_text(re.compile(r"\d ms"))


def test_what_a_provider_signed_goes_back_to_it_after_a_reload_in_mid_answer(
    demo_chat: ChatPage, elsewhere: LiveServer
) -> None:
    chat = demo_chat
    elsewhere.reset()
    chat.use_provider(
        f"{elsewhere.url}/v1", "otter", KEY, preset="Anthropic-compatible", remember=True
    )
    thought = {"type": "thinking_delta", "thinking": "A thought"}
    signature = {"type": "signature_delta", "signature": "signed"}
    begun = [message("first"), *block(0, "thinking", thought, signature), *text(1, "Half of it")]
    rest = [message("second"), *text(0, " and the rest"), event("message_stop")]
    elsewhere.queue(streamed([*begun, Gate("never")]), streamed(rest))
    chat.ask("Tell me")
    expect(chat.text).to_have_text("Half of it")
    chat.page.reload()
    chat.wait_until_ready()
    chat.notice.get_by_role("button", name="Continue").click()
    chat.wait_for_end()
    expect(chat.answer).to_contain_text("and the rest")
    sent = json.loads(elsewhere.requests()[-1].body)["messages"]
    assert sent[1]["content"] == [
        {"type": "thinking", "thinking": "A thought", "signature": "signed"},
        {"type": "text", "text": "Half of it"},
    ]


def test_questions_that_waited_are_there_after_a_reload(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(held("One ", "two."), *map(says, ("The second.", "The third.")))
    chat.ask("First")
    chat.expect_words("One")
    chat.message.fill("Second")
    pick(chat, payload("notes.txt", "text/plain", b"Note well"))
    expect(chat.attachments).to_have_count(1)
    chat.message.press("Enter")
    chat.ask("Third")
    chat.ask("Not this")
    expect(chat.waiting.get_by_role("listitem")).to_have_count(3)
    chat.waiting.get_by_role("listitem").last.get_by_role("button", name="Remove").click()
    chat.page.reload()
    chat.wait_until_ready()
    # Nothing goes out unasked in a page that was just opened.
    expect(chat.waiting.get_by_role("listitem")).to_have_count(2)
    expect(chat.waiting).to_contain_text("Paused")
    expect(chat.waiting.get_by_role("listitem").first).to_contain_text("notes.txt")
    expect(chat.notice).to_contain_text("The page was closed while")
    # What waits here is not for another tab to ask.
    page = chat.page.context.new_page()
    other = ChatPage(page, chat.page.url, Watch(page))
    other.open()
    expect(other.questions).to_have_text([re.compile("First")])
    expect(other.waiting).to_be_hidden()
    page.close()
    chat.waiting.get_by_role("button", name="Send them now").click()
    expect(chat.answers).to_have_count(3)
    expect(chat.text).to_have_text("The third.")
    chat.wait_for_end()
    sent = json.loads(server.requests()[-1].body)["messages"]
    assert "Note well" in sent[2]["content"]
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.questions).to_have_count(3)
    expect(chat.waiting).to_be_hidden()


def test_the_browser_asks_before_questions_are_lost_that_nothing_keeps(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(held("One ", "two."))
    chat.page.get_by_role("button", name="Temporary chat").click()
    chat.ask("First")
    chat.expect_words("One")
    chat.ask("Second")
    expect(chat.waiting.get_by_role("listitem")).to_have_count(1)
    kinds: list[str] = []

    def stay(dialog: Dialog) -> None:
        kinds.append(dialog.type)
        dialog.dismiss()

    chat.page.once("dialog", stay)
    with chat.page.expect_event("dialog"):
        chat.page.evaluate("setTimeout(() => location.reload())")
    assert kinds == ["beforeunload"]
    expect(chat.waiting).to_contain_text("Second")
    chat.waiting.get_by_role("button", name="Remove").click()
    server.open_gate("rest")
    server.open_gate("end")
    chat.wait_for_end()


def test_files_of_a_draft_are_there_after_a_reload_each_in_its_chat(
    scripted_chat: ChatPage,
) -> None:
    chat = scripted_chat
    kept = record_of(1, "An older chat")
    keep(chat.page, [kept], said(kept, "Where?", "There."))
    chat.message.fill("Look at these")
    pick(chat, payload("a.png", "image/png", png(40, 30)), payload("b.txt", "text/plain", b"words"))
    expect(chat.attachments).to_contain_text(["a.png", "b.txt"])
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.attachments).to_contain_text(["a.png", "b.txt"])
    expect(chat.attachments.first.locator("img")).to_be_visible()
    chat.row("An older chat").get_by_role("link").click()
    expect(chat.questions).to_have_count(1)
    expect(chat.attachments).to_have_count(0)
    pick(chat, payload("c.txt", "text/plain", b"more"), payload("d.txt", "text/plain", b"less"))
    chat.page.get_by_role("button", name="Remove: c.txt").click()
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.questions).to_have_count(1)
    expect(chat.attachments).to_contain_text(["d.txt"])
    chat.new_chat_button.click()
    expect(chat.attachments).to_contain_text(["a.png", "b.txt"])
    expect(chat.message).to_have_value("Look at these")
    chat.message.press("Enter")
    expect(chat.questions.get_by_role("button", name="a.png, show larger")).to_be_visible()
    chat.wait_for_end()
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.questions).to_contain_text("b.txt")
    expect(chat.attachments).to_have_count(0)
    chat.new_chat_button.click()
    expect(chat.questions).to_have_count(0)
    expect(chat.attachments).to_have_count(0)


def test_an_image_of_an_answer_that_lies_elsewhere_waits_for_a_press(
    unopened_chat: ChatPage,
) -> None:
    chat = unopened_chat
    asked: list[str] = []

    def give(route: object) -> None:
        asked.append(route.request.url)  # type: ignore[attr-defined]
        route.fulfill(  # type: ignore[attr-defined]
            body=_PIXEL,
            headers={"content-type": "image/png", "access-control-allow-origin": "*"},
        )

    chat.watch.expect("called a stranger: https://images.example/")
    chat.page.route("https://images.example/**", give)
    kept = record_of(1, "A picture")
    files = [File("https://images.example/cat.png"), File("https://images.example/cat.zip")]
    # Those of this computer and its network are not offered: a request can do something there.
    files += [File(f"http://{host}/a.png") for host in ("127.1:8160", "0x7f.1", "printer")]
    answer = Message("assistant", [Text("Here:"), *files], status="complete")
    asking = MessageRecord("q1", kept.id, kept.created_ms, user("A cat?"))
    answered = MessageRecord(kept.head, kept.id, kept.created_ms + 1, answer, "q1", "Demo")
    open_with(chat, [kept], [asking, answered])
    chat.row("A picture").get_by_role("link").click()
    press = chat.answer.get_by_role("button", name="Show image from images.example")
    expect(press).to_be_visible()
    expect(chat.answer.get_by_role("link", name="images.example")).to_have_count(1)
    expect(chat.answer.get_by_role("button", name="Show image from")).to_have_count(1)
    expect(chat.answer.get_by_text("is this computer or in its network")).to_have_count(3)
    assert not asked
    press.click()
    expect(chat.answer.get_by_role("img", name="Image 1")).to_be_visible()
    assert asked == ["https://images.example/cat.png"]
