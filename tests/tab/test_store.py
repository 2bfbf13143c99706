"""Kept chats are there in the next visit, in every tab, and whatever killed the last one."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import msgspec
import pytest

from app.browser.storage import deletions, outbox
from app.browser.storage.chat_store import ChatStore
from app.browser.storage.database import Change, StorageError
from app.browser.storage.deletions import Marks
from app.browser.storage.outbox import OutboxItem
from app.browser.storage.tabs import (
    AnswerBegun,
    AnswerEnded,
    AnswerGrew,
    ChatsChanged,
    MessagesChanged,
    TabMessage,
    Tabs,
)
from app.browser.web import web_storage
from app.browser.web.ids import now_ms
from app.core.events import ContentDelta, Done
from app.core.messages import File, Message, Part, Text
from app.history.records import ChatSettings, MessageRecord
from tests.history.chats import answer, branched, chat, ids, question

# Only a test that fails waits so long, in seconds.
LIMIT_S = 60.0

PICTURE = File("data:image/png;base64," + b64encode(bytes(3000)).decode(), "image/png", "a.png")


async def kept() -> ChatStore:
    """A store that holds the branched chat."""
    store = await ChatStore.open()
    tree = branched()
    await store.save_chat(tree.chat)
    await store.save_messages(tree.records())
    return store


class Listener:
    """Another tab, which notes what a store tells from now on."""

    def __init__(self, store: ChatStore) -> None:
        self._store = store
        self._news: asyncio.Queue[TabMessage] = asyncio.Queue()
        Tabs().listen(self._news.put_nowait)

    @classmethod
    async def behind(cls, store: ChatStore) -> "Listener":
        listener = cls(store)
        await listener.heard()
        return listener

    async def heard(self) -> list[TabMessage]:
        """List the messages so far; they come in the order in which they are told."""
        last, found = ChatsChanged(["the last"]), list[TabMessage]()
        self._store.tabs.tell(last)
        while (news := await asyncio.wait_for(self._news.get(), LIMIT_S)) != last:
            found.append(news)
        return found


def growing(id: str = "a6") -> MessageRecord:
    return MessageRecord(id, "c", 6, Message("assistant"), "q4")


async def shown(store: ChatStore, chat_id: str = "c") -> str:
    tree = await store.load(chat_id)
    return ids(tree.path()) if tree is not None else "nothing"


async def test_what_was_kept_is_there_in_the_next_visit() -> None:
    await kept()
    store = await ChatStore.open()
    assert store.trouble is None
    assert [each.id for each in await store.chats()] == ["c"]
    tree = await store.load("c")
    assert tree is not None
    assert tree.records() == branched().records()
    assert ids(tree.path()) == "q1 a2 q4 a5"
    assert await store.load("d") is None


async def test_two_tabs_change_their_own_fields_of_a_chat() -> None:
    one, two = await kept(), await ChatStore.open()
    await asyncio.gather(
        one.change_chats(["c"], title="New", is_titled=True),
        two.change_chats(["c"], draft="half a thought"),
        one.change_chats(["c"], pinned=True),
        two.change_chats(["gone"], pinned=True),
    )
    [found] = await one.chats()
    assert (found.title, found.draft, found.pinned, found.head) == (
        "New",
        "half a thought",
        True,
        "a5",
    )


async def test_saving_a_chat_keeps_what_another_tab_changed_meanwhile() -> None:
    one, two = await kept(), await ChatStore.open()
    mine, theirs = await one.load("c"), await two.load("c")
    assert mine is not None
    assert theirs is not None
    theirs.chat.title = "New"
    theirs.chat.head = "a2"
    mine.chat.head = "a3"
    mine.chat.title = "Old"
    await two.save_chat(theirs.chat, "title", "head")
    await one.save_chat(mine.chat, "head")
    await two.deletions.purge(["d"])
    [found] = await one.chats()
    assert (found.title, found.head) == ("New", "a3")


async def test_two_tabs_change_settings_of_their_own_of_a_chat() -> None:
    one, two = await kept(), await ChatStore.open()
    await asyncio.gather(
        one.change_settings(["c"], model="otter", temperature=0.5),
        two.change_settings(["c"], tools=["calculate"]),
        one.change_settings(["c"], temperature=None, top_p=0.9),
    )
    [found] = await two.chats()
    assert found.settings == ChatSettings(model="otter", top_p=0.9, tools=["calculate"])
    one.make_temporary("t")
    await one.save_chat(chat("t"))
    await one.change_settings(["t"], top_p=0.1)
    await one.change_settings(["t"], model="mole")
    kept_here = await one.chat("t")
    assert kept_here is not None
    assert kept_here.settings == ChatSettings(model="mole", top_p=0.1)


async def test_a_deleted_chat_can_come_back_until_it_is_purged() -> None:
    store = await kept()
    await store.deletions.delete(["c"])
    assert await store.chats() == []
    assert await store.load("c") is None
    await store.deletions.purge()  # of an earlier visit: this one was deleted just now
    await store.deletions.undo(["c"])
    assert await shown(store) == "q1 a2 q4 a5"
    await store.deletions.delete(["c"])
    await store.deletions.purge(["c"])
    await store.deletions.undo(["c"])
    assert await store.chats() == []
    assert await store._lasting.read("messages") == b""


async def test_what_was_deleted_at_an_earlier_visit_is_removed() -> None:
    store = await kept()
    await store.change_chats(["c"], deleted_ms=1)
    await store.deletions.purge()
    assert await store._lasting.read("chats") == b""


async def test_a_chat_that_another_tab_can_bring_back_still_is_not_removed_by_a_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, other = await kept(), await ChatStore.open()
    await store.deletions.delete(["c"])
    after_ms = now_ms() + deletions._UNDO_MS + 1000
    monkeypatch.setattr(deletions, "now_ms", lambda: after_ms)
    store.deletions.hold(["c"])
    await other.deletions.purge()
    assert await other.chats() == []
    await store.deletions.undo(["c"])
    assert await shown(store) == "q1 a2 q4 a5"
    assert not Marks().all()
    await store.deletions.delete(["c"])
    store.deletions.hold(["c"])
    after_ms += deletions._UNDO_MS + 1000
    await other.deletions.purge()
    assert await store._lasting.read("chats") == b"", "the tab that held it is gone"
    assert not Marks().all()


async def test_removed_messages_come_back_with_their_files() -> None:
    store = await kept()
    asked = question("q7")
    asked.message.parts.append(PICTURE)
    await store.save_messages([asked])
    assert len(await store._lasting.entries("files", "c")) == 1
    tree = await store.load("c")
    assert tree is not None
    removed = tree.remove("q7")
    assert removed[0].message.files == [PICTURE]
    await store.delete_messages(removed)
    assert await store._lasting.entries("files", "c") == []
    await store.save_messages(removed)
    tree = await store.load("c")
    assert tree is not None
    assert tree["q7"].message.files == [PICTURE]


async def test_an_answer_is_one_record_at_its_end() -> None:
    store = await kept()
    log = store.log(growing())
    for word in ("one ", "two ", "three"):
        log.append([ContentDelta(word)])
    whole = growing()
    whole.message = Message("assistant", [Text("one two three")], status="complete")
    await log.finish(whole)
    assert await store._lasting.read("log") == b""
    tree = await store.load("c")
    assert tree is not None
    assert tree["a6"] == whole


async def test_an_answer_of_the_pages_server_is_taken_up_where_its_tab_left_it() -> None:
    store = await kept()
    log = store.log(msgspec.structs.replace(growing(), run="a6"))
    log.append([ContentDelta("This much ")], "1")
    await log._beginning
    assert await store.take_up("c") == [], "another tab writes it"
    log.append([ContentDelta("came.")], "2")
    store.flush()
    log._release()
    await asyncio.sleep(0)
    tree = await store.load("c")
    assert tree is not None
    assert (tree["a6"].message.text, tree["a6"].message.status) == ("This much came.", None)
    [(further, known)] = await store.take_up("c")
    assert (known.place, known.events) == ("2", [ContentDelta("This much "), ContentDelta("came.")])
    further.append([ContentDelta(" All.")], "3")
    store.flush()
    again = await store.load("c")
    assert again is not None
    assert again["a6"].message.text == "This much came. All."
    whole = growing()
    whole.message = Message("assistant", [Text("All of it.")], status="complete")
    await further.finish(whole)
    assert await store._lasting.read("log") == b""


async def test_an_answer_of_a_tab_that_is_gone_is_kept_as_far_as_it_came() -> None:
    store = await kept()
    log = store.log(growing())
    log.append([ContentDelta("This much ")])
    await log._beginning
    log.append([ContentDelta("came.")])
    store.flush()  # as when the page is left
    log._release()  # as the browser does for a tab that is killed
    await asyncio.sleep(0)
    tree = await store.load("c")
    assert tree is not None
    assert (tree["a6"].message.text, tree["a6"].message.status) == (
        "This much came.",
        "incomplete",
    )
    assert await store._lasting.read("log") == b"", "folded into a record"
    again = await store.load("c")
    assert again is not None
    assert again["a6"] == tree["a6"]


async def test_an_answer_that_another_tab_writes_is_not_taken_for_a_broken_one() -> None:
    writer, reader = await kept(), await ChatStore.open()
    log = writer.log(growing())
    log.append([ContentDelta("So far")])
    await log._beginning
    tree = await reader.load("c")
    assert tree is not None
    assert (tree["a6"].message.text, tree["a6"].message.status) == ("So far", None)
    assert {each.message_id for each in await reader.tabs.writing()} == {"a6"}
    free = asyncio.ensure_future(reader.tabs.hold("c", "a6"))
    for _ in range(2):  # what it asks the browser first has been answered by then
        await reader.tabs.writing()
    assert not free.done()
    await log.finish(answer("a6", "q4"))
    (await free)()
    async with asyncio.timeout(LIMIT_S):
        while await reader.tabs.writing():  # one that was just let go may still be listed
            await asyncio.sleep(0)


async def test_other_tabs_hear_how_an_answer_grows() -> None:
    store = await kept()
    other = await Listener.behind(store)
    log = store.log(growing())
    await log._beginning
    log.append([ContentDelta("Hi"), Done("complete")])
    await log.finish(answer("a6", "q4"))
    assert await other.heard() == [
        AnswerBegun("c", "a6"),
        AnswerGrew("c", "a6"),
        AnswerEnded("c", "a6"),
        MessagesChanged("c"),
    ]


async def test_an_answer_in_a_chat_that_was_removed_meanwhile_leaves_nothing() -> None:
    store = await kept()
    log = store.log(growing())
    log.append([ContentDelta("Hi")])
    await store.deletions.purge(["c"])
    await log.finish(answer("a6", "q4"))
    assert await store._lasting.read("messages") == b""
    assert await store._lasting.read("log") == b""


async def test_an_answer_that_ends_in_a_deleted_chat_comes_back_with_it() -> None:
    store = await kept()
    log = store.log(growing())
    log.append([ContentDelta("Hi")])
    await store.deletions.delete(["c"])
    await log.finish(answer("a6", "q4"))
    await store.deletions.undo(["c"])
    tree = await store.load("c")
    assert tree is not None
    assert tree["a6"].message.status == "complete"


async def test_a_temporary_chat_is_nowhere_but_in_memory() -> None:
    store = await ChatStore.open()
    other = await Listener.behind(store)
    store.make_temporary("t")
    await store.save_chat(chat("t", title="Secret"))
    asked = question("q1", chat_id="t")
    asked.message.parts.append(PICTURE)
    await store.save_messages([asked])
    log = store.log(MessageRecord("a2", "t", 2, Message("assistant"), "q1"))
    log.append([ContentDelta("Hi")])
    await log.finish(answer("a2", "q1", chat_id="t"))
    await store.change_chats(["t"], head="a2")
    assert await shown(store, "t") == "q1 a2"
    for name in ("chats", "messages", "files", "log"):
        assert await store._lasting.read(name) == b""
    assert await store.chats() == []
    assert await other.heard() == []
    await store.deletions.purge(["t"])
    assert await store.load("t") is None


async def test_searching_reads_all_that_was_said() -> None:
    store = await kept()
    many = [question(f"q{number}", text=f"Text {number}", chat_id="d") for number in range(600)]
    await store.save_chat(chat("d"))
    await store.save_messages(many)
    found = [pair async for texts in store.texts() for pair in texts]
    assert len(found) == 605
    assert {chat_id for chat_id, _ in found} == {"c", "d"}


class Full:
    """A database with no room: what is put fails, what is deleted does not."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def write(self, changes: list[Change]) -> None:
        if any(data is not None for _, _, data in changes):
            raise StorageError("full")
        await self._real.write(changes)

    async def merge(self, ids: list[str], fields: dict[str, Any]) -> None:
        raise StorageError("full")


