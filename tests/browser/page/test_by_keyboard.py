"""Everything that is done daily, with nothing but the keyboard."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.chat_page import ChatPage
from tests.browser.conversation.test_conversation import held, says
from tests.live_server import LiveServer

# The focus is in view, under nothing, and can be seen: a ring, or for a text box its frame.
_SEEN = """
() => {
  const one = document.activeElement;
  if (one === document.body) return "";
  one.getAnimations().forEach((each) => each.finish());
  const name = one.getAttribute("aria-label") || one.textContent.trim().slice(0, 40) || one.id;
  const target = one.matches(".mode input, .theme-choice input") ? one.parentElement : one;
  const frame = one.closest(".composer, .palette-search") ?? one;
  const ringed = [target, one.nextElementSibling ?? one, frame];
  const isSeen = ringed.some((each) => {
    const { outlineStyle, boxShadow } = getComputedStyle(each);
    return outlineStyle !== "none" || (each !== one && boxShadow !== "none");
  });
  if (!isSeen) return `${name} has no ring`;
  const box = one.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1);
  const at = document.elementFromPoint(x, y);
  const isFree = at && (one.contains(at) || at.contains(one) || one.parentElement.contains(at));
  return isFree ? "" : `${name} lies under ${at?.outerHTML.slice(0, 80)}`;
}
"""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until it is there; each stop on the way can be seen."""
    for _ in range(60):
        press(page, key)
        unseen = page.evaluate(_SEEN)
        assert not unseen, unseen
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{key} does not lead to {wanted}")


