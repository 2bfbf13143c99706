"""Storage of chats: full, forbidden, out to a file and in again, and away with all."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import expect

from app.history import stored
from app.history.transfer import to_json
from app.history.tree import Tree
from tests.browser.chat_page import ChatPage
from tests.browser.kept import FULL, open_with, said
from tests.browser.kept import chat as kept_chat_of

# The keys of chats and messages.
_LEFT = """
async () => {
  const { openDatabase } = await import("/app/browser/storage/database.mjs");
  const database = await openDatabase(() => {});
  const keys = [...(await database.keys("chats")), ...(await database.keys("messages"))];
  database.close();
  return keys.map(String);
}
"""


def test_a_full_storage_says_so_and_loses_nothing(chat: ChatPage) -> None:
    chat.ask("First question")
    chat.wait_for_end()
    chat.page.evaluate(FULL, True)
    chat.ask("Second question")
    chat.wait_for_end()
    note = chat.page.get_by_role("alert").filter(has_text="storage of this browser is full")
    expect(note).to_be_visible()
    expect(chat.questions).to_have_count(2)
    expect(chat.answers).to_have_count(2)
    chat.new_chat_button.first.click()
    chat.row("First question").get_by_role("link").click()
    expect(chat.questions).to_have_count(2)
    expect(chat.answers).to_have_count(2)
    chat.page.evaluate(FULL, False)
    note.get_by_role("button", name="Chats and storage").click()
    dialog = chat.page.get_by_role("dialog", name="Chats and storage")
    with chat.page.expect_download() as download:
        dialog.get_by_role("button", name="Export all", exact=True).click()
    exported = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert len(exported["chats"][0]["messages"]) == 4
    dialog.get_by_role("button", name="Close").click()
    chat.ask("Third question")
    chat.wait_for_end()
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.questions).to_have_count(3)
    expect(chat.answers).to_have_count(3)


def test_while_the_storage_is_full_what_is_deleted_stays_so_and_a_new_title_waits_for_room(
    unopened_chat: ChatPage,
) -> None:
    chat = unopened_chat
    kept = [kept_chat_of(1, "First title"), kept_chat_of(2, "Away with this")]
    open_with(chat, kept, [line for one in kept for line in said(one, "Where?", "There.")])
    chat.page.evaluate(FULL, True)
    chat.choose_in_menu("Away with this", "Delete chat")
    # Opened while it is being written again.
    undo = chat.toast.get_by_role("button", name="Undo")
    undo.evaluate("button => { button.click(); location.hash = '#/chat/chat2'; }")
    expect(chat.answers).to_contain_text("There.")
    chat.choose_in_menu("Away with this", "Delete chat")
    expect(chat.page.get_by_role("alert").filter(has_text="storage")).to_be_visible()
    expect(chat.rows).to_have_text([re.compile("First title")])
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.rows).to_have_text([re.compile("First title")])
    left = chat.page.evaluate(_LEFT)
    assert left == ["chat1", "chat1,a1", "chat1,q1"]

    # A title that has no room is kept when there is.
    chat.page.evaluate(FULL, True)
    for item in ("Pin", "Rename"):
        chat.choose_in_menu("First title", item)
    field = chat.page.get_by_role("textbox", name="New title of First title")
    field.fill("Second title")
    field.press("Enter")
    expect(chat.row("Second title")).to_be_visible()
    expect(chat.page.get_by_role("alert").filter(has_text="storage")).to_be_visible()
    chat.page.evaluate(FULL, False)
    chat.ask("Another chat")
    chat.wait_for_end()
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.row("Second title")).to_be_visible()
    expect(chat.headings.first).to_have_text("Pinned")


# PyScript has databases of its own, which are not what this is about.
_FORBIDDEN = """
const factory = IDBFactory.prototype;
const realOpen = factory.open;
factory.open = function (name, ...rest) {
  if (name === "tokenfall") throw new DOMException("not here", "SecurityError");
  return realOpen.call(this, name, ...rest);
};
"""


def test_where_the_browser_forbids_storage_the_page_says_so_and_works(
    unopened_chat: ChatPage,
) -> None:
    chat = unopened_chat
    chat.page.add_init_script(_FORBIDDEN)
    chat.open()
    expect(chat.page.get_by_role("alert").filter(has_text="private window")).to_be_visible()
    chat.ask("First question")
    chat.wait_for_end()
    chat.new_chat_button.first.click()
    chat.row("First question").get_by_role("link").click()
    expect(chat.questions).to_contain_text("First question")
    chat.page.get_by_role("button", name="Chats and storage").last.click()
    expect(chat.page.get_by_role("dialog")).to_contain_text("Nothing is kept")


# What an earlier version of the page has left: the schema as it began.
_KEPT_EARLIER = """
async (lines) => {
  const { openDatabase, SCHEMA } = await import("/app/browser/storage/database.mjs");
  await new Promise((done) => {
    indexedDB.deleteDatabase("tokenfall").onsuccess = done;
  });
  const database = await openDatabase(() => {}, "tokenfall", SCHEMA.slice(0, 1));
  const encoder = new TextEncoder();
  await database.write(lines.map(([store, key, line]) => [store, key, encoder.encode(line)]));
  database.close();
}
"""
_NO_UPGRADE = """
const bases = IDBDatabase.prototype;
const realCreate = bases.createObjectStore;
bases.createObjectStore = function (name, ...rest) {
  if (name === "drafts" && sessionStorage.noUpgrade) throw new DOMException("no", "UnknownError");
  return realCreate.call(this, name, ...rest);
};
"""
_VERSION = """
async () => (await indexedDB.databases()).find(({ name }) => name === "tokenfall").version
"""


def test_an_upgrade_that_fails_leaves_all_as_it_was_and_the_page_says_so(
    unopened_chat: ChatPage,
) -> None:
    chat = unopened_chat
    chat.open_without_python()
    kept = kept_chat_of(1, "An early chat")
    lines: list[tuple[str, str | list[str], str]] = [
        ("chats", kept.id, stored.chat_line(kept).decode())
    ]
    for record in said(kept, "Where?", "There."):
        line = stored.message_line(record)[0].decode()
        lines.append(("messages", [kept.id, record.id], line))
    chat.page.evaluate(_KEPT_EARLIER, lines)
    chat.page.add_init_script(_NO_UPGRADE)
    chat.page.evaluate("sessionStorage.noUpgrade = 'yes'")
    chat.open()
    expect(chat.page.get_by_role("alert").filter(has_text="could not take over")).to_be_visible()
    expect(chat.rows).to_have_count(0)
    chat.ask("Does it work all the same?")
    chat.wait_for_end()
    assert chat.page.evaluate(_VERSION) == 1
    chat.page.evaluate("sessionStorage.removeItem('noUpgrade')")
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.rows).to_have_text([re.compile("An early chat")])
    chat.row("An early chat").get_by_role("link").click()
    expect(chat.answers).to_contain_text("There.")
    expect(chat.page.locator("#storage-note")).to_be_hidden()


_BROKEN_STEP = """
async () => {
  const { openDatabase, SCHEMA } = await import("/app/browser/storage/database.mjs");
  const name = "upgraded";
  const encoder = new TextEncoder();
  const before = await openDatabase(() => {}, name, SCHEMA);
  await before.write([["chats", "a", encoder.encode("kept")]]);
  before.close();
  const steps = [
    (database) => database.createObjectStore("more"),
    (_database, transaction) => {
      transaction.objectStore("chats").delete("a");
      throw new Error("a record is missing");
    },
  ];
  const failure = await openDatabase(() => {}, name, [...SCHEMA, ...steps]).catch((error) => error);
  const after = await openDatabase(() => {}, name, SCHEMA);
  const left = new TextDecoder().decode(await after.one("chats", "a"));
  after.close();
  indexedDB.deleteDatabase(name);
  return [failure.name, left];
}
"""


def test_a_step_of_an_upgrade_that_throws_takes_back_those_before_it(
    unopened_chat: ChatPage,
) -> None:
    chat = unopened_chat
    chat.open_without_python()
    assert chat.page.evaluate(_BROKEN_STEP) == ["UpgradeError", "kept"]


def test_chats_go_out_to_a_file_and_come_in_again(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    first, second = kept_chat_of(1, "First chat"), kept_chat_of(2, "Second chat")
    messages = [*said(first, "Where?", "There."), *said(second, "When?", "Then.")]
    open_with(chat, [first, second], messages)
    with chat.page.expect_download() as download:
        chat.choose_in_menu("First chat", "Export as Markdown")
    assert download.value.suggested_filename == "First chat.md"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text == "# First chat\n\n## You\n\nWhere?\n\n## Demo\n\nThere.\n"
    chat.page.get_by_role("button", name="Chats and storage").click()
    dialog = chat.page.get_by_role("dialog", name="Chats and storage")
    with chat.page.expect_download() as download:
        dialog.get_by_role("button", name="Export all", exact=True).click()
    file = Path(download.value.path())
    assert re.fullmatch(r"tokenfall-chats-[\d-]+\.json", download.value.suggested_filename)
    with chat.page.expect_download() as download:
        dialog.get_by_role("button", name="Export all as Markdown").click()
    assert download.value.suggested_filename.endswith(".zip")
    with ZipFile(download.value.path()) as opened:
        assert sorted(opened.namelist()) == ["First chat.md", "Second chat.md"]
        assert opened.read("First chat.md").decode() == text
    expect(dialog).to_contain_text("All chats exported.")
    dialog.get_by_role("button", name="Delete all").click()
    confirm = chat.page.get_by_role("alertdialog", name="Delete all 2 chats?")
    confirm.get_by_role("button", name="Delete all").click()
    expect(dialog).to_contain_text("2 chats deleted.")
    expect(chat.rows).to_have_count(0)
    with chat.page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="Import").click()
    chooser.value.set_files(file)
    expect(dialog).to_contain_text("2 chats imported.")
    dialog.get_by_role("button", name="Close").click()
    chat.page.reload()
    chat.wait_until_ready()
    chat.row("Second chat").get_by_role("link").click()
    expect(chat.questions).to_contain_text("When?")
    expect(chat.answers).to_contain_text("Then.")


# Presses Stop in the first moment that some chats have been saved.
STOP_EARLY = """() => {
  const doing = document.querySelector("#data-doing");
  new MutationObserver((_, observer) => {
    if (!/^Saving [1-9]/.test(doing.textContent)) return;
    observer.disconnect();
    document.querySelector("#data-stop").click();
  }).observe(doing, { childList: true });
}"""


def test_a_large_import_shows_how_far_it_is_and_can_be_stopped(chat: ChatPage) -> None:
    trees = [Tree(one, said(one, "What?", "That.")) for one in map(kept_chat_of, range(300))]
    file = {"name": "a.json", "mimeType": "application/json", "buffer": to_json(trees, 7)}
    dialog = chat.page.get_by_role("dialog", name="Chats and storage")
    field = chat.page.locator("#import-file")
    chat.page.evaluate(STOP_EARLY)
    field.set_input_files(file)  # type: ignore[arg-type]
    expect(dialog).to_contain_text(re.compile(r"Import stopped: \d+ of 300 chats imported\."))
    kept = int(chat.page.locator("#data-chats").text_content() or "")
    assert 0 < kept < 300
    expect(dialog.get_by_role("button", name="Stop")).to_be_hidden()
    field.set_input_files(file)  # type: ignore[arg-type]
    expect(dialog).to_contain_text(f"{300 - kept} chats imported. {kept} chats of the file")
    expect(dialog).not_to_contain_text("Import stopped")
    expect(chat.page.locator("#data-chats")).to_have_text("300")


def test_an_import_brings_back_what_was_just_deleted(new_chat: Callable[..., ChatPage]) -> None:
    chat = new_chat(is_apart=True)  # for the clock is that of all its tabs
    chat.page.clock.install()
    chat.open()
    chat.wait_until_ready()
    one = kept_chat_of(1, "Deleted by mistake")
    file = {
        "name": "a.json",
        "mimeType": "application/json",
        "buffer": to_json([Tree(one, said(one, "Where?", "There."))], 7),
    }
    field = chat.page.locator("#import-file")
    field.set_input_files(file)  # type: ignore[arg-type]
    expect(chat.answers).to_contain_text("There.")
    chat.choose_in_menu("Deleted by mistake", "Delete")
    expect(chat.rows).to_have_count(0)
    field.set_input_files(file)  # type: ignore[arg-type]
    expect(chat.answers).to_contain_text("There.")
    chat.page.clock.run_for(20_000)
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.answers).to_contain_text("There.")


def test_a_file_that_is_not_ours_is_refused_with_a_reason(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.page.get_by_role("button", name="Chats and storage").click()
    dialog = chat.page.get_by_role("dialog", name="Chats and storage")
    with chat.page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="Import").click()
    file = {"name": "a.json", "mimeType": "application/json", "buffer": b'{"title": "mine"}'}
    chooser.value.set_files(file)  # type: ignore[arg-type]
    expect(dialog).to_contain_text("No chats that can be read are in this file.")
    dialog.get_by_role("button", name="Close").click()


def test_the_dialog_tells_how_much_is_used(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.ask("First question")
    chat.wait_for_end()
    chat.page.get_by_role("button", name="Chats and storage").click()
    dialog = chat.page.get_by_role("dialog", name="Chats and storage")
    expect(dialog).to_contain_text(
        re.compile(
            r"Storage used[\d.]+ \w+, [\d.]+ % of [\d.]+ \wB: "
            r"your chats [\d.]+ \w+, the app itself [\d.]+ \w+"
        )
    )
    expect(dialog).to_contain_text("may clear your chats")
    dialog.get_by_role("button", name="Ask the browser to keep them").click()
    expect(dialog.get_by_role("status")).not_to_be_empty()
    dialog.get_by_role("button", name="Close").click()
