"""Files beside a draft and questions that wait for an answer: not sent yet.

It is kept under its chat, each piece by itself and whole, so that it goes without a trace when it
is sent. Typed text is a field of the chat: see drafts.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from ...core.messages import Part
from ...history import stored
from ..web.ids import now_ms
from .chat_databases import ChatDatabases
from .database import Change, Key, StorageError

Kind = Literal["attached", "waiting"]

# A new chat that is not in the list yet may have files and questions here. The browser may open its
# closed tab again after days; after this time they are deleted.
_FORGOTTEN_MS = 7 * 24 * 3_600_000


class OutboxItem(NamedTuple):
    """A file, or a waiting question."""

    id: str
    parts: list[Part]


class Outbox:
    """Keeps unsent files and questions. Methods do not raise; a piece without room is held by the
    store.
    """

    def __init__(self, databases: ChatDatabases) -> None:
        self._databases = databases
        self._last_ms = 0

    def new_id(self) -> str:
        """An id for a piece. Ids stand in the order in which they were made, and name this tab."""
        self._last_ms = max(self._last_ms + 1, now_ms())
        return f"{_stamp(self._last_ms)}-{self._databases.tabs.name}"

    @staticmethod
    def id_behind(id: str, number: int) -> str:
        """An id for a piece that came with another one: right behind it, in the order of their
        numbers.
        """
        return f"{id}.{number:03d}"

    async def read(self, chat_id: str, kind: Kind) -> list[OutboxItem]:
        """Read the items of this kind, in order; none where they can't be read."""
        try:
            found = await self._databases.database_of(chat_id).entries("drafts", chat_id)
        except StorageError:
            return []
        return [
            OutboxItem(str(key[-1]), parts)
            for key, line in found
            if key[1] == kind and (parts := stored.parts_of(line))
        ]

    async def keep(self, chat_id: str, kind: Kind, pieces: Iterable[OutboxItem]) -> None:
        if kind == "waiting":
            await self._databases.tabs.live()
        await self._write(chat_id, [_put(chat_id, kind, piece) for piece in pieces])

    async def drop(self, chat_id: str, kind: Kind, ids: Iterable[str]) -> None:
        """Remove these pieces: they were sent, or are not wanted any more."""
        await self._write(chat_id, [("drafts", (chat_id, kind, id), None) for id in ids])

    async def take_waiting(self, chat_id: str) -> list[OutboxItem]:
        """Take the questions that wait in a chat which is not open in this tab; they are this tab's
        from now on. Questions of other tabs stay theirs, until the tab is gone.
        """
        found = await self.read(chat_id, "waiting")
        if not found:
            return []
        tabs = self._databases.tabs
        others = await tabs.alive() - {tabs.name}
        left = [piece for piece in found if piece.id.rpartition("-")[2] not in others]
        taken = [OutboxItem(self.new_id(), piece.parts) for piece in left]
        await tabs.live()
        dropped: list[Change] = [("drafts", (chat_id, "waiting", one.id), None) for one in left]
        await self._write(chat_id, dropped + [_put(chat_id, "waiting", one) for one in taken])
        return taken

    async def clear_old(self, chat_ids: Iterable[str]) -> None:
        """Remove items left long ago in new chats of tabs that are gone; the given chats are kept
        ones.
        """
        database = self._databases.database_of("")
        try:
            keys = await database.keys("drafts")
        except StorageError:
            return
        known = set(chat_ids)
        before = _stamp(now_ms() - _FORGOTTEN_MS)
        await self._write(
            "",
            [
                ("drafts", key, None)
                for key in keys
                if key[0] not in known and str(key[-1]) < before
            ],
        )

    async def _write(self, chat_id: str, changes: list[Change]) -> None:
        if changes:
            await self._databases.database_of(chat_id).write(changes)


def _put(chat_id: str, kind: Kind, piece: OutboxItem) -> Change:
    key: Key = (chat_id, kind, piece.id)
    return "drafts", key, stored.parts_line(piece.parts)


def _stamp(at_ms: int) -> str:
    return f"{at_ms:015d}"
