"""Output of the cells of a chat's Python: live for its followers, and kept for later."""

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256

from ...python.messages import Done, Failure, Message, read, written
from .chat_databases import ChatDatabases
from .database import Change, StorageError

# Of one cell. What it told beyond that is shown once, and not kept.
_MOST_KEPT = 8_000_000
# The beginning of its code that tells it from others.
KNOWN_BY = 100_000

_Cell = tuple[str, str]


class Cells:
    """The output of cells. A cell is known by its chat, the id of its call, and its code: providers
    use ids again. Methods do not raise; output without room is held by the store.
    """

    def __init__(self, databases: ChatDatabases) -> None:
        self._databases = databases
        self._live: dict[_Cell, list[Message]] = {}
        self._followers: dict[_Cell, list[Callable[[Message], None]]] = {}
        # The chat that was read last.
        self._read: tuple[str, asyncio.Future[dict[str, bytes]]] | None = None

    def tell(self, chat_id: str, call_id: str, code: str, message: Message) -> None:
        """Take output of a running cell."""
        cell = _cell(chat_id, call_id, code)
        self._live.setdefault(cell, []).append(message)
        for take in self._followers.get(cell, []):
            take(message)

    async def finish(self, chat_id: str, call_id: str, code: str) -> None:
        """End a cell: keep its output."""
        cell = _cell(chat_id, call_id, code)
        told = self._live.get(cell)
        if told is None:
            return
        self._read = None
        await self._databases.database_of(chat_id).write([("cells", cell, _lines(told))])
        self._live.pop(cell, None)
        self._followers.pop(cell, None)
        self._read = None  # what was read meanwhile may lack it

    async def lines(self, chat_id: str) -> dict[str, bytes]:
        """Read the output of all cells of a chat as it is kept, for `keep_lines`."""
        return await self._kept(chat_id)

    async def keep_lines(self, chat_id: str, lines: Mapping[str, bytes]) -> None:
        """Keep what `lines` has given. What is no message in it is passed over when it is read."""
        self._read = None
        changes: list[Change] = [("cells", (chat_id, cell), data) for cell, data in lines.items()]
        if changes:
            await self._databases.database_of(chat_id).write(changes)

    async def has_any(self, chat_id: str) -> bool:
        """Tell whether a cell of this chat has ever run."""
        return bool(await self._kept(chat_id))

    async def told(self, chat_id: str) -> Callable[[str, str], list[Message]]:
        """Read the output of all cells of a chat; give it by the id of a call and its code."""
        kept = await self._kept(chat_id)

        def told_of(call_id: str, code: str) -> list[Message]:
            cell = _cell(chat_id, call_id, code)
            if cell in self._live:
                return [*self._live[cell]]
            found = map(read, kept.get(cell[1], b"").splitlines())
            return [message for message in found if message is not None]

        return told_of

    async def follow(
        self, chat_id: str, call_id: str, code: str, take: Callable[[Message], None]
    ) -> None:
        """Give the output of a cell so far, and then its further output."""
        cell = _cell(chat_id, call_id, code)
        if cell in self._live:
            for message in self._live[cell]:
                take(message)
            self._followers.setdefault(cell, []).append(take)
            return
        has_told = False

        def hear(message: Message) -> None:
            nonlocal has_told
            has_told = True
            take(message)

        # Before anything is waited for: a quick cell is over by then.
        self._followers.setdefault(cell, []).append(hear)
        lines = (await self._kept(chat_id)).get(cell[1], b"").splitlines()
        if not has_told:
            for kept in map(read, lines):
                if kept is not None:
                    take(kept)

    async def _kept(self, chat_id: str) -> dict[str, bytes]:
        if self._read is None or self._read[0] != chat_id:
            self._read = chat_id, asyncio.ensure_future(self._entries(chat_id))
        return await asyncio.shield(self._read[1])

    async def _entries(self, chat_id: str) -> dict[str, bytes]:
        try:
            found = await self._databases.database_of(chat_id).entries("cells", chat_id)
        except StorageError:
            return {}
        return {str(key[-1]): data for key, data in found}


@lru_cache(maxsize=16)  # asked for with each of thousands of messages
def _cell(chat_id: str, call_id: str, code: str) -> _Cell:
    digest = sha256(code[:KNOWN_BY].encode("utf-8", "replace")).hexdigest()[:16]
    return chat_id, f"{call_id[:200]} {digest}"


def _lines(told: list[Message]) -> bytes:
    lines = []
    room = _MOST_KEPT
    for message in told:
        line = written(message).encode()
        if len(line) > room and not isinstance(message, Failure | Done):
            continue
        room -= len(line)
        lines.append(line)
    return b"\n".join(lines)
