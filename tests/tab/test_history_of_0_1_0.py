"""Chats that version 0.1.0 kept in a browser are opened as they were.

`history_of_0_1_0.json` was written by that version's own code: of each store the keys and values as
they lay in the database (a file's bytes as base64).
"""

from base64 import b64encode
from pathlib import Path

from pyodide.code import run_js

from app.browser.storage.chat_store import ChatStore
from app.core.messages import File, Reasoning, Text, ToolCall, ToolResult
from app.history.records import CLOSED
from tests.history.chats import ids

KEPT = Path(__file__).with_name("history_of_0_1_0.json")

# Makes the database as 0.1.0 did: its second schema, with values of bytes.
_FILL = """async (text) => {
  const opening = indexedDB.open("tokenfall", 2);
  opening.onupgradeneeded = () => {
    for (const name of ["chats", "messages", "files", "log", "drafts"]) {
      opening.result.createObjectStore(name);
    }
  };
  await new Promise((done, failed) => {
    opening.onsuccess = done;
    opening.onerror = failed;
  });
  const database = opening.result;
  const kept = JSON.parse(text);
  const transaction = database.transaction(Object.keys(kept), "readwrite");
  for (const [name, entries] of Object.entries(kept)) {
    for (const [key, value] of entries) {
      const bytes =
        name === "files"
          ? Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0))
          : new TextEncoder().encode(value);
      transaction.objectStore(name).put(bytes, key);
    }
  }
  await new Promise((done, failed) => {
    transaction.oncomplete = done;
    transaction.onerror = failed;
  });
  database.close();
}"""


async def opened() -> ChatStore:
    """A store over what 0.1.0 left."""
    await run_js(_FILL)(KEPT.read_text("utf-8"))
    store = await ChatStore.open()
    assert store.trouble is None
    return store


async def test_its_chats_have_their_settings() -> None:
    store = await opened()
    chats = {chat.id: chat for chat in await store.chats()}
    assert chats.keys() == {"tree", "died", "failed"}  # the fourth was deleted
    chat = chats["tree"]
    assert (chat.title, chat.is_titled, chat.pinned) == ("What is in this picture?", True, True)
    assert (chat.head, chat.draft, chat.updated_ms) == ("a5", "And the", 1_763_500_009_000)
    settings = chat.settings
    assert settings.model == "own https://api.example.org/v1 otter-1"
    assert (settings.instructions, settings.temperature) == ("Answer briefly.", 0.5)
    assert (settings.tools, settings.streaming) == (["calculate"], False)
    assert settings.extra == {"seed": 7}
    assert chat.brought is None, "its own chats need nobody's yes"


async def test_a_tree_has_its_branches_files_tools_and_numbers() -> None:
    store = await opened()
    tree = await store.load("tree")
    assert tree is not None
    assert ids(tree.path()) == "q1 a2 q4 a4 t4 a5"
    text, picture = tree["q1"].message.parts
    data = b64encode(bytes(range(256)) * 4).decode()
    assert text == Text("What is in this picture?")
    assert picture == File(f"data:image/png;base64,{data}", "image/png", "lamp.png")
    answer = tree["a2"].message
    assert answer.parts[0] == Reasoning("It is round.", {"signature": "sig"})
    assert (answer.text, [one.url for one in answer.sources]) == (
        "A lamp.",
        ["https://example.org/lamps"],
    )
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.reasoning_tokens) == (12, 2)
    assert (tree["a2"].source, tree["a2"].thought_s) == ("Otter · otter-1", [1.5])
    assert (tree["a3"].parent, tree["a3"].message.status) == ("q1", "aborted")
    assert tree["a4"].message.parts == [ToolCall("call_1", "calculate", '{"expression":"2*7"}')]
    assert tree["a4"].took_s == {"call_1": 0.25}
    assert tree["t4"].message.parts == [ToolResult("call_1", "14", "calculate")]
    assert (tree["a5"].tries, tree["a5"].lost_s) == (2, 3.5)


async def test_what_had_no_end_is_there_as_far_as_it_came() -> None:
    store = await opened()
    tree = await store.load("died")
    assert tree is not None
    answer = tree["a2"]
    assert (answer.message.text, answer.message.status) == ("Owls fly at night", "incomplete")
    assert (answer.note, answer.source, answer.message.mode) == (CLOSED, "Demo", "streaming")
    failed = await store.load("failed")
    assert failed is not None
    message = failed["a2"].message
    assert message.error is not None
    assert (message.status, message.error.status, message.warnings) == ("error", 503, ["odd"])


async def test_what_was_not_sent_is_still_there() -> None:
    store = await opened()
    [attached] = await store.outbox.read("tree", "attached")
    assert attached.parts == [File("data:text/plain;base64,aGk=", "text/plain", "a.txt")]
    [waiting] = await store.outbox.take_waiting("tree")
    assert waiting.parts == [Text("And how high?")]
