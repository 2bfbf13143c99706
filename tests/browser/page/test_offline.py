"""The second visit: from what the browser kept, without a network, never of two versions."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate
from tests.browser.chat_page import ChatPage
from tests.browser.conversation.composer.test_attachments import payload, pick
from tests.browser.lab import Lab
from tests.documents import files
from tests.live_server import REPOSITORY, RUNTIME, LiveServer, live_server

IS_KEPT = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const cache = await caches.open(`tokenfall ${new URL(registration.scope).pathname}`);
  while (!registration.active || registration.active.state !== "activated"
         || !(await cache.match("kept/current"))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}"""


# What comes with the first Python of a chat.
IS_KEPT_TOO = """async () => {
  const cache = await caches.open(`tokenfall ${location.pathname}`);
  const { later } = await (await fetch("files.json", { cache: "no-store" })).json();
  const needed = Object.keys(later).filter((path) => /app_python-|packages.json/.test(path));
  for (const path of needed) {
    while (!(await cache.match(`kept/file/${later[path]}`))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return needed.length;
}"""


def wait_until_kept(page: Page) -> None:
    """Wait until the browser could do without the network."""
    page.evaluate(IS_KEPT)


KEPT_PATHS = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) found.push(new URL(url).pathname);
  }
  return found;
}"""
IS_OWNED = "document.documentElement.dataset.owned"


# Into the browser's store, as another program of this origin could write it: another file under the
# hash of boot.mjs, and a list of the same version that takes another theme.js.
TAMPER = """async () => {
  const [name] = await caches.keys();
  const store = await caches.open(name);
  const kept = (place) => new URL(`kept/${place}`, location).href;
  const bytes = new TextEncoder().encode("document.documentElement.dataset.owned = 'yes'");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const put = (hash) => store.put(kept(`file/${hash}`), new Response(bytes, {
    headers: { "content-type": "text/javascript" },
  }));
  const list = await (await store.match(kept("current"))).json();
  await put(list.files["app/browser/boot.mjs"]);
  await put(hash);
  list.files["app/browser/theme.js"] = hash;
  await store.put(kept("current"), new Response(JSON.stringify(list)));
}"""


def test_later_visits_are_from_what_is_kept_and_need_no_network(
    new_chat: Callable[..., ChatPage], server: LiveServer
) -> None:
    """One walk of one browser, for each step costs a start of the page."""
    chat = new_chat(service_workers="allow")
    chat.open()
    wait_until_kept(chat.page)
    from_worker: list[bool] = []
    chat.page.on(
        "response",
        lambda answer: (
            from_worker.append(answer.from_service_worker)
            if "/api/" not in answer.url and not answer.request.service_worker
            else None
        ),
    )
    by_worker: list[str] = []
    chat.page.context.on(
        "request",
        lambda asked: by_worker.append(asked.url) if asked.service_worker else None,
    )

    # The second visit asks the network for no file.
    chat.open()
    assert len(from_worker) > 20
    assert all(from_worker)
    assert {url.rpartition("/")[2] for url in by_worker} <= {"files.json", "service_worker.mjs"}
    # A document without an origin that is kept shares with the page what Stop needs.
    assert Lab(chat.page).can_interrupt()
    assert chat.page.evaluate(IS_KEPT_TOO) == 2

    # The API is never kept.
    kept = chat.page.evaluate(KEPT_PATHS)
    assert kept
    assert all(path.startswith("/kept/") for path in kept)
    listed = chat.page.evaluate("fetch('files.json').then((answer) => answer.json())")
    assert not any(path.startswith("api/") for path in listed["files"])

    # What was changed in the browser's store is fetched anew.
    chat.page.evaluate(TAMPER)
    chat.open()
    assert chat.page.evaluate(IS_OWNED) is None
    wait_until_kept(chat.page)

    # It starts without a network, with the Python that was used; also what was mended is there.
    chat.use_provider(f"{server.url}/api/demo/v1", "otter")
    chat.choose_model("demo")
    chat.watch.expect("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
    chat.page.context.set_offline(True)
    chat.open()
    assert chat.page.evaluate(IS_OWNED) is None
    assert Lab(chat.page).can_interrupt()
    expect(chat.hint).to_contain_text("offline")

    # The model picker works, and the Demo answers.
    expect(chat.model_label).to_have_text("demo")
    chat.ask("Are you there?")
    expect(chat.notice).to_contain_text("could not be reached")
    chat.open_picker()
    expect(chat.picker.get_by_role("status")).to_contain_text("gave no list of models")
    for model in ("otter", "demo", "Demo"):
        expect(chat.offered_model(model)).to_be_visible()
    chat.offered_model("Demo").click()
    chat.retry_button.click()
    chat.wait_for_end()
    expect(chat.text).to_contain_text("I am the Demo")

    # What was never used says so, and takes nothing of what was.
    pick(chat, payload("a.docx", "", files.docx(files.paragraph("One."))))
    expect(chat.toast).to_contain_text("a.docx could not be read")
    expect(chat.toast).to_contain_text("The first use in a browser needs the network.")
    chat.page.context.set_offline(False)


@pytest.fixture
def serve_own(tmp_path: Path) -> Iterator[Callable[..., LiveServer]]:
    """Serves a copy of the sources, which the test may edit; when called again, in the place of the
    server before.
    """
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(REPOSITORY / "app", tmp_path / "app", ignore=ignore)
    for name in ("index.html", "pyscript.toml"):
        shutil.copy(REPOSITORY / name, tmp_path / name)
    with ExitStack() as running:

        def serve(port: int = 0) -> LiveServer:
            running.close()
            return running.enter_context(live_server(root=tmp_path, runtime=RUNTIME, port=port))

        yield serve


@pytest.fixture
def own_server(serve_own: Callable[..., LiveServer]) -> LiveServer:
    """A server of such a copy."""
    return serve_own()


def test_an_edit_shows_at_the_next_reload_and_whole(
    own_server: LiveServer, new_chat: Callable[..., ChatPage], tmp_path: Path
) -> None:
    chat = new_chat(own_server.url, service_workers="allow")
    chat.open()
    wait_until_kept(chat.page)
    Lab(chat.page).can_interrupt()
    assert chat.page.evaluate(IS_KEPT_TOO) == 2
    chat.open()
    edit(tmp_path / "index.html", "What would you like to ask?", "A new page?")
    edit(tmp_path / "app/browser/words.py", "Keyboard shortcuts", "New Python")
    edit(tmp_path / "app/python/session.py", "import asyncio", "import asyncio  # edited")
    wait_until_listed(chat.page)
    chat.open()
    # What came with its first use comes along.
    assert chat.page.evaluate(IS_KEPT_TOO) == 2
    expect(chat.page.get_by_role("heading", name="A new page?")).to_be_visible()
    chat.message.press("Control+k")
    expect(chat.page.get_by_role("option", name="New Python")).to_be_visible()
    chat.page.keyboard.press("Escape")


def test_an_open_page_keeps_its_version_and_chat_where_a_newer_server_comes(
    serve_own: Callable[..., LiveServer], new_chat: Callable[..., ChatPage], tmp_path: Path
) -> None:
    older = serve_own()
    chat = new_chat(older.url, service_workers="allow")
    chat.open()
    wait_until_kept(chat.page)
    chat.open()
    chat.use_provider(f"{older.url}/api/demo/v1", "demo")
    half = records(Answer(text="Half an answer."))[:3]
    older.queue(streamed([*half, Gate("never")]))
    chat.ask("Who are you?")
    expect(chat.text).to_have_text("Half an")
    edit(tmp_path / "app/browser/web/theme.css", "#fbfaf7", "#fbfaf8")
    edit(tmp_path / "index.html", "What would you like to ask?", "A new page?")
    chat.watch.expect("ERR_")
    newer = serve_own(older.port)
    chat.wait_for_end()
    expect(chat.notice).to_contain_text("broke off")
    # The person comes back to the page.
    chat.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(chat.toast).to_contain_text("A new version of Tokenfall is here.")
    newer.queue(streamed(records(Answer(text="A whole one."))))
    chat.ask("And now?")
    chat.wait_for_end()
    expect(chat.text).to_have_text("A whole one.")
    # What the page still asks for is what it was opened with.
    style = "fetch('app/browser/styles.css').then((answer) => answer.text())"
    assert "#fbfaf8" not in chat.page.evaluate(style)
    expect(chat.page.locator(".toast")).to_have_count(1)
    chat.message.fill("half a thought")
    # Reached by its key; what was being written stays.
    chat.message.press("F8")
    expect(chat.toast.get_by_role("button", name="Reload")).to_be_focused()
    with chat.page.expect_navigation():
        chat.page.keyboard.press("Enter")
    chat.wait_until_ready()
    expect(chat.message).to_have_value("half a thought")
    assert "#fbfaf8" in chat.page.evaluate(style)
    expect(chat.page.locator(".toast")).to_have_count(0)
    expect(chat.answers.locator('[data-part="text"]')).to_have_text(["Half an", "A whole one."])
    chat.new_chat_button.click()
    expect(chat.page.get_by_role("heading", name="A new page?")).to_be_visible()


def wait_until_listed(page: Page) -> None:
    """Wait until the server has compiled an edit: the service worker waits some seconds for it, and
    then gives what it has kept.
    """
    assert page.request.get(f"{page.url.partition('#')[0]}files.json").ok


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
