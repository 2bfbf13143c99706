"""The page from its first moment: usable at once, honest while Python starts, clear if it fails."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from app import __version__
from tests.browser.chat_page import ChatPage

WASM = "**/vendor/pyodide/pyodide.asm.wasm"


class Held:
    """A request that waits until the test lets it go."""

    def __init__(self, page: Page, pattern: str) -> None:
        self._routes: list[Route] = []
        self._is_released = False
        self._is_refused = False
        page.route(pattern, self._on_request)

    def release(self) -> None:
        self._is_released = True
        for route in self._routes:
            route.continue_()

    def refuse(self) -> None:
        """Answer it with 404."""
        self._is_refused = True
        for route in self._routes:
            route.fulfill(status=404)

    def _on_request(self, route: Route) -> None:
        if self._is_refused:
            route.fulfill(status=404)
        elif self._is_released:
            route.continue_()
        else:
            self._routes.append(route)


@pytest.fixture
def starting(unopened_chat: ChatPage) -> tuple[ChatPage, Held]:
    """The page while Python is still being loaded."""
    held = Held(unopened_chat.page, WASM)
    unopened_chat.page.goto(unopened_chat.url)
    return unopened_chat, held


_BOXES = """() => Object.fromEntries(
  [...document.querySelectorAll("button, h1, h2, p, input, textarea, nav, .composer, label")]
    .filter((one) => !one.closest("#chat-list, [popover], dialog, .hint") && one.checkVisibility())
    .map((one) => [one, one.getBoundingClientRect()])
    .map(([one, box]) => [
      `${one.tagName} ${one.id || one.textContent.trim() || one.title}`.replace(/ [(].*/, ""),
      [box.x, box.y, box.width, box.height].map(Math.round).join(" "),
    ]),
)"""


_HOLD = """
const held = { frame: [], second: [] };
const { setTimeout } = globalThis;
globalThis.requestAnimationFrame = (callback) => held.frame.push(callback);
globalThis.setTimeout = (action, ms, ...given) =>
  ms === 1000 ? held.second.push(action) : setTimeout(action, ms, ...given);
globalThis.release = (which) => held[which].forEach((callback) => callback());
"""


@pytest.mark.parametrize("which", ["frame", "second"])
def test_python_and_what_it_needs_come_after_the_first_paint(
    which: str, unopened_chat: ChatPage
) -> None:
    """Or after a second, for a visible page may get no frame."""
    page = unopened_chat.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.add_init_script(_HOLD)
    page.goto(unopened_chat.url)
    shell = {"theme.js", "boot.mjs", "framed.mjs", "composer.mjs", "layout.mjs", "pyscript.mjs"}
    assert {name for name in asked if name.endswith("js")} == shell
    expect(unopened_chat.message).to_be_focused()
    with page.expect_request("**/core.js"):
        page.evaluate("(which) => release(which)", which)


_SHEETS = "[...document.styleSheets].map((sheet) => sheet.href)"


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_nothing_moves_when_python_is_ready(
    size: tuple[int, int], starting: tuple[ChatPage, Held]
) -> None:
    """And one can write meanwhile, sees how far it has come, and then what has come."""
    chat, held = starting
    chat.page.set_viewport_size({"width": size[0], "height": size[1]})
    page = chat.page.locator("html")
    expect(page).to_have_attribute("data-state", "booting")
    expect(chat.message).to_be_focused()
    chat.message.press_sequentially("Hello")
    expect(chat.hint).to_contain_text("You can already write and send.")
    bar = chat.page.get_by_role("progressbar", name="Starting Python")
    expect(bar).to_be_visible()
    # The first step is PyScript itself; with the interpreter held back the last can't be reached.
    expect(bar).not_to_have_js_property("value", 0)
    assert bar.evaluate("bar => bar.value") < 1
    # The first paint waits for each of them.
    assert chat.page.evaluate(_SHEETS) == [f"{chat.url}/app/browser/styles.css"]
    before = chat.page.evaluate(_BOXES)
    assert len(before) > 10
    held.release()
    chat.wait_until_ready()
    expect(chat.model_label).to_have_text("Demo")
    expect(bar).to_be_hidden()
    expect(chat.message).to_have_value("Hello")
    expect(page).to_have_attribute("data-version", __version__)
    expect(page).to_have_attribute("data-host", "server")
    expect(chat.page).to_have_title("Tokenfall")
    after = chat.page.evaluate(_BOXES)
    moved = {name: (box, after.get(name)) for name, box in before.items() if after.get(name) != box}
    assert moved == {}
    assert chat.scroll_top() == 0
    if size[1] == 800:
        left = "element => element.scrollHeight - element.clientHeight"
        assert chat.page.locator("#scroller").evaluate(left) == 0


def test_what_is_sent_early_is_shown_at_once_and_sent_by_itself(
    starting: tuple[ChatPage, Held],
) -> None:
    """In the mode that was chosen; a second message stays in the box."""
    chat, held = starting
    chat.streaming_switch.uncheck()
    chat.ask("An early question")
    expect(chat.message).to_have_value("")
    expect(chat.questions).to_have_count(1)
    expect(chat.questions).to_contain_text("An early question")
    expect(chat.questions).to_contain_text("Waiting for Python to start")
    expect(chat.answers).to_have_count(0)
    chat.ask("The second")
    expect(chat.message).to_have_value("The second")
    expect(chat.questions).to_have_count(1)
    held.release()
    expect(chat.text).to_contain_text("You wrote An early question")
    expect(chat.questions).to_have_count(1)
    expect(chat.questions.get_by_text("Waiting for Python")).to_be_hidden()
    chat.wait_for_end()
    expect(chat.facts).to_contain_text("Sync")
    expect(chat.message).to_have_value("The second")


def test_an_example_can_be_chosen_early(starting: tuple[ChatPage, Held]) -> None:
    chat, held = starting
    chat.page.get_by_role("button", name="Write a short story about a lighthouse").click()
    expect(chat.questions).to_contain_text("Write a short story about a lighthouse")
    held.release()
    expect(chat.text).to_contain_text("The lighthouse at Harrow Point")


def test_new_chat_takes_an_early_message_back(starting: tuple[ChatPage, Held]) -> None:
    chat, held = starting
    chat.ask("Never mind")
    chat.new_chat_button.click()
    expect(chat.questions).to_have_count(0)
    held.release()
    chat.wait_until_ready()
    expect(chat.page.get_by_text("What would you like to ask?")).to_be_visible()
    expect(chat.answers).to_have_count(0)


@pytest.mark.parametrize(
    "file",
    [
        "**/vendor/pyscript/core.js",
        "**/pyscript.toml",
        "**/vendor/pyodide/pyodide.mjs",
        WASM,
        "**/vendor/pyodide/pyodide-lock.json",
        "**/wheels/*/app-*.whl",
    ],
)
def test_a_file_that_does_not_load_is_named_and_the_message_kept(
    file: str, unopened_chat: ChatPage
) -> None:
    chat = unopened_chat
    chat.watch.expect("")  # the browser and the libraries each have something to say about it
    chat.page.route(file, lambda route: route.fulfill(status=404, body="not here"))
    chat.page.goto(chat.url)
    chat.ask("Do not lose this")
    expect(_failure(chat)).to_contain_text("A file that Python needs did not load")
    expect(_failure(chat)).to_contain_text("reload")
    expect(chat.page.locator("html")).to_have_attribute("data-state", "failed")
    expect(chat.message).to_have_value("Do not lose this")


def test_an_early_message_that_cannot_be_sent_is_given_back(
    starting: tuple[ChatPage, Held],
) -> None:
    chat, held = starting
    chat.watch.expect("")
    chat.ask("Do not lose this")
    expect(chat.questions).to_contain_text("Waiting for Python to start")
    held.refuse()
    expect(_failure(chat)).to_be_visible()
    expect(chat.questions).to_contain_text("Not sent")
    expect(chat.message).to_have_value("Do not lose this")


def test_the_page_starts_when_it_is_reloaded_after_a_failure(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    chat.watch.expect("")
    chat.page.route("**/pyscript.toml", lambda route: route.abort())
    chat.page.goto(chat.url)
    expect(_failure(chat)).to_be_visible()
    chat.page.unroute("**/pyscript.toml")
    _failure(chat).get_by_role("button", name="Reload the page").click()
    chat.wait_until_ready()
    expect(_failure(chat)).to_be_hidden()


def test_a_browser_without_webassembly_is_told_so(unopened_chat: ChatPage) -> None:
    unopened_chat.page.add_init_script("delete globalThis.WebAssembly")
    unopened_chat.page.goto(unopened_chat.url)
    failure = _failure(unopened_chat)
    expect(failure).to_contain_text("does not offer WebAssembly")
    expect(failure).to_contain_text("Use a current Firefox, Chrome, Edge or Safari")


def test_an_app_that_fails_shows_its_reason(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    chat.watch.expect("no_such_module")

    def break_app(route: Route) -> None:
        shell = route.fetch()
        broken = shell.text().replace("from app.browser.main", "import no_such_module #")
        route.fulfill(response=shell, body=broken)

    chat.page.route(chat.url + "/", break_app)
    chat.page.goto(chat.url)
    expect(_failure(chat)).to_contain_text("Python started, but the app did not.")
    _failure(chat).get_by_text("Details", exact=True).click()
    expect(_failure(chat)).to_contain_text("No module named 'no_such_module'")


def _failure(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("alert").filter(has_text="Reload the page")
