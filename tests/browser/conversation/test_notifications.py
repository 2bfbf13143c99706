"""Being told of an answer that is done while the tab is hidden."""

from typing import Any

from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from tests.browser.chat_page import ChatPage
from tests.browser.conversation.test_conversation import held, says
from tests.live_server import LiveServer

# A system that shows nothing and remembers all, and a tab that can be left.
_SYSTEM = """
globalThis.told = [];
globalThis.browserAsked = 0;
globalThis.Notification = class Notification {
  static permission = "default";
  static async requestPermission() {
    browserAsked += 1;
    return (Notification.permission = globalThis.allows ?? "granted");
  }
  constructor(title, options) {
    Object.assign(this, { title }, options);
    told.push(this);
  }
  close() { this.isClosed = true; }
};
let isAway = false;
Object.defineProperty(document, "hidden", { get: () => isAway });
globalThis.goAway = (away) => {
  isAway = away;
  document.dispatchEvent(new Event("visibilitychange"));
};
"""


def test_an_answer_that_is_done_elsewhere_is_told_of(
    unopened_chat: ChatPage, server: LiveServer
) -> None:
    chat, page = unopened_chat, unopened_chat.page
    page.add_init_script(_SYSTEM)
    chat.open()
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")

    def told() -> list[dict[str, Any]]:
        return list(page.evaluate("told.map(({ title, body, tag }) => ({ title, body, tag }))"))

    def answer_elsewhere(question: str, said: str) -> None:
        server.queue(held(said))
        chat.ask(question)
        chat.expect_words(said)
        page.evaluate("goAway(true)")
        server.open_gate("end")
        chat.wait_for_end()

    # Nobody is asked before there was something to tell, and then once.
    answer_elsewhere("What is red?", "A secret rose.")
    assert page.evaluate("browserAsked") == 0
    page.evaluate("goAway(false)")
    expect(chat.toast).to_contain_text("Shall the system tell you")
    server.reset()
    chat.toast.get_by_role("button", name="Tell me").click()
    page.wait_for_function("() => browserAsked === 1")
    assert told() == []

    answer_elsewhere("And what is blue?", "A secret sky.")
    [first] = told()
    assert (first["title"], first["body"]) == ("Your answer is ready", "What is red?")
    page.evaluate("goAway(false)")
    assert page.evaluate("told[0].isClosed")
    server.reset()

    # One of another chat leads there.
    server.queue(held("A secret leaf."))
    chat.new_chat_button.click()
    chat.ask("What is green?")
    chat.expect_words("A secret leaf.")
    chat.row("What is red?").get_by_role("link").click()
    chat.expect_words("A secret sky.")
    page.evaluate("goAway(true)")
    server.open_gate("end")
    page.wait_for_function("() => told.length === 2")
    assert told()[1]["body"] == "What is green?"
    assert told()[1]["tag"] != first["tag"]
    page.evaluate("goAway(false); told[1].onclick({ target: told[1] })")
    chat.expect_words("A secret leaf.")
    server.reset()

    # How it begins, where a person wants that; and what waits for their yes.
    settings = chat.open_settings("Appearance")
    settings.get_by_label("Tell how the answer begins, too").check()
    chat.save_settings()
    answer_elsewhere("And what is white?", "A secret cloud.")
    assert told()[-1]["body"] == "What is green?\nA secret cloud."
    page.evaluate("goAway(false)")
    server.reset()
    call = ToolCall("1", "roll_dice", '{"count": 2}')
    asks = records(Answer(text="Let me.", tool_calls=(call,), finish_reason="tool_calls"))
    page.get_by_role("button", name="Tools:").click()
    page.get_by_role("menuitemcheckbox", name="Roll dice", exact=True).click()
    page.keyboard.press("Escape")
    server.queue(streamed(asks), says("Never."))
    page.evaluate("goAway(true)")
    chat.ask("Roll")
    expect(chat.requests).to_have_count(1)
    assert told()[-1]["title"] == "An answer waits for your yes"
    assert told()[-1]["body"] == "What is green?"
    assert told()[-1]["tag"] == told()[1]["tag"]
    page.evaluate("goAway(false)")
    # Who stops an answer knows.
    count = len(told())
    page.evaluate("goAway(true)")
    chat.end_answer()
    chat.wait_for_end()
    assert len(told()) == count
    page.evaluate("goAway(false)")

    # A browser that says no ends it; one without notifications offers none.
    settings = chat.open_settings("Appearance")
    settings.get_by_label("Tell me when an answer is done").uncheck()
    chat.save_settings()
    page.evaluate("Notification.permission = 'default'; globalThis.allows = 'denied'")
    settings = chat.open_settings("Appearance")
    settings.get_by_label("Tell me when an answer is done").check()
    chat.save_settings()
    expect(chat.toast).to_contain_text("This browser does not allow it.")
    page.evaluate("delete globalThis.Notification")
    settings = chat.open_settings("Appearance")
    expect(settings.get_by_text("Light", exact=True)).to_be_visible()
    expect(settings.get_by_text("When you are elsewhere")).to_be_hidden()
    settings.get_by_role("button", name="Cancel").click()
