"""The room where a person is asked for a yes: what is shown there, what can be drawn over it, and
which presses count.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from app.scripted.openai_chat import Answer, Source, ToolCall, records, streamed
from app.scripted.steps import Reply
from tests.browser.chat_page import ChatPage
from tests.browser.conftest import forget
from tests.browser.conversation.test_conversation import says
from tests.browser.conversation.test_errors import HTTP_ERROR, refused
from tests.browser.lab import Lab
from tests.browser.pixels import differing
from tests.browser.watch import Watch
from tests.live_server import LiveServer

TO_ME = {"to": "me@example.com", "text": "Dentist on Friday"}


@pytest.fixture(scope="module")
def one_page(browser: Browser, live: LiveServer) -> Iterator[ChatPage]:
    """A page whose scripted model may call roll_dice, after a question."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, service_workers="block", reduced_motion="reduce"
    )
    page = context.new_page()
    chat = ChatPage(page, live.url, Watch(page))
    chat.open()
    chat.use_provider(f"{live.url}/api/demo/v1", "demo")
    chat.list_models()
    page.get_by_role("button", name="Tools:").click()
    page.get_by_role("menuitemcheckbox", name="Roll dice", exact=True).click()
    page.keyboard.press("Escape")
    yield chat
    forget(page)
    context.close()


@pytest.fixture
def chat(one_page: ChatPage, server: LiveServer) -> Iterator[ChatPage]:
    yield one_page
    page = one_page.page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("document.querySelector('#stop').click()")  # does nothing where nothing runs
    expect(one_page.stop_button).to_be_hidden()
    for _ in range(one_page.requests.count()):
        one_page.choose("Deny")
    one_page.new_chat_button.click()
    one_page.watch.check()


def calls(*arguments: Any, answer: Answer | None = None) -> Reply:
    """An answer that calls roll_dice with each of these."""
    wanted = tuple(
        ToolCall(
            f"call{number}",
            "roll_dice",
            one if isinstance(one, str) else json.dumps(one, ensure_ascii=False),
        )
        for number, one in enumerate(arguments)
    )
    begun = answer or Answer()
    return streamed(
        records(
            Answer(
                text=begun.text,
                reasoning=begun.reasoning,
                refusal=begun.refusal,
                sources=begun.sources,
                tool_calls=wanted,
                finish_reason="tool_calls",
            )
        )
    )


def button(within: Locator, name: str) -> Locator:
    return within.get_by_role("button", name=name)


def rounded(place: Locator) -> list[int]:
    """Give the element's box, in whole points."""
    box = place.bounding_box()
    assert box is not None
    return [round(box[side]) for side in ("x", "y", "width", "height")]


def shown(request: Locator) -> str:
    """The arguments as they stand in the room, to the letter."""
    return str(request.get_by_label("Arguments").text_content())


# --- what is shown is what is sent -------------------------------------------------------------

HOSTILE: list[Any] = [
    {"to": "\u202emoc.elpmaxe@em", "text": "Dentist"},
    {"to": "me@example.com", "to\u200b": "evil@attacker.example", "\u3164": "\u2800"},
    '{"to": "me@example.com", "to": "evil@attacker.example"}',
    {"a\u2066b\u2069": "\U000e0041\U000e0042", "zalgo": "e" + "\u0301" * 60, "\ufeff": "\u00ad"},
    {"אב": "גד", "ה, ו": ["ז", "ח"], "mixed": "pay א 100 ב 200"},
    '{"to": "me@example.com",' + " " * 3000 + "\n" * 300 + '"all": true}',
    {"html": "<img src=x onerror=alert(1)>", "tex": "$\\rlap{x}$", "lines": "a\nb\u2028c\x1b[2J"},
]


