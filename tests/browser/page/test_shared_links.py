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
    come(to_fragment(Shared("prompt", "Curt", "Answer in one word.")))
    chat.choose("Keep it", "This link brings a prompt")
    expect(page.locator("#toasts")).to_contain_text("“Curt” is among yours now")
    chat.dismiss_toasts()

    source = "import js; js.document.title = 'ran'"
    come(to_fragment(Shared("tools", "peek.py", source)))
    chat.choose("Open in the editor", "This link brings a file of tools")
    dialog = page.get_by_role("dialog", name="Your tools", exact=True)
    expect(dialog.get_by_role("textbox", name="Python", exact=True)).to_have_value(source)
    expect(dialog.get_by_role("button", name="Save", exact=True)).to_be_enabled()
    page.keyboard.press("Escape")

    come("#shared=damaged")
    expect(page.locator("#toasts")).to_contain_text("This link is damaged")
    chat.dismiss_toasts()
