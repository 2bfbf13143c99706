"""The wire view: the request without its key, each record with its time and its events."""

import json

from playwright.sync_api import Locator, expect

from app.scripted.openai_chat import Answer, TokenCount, body, error_body, records, streamed, whole
from app.scripted.steps import Gate, Pause, Send, Step
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer


def open_wire(chat: ChatPage) -> Locator:
    chat.answer.get_by_role("button", name="More for this answer").click()
    chat.page.get_by_role("menuitem", name="Show what went over the wire").click()
    panel = chat.page.get_by_role("tabpanel", name="Wire")
    expect(panel).to_be_visible()
    return panel


def close_drawer(chat: ChatPage) -> None:
    chat.page.get_by_role("button", name="Close details").click()


def rows(panel: Locator) -> Locator:
    return panel.get_by_role("list", name="Records").get_by_role("listitem")


def test_each_record_stands_with_its_time_and_its_events(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    answer = Answer(text="Hi there", usage=TokenCount(input=3, output=2))
    written = records(answer, include_usage=True)
    # A pause that is a pause on any machine.
    paced: list[Step] = [*map(Send, written[:2]), Pause(2000), *map(Send, written[2:])]
    server.queue(streamed(paced))
    chat.ask("Hello?")
    chat.wait_for_end()
    panel = open_wire(chat)
    # role, two words, finish, usage, [DONE]
    expect(panel).to_contain_text("6 records")
    expect(panel).to_contain_text(f"{sum(map(len, written)):,} bytes")
    hi = rows(panel).filter(has_text='ContentDelta {"text":"Hi"}')
    expect(hi).to_contain_text('"content":"Hi"')
    late = rows(panel).filter(has_text='ContentDelta {"text":" there"}')
    expect(late).to_have_attribute("data-late", "")
    expect(rows(panel).filter(has_text="Usage {")).to_contain_text('"output_tokens":2')
    expect(rows(panel).filter(has_text="[DONE]")).to_have_count(1)
    expect(rows(panel).last).to_contain_text("Done")
    expect(panel.get_by_text("200")).to_be_visible()
    close_drawer(chat)


def test_keys_are_nowhere_in_it_and_requests_can_be_copied(
    chat: ChatPage, server: LiveServer
) -> None:
    chat.use_provider(f"{server.url}/api/demo/v1", "demo", key="sk-very-secret-indeed")
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.ask("Hello, wire?")
    chat.wait_for_end()
    panel = open_wire(chat)
    panel.get_by_text("Request", exact=True).click()
    sent = panel.get_by_label("Body of the request")
    assert json.loads(sent.text_content() or "")["messages"][-1]["content"] == "Hello, wire?"
    expect(panel.get_by_label("Headers of the request")).to_contain_text("Bearer (hidden)")
    assert "sk-very-secret" not in (panel.text_content() or "")
    for name, words in (("curl", "curl --no-buffer"), ("Python", "import httpx")):
        panel.get_by_role("button", name=f"Copy as {name}").click()
        expect(panel.get_by_role("button", name="Copied")).to_be_visible()
        copied = chat.page.evaluate("navigator.clipboard.readText()")
        assert words in copied
        assert "Hello, wire?" in copied
        assert "sk-very-secret" not in copied
        expect(panel.get_by_role("button", name="Copied")).to_have_count(0)
    with chat.page.expect_download() as download:
        panel.get_by_role("button", name="Download the recording").click()
    lines = download.value.path().read_text("utf-8").splitlines()
    assert json.loads(lines[0])["type"] == "tokenfall-recording"
    assert "sk-very-secret" not in "".join(lines)


def test_retries_and_failures_are_requests_of_their_own(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    chat.watch.expect(r"the server responded with a status of")
    busy = whole(error_body("Slow down", type="requests"), status=429, headers={"retry-after": "0"})
    server.queue(busy, streamed(records(Answer(text="Now."))))
    chat.ask("Quick")
    chat.wait_for_end()
    panel = open_wire(chat)
    expect(panel.get_by_role("heading", level=3)).to_have_text(["Request 1", "Request 2"])
    expect(panel).to_contain_text("429")
    expect(rows(panel).first).to_contain_text("Slow down")
    close_drawer(chat)


def test_it_goes_on_while_the_answer_comes(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    written = records(Answer(text="One two"))
    server.queue(streamed([*map(Send, written[:2]), Gate("rest"), *map(Send, written[2:])]))
    chat.ask("Count")
    expect(chat.text).to_have_text("One")
    chat.page.get_by_role("button", name="Details of this chat").first.click()
    chat.page.get_by_role("tab", name="Wire").click()
    panel = chat.page.get_by_role("tabpanel", name="Wire")
    expect(rows(panel)).to_have_count(2)
    expect(panel).to_contain_text("on its way")
    server.open_gate("rest")
    chat.wait_for_end()
    expect(rows(panel)).to_have_count(6)
    close_drawer(chat)


def test_five_thousand_records_are_drawn_as_they_are_asked_for(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    text = "word " * 5000
    server.queue(streamed([Send(b"".join(records(Answer(text=text))))]))
    chat.ask("Many")
    chat.wait_for_end()
    panel = open_wire(chat)
    expect(rows(panel)).to_have_count(200)
    panel.get_by_role("button", name="Show more").click()
    expect(rows(panel)).to_have_count(400)
    close_drawer(chat)


def test_both_modes_stand_side_by_side_with_their_numbers(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    one = Answer(text="Same words.", usage=TokenCount(input=3, output=2))
    server.queue(
        streamed(records(one, include_usage=True)),
        streamed(records(one, include_usage=True)),
        whole(body(one)),
    )
    chat.ask("Compare")
    chat.wait_for_end()
    chat.answer.get_by_role("button", name="More for this answer").click()
    chat.page.get_by_role("menuitem", name="Compare streaming and sync").click()
    dialog = chat.page.get_by_role("dialog", name="Streaming and sync")
    answers = dialog.get_by_role("article", name="Assistant")
    expect(answers).to_have_count(2)
    for number, mode in enumerate(("Streaming", "Sync")):
        facts = answers.nth(number).get_by_role("list", name="About this answer")
        expect(facts).to_contain_text(mode)
        expect(facts).to_contain_text("2 tokens out")
        expect(answers.nth(number)).to_contain_text("Same words.")
    modes = {json.loads(exchange.body)["stream"] for exchange in server.requests()[1:]}
    assert modes == {True, False}
    dialog.get_by_role("button", name="Close the comparison").click()
    # What was shown is shown, and it is said where the two are.
    expect(chat.answer.get_by_role("group", name="Answer 1 of 3")).to_be_visible()
    expect(chat.toast).to_contain_text("Both are kept as versions of this answer")
