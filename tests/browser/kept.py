"""Chats that a browser has kept from earlier visits, made without a person who asks them all."""

from collections.abc import Iterable

from playwright.sync_api import Page, expect

from app.core.messages import Message, Text, user
from app.history import stored
from app.history.records import ChatRecord, MessageRecord
from app.history.transfer import to_json
from app.history.tree import Tree
from tests.browser.chat_page import ChatPage

_PUT = """
async ([kind, lines]) => {
  const { openDatabase } = await import("/app/browser/storage/database.mjs");
  const database = await openDatabase(() => {});
  const encoder = new TextEncoder();
  const changes = lines.map(([key, line]) => [kind, key, encoder.encode(line)]);
  if (changes.length) await database.write(changes);
  database.close();
}
"""

# As browsers tell that there is no room: they abort the transaction.
FULL = """
(isFull) => {
  const stores = IDBObjectStore.prototype;
  stores.realPut ??= stores.put;
  stores.put = isFull
    ? function (...given) {
        const { transaction } = this;
        if (!Object.hasOwn(transaction, "error")) {
          const error = new DOMException("no room", "QuotaExceededError");
          Object.defineProperty(transaction, "error", { value: error });
          transaction.commit = () => {};
          queueMicrotask(() => transaction.abort());
        }
        return this.realPut(...given);
      }
    : stores.realPut;
}
"""


def keep(page: Page, chats: Iterable[ChatRecord], messages: Iterable[MessageRecord] = ()) -> None:
    """Put these into the browser of a page, which has to be reloaded to see them."""
    records = [(chat.id, stored.chat_line(chat).decode()) for chat in chats]
    page.evaluate(_PUT, ["chats", records])
    lines = [
        ((record.chat_id, record.id), stored.message_line(record)[0].decode())
        for record in messages
    ]
    page.evaluate(_PUT, ["messages", lines])


def open_with(
    chat: ChatPage, chats: Iterable[ChatRecord], messages: Iterable[MessageRecord] = ()
) -> None:
    """Open the page in a browser that has kept these. Python starts once."""
    chat.open_without_python()
    keep(chat.page, chats, messages)
    chat.open()


def take_in(chat: ChatPage, chats: list[ChatRecord], messages: list[MessageRecord]) -> None:
    """Have an open page without chats take these in, two or more: Python need not start anew."""
    trees = [Tree(one, [each for each in messages if each.chat_id == one.id]) for one in chats]
    file = {"name": "a.json", "mimeType": "application/json", "buffer": to_json(trees, 0)}
    chat.page.get_by_role("button", name="Chats and storage").click()
    dialog = chat.page.get_by_role("dialog", name="Chats and storage")
    chat.page.locator("#import-file").set_input_files(file)  # type: ignore[arg-type]
    expect(dialog).to_contain_text(f"{len(chats)} chats imported.")
    expect(chat.rows).to_have_count(len(chats))
    dialog.get_by_role("button", name="Close").click()


def chat(number: int, title: str = "", *, updated_ms: int = 0) -> ChatRecord:
    at_ms = updated_ms or 1_700_000_000_000 + number * 3_600_000
    return ChatRecord(f"chat{number}", at_ms, at_ms, title or f"Chat {number}", head=f"a{number}")


def said(chat: ChatRecord, question: str, answer: str) -> list[MessageRecord]:
    """A question and its answer; the answer is the head of the chat."""
    number = chat.id.removeprefix("chat")
    asked = MessageRecord(f"q{number}", chat.id, chat.created_ms, user(question))
    text = Message("assistant", [Text(answer)], status="complete")
    answered = MessageRecord(chat.head, chat.id, chat.created_ms + 1, text, asked.id, "Demo")
    return [asked, answered]
