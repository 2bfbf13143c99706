"""The browser's database under Python's names, and one in memory where the browser forbids it.

Both hold bytes under keys that begin with a chat's id. Every failure is a `StorageError`, whoever
reports it.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
from pyodide.ffi import create_proxy, to_js
from tokenfall_page import openForPython

from ...core.json_values import encoded

StoreName = Literal["chats", "messages", "files", "log", "drafts", "session_files", "cells"]

# The chat's id, and below it those of a message or a file, and a number.
Key = tuple[str | int, ...]

# A store, a key, and what to put there; None deletes.
Change = tuple[StoreName, Key, bytes | None]

# As the last of a key that is deleted: whatever begins with the rest of it.
ANY = -1

# What can go wrong. full: the browser gives this page no more room. forbidden: it gives none at
# all. newer: a newer page has kept chats here, in a form that this one does not know. outdated: a
# newer page in another tab wants to change that form. upgrade: that form could not be changed, and
# all is as it was. closed: the browser closed the database.
Trouble = Literal["full", "forbidden", "newer", "outdated", "upgrade", "closed", "failed"]

# Some browsers neither open nor refuse when their files are damaged.
_OPEN_LIMIT_S = 10.0

_NAMES: dict[str, Trouble] = {
    "QuotaExceededError": "full",
    "VersionError": "newer",
    "UpgradeError": "upgrade",
    "InvalidStateError": "closed",
    "SecurityError": "forbidden",
}


class StorageError(Exception):
    """Something could not be kept or read. `trouble` says why."""

    def __init__(self, trouble: Trouble, message: str = "") -> None:
        super().__init__(message or trouble)
        self.trouble = trouble


async def _settled(promise: Any) -> Any:
    """Give the result of a call into database.mjs.

    Raises:
        StorageError: It failed.
    """
    answer = await promise
    if failure := getattr(answer, "failure", None):
        raise StorageError(_NAMES.get(str(failure), "failed"), str(answer.message))
    return answer.value


class Database:
    """IndexedDB. `tell` is called with errors that come while nobody waits."""

    def __init__(self, opened: Any) -> None:
        self._opened = opened

    @classmethod
    async def open(cls, tell: Callable[[Trouble], None]) -> "Database":
        """Open the database of this page.

        Raises:
            StorageError: The browser does not give one.
        """

        def heard(name: str, reason: str) -> None:
            if name == "failed":
                tell(_NAMES.get(reason, "failed"))
            elif name in ("outdated", "closed"):
                tell("outdated" if name == "outdated" else "closed")

        try:
            async with asyncio.timeout(_OPEN_LIMIT_S):
                # The proxy lives as long as the page.
                return cls(await _settled(openForPython(create_proxy(heard))))
        except TimeoutError:
            raise StorageError("forbidden", "the browser did not open its database") from None
        except StorageError as error:
            is_told = error.trouble in ("newer", "upgrade")
            raise StorageError(error.trouble if is_told else "forbidden", str(error)) from None

    async def one(self, store: StoreName, chat_id: str) -> bytes:
        """The line of one record; empty where there is none."""
        return _bytes(await _settled(self._opened.one(store, chat_id)))

    async def read(self, store: StoreName, chat_id: str | None = None) -> bytes:
        """The lines of all records, or of those whose keys begin with this chat, in their order."""
        prefix = [] if chat_id is None else [to_js([chat_id])]
        return _bytes(await _settled(self._opened.read(store, *prefix)))

    async def entries(self, store: StoreName, chat_id: str) -> list[tuple[Key, bytes]]:
        """The keys and values below a chat."""
        found = await _settled(self._opened.entries(store, to_js([chat_id])))
        return [(tuple(entry[0]), _bytes(entry[1])) for entry in found]

    async def keys(self, store: StoreName) -> list[Key]:
        """List the keys of a store that begin with a chat."""
        return [tuple(key) for key in await _settled(self._opened.keys(store))]

    async def slice(
        self, store: StoreName, after: Key | None, limit: int
    ) -> tuple[Key | None, bytes]:
        """The lines of at most `limit` records after a key, and the last one's key.

        The key is None at the end.
        """
        start = [] if after is None else [to_js(list(after))]
        found = await _settled(self._opened.slice(store, limit, *start))
        last = found[0]
        return (None if last is None else tuple(last)), _bytes(found[1])

    async def write(self, changes: Sequence[Change]) -> None:
        """Make all of the changes or none, on the disk before this returns.

        Raises:
            StorageError: Nothing was changed.
        """
        listed = [
            [store, _key(key)] if data is None else [store, _key(key), data]
            for store, key, data in changes
        ]
        if listed:
            await _settled(self._opened.write(to_js(listed)))

    def append(self, store: StoreName, key: Key, data: bytes) -> None:
        """Put without waiting; a failure is told."""
        self._opened.append(store, to_js(_key(key)), to_js(data))

    async def merge(self, ids: Sequence[str], fields: dict[str, Any]) -> None:
        """Change these fields of chats, and no others.

        Raises:
            StorageError: Nothing was changed.
        """
        text = encoded(fields).decode()
        await _settled(self._opened.merge(to_js(list(ids)), text))


class MemoryDatabase:
    """The same in memory: it lasts as long as the page."""

    def __init__(self) -> None:
        self._stores: dict[StoreName, dict[Key, bytes]] = {
            "chats": {},
            "messages": {},
            "files": {},
            "log": {},
            "drafts": {},
            "session_files": {},
            "cells": {},
        }

    async def one(self, store: StoreName, chat_id: str) -> bytes:
        return self._stores[store].get((chat_id,), b"")

    async def read(self, store: StoreName, chat_id: str | None = None) -> bytes:
        return b"".join(data for _, data in self._sorted(store, chat_id))

    async def entries(self, store: StoreName, chat_id: str) -> list[tuple[Key, bytes]]:
        return self._sorted(store, chat_id)

    async def keys(self, store: StoreName) -> list[Key]:
        return [key for key, _ in self._sorted(store)]

    async def slice(
        self, store: StoreName, after: Key | None, limit: int
    ) -> tuple[Key | None, bytes]:
        found = [entry for entry in self._sorted(store) if after is None or entry[0] > after]
        taken = found[:limit]
        return (taken[-1][0] if taken else None), b"".join(data for _, data in taken)

    async def write(self, changes: Sequence[Change]) -> None:
        for store, key, data in changes:
            held = self._stores[store]
            if data is not None:
                held[key] = data
            elif key[-1] == ANY:
                for name in [name for name in held if name[: len(key) - 1] == key[:-1]]:
                    del held[name]
            else:
                held.pop(key, None)

    def append(self, store: StoreName, key: Key, data: bytes) -> None:
        self._stores[store][key] = data

    async def merge(self, ids: Sequence[str], fields: dict[str, Any]) -> None:
        chats = self._stores["chats"]
        for id in ids:
            if line := chats.get((id,)):
                chats[id,] = merged(line, fields)

    def _sorted(self, store: StoreName, chat_id: str | None = None) -> list[tuple[Key, bytes]]:
        found = self._stores[store].items()
        return sorted(entry for entry in found if chat_id is None or entry[0][0] == chat_id)


def merged(line: bytes, fields: dict[str, Any]) -> bytes:
    """The line of a record with these fields in place of its own. As in database.mjs, `a.b` is the
    part `b` of the field `a`.
    """
    record = msgspec.json.decode(line)
    for name, value in fields.items():
        field, _, part = name.partition(".")
        record[field] = record.get(field, {}) | {part: value} if part else value
    return encoded(record) + b"\n"


def _key(key: Key) -> str | list[Any]:
    """A key as the browser's database has it: chats under a text, all else under arrays."""
    if len(key) == 1:
        return str(key[0])
    # An array is what comes after all texts and numbers; there it stands for "whatever follows".
    return [*key[:-1], [] if key[-1] == ANY else key[-1]]


def _bytes(array: Any) -> bytes:
    return bytes(array.to_bytes()) if array is not None else b""
