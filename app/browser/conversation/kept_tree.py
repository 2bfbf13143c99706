"""The tree of an open chat: changes of this tab are kept, those of other tabs taken in."""

import asyncio
from collections.abc import Container, Coroutine, Iterable, Sequence
from typing import Any

from ...core.messages import Message
from ...history.records import ChatRecord, MessageRecord
from ...history.tree import Tree
from ..storage.chat_store import ChatStore
from ..web import toast
from ..web.ids import new_id, now_ms
from ..web.tasks import beside
from .answer_runs import AnswerRuns

# After so long a deletion can no longer be undone: longer than its message is there, in seconds.
_UNDO_S = 15.0


class KeptTree:
    """`chat` stays the same record; `tree` may be another one after `take_in`."""

    def __init__(self, tree: Tree, store: ChatStore, runs: AnswerRuns) -> None:
        self.chat: ChatRecord = tree.chat
        self.tree = tree
        self._store = store
        self._runs = runs
        # How often this tab has changed the messages, and what of that is not kept yet.
        self._changes = 0
        self._writes: set[asyncio.Task[None]] = set()

    def record(
        self, message: Message, parent: str, *, source: str = "", note: str = ""
    ) -> MessageRecord:
        """Make the record of a message that is said now."""
        return MessageRecord(
            new_id(), self.chat.id, now_ms(), message, parent=parent, source=source, note=note
        )

    def add(self, record: MessageRecord, *fields: str) -> None:
        """Take in a message, which becomes the head; keep it, and these fields of the chat."""
        self.tree.add(record)
        self._save([record], *fields)

    def add_growing(self, record: MessageRecord) -> None:
        """Take in the next message of an answer, whose log keeps it; follow it where the one before
        is shown.
        """
        if record.parent not in self.tree:
            return  # it was deleted meanwhile
        if self.chat.head == record.parent:
            self.tree.add(record)
            self.keep("head")
        else:
            self.tree.put(record)

    def select(self, id: str) -> None:
        """Show the path through this message."""
        self.tree.select(id)
        self.keep("head")

    def take_out(self, id: str) -> list[MessageRecord]:
        """Take out a message with all that follows; return what `restore` puts back."""
        removed = self.tree.remove(id)
        self.write(self._store.delete_messages(removed))
        self.keep("head")
        return removed

    def remove(self, id: str, going_on: Container[str]) -> list[MessageRecord]:
        """Take it out, and have the page's server delete its answers too once that can't be undone;
        not those that are `going_on`: their end deletes them.
        """
        removed = self.take_out(id)
        if runs := {one.run for one in removed if one.run and one.run not in going_on}:
            self.chat.gone |= dict.fromkeys(runs, id)
            self.keep("gone")
            beside(self._delete_on_server(runs))
        return removed

    def restore(self, records: Sequence[MessageRecord]) -> None:
        """Undo `remove`."""
        for record in records:
            self.chat.gone.pop(record.run, None)
        self.tree.restore(records)
        self._save(records, "gone")

    async def delete_left(self) -> None:
        """Have the page's server delete what an earlier visit could not."""
        if self.chat.gone:
            await self._delete_on_server(list(self.chat.gone))

    def keep(self, *fields: str) -> None:
        """Keep these fields of the chat's record, and that it was changed now."""
        self.chat.updated_ms = max(self.chat.updated_ms, now_ms())
        beside(self._store.save_chat(self.chat, "updated_ms", *fields))

    def write(self, writing: Coroutine[Any, Any, None]) -> None:
        """Keep a change of the messages; trees read before it is kept are older."""
        self._changes += 1
        task = asyncio.ensure_future(writing)
        self._writes.add(task)
        beside(self._written(task))

    async def read(self) -> Tree | None:
        """Read the chat as it is kept by now, with all that this tab has changed; None where it is
        not kept.

        Raises:
            StorageError: It could not be read.
        """
        while True:
            while self._writes:
                await asyncio.wait(self._writes)
            changes = self._changes
            tree = await self._store.load(self.chat.id)
            if changes == self._changes:
                return tree  # else this tab has changed meanwhile what was read

    def take_in(self, tree: Tree, *, is_growing: bool) -> None:
        """Take in the messages that were read; go on from the shown path. Where answers grow in
        this tab, only take in what is new.
        """
        if is_growing:
            for record in tree.records():
                if record.id not in self.tree:
                    self.tree.put(record)
            return
        kept_head, tree.chat, self.tree = tree.chat.head, self.chat, tree
        if self.chat.head in tree:
            tree.select(self.chat.head)
        else:
            self.chat.head = kept_head

    async def _delete_on_server(self, runs: Iterable[str]) -> None:
        await asyncio.sleep(_UNDO_S)
        while toast.is_shown():  # perhaps with the Undo of these, which the pointer is on
            await asyncio.sleep(_UNDO_S)
        for run in runs:
            message_id = self.chat.gone.get(run)
            if message_id and await self._runs.server.delete_run(run, message_id):
                self.chat.gone.pop(run, None)
        self.keep("gone")

    async def _written(self, task: asyncio.Task[None]) -> None:
        try:
            await task
        finally:
            self._writes.discard(task)

    def _save(self, records: Sequence[MessageRecord], *fields: str) -> None:
        self.write(self._store.save_messages(records))
        self.keep("head", *fields)