def test_the_arguments_are_shown_as_they_are_sent(chat: ChatPage, server: LiveServer) -> None:
    # Python ends a line at it, where a reader sees one comment.
    unclear = {"code": "# a\rb()"}
    hostile = [*HOSTILE, unclear]
    server.queue(calls(*hostile, {"code": "if a:\r\n    b()"}), says("Done."))
    chat.ask("Send it")
    expect(chat.requests).to_have_count(len(hostile) + 1)
    # Plain code is read by its lines.
    assert chat.requests.last.get_by_label("Code").text_content() == "if a:\n    b()"
    for number, sent in enumerate(hostile):
        text = shown(chat.requests.nth(number))
        assert json.loads(text) == (json.loads(sent) if isinstance(sent, str) else sent)
        assert all(one == "\n" or one.isprintable() for one in text)
        assert text.count("\u0301") <= 3
    box = chat.requests.first.get_by_label("Arguments")
    expect(box).to_have_css("direction", "ltr")
    expect(box).to_have_css("unicode-bidi", "isolate")
    # Letters from right to left stay on their side of the colon.
    order = (
        chat.requests.nth(4)
        .get_by_label("Arguments")
        .evaluate(
            """box => {
          const texts = [...box.querySelectorAll("bdi")];
          const [key, value] = texts.map((one) => one.getBoundingClientRect());
          return [key.top === value.top, key.right <= value.left];
        }"""
        )
    )
    assert order == [True, True]


def test_a_giant_is_allowed_only_once_all_of_it_can_be_seen(
    chat: ChatPage, server: LiveServer
) -> None:
    giant = {"text": "word\u200b " * 30_000, "last": "evil@attacker.example"}
    server.queue(calls(giant), says("Done."))
    chat.ask("A giant")
    request = chat.requests
    expect(request).to_contain_text("This is the beginning: 20,000 of")
    expect(button(request, "Deny")).to_be_enabled()
    for name in ("Allow once", "Allow in this chat", "Always allow"):
        expect(button(request, name)).to_be_disabled()
    chat.page.keyboard.press("Control+Alt+Enter")
    button(request, "Show all").click()
    expect(button(request, "Allow once")).to_be_enabled()
    assert json.loads(shown(request)) == giant
    box = request.get_by_label("Arguments")
    assert box.evaluate(
        "box => (box.scrollTop = 1e9) && getComputedStyle(box).overflowY === 'auto'"
        " && box.scrollTop + box.clientHeight >= box.scrollHeight - 1"
    )
    for name in ("Allow once", "Deny"):
        expect(button(request, name)).to_be_in_viewport(ratio=1)


# --- nothing draws over it ---------------------------------------------------------------------

