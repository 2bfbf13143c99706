"""What a person does to chats of the list: titles, pins, deletion with a way back."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..history.tree import Tree
from . import frame, texts
from .tasks import beside
from .views import toast

if TYPE_CHECKING:
    from .chats import Chats

# After so long a deletion can no longer be undone: longer than its message is there, in seconds.
_UNDO_S = 15.0


class Changing:
    """Changes chats in the list, in what is shown, and where they are kept."""

    def __init__(self, chats: "Chats") -> None:
        self._chats = chats
        self._store = chats.store

    def rename(self, id: str, title: str) -> None:
        """Give a chat the title that a person wrote."""
        self._change(id, title=title, is_titled=True)

    def pin(self, id: str, pinned: bool) -> None:
        self._change(id, pinned=pinned)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete chats; for a moment that can be undone."""
        chats, records = self._chats, self._chats.records
        gone = {id: records.pop(id) for id in ids if id in records}
        if not gone:
            return
        was_shown = chats.shown.id if chats.shown.id in gone else ""
        self._close(gone)
        beside(self._store.deletions.delete(list(gone)))
        purging = asyncio.ensure_future(self._purge_later(list(gone)))

        def undo() -> None:
            purging.cancel()
            chats.records.update(gone)
            beside(self._undelete(list(gone), was_shown))

        toast.show(texts.chats_deleted(len(gone)), texts.UNDO, undo)
        chats.show_list()

    def delete_by_key(self, id: str) -> None:
        """Delete what is chosen in the list, else this chat of it, and go to the one beside it."""
        sidebar, choosing = self._chats.sidebar, self._chats.choosing
        if choosing.has_some:
            choosing.delete()
            self._chats.focus_list()
            return
        next_id = sidebar.next_to(id)
        self.delete([id])
        if next_id:
            sidebar.focus(next_id)
        else:
            self._chats.focus_list()

    async def delete_all(self) -> None:
        """Delete every chat for good."""
        records = self._chats.records
        ids = list(records)
        records.clear()
        self._close(ids)
        await self._store.deletions.purge(ids)
        self._chats.show_list()

    async def add(self, trees: Sequence[Tree]) -> None:
        """Keep chats that were made elsewhere: those that a file brought."""
        for tree in trees:
            await self._store.save_chat(tree.chat)
            await self._store.save_messages(tree.records())
            self._chats.records[tree.chat.id] = tree.chat
        self._chats.show_list()

    def _change(self, id: str, **fields: Any) -> None:
        shown = self._chats.shown
        for chat in (self._chats.records.get(id), shown if shown.id == id else None):
            for name, value in fields.items():
                if chat is not None:
                    setattr(chat, name, value)
        if shown.id == id:
            frame.show_title(shown.title)
        beside(self._store.change_chats([id], **fields))
        self._chats.show_list()

    def _close(self, ids: Sequence[str] | dict[str, Any]) -> None:
        """These chats are deleted: nothing in them goes on, and none of them is shown."""
        is_shown = self._chats.shown.id in ids
        for id in ids:
            self._chats.conversation.forget(id)
        if is_shown:
            self._chats.new()

    async def _undelete(self, ids: list[str], shown_id: str) -> None:
        await self._store.deletions.undo(ids)
        self._chats.show_list()
        if shown_id:
            await self._chats.open(shown_id, focus=False)

    async def _purge_later(self, ids: list[str]) -> None:
        await asyncio.sleep(_UNDO_S)
        await self._store.deletions.purge(ids)