class SlowlyFull(Full):
    """One that says so when `let` is set."""

    def __init__(self, real: Any) -> None:
        super().__init__(real)
        self.let = asyncio.Event()

    async def write(self, changes: list[Change]) -> None:
        await self.let.wait()
        await super().write(changes)


class Broken(Full):
    """A database that fails whatever is written; with `reads` nothing is read either."""

    def __init__(self, real: Any, *, reads: bool = True) -> None:
        super().__init__(real)
        self._reads = reads

    async def one(self, store: str, chat_id: str) -> bytes:
        if not self._reads:
            raise StorageError("failed")
        return bytes(await self._real.one(store, chat_id))

    async def write(self, changes: list[Change]) -> None:
        raise StorageError("failed")


def fill(store: ChatStore, kind: Callable[[Any], Any] = Full) -> Callable[[], None]:
    """From now on there is no room, until the function that is returned is called."""
    real = store._lasting.below
    store._lasting.below = kind(real)

    def empty() -> None:
        store._lasting.below = real

    return empty


async def test_what_has_no_room_stays_in_memory_and_is_kept_when_there_is() -> None:
    store = await kept()
    troubles: list[str] = []
    store.on_trouble = troubles.append
    empty = fill(store)
    asked = question("q6", "a5")
    asked.message.parts.append(PICTURE)
    await store.save_messages([asked])
    assert troubles == ["full"]
    assert len(store._lasting._held) == 2
    assert not store.keeps("c")
    assert store.trouble is None, "there is a database, and what it holds is safe"
    log = store.log(growing("a7"))
    log.append([ContentDelta("Hi")])
    await log.finish(answer("a7", "q6"))
    tree = await store.load("c")
    assert tree is not None
    assert tree["q6"].message.files == [PICTURE]
    assert tree["a7"].message.status == "complete"
    assert len(tree) == 7
    await store.delete_messages([tree["a7"]])
    empty()
    await store.deletions.purge()
    assert store.keeps("c")
    tree = await (await ChatStore.open()).load("c")
    assert tree is not None
    assert tree["q6"].message.files == [PICTURE]
    assert "a7" not in tree


