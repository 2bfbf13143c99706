"""A database that loses nothing where there is no room: writes it could not make lie above it.

Reading gives held data too, and the next writing tries it again.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from .database import (
    ANY,
    Change,
    Database,
    Key,
    MemoryDatabase,
    StorageError,
    StoreName,
    Trouble,
    merged,
)

Place = tuple[StoreName, Key]


class PendingWrites:
    """The database `below` with the writes it had no room for. Methods that write do not raise.

    `report` is called with the reason why something is held, `kept` when the held data is written.
    Transactions end in the order in which they began, so a later attempt holds newer data.
    """

    def __init__(
        self,
        below: Database | MemoryDatabase,
        report: Callable[[Trouble], None],
        kept: Callable[[], None],
    ) -> None:
        self.below = below
        self._report = report
        self._kept = kept
        # The number of the write that each is of, and its data.
        self._held: dict[Place, tuple[int, bytes]] = {}
        self._writes = 0
        # While any goes on: the number of the last that each place is in.
        self._in_flight = 0
        self._last: dict[Place, int] = {}
        # Fields of chats, by the chat's id.
        self._fields: dict[str, dict[str, Any]] = {}

    @property
    def is_holding(self) -> bool:
        """Tell whether something is in memory alone because it could not be written."""
        return bool(self._held or self._fields)

    def holds(self, store: StoreName, key: Key) -> bool:
        """Tell whether this record is in memory alone."""
        return (store, key) in self._held

    def unmerged(self, ids: Sequence[str]) -> list[str]:
        """List those of these chats that have fields in memory alone."""
        return [id for id in ids if id in self._fields]

    # Reading; each as `Database` has it

    async def one(self, store: StoreName, chat_id: str) -> bytes:
        place: Place = (store, (chat_id,))
        line = b"" if place in self._held else await self.below.one(store, chat_id)
        if place in self._held:  # perhaps since a moment ago
            line = self._held[place][1]
        fields = self._fields.get(chat_id) if store == "chats" else None
        return merged(line, fields) if line and fields else line

    async def read(self, store: StoreName, chat_id: str | None = None) -> bytes:
        """Read as `Database.read`; of a record that comes twice, the last line is the newest."""
        lines = await self.below.read(store, chat_id)
        if store == "chats":
            for id in list(self._fields):
                lines += await self.one(store, id)
        return lines + b"".join(data for _, data in self._held_in(store, chat_id))

    async def entries(self, store: StoreName, chat_id: str) -> list[tuple[Key, bytes]]:
        found = dict(await self.below.entries(store, chat_id)) | dict(self._held_in(store, chat_id))
        return sorted(found.items())

    async def keys(self, store: StoreName) -> list[Key]:
        return await self.below.keys(store)

    async def slice(
        self, store: StoreName, after: Key | None, limit: int
    ) -> tuple[Key | None, bytes]:
        """Read as `Database.slice`, of written records alone."""
        return await self.below.slice(store, after, limit)

    # Writing

    async def write(self, changes: Sequence[Change]) -> bool:
        """Write, together with the changes that wait for room; else hold the puts. Tell whether
        what is deleted is gone for good.

        Deleted records are no longer held.
        """
        self._writes += 1
        number = self._writes
        self._in_flight += 1
        self._last |= {(store, key): number for store, key, _ in changes}
        try:
            return await self._write(changes, number)
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._last.clear()

    def append(self, store: StoreName, key: Key, data: bytes) -> None:
        """Put without waiting; a failure is told."""
        self.below.append(store, key, data)

    async def merge(self, ids: Sequence[str], fields: dict[str, Any]) -> None:
        """Change these fields of chats, and no others; else hold them."""
        fields = msgspec.to_builtins(fields)
        self._let_go(ids, fields)
        try:
            await self.below.merge(ids, fields)
        except StorageError as error:
            for id in ids:
                self._fields[id] = self._fields.get(id, {}) | fields
            self._report(error.trouble)
            return
        self._let_go(ids, fields)
        for id in ids:
            # A chat that is itself held is not in the database yet.
            if (entry := self._held.get(("chats", (id,)))) is not None:
                number, line = entry
                self._held["chats", (id,)] = (number, merged(line, fields))

    async def retry(self) -> None:
        """Try again to write the held changes."""
        if self.is_holding:
            await self.write([])

    async def _write(self, changes: Sequence[Change], number: int) -> bool:
        self._replace(changes, number)
        held = dict(self._held)
        waiting: list[Change] = [
            (*place, data) for place, (of, data) in held.items() if of != number
        ]
        trouble = await self._try([*waiting, *changes])
        if trouble is not None:
            changes = [each for each in changes if self._is_last(each[:2], number)]
            # The waiting changes may be large and the rest small; and to delete needs no room.
            if waiting and await self._try(changes) is None:
                self._supersede(changes, number)
                is_gone = True
            else:
                deleted = [each for each in changes if each[2] is None]
                is_gone = await self._try(deleted) is None
                self._hold(changes, number)
            self._report(trouble)
            return is_gone
        self._supersede(changes, number)
        for place, entry in held.items():
            if self._held.get(place) is entry:
                del self._held[place]
        if await self._merge_held() or held:
            self._kept()
        return True

    def _is_last(self, place: Place, number: int) -> bool:
        """Tell whether no later write has what lies there, or deletes it."""
        store, key = place
        around = [(store, (*key[:length], ANY)) for length in range(len(key))]
        return all(self._last.get(each, 0) <= number for each in (place, *around))

    async def _try(self, changes: Sequence[Change]) -> Trouble | None:
        """Write all of the changes or none; give the reason where it was none."""
        try:
            await self.below.write(changes)
        except StorageError as error:
            return error.trouble
        return None

    async def _merge_held(self) -> bool:
        """Write the held fields; tell whether there were any, and all are written."""
        held = dict(self._fields)
        is_kept = bool(held)
        for id, fields in held.items():
            try:
                await self.below.merge([id], fields)
            except StorageError:
                is_kept = False
                continue
            if self._fields.get(id) is fields:  # no newer ones have come to them
                del self._fields[id]
        return is_kept

    def _held_in(self, store: StoreName, chat_id: str | None) -> list[tuple[Key, bytes]]:
        return [
            (key, data)
            for (name, key), (_, data) in self._held.items()
            if name == store and chat_id in (None, key[0])
        ]

    def _replace(self, changes: Sequence[Change], number: int) -> None:
        """Let go of held data that is to be deleted, and hold what replaces other data: who reads
        while it is written finds one of both.
        """
        self._supersede([each for each in changes if each[2] is None], number)
        for store, key, data in changes:
            if data is not None and (store, key) in self._held:
                self._held[store, key] = (number, data)

    def _hold(self, changes: Sequence[Change], number: int) -> None:
        """Hold what could not be written, where no later write has it; what it has replaced is held
        already.
        """
        puts = {(store, key): data for store, key, data in changes if data is not None}
        for place, data in puts.items():
            of, _ = self._held.get(place, (0, b""))
            if of < number and self._is_last(place, number):
                self._held[place] = (number, data)

    def _supersede(self, changes: Sequence[Change], number: int) -> None:
        """Let go of what is held since this write or one before it, and is deleted or written."""
        for store, key, data in changes:
            place: Place = (store, key)
            places = [place] if data is not None else [p for p in self._held if _covers(place, p)]
            for each in places:
                if each in self._held and self._held[each][0] <= number:
                    del self._held[each]
            if store == "chats" and data is None:
                self._fields.pop(str(key[0]), None)

    def _let_go(self, ids: Sequence[str], fields: dict[str, Any]) -> None:
        for id in ids:
            if (held := self._fields.pop(id, None)) is not None and held.keys() - fields:
                self._fields[id] = {
                    name: value for name, value in held.items() if name not in fields
                }


def _covers(deleted: tuple[StoreName, Key], held: tuple[StoreName, Key]) -> bool:
    """Tell whether deleting the one also deletes the other."""
    (store, key), (held_store, held_key) = deleted, held
    if key[-1] == ANY:
        return store == held_store and held_key[: len(key) - 1] == key[:-1]
    return deleted == held
