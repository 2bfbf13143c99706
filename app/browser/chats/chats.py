"""The list of chats as it is shown. A chat is in it from its first question on."""

from collections.abc import Sequence
from typing import Any

from js import document

from ...core.messages import Part
from ...history.records import ChatRecord
from ...history.search import Piece, fold
from ..consent import words as consent_words
from ..conversation import found_words
from ..conversation.conversation import Conversation
from ..storage.chat_store import ChatStore
from ..storage.database import Trouble
from ..web import menu, page_title, toast
from ..web.dom import Node, find, show
from ..web.tasks import beside
from . import chat_title, words
from .chat_list import ChatList, ListNews
from .chat_operations import ChatOperations
from .chat_row import Look
from .chat_search import ChatSearch
from .day_groups import grouped
from .navigation import Navigation
from .other_tabs import OtherTabs
from .selection import Selection
from .sidebar import Row, Sidebar, SidebarActions

# Fields of a chat that its questions are asked with, and its own panel shows.
_ASKED_WITH = frozenset({"settings", "brought", "takes_file"})


class Chats:
    """Shows the list, and connects the actions on its chats."""

    def __init__(self, store: ChatStore, conversation: Conversation) -> None:
        self.store = store
        self.conversation = conversation
        self.list = ChatList(store)
        self.search = ChatSearch(store, self.list.records.values, self.show_list)
        self.navigation = Navigation(
            self.list, conversation, lambda: self.sidebar.refresh(), self._go_to_words
        )
        self.operations = ChatOperations(self.list, self.navigation)
        self.selection = Selection(
            self.listed, self.operations.delete, self.show_list, self._look_anew
        )
        self.sidebar = Sidebar(
            SidebarActions(
                self._look,
                self._open_menu,
                self.operations.rename,
                self.selection.choose,
                self._delete_by_key,
                self._on_pressed,
            )
        )
        self.others = OtherTabs(self.list, conversation, lambda: self.sidebar.refresh())
        self.server: Any = None  # the chats of the page's server, once there may be some
        # Set by the page, which makes both: what opens at the button of a row.
        self.menu_of: Any = lambda chat: []

    async def start(self) -> None:
        """Read the list, and show the chat that the address names, else a new one."""
        self.navigation.begin()
        self.store.on_trouble = self.list.on_trouble = self._say_trouble
        if self.store.trouble is not None:
            self._say_trouble(self.store.trouble)
        self.list.subscribe(self._on_news)
        await self.list.read()
        await self.others.start()
        await self.navigation.start()
        beside(self.store.deletions.purge())

    def follow_server(self) -> None:
        """Show the chats of the page's server too, and follow them; called as often as one may have
        come to them.
        """
        from .server_chats import ServerChats  # not for pages without any

        if self.server is None:
            self.server = ServerChats(self.list, self.conversation, self.show_list)
            self.navigation.fetch = self.server.fetch
        self.server.follow()

    # The list

    def on_changed(self, chat: ChatRecord) -> None:
        """Take in that the conversation has changed a chat, or that its answer begins or ends."""
        if self.store.is_temporary(chat.id):
            return
        self.navigation.follow(chat)
        self.list.put([chat])
        chat_title.offer(self.shown.id in self.records)

    def _on_news(self, news: ListNews) -> None:
        for id in news.gone:
            is_shown = id == self.shown.id
            self.conversation.forget(id)
            if is_shown:
                self.navigation.new()
                if news.is_elsewhere:
                    toast.show(words.GONE_ELSEWHERE)
        changed = news.changed.get(self.shown.id, frozenset())
        if changed & _ASKED_WITH:
            self.conversation.view.show_anew()
        if "title" in changed:
            page_title.show(self.shown.title)
        self.show_list()

    def _found(self) -> list[ChatRecord]:
        """List the chats that the search found, without those deleted since."""
        return [chat for chat in self.search.found if chat.id in self.records]

    def show_list(self) -> None:
        """Show the list as it is now."""
        looked_for = self.search.query
        elsewhere = [] if self.server is None or self.selection.is_on else self.server.listed()
        show(find("chats-none"), not self.records and not looked_for and not elsewhere)
        find("choose-chats").disabled = not self.records or self.selection.is_on
        if looked_for:
            fits = self.search.query.fits
            rows: list[Row] = [*self._found(), *(one for one in elsewhere if fits(fold(one.title)))]
        else:
            rows = grouped(self.records.values())
            rows += [words.ON_SERVER, *elsewhere] if elsewhere else []
        self.sidebar.show(rows, found=bool(looked_for), choosing=self.selection.is_on)
        self.search.recount(len(rows))
        self.selection.show()

    def focus_list(self) -> None:
        """Put the focus on a chat of the list; where it is empty, on the control that would fill
        it.
        """
        if not self.sidebar.focus():
            find("chat-search" if self.search.query else "new-chat").focus()

    @property
    def shown(self) -> ChatRecord:
        """The chat that is shown."""
        return self.conversation.shown.chat

    @property
    def records(self) -> dict[str, ChatRecord]:
        return self.list.records

    def is_running(self, id: str) -> bool:
        """Tell whether an answer in this chat is on its way, in any tab."""
        return self.conversation.is_running(id) or id in self.others.running

    def _go_to_words(self) -> None:
        if self.search.query:
            beside(found_words.go_to(self.conversation.view, self.search.query))

    def _on_pressed(self, id: str) -> None:
        """Go to the found words, where the pressed chat is shown already."""
        if id == self.shown.id:
            self._go_to_words()

    async def step(self, by: int) -> None:
        """Show the chat so many places further down in the list."""
        ids = [chat.id for chat in self.listed()]
        if not ids:
            return
        here = ids.index(self.shown.id) if self.shown.id in ids else -1 if by > 0 else len(ids)
        await self.navigation.open(ids[min(max(here + by, 0), len(ids) - 1)])

    def send(self, text: str, files: Sequence[Part] = ()) -> None:
        """Ask in the chat that is shown. While another tab writes an answer there, the question
        waits for it, as it would for one of this tab.
        """
        if self.shown.id in self.others.running:
            self.conversation.wait(text, files)
        else:
            self.conversation.send(text, files)

    def listed(self) -> list[ChatRecord]:
        """The chats of the list as it is shown, in its order."""
        if self.search.query:
            return self._found()
        return [row for row in grouped(self.records.values()) if not isinstance(row, str)]

    # What the list asks

    def _look_anew(self) -> None:
        self.sidebar.refresh()

    def _delete_by_key(self, id: str) -> None:
        """Delete the chosen chats of the list, else the current one, and go to the one beside
        it.
        """
        if self.selection.has_some:
            self.selection.delete()
            self.focus_list()
            return
        if id not in self.records:
            beside(self.delete_on_server(id))
            return
        next_id = self.sidebar.next_to(id)
        self.operations.delete([id])
        if next_id:
            self.sidebar.focus(next_id)
        else:
            self.focus_list()

    async def delete_on_server(self, id: str) -> None:
        """Delete a chat of the server that is not kept here, once a person has confirmed it."""
        title = self.server.title_of(id) or consent_words.UNTITLED
        question = words.delete_on_server(title)
        detail, label = words.DELETE_ON_SERVER_DETAIL, words.DELETE_CHAT
        if await menu.confirm(question, detail, label, danger=True):
            if not await self.server.delete(id):
                toast.show(words.NOT_FETCHED)
            self.focus_list()

    def _look(self, chat: ChatRecord) -> Look:
        title, snippet = self.search.look(chat)
        is_elsewhere = chat.id not in self.records
        return Look(
            title or [Piece(chat.title or consent_words.UNTITLED, False)],
            snippet,
            is_current=chat.id == self.shown.id,
            is_running=self.server.is_running(chat.id)
            if is_elsewhere
            else self.is_running(chat.id),
            is_waiting=self.conversation.is_waiting(chat.id),
            is_chosen=self.selection.holds(chat.id),
            is_elsewhere=is_elsewhere,
        )

    def _open_menu(self, id: str, anchor: Node) -> None:
        if chat := self.records.get(id):
            self.menu_of(chat, anchor)
        else:
            item = menu.Item(
                words.DELETE_CHAT, lambda: beside(self.delete_on_server(id)), danger=True
            )
            menu.open(anchor, [item])

    def _say_trouble(self, trouble: Trouble) -> None:
        note = find("storage-note")
        find("storage-note-text").textContent = words.TROUBLES[trouble]
        show(note, True)
        document.documentElement.setAttribute("data-storage", trouble)