async def test_changes_of_a_chat_that_had_no_room_are_kept_with_the_next_writing() -> None:
    store, other = await kept(), await ChatStore.open()
    empty = fill(store)
    await store.change_chats(["c"], title="Old", draft="half a thought")
    await store.change_chats(["c"], title="New", pinned=True)
    await store.save_chat(chat("d", title="Another"))
    await store.change_chats(["d"], pinned=True)
    for found in (await store.chat("c"), {one.id: one for one in await store.chats()}["c"]):
        assert found is not None
        assert (found.title, found.draft, found.pinned) == ("New", "half a thought", True)
    assert [one.id for one in await other.chats()] == ["c"]
    empty()
    await store.change_chats(["c"], draft="")
    await store.save_messages([question("q9")])
    assert store.keeps("c")
    kept_chats = {one.id: one for one in await other.chats()}
    assert (kept_chats["c"].title, kept_chats["c"].draft) == ("New", "")
    assert kept_chats["c"].pinned
    assert (kept_chats["d"].title, kept_chats["d"].pinned) == ("Another", True)


async def test_an_answer_is_kept_whose_chat_is_being_written_where_there_is_no_room() -> None:
    store = await kept()
    empty = fill(store)
    await store.save_chat(chat("d"))
    empty()
    empty = fill(store, SlowlyFull)
    writing = asyncio.ensure_future(store.save_chat(chat("d", title="New")))
    await asyncio.sleep(0)
    found = await store.chat("d")
    assert found is not None
    assert found.title == "New"
    begun, ended = growing("a1"), answer("a1", "")
    begun.chat_id = ended.chat_id = "d"
    ending = asyncio.ensure_future(store.log(begun).finish(ended))
    await asyncio.sleep(0)
    cast(Any, store._lasting.below).let.set()
    await asyncio.gather(writing, ending)
    empty()
    await store.save_messages([question("q9")])
    tree = await (await ChatStore.open()).load("d")
    assert tree is not None
    assert "a1" in tree


