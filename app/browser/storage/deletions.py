"""Deleting chats: each stays where it is for a while, marked, so that it can come back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from ...history import stored
from ..web.ids import now_ms
from .chat_databases import ChatDatabases
from .database import ANY, Change, StorageError, StoreName
from .outbox import Outbox

# Chats deleted so long ago can no longer be brought back, and are removed at the next start.
_UNDO_MS = 60_000

_REMOVED_AT_ONCE = 500

# The stores whose keys begin with a chat.
_BELOW: tuple[StoreName, ...] = ("messages", "files", "log", "drafts", "session_files", "cells")


class Deletions:
    """Deletes chats. Methods do not raise, but where the list can't be read.

    `elsewhere(id)` deletes what the server of this page has of a chat, and says whether it could;
    what could not be deleted there stays marked, and is tried at the next visit.
    """

    def __init__(self, databases: ChatDatabases, outbox: Outbox) -> None:
        self._databases = databases
        self._outbox = outbox
        self.elsewhere: Callable[[str], Awaitable[bool]] | None = None
        # Chats that could not be marked: all that there was of them, until it can't be undone.
        self._taken: dict[str, list[Change]] = {}
        # Nothing comes back before it has gone.
        self._one_at_a_time = asyncio.Lock()
        self._coming_back: set[str] = set()

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete chats; until `purge` or a later visit, `undo` brings them back."""
        async with self._one_at_a_time:
            await self._delete(ids)

    async def undo(self, ids: Sequence[str]) -> None:
        """Bring back deleted chats."""
        self._coming_back.update(ids)
        async with self._one_at_a_time:
            for id in ids:
                if (changes := self._taken.pop(id, None)) is not None:
                    await self._databases.database_of(id).write(changes)
            await self._databases.change_chats(ids, deleted_ms=0)
            self._coming_back.difference_update(ids)

    async def back(self, id: str) -> None:
        """Wait until a chat is there again, where `undo` is bringing it back."""
        if id in self._coming_back:
            async with self._one_at_a_time:
                pass

    async def waiting(self) -> set[str]:
        """List the chats that were deleted, and are not removed for good.

        Raises:
            StorageError: They could not be read.
        """
        found = stored.chats_of(await self._databases.database_of("").read("chats"))
        return {chat.id for chat in found if chat.deleted_ms} | self._taken.keys()

    async def purge(self, ids: Iterable[str] | None = None) -> None:
        """Remove chats for good: these, else all that were deleted at an earlier visit.

        Raises:
            StorageError: Which those are could not be read.
        """
        databases = self._databases
        if ids is None:
            before_ms = now_ms() - _UNDO_MS
            found = stored.chats_of(await databases.database_of("").read("chats"))
            await self._outbox.clear_old(chat.id for chat in found)
            ids = [chat.id for chat in found if 0 < chat.deleted_ms < before_ms]
        ids = await self._gone_elsewhere(list(ids))
        for id in ids:
            self._taken.pop(id, None)
        for group in databases.by_database(ids):
            for start in range(0, len(group), _REMOVED_AT_ONCE):
                some = group[start : start + _REMOVED_AT_ONCE]
                removed = [change for id in some for change in _removal(id)]
                await databases.database_of(group[0]).write(removed)
        databases.tell_changed(ids)
        await databases.database_of("").retry()

    async def _gone_elsewhere(self, ids: list[str]) -> list[str]:
        """Give those of these chats of which the server of this page has nothing any more."""
        if self.elsewhere is None:
            return ids
        gone = []
        for id in ids:
            taken = (data for store, _, data in self._taken.get(id, ()) if store == "chats")
            line = next(taken, None) or await self._databases.database_of(id).one("chats", id)
            known = stored.chats_of(line)
            if known and known[0].on_server and not await self.elsewhere(id):
                if not known[0].deleted_ms:
                    await self._databases.change_chats([id], deleted_ms=now_ms())
                continue
            gone.append(id)
        return gone

    async def _delete(self, ids: Sequence[str]) -> None:
        databases = self._databases
        await databases.change_chats(ids, deleted_ms=now_ms())
        # Where there is no room for the mark, they go at once: to remove needs none.
        for id in databases.database_of("").unmerged(ids):
            try:
                self._taken[id] = await self._all_of(id)
            except StorageError:
                continue  # the mark is held in memory, and tried again
            await databases.database_of(id).write(_removal(id))
            databases.tell_changed([id])

    async def _all_of(self, chat_id: str) -> list[Change]:
        """Give the records of a chat as changes, to be written again as they were."""
        database = self._databases.database_of(chat_id)
        changes: list[Change] = [("chats", (chat_id,), await database.one("chats", chat_id))]
        for store in _BELOW:
            changes += [(store, key, data) for key, data in await database.entries(store, chat_id)]
        return changes


def _removal(chat_id: str) -> list[Change]:
    """A chat with all that is below it."""
    return [("chats", (chat_id,), None), *((store, (chat_id, ANY), None) for store in _BELOW)]
