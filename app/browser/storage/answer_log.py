"""The log of an answer that is being written: its batches, written without waiting."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from ...core.events import Event, ToolRunStart
from ...history import stored
from ...history.records import MessageRecord
from .chat_databases import ChatDatabases
from .database import ANY, Change, Key
from .tabs import AnswerBegun, AnswerEnded, AnswerGrew, MessagesChanged

# What comes within so many seconds is one entry; a tab that is killed loses no more. One that is
# left or hidden loses nothing: `flush`.
_GATHERED_S = 0.25


class AnswerLog:
    """Log of one answer. `number` entries are there already; `release` lets go of its lock, where
    this tab holds it. Made by `ChatStore.log` and `ChatStore.take_up`.
    """

    def __init__(
        self,
        databases: ChatDatabases,
        record: MessageRecord,
        *,
        number: int = 0,
        release: Callable[[], None] | None = None,
    ) -> None:
        self._databases = databases
        self._record = record
        self._database = databases.database_of(record.chat_id)
        self._number = number
        self._gathered: list[Event] = []
        self._place = ""
        self._timer: asyncio.TimerHandle | None = None
        self._is_held = release is not None
        self._release = release or (lambda: None)
        if not number:
            self._put(stored.message_line(record)[0])
        self._beginning = asyncio.ensure_future(self._begin())

    def append(self, batch: Sequence[Event], place: str = "") -> None:
        """Keep the latest batch, at once or within `_GATHERED_S`, with its place in a server's log.
        Waits for nothing, and raises nothing.
        """
        self._gathered += batch
        self._place = place
        if self._timer is None:
            self._write()
        elif place and any(isinstance(event, ToolRunStart) for event in batch):
            self.flush()  # who takes the answer up must know what has run

    def flush(self) -> None:
        """Keep the gathered batches now."""
        if self._gathered:
            self._put(stored.batch_line(self._gathered, self._place))
            self._gathered = []
            record = self._record
            if self._databases.tabs.has_others:
                self._databases.tell(record.chat_id, AnswerGrew(record.chat_id, record.id))

    async def finish(self, *records: MessageRecord) -> None:
        """Keep the answer in place of its log: one record a message, the first with the id that the
        log was begun with. None at all drops the answer.
        """
        self.flush()
        if self._timer is not None:
            self._timer.cancel()
        await self._beginning
        chat_id = self._record.chat_id
        await fold(self._databases, self._record, records)
        self._release()
        self._databases.tell(chat_id, AnswerEnded(chat_id, self._record.id))
        self._databases.tell(chat_id, MessagesChanged(chat_id))

    async def _begin(self) -> None:
        record, databases = self._record, self._databases
        if not self._is_held and not databases.is_temporary(record.chat_id):
            self._release = await databases.tabs.hold(record.chat_id, record.id)
        databases.tell(record.chat_id, AnswerBegun(record.chat_id, record.id))

    def _write(self) -> None:
        self._timer = None
        if self._gathered:
            self.flush()
            self._timer = asyncio.get_running_loop().call_later(_GATHERED_S, self._write)

    def _put(self, line: bytes) -> None:
        key: Key = (self._record.chat_id, self._record.id, self._number)
        self._database.append("log", key, line)
        self._number += 1


async def fold(
    databases: ChatDatabases, begun: MessageRecord, records: Sequence[MessageRecord]
) -> None:
    """Put the records in the place of their log."""
    chat_id = begun.chat_id
    changes: list[Change] = [("log", (chat_id, begun.id, ANY), None)]
    database = databases.database_of(chat_id)
    # Removed meanwhile: nobody would ever see them. One that is only marked may come back.
    if await database.one("chats", chat_id):
        changes += puts(records)
    await database.write(changes)


def taken_in(records: Iterable[MessageRecord]) -> list[Change]:
    """List the changes that write messages of the page's server; an answer that goes on there is
    followed from its start, by who opens the chat.
    """
    changes: list[Change] = []
    for record in records:
        if record.run and record.message.status is None:
            key: Key = (record.chat_id, record.id, 0)
            changes.append(("log", key, stored.message_line(record)[0]))
        else:
            changes += puts([record])
    return changes


def puts(records: Iterable[MessageRecord]) -> list[Change]:
    """List the changes that write these messages, with their files."""
    changes: list[Change] = []
    for record in records:
        line, files = stored.message_line(record)
        changes.append(("messages", (record.chat_id, record.id), line))
        changes += [("files", (record.chat_id, digest), data) for digest, data in files.items()]
    return changes