def test_a_conversation(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat, page = scripted_chat, scripted_chat.page
    server.queue(held("It begins"), says("One."), says("Uno."), says("Two."))
    press(page, "Shift+Escape")
    page.keyboard.type("A question")
    press(page, "Enter")
    expect(chat.text).to_have_text("It begins")
    press(page, "Escape")
    expect(chat.notice).to_contain_text("You stopped this answer.")
    expect(chat.message).to_be_focused()
    # The last question again, in other words.
    press(page, "ArrowUp")
    box = chat.questions.first.get_by_role("textbox")
    expect(box).to_be_focused()
    expect(box).to_have_value("A question")
    press(page, "Control+a")
    page.keyboard.type("Another question")
    press(page, "Enter")
    expect(chat.text).to_have_text("One.")
    chat.wait_for_end()
    expect(chat.message).to_be_focused()
    # Regenerate, and back to the first version.
    tab_to(page, chat.answer.get_by_role("button", name="Regenerate"), "Shift+Tab")
    press(page, "Enter")
    expect(chat.text).to_have_text("Uno.")
    chat.wait_for_end()
    expect(chat.message).to_be_focused()
    earlier = chat.answer.get_by_role("button", name="Earlier version")
    tab_to(page, earlier, "Shift+Tab")
    press(page, "Enter")
    expect(chat.text).to_have_text("One.")
    press(page, "Shift+Escape")
    page.keyboard.type("Further")
    press(page, "Enter")
    expect(chat.text).to_have_text("Two.")
    chat.wait_for_end()
    # Delete it, and have it back.
    tab_to(page, chat.questions.last.get_by_role("button", name="More for this"), "Shift+Tab")
    press(page, "Enter", "End")
    expect(page.get_by_role("menuitem", name="Delete this question")).to_be_focused()
    press(page, "Enter")
    expect(chat.questions).to_have_count(1)
    press(page, "F8")
    expect(chat.toast.get_by_role("button", name="Undo")).to_be_focused()
    press(page, "Enter")
    expect(chat.questions).to_have_count(2)
    expect(chat.message).to_be_focused()
    # To the whole chat the same.
    press(page, "Control+Shift+Backspace")
    expect(chat.questions).to_have_count(0)
    press(page, "F8", "Enter")
    expect(chat.questions).to_have_count(2)


def test_a_question_waits_and_is_sent(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat, page = scripted_chat, scripted_chat.page
    server.queue(held("It begins"), says("Two."))
    press(page, "Shift+Escape")
    page.keyboard.type("First")
    press(page, "Enter")
    expect(chat.text).to_have_text("It begins")
    page.keyboard.type("Second")
    press(page, "Enter", "Escape")
    send = page.get_by_role("button", name="Send them now")
    tab_to(page, send, "Shift+Tab")
    press(page, "Enter")
    expect(chat.text).to_have_text("Two.")
    expect(chat.message).to_be_focused()


def test_settings(demo_chat: ChatPage) -> None:
    chat, page = demo_chat, demo_chat.page
    press(page, "Shift+Escape", "Control+.")
    expect(chat.settings).to_be_visible()
    providers = chat.settings.get_by_role("tab", name="Providers")
    tab_to(page, providers)
    press(page, "ArrowDown", "ArrowDown")
    expect(chat.settings.get_by_role("tab", name="Appearance")).to_be_focused()
    tab_to(page, chat.settings.get_by_role("radio", name="System"))
    press(page, "ArrowRight", "ArrowRight")
    expect(chat.settings.get_by_role("radio", name="Dark")).to_be_checked()
    tab_to(page, chat.settings.get_by_role("button", name="Save"))
    press(page, "Enter")
    expect(chat.settings).to_be_hidden()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(chat.message).to_be_focused()
    press(page, "Control+.")
    tab_to(page, providers)
    press(page, "ArrowDown", "ArrowDown")
    tab_to(page, chat.settings.get_by_role("radio", name="Dark"))
    press(page, "ArrowLeft", "ArrowLeft", "Enter")
    expect(chat.settings).to_be_hidden()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")


def test_chats_are_found_selected_and_deleted(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat, page = scripted_chat, scripted_chat.page
    server.queue(says("One."), says("Two."), says("Three."))
    for question in ("Something else", "Of zebras", "Of zebus"):
        press(page, "Control+Shift+O")
        page.keyboard.type(question)
        press(page, "Enter")
        chat.wait_for_end()
    press(page, "Control+k")
    page.keyboard.type("search chats")
    press(page, "Enter")
    expect(chat.search).to_be_focused()
    page.keyboard.type("zeb")
    expect(chat.rows).to_have_count(2)
    press(page, "ArrowDown")
    expect(chat.rows.first.get_by_role("link")).to_be_focused()
    press(page, "ArrowDown", "Enter")
    expect(chat.questions).to_contain_text("Of zebras")
    press(page, "Control+k")
    page.keyboard.type("select chats")
    press(page, "Enter")
    press(page, "Home", "Space")
    expect(chat.row("Of zebus").get_by_role("checkbox")).to_be_checked()
    bar = page.get_by_role("group", name="Selected chats")
    expect(bar).to_contain_text("1 selected")
    tab_to(page, bar.get_by_role("button", name="Select all"))
    press(page, "Enter")
    expect(bar).to_contain_text("2 selected")
    tab_to(page, bar.get_by_role("button", name="Delete"))
    press(page, "Enter")
    expect(chat.rows).to_have_count(0)
    # The focus is not lost with the bar, though there are chats left that are not shown.
    expect(chat.search).to_be_focused()
    expect(chat.sidebar.get_by_text("No chat found", exact=True)).to_be_visible()
    press(page, "Control+a", "Backspace")
    expect(chat.search).to_have_value("")


def test_every_stop_of_tab_can_be_seen_and_none_is_a_trap(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat, page = scripted_chat, scripted_chat.page
    server.queue(says("An answer with a [link](https://example.org).\n\n```\ncode\n```"))
    press(page, "Shift+Escape")
    page.keyboard.type("A question")
    press(page, "Enter")
    chat.wait_for_end()
    tab_to(page, page.get_by_role("link", name="Skip to the message box"))
    for wanted in (
        chat.new_chat_button,
        page.get_by_role("button", name="Help"),
        chat.model,
        page.get_by_role("button", name="More", exact=True),
        chat.text.get_by_role("link"),
        chat.answer.get_by_role("button", name="Regenerate"),
        chat.message,
        page.get_by_role("link", name="Skip to the message box"),
    ):
        tab_to(page, wanted)
    tab_to(page, chat.message, "Shift+Tab")
