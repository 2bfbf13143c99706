"""The two databases of chats: one that lasts, and one for temporary chats in memory alone; and the
other tabs, which are told of changes in the first.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from .database import Database, MemoryDatabase, StorageError, Trouble
from .pending_writes import PendingWrites
from .tabs import ChatsChanged, TabMessage, Tabs

# Of more chats than these another tab reads the whole list, in one go.
_TOLD_BY_NAME = 50


class ChatDatabases:
    """Gives the database of a chat. `trouble` is why nothing is kept for good, None where it is;
    `on_trouble` is called with the reason of each write that is held.
    """

    def __init__(self) -> None:
        self.tabs = Tabs()
        self.trouble: Trouble | None = None
        self.on_trouble: Callable[[Trouble], None] = lambda trouble: None
        self._lasting = self._holding(MemoryDatabase())
        self._memory = self._holding(MemoryDatabase())
        self._temporary: set[str] = set()

    @classmethod
    async def open(cls) -> Self:
        """Open what the browser keeps for this page; memory where it forbids that."""
        opened = cls()
        try:
            opened._lasting = opened._holding(await Database.open(opened._report))
        except StorageError as error:
            opened.trouble = error.trouble
        return opened

    def database_of(self, chat_id: str) -> PendingWrites:
        """Give the database of this chat."""
        return self._memory if chat_id in self._temporary else self._lasting

    def by_database(self, ids: Iterable[str]) -> list[list[str]]:
        """Group the ids by their database."""
        groups: list[list[str]] = [[], []]
        for id in ids:
            groups[id in self._temporary].append(id)
        return [group for group in groups if group]

    def make_temporary(self, chat_id: str) -> None:
        """Keep this chat in memory alone; to be said before it is saved."""
        self._temporary.add(chat_id)

    def is_temporary(self, chat_id: str) -> bool:
        """Tell whether this chat goes with the page."""
        return chat_id in self._temporary

    def keeps(self, chat_id: str) -> bool:
        """Tell whether this chat, as it is kept, is there after a reload."""
        is_lasting = self.trouble is None and chat_id not in self._temporary
        return is_lasting and not self._lasting.is_holding

    async def change_chats(self, ids: Sequence[str], **fields: Any) -> None:
        """Change these fields of kept chats, and no others: two tabs may each change their own. A
        part of a field is named with it: `settings.model`.
        """
        for group in self.by_database(ids):
            await self.database_of(group[0]).merge(group, fields)
        self.tell_changed(ids)

    async def change_settings(self, ids: Sequence[str], **settings: Any) -> None:
        """Change these settings of kept chats, and no others."""
        fields = {f"settings.{name}": value for name, value in settings.items()}
        await self.change_chats(ids, **fields)

    def tell(self, chat_id: str, news: TabMessage) -> None:
        """Tell the other tabs, where the chat is one that they know."""
        if chat_id not in self._temporary:
            self.tabs.tell(news)

    def tell_changed(self, ids: Sequence[str]) -> None:
        """Tell the other tabs that these chats have changed."""
        told = [id for id in ids if id not in self._temporary]
        if told:
            self.tabs.tell(ChatsChanged(told if len(told) <= _TOLD_BY_NAME else []))

    def _holding(self, database: Database | MemoryDatabase) -> PendingWrites:
        return PendingWrites(database, self._report, lambda: self.tabs.tell(ChatsChanged([])))

    def _report(self, trouble: Trouble) -> None:
        if trouble not in ("full", "failed"):
            self.trouble = trouble
        self.on_trouble(trouble)
