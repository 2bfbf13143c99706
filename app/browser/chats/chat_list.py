"""The chats of this browser as this tab knows them: one record a chat, shared by all of the tab.

Every view of a chat holds the same object, so a change is seen everywhere. Changes by another tab
are written into that object, and every change writes its own fields alone.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from ...history.records import ChatRecord
from ...history.tree import Tree
from ..storage.chat_store import ChatStore
from ..storage.database import StorageError, Trouble
from ..web.tasks import beside

NOTHING: Mapping[str, Any] = MappingProxyType({})

# Which message a tab shows last in an open chat is its own affair.
_SHOWN = "head"


class ListNews(NamedTuple):
    """Changes of the list: the fields that changed, by chat, and the chats that are gone.
    `is_elsewhere`: another tab did it.
    """

    changed: Mapping[str, frozenset[str]] = {}
    gone: frozenset[str] = frozenset()
    is_elsewhere: bool = False


class ChatList:
    """`records` are the chats of the list, by id. Without the DOM."""

    def __init__(self, store: ChatStore) -> None:
        self.store = store
        self.records: dict[str, ChatRecord] = {}
        self.on_trouble: Callable[[Trouble], None] = lambda trouble: None
        self._subscribers: list[Callable[[ListNews], None]] = []
        # By chat, how often this tab has changed it, and how many of these changes are on their
        # way; what was read meanwhile may be older than they are.
        self._changes: Counter[str] = Counter()
        self._writing: Counter[str] = Counter()
        self._missed: set[str] = set()

    def subscribe(self, hear: Callable[[ListNews], None]) -> None:
        """Call back after each change of the list, here or in another tab."""
        self._subscribers.append(hear)

    # What is kept

    async def read(self) -> None:
        """Read the whole list."""
        known = set(self.records)  # one that begins meanwhile is not gone
        try:
            found = await self.store.chats()
        except StorageError as error:
            self.on_trouble(error.trouble)
            return
        fresh = [chat for chat in found if not self._writing[chat.id]]
        self._missed |= {chat.id for chat in found} - {chat.id for chat in fresh}
        self._take_all(fresh, known - {chat.id for chat in found})

    async def read_some(self, ids: Iterable[str]) -> None:
        """Read these chats anew: another tab has changed them."""
        found: list[ChatRecord] = []
        gone: set[str] = set()
        for id in ids:
            changes = self._changes[id]
            chat = await self.store.chat(id)
            if chat is None:
                gone.add(id)
            elif self._writing[id]:
                self._missed.add(id)  # it is read again after that
            elif self._changes[id] != changes:
                beside(self.read_some([id]))
            else:
                found.append(chat)
        self._take_all(found, gone)

    def adopt(self, tree: Tree) -> Tree:
        """Give a tree that was read the chat's one record, which the list holds."""
        record = self.records.setdefault(tree.chat.id, tree.chat)
        record.head = tree.chat.head
        if not self._writing[record.id]:
            _copy(tree.chat, record)
        tree.chat = record
        return tree

    # Changes in this tab

    def add(self, chats: Iterable[ChatRecord]) -> None:
        """Add chats without a word: `put` tells of all of an import at its end."""
        self.records.update((chat.id, chat) for chat in chats)

    def put(self, chats: Iterable[ChatRecord]) -> None:
        """Add chats to the list, or show them anew where they are in it."""
        put = list(chats)
        self.add(put)
        self._tell(ListNews({chat.id: frozenset() for chat in put}))

    def change(
        self, ids: Sequence[str], settings: Mapping[str, Any] = NOTHING, **fields: Any
    ) -> None:
        """Change these fields of chats and these of their settings, and keep them: all at once."""
        for id in ids:
            record = self.records[id]
            for to, values in ((record, fields), (record.settings, settings)):
                for name, value in values.items():
                    setattr(to, name, value)
        parts = {f"settings.{name}": value for name, value in settings.items()}
        self.write(ids, self.store.change_chats(ids, **fields, **parts))
        changed = frozenset({*fields, "settings"} if settings else fields)
        self._tell(ListNews(dict.fromkeys(ids, changed)))

    def change_settings(self, chat: ChatRecord, **settings: Any) -> None:
        """Change these settings of a chat; one without a question is kept with its first."""
        changed = {
            name: value for name, value in settings.items() if getattr(chat.settings, name) != value
        }
        for name, value in changed.items():
            setattr(chat.settings, name, value)
        if changed and (chat.head or chat.id in self.records):
            self.write([chat.id], self.store.change_settings([chat.id], **changed))
            if chat.on_server and chat.id in self.records:
                # Who changed them shows them; the server has to hear of it.
                self._tell(ListNews({chat.id: frozenset()}))

    def remove(self, ids: Iterable[str]) -> dict[str, ChatRecord]:
        """Take chats out of the list; return those that were in it, for `put`."""
        gone = {id: self.records.pop(id) for id in list(ids) if id in self.records}
        self._changes.update(gone.keys())
        if gone:
            self._tell(ListNews(gone=frozenset(gone)))
        return gone

    def write(self, ids: Sequence[str], writing: Awaitable[None]) -> None:
        """Note that a change of these chats is on its way into storage: records read until then are
        older.
        """
        self._changes.update(ids)
        self._writing.update(ids)
        beside(self._written(ids, writing))

    async def _written(self, ids: Sequence[str], writing: Awaitable[None]) -> None:
        try:
            await writing
        finally:
            self._writing.subtract(ids)
        if missed := {id for id in ids if not self._writing[id]} & self._missed:
            self._missed -= missed
            await self.read_some(missed)

    # News

    def _take_all(self, found: Iterable[ChatRecord], gone: Iterable[str]) -> None:
        changed: dict[str, frozenset[str]] = {}
        for chat in found:
            record = self.records.setdefault(chat.id, chat)
            changed[chat.id] = _copy(chat, record, but=_SHOWN)
        was_there = frozenset(id for id in gone if self.records.pop(id, None))
        self._tell(ListNews(changed, was_there, is_elsewhere=True))

    def _tell(self, news: ListNews) -> None:
        for hear in self._subscribers:
            hear(news)


def _copy(source: ChatRecord, to: ChatRecord, but: str = "") -> frozenset[str]:
    """Make one record equal to another; return the names of the fields that differed."""
    changed = {
        name: value
        for name, value in msgspec.structs.asdict(source).items()
        if name != but and getattr(to, name) != value
    }
    for name, value in changed.items():
        setattr(to, name, value)
    return frozenset(changed)
