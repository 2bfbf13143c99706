"""The choice of the chat that is shown, and its address.

The address names the chat that is shown (`#/chat/<id>`), so that a reload, Back and a second tab
find it. A new chat has none until its first question.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

from js import history as visited
from js import location, window

from ...history.records import ChatRecord
from ...history.tree import Tree
from ..conversation import found_words
from ..conversation.composer import message_box
from ..conversation.conversation import Conversation
from ..storage.database import StorageError
from ..web import toast
from ..web.dom import find, listen, show
from ..web.ids import new_id, now_ms
from ..web.tasks import beside
from . import chat_title, words
from .chat_list import ChatList
from .drafts import Drafts

_ADDRESS = "#/chat/"


class Navigation:
    """Shows one chat at a time. `on_shown()` is called when it is another one, `on_opened()` when a
    chat of the list was opened.
    """

    def __init__(
        self,
        chats: ChatList,
        conversation: Conversation,
        on_shown: Callable[[], None],
        on_opened: Callable[[], None],
    ) -> None:
        self._chats = chats
        self._conversation = conversation
        self._on_shown = on_shown
        self._on_opened = on_opened
        self._drafts = Drafts(chats.store)
        # Has a chat kept here that is not yet; says why that can't be.
        self.fetch: Callable[[str], Awaitable[str]] | None = None
        self._opening = count(1)
        self._opened = 0

    @property
    def shown(self) -> ChatRecord:
        """The chat that is shown."""
        return self._conversation.shown.chat

    def begin(self) -> None:
        """Show an empty chat until it is known which one the address names."""
        self._conversation.show(_new_tree())

    async def start(self) -> None:
        """Show the chat that the address names, else a new one, and follow the address."""
        self._drafts.start(lambda: self.shown)
        await self._follow_address()
        listen(window, "popstate", self._on_moved)

    def new(self, *, temporary: bool = False) -> None:
        """Show an empty chat."""
        self._opened = next(self._opening)
        message_box.hold(False)
        self._drafts.leave()
        tree = _new_tree()
        if temporary:
            self._chats.store.make_temporary(tree.chat.id)
        if location.hash not in ("", "#/"):
            visited.pushState(None, "", "#/")
        self._show(tree)
        self._drafts.enter(tree.chat, is_new=not temporary)

    async def open(self, id: str, *, focus: bool = True) -> None:
        """Show a kept chat, and put its address into the history of the tab."""
        if location.hash != _ADDRESS + id:
            visited.pushState(None, "", _ADDRESS + id)
        message_box.hold(True)
        await self._follow_address()
        if focus:
            message_box.focus()

    def follow(self, chat: ChatRecord) -> None:
        """Give the shown chat its address, where it has begun."""
        if chat.id == self.shown.id and location.hash != _ADDRESS + chat.id:
            # A fork is a place of its own, to go back from.
            set_address = visited.pushState if chat.forked_from else visited.replaceState
            set_address(None, "", _ADDRESS + chat.id)
            self._drafts.moved(chat)

    def _on_moved(self, _event: object) -> None:
        message_box.hold(True)  # at once, not only when the task begins
        beside(self._follow_address())

    async def _follow_address(self) -> None:
        """Show the chat that the address names. What was sent before it is there would go to the
        chat that is left.
        """
        mine = self._opened = next(self._opening)
        try:
            await self._show_addressed(mine)
        finally:
            if mine == self._opened:
                message_box.hold(False)

    async def _show_addressed(self, mine: int) -> None:
        id = str(location.hash).removeprefix(_ADDRESS) if _ADDRESS in location.hash else ""
        if not id:
            if self.shown.id in self._chats.records or not self.shown.head:
                self._drafts.leave()
                tree = _new_tree()
                self._show(tree)
                self._drafts.enter(tree.chat, is_new=True)
            return
        if id == self.shown.id:
            return
        try:
            found = await self._conversation.reload(id) or await self._load(id)
            why_not = words.NO_SUCH_CHAT
            if found is None and self.fetch is not None and not (why_not := await self.fetch(id)):
                found = await self._load(id)
        except StorageError as error:
            self._chats.on_trouble(error.trouble)
            return
        await asyncio.sleep(0)  # reading and drawing each take a while: the browser comes between
        if mine != self._opened:
            return  # another one was asked for meanwhile
        if found is None:
            toast.show(why_not)
            visited.replaceState(None, "", "#/")
            await self._follow_address()
            return
        self._drafts.leave()
        self._show(found)
        self._drafts.enter(found.chat)
        self._on_opened()

    async def _load(self, id: str) -> Tree | None:
        kept = await self._chats.store.load(id)
        return None if kept is None else self._chats.adopt(kept)

    def _show(self, tree: Tree) -> None:
        before, store = self.shown, self._chats.store
        found_words.unmark()
        self._conversation.show(tree)
        if store.is_temporary(before.id) and before.id != tree.chat.id:
            self._conversation.forget(before.id)
            beside(store.deletions.purge([before.id]))
        show(find("temporary-note"), store.is_temporary(tree.chat.id))
        chat_title.offer(tree.chat.id in self._chats.records)
        self._on_shown()


def _new_tree() -> Tree:
    return Tree(ChatRecord(new_id(), now_ms(), now_ms()))
