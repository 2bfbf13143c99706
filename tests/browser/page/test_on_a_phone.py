"""The page under a thumb, 390 pixels wide: all of it can be reached and hit, nothing stands out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from app.scripted.openai_chat import Answer, Source, TokenCount, ToolCall, records, streamed
from app.scripted.steps import Cut, Gate, Reply
from tests.browser.chat_page import ChatPage
from tests.browser.conftest import forget
from tests.browser.conversation.test_conversation import button, held, says
from tests.browser.kept import chat as kept_chat_of
from tests.browser.kept import open_with, said
from tests.browser.touch import PHONE, expect_within_reach
from tests.browser.watch import Watch
from tests.live_server import LiveServer

UNBROKEN = "unbroken" * 30


@pytest.fixture(scope="module")
def one_phone(browser: Browser, live: LiveServer) -> Iterator[ChatPage]:
    """One page for all tests here; each begins with a new chat."""
    page = browser.new_context(service_workers="block", **PHONE).new_page()
    chat = ChatPage(page, live.url, Watch(page))
    older = kept_chat_of(1, f"An older chat with a title of some length {UNBROKEN}")
    open_with(chat, [older], said(older, "A question", "An answer"))
    chat.use_provider(f"{live.url}/api/demo/v1", "demo")
    chat.model.tap()
    expect(chat.picker.get_by_role("status")).to_be_empty()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Tools:").tap()
    page.get_by_role("menuitemcheckbox", name="Roll dice", exact=True).tap()
    page.keyboard.press("Escape")
    yield chat
    forget(page)
    page.context.close()


@pytest.fixture
def phone(one_phone: ChatPage, server: LiveServer) -> Iterator[ChatPage]:
    chat = one_phone
    yield chat
    # A test that failed may have left anything open.
    for _ in range(3):
        chat.page.keyboard.press("Escape")
    chat.end_answer()
    chat.page.get_by_role("banner").get_by_role("button", name="New chat").tap()
    expect(chat.questions).to_have_count(0)
    chat.watch.check()


def ask(chat: ChatPage, question: str) -> None:
    chat.message.fill(question)
    chat.send_button.tap()


def wants(*calls: ToolCall) -> Reply:
    return streamed(records(Answer(text="Let me.", tool_calls=calls, finish_reason="tool_calls")))


def test_a_question_is_edited_and_both_versions_are_there(
    phone: ChatPage, server: LiveServer
) -> None:
    chat = phone
    server.queue(says("One."), says("Two."))
    ask(chat, f"First {UNBROKEN}")
    chat.wait_for_end()
    expect_within_reach(chat.page, "asked")
    question = chat.questions.first
    button(question, "Edit").tap()
    box = question.get_by_role("textbox", name="Edit your question")
    expect(box).to_be_focused()
    expect_within_reach(chat.page, "editing")
    box.fill("Second\nof two lines")
    button(question, "Ask again").tap()
    chat.wait_for_end()
    expect(chat.text).to_have_text("Two.")
    expect_within_reach(chat.page, "two versions")
    button(question, "Earlier version").tap()
    expect(chat.text).to_have_text("One.")
    expect(question.get_by_role("group", name="Question 1 of 2")).to_be_in_viewport()
    button(question, "Later version").tap()
    expect(chat.text).to_have_text("Two.")


def test_a_tool_card_with_its_buttons(phone: ChatPage, server: LiveServer) -> None:
    chat = phone
    longest = ToolCall("second", f"no_{UNBROKEN}", f'{{"{UNBROKEN}": "{UNBROKEN}"}}')
    server.queue(wants(ToolCall("first", "roll_dice", '{"count": 2}'), longest), says("Done."))
    ask(chat, "Roll")
    card = chat.answer.get_by_role("listitem").filter(
        has=chat.page.get_by_text("roll_dice", exact=True)
    )
    expect(card).to_contain_text("Waiting for your approval")
    for name in ("Allow once", "Allow in this chat", "Always allow", "Deny"):
        expect(button(chat.requests, name)).to_be_in_viewport()
    expect_within_reach(chat.page, "a tool waits")
    button(chat.requests, "Allow once").tap()
    chat.wait_for_end()
    expect(card.get_by_label("Result")).to_contain_text('"sum"')
    expect_within_reach(chat.page, "a tool has run")


def test_all_that_an_answer_can_have(phone: ChatPage, server: LiveServer) -> None:
    chat = phone
    wide = " | ".join(f"column {number}" for number in range(20))
    text = f"| {wide} |\n{'|---' * 20}|\n\n```python\n{UNBROKEN} = 1\n```\n\n$$x = {'1 + ' * 90}y$$"
    text += f"\n\n{UNBROKEN}\n\n- [ ] {UNBROKEN}"
    answer = Answer(
        reasoning=UNBROKEN,
        text=text,
        sources=(Source("https://example.org/" + UNBROKEN, UNBROKEN),),
        usage=TokenCount(123_456, 7890, reasoning=1234, cached=100_000),
        model=f"otter-{UNBROKEN}",
    )
    server.queue(streamed(records(answer, include_usage=True)))
    ask(chat, "Everything")
    chat.wait_for_end()
    expect(chat.text.locator(".katex").first).to_be_visible()
    expect(chat.facts).to_contain_text("123,456 tokens in")
    expect(chat.facts).to_contain_text("100,000 cached")
    chat.answer.locator(".reasoning summary").tap()
    expect_within_reach(chat.page, "a full answer")
    width = chat.facts.evaluate("list => list.scrollWidth - list.clientWidth")
    assert width == 0
    # What is wider than the column moves by itself.
    table = chat.text.locator("table").first
    before = table.evaluate("one => one.getBoundingClientRect().left")
    table.locator("th").last.scroll_into_view_if_needed()
    assert table.evaluate("one => one.getBoundingClientRect().left") < before
    button(chat.answer, "More for this answer").tap()
    expect(chat.page.get_by_role("menu")).to_be_visible()
    expect_within_reach(chat.page, "the menu of an answer")
    chat.page.keyboard.press("Escape")


def test_an_error_and_what_waits_behind_it(phone: ChatPage, server: LiveServer) -> None:
    chat = phone
    chat.watch.expect("net::ERR_")
    begun = records(Answer(text="This much"))[:-2]
    server.queue(streamed([*begun, Gate("end"), Cut()]))
    ask(chat, "First")
    expect(chat.text).to_have_text("This much")
    ask(chat, f"Second {UNBROKEN}")
    expect_within_reach(chat.page, "one waits")
    server.open_gate("end")
    expect(chat.notice).to_be_visible()
    expect(chat.page.get_by_role("button", name="Send them now")).to_be_visible()
    expect_within_reach(chat.page, "one waits behind an error")
    server.queue(says("One."), held("Two."))
    button(chat.answer, "Retry").tap()
    expect(chat.text).to_have_text("Two.")
    expect_within_reach(chat.page, "an answer runs")
    server.open_gate("end")
    chat.wait_for_end()


def test_the_wire_view_and_the_settings_of_a_chat(phone: ChatPage, server: LiveServer) -> None:
    chat = phone
    server.queue(says(f"One {UNBROKEN}."))
    ask(chat, "First")
    chat.wait_for_end()
    wire = chat.open_drawer("Wire")
    expect(wire.get_by_role("list", name="Records").get_by_role("listitem").first).to_be_visible()
    for name in ("Request", "Headers of the answer"):
        wire.get_by_text(name, exact=True).tap()
    expect(wire.get_by_label("Body of the request")).to_contain_text("First")
    expect_within_reach(chat.page, "wire")
    chat.open_drawer("Settings of this chat")
    expect_within_reach(chat.page, "settings of the chat")
    chat.page.get_by_role("button", name="Close details").tap()
    expect(chat.message).to_be_in_viewport()


def test_the_list_of_chats_is_searched_and_some_are_selected(
    phone: ChatPage, server: LiveServer
) -> None:
    chat = phone
    server.queue(says("One."))
    ask(chat, "A newer chat")
    chat.wait_for_end()
    chat.open_sidebar()
    expect_within_reach(chat.page, "chats")
    chat.search.fill("older")
    expect(chat.rows).to_have_count(1)
    expect_within_reach(chat.page, "found")
    chat.search.fill("")
    chat.sidebar.get_by_role("button", name="Select chats").tap()
    # The boxes are there to be seen, over the conversation.
    chat.sidebar.get_by_role("checkbox", name="Select A newer chat").tap()
    bar = chat.page.get_by_role("group", name="Selected chats")
    expect(bar).to_contain_text("1 selected")
    expect_within_reach(chat.page, "some are selected")
    bar.get_by_role("button", name="Delete").tap()
    expect(chat.row("A newer chat")).to_have_count(0)
    expect(chat.toast).to_contain_text("Chat deleted.")
    chat.toast.get_by_role("button", name="Undo").tap()
    expect(chat.row("A newer chat")).to_have_count(1)
    chat.row("older").get_by_role("button", name="Options of").tap()
    expect_within_reach(chat.page, "the menu of a chat")
    chat.page.keyboard.press("Escape")
    chat.page.keyboard.press("Escape")
    expect(chat.sidebar).to_be_hidden()


def test_a_short_message_leaves_the_message_box_free(phone: ChatPage, server: LiveServer) -> None:
    chat = phone
    server.queue(says("One."))
    ask(chat, "Delete this")
    chat.wait_for_end()
    button(chat.questions.first, "More for this question").tap()
    chat.page.get_by_role("menuitem", name="Delete this question").tap()
    toast, form = chat.toast.bounding_box(), chat.page.locator("#composer").bounding_box()
    assert toast
    assert form
    assert toast["y"] + toast["height"] <= form["y"]
    expect_within_reach(chat.page, "a short message")
    button(chat.toast, "Undo").tap()
    expect(chat.text).to_have_text("One.")


def test_what_opens_over_the_page(phone: ChatPage) -> None:
    chat, page = phone, phone.page
    expect_within_reach(page, "empty")
    chat.open_sidebar().get_by_role("button", name="Chats and storage").tap()
    expect(page.get_by_role("dialog", name="Chats and storage")).to_contain_text("Storage used")
    expect_within_reach(page, "data")
    page.get_by_role("button", name="Close chats and storage").tap()
    chat.model.tap()
    expect(chat.models.first).to_be_visible()
    expect_within_reach(page, "models")
    page.keyboard.press("Escape")
    for name in ("Tools: 1 on", "More"):
        page.get_by_role("button", name=name, exact=True).tap()
        expect(page.get_by_role("menu")).to_be_visible()
        expect_within_reach(page, name)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="More", exact=True).tap()
    page.get_by_role("menuitem", name="Command palette").tap()
    expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
    expect_within_reach(page, "palette")
    page.keyboard.press("Escape")


def test_every_section_of_the_settings(phone: ChatPage) -> None:
    chat = phone
    chat.open_settings()
    for tab in chat.settings.get_by_role("tab").all():
        tab.tap()
        expect(chat.settings.get_by_role("tabpanel")).to_be_visible()
        expect_within_reach(chat.page, f"settings: {tab.text_content()}")
    chat.settings.get_by_role("button", name="Cancel").tap()
    expect(chat.settings).to_be_hidden()


def test_on_its_side_the_list_of_chats_is_a_sheet_with_room(phone: ChatPage) -> None:
    chat = phone
    chat.page.set_viewport_size({"width": 844, "height": 390})
    try:
        expect(chat.sidebar).to_be_hidden()
        chat.open_sidebar()
        room = chat.page.locator("#chats").evaluate("element => element.clientHeight")
        assert room > 150
        chat.sidebar.get_by_role("button", name="Settings").tap()
        expect(chat.settings).to_be_visible()
        chat.page.keyboard.press("Escape")
    finally:
        chat.page.set_viewport_size(PHONE["viewport"])