# As far as the page lets a size be: a square of 20 letters, up to 20 letters away.
FAR = r"\raisebox{%sem}{\kern-5em\textcolor{red}{\rule{99em}{99em}}}"
ZALGO = "Z" + "\u0301\u0316\u0336" * 60
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
IN_LINES = [rf"In a line $\rlap{{\smash{{{FAR % by}}}}}$ and more." for by in (-20, -9, 4, 15)]
# A page that would be as large as the window, before all else, and larger than any box.
HTML = (
    "<style>body { height: 500px } div { position: fixed; inset: -9999px; background: red; "
    "z-index: 2147483647; font-size: 300px }</style><div popover=manual>Allow once</div><script>"
    "document.querySelector('div').showPopover(); "
    "document.body.requestFullscreen?.().catch(() => {}); "
    "parent.postMessage({ type: 'height', value: 1e9 }, '*')</script>"
)
DIAGRAM = (
    "%%{init: {'themeCSS': '* { fill: red; transform: scale(99) }', 'fontSize': 300}}%%\n"
    f'flowchart LR\n  a["{ZALGO * 3}"] --> b["{"W" * 99}"]\n  style a fill:red,stroke-width:999px'
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="5000" height="5000" overflow="visible">'
    '<rect x="-5000" y="-5000" width="99999" height="99999" fill="red"/></svg>'
)
CHART = {
    "mark": {"type": "text", "fontSize": 2000, "text": "Allow once"},
    "width": 9000,
    "data": {"values": [{}]},
}
# What a cell shows.
OUTPUTS: list[dict[str, Any]] = [
    {"text/html": HTML},
    {"application/vnd.vegalite.v6+json": CHART},
    {"image/svg+xml": SVG},
    {"text/markdown": IN_LINES[3]},
    {"text/latex": IN_LINES[0]},
    {"text/plain": f"{ZALGO} \x1b[99A\x1b[2J" + "o" * 3000},
    {
        "application/vnd.tokenfall.table+json": {
            "columns": [{"name": ZALGO, "type": ZALGO}] * 60,
            "rows": [[ZALGO, "v" * 999] * 30] * 9,
        }
    },
]
HOSTILE_TEXT = "\n\n".join(
    (
        *IN_LINES,
        *(rf"$$\smash{{\rlap{{{FAR % by}}}}}$$" for by in (-60, 20)),
        r"$\llap{\text{Allow once}\hspace{-50em}}\rule[-50em]{90em}{100em}$",
        r"$\colorbox{red}{x}\hspace{-999em}\fbox{\smash{\rule{999em}{99em}}}$",
        f"| {ZALGO} | $\\rlap{{{FAR % -30}}}$ |\n|---|---|\n| {'x' * 2000} | {'W ' * 300} |",
        f"```python\n{ZALGO} = '{'y' * 3000}'\n```",
        f"# {ZALGO}\n\n- {ZALGO}\n  1. {ZALGO}\n\n> {ZALGO}",
        f"![{ZALGO}]({PICTURE}) ![far {ZALGO}](https://example.com/{'z' * 500}.png)",
        "\u202e" + "evil " * 20 + "\u202d" + "x" * 5000,
        f"[{ZALGO}](https://example.com) `{ZALGO}` **{ZALGO}**",
        f"> [!CAUTION]\n> {ZALGO}\n>\n> > [!NOTE]\n> > {IN_LINES[2]}",
        f"<details>\n<summary>{ZALGO} {IN_LINES[1]}</summary>\n\n{ZALGO}\n\n</details>",
        f"A note[^a]<sup>{ZALGO}</sup><kbd>{ZALGO}</kbd>\n\n[^a]: {IN_LINES[3]}",
        f"```math\n\\rlap{{{FAR % 9}}}\n```",
        rf"$\ce{{A ->[{FAR % 9}] B}}$ <mark>{ZALGO}</mark>",
        "|" + f" {ZALGO} |" * 60 + "\n|" + "-|" * 60 + "\n|" + f" {'w' * 99} |" * 60,
        f"```mermaid\n{DIAGRAM}\n```",
        f"```html\n{HTML}\n```",
        f"```svg\n{SVG}\n```",
    )
)

# Everything that holds words from outside, and what of the page's own stands within.
OUTSIDE = (
    ".markdown, .refusal, .question-text, .answer-head, .reasoning-text, .tool-head code,"
    " .tool pre, .sources, .warnings ul, .notice-text, .notice-advice, .notice pre, .picture,"
    " .file, #chat-title, .chat-title-text, .chat-snippet, .cell-output"
)
OWN = ".code-bar, .table-bar, .far-image"


def picture(chat: ChatPage) -> bytes:
    return chat.page.screenshot(animations="disabled", caret="hide")


