"""An answer that streams: seen word by word, appended only, with how it went beneath."""

import re

import msgspec
import pytest
from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, TokenCount, ToolCall, records, streamed
from app.scripted.steps import Gate, Reply, Send, gated
from tests.browser.chat_page import ChatPage, whole
from tests.live_server import LiveServer

WORDS = ["Grüß", " Gott", ", 你好", " 👋🏽", "\n\nnew", " lines", " <b>&</b>"]


def held_back(answer: Answer, pieces: list[str]) -> Reply:
    """An answer whose every record after the first piece waits for a gate: 1, 2, …"""
    written = records(answer, include_usage=True, split=lambda text: pieces if text else [])
    head, rest = b"".join(written[:2]), written[2:]
    return streamed(gated((Send(head), *(Send(record) for record in rest))))


def test_the_next_word_is_not_sent_before_the_last_one_was_seen(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    answer = Answer(text="".join(WORDS), usage=TokenCount(input=7, output=len(WORDS)))
    server.queue(held_back(answer, WORDS))
    chat.ask("Greet me")
    for number in range(1, len(WORDS) + 1):
        # Only now that the page shows this much may the server go on.
        chat.expect_words("".join(WORDS[:number]))
        expect(chat.stop_button).to_be_visible()
        server.wait(at=f"gate:{number}")
        server.open_gate(str(number))
    for number in range(len(WORDS) + 1, len(WORDS) + 4):
        server.open_gate(str(number))
    chat.wait_for_end()
    chat.expect_words(answer.text)
    expect(chat.facts).to_contain_text("Streaming")
    expect(chat.facts).to_contain_text("first token")
    expect(chat.facts).to_contain_text("total")
    expect(chat.facts).to_contain_text("7 tokens in")
    expect(chat.facts).to_contain_text(f"{len(WORDS)} tokens out")
    expect(chat.facts).to_contain_text("tokens/s")
    expect(chat.notice).to_be_hidden()


_LOOK_AWAY = """(isHidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_hidden_page_draws_nothing_and_loses_nothing(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(held_back(Answer(text="One two three"), ["One", " two", " three"]))
    chat.ask("Count")
    chat.expect_words("One")
    chat.page.evaluate(_LOOK_AWAY, True)
    for number in (1, 2):
        server.open_gate(str(number))
    # What the page has received it has counted, twice a second.
    expect(chat.facts).to_contain_text("~3 tokens")
    chat.expect_words("One")
    chat.page.evaluate(_LOOK_AWAY, False)
    chat.expect_words("One two three")
    chat.page.evaluate("delete document.hidden")
    for number in range(3, 6):
        server.open_gate(str(number))
    chat.wait_for_end()


def test_the_page_says_what_is_going_on(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    server.queue(held_back(Answer(text="One two"), ["One", " two"]))
    chat.ask("Count")
    expect(chat.text).to_have_text("One")
    expect(chat.page).to_have_title(re.compile("^Writing"))
    expect(chat.status).to_have_text("Generating")
    expect(chat.page.get_by_role("log")).to_have_attribute("aria-live", "off")
    for number in range(1, 4):
        server.open_gate(str(number))
    server.open_gate("4")
    chat.wait_for_end()
    expect(chat.status).to_have_text("Answer complete, 2 words")
    expect(chat.page).to_have_title("Count – Tokenfall")


def test_what_is_selected_stays_selected_while_text_comes(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(held_back(Answer(text="Hold me tight"), ["Hold me", " tight"]))
    chat.ask("Hold")
    expect(chat.text).to_have_text("Hold me")
    chat.text.dblclick(position={"x": 5, "y": 5})
    selected = "String(getSelection()).trim()"
    assert chat.page.evaluate(selected) == "Hold"
    server.open_gate("1")
    expect(chat.text).to_have_text("Hold me tight")
    assert chat.page.evaluate(selected) == "Hold"


def test_a_long_answer_is_exactly_what_was_sent(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    lines = [f"line {number} of many, with some words in it\n" for number in range(2000)]
    text = "".join(lines[:1000]) + "\n" + "\n".join(lines[1000:]) + "\n\n  the end"
    written = records(Answer(text=text), split=lambda text: re.findall(r".{1,17}", text, re.S))
    server.queue(streamed(written))
    chat.ask("A lot, please")
    chat.wait_for_end()
    paragraphs = chat.text.locator("p")
    # Not one node that would be laid out anew with each frame.
    expect(paragraphs).to_have_count(1002)
    assert " ".join(paragraphs.all_text_contents()).split() == text.split()


# A headless browser never hides a tab: what a page is told of it.
_GO_AWAY = """
(away) => {
  if (away) Object.defineProperty(document, "hidden", { value: true, configurable: true });
  else delete document.hidden;
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


def test_what_comes_into_a_hidden_tab_is_there_when_it_is_seen_again_and_at_the_end(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat, page = scripted_chat, scripted_chat.page
    server.queue(held_back(Answer(text="unseen yet written"), ["unseen", " yet", " written"]))
    chat.ask("Hidden?")
    expect(chat.text).to_have_text("unseen")
    page.evaluate(_GO_AWAY, True)
    server.open_gate("1")
    server.wait(at="gate:2")
    expect(chat.text).to_have_text("unseen")
    page.evaluate(_GO_AWAY, False)
    expect(chat.text).to_have_text("unseen yet")
    page.evaluate(_GO_AWAY, True)
    for number in range(2, 6):
        server.open_gate(str(number))
    chat.wait_for_end()
    expect(chat.text).to_have_text("unseen yet written")
    page.evaluate(_GO_AWAY, False)


def test_reasoning_is_open_while_nothing_else_comes_and_then_folds(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    written = records(Answer(reasoning="Let me see", text="It is 4."), split=lambda text: [text])
    # role, reasoning | text, finish, [DONE]
    server.queue(streamed([Send(written[0] + written[1]), Gate("text"), *map(Send, written[2:])]))
    chat.ask("2 + 2?")
    reasoning = chat.answer.get_by_role("group").filter(has_text="Thinking")
    expect(reasoning.get_by_text("Let me see")).to_be_visible()
    server.open_gate("text")
    expect(chat.text).to_have_text("It is 4.")
    folded = chat.answer.locator(".reasoning")
    expect(folded).not_to_have_attribute("open", "")
    expect(folded.locator("summary")).to_contain_text("Thought for ")
    folded.locator("summary").click()
    expect(folded.get_by_text("Let me see")).to_be_visible()


def test_reasoning_that_the_reader_closed_stays_closed(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    written = records(
        Answer(reasoning="First. Second.", text="Done."),
        split=lambda text: text.split("_") if text else [],
    )
    server.queue(streamed([Send(written[0] + written[1]), Gate("text"), *map(Send, written[2:])]))
    chat.ask("Think")
    chat.answer.locator(".reasoning summary").click()
    expect(chat.answer.get_by_text("First. Second.")).to_be_hidden()
    server.open_gate("text")
    chat.wait_for_end()
    expect(chat.answer.get_by_text("First. Second.")).to_be_hidden()


def test_a_refusal_is_shown_as_one(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    server.queue(streamed(records(Answer(refusal="I would rather not."))))
    chat.ask("Do it")
    chat.wait_for_end()
    expect(chat.answer.get_by_text("I would rather not.")).to_be_visible()


def test_tool_calls_are_shown_with_name_and_arguments(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    calls = (
        ToolCall("call_1", "weather", '{"city": "Oslo", "days": 3}'),
        ToolCall("call_2", "time", "{}"),
    )
    server.queue(streamed(records(Answer(tool_calls=calls, finish_reason="tool_calls"))))
    chat.ask("Weather?")
    chat.wait_for_end()
    shown = chat.answer.get_by_role("list", name="Tool calls").get_by_role("listitem")
    expect(shown).to_have_count(2)
    expect(shown.first).to_contain_text("weather")
    # Whole, they are written in lines.
    expect(shown.first.get_by_label("Arguments")).to_have_text(
        '{\n  "city": "Oslo",\n  "days": 3\n}', use_inner_text=True
    )
    expect(shown.first).to_contain_text("Not run")
    expect(shown.last).to_contain_text("time")


def test_sources_are_numbered_and_images_shown(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    pixel = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    cited = (
        ("https://example.org/a", "A page"),
        ("javascript:alert(1)", "Bad"),
        ("https://example.org/a", "The same page"),
        # Some readers of addresses find example.org in these.
        (r"https://evil.example\@example.org/", "One"),
        ("https://evil.example%2f.example.org/", "Two"),
        ("https:example.org/", "Three"),
        ("https://ｅｖｉｌ。example/", "Four"),
    )
    citations = [
        {"type": "url_citation", "url_citation": {"url": url, "title": title}}
        for url, title in cited
    ]
    delta = {
        "content": "See these.",
        "annotations": citations,
        "images": [{"type": "image_url", "image_url": {"url": pixel}}],
    }
    deltas = [delta, {"content": "And "}, {"content": "that is all."}]
    chunks = [msgspec.json.encode({"choices": [{"index": 0, "delta": one}]}) for one in deltas]
    ending = records(Answer())[-2:]
    server.queue(streamed([*(b"data: " + chunk + b"\n\n" for chunk in chunks), *ending]))
    chat.ask("Sources?")
    chat.wait_for_end()
    listed = chat.answer.get_by_role("region", name="Sources")
    expect(listed.get_by_role("listitem")).to_have_count(6)
    expect(listed.get_by_role("link")).to_have_text(["A page", "One", "Four"])
    hosts = listed.locator(".note")
    expect(hosts).to_have_text(["example.org", "evil.example", "evil.example"])
    link = listed.get_by_role("link").first
    expect(link).to_have_text("A page")
    expect(link).to_have_attribute("href", "https://example.org/a")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(listed).to_contain_text("example.org")
    expect(listed.get_by_text("javascript:alert(1)")).to_be_visible()
    expect(chat.answer.get_by_role("img", name="Image 1")).to_have_js_property("naturalWidth", 1)
    # It stands where it came.
    shown = chat.answer.locator("[data-part='text'], img")
    said = shown.evaluate_all("(all) => all.map((one) => one.alt ?? one.textContent)")
    assert said == ["See these.", "Image 1", "And that is all."]


def test_an_answer_can_be_copied(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    server.queue(streamed(records(Answer(text="two\nlines"))))
    chat.ask("Copy me")
    chat.wait_for_end()
    chat.answer.get_by_role("button", name="Copy").click()
    expect(chat.answer.get_by_role("button", name="Copied")).to_be_visible()
    assert chat.page.evaluate("navigator.clipboard.readText()") == "two\nlines"


def test_the_conversation_is_sent_with_the_next_question(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(streamed(records(Answer(text="Nice to meet you, Ada."))))
    chat.ask("I am Ada")
    chat.wait_for_end()
    chat.ask("Who am I?")
    server.wait(1)
    body = server.requests()[1].body
    assert body.index("I am Ada") < body.index("Nice to meet you, Ada.") < body.index("Who am I?")
    chat.wait_for_end()
    expect(chat.questions).to_have_count(2)
    expect(chat.answers).to_have_count(2)


def test_new_chat_forgets_the_conversation(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    chat.ask("A secret")
    chat.wait_for_end()
    chat.new_chat_button.click()
    expect(chat.questions).to_have_count(0)
    expect(chat.answers).to_have_count(0)
    expect(chat.page.get_by_role("heading", name="What would you like to ask?")).to_be_visible()
    expect(chat.message).to_be_focused()
    chat.ask("Something else")
    server.wait(1)
    assert "A secret" not in server.requests()[1].body


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>"])
def test_markup_in_an_answer_is_text(
    text: str, scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(streamed(records(Answer(text=text))))
    chat.ask(text)
    chat.wait_for_end()
    expect(chat.text).to_have_text(whole(text))
    expect(chat.questions.get_by_text(text)).to_be_visible()
