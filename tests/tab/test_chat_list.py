"""The chats of a tab: one record each, in step with what other tabs keep."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from app.browser.chats import chat_operations
from app.browser.chats.chat_list import ChatList, ListNews
from app.browser.chats.chat_operations import ChatOperations
from app.browser.storage.chat_store import ChatStore
from app.browser.storage.deletions import Marks
from app.browser.web import toast
from app.history.records import ChatSettings
from tests.history.chats import branched, chat

# Only a test that fails waits so long, in seconds.
LIMIT_S = 60.0

# What is shown of the chats, where no page is.
NOWHERE: Any = SimpleNamespace(shown=SimpleNamespace(id=""))


class Tab:
    """A tab that shows the list; `told` is what its list told."""

    def __init__(self, store: ChatStore) -> None:
        self.store = store
        self.list = ChatList(store)
        self.told: list[ListNews] = []
        self.list.subscribe(self.told.append)

    @classmethod
    async def open(cls) -> "Tab":
        tab = cls(await ChatStore.open())
        await tab.list.read()
        tab.told.clear()
        return tab


async def two_tabs() -> tuple[Tab, Tab]:
    """Two tabs whose browser has kept the branched chat."""
    store = await ChatStore.open()
    tree = branched()
    await store.save_chat(tree.chat)
    await store.save_messages(tree.records())
    return await Tab.open(), await Tab.open()


async def written(tab: Tab) -> None:
    """Wait until what a tab changed is written."""
    async with asyncio.timeout(LIMIT_S):
        while any(tab.list._writing.values()):
            await asyncio.sleep(0)


async def test_what_another_tab_keeps_comes_into_the_record_that_all_share() -> None:
    one, two = await two_tabs()
    record = one.list.records["c"]
    tree = await one.store.load("c")
    assert tree is not None
    assert one.list.adopt(tree).chat is record
    await two.store.change_chats(["c"], title="New", pinned=True, head="a3")
    await two.store.change_settings(["c"], model="otter")
    await one.list.read_some(["c", "nowhere"])
    assert one.list.records["c"] is record
    assert (record.title, record.pinned, record.settings.model) == ("New", True, "otter")
    assert record.head == "a5"  # what this tab shows stays
    changed = frozenset({"title", "pinned", "settings"})
    assert one.told == [ListNews({"c": changed}, is_elsewhere=True)]
    await one.list.read()
    assert one.list.records["c"] is record
    assert one.told[1:] == [ListNews({"c": frozenset()}, is_elsewhere=True)]


async def test_a_change_writes_what_it_is_about_and_is_told_once() -> None:
    one, two = await two_tabs()
    one.list.change(["c"], title="Mine")
    one.list.change_settings(one.list.records["c"], temperature=0.5, model="")
    two.list.change(["c"], pinned=True)
    two.list.change_settings(two.list.records["c"], top_p=0.9)
    assert one.told == [ListNews({"c": frozenset({"title"})})]
    await written(one)
    await written(two)
    await one.list.read_some(["c"])
    found = one.list.records["c"]
    assert (found.title, found.pinned) == ("Mine", True)
    assert found.settings == ChatSettings(temperature=0.5, top_p=0.9)


async def test_what_is_read_while_this_tab_writes_does_not_take_its_change_back() -> None:
    one, two = await two_tabs()
    reading = asyncio.ensure_future(one.list.read_some(["c"]))
    await asyncio.sleep(0)  # it has begun to read
    one.list.change(["c"], title="Mine")
    await two.store.change_chats(["c"], pinned=True)
    await reading
    assert one.list.records["c"].title == "Mine"
    async with asyncio.timeout(LIMIT_S):
        while not one.list.records["c"].pinned:  # it is read again by itself, after the writing
            await asyncio.sleep(0)
    assert one.list.records["c"].title == "Mine"


async def test_a_chat_that_another_tab_deleted_is_gone_and_comes_back() -> None:
    one, two = await two_tabs()
    await two.store.deletions.delete(["c"])
    await one.list.read_some(["c"])
    assert one.list.records == {}
    assert one.told == [ListNews(gone=frozenset({"c"}), is_elsewhere=True)]
    await two.store.deletions.undo(["c"])
    await one.list.read_some(["c"])
    assert list(one.list.records) == ["c"]


async def test_a_deletion_and_its_undo_hold_though_the_page_goes_before_they_are_written() -> None:
    one, _ = await two_tabs()
    one.list.remove(["c"])
    deleting = one.store.deletions.delete(["c"])  # which has not begun to write
    again = await Tab.open()
    assert again.list.records == {}
    assert await again.store.load("c") is None
    await again.store.deletions.purge()  # of this one, who knows whether the other tab goes on
    await deleting
    assert not Marks().all()
    undoing = one.store.deletions.undo(["c"])
    again = await Tab.open()
    assert list(again.list.records) == ["c"]
    assert await again.store.load("c") is not None
    await undoing
    assert not Marks().all()


async def test_what_a_page_did_that_has_been_gone_for_long_is_done() -> None:
    one, two = await two_tabs()
    Marks().put(["c"], -1)
    await two.store.change_chats(["c"], deleted_ms=1)
    await one.store.deletions.purge()
    assert not Marks().all()
    assert await one.store.load("c") is not None
    Marks().put(["c", "gone"], 1)
    await one.store.deletions.purge()
    assert not Marks().all()
    assert await one.store._lasting.read("chats") == b""


async def test_all_chats_that_are_deleted_for_good_are_gone_while_their_server_is_asked() -> None:
    one, _ = await two_tabs()
    await one.store.change_chats(["c"], on_server=True)
    answers: asyncio.Future[bool] = asyncio.Future()
    one.store.deletions.delete_on_server = lambda id: asyncio.wait_for(answers, LIMIT_S)
    purging = asyncio.ensure_future(one.store.deletions.purge(one.list.remove(["c"])))
    await asyncio.sleep(0)
    assert (await Tab.open()).list.records == {}
    answers.set_result(False)
    await purging
    assert (await Tab.open()).list.records == {}


async def test_a_deleted_chat_that_a_file_brings_is_there() -> None:
    one, two = await two_tabs()
    await one.store.deletions.delete(["c"])
    Marks().put(["c"], 5)  # of a tab that went
    await two.store.add([branched()])
    assert list((await Tab.open()).list.records) == ["c"]


async def test_a_backup_takes_no_deletion_back_that_the_server_has_still_to_do() -> None:
    one, _ = await two_tabs()
    await one.store.change_chats(["c"], on_server=True)
    answers = [False, True]
    asked: list[str] = []

    async def delete(id: str) -> bool:
        asked.append(id)
        return answers.pop(0)

    one.store.deletions.delete_on_server = delete
    operations = ChatOperations(one.list, NOWHERE)
    await operations.delete_all()  # while the server is away
    await operations.add([branched()], lambda done: True)
    [restored] = one.list.records
    assert restored != "c"
    tree = await (await ChatStore.open()).load(restored)
    assert tree is not None
    assert len(tree) == len(branched())
    await one.store.deletions.purge(["c"])
    assert asked == ["c", "c"]
    again = await Tab.open()
    assert list(again.list.records) == [restored]


async def test_a_deletion_can_be_undone_as_long_as_its_own_message_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[str] = []

    def show(text: str, label: str = "", action: object = None) -> str:
        shown.append(text)
        return text

    monkeypatch.setattr(toast, "show", show)
    monkeypatch.setattr(toast, "is_shown", shown.__contains__)
    monkeypatch.setattr(chat_operations, "_UNDO_S", 0.0)
    one, _ = await two_tabs()
    purged: list[str] = []
    held: list[str] = []

    async def purge(ids: list[str]) -> None:
        purged.extend(ids)

    monkeypatch.setattr(one.store.deletions, "purge", purge)
    monkeypatch.setattr(one.store.deletions, "hold", held.extend)
    ChatOperations(one.list, NOWHERE).delete(["c"])
    for _ in range(20):
        await asyncio.sleep(0)
    assert purged == []
    assert set(held) == {"c"}, "no other tab may remove it meanwhile"
    one.list.put([branched().chat])  # as an import does
    held.clear()
    for _ in range(20):
        await asyncio.sleep(0)
    assert held == [], "it is there, and is not to be marked as deleted"
    one.list.remove(["c"])
    shown[:] = ["something else"]
    async with asyncio.timeout(LIMIT_S):
        while not purged:
            await asyncio.sleep(0)
    assert purged == ["c"]


async def test_a_list_that_is_read_meanwhile_brings_no_deleted_chat_back() -> None:
    one, _ = await two_tabs()
    reading = asyncio.ensure_future(one.list.read())
    gone = one.list.remove(["c"])
    one.list.write(list(gone), one.store.deletions.delete(list(gone)))
    await reading
    await one.list.read()
    await written(one)
    assert one.list.records == {}
    await one.list.read()
    assert one.list.records == {}


async def test_fields_and_settings_of_several_chats_are_kept_at_once() -> None:
    one, two = await two_tabs()
    one.list.change(["c"], {"model": "otter", "top_p": 0.9}, takes_file=True)
    await written(one)
    await two.list.read_some(["c"])
    found = two.list.records["c"]
    assert (found.settings.model, found.settings.top_p, found.takes_file) == ("otter", 0.9, True)


async def test_a_chat_that_begins_while_the_list_is_read_stays_in_it() -> None:
    one, _ = await two_tabs()
    reading = asyncio.ensure_future(one.list.read())
    await asyncio.sleep(0)
    one.list.put([chat("new")])
    await reading
    assert one.list.records.keys() == {"c", "new"}


async def test_settings_of_a_chat_without_a_question_are_kept_with_its_first() -> None:
    one, _ = await two_tabs()
    new = chat("new")
    one.list.change_settings(new, model="otter")
    new.head = "q"
    await one.store.save_chat(new)
    one.list.change_settings(new, top_p=0.9)
    await written(one)
    found = await one.store.chat("new")
    assert found is not None
    assert found.settings == ChatSettings(model="otter", top_p=0.9)