def painted_outside(chat: ChatPage, rules: str = "") -> list[Any]:
    """The points of the page, outside of the boxes of what is from outside, that are not the same
    when that is not painted; with these rules in force.
    """
    page = chat.page
    height = page.locator("#scroller").evaluate("one => one.scrollHeight")
    boxes = page.evaluate(
        """async ([outside, own, rules]) => {
          const given = new CSSStyleSheet();
          // The page's own buttons over the text have round corners, through which it is seen.
          given.replaceSync(`${rules} .jumps { visibility: hidden; }`);
          document.adoptedStyleSheets = [given];
          await document.fonts.ready;
          // What comes near is laid out, and then stays.
          for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`:is(${outside}), :is(${outside}) * { visibility: hidden !important; }
            :is(${own}), :is(${own}) * { visibility: visible !important; }`);
          globalThis.unpainted = sheet;
          const stage = document.querySelector("#scroller").getBoundingClientRect();
          return [...document.querySelectorAll(outside)].map((one) => {
            const { left, top, right, bottom } = one.getBoundingClientRect();
            const isSaid = Boolean(one.closest("#scroller"));
            return [Math.floor(left), Math.floor(isSaid ? Math.max(top, stage.top) : top),
                    Math.ceil(right), Math.ceil(isSaid ? Math.min(bottom, stage.bottom) : bottom)];
          });
        }""",
        [OUTSIDE, OWN, rules],
    )
    painted = picture(chat)
    page.evaluate("document.adoptedStyleSheets.push(unpainted)")
    unpainted = picture(chat)
    page.evaluate("document.adoptedStyleSheets = []")
    if not rules and page.locator("#scroller").evaluate("one => one.scrollHeight") != height:
        return painted_outside(chat)  # a frame has told meanwhile how high it is
    count, outside = differing(page, painted, unpainted, boxes)
    assert count, "nothing was painted, so this tells nothing"
    return outside


def test_a_link_beside_a_question_opens_as_ever_and_its_address_stands_elsewhere(
    chat: ChatPage, server: LiveServer
) -> None:
    page = chat.page
    chat.watch.expect("called a stranger", "net::ERR", "Failed to load")
    page.context.route("https://*.example/**", lambda route: route.fulfill(body="elsewhere"))
    long = "https://docs.example/" + "long/" * 60
    said = Answer(text=f"[the docs]({long}) and [paypal.com](https://evil.example/login)")
    server.queue(calls(TO_ME, answer=said), says("Done."))
    chat.ask("Where?")
    request, where = chat.requests.filter(has_text="roll_dice"), page.locator("#link-address")
    expect(button(request, "Deny")).to_be_enabled()
    docs = chat.text.get_by_role("link", name="the docs")
    for width, height in ((1280, 800), (390, 700), (320, 480)):
        page.set_viewport_size({"width": width, "height": height})
        for show in (docs.hover, docs.focus):
            chat.message.hover()
            show()
            expect(where).to_contain_text("docs.example")
            box, address = request.bounding_box(), where.bounding_box()
            assert box is not None
            assert address is not None
            assert box["y"] + box["height"] <= address["y"] or box["y"] >= address["y"] + 1, (
                f"{width}: {box} below {address}"
            )
            page.evaluate("document.activeElement.blur()")
    page.set_viewport_size({"width": 1280, "height": 800})
    with page.expect_popup() as opening:
        docs.click()
    opening.value.close()
    with page.expect_popup() as opening:
        docs.press("Enter")
    opening.value.close()
    # What asks first is one more question, and answers none of the others.
    chat.text.get_by_role("link", name="paypal.com").click()
    expect(chat.requests).to_have_count(2)
    chat.choose("Stay here", "another host")
    expect(chat.requests).to_have_count(1)
    expect(request).to_contain_text("me@example.com")


def show_displays(chat: ChatPage) -> None:
    """Have all drawn that waits for a press, and wait until each box has the height of its own."""
    page = chat.page
    for button in page.locator('#transcript [data-markdown="display"]').all():
        button.click()
    displays = page.locator("#transcript div.display")
    expect(displays).to_have_count(5)
    for display in displays.all():
        display.scroll_into_view_if_needed()
        go = display.locator('[data-display="go"]')
        place = display.locator(".display-place")
        expect(go.or_(place).locator("visible=true").first).to_be_visible()
        if go.is_visible():
            go.click()
        expect(place).to_have_attribute("style", re.compile("block-size"))


