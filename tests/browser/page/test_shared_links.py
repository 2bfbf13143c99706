"""Chats, prompts and tools that go out as a link and come in with one, looked at before."""

from playwright.sync_api import Page, expect

from app.history.shared import Shared, to_fragment
from tests.browser.chat_page import ChatPage


def copied(page: Page) -> str:
    """The link that was copied last; the clipboard is none of a test's business."""
    expect(page.locator("#toasts")).to_contain_text("Link copied")
    return str(page.evaluate("window.copied"))


def test_a_chat_a_prompt_and_tools_come_with_a_link(chat: ChatPage) -> None:
    page = chat.page
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', "
        "{configurable: true, value: {writeText: async (text) => { window.copied = text; }}})"
    )
    chat.ask("Explain rain in three sentences")
    chat.wait_for_end()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Copy a link with this chat").click()
    link = copied(page)
    assert "#shared=" in link
    chat.dismiss_toasts()

    def come(fragment: str) -> None:
        page.evaluate("fragment => { location.hash = fragment; }", fragment)

    # The chat is deleted, so it comes back as it was.
    before = chat.answers.last.inner_text()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete chat").click()
    expect(chat.answers).to_have_count(0)
    come("#" + link.partition("#")[2])
    chat.choose("Open it", "This link brings a chat")
    expect(chat.answers).to_have_count(1)
    assert before.splitlines()[0] in chat.answers.last.inner_text()
    assert "#shared=" not in page.url

    come(to_fragment(Shared("prompt", "Curt", "Answer in one word. \u202e")))
    request = chat.requests.filter(has_text="This link brings a prompt")
    expect(request).to_contain_text("Answer in one word. ")
    expect(request).to_contain_text("\\u202e")
    chat.choose("Drop it", "This link brings a prompt")
    # A name that reads as another is everywhere what it is where the person is asked.
    shown = "Cu\\u200brt \\u202eslaed"
    come(to_fragment(Shared("prompt", "Cu\u200brt \u202eslaed", "Answer in one word.")))
    expect(request).to_contain_text(shown)
    chat.choose("Keep it", "This link brings a prompt")
    expect(page.locator("#toasts")).to_contain_text(f"“{shown}” is among yours now")
    chat.dismiss_toasts()
    panel = chat.open_drawer("Settings of this chat")
    panel.get_by_role("button", name="Presets").click()
    listed = page.get_by_role("menu").filter(has_text=shown)
    expect(listed).to_contain_text(f"Copy a link with “{shown}”")
    page.get_by_role("menuitem", name=f"Delete preset: {shown}").click()
    expect(page.locator("#toasts")).to_contain_text(f"Preset deleted: {shown}")
    chat.dismiss_toasts()
    page.get_by_role("button", name="Close details").click()

    source = "import js; js.document.title = 'ran'"
    come(to_fragment(Shared("tools", "peek\u3164.py", source)))
    expect(chat.requests.filter(has_text="a file of tools")).to_contain_text("peek\\u3164.py")
    chat.choose("Open in the editor", "This link brings a file of tools")
    dialog = page.get_by_role("dialog", name="Your tools", exact=True)
    expect(dialog.get_by_role("button", name="peek\\u3164.py").first).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Python", exact=True)).to_have_value(source)
    expect(dialog.get_by_role("button", name="Save", exact=True)).to_be_enabled()
    page.keyboard.press("Escape")

    come("#shared=damaged")
    expect(page.locator("#toasts")).to_contain_text("This link is damaged")
    chat.dismiss_toasts()
