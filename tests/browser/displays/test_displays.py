"""Diagrams, pictures and pages that code blocks hold, as a person looks at them."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Send, gated
from tests.browser.chat_page import ChatPage
from tests.browser.lab import Lab
from tests.browser.long_times import let_pass
from tests.live_server import LiveServer

DIAGRAM = """```mermaid
flowchart TD
  A[Wake up] --> B{Is it raining?}
  B -- yes --> C[Take an umbrella<br>and <b>boots</b>]
  B -- no --> D[Walk & sing]
```"""
PICTURE = """```svg
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100">
<rect width="200" height="100" fill="teal"/>
</svg>
```"""

Say = Callable[[str], ChatPage]


@pytest.fixture
def say(scripted_chat: ChatPage, server: LiveServer) -> Say:
    """Let the model say this, and wait until it is there."""

    def said(text: str) -> ChatPage:
        server.queue(streamed(records(Answer(text=text))))
        scripted_chat.ask("Go on")
        scripted_chat.wait_for_end()
        return scripted_chat

    return said


def page_of(html: str) -> str:
    return f"```html\n<!doctype html><title>x</title>{html}\n```"


def frame_of(block: Locator) -> FrameLocator:
    """Our document in the frame."""
    return block.frame_locator(".display-place > iframe")


def shown_page(block: Locator) -> FrameLocator:
    """The page that is previewed in it."""
    return frame_of(block).frame_locator("iframe")


def note(block: Locator) -> Locator:
    return block.locator(".display-note")


def test_a_diagram_is_drawn_in_both_themes_and_saved(say: Say) -> None:
    chat = say(f"So:\n\n{DIAGRAM}\n\nThat is all.")
    block = chat.text.locator(".code")
    page = chat.page
    expect(page.locator("iframe")).to_have_count(0)
    block.get_by_role("button", name="Draw").click()
    expect(block.get_by_role("group", name="Diagram")).to_be_visible()
    picture = frame_of(block).get_by_role("img")
    body = frame_of(block).locator("body")
    expect(picture).to_be_visible()
    expect(body).to_have_css("background-color", "rgb(251, 250, 247)")
    expect(block.locator("pre")).to_be_visible()

    # Larger, and all of it again.
    wide = float(picture.evaluate("image => image.width"))
    block.get_by_role("button", name="Zoom in").click()
    expect(picture).not_to_have_css("width", f"{wide:g}px")
    block.get_by_role("button", name="Fit").click()
    expect(picture).to_have_js_property("complete", True)

    with page.expect_download() as saving:
        block.get_by_role("button", name="Save SVG").click()
    assert saving.value.suggested_filename == "diagram.svg"
    drawn = Path(saving.value.path()).read_text("utf-8")
    assert ElementTree.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"
    assert "umbrella" in drawn
    assert "<foreignObject" not in drawn
    with page.expect_download() as saving:
        block.get_by_role("button", name="Save PNG").click()
    assert Path(saving.value.path()).read_bytes().startswith(b"\x89PNG")

    page.emulate_media(color_scheme="dark")
    expect(body).to_have_css("background-color", "rgb(17, 23, 22)")
    page.emulate_media(color_scheme="light")
    expect(body).to_have_css("background-color", "rgb(251, 250, 247)")
    page.emulate_media(color_scheme="null")

    block.get_by_role("button", name="Source").click()
    expect(block.locator("pre")).to_be_hidden()
    # A chat that is not shown keeps none.
    chat.new_chat_button.click()
    expect(page.locator(".display")).to_have_count(0)


def test_a_mistake_is_one_sentence_and_the_source_stays(say: Say) -> None:
    broken = "flowchart TD\n  A[Wake up] --> B\n  B -> -> C"
    chat = say(f"```mermaid\n{broken}\n```\n\n```mermaid\nnonsense\n  of no kind\n```")
    first, second = chat.text.locator(".code").first, chat.text.locator(".code").last
    for block in (first, second):
        block.get_by_role("button", name="Draw").click()
    expect(note(first)).to_have_text(
        "This can't be drawn: there is a mistake in line 3. The source is below."
    )
    expect(note(second)).to_contain_text("mermaid knows no such kind of diagram")
    expect(first.locator("pre")).to_contain_text("B -> -> C")
    expect(chat.text.locator("iframe")).to_have_count(0)


def test_diagrams_draw_themselves_when_they_are_closed_and_looked_at(
    demo_chat: ChatPage, server: LiveServer
) -> None:
    chat = demo_chat
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    set_drawing(chat, True)
    head, line, tail = DIAGRAM.partition("  B -- no")
    far = "\n\n".join(f"Paragraph {number}." for number in range(150))
    rest = f"{line}{tail}\n\n{far}\n\n{DIAGRAM}"
    written = records(Answer(text=head + rest), split=lambda text: [head, rest] if text else [])
    chunks = Send(b"".join(written[:2])), Send(b"".join(written[2:]))
    server.queue(streamed(gated(chunks)))
    chat.ask("Draw it")
    expect(chat.text).to_contain_text("Is it raining?")
    expect(chat.text.get_by_role("button", name="Draw")).to_be_hidden()
    server.open_gate("1")
    chat.wait_for_end()
    blocks = chat.text.locator(".code")
    for block in (blocks.first, blocks.last):
        # The other one is far from what is seen.
        block.scroll_into_view_if_needed()
        expect(frame_of(block).get_by_role("img")).to_be_visible()
        expect(chat.text.locator("iframe")).to_have_count(1)
        expect(block.locator("pre")).to_be_hidden()
    set_drawing(chat, False)


def set_drawing(chat: ChatPage, on: bool) -> None:
    settings = chat.open_settings("Appearance")
    settings.get_by_role("checkbox", name="Draw diagrams by themselves").set_checked(on)
    chat.save_settings()


def test_a_preview_works_apart_from_the_page(say: Say) -> None:
    counter = """<form><button>Add</button></form><output>0</output>