def test_what_a_model_writes_paints_in_its_own_box_only(chat: ChatPage, server: LiveServer) -> None:
    chat.watch.expect(HTTP_ERROR)
    said = Answer(
        text=HOSTILE_TEXT,
        reasoning=f"{ZALGO} {'r' * 3000}",
        refusal=f"{ZALGO} no",
        sources=(Source("https://example.com/" + "s" * 600, ZALGO),),
        tool_calls=(
            ToolCall("unknown", ZALGO * 3, ZALGO),
            ToolCall("cell", "run_python", json.dumps({"code": f"{ZALGO} = 1\n{'`' * 60}\n"})),
        ),
        finish_reason="tool_calls",
    )
    # A short one as well: parts of long ones are cut off at their edges, to be laid out later.
    wants = calls(TO_ME, answer=Answer(text="\n\n".join(IN_LINES)))
    server.queue(
        refused(400, f"{ZALGO} {'e' * 2000}"),
        streamed(records(said)),
        wants,
        says("Done."),
    )
    chat.ask(f"{ZALGO} a question")
    expect(chat.notice).to_contain_text("Retry")
    chat.ask("And now")
    expect(chat.requests).to_have_count(1)
    expect(button(chat.requests, "Deny")).to_be_enabled()
    page = chat.page
    # As the library for formulas comes when it is needed.
    expect(chat.answer.locator(".katex").first).to_be_attached()
    assert json.loads(shown(chat.requests)) == TO_ME
    Lab(page).fill_cells(OUTPUTS)
    for detail in page.locator("#transcript summary").all():
        detail.evaluate("summary => (summary.parentElement.open = true)")
    show_displays(chat)
    page.mouse.move(0, 0)
    scroller = page.locator("#scroller")
    height = scroller.evaluate("one => one.scrollHeight")
    room = page.locator("#consent")
    alone = room.screenshot(animations="disabled")
    at = 0
    while at < height:
        scroller.evaluate("(one, at) => { one.scrollTop = at }", at)
        outside = painted_outside(chat)
        assert not outside, f"scrolled to {at}: {len(outside)} points, such as {outside[:5]}"
        # But for a row that it shares with what is above: it begins between two points.
        first_row = (0, 0, 1280, 1)
        assert not differing(page, alone, room.screenshot(animations="disabled"), [first_row])[1]
        at += 550
    # It is the walls that hold it: without them it gets out.
    chat.answer.locator(".katex").last.evaluate("formula => formula.scrollIntoView()")
    assert len(painted_outside(chat, "* { contain: none !important; }")) > 1000


# --- which presses count -----------------------------------------------------------------------

PRESS_AT_ONCE = """
() => {
  const room = document.querySelector("#consent");
  globalThis.pressed = 0;
  globalThis.early = new MutationObserver(() => {
    for (const button of room.querySelectorAll("button[data-choice]")) {
      pressed++;
      button.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
      button.click();
      button.focus();
      for (const key of ["Enter", "Backspace"]) {
        const press = { key, code: key, ctrlKey: true, altKey: true, bubbles: true };
        button.dispatchEvent(new KeyboardEvent("keydown", press));
      }
    }
  });
  early.observe(room, { childList: true, subtree: true });
}
"""


def test_a_press_counts_only_on_what_has_been_there(chat: ChatPage, server: LiveServer) -> None:
    page = chat.page
    server.queue(calls(TO_ME, {"count": 2}), says("Done."))
    page.evaluate(PRESS_AT_ONCE)
    chat.ask("Roll")
    expect(chat.requests).to_have_count(2)
    expect(button(chat.requests.first, "Deny")).to_be_enabled()
    assert page.evaluate("early.disconnect(), pressed") >= 8
    assert len(server.requests()) == 1
    # It moves, with the very press: the message box grows.
    moved = page.evaluate(
        """() => {
          const button = document.querySelector("#consent button[data-choice]");
          document.querySelector("#message").value = "one\\ntwo\\nthree\\nfour";
          button.click();
          return button.ariaDisabled;
        }"""
    )
    assert moved == "true"
    expect(chat.requests).to_have_count(2)
    # The second comes into the place of the first: the second press of a double click is its.
    expect(button(chat.requests.first, "Deny")).to_be_enabled()
    expect(button(chat.requests.last, "Deny")).to_be_attached()
    button(chat.requests.first, "Deny").dblclick()
    expect(chat.requests).to_have_count(1)
    expect(chat.requests).to_contain_text('"count": 2')
    page.locator("#message").fill("")
    chat.choose("Allow once")
    chat.wait_for_end()
    expect(chat.text).to_have_text("Done.")


