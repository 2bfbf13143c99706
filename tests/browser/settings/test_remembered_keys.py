"""A remembered key is of no use to what runs on this port next, and is lost by nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.chat_page import ChatPage
from tests.browser.elsewhere import KEY
from tests.browser.long_times import let_pass_until
from tests.browser.settings.test_key_nowhere import _DATABASES
from tests.live_server import LiveServer, live_server

_STORAGES = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
_FAILED = r"net::ERR_(FAILED|CONNECTION_REFUSED)"


# Puts a key into all kept answers, as a provider's words came through in 0.1.0.
_AS_0_1_0_KEPT = """
(key) => new Promise((resolve) => {
  indexedDB.open("tokenfall").onsuccess = ({ target: { result: database } }) => {
    const transaction = database.transaction("messages", "readwrite");
    const places = transaction.objectStore("messages").openCursor();
    places.onsuccess = ({ target: { result: place } }) => {
      if (!place) return;
      const line = new TextDecoder().decode(place.value).replaceAll("the Demo", key);
      place.update(new TextEncoder().encode(line));
      place.continue();
    };
    transaction.oncomplete = () => { database.close(); resolve(); };
  };
})
"""


def storages(page: Page) -> str:
    return str(page.evaluate(_STORAGES))


def asks_with_the_key(chat: ChatPage) -> None:
    """The provider refuses who has no key, or another one."""
    chat.ask("Who is it?")
    chat.wait_for_end()
    expect(chat.text).to_contain_text("the Demo")


@contextmanager
def stranger(port: int) -> Iterator[None]:
    """Another program on the same port, which writes down all that its page can read."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>stranger</title>")

        def do_POST(self) -> None:
            self.send_response(404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def refuse(route: Route) -> None:
    route.abort()


def test_the_next_program_on_the_port_finds_no_key(
    new_chat: Callable[..., ChatPage], elsewhere: LiveServer, tmp_path: Path
) -> None:
    elsewhere.reset()
    base_url = f"{elsewhere.url}/v1"
    with live_server(keys=tmp_path / "keys") as server:
        port = server.port
        chat = new_chat(server.address)
        page = chat.page
        chat.open()
        # What 0.1.0 had remembered moves at the first start, without a word.
        page.evaluate(
            "([name, key]) => localStorage.setItem(name, key)", [f"tokenfall.key:{base_url}", KEY]
        )
        page.reload()
        chat.wait_until_ready()
        expect_no_key(page)
        chat.use_provider(base_url, "demo", KEY, remember=True)
        expect_no_key(page)
        asks_with_the_key(chat)
        expect_only_in_memory(page)
        page.reload()
        chat.wait_until_ready()
        asks_with_the_key(chat)
        # A tab of 0.1.0, open beside this one, remembers another key and gets no other tab in
        # trouble.
        old = page.context.new_page()
        old.goto(f"{server.url}/api/status")
        old.evaluate(
            "([name, key]) => localStorage.setItem(name, key)",
            [f"tokenfall.key:{base_url}", KEY],
        )
        expect_no_key(page)
        assert len(list((tmp_path / "keys").iterdir())) == 1
        old.close()
        asks_with_the_key(chat)
        chat.watch.check()
        page.goto("about:blank")
    with stranger(port):
        page.goto(f"http://localhost:{port}/")
        expect(page).to_have_title("stranger")
        seen = storages(page) + str(page.evaluate(_DATABASES))
        assert base_url in seen
        assert KEY not in seen
        page.goto("about:blank")
    chat.watch.check()


def expect_no_key(page: Page) -> None:
    """None is here: the server has it, and has forgotten the one before."""
    page.wait_for_function(
        f"key => ![key, 'tokenfall.forget:'].some((one) => ({_STORAGES}).includes(one))", arg=KEY
    )


def expect_only_in_memory(page: Page) -> None:
    assert KEY not in storages(page) + str(page.evaluate(_DATABASES))


def test_a_key_waits_for_its_server_and_a_lost_one_is_asked_for(
    chat: ChatPage, elsewhere: LiveServer
) -> None:
    elsewhere.reset()
    page, context = chat.page, chat.page.context
    chat.use_provider(f"{elsewhere.url}/v1", "demo", KEY, remember=True)
    expect_no_key(page)
    chat.watch.expect(_FAILED, "status of 40[14]")

    # The page is there without its server, as an installed one is.
    context.route("**/api/keys/*", refuse)
    page.reload()
    chat.wait_until_ready()
    expect(chat.hint).to_contain_text("waits for the server of this page")
    chat.ask("Who is it?")
    expect(chat.notice).to_contain_text("Start serve.py")
    settings = chat.open_settings()
    expect(chat.providers.first).to_contain_text("Key waits for the server")
    # To change something else does not take the key away.
    settings.get_by_label("Model", exact=True).fill("otter-small")
    chat.save_settings()
    assert "tokenfall.ticket:" in storages(page)
    context.unroute("**/api/keys/*", refuse)
    hint = "document.querySelector('.hint').textContent"
    let_pass_until(page, f"!{hint}.includes('waits for the server')")
    expect(chat.hint).not_to_contain_text("waits for the server")
    asks_with_the_key(chat)

    # The server has lost it.
    lose_the_keys(context, chat)
    page.reload()
    chat.wait_until_ready()
    expect(chat.hint).to_contain_text("no longer kept")
    settings = chat.open_settings()
    expect(chat.providers.first).to_contain_text("Enter the key again")
    settings.get_by_label("API key").fill(KEY)
    chat.save_settings()
    expect(chat.hint).not_to_contain_text("no longer kept")
    expect_no_key(page)
    asks_with_the_key(chat)

    # 0.1.0 has let a provider's words through: they are in no export, and go when it is forgotten.
    page.evaluate(_AS_0_1_0_KEPT, KEY)
    assert KEY in str(page.evaluate(_DATABASES))
    page.reload()
    chat.wait_until_ready()
    expect(chat.text).to_contain_text(KEY)
    with page.expect_download() as download:
        chat.choose_in_menu("Who is it?", "Export as JSON")
    assert KEY not in download.value.path().read_text("utf-8")

    # Forget forgets, in every tab, on the server and in the chats.
    settings = chat.open_settings()
    ticket = page.evaluate(
        "Object.entries(localStorage).find(([name]) => name.startsWith('tokenfall.ticket:'))[1]"
    )
    settings.get_by_role("button", name="Forget this provider").click()
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((name) => /ticket|forget:/.test(name))"
    )
    opened = page.evaluate(
        """async (ticket) => (await (await fetch("api/keys/open", { method: "POST",
           body: JSON.stringify({ tickets: [ticket] }) })).json()).keys""",
        ticket,
    )
    assert opened == {}
    expect(chat.text).to_contain_text("(hidden)")
    assert KEY not in storages(page) + str(page.evaluate(_DATABASES))


def lose_the_keys(context: BrowserContext, chat: ChatPage) -> None:
    """The browser has a ticket of which the server knows nothing."""
    chat.page.evaluate(
        """() => { for (const name of Object.keys(localStorage))
           if (name.startsWith("tokenfall.ticket:")) localStorage[name] = "of-another-server" }"""
    )