async def test_what_is_deleted_while_it_fails_to_be_written_is_not_held() -> None:
    store = await kept()
    empty = fill(store, SlowlyFull)
    asked = question("q6", "a5")
    writing = asyncio.ensure_future(store.save_messages([asked]))
    await asyncio.sleep(0)
    deleting = asyncio.ensure_future(store.delete_messages([asked]))
    await asyncio.sleep(0)
    cast(Any, store._lasting.below).let.set()
    await asyncio.gather(writing, deleting)
    empty()
    await store.save_messages([question("q9")])
    tree = await (await ChatStore.open()).load("c")
    assert tree is not None
    assert "q6" not in tree
    assert "q9" in tree


async def test_a_chat_deleted_where_there_is_no_room_is_gone_at_once_and_can_come_back() -> None:
    store, other = await kept(), await ChatStore.open()
    asked = question("q7", "a5")
    asked.message.parts.append(PICTURE)
    await store.save_messages([asked])
    for ending in ("undone", "for good"):
        empty = fill(store)
        await store.deletions.delete(["c"])
        assert await store.chats() == await other.chats() == []
        assert await other.load("c") is None
        for name in ("chats", "messages", "files"):
            assert await other._lasting.read(name) == b"", name
        empty()
        if ending == "undone":
            await store.deletions.undo(["c"])
            tree = await other.load("c")
            assert tree is not None
            assert tree["q7"].message.files == [PICTURE]
            assert len(tree) == 6
    await store.deletions.purge(["c"])
    await store.deletions.undo(["c"])
    assert await other.chats() == []


