"""The list of chats, as people use it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.browser.conversation.test_conversation import held
from tests.browser.kept import chat as kept_chat_of
from tests.browser.kept import open_with, said, take_in
from tests.live_server import LiveServer

IN_A_CHAT = re.compile(r"#/chat/\w+$")


@pytest.fixture
def chat(demo_chat: ChatPage) -> ChatPage:
    """A page without chats."""
    demo_chat.delete_all_chats()
    return demo_chat


def test_a_chat_is_there_after_a_reload(chat: ChatPage) -> None:
    chat.ask("What is a lighthouse?")
    chat.wait_for_end()
    text = chat.text.text_content() or ""
    expect(chat.page).to_have_url(IN_A_CHAT)
    expect(chat.row("What is a lighthouse?").get_by_role("link")).to_have_attribute(
        "aria-current", "page"
    )
    expect(chat.headings).to_have_text(["Today"])
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.questions).to_contain_text("What is a lighthouse?")
    expect(chat.text).to_contain_text(text.strip()[:40])
    expect(chat.row("What is a lighthouse?")).to_be_visible()


def test_new_chat_back_and_forward_show_the_right_chat(chat: ChatPage) -> None:
    chat.ask("First question")
    chat.wait_for_end()
    chat.new_chat_button.first.click()
    expect(chat.questions).to_have_count(0)
    chat.ask("Second question")
    chat.wait_for_end()
    expect(chat.rows).to_have_text([re.compile("Second"), re.compile("First")])
    chat.row("First").get_by_role("link").click()
    expect(chat.questions).to_contain_text("First question")
    chat.page.go_back()
    expect(chat.questions).to_contain_text("Second question")
    chat.page.go_forward()
    expect(chat.questions).to_contain_text("First question")


def test_an_address_of_a_chat_that_is_not_here_shows_a_new_chat(chat: ChatPage) -> None:
    chat.page.goto(f"{chat.url}/#/chat/unknown")
    expect(chat.toast).to_contain_text("not kept in this browser")
    expect(chat.page.get_by_role("heading", name="What would you like to ask?")).to_be_visible()


def test_rename_in_the_list(chat: ChatPage) -> None:
    chat.ask("Rename me")
    chat.wait_for_end()
    chat.choose_in_menu("Rename me", "Rename")
    field = chat.page.get_by_role("textbox", name="New title of Rename me")
    expect(field).to_be_focused()
    field.fill("A better title")
    field.press("Escape")
    expect(chat.rows).to_have_text([re.compile("Rename me")])
    chat.page.keyboard.press("F2")
    field.fill("A better title")
    field.press("Enter")
    expect(chat.rows).to_have_text([re.compile("A better title")])
    expect(chat.page.get_by_role("heading", name="A better title", level=1)).to_be_visible()
    chat.ask("Another question does not change it")
    chat.wait_for_end()
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.rows).to_have_text([re.compile("A better title")])


def test_pinned_chats_stand_first(chat: ChatPage) -> None:
    kept = [kept_chat_of(1, "Older"), kept_chat_of(2, "Newer")]
    take_in(chat, kept, [line for one in kept for line in said(one, "Where?", "There.")])
    expect(chat.rows).to_have_text([re.compile("Newer"), re.compile("Older")])
    chat.choose_in_menu("Older", "Pin")
    expect(chat.headings).to_have_text(["Pinned", "November 2023"])
    expect(chat.rows).to_have_text([re.compile("Older"), re.compile("Newer")])
    chat.choose_in_menu("Older", "Unpin")
    expect(chat.headings).to_have_text(["November 2023"])


def test_a_deleted_chat_can_be_brought_back(chat: ChatPage) -> None:
    chat.ask("Delete me")
    chat.wait_for_end()
    chat.choose_in_menu("Delete me", "Delete chat")
    expect(chat.rows).to_have_count(0)
    expect(chat.questions).to_have_count(0)
    expect(chat.toast).to_contain_text("Chat deleted.")
    chat.toast.get_by_role("button", name="Undo").click()
    expect(chat.row("Delete me")).to_be_visible()
    expect(chat.questions).to_contain_text("Delete me")
    chat.choose_in_menu("Delete me", "Delete chat")
    expect(chat.rows).to_have_count(0)
    chat.page.reload()  # whether the disk knows of it or not
    chat.wait_until_ready()
    expect(chat.page.get_by_text("Your chats will appear here.")).to_be_visible()
    expect(chat.rows).to_have_count(0)


def test_a_chat_is_deleted_while_a_tool_of_it_waits_for_a_yes(chat: ChatPage) -> None:
    chat.ask("/tools")
    expect(chat.requests).to_contain_text("roll_dice")
    chat.choose_in_menu("/tools", "Delete chat")
    expect(chat.toast).to_contain_text("Chat deleted.")
    expect(chat.requests).to_be_hidden()
    chat.ask("A later question")
    chat.wait_for_end()
    # The end of the deleted one has brought nothing back.
    expect(chat.rows).to_have_text([re.compile("A later question")])


def test_a_chat_is_deleted_while_its_answer_comes(chat: ChatPage) -> None:
    chat.ask("/stall")
    expect(chat.text).to_contain_text("This answer begins")
    chat.choose_in_menu("/stall", "Delete chat")
    expect(chat.toast).to_contain_text("Chat deleted.")
    expect(chat.send_button).to_be_visible()
    chat.ask("A later question")
    chat.wait_for_end()
    # Its answer has ended meanwhile, and brought nothing back.
    expect(chat.rows).to_have_text([re.compile("A later question")])
    chat.toast.get_by_role("button", name="Undo").click()
    chat.wait_for_end()
    expect(chat.rows).to_have_count(2)
    expect(chat.text).to_contain_text("This answer begins")
    expect(chat.notice).to_contain_text("You stopped this answer.")


def test_several_chats_are_deleted_at_once_and_brought_back(chat: ChatPage) -> None:
    kept = [kept_chat_of(number) for number in range(1, 7)]
    take_in(chat, kept, [line for one in kept for line in said(one, "Where?", "There.")])
    chat.page.get_by_role("button", name="Select chats").click()
    chat.page.get_by_role("checkbox", name="Select Chat 5").check()
    chat.page.get_by_role("checkbox", name="Select Chat 3").click(modifiers=["Shift"])
    bar = chat.page.get_by_role("group", name="Selected chats")
    expect(bar).to_contain_text("3 selected")
    chat.row("Chat 4").get_by_role("link").click()
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("button", name="Delete").click()
    expect(chat.rows).to_have_text([re.compile(f"Chat {number}") for number in (6, 4, 2, 1)])
    expect(chat.toast).to_contain_text("2 chats deleted.")
    chat.toast.get_by_role("button", name="Undo").click()
    expect(chat.rows).to_have_count(6)
    chat.page.get_by_role("button", name="Select chats").click()
    chat.page.get_by_role("checkbox", name="Select Chat 5").check()
    chat.page.get_by_role("checkbox", name="Select Chat 2").check()
    chat.row("Chat 4").get_by_role("link").focus()
    chat.page.keyboard.press("Delete")
    expect(chat.rows).to_have_text([re.compile(f"Chat {number}") for number in (6, 4, 3, 1)])


def test_search_finds_words_in_titles_and_contents(chat: ChatPage) -> None:
    first, second, third = (kept_chat_of(number) for number in (1, 2, 3))
    first.title, second.title = "Café in Paris", "A trip"
    take_in(
        chat,
        [first, second, third],
        [
            *said(first, "Where?", "There."),
            *said(second, "Tell me", "Long ago, a cafe stood in Rome, near the river."),
            *said(third, "Other", "می\u200cخواهم, nothing of the kind."),
        ],
    )
    chat.search.fill("می")
    # The letters that follow stay joined to it, or apart, as they were written.
    expect(chat.rows).to_contain_text(["می\u200cخواهم"])
    chat.search.fill("CAFE")
    expect(chat.rows).to_have_text([re.compile("A trip"), re.compile("Café in Paris")])
    expect(chat.row("A trip").locator("mark")).to_have_text("cafe")
    expect(chat.row("Paris").locator("mark")).to_have_text("Café")
    chat.search.fill("cafe rome")
    expect(chat.rows).to_have_text([re.compile("A trip")])
    expect(chat.status).to_have_text("1 chat found")
    chat.search.press("ArrowDown")
    chat.page.keyboard.press("Enter")
    expect(chat.questions).to_contain_text("Tell me")
    chat.search.fill("nowhere")
    expect(chat.rows).to_have_count(0)
    expect(chat.status).to_have_text("No chat found")
    expect(chat.sidebar.get_by_text("No chat found")).to_be_visible()
    expect(chat.sidebar.get_by_role("progressbar")).to_be_hidden()
    chat.search.fill("")
    expect(chat.rows).to_have_count(3)


def test_a_chat_that_was_found_opens_at_the_words(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    long = kept_chat_of(1)
    messages, before = [], ""
    for number in range(40):
        asked = f"Question {number}" + (" about an Otter" if number == 3 else "")
        question, answer = said(long, asked, "word " * 60)
        question.id, answer.id = f"q{number}", f"a{number}"
        question.parent, answer.parent, before = before, question.id, answer.id
        question.created_ms += 2 * number
        answer.created_ms += 2 * number
        messages += [question, answer]
    long.head = before
    open_with(chat, [long], messages)
    chat.search.fill("otter")
    expect(chat.status).to_have_text("1 chat found")  # the list stands still
    place = chat.questions.get_by_text("about an Otter")
    for _ in range(2):  # the second time it is shown already
        chat.rows.get_by_role("link").click()
        expect(place).to_be_in_viewport()
        chat.page.wait_for_function("() => CSS.highlights.has('found')")
        assert chat.page.evaluate("[...CSS.highlights.get('found')].map(String)") == ["Otter"]
        chat.page.get_by_role("button", name="Jump to latest").click()
        expect(place).not_to_be_in_viewport()
    chat.search.fill("")
    chat.page.wait_for_function("() => !CSS.highlights.has('found')")


def test_a_chat_is_found_in_the_palette(chat: ChatPage) -> None:
    first, second = (kept_chat_of(number) for number in (1, 2))
    first.title, second.title = "Café in Paris", "A trip to Paris"
    take_in(chat, [first, second], [*said(first, "Where?", "There."), *said(second, "A", "B")])
    chat.message.press("Control+k")
    field = chat.page.get_by_role("combobox", name="Search commands and chats")
    options = chat.page.get_by_role("listbox").get_by_role("option")
    field.fill("paris")
    expect(options).to_have_text([re.compile("A trip"), re.compile("Café in Paris")])
    field.fill("PARIS cafe")
    expect(options).to_have_text([re.compile("Café in Paris")])
    field.press("Enter")
    expect(chat.questions).to_contain_text("Where?")
    expect(chat.page).to_have_url(IN_A_CHAT)


# All but the first messages that are read come when the gate is opened.
_SLOW_READING = """
() => {
  const stores = IDBObjectStore.prototype;
  const realGetAll = stores.getAll;
  const gate = new Promise((open) => (globalThis.openGate = open));
  stores.getAll = function (range, limit) {
    const request = realGetAll.call(this, range, limit);
    if (this.name !== "messages" || !limit || !range) return request;
    const late = {};
    request.onsuccess = async () => {
      await gate;
      late.result = request.result;
      late.onsuccess();
    };
    return late;
  };
}
"""


def test_search_shows_what_it_finds_while_it_reads(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    kept = [kept_chat_of(number) for number in range(100, 400)]
    messages = [
        line
        for one in kept
        for line in said(
            one, "Where?", "A needle." if one.title in ("Chat 100", "Chat 399") else "."
        )
    ]
    open_with(chat, kept, messages)
    chat.page.evaluate(_SLOW_READING)
    chat.search.fill("needle")
    expect(chat.rows).to_have_text([re.compile("Chat 100")])
    expect(chat.sidebar.get_by_text("Searching… 1 found so far")).to_be_visible()
    expect(chat.sidebar.get_by_role("progressbar")).to_be_visible()
    # Another word is looked for at once in what was read.
    chat.search.fill("a needle")
    expect(chat.rows).to_have_text([re.compile("Chat 100")])
    chat.page.evaluate("openGate()")
    expect(chat.rows).to_have_text([re.compile("Chat 399"), re.compile("Chat 100")])
    expect(chat.sidebar.get_by_text("2 chats found")).to_be_visible()
    expect(chat.sidebar.get_by_role("progressbar")).to_be_hidden()


def test_the_list_is_used_by_keyboard(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    open_with(chat, [kept_chat_of(number) for number in range(1, 200)])
    assert chat.rows.count() < 60, "only the rows near what is seen are in the page"
    chat.search.press("ArrowDown")
    link = chat.page.locator(":focus")
    expect(link).to_have_text("Chat 199")
    link.press("ArrowDown")
    expect(link).to_have_text("Chat 198")
    link.press("End")
    expect(link).to_have_text("Chat 1")
    expect(link).to_be_in_viewport()
    row = chat.rows.last
    expect(row).to_have_attribute("aria-posinset", "199")
    expect(row).to_have_attribute("aria-setsize", "199")
    link.press("Delete")
    expect(link).to_have_text("Chat 2")
    link.press("Home")
    expect(link).to_have_text("Chat 199")


def test_a_temporary_chat_is_marked_and_never_kept(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    chat.open()
    chat.page.get_by_role("button", name="Temporary chat").click()
    expect(chat.page.get_by_role("note")).to_contain_text("not saved")
    chat.ask("A secret")
    chat.wait_for_end()
    expect(chat.rows).to_have_count(0)
    expect(chat.page).not_to_have_url(IN_A_CHAT)
    kept = chat.page.evaluate(
        """async () => {
          const { openDatabase } = await import("/app/browser/storage/database.mjs");
          const database = await openDatabase(() => {});
          const all = [];
          for (const store of ["chats", "messages", "files", "log"]) {
            all.push((await database.read(store)).length);
          }
          database.close();
          return all;
        }"""
    )
    assert kept == [0, 0, 0, 0]
    chat.new_chat_button.first.click()
    expect(chat.page.get_by_role("note")).to_be_hidden()
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.rows).to_have_count(0)
    expect(chat.questions).to_have_count(0)


def test_each_chat_has_its_draft(chat: ChatPage) -> None:
    chat.ask("First question")
    chat.wait_for_end()
    chat.message.press_sequentially("half a thought")
    chat.new_chat_button.first.click()
    expect(chat.message).to_have_value("")
    chat.message.press_sequentially("a new idea")
    chat.row("First question").get_by_role("link").click()
    expect(chat.message).to_have_value("half a thought")
    # The page is left with the last key, before anything could be written.
    with chat.page.expect_navigation():
        chat.page.evaluate(
            """() => {
              message.value = "a thought";
              message.dispatchEvent(new Event("input"));
              location.reload();
            }"""
        )
    chat.wait_until_ready()
    expect(chat.message).to_have_value("a thought")
    chat.new_chat_button.first.click()
    expect(chat.message).to_have_value("a new idea")
    chat.message.press("Enter")
    chat.wait_for_end()
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.message).to_have_value("")
    # What is sent before the pressed chat is there goes to no other one.
    chat.row("First question").get_by_role("link").evaluate(
        """link => {
          link.click();
          message.value = "too early";
          composer.requestSubmit();
        }"""
    )
    expect(chat.message).to_have_value("a thought")
    expect(chat.questions).to_contain_text("First question")
    chat.row("a new idea").get_by_role("link").click()
    expect(chat.message).to_have_value("too early")
    expect(chat.questions).to_have_count(1)


def test_a_chat_is_forked(chat: ChatPage) -> None:
    chat.ask("First question")
    chat.wait_for_end()
    before = chat.page.url
    chat.page.get_by_role("button", name="More", exact=True).click()
    chat.page.get_by_role("menuitem", name="New chat from here").click()
    expect(chat.page).not_to_have_url(before)
    expect(chat.questions).to_contain_text("First question")
    expect(chat.rows).to_have_text(
        [re.compile(r"First question \(copy\)"), re.compile("First question")]
    )
    chat.ask("Only here")
    chat.wait_for_end()
    chat.page.goto(before)
    expect(chat.questions).to_have_count(1)


def test_an_answer_goes_on_while_another_chat_is_shown(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(held("Half of it"))
    chat.ask("Is it long?")
    expect(chat.text).to_have_text("Half of it")
    chat.new_chat_button.first.click()
    row = chat.row("Is it long?")
    expect(row.get_by_text("Answering")).to_be_attached()
    server.open_gate("end")
    expect(row.get_by_text("Answering")).to_be_hidden()
    row.get_by_role("link").click()
    chat.wait_for_end()
    expect(chat.notice).to_be_hidden()


def test_the_list_on_a_phone_closes_when_a_chat_is_chosen(
    new_chat: Callable[..., ChatPage],
) -> None:
    chat = new_chat(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    open_with(chat, [first := kept_chat_of(1, "Older")], said(first, "Hello?", "Hi."))
    chat.page.get_by_role("button", name="Show chats").click()
    chat.row("Older").get_by_role("link").click()
    expect(chat.questions).to_contain_text("Hello?")
    expect(chat.chats).to_be_hidden()


def test_the_title_is_renamed_where_it_stands(scripted_chat: ChatPage) -> None:
    chat, page = scripted_chat, scripted_chat.page
    field = page.get_by_role("banner").get_by_role("textbox", name="Title of this chat")
    edit = page.get_by_role("button", name="Rename this chat")
    expect(edit).to_be_hidden()
    chat.ask("Before it was renamed")
    chat.wait_for_end()
    edit.click()
    expect(field).to_have_value("Before it was renamed")
    page.keyboard.type("Written anew")
    page.keyboard.press("Enter")
    title = page.get_by_role("banner").get_by_role("heading")
    expect(title).to_have_text("Written anew")
    expect(chat.row("Written anew")).to_have_count(1)
    expect(edit).to_be_focused()
    title.dblclick()
    page.keyboard.type("Never mind")
    page.keyboard.press("Escape")
    expect(title).to_have_text("Written anew")


def test_long_titles_have_the_room_and_the_day_stays_in_sight(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    older = [kept_chat_of(number, f"Chat {number} {'of long words ' * 5}") for number in range(80)]
    open_with(chat, older, [message for one in older for message in said(one, "What?", "That.")])
    row = chat.rows.nth(5)
    link = row.get_by_role("link")
    chat.page.mouse.move(700, 300)
    wide = "element => element.offsetWidth"
    width = row.evaluate(wide)
    assert link.evaluate(wide) == width
    row.hover()
    expect(row.get_by_role("button", name="Options of Chat")).to_be_in_viewport()
    assert link.evaluate(wide) < width - 30
    # Not a heading is drawn near the middle but that of the day (the month) that is seen.
    month = chat.headings.first.text_content() or ""
    chat.page.locator("#chats").evaluate("element => element.scrollTop = 1500")
    expect(chat.rows.filter(has_text="Chat 79 ")).to_have_count(0)
    expect(chat.headings.filter(has_text=month)).to_be_in_viewport()
