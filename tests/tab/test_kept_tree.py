"""The tree of an open chat beside another tab that keeps the same one, and the page's server."""

import asyncio

import pytest

from app.browser.conversation import kept_tree
from app.browser.conversation.answer_runs import AnswerRuns
from app.browser.conversation.kept_tree import KeptTree
from app.browser.storage.chat_store import ChatStore
from app.browser.web import toast
from app.history.tree import Tree
from app.scripted import demo
from app.scripted.transport import ScriptedTransport
from tests.history.chats import branched
from tests.tab.slow_store import SlowStore

# Only a test that fails waits so long, in seconds.
LIMIT_S = 60.0


class Server:
    """The page's server, as far as answers are deleted there."""

    def __init__(self) -> None:
        self.deleted: list[tuple[str, str]] = []
        self.is_away = False

    async def delete_run(self, run: str, message_id: str) -> bool:
        if not self.is_away:
            self.deleted.append((run, message_id))
        return not self.is_away


class Runs(AnswerRuns):
    """Those of a page with this server."""

    def __init__(self) -> None:
        super().__init__(ScriptedTransport(demo.reply_for))
        self._server = Server()

    @property
    def server(self) -> Server:
        return self._server


async def kept(store: ChatStore, tree: Tree) -> Tree:
    """The tree as it is read once it is kept."""
    await store.save_chat(tree.chat)
    await store.save_messages(tree.records())
    found = await store.load(tree.chat.id)
    assert found is not None
    return found


async def test_what_this_tab_deletes_while_it_reads_stays_deleted() -> None:
    store = await SlowStore.open()
    store.let.set()
    mine = KeptTree(await kept(store, branched()), store, Runs())
    store.read.clear()
    store.let.clear()
    async with asyncio.timeout(LIMIT_S):
        reading = asyncio.ensure_future(mine.read())
        await store.read.wait()
        mine.take_out("a5")
        store.let.set()
        tree = await reading
    assert tree is not None
    mine.take_in(tree, is_growing=False)
    assert "a5" not in mine.tree
    assert mine.chat.head in mine.tree


async def turns_of_the_loop() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_deleted_answer_goes_from_the_server_once_it_cannot_be_undone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_tree, "_UNDO_S", 0)
    shown: list[str] = []
    monkeypatch.setattr(toast, "is_shown", lambda: bool(shown))
    tree = branched()
    for record in tree.records():
        record.run = record.id if record.message.role == "assistant" else ""
    store, runs = await ChatStore.open(), Runs()
    mine = KeptTree(await kept(store, tree), store, runs)
    top = mine.tree.path()[-2]
    assert top.message.role == "user"
    answers = {one.run for one in mine.tree.records() if one.parent == top.id}
    shown.append("Message deleted")
    removed = mine.remove(top.id, going_on=())
    await turns_of_the_loop()
    mine.restore(removed)
    shown.clear()
    await turns_of_the_loop()
    assert runs.server.deleted == []
    runs.server.is_away = True
    mine.remove(top.id, going_on=())
    await turns_of_the_loop()
    assert mine.chat.gone == dict.fromkeys(answers, top.id)  # kept for the next visit
    runs.server.is_away = False
    await mine.delete_left()
    assert set(runs.server.deleted) == {(run, top.id) for run in answers}
    assert mine.chat.gone == {}


async def test_answers_that_go_on_are_deleted_by_their_own_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_tree, "_UNDO_S", 0)
    monkeypatch.setattr(toast, "is_shown", lambda: False)
    tree = branched()
    tree["a5"].run = "a5"
    store, runs = await ChatStore.open(), Runs()
    mine = KeptTree(await kept(store, tree), store, runs)
    mine.remove("a5", going_on={"a5"})
    await turns_of_the_loop()
    assert runs.server.deleted == []
    assert mine.chat.gone == {}
