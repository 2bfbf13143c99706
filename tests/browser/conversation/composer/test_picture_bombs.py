"""Pictures that unfold to gigabytes, or are large and damaged: attached, or in an answer."""

import base64
import struct
import zlib

from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, records, streamed
from tests.browser.chat_page import ChatPage
from tests.browser.conversation.composer.test_attachments import chips, payload, pick
from tests.live_server import LiveServer

SIDE = 30_000


def bomb() -> bytes:
    """A white picture of 900 million points, in 170 kB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = zlib.compress((b"\0" + b"\xff" * (SIDE // 8)) * SIDE)
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 1, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_picture_bombs_are_named_and_the_page_goes_on(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    data = bomb()
    pick(chat, payload("bomb.png", "image/png", data))
    toasts = chat.page.locator("#toasts")
    expect(toasts).to_contain_text(
        "bomb.png is damaged, or not an image that this browser can show"
    )
    chat.page.locator("#transcript").evaluate(
        """(element) => {
          const bytes = new Uint8Array(40_000_000).fill(120);
          bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], "torn.png", { type: "image/png" }));
          element.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer }));
        }"""
    )
    expect(toasts).to_contain_text("torn.png is damaged")
    expect(chips(chat)).to_have_count(0)
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    server.queue(streamed(records(Answer(text=f"![a bomb]({url})\n\nThe end."))))
    chat.ask("And?")
    chat.wait_for_end()
    answer = chat.answers.last
    expect(answer).to_contain_text("The end.")
    expect(answer.locator("img")).to_have_count(0)
    # The page goes on.
    pick(chat, payload("notes.txt", "text/plain", b"Hello"))
    expect(chips(chat)).to_have_count(1)