GUARD = """
async () => {
  const { guardPresses } = await import("/app/browser/consent/press_guard.mjs");
  const room = document.createElement("section");
  room.className = "consent";
  const button = document.createElement("button");
  button.dataset.choice = "yes";
  button.textContent = "Yes";
  room.append(button);
  document.body.append(room);
  room.popover = "manual";
  room.showPopover();
  let now = 1000;
  const clock = performance.now;
  performance.now = () => now;
  let heard = 0;
  const look = guardPresses(room);
  room.addEventListener("click", () => heard++);
  const tell = (kind, at, more = {}) => {
    const make = kind.startsWith("key") ? KeyboardEvent : PointerEvent;
    const event = new make(kind, { key: "F9", bubbles: true, ...more });
    Object.defineProperty(event, "timeStamp", { value: at });
    button.dispatchEvent(event);
  };
  const at = (time) => { now = time; look(); };
  const click = (time, began = time, kind = "pointerdown") => {
    const before = heard;
    tell(kind, began);
    now = time;
    tell("click", time);
    return heard > before;
  };
  const found = {};
  at(1000);
  found.early = click(1399);
  found.begunEarly = click(1500, 1399);
  found.late = click(1900, 1850);
  found.byKey = click(1950, 1940, "keydown");
  tell("pointerup", 1960);
  now = 5000;
  tell("click", 5000);
  found.byScreenReader = heard === 3;
  button.textContent = "No";
  at(5100);
  found.saysSomethingElse = click(5499);
  found.saysItForLong = click(5500);
  room.style.translate = "9px 9px";
  found.moved = click(6000);
  found.stays = click(6400);
  const cover = document.createElement("div");
  cover.popover = "manual";
  cover.style.cssText = "inset: 0; width: 100%; height: 100%";
  document.body.append(cover);
  cover.showPopover();
  found.covered = click(7000);
  cover.remove();
  found.uncovered = click(7100);
  found.uncoveredForLong = click(7500);
  // A key that was held before the button said this.
  tell("keydown", 8000);
  button.textContent = "Yes";
  at(8100);
  tell("keydown", 8600, { repeat: true });
  now = 8600;
  const before = heard;
  tell("click", 8600);
  found.heldKey = heard > before;
  performance.now = clock;
  room.remove();
  return found;
}
"""


def test_the_moment_is_four_tenths_of_a_second_from_the_press_itself(chat: ChatPage) -> None:
    assert chat.page.evaluate(GUARD) == {
        "early": False,
        "begunEarly": False,
        "late": True,
        "byKey": True,
        "byScreenReader": True,
        "saysSomethingElse": False,
        "saysItForLong": True,
        "moved": False,
        "stays": True,
        "covered": False,
        "uncovered": False,
        "uncoveredForLong": True,
        "heldKey": False,
    }


# --- one calm list -----------------------------------------------------------------------------


