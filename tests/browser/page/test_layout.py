"""The frame around the conversation: chats at the left, details at the right, menus, commands."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage


def test_the_chats_can_be_hidden_and_stay_so(chat: ChatPage) -> None:
    expect(chat.sidebar).to_be_visible()
    chat.page.get_by_role("button", name="Hide chats").click()
    expect(chat.sidebar).to_be_hidden()
    expect(chat.page.get_by_role("button", name="Show chats")).to_be_focused()
    chat.page.goto(chat.url)
    expect(chat.sidebar).to_be_hidden()  # from the first moment, without Python
    chat.page.get_by_role("button", name="Show chats").click()
    expect(chat.sidebar).to_be_visible()
    chat.wait_until_ready()


def test_the_frame_works_before_python_is_there(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    chat.page.route("**/pyodide.asm.wasm", lambda route: None)
    chat.page.goto(chat.url)
    chat.page.get_by_role("button", name="Hide chats").click()
    expect(chat.sidebar).to_be_hidden()
    wire = chat.open_drawer("Wire")
    expect(wire).to_be_visible()
    chat.page.get_by_role("button", name="Close details").click()
    expect(wire).to_be_hidden()
    expect(chat.page.locator("html")).to_have_attribute("data-state", "booting")
    chat.watch.expect("")  # the file that never came


def test_on_a_phone_the_chats_are_a_sheet(phone_chat: ChatPage) -> None:
    chat = phone_chat
    button = chat.page.get_by_role("button", name="Show chats")
    expect(chat.sidebar).to_be_hidden()
    button.tap()
    expect(chat.sidebar).to_be_visible()
    # What lies beneath cannot be reached: neither by Tab nor by a screen reader.
    assert chat.send_button.evaluate("button => button.closest('[inert]') !== null")
    for _ in range(12):
        chat.page.keyboard.press("Tab")
        assert chat.page.evaluate(
            "document.activeElement === document.body"
            " || document.querySelector('#sidebar').contains(document.activeElement)"
        )
    chat.page.keyboard.press("Escape")
    expect(chat.sidebar).to_be_hidden()
    expect(button).to_be_focused()
    button.tap()
    chat.page.mouse.click(380, 400)  # beside the sheet
    expect(chat.sidebar).to_be_hidden()
    button.tap()
    chat.sidebar.get_by_role("button", name="Settings").tap()
    expect(chat.sidebar).to_be_hidden()
    expect(chat.settings).to_be_visible()
    chat.settings.get_by_role("button", name="Cancel").tap()


def test_everything_on_a_phone_is_large_enough_for_a_thumb(phone_chat: ChatPage) -> None:
    chat = phone_chat
    chat.open_sidebar()
    small = """() => [...document.querySelectorAll("button, select, input, textarea")]
      .filter(one => one.checkVisibility({visibilityProperty: true}))
      .map(one => [one.getAttribute("aria-label") ?? one.textContent.trim(),
                   one.getBoundingClientRect()])
      .filter(([, box]) => box.height < 43.5 || box.width < 43.5).map(([name]) => name)"""
    assert chat.page.evaluate(small) == []
    chat.page.keyboard.press("Escape")
    expect(chat.sidebar).to_be_hidden()


def test_the_details_open_with_tabs(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    wire = chat.open_drawer("Wire")
    expect(wire).to_be_visible()
    tab = chat.page.get_by_role("tab", name="Wire")
    tab.focus()
    tab.press("ArrowLeft")
    first = chat.page.get_by_role("tab", name="Settings of this chat")
    expect(first).to_be_focused()
    expect(first).to_have_attribute("aria-selected", "true")
    expect(wire).to_be_hidden()
    first.press("Escape")
    expect(chat.page.get_by_role("complementary")).to_be_hidden()
    expect(chat.page.get_by_role("button", name="Details of this chat")).to_be_focused()


def test_escape_stops_the_answer_before_it_closes_anything_beside_it(
    scripted_chat: ChatPage,
) -> None:
    chat = scripted_chat
    chat.open_drawer("Wire").focus()
    chat.ask("/stall")
    expect(chat.text).to_contain_text("This answer begins")
    chat.page.get_by_role("tab", name="Wire").press("Escape")
    expect(chat.send_button).to_be_visible()
    expect(chat.page.get_by_role("complementary")).to_be_visible()
    chat.page.get_by_role("tab", name="Wire").press("Escape")
    expect(chat.page.get_by_role("complementary")).to_be_hidden()


def test_the_menu_is_used_with_the_keyboard(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    button = chat.page.get_by_role("button", name="More")
    button.focus()
    button.press("Enter")
    menu = chat.page.get_by_role("menu", name="More")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    chat.page.keyboard.press("End")
    expect(menu.get_by_role("menuitem").last).to_be_focused()
    chat.page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    chat.page.keyboard.press("p")
    expect(menu.get_by_role("menuitem", name="Print this chat")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(menu).to_be_visible()
    button.click()
    expect(menu).to_be_hidden()
    button.click()
    menu.get_by_role("menuitem", name="Show what went over the wire").click()
    expect(chat.page.get_by_role("tabpanel", name="Wire")).to_be_visible()
    chat.page.get_by_role("button", name="Close details").click()


@pytest.mark.parametrize(
    ("keys", "name"), [("Control+/", "Keyboard shortcuts"), ("Control+k", "Command palette")]
)
def test_a_dialog_opens_by_its_keys_and_gives_the_focus_back(
    keys: str, name: str, scripted_chat: ChatPage
) -> None:
    chat = scripted_chat
    chat.message.press(keys)
    dialog = chat.page.get_by_role("dialog", name=name)
    expect(dialog).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(chat.message).to_be_focused()


def test_the_palette_finds_commands_and_does_them(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.message.press("Control+k")
    field = chat.page.get_by_role("combobox", name="Search commands and chats")
    expect(field).to_be_focused()
    options = chat.page.get_by_role("listbox").get_by_role("option")
    field.press_sequentially("keyb")
    expect(options.filter(has_text="Keyboard shortcuts")).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(chat.page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Ctrl+K")
    chat.page.keyboard.press("Escape")
    chat.message.press("Control+k")
    field.fill("zzz")
    expect(chat.page.get_by_text("Nothing found.")).to_be_visible()
    field.fill("")
    first = options.first
    expect(first).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "false")
    field.press("Escape")


def test_help_has_all_keys_also_those_that_mean_nothing_now(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.message.press("Control+/")
    rows = chat.page.get_by_role("dialog", name="Keyboard shortcuts").locator("dl > div")
    for label, keys in (
        ("Go to the message box", ["Shift+Esc", "/"]),
        ("Show or hide the chats", ["Ctrl+B", "Ctrl+Shift+S"]),
        ("Go to the latest notification (while one is shown)", ["F8"]),
        ("Delete chat (once it has a question)", ["Ctrl+Shift+Backspace"]),
        ("Go back to your last question (in the empty message box)", ["↑"]),
        ("Rename the chat (in the list)", ["F2"]),
        ("Send the message", ["Enter"]),
    ):
        expect(rows.filter(has_text=label).locator("kbd")).to_have_text(keys)
    chat.page.keyboard.press("Escape")


def test_the_palette_knows_theme_mode_and_providers(scripted_chat: ChatPage) -> None:
    chat = scripted_chat

    def take(words: str, label: str) -> None:
        chat.message.press("Control+k")
        field = chat.page.get_by_role("combobox", name="Search commands and chats")
        field.fill(words)
        option = chat.page.get_by_role("listbox").get_by_role("option").filter(has_text=label)
        expect(option).to_be_visible()
        option.click()

    take("sync", "Switch to sync")
    expect(chat.streaming_switch).not_to_be_checked()
    take("streaming", "Switch to streaming")
    expect(chat.streaming_switch).to_be_checked()
    take("dark", "Dark theme")
    expect(chat.page.locator("html")).to_have_attribute("data-theme", "dark")
    take("theme system", "Theme of the system")
    expect(chat.page.locator("html")).not_to_have_attribute("data-theme", re.compile("."))
    take("providers", "Settings: providers")
    expect(chat.settings.get_by_role("tab", name="Providers")).to_have_attribute(
        "aria-selected", "true"
    )
    chat.page.keyboard.press("Escape")


def test_shortcuts_do_what_they_say(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    page = chat.page
    chat.ask("A question")
    chat.wait_for_end()
    chat.message.press("Control+Shift+O")
    expect(chat.questions).to_have_count(0)
    chat.message.press("Control+b")
    expect(chat.sidebar).to_be_hidden()
    chat.message.press("Control+Shift+S")
    expect(chat.sidebar).to_be_visible()
    chat.message.press("Control+.")
    expect(chat.settings).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#scroller").focus()
    page.keyboard.press("/")
    expect(chat.message).to_be_focused()
    expect(chat.message).to_have_value("")
    page.keyboard.type("a/b")
    expect(chat.message).to_have_value("a/b")
    page.locator("#scroller").focus()
    page.keyboard.press("Shift+Escape")
    expect(chat.message).to_be_focused()


def test_no_shortcut_while_an_input_method_composes(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.message.evaluate(
        """element => element.dispatchEvent(new KeyboardEvent("keydown",
          {key: "k", keyCode: 229, ctrlKey: true, bubbles: true, cancelable: true}))"""
    )
    chat.message.evaluate("() => new Promise(requestAnimationFrame)")
    expect(chat.page.get_by_role("dialog", name="Command palette")).to_be_hidden()


def test_a_mac_is_shown_its_own_keys(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    chat.page.add_init_script(
        "Object.defineProperty(navigator, 'platform', {get: () => 'MacIntel'})"
    )
    chat.open()
    chat.message.press("Meta+/")
    expect(chat.page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("⇧⌘O")
