"""A key is in its entry of the storage and in the requests to its provider, and nowhere else."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Request, expect

from app.scripted.openai_chat import Answer, error_body, records, streamed, whole
from tests.browser.chat_page import ChatPage
from tests.browser.elsewhere import KEY
from tests.live_server import LiveServer

# All that the page has put into the browser's database, as text.
_DATABASES = """
async () => {
  const found = [];
  const decoder = new TextDecoder();
  const plain = (_, value) => ArrayBuffer.isView(value) ? decoder.decode(value)
    : value instanceof ArrayBuffer ? decoder.decode(new Uint8Array(value)) : value;
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const entries = database.transaction(store).objectStore(store);
      for (const get of ["getAllKeys", "getAll"]) {
        found.push(JSON.stringify(await done(entries[get]()), plain));
      }
    }
    database.close();
  }
  return found.join("\\n");
}
"""


def test_a_key_is_nowhere_but_in_its_entry_and_its_requests(
    chat: ChatPage, elsewhere: LiveServer, tmp_path: Path
) -> None:
    elsewhere.reset()
    chat.watch.expect("the server responded with a status of 401")
    page = chat.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    said: list[str] = []
    asked: list[Request] = []

    def on_console(message: ConsoleMessage) -> None:
        said.append(message.text)

    def on_request(request: Request) -> None:
        asked.append(request)

    page.on("console", on_console)
    page.on("request", on_request)
    chat.use_provider(f"{elsewhere.url}/v1", "otter-small", KEY)
    settings = chat.open_settings()
    settings.get_by_role("button", name="Test connection").click()
    expect(settings.locator("#set-result")).to_contain_text("works")
    said.append(settings.inner_text())
    settings.get_by_role("button", name="Cancel").click()

    elsewhere.queue(streamed(records(Answer(text="An otter."))))
    chat.ask("Who is it?")
    chat.wait_for_end()
    elsewhere.queue(whole(error_body("No.", type="authentication_error"), status=401))
    chat.ask("And now?")
    expect(chat.notice).to_be_visible()

    # The wire view, what is copied from it, and the recording.
    chat.answer.get_by_role("button", name="More for this answer").click()
    page.get_by_role("menuitem", name="Show what went over the wire").click()
    panel = page.get_by_role("tabpanel", name="Wire")
    panel.get_by_text("Request", exact=True).first.click()
    expect(panel.get_by_label("Headers of the request").first).to_contain_text("(hidden)")
    for name in ("curl", "Python"):
        panel.get_by_role("button", name=f"Copy as {name}").first.click()
        expect(panel.get_by_role("button", name="Copied").first).to_be_visible()
        said.append(str(page.evaluate("navigator.clipboard.readText()")))
        expect(panel.get_by_role("button", name=f"Copy as {name}").first).to_be_visible()

    def saved(press: Any) -> None:
        with page.expect_download() as download:
            press()
        path = tmp_path / f"{len(said)}"
        download.value.save_as(path)
        said.append(path.read_text("utf-8"))

    saved(lambda: panel.get_by_role("button", name="Download the recording").first.click())
    said.append(str(page.content()))
    page.get_by_role("button", name="Close details").click()

    # What is exported.
    for kind in ("JSON", "Markdown"):
        saved(lambda kind=kind: chat.choose_in_menu("Who is it?", f"Export as {kind}"))
    page.get_by_role("button", name="Chats and storage").click()
    saved(page.get_by_role("button", name="Export all", exact=True).click)
    said.append(str(page.evaluate(_DATABASES)))
    assert "Who is it?" in said[-1]
    assert all("An otter." in text for text in said[-4:])

    for text in said:
        assert KEY not in text
    assert KEY not in str(page.evaluate("location.href + JSON.stringify(history.state)"))
    assert KEY not in str(page.evaluate("document.cookie + JSON.stringify(localStorage)"))
    entries = page.evaluate(
        "key => Object.entries(sessionStorage).filter(one => one.join().includes(key))", KEY
    )
    assert entries == [[f"tokenfall.key:{elsewhere.url}/v1", KEY]]

    with_key = [one for one in asked if KEY in str(one.headers)]
    assert with_key
    assert all(one.url.startswith(f"{elsewhere.url}/v1/") for one in with_key)
    for one in asked:
        assert KEY not in one.url + (one.post_data or "")
    assert re.search(r"/v1/chat/completions$", with_key[-1].url)
