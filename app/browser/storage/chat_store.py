"""The store of chats: in the browser's database, else as long as the page lives.

A message is a record of its own, so that writing one never touches another. An answer that is
being written is a log of its batches, written without waiting: whatever kills the tab, what had
arrived is there, but for a quarter of a second. At its end the log is folded into one record.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple
from weakref import WeakSet

from ...history import stored
from ...history.records import ChatRecord, MessageRecord
from ...history.tree import Tree
from ..web.ids import now_ms
from .answer_log import AnswerLog, fold, puts, taken_in
from .cells import Cells
from .chat_databases import ChatDatabases
from .database import ANY, Change, Key, StorageError
from .deletions import Deletions
from .outbox import Outbox
from .session_files import SessionFiles
from .tabs import ChatsChanged, MessagesChanged, StopWanted

# Within this time after its first entry, a log may still be without a lock.
_BEGUN_MS = 3000

# Messages read at once for searching: few enough that the page does not stutter.
_SLICE = 250


class TakenUp(NamedTuple):
    """An answer that this tab goes on with: its log, and what was in it."""

    log: AnswerLog
    kept: stored.Logged


class ChatStore(ChatDatabases):
    """The kept chats. `outbox` has unsent files and questions; chats are deleted by `deletions`;
    `cells` and `session_files` are of the Python of a chat.

    Other tabs are told of each change. Methods that write do not raise: what they could not write
    is held, and `on_trouble` is called with the reason. A temporary chat is held in memory alone,
    and no other tab hears of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox(self)
        self.session_files = SessionFiles(self)
        self.cells = Cells(self)
        self.deletions = Deletions(self, self.outbox)
        self._kept: set[str] = set()  # chats that this tab has read or kept
        self._logs: WeakSet[AnswerLog] = WeakSet()

    # Chats

    async def chats(self) -> list[ChatRecord]:
        """List the chats that were neither deleted nor temporary, in no particular order.

        Raises:
            StorageError: They could not be read.
        """
        found = {chat.id: chat for chat in stored.chats_of(await self._lasting.read("chats"))}
        left = self.deletions.marks.as_left(list(found.values()))
        return [chat for chat in left if not chat.deleted_ms]

    async def chat(self, chat_id: str) -> ChatRecord | None:
        """Read one chat as it is kept now; None where it is not, or was deleted.

        Raises:
            StorageError: It could not be read.
        """
        kept = stored.chats_of(await self.database_of(chat_id).one("chats", chat_id))
        found = self.deletions.marks.as_left(kept)
        return found[0] if found and not found[0].deleted_ms else None

    async def save_chat(self, chat: ChatRecord, *fields: str) -> None:
        """Keep these fields of a chat; all of it where it is new."""
        is_new = chat.id not in self._kept
        self._kept.add(chat.id)
        if is_new:
            self.deletions.marks.forget([chat.id])
        database = self.database_of(chat.id)
        if is_new or database.holds("chats", (chat.id,)):
            await database.write([("chats", (chat.id,), stored.chat_line(chat))])
            self.tell(chat.id, ChatsChanged([chat.id]))
        elif fields:
            await self.change_chats([chat.id], **{name: getattr(chat, name) for name in fields})

    async def add(self, trees: Sequence[Tree]) -> None:
        """Keep chats that are new here with all their messages: all of them or none. Other tabs
        hear of it when `tell_changed` is called.
        """
        changes: list[Change] = []
        self.deletions.marks.forget([tree.chat.id for tree in trees])
        for tree in trees:
            self._kept.add(tree.chat.id)
            changes.append(("chats", (tree.chat.id,), stored.chat_line(tree.chat)))
            changes += taken_in(tree.records())
        await self._lasting.write(changes)

    # Messages

    async def load(self, chat_id: str) -> Tree | None:
        """A chat with its messages; None where it is not kept.

        An answer that a tab is writing has no status yet. One whose tab was killed is
        `incomplete`, with all that had arrived; one of the page's server goes on there.

        Raises:
            StorageError: It could not be read.
        """
        await self.deletions.back(chat_id)
        chat = await self.chat(chat_id)
        if chat is None:
            return None
        database = self.database_of(chat_id)
        lines = await database.read("messages", chat_id)
        files: dict[str, bytes] = {}
        if stored.digests_in(lines):
            files = {str(key[-1]): data for key, data in await database.entries("files", chat_id)}
        records = {record.id: record for record in stored.messages_of(lines, files)}
        for answer in await self._logged(chat_id, files):
            if answer[0].id not in records:
                records.update((record.id, record) for record in answer)
        self._kept.add(chat_id)
        return Tree(chat, records.values())

    async def save_messages(self, records: Sequence[MessageRecord]) -> None:
        """Keep messages, new or changed."""
        for chat_id, group in _by_chat(records).items():
            await self.database_of(chat_id).write(puts(group))
            self.tell(chat_id, MessagesChanged(chat_id))

    async def take_in(self, tree: Tree, records: Sequence[MessageRecord]) -> None:
        """Keep messages of the page's server in a chat that is kept; `tree` has them already."""
        chat = tree.chat
        await self.database_of(chat.id).write(taken_in(records))
        await self.change_chats([chat.id], head=chat.head, updated_ms=chat.updated_ms)
        self.tell(chat.id, MessagesChanged(chat.id))

    async def delete_messages(self, records: Sequence[MessageRecord]) -> None:
        """Remove messages. `save_messages` with the same brings them back."""
        for chat_id, group in _by_chat(records).items():
            changes: list[Change] = []
            for record in group:
                changes.append(("messages", (chat_id, record.id), None))
                changes.append(("log", (chat_id, record.id, ANY), None))
            await self.database_of(chat_id).write(changes)
            await self._sweep(chat_id)
            self.tell(chat_id, MessagesChanged(chat_id))

    def log(self, record: MessageRecord) -> AnswerLog:
        """Begin to keep an answer that is being written. `record` is its place in the tree; its
        chat has been saved.
        """
        log = AnswerLog(self, record)
        self._logs.add(log)
        return log

    async def take_up(self, chat_id: str) -> list[TakenUp]:
        """Go on with the answers of the page's server that no tab writes any more: this one does
        from now on.

        Raises:
            StorageError: They could not be read.
        """
        taken = []
        database = self.database_of(chat_id)
        for kept in stored.logged(await database.read("log", chat_id), {}):
            id = kept.record.id
            release = await self.tabs.take(chat_id, id) if kept.record.run else None
            if release is None:
                continue
            # Another tab may have written on until a moment ago.
            entries = [one for one in await database.entries("log", chat_id) if one[0][1] == id]
            if not entries:
                release()
                continue
            [kept] = stored.logged(b"".join(data for _, data in entries), {})
            number = int(entries[-1][0][2]) + 1
            log = AnswerLog(self, kept.record, number=number, release=release)
            self._logs.add(log)
            taken.append(TakenUp(log, kept))
        return taken

    def stop_elsewhere(self, chat_id: str) -> None:
        """Have the tab that writes in a chat stop."""
        self.tell(chat_id, StopWanted(chat_id))

    def flush(self) -> None:
        """Keep now the gathered batches of all answers that are being written: the page may go."""
        for log in self._logs:
            log.flush()

    async def texts(self) -> AsyncIterator[list[tuple[str, str]]]:
        """Yield the texts of all messages, a slice at a time: pairs of a chat's id and a text.

        Raises:
            StorageError: It could not be read.
        """
        last: Key | None = None
        while True:
            last, lines = await self._lasting.slice("messages", last, _SLICE)
            if last is None:
                return
            yield stored.texts_of(lines)

    async def _logged(self, chat_id: str, files: dict[str, bytes]) -> list[list[MessageRecord]]:
        """Read the answers that are in the log alone. Those of killed tabs are folded for good."""
        log = await self.database_of(chat_id).read("log", chat_id)
        kept = stored.logged(log, files)
        going_on = [one.records_so_far() for one in kept if one.record.run]
        for answer in going_on:
            answer[-1].message.status = None  # also between two steps
        answers = [one.records() for one in kept if not one.record.run]
        if not answers:
            return going_on
        alive = {each.message_id for each in await self.tabs.writing()}
        # One that has just begun may not have its lock yet: its log is read, and left as it is.
        before_ms = now_ms() - _BEGUN_MS
        for answer in answers:
            if answer[0].id in alive:
                answer[-1].message.status, answer[-1].note = None, ""
            elif answer[0].created_ms < before_ms and not self.database_of(chat_id).holds(
                "messages", (chat_id, answer[0].id)
            ):
                await fold(self, answer[0], answer)
        return [*going_on, *answers]

    async def _sweep(self, chat_id: str) -> None:
        """Remove the files of messages that are gone."""
        database = self.database_of(chat_id)
        try:
            used = stored.digests_in(await database.read("messages", chat_id))
            kept = [key for key, _ in await database.entries("files", chat_id)]
        except StorageError:
            return  # they go with their chat
        await database.write([("files", key, None) for key in kept if key[-1] not in used])


def _by_chat(records: Iterable[MessageRecord]) -> dict[str, list[MessageRecord]]:
    groups: dict[str, list[MessageRecord]] = {}
    for record in records:
        groups.setdefault(record.chat_id, []).append(record)
    return groups
