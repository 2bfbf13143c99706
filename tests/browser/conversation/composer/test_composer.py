"""The message box: what sends, what does not, and how it grows."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage

# What a browser says of an Enter that ends a composition in Safari.
LATE_ENTER = """
element => element.dispatchEvent(new KeyboardEvent("keydown",
  {key: "Enter", keyCode: 229, bubbles: true, cancelable: true}))
"""


def test_enter_sends_and_shift_enter_makes_a_line(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.message.press_sequentially("one")
    chat.message.press("Shift+Enter")
    chat.message.press_sequentially("two")
    expect(chat.message).to_have_value("one\ntwo")
    expect(chat.questions).to_have_count(0)
    chat.message.press("Enter")
    expect(chat.message).to_have_value("")
    expect(chat.questions.locator('[data-part="text"]')).to_have_js_property(
        "textContent", "one\ntwo"
    )


def test_the_send_button_sends(scripted_chat: ChatPage) -> None:
    scripted_chat.message.fill("by the button")
    scripted_chat.send_button.click()
    expect(scripted_chat.questions).to_contain_text("by the button")


def test_nothing_but_white_space_is_not_sent(scripted_chat: ChatPage) -> None:
    scripted_chat.ask(" \n ")
    scripted_chat.send_button.click()
    expect(scripted_chat.message).to_have_value(" \n ")
    expect(scripted_chat.questions).to_have_count(0)


def test_enter_does_not_send_while_an_input_method_composes(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.message.focus()
    keyboard = chat.page.context.new_cdp_session(chat.page)
    keyboard.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    expect(chat.message).to_have_value("に")
    chat.page.keyboard.press("Enter")
    expect(chat.questions).to_have_count(0)
    keyboard.send("Input.insertText", {"text": "日本"})
    chat.message.evaluate(LATE_ENTER)
    expect(chat.questions).to_have_count(0)
    keyboard.detach()
    chat.message.fill("日本")
    chat.page.keyboard.press("Enter")
    expect(chat.questions).to_contain_text("日本")


def test_escape_ends_a_composition_and_not_the_answer(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.ask("/stall")
    expect(chat.text).to_contain_text("This answer begins")
    chat.message.evaluate(LATE_ENTER.replace("Enter", "Escape"))
    expect(chat.stop_button).to_be_visible()
    chat.message.press("Escape")
    expect(chat.send_button).to_be_visible()


def test_the_box_grows_with_its_text_up_to_a_part_of_the_window(scripted_chat: ChatPage) -> None:
    chat = scripted_chat

    def height() -> float:
        box = chat.message.bounding_box()
        assert box
        return box["height"]

    one_line = height()
    chat.message.fill("1\n2\n3\n4")
    four_lines = height()
    assert four_lines > one_line * 2
    chat.message.fill("\n" * 200)
    assert four_lines < height() <= 0.4 * 800 + 1
    chat.message.fill("")
    assert height() == one_line


def test_on_a_touch_screen_enter_makes_a_line(new_chat: Callable[..., ChatPage]) -> None:
    chat = new_chat(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    chat.open()
    expect(chat.message).to_have_attribute("enterkeyhint", "enter")
    chat.message.tap()
    chat.page.keyboard.type("one")
    chat.page.keyboard.press("Enter")
    chat.page.keyboard.type("two")
    expect(chat.message).to_have_value("one\ntwo")
    expect(chat.questions).to_have_count(0)
    chat.send_button.tap()
    expect(chat.questions).to_contain_text("two")
    # Nothing stands out of a phone's screen, and no field makes it zoom.
    assert chat.page.evaluate("document.documentElement.scrollWidth") == 390
    typed = chat.page.locator("textarea, select, input:not([type=checkbox], [type=radio])")
    sizes = typed.evaluate_all("all => all.map(field => getComputedStyle(field).fontSize)")
    assert set(sizes) == {"16px"}


def test_up_can_bring_back_earlier_questions(chat: ChatPage) -> None:
    settings = chat.open_settings("Composer & keys")
    settings.get_by_label("Brings back earlier questions").check()
    chat.save_settings()
    for question in ("The first", "The second"):
        chat.ask(question)
        chat.wait_for_end()
    for key, text in (
        ("ArrowUp", "The second"),
        ("ArrowUp", "The first"),
        ("ArrowUp", "The first"),
        ("ArrowDown", "The second"),
        ("ArrowDown", ""),
        ("ArrowUp", "The second"),
    ):
        chat.message.press(key)
        expect(chat.message).to_have_value(text)
    # What is written stays.
    chat.message.press("End")
    chat.message.press_sequentially("!")
    chat.message.press("ArrowUp")
    expect(chat.message).to_have_value("The second!")


def test_more_than_a_line_has_the_whole_width(scripted_chat: ChatPage) -> None:
    """The buttons stand below it then, and the text goes up to the border."""
    chat = scripted_chat
    form = chat.page.get_by_role("form", name="Write a message")
    attach = chat.page.get_by_role("button", name="Attach")

    def measures() -> tuple[float, float]:
        box, around, below = (one.bounding_box() for one in (chat.message, form, attach))
        assert box
        assert around
        assert below
        return around["width"] - box["width"], below["y"] - (box["y"] + box["height"])

    narrow, _ = measures()
    assert narrow > 100
    for text in ("words " * 40, "line\n" * 60):
        chat.message.fill(text)
        beside, below = measures()
        assert beside < 4
        assert below > -1
    chat.message.fill("one line")
    assert measures()[0] == narrow
