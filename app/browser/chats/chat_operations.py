"""What a person does to chats of the list: titles, pins, deletion with a way back."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from ...history.records import ChatRecord
from ...history.tree import Tree
from ..web import page_title, toast
from ..web import words as web_words
from ..web.tasks import beside
from . import words

if TYPE_CHECKING:
    from .chats import Chats

# After so long a deletion can no longer be undone: longer than its message is there, in seconds.
_UNDO_S = 15.0

# Chats are kept in groups of at most so many messages (or one chat), each a transaction.
_TOGETHER = 60


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

        toast.show(words.chats_deleted(len(gone)), web_words.UNDO, undo)
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

    async def add(self, trees: Sequence[Tree], goes_on: Callable[[int], bool]) -> int:
        """Keep chats that were made elsewhere: those that a file brought. `goes_on(count)` is asked
        from time to time, with how many are kept; return how many were.
        """
        done = 0
        while done < len(trees) and goes_on(done):
            group = _first_of(trees, done)
            await self._store.add(group)
            self._chats.records.update((tree.chat.id, tree.chat) for tree in group)
            done += len(group)
            await asyncio.sleep(0)  # the page comes between
        self._store.tell_changed([tree.chat.id for tree in trees[:done]])
        self._chats.show_list()
        return done

    async def decide(
        self, decided: Sequence[ChatRecord], decide: Callable[[ChatRecord], None]
    ) -> None:
        """Take or drop what a file brought for these chats, as `decide` does with each."""
        groups: dict[bytes, list[str]] = {}
        for chat in decided:
            decide(chat)
            self._chats.conversation.take_in(chat)
            groups.setdefault(msgspec.json.encode(chat.settings), []).append(chat.id)
        for ids in groups.values():
            chat = self._chats.records[ids[0]]
            await self._store.change_chats(
                ids, settings=chat.settings, brought=None, takes_file=chat.takes_file
            )

    def _change(self, id: str, **fields: Any) -> None:
        shown = self._chats.shown
        for chat in (self._chats.records.get(id), shown if shown.id == id else None):
            for name, value in fields.items():
                if chat is not None:
                    setattr(chat, name, value)
        if shown.id == id:
            page_title.show(shown.title)
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
        # An import, here or in another tab, may have brought some of them back.
        gone = [id for id in ids if id not in self._chats.records]
        await self._store.deletions.purge(gone)


def _first_of(trees: Sequence[Tree], start: int) -> list[Tree]:
    """The next of these, as many as are kept in one go."""
    count = 0
    for at in range(start, len(trees)):
        count += 1 + len(trees[at])
        if count > _TOGETHER:
            return list(trees[start : max(at, start + 1)])
    return list(trees[start:])