<script>document.forms[0].onsubmit = (event) => {
  event.preventDefault();
  document.querySelector("output").value += "+1";
}</script>
<p><a href="#end">To the end</a> <a href="https://example.com/">Away</a></p>
<form id="sent"><button>Send it</button></form>
<div style="height: 5000px"></div><p id="end">The end</p>"""
    chat = say(f"{page_of(counter)}\n\n{PICTURE}\n\n```xml\n<note/>\n```")
    blocks = chat.text.locator(".code")
    expect(blocks.last.get_by_role("button", name="Preview")).to_have_count(0)
    block = blocks.first
    block.get_by_role("button", name="Preview").click()
    box = block.get_by_role("group", name="Preview. It is not part of Tokenfall")
    shown = shown_page(block)
    shown.get_by_role("button", name="Add").click()
    expect(shown.locator("output")).to_have_text("0+1")
    # As high as it may be, and no higher.
    expect(block.locator(".display-place")).to_have_css("height", "560px")
    shown.get_by_role("link", name="To the end").click()
    expect(shown.get_by_text("The end", exact=True)).to_be_in_viewport()
    for name in ("Away", "Send it"):
        shown.get_by_text(name).click()
        expect(note(block)).to_have_text("Links and forms of a preview lead nowhere.")
    # Esc leaves it.
    shown.get_by_role("button", name="Add").press("Escape")
    expect(box.get_by_role("button", name="Source")).to_be_focused()
    # It takes no key from who is writing; one that goes on trying is ended.
    chat.message.focus()
    shown.locator("body").evaluate("setInterval(() => document.forms[0].elements[0].focus(), 20)")
    expect(note(block)).to_have_text("Ended: it took the keyboard from what you write.")
    chat.message.press_sequentially("Mine")
    expect(chat.message).to_have_value("Mine")
    chat.message.fill("")
    expect(chat.text.locator("iframe")).to_have_count(0)

    picture = blocks.nth(1)
    picture.get_by_role("button", name="Preview").click()
    expect(frame_of(picture).get_by_role("img", name="Picture")).to_be_visible()
    with chat.page.expect_download() as saving:
        picture.get_by_role("button", name="Save PNG").click()
    assert Path(saving.value.path()).read_bytes().startswith(b"\x89PNG")


# Each tries something, and says whether that was of use.
ATTEMPTS = {
    "parent": "parent.document.body",
    "top": "top.document.body",
    "leads the page away": "top.location = 'https://evil.example/'",
    "cookies": "document.cookie",
    "storage": "localStorage.length + sessionStorage.length",
    "database": "new Promise((yes, no) => Object.assign(indexedDB.open('tokenfall'), "
    "{ onsuccess: yes, onerror: no }))",
    "caches": "caches.keys()",
    "its own server": "fetch('/api/status')",
    "another server": "fetch('https://evil.example/')",
    "a socket": "new Promise((yes, no) => Object.assign(new WebSocket('wss://evil.example/'), "
    "{ onopen: yes, onerror: no }))",
    "a picture from elsewhere": "new Promise((yes, no) => Object.assign(new Image(), "
    "{ onload: yes, onerror: no, src: '/app/browser/icons/icon-192.png' }))",
    "a worker": "new Promise((yes, no) => Object.assign("
    "new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))), "
    "{ onmessage: yes, onerror: no }))",
    "a service worker": "navigator.serviceWorker.register('/service_worker.mjs')",
    "a window": "window.open('https://evil.example/') || Promise.reject()",
    "a question": "window.prompt('?') || Promise.reject()",
    "another address": "new RTCPeerConnection()",
    "a frame with a fresh window": "new Promise((yes, no) => {"
    "const frame = document.createElement('iframe');"
    "frame.srcdoc = '<script>parent.postMessage(typeof RTCPeerConnection, `*`)<' + '/script>';"
    "addEventListener('message', yes); document.body.append(frame); setTimeout(no, 500); })",
}
TRY_ALL = """<p id="out"></p><script type="module">
const found = [];
new BroadcastChannel("open to all").postMessage("hello");
history.pushState(1, ""); history.pushState(2, ""); history.back();
navigator.sendBeacon("/api/libraries/mermaid", "x");
const link = document.createElement("a");
Object.assign(link, { href: "data:text/plain,x", download: "x.txt" });
document.body.append(link);
link.click();
for (const [name, attempt] of Object.entries({ATTEMPTS})) {
  try { await attempt(); found.push(name); } catch {}
}
document.getElementById("out").textContent = `Got: ${found.join(", ") || "nothing"}.`;
</script>"""


def test_a_hostile_page_gets_nowhere(say: Say) -> None:
    attempts = ",".join(f"{json.dumps(name)}: () => {code}" for name, code in ATTEMPTS.items())
    chat = say(page_of(TRY_ALL.replace("ATTEMPTS", attempts)))
    page = chat.page
    page.evaluate(
        """() => {
          globalThis.heard = [];
          new BroadcastChannel("open to all").onmessage = ({ data }) => heard.push(data);
        }"""
    )
    came: list[object] = []
    for kind in ("popup", "dialog", "download"):
        page.on(kind, lambda one: came.append(one))
    before = page.evaluate("[location.href, history.length, document.cookie]")
    block = chat.text.locator(".code")
    block.get_by_role("button", name="Preview").click()
    expect(shown_page(block).locator("#out")).to_have_text("Got: nothing.")
    assert page.evaluate("[location.href, history.length, document.cookie]") == before
    assert page.evaluate("heard") == []
    assert came == []


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<script>location = '/'</script>", "it tried to go to another page"),
        ("<meta http-equiv='refresh' content='0;url=https://evil.example/'>", "another page"),
        (
            "<form action=/api/status><script>document.forms[0].submit()</script>",
            "another page",
        ),
        ("<script>for (let i = 0; i < 3000; i++) parent.postMessage(i, '*')</script>", "messages"),
        ("<script>for (let i = 0; i < 3000; i++) top.postMessage(i, '*')</script>", "messages"),
        (
            "<script>let deep = []; for (let i = 0; i < 900; i++) deep = [deep];"
            "for (let i = 0; i < 3000; i++) parent.postMessage(deep, '*')</script>",
            "messages",
        ),
    ],
)
def test_what_leaves_or_floods_is_ended(say: Say, html: str, said: str) -> None:
    chat = say(page_of(html))
    block = chat.text.locator(".code")
    block.get_by_role("button", name="Preview").click()
    expect(note(block)).to_contain_text(said)
    expect(chat.text.locator("iframe")).to_have_count(0)
    expect(block.get_by_role("button", name="Show again")).to_be_visible()


def test_an_endless_loop_does_not_hold_the_page_up(say: Say) -> None:
    chat = say(f"{page_of('<p>Hello</p>')}\n\n{PICTURE}")
    blocks = chat.text.locator(".code")
    loop, picture = blocks.first, blocks.last
    loop.get_by_role("button", name="Preview").click()
    # Playwright waits for a page's answer, so what goes on for ever begins behind its back.
    shown_page(loop).get_by_text("Hello").evaluate("setTimeout(() => { for (;;); })")
    # The page goes on.
    chat.message.fill("Still here")
    expect(chat.message).to_have_value("Still here")
    chat.message.fill("")
    while not note(loop).is_visible():
        let_pass(chat.page, 5_000)
    expect(note(loop)).to_contain_text("it did not answer for 10 seconds")
    expect(chat.text.locator("iframe")).to_have_count(0)
    # With the last frame the browser ends what went on in it, and others begin anew.
    picture.get_by_role("button", name="Preview").click()
    expect(frame_of(picture).get_by_role("img", name="Picture")).to_be_visible()


def test_which_code_can_be_shown(lab: Lab) -> None:
    shown = lab.page.evaluate(
        """async (codes) => {
          const { displayOf } = await import("/app/browser/markdown/markdown_displays.mjs");
          return codes.map(([language, text]) => displayOf(language, text) ?? "");
        }""",
        [
            ["mermaid", ""],
            ["Mermaid", "graph TD"],
            ["svg", "<svg/>"],
            ["HTML", "<p>"],
            ["xml", '<?xml version="1.0"?>\n<!-- a --><svg viewBox="0 0 1 1"></svg>'],
            ["", "<svg></svg>"],
            ["html", "\n<svg ></svg>"],
            ["xml", "<note/>"],
            ["", "svg"],
            ["python", "<svg></svg>"],
            ["constructor", ""],
        ],
    )
    assert shown == [*["diagram"] * 2, "picture", "page", *["picture"] * 3, *[""] * 4]
