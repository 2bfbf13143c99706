"""The log of an answer that is being written: one entry a batch, written without waiting."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...core.events import Event
from ...history import stored
from ...history.records import MessageRecord
from .database import Key
from .tabs import AnswerBegun, AnswerEnded, AnswerGrew, MessagesChanged

if TYPE_CHECKING:
    from .chat_store import HistoryStore


class AnswerLog:
    """An answer that is being written; made by `HistoryStore.log`."""

    def __init__(self, store: "HistoryStore", record: MessageRecord) -> None:
        self._store = store
        self._record = record
        self._database = store.database_of(record.chat_id)
        self._number = 0
        self._put(stored.message_line(record)[0])
        self._release: Callable[[], None] = lambda: None
        self._beginning = asyncio.ensure_future(self._begin())

    def append(self, batch: Sequence[Event]) -> None:
        """Keep what has just come. Waits for nothing, and raises nothing."""
        self._put(stored.batch_line(batch))
        record = self._record
        self._store.tell(record.chat_id, AnswerGrew(record.chat_id, record.id, list(batch)))

    async def finish(self, *records: MessageRecord) -> None:
        """Keep what the answer came to, in place of its log: one record a message, the first with
        the id that the log was begun with. None at all drops the answer.
        """
        await self._beginning
        chat_id = self._record.chat_id
        await self._store.fold(self._record, records)
        self._release()
        self._store.tell(chat_id, AnswerEnded(chat_id, self._record.id))
        self._store.tell(chat_id, MessagesChanged(chat_id))

    async def _begin(self) -> None:
        record, store = self._record, self._store
        if not store.is_temporary(record.chat_id):
            self._release = await store.tabs.hold(record.chat_id, record.id)
        store.tell(record.chat_id, AnswerBegun(record.chat_id, record.id))

    def _put(self, line: bytes) -> None:
        key: Key = (self._record.chat_id, self._record.id, self._number)
        self._database.append("log", key, line)
        self._number += 1
