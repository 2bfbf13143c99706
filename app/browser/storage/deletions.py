"""Deleting chats: each stays where it is for a while, marked, so that it can come back.

What a person does holds from the moment of the call (`Marks`); the disk follows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from ...history import stored
from ...history.records import ChatRecord
from ..web import web_storage
from ..web.ids import now_ms
from ..web.web_storage import DEVICE
from .chat_databases import ChatDatabases
from .database import ANY, Change, StorageError, StoreName
from .outbox import Outbox

# Chats deleted so long ago, or not held for so long, can no longer be brought back, and are removed
# at the next start. A tab that is not seen holds them once a minute at least.
_UNDO_MS = 150_000

_REMOVED_AT_ONCE = 500

# Of a chat by its id: when it was deleted, in milliseconds; below 0 when it was brought back.
_MARK = "deleted."

# The stores whose keys begin with a chat.
_BELOW: tuple[StoreName, ...] = ("messages", "files", "log", "drafts", "session_files", "cells")


class Marks:
    """Marks of chats that a person deleted or brought back, set before the disk knows of it.

    The list shows at once what was done, and the disk takes its time, in which the page may go. A
    mark is written without waiting, so whoever reads the disk next, in this tab, another one or
    after a reload, takes it as the person left it.
    """

    def put(self, ids: Iterable[str], when_ms: int) -> None:
        """Mark chats as deleted then; below 0 as brought back."""
        for id in ids:
            if not web_storage.put(DEVICE, _MARK + id, str(when_ms)):
                web_storage.remove(DEVICE, _MARK + id)  # an earlier wish is none any more

    def settle(self, ids: Iterable[str], when_ms: int) -> None:
        """Let go of these marks: the disk knows it. One that was set since stays."""
        for id in ids:
            if self._of(id) == when_ms:
                web_storage.remove(DEVICE, _MARK + id)

    def forget(self, ids: Iterable[str]) -> None:
        """Let go of all marks of chats: they are gone, or made anew."""
        for id in ids:
            web_storage.remove(DEVICE, _MARK + id)

    def all(self) -> dict[str, int]:
        """Give the marks that are there, by their chats."""
        return {id: mark for id in self._marked() if (mark := self._of(id))}

    def older_than(self, when_ms: int) -> dict[str, int]:
        """Give the marks that have been there longer: the tab that set them is no more."""
        return {id: mark for id, mark in self.all().items() if abs(mark) < when_ms}

    def as_left(self, chats: Sequence[ChatRecord]) -> Sequence[ChatRecord]:
        """Bring chats as the disk has them to where the person left them."""
        marked = self._marked() if len(chats) > 1 else {chat.id for chat in chats}
        for chat in chats:
            if chat.id in marked and (mark := self._of(chat.id)) is not None:
                chat.deleted_ms = max(mark, 0)
        return chats

    def _marked(self) -> set[str]:
        return {name.removeprefix(_MARK) for name in web_storage.names(DEVICE, _MARK)}

    def _of(self, id: str) -> int | None:
        try:
            return int(web_storage.get(DEVICE, _MARK + id) or "")
        except ValueError:
            return None


class Deletions:
    """Deletes chats. Methods do not raise, but where the list can't be read.

    `delete_on_server(id)` deletes what the server of this page has of a chat, and says whether it
    could; what could not be deleted there stays marked, and is tried at the next visit.
    """

    def __init__(self, databases: ChatDatabases, outbox: Outbox) -> None:
        self.marks = Marks()
        self._databases = databases
        self._outbox = outbox
        self.delete_on_server: Callable[[str], Awaitable[bool]] | None = None
        # Chats that could not be marked: all that there was of them, until it can't be undone.
        self._taken: dict[str, list[Change]] = {}
        # Nothing comes back before it has gone.
        self._one_at_a_time = asyncio.Lock()
        self._coming_back: set[str] = set()

    def delete(self, ids: Sequence[str]) -> Awaitable[None]:
        """Delete chats, whether this is awaited or not; until `purge` or a later visit, `undo`
        brings them back.
        """
        when_ms = now_ms()
        self._mark(ids, when_ms)
        return self._delete(ids, when_ms)

    def undo(self, ids: Sequence[str]) -> Awaitable[None]:
        """Bring back deleted chats, whether this is awaited or not."""
        when_ms = -now_ms()
        self._mark(ids, when_ms)
        self._coming_back.update(ids)
        return self._undo(ids, when_ms)

    def hold(self, ids: Iterable[str]) -> None:
        """Have no other tab remove deleted chats that can be brought back here still."""
        self._mark(ids, now_ms())

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
        found = await self._as_left()
        gone = {chat.id for chat in found if chat.deleted_ms} | self._taken.keys()
        # Also where the disk does not show now what it has.
        return gone | {id for id, mark in self.marks.all().items() if mark > 0}

    async def owed(self) -> set[str]:
        """List the deleted chats of which the server of this page has something still, as far as
        can be read.
        """
        try:
            found = [chat for chat in await self._as_left() if chat.deleted_ms]
        except StorageError:
            found = []
        found += stored.chats_of(b"".join(map(self._taken_line, self._taken)))
        return {chat.id for chat in found if chat.on_server}

    async def purge(self, ids: Iterable[str] | None = None) -> None:
        """Remove chats for good: these, else all that were deleted at an earlier visit.

        Raises:
            StorageError: Which those are could not be read.
        """
        databases = self._databases
        if ids is None:
            ids = await self._left_before(now_ms() - _UNDO_MS)
        else:
            self._mark(ids := list(ids), now_ms())
        ids = await self._gone_on_server(ids)
        for id in ids:
            self._taken.pop(id, None)
        for group in databases.by_database(ids):
            for start in range(0, len(group), _REMOVED_AT_ONCE):
                some = group[start : start + _REMOVED_AT_ONCE]
                removed = [change for id in some for change in _removal(id)]
                if await databases.database_of(group[0]).write(removed):
                    self.marks.forget(some)
        databases.tell_changed(ids)
        await databases.database_of("").retry()

    def _mark(self, ids: Iterable[str], when_ms: int) -> None:
        self.marks.put([id for id in ids if not self._databases.is_temporary(id)], when_ms)

    def _settle(self, ids: Sequence[str], when_ms: int) -> None:
        """Let go of the marks that the disk has now."""
        held = {*self._databases.database_of("").unmerged(ids), *self._taken}
        self.marks.settle([id for id in ids if id not in held], when_ms)

    async def _left_before(self, before_ms: int) -> list[str]:
        """List the chats deleted before then. Bring back those that a tab was bringing back when it
        ended.
        """
        databases = self._databases
        if databases.trouble is not None:
            return []  # the disk does not show what it has; a later visit may see it
        marks = self.marks.older_than(before_ms)
        back = [id for id, mark in marks.items() if mark < 0]
        if back:
            await databases.change_chats(back, deleted_ms=0)
        found = await self._as_left()
        await self._outbox.clear_old(chat.id for chat in found)
        ids = [chat.id for chat in found if 0 < chat.deleted_ms < before_ms]
        # Of a chat that went where there was no room nothing but its mark is left here.
        known = {chat.id for chat in found}
        ids += [id for id, mark in marks.items() if mark > 0 and id not in known]
        held = databases.database_of("").unmerged(back)
        self.marks.forget(marks.keys() - {*ids, *held})
        return ids

    async def _as_left(self) -> Sequence[ChatRecord]:
        kept = await self._databases.database_of("").read("chats")
        return self.marks.as_left(stored.chats_of(kept))

    async def _gone_on_server(self, ids: list[str]) -> list[str]:
        """Give those of these chats of which the server of this page has nothing any more."""
        if self.delete_on_server is None:
            return ids
        gone = []
        for id in ids:
            try:
                line = self._taken_line(id) or await self._databases.database_of(id).one(
                    "chats", id
                )
            except StorageError:
                continue  # its mark stays
            known = stored.chats_of(line)
            is_there = known[0].on_server if known else not self._databases.is_temporary(id)
            if is_there and not await self.delete_on_server(id):
                if known and not known[0].deleted_ms:
                    await self._databases.change_chats([id], deleted_ms=now_ms())
                continue
            gone.append(id)
        return gone

    def _taken_line(self, id: str) -> bytes:
        """Give the record of a chat that is nowhere but in memory; empty where it is not."""
        taken = (data for store, _, data in self._taken.get(id, ()) if store == "chats")
        return next(taken, None) or b""

    async def _delete(self, ids: Sequence[str], when_ms: int) -> None:
        databases = self._databases
        async with self._one_at_a_time:
            await databases.change_chats(ids, deleted_ms=when_ms)
            # Where there is no room for that, they go at once: to remove needs none.
            for id in databases.database_of("").unmerged(ids):
                try:
                    self._taken[id] = await self._all_of(id)
                except StorageError:
                    continue  # it is held in memory, and tried again
                await databases.database_of(id).write(_removal(id))
                databases.tell_changed([id])
            self._settle(ids, when_ms)

    async def _undo(self, ids: Sequence[str], when_ms: int) -> None:
        async with self._one_at_a_time:
            for id in ids:
                if (changes := self._taken.pop(id, None)) is not None:
                    await self._databases.database_of(id).write(changes)
            await self._databases.change_chats(ids, deleted_ms=0)
            self._settle(ids, when_ms)
            self._coming_back.difference_update(ids)

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