def test_the_questions_of_all_chats_are_one_list(chat: ChatPage, server: LiveServer) -> None:
    page = chat.page
    server.queue(calls({"count": 1}, {"count": 2}))
    chat.ask("The first chat \u202e asks")
    expect(chat.requests).to_have_count(2)
    expect(page.get_by_role("region", name="2 questions wait for your answer")).to_be_visible()
    chat.new_chat_button.click()
    expect(chat.questions).to_have_count(0)
    link = chat.requests.first.get_by_role("link", name=r"The first chat \u202e asks")
    expect(link).to_be_visible()
    expect(button(chat.requests.first, "Deny")).to_be_enabled()
    before = rounded(chat.requests.first)
    server.queue(calls({"count": 3}), says("Done."))
    chat.ask("The second chat")
    expect(chat.requests).to_have_count(3)
    # The newest is the last, without a chat's name: it is the one that is shown. Nothing moved.
    expect(chat.requests.last).to_contain_text('"count": 3')
    expect(chat.requests.last.get_by_role("link")).to_be_hidden()
    assert rounded(chat.requests.first) == before
    chat.choose("Deny", about='"count": 1')
    expect(chat.requests).to_have_count(2)
    chat.requests.first.get_by_role("link").click()
    expect(chat.questions).to_contain_text("The first chat")
    expect(chat.requests.first.get_by_role("link")).to_be_hidden()
    expect(chat.requests.last.get_by_role("link", name="The second chat")).to_be_visible()
    # Stop ends the questions of its chat, deleting a chat those of its own.
    chat.stop_button.click()
    expect(chat.requests).to_have_count(1)
    chat.choose_in_menu("The second chat", "Delete")
    expect(chat.requests).to_have_count(0)
    expect(page.locator("#consent")).to_be_hidden()


def test_a_thousand_at_once_are_asked_ten_by_ten(chat: ChatPage, server: LiveServer) -> None:
    server.queue(calls(*({"count": number} for number in range(1000))))
    chat.ask("All of them")
    expect(chat.requests).to_have_count(10)
    expect(chat.page.locator("#consent")).to_contain_text("990 more come after these.")
    chat.choose("Deny", about='"count": 0')
    expect(chat.page.locator("#consent")).to_contain_text("989 more come after these.")
    expect(chat.requests.last).to_contain_text('"count": 10')
    chat.stop_button.click()
    expect(chat.requests).to_have_count(0)


def test_the_keyboard_comes_to_it_first(chat: ChatPage, server: LiveServer) -> None:
    page = chat.page
    server.queue(calls(TO_ME), says("Done."))
    chat.ask("Roll")
    expect(chat.requests).to_have_count(1)
    expect(chat.message).to_be_focused()
    expect(chat.status).to_have_text(re.compile("^roll_dice waits for your approval to run"))
    # One step back from the message box; and the first thing of the page leads there.
    page.keyboard.press("Shift+Tab")
    expect(button(chat.requests, "Deny")).to_be_focused()
    first = page.locator("a[href], button, input, [tabindex]").first
    expect(first).to_have_accessible_name("Skip to what waits for your answer")
    first.press("Enter")
    expect(button(chat.requests, "Allow once")).to_be_focused()
    expect(page).to_have_url(re.compile("#/chat/"))
    expect(button(chat.requests, "Allow once")).to_be_enabled()
    page.keyboard.press("Enter")
    expect(chat.requests).to_have_count(0)
    expect(chat.message).to_be_focused()
    chat.wait_for_end()


def test_message_box_and_stop_stay_in_sight(chat: ChatPage, server: LiveServer) -> None:
    many = {"count": 2, "lines": [f"line {number}" for number in range(200)]}
    server.queue(calls(many, *({"count": number} for number in range(4))))
    chat.ask("Roll")
    expect(chat.requests).to_have_count(5)
    first = chat.requests.first
    for width, height in ((390, 844), (844, 390), (568, 320), (320, 568)):
        chat.page.set_viewport_size({"width": width, "height": height})
        for seen in (
            chat.message,
            chat.stop_button,
            first.get_by_text("Allow this tool to run?"),
            first.get_by_text("roll_dice", exact=True),
            *(button(first, one) for one in ("Allow once", "Always allow", "Deny")),
        ):
            expect(seen).to_be_in_viewport(ratio=0.99)
        box = first.get_by_label("Arguments")
        assert box.evaluate("box => box.clientHeight") >= 20, (width, height)
