"""Files with a question: picked, pasted, dropped; shown, removed, sent, and found in the chat."""

import base64
import json
import re
import struct
import zlib
from typing import Any

from playwright.sync_api import FilePayload, Locator, expect

from app.scripted.openai_chat import whole
from tests.browser.axe import expect_accessible
from tests.browser.chat_page import ChatPage
from tests.browser.markdown.test_code_actions import html_on_clipboard
from tests.cases import library
from tests.live_server import LiveServer

# Gives files to an element as a person's paste or drop does.
GIVE = """(element, {kind, files, text}) => {
  const data = new DataTransfer();
  for (const {name, type, base64} of files) {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    data.items.add(new File([bytes], name, {type}));
  }
  if (text) data.setData("text/plain", text);
  const options = {bubbles: true, cancelable: true};
  const event = kind === "paste" ? new ClipboardEvent(kind, {...options, clipboardData: data})
    : new DragEvent(kind, {...options, dataTransfer: data});
  return element.dispatchEvent(event);
}"""


def png(width: int, height: int) -> bytes:
    """A grey picture of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = (b"\0" + b"\x80" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"tEXt", b"Comment\0taken at home")
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def payload(name: str, kind: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}


def given(name: str, kind: str, data: bytes) -> dict[str, str]:
    return {"name": name, "type": kind, "base64": base64.b64encode(data).decode()}


def chips(chat: ChatPage) -> Locator:
    return chat.attachments


def pick(chat: ChatPage, *files: FilePayload) -> None:
    with chat.page.expect_file_chooser() as chooser:
        chat.page.get_by_role("button", name=re.compile("^Attach ")).click()
    chooser.value.set_files(list(files))


def paste(chat: ChatPage, text: str = "", *files: dict[str, str]) -> bool:
    """Paste; tell whether the browser is left to insert the text."""
    asked = {"kind": "paste", "files": files, "text": text}
    return bool(chat.message.evaluate(GIVE, asked))


def asked(server: LiveServer) -> Any:
    """The content of the last question that was sent."""
    return json.loads(server.requests()[-1].body)["messages"][-1]["content"]


def test_a_file_that_is_added_is_seen(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    for number in range(16):
        pick(chat, payload(f"notes on the tides of number {number}.txt", "text/plain", b"x"))
        expect(chips(chat)).to_have_count(number + 1)
        expect(chips(chat).last).to_be_in_viewport(ratio=0.9)
    expect(chips(chat).first).not_to_be_in_viewport()
    for _ in range(16):
        chips(chat).first.get_by_role("button", name="Remove").click()
    expect(chips(chat)).to_have_count(0)


def test_files_are_picked_sent_and_shown(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    pick(
        chat,
        payload("cat.png", "image/png", png(40, 30)),
        payload("notes.py", "text/x-python", b"print('```')\r\n"),
    )
    expect(chips(chat)).to_have_count(2)
    expect(chips(chat).first).to_contain_text("cat.png")
    expect(chips(chat).last).to_contain_text("14 bytes")
    expect(chat.status).to_have_text("Attached: cat.png, notes.py")
    expect_accessible(chat.page, "attachments")
    chat.ask("What are these?")
    chat.wait_for_end()
    expect(chips(chat)).to_have_count(0)
    text, image = asked(server)
    assert text["text"] == "File: notes.py\n\n````py\nprint('```')\n\n````\n\nWhat are these?"
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    # What was written into the picture stays here.
    assert b"home" not in base64.b64decode(image["image_url"]["url"].partition(",")[2])
    question = chat.questions.last
    expect(question.locator('[data-part="text"]').last).to_have_text("What are these?")
    chat.page.emulate_media(media="print")
    expect(question.get_by_role("img", name="cat.png")).to_be_visible()
    chat.page.emulate_media(media="screen")
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    # Chosen whole, and up to the picture.
    for end, images in ("one, one.childNodes.length", 1), ("one.querySelector('button'), 0", 0):
        question.evaluate(f"one => getSelection().setBaseAndExtent(one, 0, {end})")
        chat.page.keyboard.press("Control+C")
        html = html_on_clipboard(chat)
        assert html.count("<img") == images
        assert not re.search("null|undefined", html)
    file = question.get_by_role("group")
    expect(file).to_contain_text("notes.py")
    file.locator("summary").click()
    expect(file.get_by_role("region")).to_contain_text("print('```')")
    question.get_by_role("button", name="cat.png, show larger").click()
    large = chat.page.get_by_role("dialog", name="cat.png")
    expect(large.get_by_role("img", name="cat.png")).to_be_visible()
    expect_accessible(chat.page, "a picture")
    chat.page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    # Asked otherwise, the files go along again.
    question.hover()
    question.get_by_role("button", name="Edit").click()
    chat.page.get_by_role("textbox", name="Edit your question").fill("And now?")
    chat.page.get_by_role("button", name="Ask again").click()
    chat.wait_for_end()
    text, again = asked(server)
    assert text["text"].endswith("````\n\nAnd now?")
    assert again == image


def test_a_file_alone_is_a_question(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    pick(chat, payload("a.txt", "text/plain", b"Hello"))
    expect(chips(chat)).to_have_count(1)
    chat.send_button.click()
    chat.wait_for_end()
    assert asked(server) == "File: a.txt\n\n```txt\nHello\n```\n\n"
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("a.txt")


def test_large_pictures_are_scaled_down(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    pick(chat, payload("wide.png", "image/png", png(4000, 100)))
    expect(chips(chat)).to_have_count(1)
    chat.ask("Wide?")
    chat.wait_for_end()
    url = asked(server)[1]["image_url"]["url"]
    size = struct.unpack(">II", base64.b64decode(url.partition(",")[2])[16:24])
    assert size == (2000, 50)


def test_what_cannot_go_along_is_said(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    toasts = chat.page.locator("#toasts")
    for name, kind, data, sentence in (
        ("a.bin", "", b"\0\1\2", "a.bin is neither a text file"),
        ("a.pdf", "application/pdf", b"%PDF-1.7 text", "a.pdf is damaged"),
        ("a.mp4", "video/mp4", b"\0\0\0\x18ftypisom", "a.mp4 is a video. Images can be"),
        ("a.heic", "image/heic", b"\0", "Images can be PNG, JPEG, WebP or GIF"),
        ("a.png", "image/png", b"no picture", "a.png is damaged"),
    ):
        pick(chat, payload(name, kind, data))
        expect(toasts).to_contain_text(sentence)
    # Made in the page, for a test would bring it there as text, in many seconds.
    chat.page.locator("#transcript").evaluate(
        """(element) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([new Uint8Array(50_000_001)], "a.csv"));
          element.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer }));
        }"""
    )
    expect(toasts).to_contain_text("a.csv is too large")
    expect(chips(chat)).to_have_count(0)


def test_a_text_of_any_encoding_is_read_and_can_be_read_otherwise(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    loaded: list[str] = []
    chat.page.on("request", lambda request: loaded.append(request.url))
    pick(
        chat,
        payload("app.ts", "video/mp2t", b"export const a = 1;\n"),
        payload("notes.txt", "text/plain", "Größe".encode()),
    )
    expect(chips(chat)).to_have_count(2)
    menus = chips(chat).get_by_role("combobox")
    expect(menus).to_have_count(0)
    assert not [url for url in loaded if "chardet" in url]

    sales = "产品,数量,价格\n苹果,3,5元\n".encode("gbk")
    pick(chat, payload("sales.csv", "text/csv", sales))
    menu = chips(chat).get_by_role("combobox", name="Encoding of sales.csv")
    expect(menu).to_have_value("gb18030")
    expect(chat.status).to_have_text("Attached: sales.csv (read as GB18030 (Chinese))")
    expect_accessible(chat.page, "a guessed encoding")
    pick(chat, payload("memo.txt", "text/plain", "明日は十時に集合。".encode("shift_jis")))
    expect(chips(chat).last.get_by_role("combobox")).to_have_value("cp932")
    menu.select_option(label="Big5 (Chinese)")
    expect(chat.status).to_have_text("sales.csv (read as Big5 (Chinese))")
    menu.select_option(label="GB18030 (Chinese)")
    expect(chat.status).to_have_text("sales.csv (read as GB18030 (Chinese))")
    expect(chips(chat).filter(has_text="sales.csv")).to_contain_text(f"{len(sales)} bytes")
    chat.ask("Sums?")
    chat.wait_for_end()
    sent = asked(server)
    for said in ("export const a = 1;", "Größe", "苹果,3,5元", "明日は十時に集合。"):
        assert said in sent
    assert len([url for url in loaded if "chardet" in url]) <= 1
    asked_with = chat.questions.last.get_by_role("group").filter(has_text="sales.csv")
    expect(asked_with).to_contain_text(f"{len(sales)} bytes")


# Holds the reading of `slow.txt` until it is let.
HOLD = """() => {
  File.prototype.slice = function (...range) {
    const piece = Blob.prototype.slice.apply(this, range);
    if (this.name === "slow.txt") {
      piece.arrayBuffer = () => new Promise((done) => {
        document.letRead = () => done(new Response(piece).arrayBuffer());
      });
    }
    return piece;
  };
}"""


def test_files_stand_in_the_order_in_which_they_were_chosen(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    chat.page.evaluate(HOLD)
    pick(chat, *[payload(name, "text/plain", b"x") for name in ("slow.txt", "next.txt")])
    pick(chat, payload("quick.txt", "text/plain", b"x"))
    expect(chips(chat)).to_have_count(1)
    assert not paste(chat, "line\n" * 1000)
    expect(chips(chat)).to_have_count(2)
    chat.page.evaluate("document.letRead(); delete File.prototype.slice")
    names = ["slow.txt", "next.txt", "quick.txt", "Pasted text.txt"]
    expect(chips(chat)).to_contain_text(names)
    chat.ask("In which order?")
    chat.wait_for_end()
    assert re.findall(r"^File: (.+)$", asked(server), re.MULTILINE) == names
    expect(chat.questions.last.get_by_role("group")).to_contain_text(names)


def test_chips_are_removed_by_keyboard(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    pick(chat, *[payload(f"{name}.txt", "text/plain", b"x") for name in "abc"])
    expect(chips(chat)).to_have_count(3)
    chat.page.get_by_role("button", name="Remove: b.txt").press("Enter")
    expect(chips(chat)).to_have_count(2)
    expect(chat.status).to_have_text("Removed: b.txt")
    expect(chat.page.get_by_role("button", name="Remove: c.txt")).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_role("button", name="Remove: a.txt")).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chips(chat)).to_have_count(0)
    expect(chat.message).to_be_focused()


def test_pictures_are_pasted_but_not_those_of_text(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    picture = given("image.png", "image/png", png(10, 10))
    assert not paste(chat, "", picture)
    expect(chips(chat)).to_have_count(1)
    assert paste(chat, "1\t2", picture)
    expect(chips(chat)).to_have_count(1)
    chat.page.get_by_role("button", name="Remove: image.png").click()


def test_a_long_text_becomes_a_file_and_text_again(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    assert paste(chat, "x" * 4000)
    expect(chips(chat)).to_have_count(0)
    chat.message.fill("Before ")
    assert not paste(chat, "line\n" * 1000)
    expect(chips(chat)).to_contain_text(["Pasted text.txt"])
    assert not paste(chat, "y" * 5000)
    expect(chips(chat).last).to_contain_text("Pasted text 2.txt")
    chat.page.get_by_role("button", name="Insert as text: Pasted text.txt").click()
    expect(chips(chat)).to_have_count(1)
    expect(chat.message).to_have_value("Before " + "line\n" * 1000)
    chat.page.get_by_role("button", name="Remove: Pasted text 2.txt").click()
    chat.message.fill("")


def test_files_are_dropped_anywhere(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    zone = chat.page.get_by_text("Drop images, documents or text files here")
    body = chat.page.locator("#transcript")
    files = [given("a.txt", "text/plain", b"x")]
    body.evaluate(GIVE, {"kind": "dragover", "files": [], "text": "words"})
    expect(zone).to_be_hidden()  # a selection that is dragged is no file
    body.evaluate(GIVE, {"kind": "dragover", "files": files, "text": ""})
    expect(zone).to_be_visible()
    assert not body.evaluate(GIVE, {"kind": "drop", "files": files, "text": ""})
    expect(zone).to_be_hidden()
    expect(chips(chat)).to_have_count(1)
    chat.page.get_by_role("button", name="Remove: a.txt").click()


def test_a_waiting_question_gives_its_files_back(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.ask("/stall")
    expect(chat.text).to_contain_text("This answer begins")
    pick(chat, payload("a.txt", "text/plain", b"x"))
    expect(chips(chat)).to_have_count(1)
    chat.message.fill("Later")
    chat.message.press("Enter")
    waiting = chat.page.get_by_role("region", name="Waiting questions")
    expect(waiting).to_contain_text("a.txt")
    expect(waiting).to_contain_text("Later")
    waiting.get_by_role("button", name="Edit").click()
    expect(chips(chat)).to_contain_text(["a.txt"])
    expect(chat.message).to_have_value("Later")
    chat.page.get_by_role("button", name="Remove: a.txt").click()
    chat.message.fill("")


@library.recorded
def test_names_of_files_are_only_text(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    assert library.FOLDER is not None
    cases = library.FOLDER / "xss" / "owasp-filter-evasion.shared.json"
    vectors = [case["payload"] for case in json.loads(cases.read_text("utf-8"))["cases"]]
    picture, text = png(4, 4), b"<script>document.title = 'run'</script>"
    for start in range(0, len(vectors), 20):
        some = vectors[start : start + 20]
        files = [
            given(name, "image/png", picture) if at % 2 else given(name, "text/plain", text)
            for at, name in enumerate(some)
        ]
        paste(chat, "", *files)
        expect(chips(chat)).to_have_count(len(some))
        chat.message.fill(some[0])
        chat.message.press("Enter")
        expect(chips(chat)).to_have_count(0)
        chat.wait_for_end()
    foreign = "#transcript .question :is(script, iframe, object, svg, link, [onerror], [onload])"
    assert chat.page.locator(foreign).count() == 0
    expect(chat.page).not_to_have_title(re.compile("^run"))


def test_on_a_phone(phone_chat: ChatPage) -> None:
    chat = phone_chat
    name = "a very long name of a picture that does not fit on a phone.png"
    pick(chat, payload(name, "image/png", png(400, 300)), payload("b.txt", "text/plain", b"x"))
    expect(chips(chat)).to_have_count(2)
    assert chat.page.evaluate("document.documentElement.scrollWidth") == 390
    expect_accessible(chat.page, "attachments on a phone")
    chat.send_button.tap()
    chat.wait_for_end()
    assert chat.page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_model_that_sees_no_images_is_told_their_names(
    demo_chat: ChatPage, server: LiveServer
) -> None:
    chat = demo_chat
    server.reset()
    chat.use_provider(f"{server.url}/api/demo/v1", "gpt-oss-20b")
    chat.watch.expect(r"the server responded with a status of")
    pick(chat, payload("cat.png", "image/png", png(4, 4)))
    unseen = chips(chat).get_by_text("This model sees no images: only the name is sent.")
    expect(unseen).to_be_visible()
    expect_accessible(chat.page, "an image that is not seen")
    chat.ask("What is this?")
    chat.wait_for_end()
    # Where Python is switched on, it is told of the file between.
    assert asked(server).startswith("(cat.png: an image, which this model can't see)\n\n")
    assert asked(server).endswith("\n\nWhat is this?")
    pick(chat, payload("dog.png", "image/png", png(4, 4)))
    chips(chat).get_by_role("button", name="Send it anyway").click()
    expect(unseen).to_be_hidden()
    # It does refuse them, and with them every question that follows.
    said = "messages[0]: unknown variant `image_url`, expected `text` at line 1 column 230"
    error = json.dumps({"error": {"message": said, "type": "invalid_request_error"}}).encode()
    server.queue(whole(error, status=400, headers={"content-type": "application/json"}))
    chat.ask("And this?")
    expect(chat.notice).to_contain_text("This model reads no images.")
    assert asked(server)[1]["type"] == "image_url"
    chat.answer.get_by_role("button", name="Send without the images").click()
    chat.wait_for_end()
    assert "(dog.png: an image, which this model can't see)\n\n" in asked(server)
