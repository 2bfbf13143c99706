"""The chats of this browser: the list, which one is shown, and what is done to them.

The address names the chat that is shown (`#/chat/<id>`), so that a reload, Back and a second tab
find it. A chat is in the list from its first question on.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import count
from typing import Any

from js import document, location, window
from js import history as visited

from ..core.messages import Part
from ..history.days import first_day, heading
from ..history.records import ChatRecord
from ..history.search import Piece
from ..history.tree import Tree
from . import frame, texts
from .chat_search import ChatSearch
from .conversation import Conversation
from .database import StorageError, Trouble
from .dom import Node, find, listen, show
from .drafts import Drafts
from .other_tabs import OtherTabs
from .store import HistoryStore, new_id, now_ms
from .views import composer, toast
from .views.chat_row import Look
from .views.sidebar import Actions, Row, Sidebar

_ADDRESS = "#/chat/"

# After so long a deletion can no longer be undone: longer than its message is there, in seconds.
_UNDO_S = 15.0


class Chats:
    """Holds the list, and shows one chat of it. `keep` runs a coroutine beside everything else."""

    def __init__(self, store: HistoryStore, keep: Any) -> None:
        self.store = store
        self._keep = keep
        self._records: dict[str, ChatRecord] = {}
        self._chosen: set[str] | None = None  # None while nothing is to be chosen
        self._last_chosen = ""
        self._opening = count(1)
        self._opened = 0
        self._reader: asyncio.Task[None] | None = None
        self.search = ChatSearch(store, lambda: self._records.values(), self.show_list)
        self.drafts = Drafts(store)
        self.sidebar = Sidebar(
            Actions(self._look, self._open_menu, self.rename, self._choose, self._delete_by_key)
        )
        self.others = OtherTabs(store, self)
        # Set by the page, which makes both: what opens at the button of a row.
        self.menu_of: Any = lambda chat: []

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
        listen(window, "popstate", lambda _: self._keep(self._follow_address()))
        self._keep(self.store.deletions.purge())

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
                    toast.show(texts.GONE_ELSEWHERE)
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
        self.show_list()

    def show_list(self) -> None:
        """Show the list as it is now."""
        looked_for = self.search.query
        show(find("chats-none"), not self._records and not looked_for)
        show(find("choose-chats"), bool(self._records) and self._chosen is None)
        if looked_for:
            rows: list[Row] = list(self.search.found)
        else:
            rows = _grouped(self._records.values())
        self.sidebar.show(rows, found=bool(looked_for), choosing=self._chosen is not None)
        self._show_chosen()

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
            composer.focus()

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
            toast.show(texts.NO_SUCH_CHAT)
            visited.replaceState(None, "", "#/")
            await self._follow_address()
            return
        self.drafts.leave()
        self._show(tree_or_none)
        self.drafts.enter(tree_or_none.chat)

    def _show(self, tree: Tree) -> None:
        before = self.shown
        self.conversation.show(tree)
        if self.store.is_temporary(before.id) and before.id != tree.chat.id:
            self.conversation.forget(before.id)
            self._keep(self.store.deletions.purge([before.id]))
        show(find("temporary-note"), self.store.is_temporary(tree.chat.id))
        self.sidebar.refresh()

    async def step(self, by: int) -> None:
        """Show the chat so many places further down in the list."""
        ids = [chat.id for chat in self._listed()]
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

    # Changing them

    def rename(self, id: str, title: str) -> None:
        """Give a chat the title that a person wrote."""
        self._change([id], title=title, is_titled=True)

    def pin(self, id: str, pinned: bool) -> None:
        self._change([id], pinned=pinned)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete chats; for a moment that can be undone."""
        gone = {id: self._records.pop(id) for id in ids if id in self._records}
        if not gone:
            return
        for id in gone:
            self.conversation.forget(id)
        was_shown = self.shown.id if self.shown.id in gone else ""
        if was_shown:
            self.new()
        self._keep(self.store.deletions.delete(list(gone)))
        purging = asyncio.ensure_future(self._purge_later(list(gone)))

        def undo() -> None:
            purging.cancel()
            self._records.update(gone)
            self._keep(self._undelete(list(gone), was_shown))

        toast.show(texts.chats_deleted(len(gone)), texts.UNDO, undo)
        self.show_list()

    async def delete_all(self) -> None:
        """Delete every chat for good."""
        ids = list(self._records)
        self._records.clear()
        for id in ids:
            self.conversation.forget(id)
        if self.shown.id in ids:
            self.new()
        await self.store.deletions.delete(ids)
        await self.store.deletions.purge(ids)
        self.show_list()

    async def add(self, trees: Sequence[Tree]) -> None:
        """Keep chats that were made elsewhere: forks, and those that a file brought."""
        for tree in trees:
            await self.store.save_chat(tree.chat)
            await self.store.save_messages(tree.records())
            self._records[tree.chat.id] = tree.chat
        self.show_list()

    def _change(self, ids: Sequence[str], **fields: Any) -> None:
        for id in ids:
            for chat in (self._records.get(id), self.shown if self.shown.id == id else None):
                for name, value in fields.items():
                    if chat is not None:
                        setattr(chat, name, value)
        if self.shown.id in ids:
            frame.show_title(self.shown.title)
        self._keep(self.store.change_chats(ids, **fields))
        self.show_list()

    def _take_in(self, found: ChatRecord) -> None:
        """What another tab did to the chat that is shown; what is shown of it stays."""
        chat = self.shown
        chat.title, chat.is_titled, chat.pinned = found.title, found.is_titled, found.pinned
        chat.settings = found.settings
        frame.show_title(chat.title)

    async def _undelete(self, ids: list[str], shown_id: str) -> None:
        await self.store.deletions.undo(ids)
        self.show_list()
        if shown_id:
            await self.open(shown_id, focus=False)

    async def _purge_later(self, ids: list[str]) -> None:
        await asyncio.sleep(_UNDO_S)
        await self.store.deletions.purge(ids)

    # Choosing several

    def begin_choosing(self) -> None:
        self._chosen, self._last_chosen = set(), ""
        self.show_list()
        self.sidebar.focus()

    @property
    def is_choosing(self) -> bool:
        return self._chosen is not None

    def end_choosing(self) -> None:
        self._chosen = None
        self.show_list()

    def choose_all(self) -> None:
        if self._chosen is not None:
            self._chosen |= {chat.id for chat in self._listed()}
            self.show_list()

    def delete_chosen(self) -> None:
        ids = list(self._chosen or ())
        self._chosen = None
        self.delete(ids)
        self.show_list()

    def _choose(self, id: str, is_chosen: bool, to_here: bool) -> None:
        if self._chosen is None:
            return
        ids = [chat.id for chat in self._listed()]
        some = [id]
        if to_here and self._last_chosen in ids and id in ids:
            ends = sorted((ids.index(self._last_chosen), ids.index(id)))
            some = ids[ends[0] : ends[1] + 1]
        (self._chosen.update if is_chosen else self._chosen.difference_update)(some)
        self._last_chosen = id
        self.sidebar.refresh()
        self._show_chosen()

    def _show_chosen(self) -> None:
        bar = find("chosen-bar")
        show(bar, self._chosen is not None)
        if self._chosen is not None:
            find("chosen-count").textContent = texts.chosen(len(self._chosen))
            find("chosen-delete").disabled = not self._chosen

    def _listed(self) -> list[ChatRecord]:
        if self.search.query:
            return list(self.search.found)
        return [row for row in _grouped(self._records.values()) if not isinstance(row, str)]

    # What the list asks

    def _look(self, chat: ChatRecord) -> Look:
        title, snippet = self.search.look(chat)
        return Look(
            title or [Piece(chat.title or texts.UNTITLED, False)],
            snippet,
            is_current=chat.id == self.shown.id,
            is_running=self.is_running(chat.id),
            is_chosen=chat.id in (self._chosen or ()),
        )

    def _open_menu(self, id: str, anchor: Node) -> None:
        if chat := self._records.get(id):
            self.menu_of(chat, anchor)

    def _delete_by_key(self, id: str) -> None:
        beside = self.sidebar.next_to(id)
        self.delete([id])
        if beside:
            self.sidebar.focus(beside)

    def _say_trouble(self, trouble: Trouble) -> None:
        note = find("storage-note")
        find("storage-note-text").textContent = texts.TROUBLES[trouble]
        show(note, True)
        document.documentElement.setAttribute("data-storage", trouble)


def _grouped(records: Any) -> list[Row]:
    """Chats under their headings, pinned ones first, the latest above."""
    latest = sorted(records, key=lambda chat: chat.updated_ms, reverse=True)
    pinned = [chat for chat in latest if chat.pinned]
    rest = [chat for chat in latest if not chat.pinned]
    rows: list[Row] = [texts.PINNED, *pinned] if pinned else []
    today = date.today()
    at = 0
    while at < len(rest):
        day = date.fromtimestamp(rest[at].updated_ms / 1000)
        start = datetime.combine(first_day(day, today), time())
        # Those since then stand together; the list falls, so the key is turned round.
        end = bisect_left(rest, -start.timestamp() * 1000, at, key=lambda chat: -chat.updated_ms)
        end = max(end, at + 1)
        rows += [heading(day, today), *rest[at:end]]
        at = end
    return rows


def _new_tree() -> Tree:
    return Tree(ChatRecord(new_id(), now_ms(), now_ms()))
