"""The settings as a whole: sections, what is typed in them, the list of providers, tools, words."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from app import __version__
from tests.browser.axe import expect_accessible
from tests.browser.chat_page import ChatPage
from tests.browser.elsewhere import KEY
from tests.live_server import RUNTIME, LiveServer

SECTIONS = (
    "Providers",
    "Model defaults",
    "Appearance",
    "Composer & keys",
    "Tools",
    "Data",
    "Privacy",
    "About",
)


@pytest.fixture
def settings(demo_chat: ChatPage) -> Iterator[Locator]:
    yield demo_chat.open_settings()
    if demo_chat.settings.is_visible():
        demo_chat.settings.get_by_role("button", name="Cancel").click()


def test_sections_are_reached_by_keys(demo_chat: ChatPage, settings: Locator) -> None:
    keys = demo_chat.page.keyboard
    tabs = settings.get_by_role("tab")
    expect(tabs).to_have_text([re.compile(rf"^\s*{name}\s*$") for name in SECTIONS])
    expect(settings.get_by_role("tablist")).to_have_attribute("aria-orientation", "vertical")
    tabs.first.focus()
    for name in (*SECTIONS[1:], SECTIONS[0]):
        keys.press("ArrowDown")
        expect(settings.get_by_role("tab", name=name)).to_be_focused()
        expect(settings.get_by_role("tabpanel")).to_have_accessible_name(name)
    keys.press("End")
    expect(settings.get_by_role("tabpanel")).to_have_accessible_name("About")
    keys.press("Home")
    keys.press("Tab")
    expect(settings.get_by_label("Preset")).to_be_focused()


def test_nothing_typed_is_lost_between_sections_and_mistakes_bring_up_theirs(
    demo_chat: ChatPage, settings: Locator
) -> None:
    chat = demo_chat
    settings.get_by_label("Base URL").fill("localhost:1234")
    settings.get_by_label("Model", exact=True).fill("any")
    chat.go_to_settings("Composer & keys").get_by_label("Long pasted text").fill("-5")
    chat.go_to_settings("Model defaults").get_by_label("Top-p").fill("0.7")
    save = settings.get_by_role("button", name="Save")
    save.click()
    expect(settings.get_by_label("Long pasted text")).to_be_focused()
    expect(settings.get_by_role("alert")).to_contain_text("should be a number from 0")
    settings.get_by_label("Long pasted text").fill("5000")
    chat.go_to_settings("About")
    save.click()
    expect(settings.get_by_label("Base URL")).to_be_focused()
    expect(settings.get_by_label("Base URL")).to_have_value("localhost:1234")
    expect(settings.get_by_role("alert")).to_contain_text("https://")
    expect(chat.go_to_settings("Model defaults").get_by_label("Top-p")).to_have_value("0.7")


def test_a_shortcut_of_the_palette_opens_a_section(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.message.press("Control+k")
    chat.page.keyboard.type("settings privacy")
    chat.page.keyboard.press("Enter")
    panel = chat.settings.get_by_role("tabpanel", name="Privacy")
    expect(panel).to_contain_text("What encryption would not help")
    chat.go_to_settings("Composer & keys")
    chat.settings.get_by_role("button", name="Keyboard shortcuts").click()
    expect(chat.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    chat.page.keyboard.press("Escape")
    chat.go_to_settings("Data")
    chat.settings.get_by_role("button", name="Chats and storage").click()
    chats = chat.page.get_by_role("dialog", name="Chats and storage")
    chats.get_by_role("button", name="Close").click()
    expect(chat.settings).to_be_visible()
    chat.settings.get_by_role("button", name="Cancel").click()


def test_several_providers_are_edited_at_once(demo_chat: ChatPage, elsewhere: LiveServer) -> None:
    chat = demo_chat
    elsewhere.reset()
    chat.watch.expect("net::ERR_")  # nothing is there to list its models
    chat.use_provider(f"{elsewhere.url}/v1", "otter-small", KEY)
    chat.use_provider("http://localhost:1/v1", "mole")
    settings = chat.open_settings()
    expect(chat.providers).to_have_count(2)
    expect(chat.providers.nth(1)).to_have_attribute("aria-current", "true")
    expect(chat.providers.nth(1)).to_contain_text("No key")
    model = settings.get_by_label("Model", exact=True)
    model.fill("badger")
    chat.providers.first.click()
    expect(chat.providers.first).to_contain_text("Key in this tab")
    settings.get_by_role("button", name="Test connection").click()
    expect(chat.providers.first).to_contain_text("Works")
    model.fill("otter-large")
    chat.providers.nth(1).click()
    expect(model).to_have_value("badger")
    chat.save_settings()
    expect(chat.model_label).to_have_text("badger")
    chat.open_picker()
    for model_name in ("otter-large", "otter-small", "badger", "mole"):
        expect(chat.offered_model(model_name)).to_be_visible()
    chat.page.keyboard.press("Escape")


def test_a_provider_moves_to_another_address_without_its_key(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.watch.expect("net::ERR_")
    chat.use_provider("http://localhost:1/v1", "mole", "sk-of-the-first")
    settings = chat.open_settings()
    settings.get_by_label("Base URL").fill("http://localhost:2/v1")
    chat.save_settings()
    chat.open_settings()
    expect(chat.providers).to_have_count(1)
    expect(chat.providers.first).to_contain_text("localhost:2")
    expect(settings.get_by_label("API key")).to_have_value("")
    expect(settings.get_by_label("Model", exact=True)).to_have_value("mole")
    assert "sk-of-the-first" not in chat.page.evaluate("JSON.stringify(sessionStorage)")


def test_approval_of_a_tool_is_taken_back(demo_chat: ChatPage) -> None:
    chat = demo_chat
    settings = chat.open_settings("Tools")
    calculate = settings.get_by_role("checkbox", name="Calculate")
    dice = settings.get_by_role("checkbox", name="Roll dice")
    expect(calculate).to_be_checked()
    expect(dice).not_to_be_checked()
    calculate.uncheck()
    chat.save_settings()
    chat.page.get_by_role("button", name=re.compile("^Tools:")).click()
    asks = chat.page.get_by_role("menuitemcheckbox", name="Ask before: Calculate")
    expect(asks).to_be_checked()
    asks.click()
    chat.open_settings("Tools")
    expect(calculate).to_be_checked()


def test_about_names_versions_and_the_licences_of_what_is_bundled(demo_chat: ChatPage) -> None:
    settings = demo_chat.open_settings("About")
    panel = settings.get_by_role("tabpanel", name="About")
    expect(panel).to_contain_text(__version__)
    for package, name in (
        ("pyodide", "Pyodide"),
        ("@pyscript/core", "PyScript"),
        ("markdown-it", "markdown-it"),
        ("dompurify", "DOMPurify"),
        ("@highlightjs/cdn-assets", "highlight.js"),
        ("katex", "KaTeX"),
    ):
        made = json.loads((RUNTIME / "npm/node_modules" / package / "package.json").read_bytes())
        row = panel.get_by_role("listitem").filter(has=demo_chat.page.get_by_text(name))
        licence = made["license"].strip("()").replace(" ", r"\s")
        expect(row).to_contain_text(re.compile(licence, re.IGNORECASE))
        if name == "Pyodide":
            expect(panel).to_contain_text(made["version"])
    for link in panel.get_by_role("link").all():
        assert link.get_attribute("rel") == "noopener noreferrer"
    settings.get_by_role("button", name="Cancel").click()


@pytest.mark.parametrize("screen", ["demo_chat", "phone_chat"])
def test_every_section_is_accessible(screen: str, request: pytest.FixtureRequest) -> None:
    chat: ChatPage = request.getfixturevalue(screen)
    chat.watch.expect("net::ERR_")  # nothing is there to list its models
    chat.use_provider("http://localhost:1/v1", "mole")
    chat.open_settings()
    for section in SECTIONS:
        chat.go_to_settings(section)
        for theme in ("dark", "light"):
            chat.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            expect_accessible(chat.page, f"settings: {section}, {theme}")
        assert chat.page.evaluate(
            "innerWidth >= document.querySelector('#settings-body').scrollWidth"
        )
    if screen == "phone_chat":
        tabs = chat.settings.get_by_role("tablist")
        expect(tabs).to_have_attribute("aria-orientation", "horizontal")
        assert chat.settings.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    chat.settings.get_by_role("button", name="Cancel").click()
