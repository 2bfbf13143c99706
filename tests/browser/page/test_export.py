"""The exported site on an ordinary file host, in a sub-folder, without a network."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from app.scripted.openai_chat import Answer, records, streamed
from app.server.site import Site
from app.setup.display_libraries import LIBRARIES
from tests.browser.chat_page import ChatPage
from tests.browser.displays.test_displays import PICTURE
from tests.browser.elsewhere import KEY
from tests.browser.page.test_offline import wait_until_kept
from tests.browser.python_page import PythonPage, calls
from tests.browser.tool_writing import SHOUT, Editor
from tests.browser.watch import Watch
from tests.exported_site import file_host
from tests.live_server import REPOSITORY, RUNTIME, LiveServer


def test_the_export_is_hardly_larger_than_that_of_the_first_version() -> None:
    """It stays small enough for hosts with little room; the libraries of displays come besides,
    where they were fetched.
    """
    site = Site(REPOSITORY, RUNTIME)
    libraries = {library.path for library in LIBRARIES.values()}
    bodies = [
        asset.body for path in site.paths() if path not in libraries if (asset := site.find(path))
    ]
    assert 15_000_000 < sum(map(len, bodies)) <= 1.1 * 19_505_186


def test_the_export_works_in_a_sub_folder(exported_site: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    chat = ChatPage(page, exported_site, Watch(page))
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    chat.open()
    expect(page.locator("html")).to_have_attribute("data-host", "static")
    expect(chat.hint).to_contain_text("The built-in model needs serve.py")
    expect(chat.model_label).to_have_text("Demo")
    chat.ask("/stall")
    expect(chat.text).to_contain_text("This answer begins")
    chat.stop_button.click()
    expect(chat.notice).to_contain_text("You stopped this answer.")
    chat.streaming_switch.uncheck()
    chat.ask("/help")
    chat.wait_for_end()
    expect(chat.facts).to_contain_text("Sync")
    assert [url for url in outside if not url.startswith(exported_site)] == []
    assert [url for url in outside if ".css" in url] == [f"{exported_site}app/browser/styles.css"]
    page.context.close()
    chat.watch.check()


def test_a_provider_is_chosen_in_the_picker_of_the_export(
    exported_site: str, browser: Browser, elsewhere: LiveServer
) -> None:
    elsewhere.reset()
    page = browser.new_context().new_page()
    chat = ChatPage(page, exported_site, Watch(page))
    chat.open()
    wait_until_kept(page)
    chat.use_provider(f"{elsewhere.url}/v1", "otter-small", KEY, remember=True)
    # There is no server that could keep it.
    name = f"tokenfall.key:{elsewhere.url}/v1"
    assert page.evaluate("name => localStorage.getItem(name)", name) == KEY
    chat.choose_model("otter-large")
    elsewhere.queue(streamed(records(Answer(text="An otter."))))
    chat.ask("Who is it?")
    expect(chat.text).to_have_text("An otter.")
    page.context.set_offline(True)
    chat.open()
    expect(chat.model_label).to_have_text("otter-large")
    chat.choose_model("Demo")
    chat.ask("And now?")
    chat.wait_for_end()
    expect(chat.text).to_contain_text("I am the Demo")
    page.context.close()
    chat.watch.expect("ERR_INTERNET_DISCONNECTED")
    chat.watch.check()


def test_without_headers_stop_ends_the_python_of_a_chat_and_its_model_is_told(
    exported_site: str, browser: Browser, elsewhere: LiveServer
) -> None:
    elsewhere.reset()
    page = browser.new_context(service_workers="block").new_page()
    chat = ChatPage(page, exported_site, Watch(page))
    chat.open()
    assert not page.evaluate("crossOriginIsolated")
    chat.use_provider(f"{elsewhere.url}/v1", "otter-small", KEY)
    python = PythonPage(chat, elsewhere)
    python.offer()
    python.run("kept = 1\nwith open('kept.txt', 'w') as file: file.write('x')")
    elsewhere.queue(calls("print('ready')\nwhile True: pass"))
    chat.ask("Go on for ever")
    expect(python.output).to_contain_text("ready")
    chat.stop_button.click()
    chat.wait_for_end()
    (told,) = python.run("import os\n'kept' in globals(), os.listdir()")
    assert told.startswith("(False, ['kept.txt'])\n[Python was started anew")
    page.context.close()
    chat.watch.check()


NO_HASH = """() => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.src = "app/no/page.html?kept=../current";
  frame.onload = done;
  document.body.append(frame);
})"""


def test_the_export_does_without_a_network_all_that_needs_none(
    exported_site: str, browser: Browser, elsewhere: LiveServer
) -> None:
    elsewhere.reset()
    page = browser.new_context().new_page()
    chat = ChatPage(page, exported_site, Watch(page))
    chat.open()
    wait_until_kept(page)
    chat.use_provider(f"{elsewhere.url}/v1", "otter-small", KEY)
    elsewhere.queue(streamed(records(Answer(text=f"So:\n\n{PICTURE}"))))
    chat.ask("Draw it")
    chat.wait_for_end()
    # An address that names no hash leads to nothing that is kept, and takes nothing away.
    page.evaluate(NO_HASH)
    page.context.set_offline(True)
    chat.open()
    chat.chats.get_by_text("Draw it").click()
    page.get_by_role("button", name="Preview", exact=True).click()
    drawn = page.frame_locator(".display-place > iframe").get_by_role("img")
    expect(drawn).to_be_visible()
    editor = Editor(chat).open()
    editor.write(SHOUT)
    editor.trial.get_by_label("text").fill("from what is kept")
    editor.run_button.click()
    expect(editor.result).to_have_text("FROM WHAT IS KEPT")
    # No header of a host took their origin, and no attribute.
    origins = [frame.evaluate("self.origin") for frame in page.frames[1:]]
    assert origins == ["null", "null"]
    editor.more("Delete")
    editor.close()
    chat.choose_model("Demo")
    chat.ask("Write a short story about a lighthouse")
    expect(chat.text).to_contain_text("The lighthouse at Harrow Point")
    page.context.close()
    chat.watch.expect("ERR_INTERNET_DISCONNECTED", "404")
    chat.watch.check()


# Another page of the same site, on another port: it frames the sandboxes as the page does, and the
# other way, and has each run a script that looks for what the site keeps. Then it frames the page.
ATTACK = """<!doctype html><title>Elsewhere</title><script>
const SPY = `addEventListener("message", async () => {
  let reason;
  try { reason = (await indexedDB.databases()).map(({ name }) => name).join(); }
  catch (error) { reason = error.name; }
  postMessage({ state: "failed", reason });
})`;
const PATHS = ["tools/sandbox/sandbox", "tools/session/session", "displays/display"];
globalThis.heard = { bare: [], sandboxed: [] };
function frame(name, sandbox, at = 0) {
  const made = document.createElement("iframe");
  if (sandbox) made.setAttribute("sandbox", sandbox);
  made.src = `TARGETapp/browser/${PATHS[at]}.html`;
  made.onload = () => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => heard[name].push(data.reason ?? data.state ?? data.type);
    const asked = PATHS[at].startsWith("display") ? "display" : { worker: SPY, files: [] };
    made.contentWindow.postMessage(asked, "*", [port2]);
    if (at + 1 < PATHS.length) frame(name, sandbox, at + 1);
    else if (name === "bare") frame("sandboxed", "allow-scripts");
    else whole();
  };
  document.body.append(made);
}
function whole() {
  const made = document.createElement("iframe");
  made.src = "TARGET";
  document.body.append(made);
}
addEventListener("load", () => frame("bare"));
</script>"""


def test_another_page_of_the_site_gets_nothing_by_framing_it(
    exported_site: str, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_context().new_page()
    chat = ChatPage(page, exported_site, Watch(page))
    chat.open()
    chat.ask("/help")
    chat.wait_for_end()
    attacker = page.context.new_page()
    (tmp_path / "index.html").write_text(ATTACK.replace("TARGET", exported_site), "utf-8")
    with file_host(tmp_path) as elsewhere:
        attacker.goto(elsewhere)
        # Those without an origin were asked after the others, and start what they are given.
        attacker.wait_for_function(
            """() => heard.sandboxed.includes("here")
              && heard.sandboxed.filter((reason) => reason === "SecurityError").length === 2"""
        )
        assert attacker.evaluate("heard.bare") == []
        framed = attacker.frame_locator("iframe >> nth=6")
        expect(framed.get_by_role("link", name="in a tab of its own")).to_be_visible()
        expect(framed.locator("html")).to_have_attribute("data-state", "booting")
        expect(framed.locator("body > *")).to_have_count(1)
    page.context.close()
    chat.watch.check()


def test_own_tools_run_in_the_export(exported_site: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    chat = ChatPage(page, exported_site, Watch(page))
    chat.open()
    editor = Editor(chat).open()
    editor.write(SHOUT)
    editor.trial.get_by_label("text").fill("from a folder")
    editor.run_button.click()
    expect(editor.result).to_have_text("FROM A FOLDER")
    page.context.close()
    chat.watch.check()
