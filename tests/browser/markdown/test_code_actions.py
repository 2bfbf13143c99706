"""Actions on parts of an answer."""

import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Send, gated
from tests.browser.axe import expect_accessible
from tests.browser.chat_page import ChatPage
from tests.browser.lab import Lab
from tests.live_server import LiveServer

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)

Say = Callable[[str], ChatPage]


@pytest.fixture
def say(scripted_chat: ChatPage, server: LiveServer) -> Say:
    """Let the model say this, and wait until it is there."""
    scripted_chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    def said(text: str) -> ChatPage:
        server.queue(streamed(records(Answer(text=text))))
        scripted_chat.ask("Go on")
        scripted_chat.wait_for_end()
        return scripted_chat

    return said


def clipboard(chat: ChatPage) -> str:
    return str(chat.page.evaluate("navigator.clipboard.readText()"))


def test_code_is_coloured_copied_saved_and_wrapped(say: Say) -> None:
    chat = say("```python\n# tide.py\ndef rise(x):\n    return x\n```")
    block = chat.text.locator(".code")
    expect(block.locator(".code-language")).to_have_text("python")
    expect(block.locator(".hljs-keyword").first).to_have_text("def")
    block.get_by_role("button", name="Copy").click()
    expect(block.get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(chat) == "# tide.py\ndef rise(x):\n    return x"
    # The last one has a key of its own.
    chat.message.press("Control+Shift+;")
    expect(chat.toast).to_contain_text("Code copied.")
    with chat.page.expect_download() as saving:
        block.get_by_role("button", name="Download").click()
    assert saving.value.suggested_filename == "tide.py"
    assert Path(saving.value.path()).read_text("utf-8") == "# tide.py\ndef rise(x):\n    return x\n"
    # What a model calls a file decides what a double click does.
    chat = say("```exe\n# invoice.pdf.exe\n```")
    with chat.page.expect_download() as saving:
        chat.text.get_by_role("button", name="Download").click()
    assert saving.value.suggested_filename == "invoice-pdf-exe.txt"
    wrap = block.get_by_role("button", name="Wrap lines")
    wrap.click()
    expect(wrap).to_have_attribute("aria-pressed", "true")
    expect(block.locator("pre")).to_have_css("white-space", "pre-wrap")


def test_long_code_is_coloured_as_it_was_written(say: Say) -> None:
    code = "".join(f"x{at} = [f'<{{at}}> &amp;', \"a\" & b] # <b>\n" for at in range(450))
    chat = say(f"```python\n{code}```")
    coloured = chat.text.locator("code")
    expect(coloured.locator(".hljs-string .hljs-subst").last).to_have_text("{at}")
    assert coloured.text_content() == code


def test_a_table_is_copied_as_csv_and_scrolls_by_key(say: Say) -> None:
    chat = say('| a | b |\n|---|--:|\n| 1, 2 | say "x" |\n| **c** | $y$ |\n| =1+1 | -5 |')
    table = chat.text.locator(".table")
    chat.text.get_by_role("button", name="Copy as CSV").click()
    expect(table.get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(chat) == 'a,b\r\n"1, 2","say ""x"""\r\nc,$y$\r\n\'=1+1,-5\r\n'
    expect(table.get_by_role("region", name="Table")).to_have_attribute("tabindex", "0")


def test_formulas_are_copied_as_tex(say: Say) -> None:
    written = "Let $x^2$ be.\n\n$$\n\\frac{a}{b}\n$$\n\nIt costs $5, or $8 for two."
    chat = say(f"{written}\n\n```math\n\\sqrt{{c}} % root\n```")
    expect(chat.text.locator(".katex")).to_have_count(3)
    expect(chat.text).to_contain_text("It costs $5, or $8 for two.")
    # What other rooms call a display has a line below it.
    expect(chat.text.locator(".math.display").first).to_have_css("border-bottom-width", "0px")
    chat.text.locator(".formula").first.hover()
    chat.text.get_by_role("button", name="Copy TeX").click()
    expect(chat.text.get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(chat) == "\\frac{a}{b}"
    chat.text.evaluate("element => getSelection().selectAllChildren(element)")
    chat.page.keyboard.press("Control+C")
    copied = clipboard(chat)
    assert "Let $x^2$ be." in copied
    assert "$$\\frac{a}{b}$$" in copied
    assert "$$\\sqrt{c} % root$$" in copied
    assert "Copy TeX" not in copied
    assert "Source" not in copied
    # Written as code: its source is there, too.
    source = chat.text.locator(".formula details")
    expect(source.get_by_text("% root")).to_be_hidden()
    source.get_by_text("Source").click()
    source.get_by_role("button", name="Copy", exact=True).click()
    expect(source.get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(chat) == "\\sqrt{c} % root"


def html_on_clipboard(chat: ChatPage) -> str:
    return str(
        chat.page.evaluate(
            """async () => {
              const [item] = await navigator.clipboard.read();
              return await (await item.getType("text/html")).text();
            }"""
        )
    )


def copied_html(chat: ChatPage) -> str:
    chat.text.evaluate("element => getSelection().selectAllChildren(element)")
    chat.page.keyboard.press("Control+C")
    return html_on_clipboard(chat)


def test_what_is_copied_is_what_was_said(say: Say) -> None:
    written = (
        "## Title\n\nLet $x^2$ **be**.\n\n```sh\nnpm run all\n```\n\n"
        "| a | b |\n|---|--:|\n| 1 | $y$ |\n\n![a cat](https://example.org/cat.png)\n\n"
        "\\begin{align}\na &= b\n\\end{align}\n\n- [web](https://example.org/a)\n\n"
        "> [!WARNING] Mind\n> the gap\n"
    )
    chat = say(written)
    expect(chat.text.locator(".katex")).to_have_count(3)
    chat.text.get_by_role("button", name="Copy", exact=True).click()
    expect(chat.text.get_by_role("button", name="Copied")).to_be_visible()
    # A terminal would run what ends in a line end.
    assert clipboard(chat) == "npm run all"

    chat.text.evaluate("element => getSelection().selectAllChildren(element)")
    chat.page.keyboard.press("Control+C")
    copied, html = clipboard(chat), html_on_clipboard(chat)
    assert "Let $x^2$ be." in copied
    assert "\n\\begin{align}" in copied
    for words in ("Copy", "Copied", "Wrap", "Download", "CSV", "TeX", "Show image"):
        assert words not in copied
        assert words not in html
    for part in ("<h2", "<strong>be</strong>", "<li>", 'href="https://example.org/a"', "npm run"):
        assert part in html
    assert "a cat" in copied
    assert re.search(r'href="https://example.org/cat.png"[^>]*>a cat</a>', html)
    assert re.search(r'<td [^>]*align="right"', html)
    assert "<math" in html
    assert "x^2</annotation>" in html
    # A callout is a quote to other programs, with its title.
    assert re.search(r"<blockquote[^>]*>\s*<p[^>]*><strong>Mind</strong>", html)
    # Cells stay cells; nothing hidden comes along, and who speaks is a line.
    chat.text.evaluate(
        "element => getSelection().selectAllChildren(element.querySelector('tbody'))"
    )
    chat.page.keyboard.press("Control+C")
    assert "<td>1</td>" in html_on_clipboard(chat)
    chat.answer.evaluate("element => getSelection().selectAllChildren(element)")
    chat.page.keyboard.press("Control+C")
    whole, html = clipboard(chat), html_on_clipboard(chat)
    assert whole.startswith("Assistant, ")
    assert "\nTitle\n" in whole
    for words in ("Copy", "Regenerate", "plain text", "Sources", "Continue"):
        assert words not in whole
        assert words not in html
    # Without a formula, too.
    chat.text.evaluate(
        """element => {
          const [from, to] = [element.querySelector("strong"), element.querySelector("td")];
          getSelection().setBaseAndExtent(from.firstChild, 0, to.firstChild, 1);
        }"""
    )
    chat.page.keyboard.press("Control+C")
    assert re.sub(r"\s+", " ", clipboard(chat)).startswith("be. npm run all a b 1")
    assert "Wrap" not in html_on_clipboard(chat)

    chat.answer.locator('[data-part="actions"]').get_by_role("button", name="Copy").click()
    expect(chat.answer.locator('[data-part="actions"]').get_by_text("Copied")).to_be_visible()
    assert clipboard(chat) == written
    html = html_on_clipboard(chat)
    assert "<h2" in html
    assert "<td>1</td>" in html
    assert "<button" not in html
    assert "class=" not in html


def test_links_lead_to_headings_of_the_same_answer(say: Say) -> None:
    chat = say(
        "[Go](#set-up--use) [Again](#part-1) [None](#nowhere)\n\n# Part\n\n"
        + "line\n\n" * 60
        + "## Part\n\n"
        + "line\n\n" * 60
        + "## Set up & *use*\n\nEnd"
    )
    place = chat.page.url
    for link, heading in (("Again", "Part"), ("Go", "Set up & use")):
        chat.text.get_by_role("link", name=link).click()
        found = chat.text.get_by_role("heading", name=heading).last
        expect(found).to_be_focused()
        expect(found).to_be_in_viewport()
    chat.text.get_by_role("link", name="None").click()
    expect(chat.toast).to_contain_text("no such heading")
    assert chat.page.url == place


def test_further_languages_are_coloured(say: Say) -> None:
    codes = {
        "powershell": "if ($x) { 'y' }",
        "ps1": "if ($x) { 'y' }",
        "dockerfile": "FROM python:3.13\nRUN 'x'",
        "latex": "\\begin{a} % b",
        "vue": "<a b='c'>d</a>",
        "bat": "echo off\nrem x",
        "haskell": 'main = print "x"',
    }
    chat = say("\n\n".join(f"```{name}\n{code}\n```" for name, code in codes.items()))
    for at, (name, code) in enumerate(codes.items()):
        block = chat.text.locator(".code").nth(at)
        expect(block.locator("code span").first, name).to_be_attached()
        expect(block.locator("code")).to_have_text(code, use_inner_text=True)


def test_the_bar_of_long_code_stays_in_sight(say: Say) -> None:
    chat = say("```python\n" + "x = 1\n" * 300 + "```\n\nend")
    for line in (150, 280):
        chat.text.locator("pre").evaluate(
            "(pre, line) => find(pre).scrollTop += line * 20;".replace(
                "find(pre)", "document.querySelector('#scroller')"
            ),
            line,
        )
        expect(chat.text.get_by_role("button", name="Copy", exact=True)).to_be_in_viewport()


def test_links_open_elsewhere_and_show_where(say: Say) -> None:
    chat = say(
        "[web](https://example.org/a 'T') [mail](mailto:a@example.org) "
        "[bad](javascript:alert) [rel](/x)"
    )
    links = chat.text.get_by_role("link")
    expect(links).to_have_count(2)
    expect(links.first).to_have_attribute("target", "_blank")
    expect(links.first).to_have_attribute("rel", "noopener noreferrer")
    expect(links.first).to_have_attribute("title", "T\nhttps://example.org/a")
    expect(chat.text.get_by_text("bad")).to_have_attribute("title", "javascript:alert")


def test_an_image_from_elsewhere_waits_for_a_click(say: Say) -> None:
    chat = say(f"![far](https://images.example/pixel.png) ![near](data:image/png;base64,{PIXEL})")
    near = chat.text.get_by_role("img", name="near")
    expect(near).to_have_js_property("naturalWidth", 1)
    # On paper it is what it is and where, and no button.
    chat.page.emulate_media(media="print")
    expect(chat.text.get_by_text("far", exact=True)).to_be_visible()
    expect(chat.text.get_by_text("Show image")).to_be_hidden()
    after = "one => getComputedStyle(one, '::after').content"
    assert "https://images.example/pixel.png" in chat.text.locator(".far-image").evaluate(after)
    chat.page.emulate_media(media="screen")
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.page.route(
        "**/pixel.png",
        lambda route: route.fulfill(
            body=b64decode(PIXEL),
            headers={"content-type": "image/png", "access-control-allow-origin": "*"},
        ),
    )
    # It is copied as a link, whether it is shown or not.
    link = r'href="https://images.example/pixel.png"[^>]*>far</a>'
    assert re.search(link, copied_html(chat))
    assert not asked
    chat.watch.expect("called a stranger")
    chat.text.get_by_role("button", name="Show image from images.example").click()
    expect(chat.text.get_by_role("img", name="far")).to_have_js_property("naturalWidth", 1)
    assert re.search(link, copied_html(chat))


def test_an_image_that_cannot_be_had_is_offered_as_a_link(say: Say) -> None:
    chat = say("![far](https://images.example/nothing.png)")
    chat.watch.expect("called a stranger", "404", "Failed to load resource")
    chat.page.route("**/nothing.png", lambda route: route.fulfill(status=404))
    chat.text.get_by_role("button", name="Show image from").click()
    link = chat.text.get_by_role("link", name="Open it in a new tab")
    expect(link).to_have_attribute("href", "https://images.example/nothing.png")
    chat.answer.locator('[data-part="actions"]').get_by_role("button", name="Copy").click()
    expect(chat.answer.locator('[data-part="actions"]').get_by_text("Copied")).to_be_visible()
    assert 'href="https://images.example/nothing.png"' in html_on_clipboard(chat)


PRIVATE = """
    127.0.0.1:8160 127.1 2130706433 0x7f.1 0177.0.0.1 0x7f000001 127.0.0.1. 0 0.0.0.0 localhost
    localhost. LOCALHOST:1 a.localhost printer printer. nas.local router.lan x.home.arpa db.internal
    10.0.0.1 172.16.0.1 172.31.255.1 192.168.1.1 192.168.257 169.254.169.254 100.64.0.1 198.18.0.1
    224.0.0.1 255.255.255.255 [::1] [::] [::ffff:127.0.0.1] [::127.0.0.1] [64:ff9b::7f00:1]
    [64:ff9b:1::1] [2002:7f00:1::] [2001:0:1::1] [fe80::1] [fc00::1] [fd00:ec2::254] [ff02::1]
    user:password@127.0.0.1 127。0。0。1 lo%63alhost
"""
PUBLIC = """
    example.org example.org:8443 8.8.8.8 172.32.0.1 192.1.0.1 169.253.0.1 100.128.0.1 198.20.0.1
    [2606:4700::1111] [2a00:1450::1] local.example.org localhost.example 10.example.org
    xn--bcher-kva.example
"""


def test_no_image_is_offered_from_this_computer_or_its_network(lab: Lab) -> None:
    """A mere request can do something there: `/delete?all=1`."""
    for scheme in ("http", "https", "HTTP"):
        near = lab.drawn(
            [f"![x]({scheme}://{host}/delete?all=1)" for host in PRIVATE.split()], "one"
        )
        assert [html for html in near if "<button" in html] == []
        assert [html for html in near if "is this computer or in its network" not in html] == []
        far = lab.drawn([f"![x]({scheme}://{host}/a.png)" for host in PUBLIC.split()], "one")
        assert [html for html in far if "Show image from" not in html] == []


def test_an_image_that_leads_elsewhere_is_not_followed(say: Say) -> None:
    """Its own host may be public and send the browser to a program of this computer."""
    chat = say("![far](https://images.example/moved.png)")
    chat.watch.expect("called a stranger", "Failed to load", "redirect", "net::ERR_FAILED")
    asked: list[str] = []
    chat.page.route(
        "**/moved.png",
        lambda route: route.fulfill(
            status=302,
            headers={
                "location": "http://127.0.0.1:9/delete",
                "access-control-allow-origin": "*",
            },
        ),
    )
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.text.get_by_role("button", name="Show image from").click()
    expect(chat.text.get_by_role("link", name="Open it in a new tab")).to_be_visible()
    assert not any("127.0.0.1:9" in url for url in asked)


def test_footnotes_lead_there_and_back(say: Say) -> None:
    chat = say("One[^b] two[^a].\n\n[^a]: Note A\n\n[^b]: Note B")
    notes = chat.text.get_by_role("region", name="Footnotes").get_by_role("listitem")
    expect(notes).to_contain_text([re.compile("Note B"), re.compile("Note A")])
    chat.text.get_by_role("link", name="Footnote 1", exact=True).click()
    expect(notes.first).to_be_focused()
    notes.first.get_by_role("link", name="Back to the text").click()
    expect(chat.text.get_by_role("link", name="Footnote 1", exact=True)).to_be_focused()


def test_headings_lists_and_tasks(say: Say) -> None:
    chat = say("## Two\n\n##### Five\n\n- [x] done\n- [ ] open")
    for name, level in (("Two", "3"), ("Five", "4")):
        expect(chat.text.get_by_role("heading", name=name)).to_have_attribute("aria-level", level)
    expect_accessible(chat.page)
    boxes = chat.text.get_by_role("checkbox")
    expect(boxes.first).to_have_accessible_name("Done")
    expect(boxes.first).to_be_checked()
    expect(boxes.first).to_be_disabled()
    expect(boxes.last).not_to_be_checked()


def test_a_selection_in_a_finished_block_stays_while_text_comes(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    pieces = ["Hold **me**.\n\n", "And `then`", " more\n\n```py\nx = 1\n", "y = 2\n```\n\nend"]
    written = records(Answer(text="".join(pieces)), split=lambda text: pieces if text else [])
    server.queue(streamed(gated((Send(b"".join(written[:2])), *map(Send, written[2:])))))
    chat.ask("Hold")
    chat.expect_words("Hold me.")
    chat.text.locator("strong").dblclick()
    for number in range(1, len(written) - 1):
        server.open_gate(str(number))
    chat.wait_for_end()
    expect(chat.text.locator("p").last).to_have_text("end")
    assert chat.page.evaluate("String(getSelection()).trim()") == "me"


def test_the_source_can_be_shown(say: Say) -> None:
    chat = say("A **bold** word")
    more = chat.answer.get_by_role("button", name="More for this answer")
    raw = chat.page.get_by_role("menuitemcheckbox", name="Show as plain text")
    more.click()
    raw.click()
    expect(chat.text.get_by_text("A **bold** word")).to_be_visible()
    expect(chat.text.locator("strong")).to_be_hidden()
    more.click()
    raw.click()
    expect(chat.text.locator("strong")).to_be_visible()


def test_the_demo_shows_all_of_it(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.ask("/markdown")
    chat.wait_for_end()
    for part in (
        "h3",
        "ol ul",
        "blockquote",
        ".code .hljs-keyword",
        "table",
        ".katex",
        ".far-image",
    ):
        expect(chat.text.locator(part).first).to_be_visible()
    expect(chat.text.get_by_role("region", name="Footnotes")).to_be_visible()
