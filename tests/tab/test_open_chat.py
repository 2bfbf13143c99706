"""An open chat beside another tab that keeps the same one."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.browser.conversation import open_chat
from app.browser.conversation.open_chat import OpenChat
from app.browser.conversation.run_settings import RunSettings
from app.browser.models.model_options import ModelOption
from app.browser.storage.chat_store import ChatStore
from app.core.messages import Text
from app.core.options import Options
from app.core.wire.transport import Transport
from app.history.records import ChatRecord
from app.history.tree import Tree
from app.providers import PROVIDERS
from app.scripted import demo
from app.scripted.transport import ScriptedTransport
from tests.history.chats import branched

# Only a test that fails waits so long, in seconds.
LIMIT_S = 60.0


class SlowStore:
    """A store whose reading takes until `let` is set."""

    def __init__(self, store: ChatStore) -> None:
        self._store = store
        self.read = asyncio.Event()
        self.let = asyncio.Event()

    async def load(self, chat_id: str) -> Tree | None:
        tree = await self._store.load(chat_id)
        self.read.set()
        await self.let.wait()
        return tree

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Host:
    """The Demo answers; `ended` is set when it has."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.deleted: list[tuple[str, str]] = []
        self.is_away = False

    async def delete_run_on_server(self, run: str, message_id: str) -> bool:
        if not self.is_away:
            self.deleted.append((run, message_id))
        return not self.is_away

    def run_settings(
        self, chat: ChatRecord, model: str = "", streaming: bool | None = None
    ) -> RunSettings:
        transport = ScriptedTransport(demo.reply_for)
        option = ModelOption("demo", "Demo", PROVIDERS["demo"], demo.MODEL, transport)
        return RunSettings(option, Options(), streaming=False)

    def carrier(self, answer_id: str, run_settings: RunSettings) -> Transport:
        return run_settings.model_option.transport

    def on_server(self, *_: Any) -> Any:
        raise AssertionError("the Demo answers in the tab")

    begin_on_server = follow_on_server = cancel_on_server = on_server

    def on_end(self, *_: Any) -> None:
        self.ended.set()

    def on_tree(self, *_: Any) -> None: ...

    on_begin = on_tree

    def on_batch(self, *_: Any, is_text: bool) -> None:
        pass


async def reloaded_during(act: Callable[[OpenChat, Host], Any]) -> OpenChat:
    """An open chat that was being read anew, for another tab had kept something, while this one
    did something.
    """
    store = await ChatStore.open()
    tree = branched()
    await store.save_chat(tree.chat)
    await store.save_messages(tree.records())
    slow, host = SlowStore(store), Host()
    kept = await store.load("c")
    assert kept is not None
    chat = OpenChat(kept, slow, host)
    async with asyncio.timeout(LIMIT_S):
        reloading = asyncio.ensure_future(chat.reload())
        await slow.read.wait()
        await act(chat, host)
        slow.let.set()
        await reloading
    return chat


async def test_what_this_tab_deletes_while_it_reads_stays_deleted() -> None:
    async def delete(chat: OpenChat, host: Host) -> None:
        chat.remove("a5")

    chat = await reloaded_during(delete)
    assert "a5" not in chat.tree
    assert chat.chat.head in chat.tree


async def test_an_answer_of_this_tab_that_ends_while_it_reads_is_shown_whole() -> None:
    async def ask(chat: OpenChat, host: Host) -> None:
        chat.send([Text("Hello")])
        await host.ended.wait()

    chat = await reloaded_during(ask)
    question, answer = chat.tree.path()[-2:]
    assert question.message.text == "Hello"
    assert answer.message.status == "complete"
    assert answer.message.text


async def chat_with_runs(host: Host) -> OpenChat:
    """A chat whose answers the page's server gave, under their own ids."""
    store = await ChatStore.open()
    tree = branched()
    for record in tree.records():
        record.run = record.id if record.message.role == "assistant" else ""
    await store.save_chat(tree.chat)
    await store.save_messages(tree.records())
    kept = await store.load("c")
    assert kept is not None
    return OpenChat(kept, store, host)


async def turns_of_the_loop() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_deleted_answer_goes_from_the_server_once_it_cannot_be_undone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(open_chat, "_UNDO_S", 0)
    host = Host()
    chat = await chat_with_runs(host)
    top = chat.tree.path()[-2]
    assert top.message.role == "user"
    runs = {one.run for one in chat.tree.records() if one.parent == top.id}
    chat.restore(chat.remove(top.id))
    await turns_of_the_loop()
    assert host.deleted == []
    host.is_away = True
    chat.remove(top.id)
    await turns_of_the_loop()
    assert chat.chat.gone == dict.fromkeys(runs, top.id)  # kept for the next visit
    host.is_away = False
    await chat.take_up()
    assert set(host.deleted) == {(run, top.id) for run in runs}
    assert chat.chat.gone == {}
