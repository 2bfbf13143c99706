"""An answer that was being drawn when its tab died is drawn as plain text at the next opening."""

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Error, Page, expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Send, gated
from tests.browser.chat_page import ChatPage
from tests.browser.kept import chat as record_of
from tests.browser.kept import keep, said
from tests.browser.watch import Watch
from tests.live_server import LiveServer

NewChat = Callable[..., ChatPage]
_TEXT = "A **bold** word"
_MARKS = "Object.keys(localStorage).filter((key) => key.startsWith('tokenfall.drawing'))"

# Whether the database has the words of the answer that is being written.
_KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open("tokenfall");
  opening.onsuccess = () => {
    const database = opening.result;
    const reading = database.transaction("log").objectStore("log").getAll();
    reading.onsuccess = () => {
      database.close();
      const text = reading.result.map((each) => new TextDecoder().decode(each)).join("");
      resolve(text.includes("bold"));
    };
  };
})"""


def kill(page: Page) -> None:
    """End the process that draws the page, as a text does that is too much for it."""
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")
    page.close()


def another(chat: ChatPage) -> ChatPage:
    """A new tab of the same browser."""
    page = chat.page.context.new_page()
    tab = ChatPage(page, chat.url, Watch(page))
    tab.open()
    return tab


def expect_plain(chat: ChatPage) -> None:
    expect(chat.answer).to_contain_text("a tab stopped working while it was being drawn")
    expect(chat.text).to_have_text(_TEXT)
    expect(chat.text.locator("strong")).to_have_count(0)


def expect_drawn(chat: ChatPage, strong: str = "bold") -> None:
    expect(chat.text.locator("strong")).to_have_text(strong)
    expect(chat.answer.get_by_role("button", name="Draw it after all")).to_be_hidden()
    chat.page.wait_for_function(f"() => !{_MARKS}.length")


def test_an_answer_that_streamed_when_the_tab_died(new_chat: NewChat, server: LiveServer) -> None:
    chat = new_chat(is_apart=True)  # for its process is killed
    chat.open()
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    written = records(Answer(text=_TEXT))
    server.queue(streamed(gated((Send(b"".join(written[:-2])), *map(Send, written[-2:])))))
    chat.ask("Say it")
    expect(chat.text.locator("strong")).to_have_text("bold")
    # The log of the answer is in the database before the tab dies.
    chat.page.wait_for_function(_KEPT)
    kill(chat.page)
    tab = another(chat)
    tab.row("Say it").get_by_role("link").click()
    expect_plain(tab)
    tab.answer.get_by_role("button", name="Draw it after all").click()
    expect_drawn(tab)
    tab.page.reload()
    tab.wait_until_ready()
    expect_drawn(tab)
    tab.watch.check()


def test_an_answer_from_history_and_a_page_that_is_left(new_chat: NewChat) -> None:
    chat = new_chat(is_apart=True)  # for its process is killed
    chat.open()
    kept = [record_of(1, "Deadly"), record_of(2, "Harmless")]
    texts = (_TEXT, "An **easy** word")
    answers = zip(kept, texts, strict=True)
    keep(chat.page, kept, [one for record, text in answers for one in said(record, "?", text)])
    for ends in (lambda page: page.goto("about:blank"), kill):
        chat.page.reload() if ends is not kill else chat.open()
        chat.wait_until_ready()
        chat.row("Harmless").get_by_role("link").click()
        expect_drawn(chat, "easy")
        # From here on nothing that is drawn is ever laid out, as far as the page can tell.
        chat.page.evaluate("window.requestAnimationFrame = () => 0")
        chat.row("Deadly").get_by_role("link").click()
        expect(chat.text.locator("strong")).to_have_text("bold")
        assert len(chat.page.evaluate(_MARKS)) == 1
        ends(chat.page)
    tab = another(chat)
    tab.row("Harmless").get_by_role("link").click()
    expect_drawn_beside(tab)
    tab.row("Deadly").get_by_role("link").click()
    expect_plain(tab)
    tab.answer.get_by_role("button", name="Draw it after all").click()
    expect_drawn(tab)
    tab.watch.check()


def expect_drawn_beside(chat: ChatPage) -> None:
    """Drawn, while the mark of another answer stands."""
    expect(chat.text.locator("strong")).to_have_text("easy")
    expect(chat.answer.get_by_role("button", name="Draw it after all")).to_be_hidden()