@pytest.mark.parametrize("reads", [True, False])
async def test_what_a_failing_database_could_not_remove_stays_deleted_and_goes_later(
    reads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await kept()
    await store.change_chats(["c"], on_server=True)
    asked = elsewhere_of(store)
    mend = fill(store, partial(Broken, reads=reads))
    await store.deletions.purge(["c"])
    mend()
    again = await ChatStore.open()
    assert await again.chats() == []
    assert await again.deletions.waiting() == {"c"}
    elsewhere_of(again, asked)
    after_ms = now_ms() + deletions._UNDO_MS + 1000
    monkeypatch.setattr(deletions, "now_ms", lambda: after_ms)
    await again.deletions.purge()
    assert await again._lasting.read("chats") == b""
    assert not Marks().all()
    assert asked[-1] == "c"


async def test_a_visit_whose_database_cannot_be_opened_forgets_no_deletion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = await kept()
    Marks().put(["c"], 1)  # of a tab that went before its disk knew

    def refuse(request: object) -> None:
        raise StorageError("forbidden")

    with monkeypatch.context() as without:
        without.setattr("app.browser.storage.database._settled", refuse)
        closed = await ChatStore.open()
        await closed.deletions.purge()
        assert await closed.deletions.waiting() == {"c"}, "the server's is not listed either"
    assert await store.chats() == []


async def test_a_chat_that_went_without_room_goes_on_the_server_though_the_page_ends_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = await kept()
    await store.change_chats(["c"], on_server=True)
    empty = fill(store)
    await store.deletions.delete(["c"])
    empty()
    again = await ChatStore.open()
    answers = [False, True]
    asked = elsewhere_of(again, answers=answers)
    after_ms = now_ms() + deletions._UNDO_MS + 1000
    monkeypatch.setattr(deletions, "now_ms", lambda: after_ms)
    await again.deletions.purge()
    assert await again.deletions.waiting() == {"c"}, "the server was away"
    await again.deletions.purge()
    assert asked == ["c", "c"]
    assert not Marks().all()


async def test_where_there_is_no_room_for_a_mark_the_one_before_it_counts_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Brought back, the chat would be gone again in the next visit."""
    store = await kept()
    await store.deletions.delete(["c"])
    Marks().put(["c"], now_ms())  # as where the disk takes its time
    monkeypatch.setattr(web_storage, "put", lambda *entry: False)
    await store.deletions.undo(["c"])
    assert [found.id for found in await (await ChatStore.open()).chats()] == ["c"]


def elsewhere_of(
    store: ChatStore, asked: list[str] | None = None, answers: list[bool] | None = None
) -> list[str]:
    """Give the store a server; list the chats that it is asked to delete."""
    found: list[str] = [] if asked is None else asked

    async def delete(id: str) -> bool:
        found.append(id)
        return answers.pop(0) if answers else True

    store.deletions.delete_on_server = delete
    return found


async def test_what_is_not_sent_is_there_in_the_next_visit_until_it_is() -> None:
    store = await kept()
    file: list[Part] = [PICTURE]
    words: list[Part] = [Text("And then?")]
    ids = [store.outbox.new_id() for _ in range(3)]
    await store.outbox.keep("c", "attached", [OutboxItem(ids[0], file)])
    await store.outbox.keep(
        "c", "waiting", [OutboxItem(ids[1], words), OutboxItem(ids[2], [*file, *words])]
    )
    again = await ChatStore.open()
    assert await again.outbox.read("c", "attached") == [OutboxItem(ids[0], file)]
    assert await again.outbox.read("d", "attached") == []
    await store.outbox.drop("c", "attached", ids[:1])
    assert await again.outbox.read("c", "attached") == []
    assert [one.parts for one in await again.outbox.read("c", "waiting")] == [
        words,
        [*file, *words],
    ]
    await again.deletions.purge(["c"])
    assert await store._lasting.keys("drafts") == []


async def test_questions_that_wait_are_of_one_tab_until_it_is_gone() -> None:
    store, other = await kept(), await ChatStore.open()
    await store.outbox.keep("c", "waiting", [OutboxItem(store.outbox.new_id(), [Text("One")])])
    await store.outbox.keep("c", "waiting", [OutboxItem(store.outbox.new_id(), [Text("Two")])])
    assert await other.outbox.take_waiting("c") == []
    assert store.tabs._end is not None
    store.tabs._end()  # as the browser does for a tab that is gone
    await store.tabs.alive()
    third = await ChatStore.open()
    taken = await other.outbox.take_waiting("c")
    assert [one.parts for one in taken] == [[Text("One")], [Text("Two")]]
    assert await other.outbox.read("c", "waiting") == taken
    assert await third.outbox.take_waiting("c") == []
    await other.outbox.drop("c", "waiting", [one.id for one in taken])
    assert await third._lasting.keys("drafts") == []


async def test_what_new_chats_of_lost_tabs_left_goes_after_some_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = await kept()
    day_ms = 24 * 3_600_000
    for chat_id in ("c", "never sent"):
        await store.outbox.keep(chat_id, "attached", [OutboxItem(store.outbox.new_id(), [PICTURE])])
    today_ms = now_ms()
    for days, left in ((6, {"c", "never sent"}), (8, {"c"})):
        monkeypatch.setattr(outbox, "now_ms", lambda days=days: today_ms + days * day_ms)
        await store.deletions.purge()
        assert {key[0] for key in await store._lasting.keys("drafts")} == left


async def test_a_browser_without_a_database_keeps_as_long_as_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(request: object) -> None:
        raise StorageError("forbidden")

    monkeypatch.setattr("app.browser.storage.database._settled", refuse)
    store = await ChatStore.open()
    assert store.trouble == "forbidden"
    monkeypatch.undo()
    tree = branched()
    await store.save_chat(tree.chat)
    await store.save_messages(tree.records())
    assert await shown(store) == "q1 a2 q4 a5"
    await store.change_chats(["c"], pinned=True)
    assert (await store.chats())[0].pinned
    assert len([pair async for texts in store.texts() for pair in texts]) == 5
    await store.delete_messages(tree.remove("a2"))
    assert await shown(store) == "q1 a3"
    await store.deletions.purge(["c"])
    assert await store.chats() == []
