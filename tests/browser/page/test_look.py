"""Looks and structure of the page: themes, small screens, names and landmarks."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.scripted.openai_chat import Answer, TokenCount, records, streamed
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer

LIGHT, DARK = "rgb(251, 250, 247)", "rgb(17, 23, 22)"


# Before there is a body nothing can be painted.
_WATCH_THE_BODY = """
new MutationObserver((_, observer) => {
  if (!document.body) return;
  observer.disconnect();
  globalThis.themeAtFirst = document.documentElement.dataset.theme;
}).observe(document, { childList: true, subtree: true });
"""


def expect_background(page: Page, colour: str) -> None:
    expect(page.locator("html")).to_have_css("background-color", colour)


def test_the_page_follows_the_systems_theme(scripted_chat: ChatPage) -> None:
    page = scripted_chat.page
    page.emulate_media(color_scheme="dark")
    expect_background(page, DARK)
    page.emulate_media(color_scheme="light")
    expect_background(page, LIGHT)


def test_a_theme_is_chosen_and_there_from_the_first_moment(chat: ChatPage) -> None:
    chat.page.emulate_media(color_scheme="light")
    chat.open_settings("Appearance").get_by_label("Dark").check()
    chat.save_settings()
    expect_background(chat.page, DARK)
    # Not waiting for Python, nor for the rest of the page.
    chat.page.add_init_script(_WATCH_THE_BODY)
    chat.page.goto(chat.url)
    assert chat.page.evaluate("themeAtFirst") == "dark"
    expect_background(chat.page, DARK)
    chat.wait_until_ready()
    settings = chat.open_settings("Appearance")
    expect(settings.get_by_label("Dark")).to_be_checked()
    settings.get_by_role("radio", name="System").check()
    chat.save_settings()
    expect_background(chat.page, LIGHT)


def test_settings_that_are_left_unsaved_can_be_had_back(demo_chat: ChatPage) -> None:
    chat, page = demo_chat, demo_chat.page
    page.emulate_media(color_scheme="light")
    settings = chat.open_settings("Composer & keys")
    paste = settings.get_by_label("Long pasted text becomes a file")
    paste.fill("9000")
    chat.go_to_settings("Appearance").get_by_label("Dark").check()
    expect_background(page, DARK)
    page.keyboard.press("Escape")
    expect(settings).to_be_hidden()
    expect_background(page, LIGHT)
    chat.toast.get_by_role("button", name="Go on with them").click()
    expect(settings.get_by_label("Dark")).to_be_checked()
    expect_background(page, DARK)
    chat.go_to_settings("Composer & keys")
    expect(paste).to_have_value("9000")
    settings.get_by_role("button", name="Cancel").click()
    expect_background(page, LIGHT)


@pytest.mark.parametrize("width", [320, 390, 768, 1920])
def test_nothing_stands_out_at_any_width(width: int, scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.ask("unbroken" * 40)
    chat.wait_for_end()
    chat.page.set_viewport_size({"width": width, "height": 700})
    assert chat.page.evaluate("document.documentElement.scrollWidth") == width
    wider = "element => element.scrollWidth - element.clientWidth"
    assert chat.page.locator("#scroller").evaluate(wider) == 0
    header = chat.page.get_by_role("banner").bounding_box()
    assert header
    assert header["y"] == 0
    bottom = chat.page.get_by_role("contentinfo").bounding_box()
    assert bottom
    assert bottom["y"] + bottom["height"] == 700
    for control in (chat.message, chat.send_button, chat.model, chat.streaming_switch):
        box = control.bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
    chat.open_settings()
    assert chat.settings.locator(".settings-body").evaluate(wider) == 0
    chat.settings.get_by_role("button", name="Cancel").click()
    chat.page.set_viewport_size({"width": 1280, "height": 800})


def test_less_motion_and_forced_colours_are_honoured(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.choose_model("Demo")
    moving = "document.getAnimations().some(one => one instanceof CSSAnimation)"
    chat.streaming_switch.uncheck()
    chat.ask("/stall")
    expect(chat.answer).to_contain_text("Waiting for the whole answer")
    # What is laid out only when it comes near moves a frame later.
    chat.page.wait_for_function(f"() => {moving}")
    chat.page.emulate_media(reduced_motion="reduce", forced_colors="active")
    assert not chat.page.evaluate(moving)
    chat.page.emulate_media(reduced_motion="no-preference", forced_colors="none")


def test_the_page_can_be_found_by_its_landmarks(scripted_chat: ChatPage) -> None:
    page = scripted_chat.page
    scripted_chat.ask("Hello")
    scripted_chat.wait_for_end()
    for role in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello")
    expect(page.get_by_role("navigation", name="Chats")).to_have_count(1)
    expect(scripted_chat.questions.get_by_role("heading", level=2)).to_have_text(
        re.compile(r"^You, \d\d:\d\d$")
    )
    expect(scripted_chat.answers.get_by_role("heading", level=2)).to_have_text(
        re.compile(r"^\s*Assistant, .+,\s+\d\d:\d\d\s*$")
    )
    expect(page.get_by_role("log")).to_have_count(1)


def test_an_answer_is_read_out_by_whole_sentences(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    read = chat.page.locator("#reading p")
    label = "Read answers aloud by sentence"
    for is_on, said in ((True, ["One is whole.", "Two has no end"]), (False, [])):
        chat.open_settings("Appearance").get_by_label(label).set_checked(is_on)
        chat.save_settings()
        server.queue(streamed(records(Answer(text="One is **whole**. Two has no end"))))
        chat.new_chat_button.click()
        chat.ask("Read")
        chat.wait_for_end()
        expect(read).to_have_text(said)


def test_the_skip_link_leads_to_the_message_box(scripted_chat: ChatPage) -> None:
    scripted_chat.page.get_by_role("link", name="Skip to the message box").focus()
    scripted_chat.page.keyboard.press("Enter")
    expect(scripted_chat.message).to_be_focused()
    scripted_chat.ask("Hello")
    scripted_chat.wait_for_end()
    scripted_chat.page.get_by_role("link", name="Skip to the latest message").focus()
    scripted_chat.page.keyboard.press("Enter")
    expect(scripted_chat.answer).to_be_focused()


def test_on_paper_there_is_the_conversation_alone(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.ask("For the files")
    chat.wait_for_end()
    chat.page.emulate_media(media="print", color_scheme="dark")
    for gone in (chat.sidebar, chat.message, chat.model, chat.send_button):
        expect(gone).to_be_hidden()
    expect(chat.questions).to_be_visible()
    expect(chat.text).to_be_visible()
    # At its whole length, and dark on white whatever the theme.
    assert chat.page.locator("#scroller").evaluate("one => getComputedStyle(one).overflowY") == (
        "visible"
    )
    high = "document.querySelector('{}').getBoundingClientRect().height"
    page, said = (chat.page.evaluate(high.format(one)) for one in ("body", "#transcript"))
    assert page > said > 0
    ink = "getComputedStyle(document.querySelector('.answer')).color"
    assert chat.page.evaluate(ink) == "rgb(28, 35, 33)"
    chat.page.emulate_media(media="screen", color_scheme="light")


def test_four_times_as_large_it_can_still_be_used(scripted_chat: ChatPage) -> None:
    """Zoom 400 % of a window of 1280 by 1024 leaves 320 by 256 pixels."""
    chat = scripted_chat
    chat.page.set_viewport_size({"width": 320, "height": 256})
    chat.ask("Is there room?")
    chat.wait_for_end()
    assert chat.page.evaluate("document.documentElement.scrollWidth") == 320
    for control in (chat.model, chat.streaming_switch, chat.message, chat.send_button):
        control.scroll_into_view_if_needed()
        expect(control).to_be_in_viewport(ratio=0.9)
    chat.page.set_viewport_size({"width": 1280, "height": 800})


def test_buttons_change_with_the_theme_at_once(scripted_chat: ChatPage) -> None:
    page = scripted_chat.page
    page.mouse.move(640, 2)
    page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    background = "getComputedStyle(document.querySelector('#new-chat')).backgroundColor"
    assert page.evaluate(background) == "rgb(25, 33, 31)"
    page.emulate_media(color_scheme="light")


def test_on_paper_an_address_that_is_its_own_text_is_not_repeated(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    says = "See https://example.org/a and [this page](https://example.org/b)."
    server.queue(streamed(records(Answer(text=says))))
    chat.ask("Where?")
    chat.wait_for_end()
    chat.page.emulate_media(media="print")
    after = "links => links.map(one => getComputedStyle(one, '::after').content)"
    shown = chat.text.locator("a").evaluate_all(after)
    chat.page.emulate_media(media="screen")
    assert shown[0] == "none"
    assert "https://example.org/b" in shown[1]


def test_model_and_mode_stand_still_when_the_meter_comes(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    meter = chat.page.locator("#context")
    expect(meter).to_be_hidden()
    before = chat.model.bounding_box(), chat.streaming_switch.bounding_box()
    server.queue(streamed(records(Answer(text="Short.", usage=TokenCount(2000, 10)))))
    chat.ask("How much is read?")
    expect(meter).to_be_visible()
    assert (chat.model.bounding_box(), chat.streaming_switch.bounding_box()) == before
