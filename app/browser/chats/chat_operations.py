"""A person's changes to chats of the list: titles, pins, deletion with a way back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from ...history.records import ChatRecord
from ...history.tree import Tree
from ..web import toast
from ..web import words as web_words
from ..web.ids import new_id
from ..web.tasks import beside
from . import words
from .chat_list import ChatList

# After so long a deletion can no longer be undone: longer than its message is there, in seconds.
_UNDO_S = 15.0

# Chats are kept in groups of at most so many messages (or one chat), each a transaction.
_TOGETHER = 60


class Navigation(Protocol):
    """Which chat is shown, and a way to another one."""

    @property
    def shown(self) -> ChatRecord: ...

    async def open(self, id: str, *, focus: bool = True) -> None: ...


class ChatOperations:
    """Changes chats in the list, and where they are kept."""

    def __init__(self, chats: ChatList, navigation: Navigation) -> None:
        self._chats = chats
        self._store = chats.store
        self._navigation = navigation

    def rename(self, id: str, title: str) -> None:
        """Give a chat the title that a person wrote."""
        if id in self._chats.records:
            self._chats.change([id], title=title, is_titled=True)

    def pin(self, id: str, pinned: bool) -> None:
        if id in self._chats.records:
            self._chats.change([id], pinned=pinned)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete chats; for a moment that can be undone."""
        shown_id = self._navigation.shown.id
        gone = self._chats.remove(ids)
        if not gone:
            return
        self._chats.write(list(gone), self._store.deletions.delete(list(gone)))

        def undo() -> None:
            purging.cancel()
            self._chats.put(gone.values())
            undoing = self._store.deletions.undo(list(gone))
            beside(self._undelete(undoing, list(gone), shown_id if shown_id in gone else ""))

        said = words.chats_deleted(
            len(gone), on_server=any(chat.on_server for chat in gone.values())
        )
        shown = toast.show(said, web_words.UNDO, undo)
        purging = asyncio.ensure_future(self._purge_later(list(gone), shown))

    async def delete_all(self) -> None:
        """Delete every chat for good."""
        await self._store.deletions.purge(self._chats.remove(self._chats.records))

    async def add(self, trees: Sequence[Tree], goes_on: Callable[[int], bool]) -> int:
        """Keep chats that were made elsewhere: those that a file brought. `goes_on(count)` is asked
        from time to time, with how many are kept; return how many were. One whose deletion the
        server has still to do gets an id of its own: what is deleted there is another chat.
        """
        owed = await self._store.deletions.owed()
        for tree in trees:
            if tree.chat.id in owed:
                tree.set_id(new_id())
        done = 0
        while done < len(trees) and goes_on(done):
            group = _first_of(trees, done)
            await self._store.add(group)
            self._chats.add(tree.chat for tree in group)
            done += len(group)
            await asyncio.sleep(0)  # the page comes between
        self._store.tell_changed([tree.chat.id for tree in trees[:done]])
        self._chats.put(tree.chat for tree in trees[:done])
        return done

    def decide(self, decided: Iterable[ChatRecord], decide: Callable[[ChatRecord], None]) -> None:
        """Take or drop what a file brought for these chats, as `decide` does with each."""
        groups: dict[bytes, list[ChatRecord]] = {}
        for chat in decided:
            decide(chat)
            groups.setdefault(msgspec.json.encode(chat.settings), []).append(chat)
        for group in groups.values():
            settings, takes_file = group[0].settings, group[0].takes_file
            ids = [chat.id for chat in group]
            told = msgspec.structs.asdict(settings)
            self._chats.change(ids, told, brought=None, takes_file=takes_file)

    async def _undelete(self, undoing: Awaitable[None], ids: list[str], shown_id: str) -> None:
        await undoing
        await self._chats.read_some(ids)  # an answer may have ended in them meanwhile
        if shown_id:
            await self._navigation.open(shown_id, focus=False)

    async def _purge_later(self, ids: list[str], shown: str) -> None:
        """Remove them for good once the message with their Undo, `shown`, is gone."""

        def gone() -> list[str]:
            """Leave out what an import, here or in another tab, has brought back."""
            return [id for id in ids if id not in self._chats.records]

        await asyncio.sleep(_UNDO_S)
        while toast.is_shown(shown):  # as long as the pointer or the focus is on it, with its Undo
            self._store.deletions.hold(gone())
            await asyncio.sleep(_UNDO_S)
        await self._store.deletions.purge(gone())


def _first_of(trees: Sequence[Tree], start: int) -> list[Tree]:
    """Take the next of these, as many as are kept in one go."""
    count = 0
    for at in range(start, len(trees)):
        count += 1 + len(trees[at])
        if count > _TOGETHER:
            return list(trees[start : max(at, start + 1)])
    return list(trees[start:])
