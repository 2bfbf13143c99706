"""Chats of other apps, taken in as a person does it: seen, found, told what stayed behind."""

import json
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage
from tests.history.foreign.files import archive
from tests.history.foreign.test_apps import CLAUDE
from tests.history.foreign.test_chatgpt import conversation, node

# The smallest picture there is: https://evanhahn.com/worlds-smallest-png/
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a49444154789c63680000"
    "00820081dd436af40000000049454e44ae426082"
)


# The third piece of a file waits until it is let go.
HOLD = """() => {
  const slice = Blob.prototype.slice;
  window.held = {};
  held.waits = new Promise((reached) => {
    const released = new Promise((release) => { held.release = release; });
    Blob.prototype.slice = function (start, end) {
      const piece = slice.call(this, start, end);
      if (start > 400_000) {
        const read = piece.arrayBuffer.bind(piece);
        piece.arrayBuffer = () => { reached(); return released.then(read); };
      }
      return piece;
    };
  });
}"""


def take(dialog: Locator, name: str, data: bytes) -> None:
    with dialog.page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="Import").click()
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    chooser.value.set_files(file)  # type: ignore[arg-type]


def chatgpt() -> dict[str, Any]:
    pictures = [
        {"content_type": "image_asset_pointer", "asset_pointer": f"file-service://{id}"}
        for id in ("file-here", "file-gone")
    ]
    asked = {"content_type": "multimodal_text", "parts": [*pictures, "Which tide is this?"]}
    return conversation(
        node("q", "root", "user", asked),
        node("a", "q", "assistant", "A **spring** tide.", model_slug="gpt-4o", create_time=2),
        node("b", "q", "assistant", "A neap tide.", model_slug="o3", create_time=1),
    )


def test_an_archive_of_another_app_is_taken_in_once(chat: ChatPage) -> None:
    page = chat.page
    page.get_by_role("button", name="Chats and storage").click()
    dialog = page.get_by_role("dialog", name="Chats and storage")
    said, report = dialog.locator("#data-said"), dialog.locator("#data-report")
    data = archive(
        {
            "conversations.json": json.dumps([chatgpt(), conversation(title="Empty")]).encode(),
            "file-here-otter.png": PNG,
        }
    )
    take(dialog, "export.zip", data)
    expect(said).to_have_text("1 chat imported.")
    expect(report.get_by_role("listitem")).to_have_text(
        [
            "1 chat left out: nothing is said there.",
            "1 image is not in the file, only named.",
        ]
    )
    take(dialog, "export.zip", data)
    expect(said).to_have_text("Nothing new: 1 chat of the file is here already.")
    take(dialog, "mine.json", json.dumps([CLAUDE]).encode())
    expect(said).to_have_text("1 chat imported.")
    take(dialog, "grok.json", b'{"conversations": [{"conversation": {}, "responses": []}]}')
    expect(said).to_contain_text("This file is from Grok, which can't be read yet.")
    expect(report).to_be_hidden()
    take(dialog, "half.json", json.dumps([CLAUDE | {"uuid": "other"}]).encode()[:-40])
    expect(said).to_contain_text("damaged")

    # Stopped in the middle: what has come stays, and the rest may come another time.
    page.evaluate(HOLD)
    asked = [node("q", "root", "user", f"Number {n} {'x ' * 9000}") for n in range(40)]
    many = [conversation(one, title="Numbered") for one in asked]
    take(dialog, "many.json", json.dumps(many).encode())
    page.evaluate("held.waits")
    dialog.get_by_role("button", name="Stop").click()
    page.evaluate("held.release()")
    expect(said).to_contain_text("Import stopped: ")
    dialog.get_by_role("button", name="Close").click()

    chat.search.fill("spring tide")
    expect(chat.rows).to_have_count(1)
    chat.sidebar.get_by_role("link", name="Tides").click()
    expect(chat.text.locator("strong")).to_have_text("spring")
    expect(chat.answer).to_contain_text("ChatGPT · gpt-4o")
    expect(chat.answer.get_by_role("group", name="Answer 2 of 2")).to_be_visible()
    lost = chat.questions.last.get_by_text("Image not here")
    expect(lost).to_be_visible()
    colour = "one => getComputedStyle(one).color"
    assert lost.evaluate(colour) != page.locator(".link").first.evaluate(colour)
    picture = page.get_by_role("button", name="file-here-otter.png")
    assert picture.locator("img").evaluate("image => image.naturalWidth") == 1
    chat.ask("And now?")
    chat.wait_for_end()
