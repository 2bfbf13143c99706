"""The chats of this browser: the list, and which one is shown.

The address names the chat that is shown (`#/chat/<id>`), so that a reload, Back and a second tab
find it. A chat is in the list from its first question on.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from js import document, location, window
from js import history as visited

from ...core.messages import Part
from ...history.records import ChatRecord
from ...history.search import Piece
from ...history.tree import Tree
from ..consent import words as consent_words
from ..conversation import found_words
from ..conversation.composer import message_box
from ..conversation.conversation import Conversation
from ..storage.chat_store import HistoryStore
from ..storage.database import StorageError, Trouble
from ..web import page_title, toast
from ..web.dom import Node, find, listen, show
from ..web.ids import new_id, now_ms
from ..web.tasks import beside
from . import chat_title, words
from .chat_operations import Changing
from .chat_row import Look
from .chat_search import ChatSearch
from .day_groups import grouped
from .drafts import Drafts
from .other_tabs import OtherTabs
from .selection import Choosing
from .sidebar import Actions, Row, Sidebar

_ADDRESS = "#/chat/"


class Chats:
    """Holds the list, and shows one chat of it."""

    def __init__(self, store: HistoryStore) -> None:
        self.store = store
        self._records: dict[str, ChatRecord] = {}
        self._opening = count(1)
        self._opened = 0
        self.search = ChatSearch(store, lambda: self._records.values(), self.show_list)
        self.drafts = Drafts(store)
        self.changing = Changing(self)
        self.choosing = Choosing(self)
        self.sidebar = Sidebar(
            Actions(
                self._look,
                self._open_menu,
                self.changing.rename,
                self.choosing.choose,
                self.changing.delete_by_key,
                self._on_pressed,
            )
        )
        self.others = OtherTabs(store, self)
        # Set by the page, which makes both: what opens at the button of a row.
        self.menu_of: Any = lambda chat: []
        # Set by the page: called when the list, or a chat of it, is another one.
        self.on_list: Callable[[], None] = lambda: None

    async def start(self, conversation: Conversation) -> None:
        """Read the list, and show the chat that the address names, else a new one."""
        self.conversation = conversation
        conversation.show(_new_tree())
        self.store.on_trouble = self._say_trouble
        if self.store.trouble is not None:
            self._say_trouble(self.store.trouble)
        await self.read()
        await self.others.start()
        self.drafts.start(lambda: self.conversation.shown.chat)
        await self._follow_address()
        listen(window, "popstate", lambda _: beside(self._follow_address()))
        beside(self.store.deletions.purge())

    # The list

    async def read(self) -> None:
        """Read the whole list."""
        try:
            found = await self.store.chats()
        except StorageError as error:
            self._say_trouble(error.trouble)
            return
        self._records = {chat.id: chat for chat in found}
        self.show_list()

    async def read_some(self, ids: Sequence[str]) -> None:
        """Read these chats anew: another tab has changed them."""
        for id in ids:
            found = await self.store.chat(id)
            if found is None:
                if self._records.pop(id, None) and id == self.shown.id:
                    self.conversation.forget(id)
                    self.new()
                    toast.show(words.GONE_ELSEWHERE)
            else:
                self._records[id] = found
                if id == self.shown.id:
                    self._take_in(found)
        self.show_list()

    def on_changed(self, chat: ChatRecord) -> None:
        """The conversation has changed a chat, or its answer begins or ends."""
        if self.store.is_temporary(chat.id):
            return
        if chat.id == self.shown.id and location.hash != _ADDRESS + chat.id:
            # A new chat gets its address; a fork is a place of its own, to go back from.
            set_address = visited.pushState if chat.forked_from else visited.replaceState
            set_address(None, "", _ADDRESS + chat.id)
            self.drafts.moved(chat)
        self._records[chat.id] = chat
        chat_title.offer(self.shown.id in self._records)
        self.show_list()

    def _found(self) -> list[ChatRecord]:
        """What was searched for, without what has been deleted since."""
        return [chat for chat in self.search.found if chat.id in self._records]

    def show_list(self) -> None:
        """Show the list as it is now."""
        looked_for = self.search.query
        show(find("chats-none"), not self._records and not looked_for)
        find("choose-chats").disabled = not self._records or self.choosing.is_on
        if looked_for:
            rows: list[Row] = list(self._found())
        else:
            rows = grouped(self._records.values())
        self.sidebar.show(rows, found=bool(looked_for), choosing=self.choosing.is_on)
        self.search.recount(len(rows))
        self.choosing.show()
        self.on_list()

    def focus_list(self) -> None:
        """Put the focus on a chat of the list; where it is empty, on what would fill it."""
        if not self.sidebar.focus():
            find("chat-search" if self.search.query else "new-chat").focus()

    @property
    def shown(self) -> ChatRecord:
        """The chat that is shown."""
        return self.conversation.shown.chat

    @property
    def records(self) -> dict[str, ChatRecord]:
        return self._records

    def is_running(self, id: str) -> bool:
        """Whether an answer in this chat is on its way, in any tab."""
        return self.conversation.is_running(id) or id in self.others.running

    # Showing one

    def new(self, *, temporary: bool = False) -> None:
        """Show an empty chat."""
        self._opened = next(self._opening)
        self.drafts.leave()
        tree = _new_tree()
        if temporary:
            self.store.make_temporary(tree.chat.id)
        if location.hash not in ("", "#/"):
            visited.pushState(None, "", "#/")
        self._show(tree)
        self.drafts.enter(tree.chat, is_new=not temporary)

    async def open(self, id: str, *, focus: bool = True) -> None:
        """Show a kept chat, and put its address into the history of the tab."""
        if location.hash != _ADDRESS + id:
            visited.pushState(None, "", _ADDRESS + id)
        await self._follow_address()
        if focus:
            message_box.focus()

    async def reload(self, id: str) -> None:
        """Take in what another tab has kept in this chat."""
        tree = await self.store.load(id)
        if tree is not None:
            self.conversation.refresh(tree)

    async def _follow_address(self) -> None:
        id = str(location.hash).removeprefix(_ADDRESS) if _ADDRESS in location.hash else ""
        mine = self._opened = next(self._opening)
        if not id:
            if self.shown.id in self._records or not self.shown.head:
                self.drafts.leave()
                tree = _new_tree()
                self._show(tree)
                self.drafts.enter(tree.chat, is_new=True)
            return
        if id == self.shown.id:
            return
        try:
            tree_or_none = await self.store.load(id)
        except StorageError as error:
            self._say_trouble(error.trouble)
            return
        await asyncio.sleep(0)  # reading and drawing each take a while: the browser comes between
        if mine != self._opened:
            return  # another one was asked for meanwhile
        if tree_or_none is None:
            toast.show(words.NO_SUCH_CHAT)
            visited.replaceState(None, "", "#/")
            await self._follow_address()
            return
        self.drafts.leave()
        self._show(tree_or_none)
        self.drafts.enter(tree_or_none.chat)
        self._go_to_words()

    def _show(self, tree: Tree) -> None:
        before = self.shown
        found_words.unmark()
        self.conversation.show(tree)
        if self.store.is_temporary(before.id) and before.id != tree.chat.id:
            self.conversation.forget(before.id)
            beside(self.store.deletions.purge([before.id]))
        show(find("temporary-note"), self.store.is_temporary(tree.chat.id))
        chat_title.offer(tree.chat.id in self._records)
        self.sidebar.refresh()

    def _go_to_words(self) -> None:
        if self.search.query:
            beside(found_words.go_to(self.conversation, self.search.query))

    def _on_pressed(self, id: str) -> None:
        """A chat of the list was pressed; one that is shown already has no new address."""
        if id == self.shown.id:
            self._go_to_words()

    async def step(self, by: int) -> None:
        """Show the chat so many places further down in the list."""
        ids = [chat.id for chat in self.listed()]
        if not ids:
            return
        here = ids.index(self.shown.id) if self.shown.id in ids else -1 if by > 0 else len(ids)
        await self.open(ids[min(max(here + by, 0), len(ids) - 1)])

    def send(self, text: str, files: Sequence[Part] = ()) -> None:
        """Ask in the chat that is shown. While another tab writes an answer there, the question
        waits for it, as it would for one of this tab.
        """
        if self.shown.id in self.others.running:
            self.conversation.wait(text, files)
        else:
            self.conversation.send(text, files)

    def _take_in(self, found: ChatRecord) -> None:
        """What another tab did to the chat that is shown; what is shown of it stays."""
        chat = self.shown
        chat.title, chat.is_titled, chat.pinned = found.title, found.is_titled, found.pinned
        self.conversation.take_in(found)
        page_title.show(chat.title)

    def listed(self) -> list[ChatRecord]:
        """The chats of the list as it is shown, in its order."""
        if self.search.query:
            return self._found()
        return [row for row in grouped(self._records.values()) if not isinstance(row, str)]

    # What the list asks

    def _look(self, chat: ChatRecord) -> Look:
        title, snippet = self.search.look(chat)
        return Look(
            title or [Piece(chat.title or consent_words.UNTITLED, False)],
            snippet,
            is_current=chat.id == self.shown.id,
            is_running=self.is_running(chat.id),
            is_waiting=self.conversation.is_waiting(chat.id),
            is_chosen=self.choosing.holds(chat.id),
        )

    def _open_menu(self, id: str, anchor: Node) -> None:
        if chat := self._records.get(id):
            self.menu_of(chat, anchor)

    def _say_trouble(self, trouble: Trouble) -> None:
        note = find("storage-note")
        find("storage-note-text").textContent = words.TROUBLES[trouble]
        show(note, True)
        document.documentElement.setAttribute("data-storage", trouble)


def _new_tree() -> Tree:
    return Tree(ChatRecord(new_id(), now_ms(), now_ms()))
