"""Commands for chats: by keys and palette, in the menus, in the sidebar, in the dialog."""

from collections.abc import Callable
from functools import partial
from heapq import nlargest
from typing import Any

from js import File, navigator
from pyodide.ffi import JsException, to_js
from tokenfall_page import setFrame  # boot.mjs registers it

from ...history.records import ChatRecord
from ...history.search import Query, fold
from ..conversation import words as conversation_words
from ..conversation.composer import message_box
from ..web import menu, palette, shortcuts, toast
from ..web import words as web_words
from ..web.dom import Node, find, listen, show
from ..web.quota import ask_to_last, estimate
from ..web.tasks import beside
from . import chat_title, words
from .chats import Chats
from .data_dialog import DataActions, DataDialog
from .transfers import Drawing, Transfers

# More chats than these are looked for in the list, where there is room for them.
_MOST_IN_PALETTE = 10


class ChatCommands:
    """Registers the commands, once, and runs them. `keys`, `asks` and `drawing`: see
    `Transfers`."""

    def __init__(
        self,
        chats: Chats,
        keys: Callable[[], list[str]],
        asks: Callable[[list[str]], bool],
        drawing: Callable[[], Drawing],
    ) -> None:
        self._chats = chats
        self._data = DataDialog(
            DataActions(
                lambda: beside(self._transfers.export_all()),
                lambda: beside(self._transfers.export_all_markdown()),
                lambda: self._transfers.choose_file(),
                lambda: beside(self._ask_to_last()),
                lambda: beside(self._delete_all()),
                lambda: self._transfers.stop(),
            )
        )
        self._transfers = Transfers(chats, self._data, self._show_data, keys, asks, drawing)
        chats.menu_of = self._open_menu

    def start(self) -> None:
        """Register and listen; called once."""
        chats, add = self._chats, shortcuts.register
        add("temporary-chat", "", words.TEMPORARY_CHAT, self._begin_temporary)
        show(find("temporary-chat"), True)
        self._add_own("rename-chat", "Mod+Shift+E", words.RENAME_CHAT, self._rename)
        self._add_own("fork-chat", "", conversation_words.FORK, lambda id: self._fork())
        self._add_own("copy-chat", "", words.COPY_CHAT, lambda id: beside(self._copy(id)))
        self._add_own(
            "share-chat", "", words.COPY_LINK, lambda id: beside(self._transfers.copy_link(id))
        )
        export, markdown = self._transfers.export_json, self._transfers.export_markdown
        self._add_own("export-chat", "", words.EXPORT_JSON, lambda id: beside(export(id)))
        self._add_own("export-markdown", "", words.EXPORT_MARKDOWN, lambda id: beside(markdown(id)))
        for name, label, save in self._cell_exports():
            self._add_own(name, "", label, partial(_begin, save))
        self._add_own(
            "delete-chat",
            "Mod+Shift+Backspace",
            words.DELETE_CHAT,
            lambda id: chats.operations.delete([id]),
        )
        add("search-chats", "", words.SEARCH_CHATS, self._search)
        add("earlier-chat", "Ctrl+Shift+ArrowDown", words.EARLIER_CHAT, lambda: self._step(1))
        add("later-chat", "Ctrl+Shift+ArrowUp", words.LATER_CHAT, lambda: self._step(-1))
        add("choose-chats", "", words.CHOOSE_CHATS, self._begin_choosing, when=self._has_chats)
        add("import-chats", "", words.IMPORT, self._transfers.choose_file)
        add("data", "", words.DATA, self._open_data)
        palette.add_search(self._find)
        chat_title.start(
            lambda: chat_title.Titled(chats.shown.id, chats.shown.title), chats.operations.rename
        )
        listen(find("chosen-all"), "click", lambda _: chats.selection.choose_all())
        listen(find("chosen-delete"), "click", lambda _: self._end_choosing(chats.selection.delete))
        listen(find("chosen-end"), "click", lambda _: self._end_choosing(chats.selection.end))
        listen(find("sidebar"), "keydown", self._on_key)
        listen(find("storage-note-close"), "click", lambda _: show(find("storage-note"), False))

    def _cell_exports(self) -> list[tuple[str, str, Callable[[str], Any]]]:
        """List the exports with the cells of a chat and what they showed."""
        transfers = self._transfers
        return [
            ("export-notebook", words.EXPORT_NOTEBOOK, transfers.export_notebook),
            ("export-script", words.EXPORT_SCRIPT, transfers.export_script),
            ("export-page", words.EXPORT_PAGE, transfers.export_page),
        ]

    def _add_own(self, id: str, keys: str, label: str, action: Any) -> None:
        """Add a command about the chat that is shown, if it is in the list."""
        shown = self._chats
        shortcuts.register(
            id,
            keys,
            label,
            lambda: action(shown.shown.id),
            when=lambda: shown.shown.id in shown.records,
        )

    def _open_menu(self, chat: ChatRecord, anchor: Node) -> None:
        chats, id, transfers = self._chats, chat.id, self._transfers
        pin = words.UNPIN if chat.pinned else words.PIN
        menu.open(
            anchor,
            [
                menu.Item(words.RENAME, lambda: chats.sidebar.rename(id), "F2"),
                menu.Item(pin, lambda: chats.operations.pin(id, not chat.pinned)),
                menu.Item(
                    words.COPY_LINK,
                    lambda: beside(self._transfers.copy_link(id)),
                    begins_group=True,
                ),
                menu.Item(words.EXPORT_JSON, lambda: beside(transfers.export_json(id))),
                menu.Item(words.EXPORT_MARKDOWN, lambda: beside(transfers.export_markdown(id))),
                *[
                    menu.Item(label, partial(_begin, save, id))
                    for _, label, save in self._cell_exports()
                ],
                menu.Item(
                    words.DELETE_CHAT,
                    lambda: chats.operations.delete([id]),
                    danger=True,
                    begins_group=True,
                ),
            ],
        )

    def _begin_temporary(self) -> None:
        self._chats.navigation.new(temporary=True)
        message_box.focus()

    def _rename(self, id: str) -> None:
        setFrame("sidebar", True)
        self._chats.search.clear()
        self._chats.sidebar.rename(id)

    def _search(self) -> None:
        setFrame("sidebar", True)
        find("chat-search").focus()

    async def _find(self, query: str) -> list[palette.Entry]:
        """Chats for the palette, by their titles, the latest first."""
        wanted = Query(query)
        if not wanted:
            return []
        fitting = (chat for chat in self._chats.records.values() if wanted.fits(fold(chat.title)))
        found = nlargest(_MOST_IN_PALETTE, fitting, key=lambda chat: chat.updated_ms)
        return [palette.Entry(one.title, partial(self._show, one.id), words.CHAT) for one in found]

    def _show(self, id: str) -> None:
        beside(self._chats.navigation.open(id))

    def _begin_choosing(self) -> None:
        setFrame("sidebar", True)
        self._chats.selection.begin()
        self._chats.sidebar.focus()

    def _end_choosing(self, end: Callable[[], None]) -> None:
        """End choosing: the buttons go away; the focus stays among the chats."""
        end()
        self._chats.focus_list()

    def _fork(self) -> None:
        shown = self._chats.conversation.shown
        if shown.chat.head:
            self._chats.conversation.fork(shown, shown.chat.head)

    def _has_chats(self) -> bool:
        return bool(self._chats.records)

    def _step(self, by: int) -> None:
        beside(self._chats.step(by))

    def _on_key(self, event: Any) -> None:
        if event.key == "Escape" and self._chats.selection.is_on:
            event.preventDefault()
            self._chats.selection.end()
        elif event.key == "ArrowDown" and event.target.isSameNode(find("chat-search")):
            event.preventDefault()
            self._chats.sidebar.focus_first()

    async def take_shared(self, data: bytes) -> None:
        """Take in a chat that came with a link, and open it."""
        await self._transfers.take_in(File.new(to_js([data]), "chat.json"))

    async def _copy(self, id: str) -> None:
        if not (said := await self._transfers.markdown(id)):
            return
        try:
            await navigator.clipboard.writeText(said)
        except (JsException, AttributeError):
            toast.show(web_words.COPY_FORBIDDEN)
        else:
            toast.show(words.CHAT_COPIED)

    # The dialog

    def _open_data(self) -> None:
        self._data.open()
        beside(self._show_data())

    async def _show_data(self) -> None:
        is_kept = self._chats.store.trouble is None
        self._data.show(len(self._chats.records), await estimate(), is_kept=is_kept)

    async def _ask_to_last(self) -> None:
        promised = await ask_to_last()
        await self._show_data()
        self._data.say(words.LASTING if promised else words.NO_PROMISE)

    async def _delete_all(self) -> None:
        count = len(self._chats.records)
        on_server = any(chat.on_server for chat in self._chats.records.values())
        question = words.delete_all(count)
        if await menu.confirm(question, words.DELETE_ALL_DETAIL, words.DELETE_ALL, danger=True):
            await self._chats.operations.delete_all()
            await self._show_data()
            self._data.say(words.chats_deleted(count, on_server=on_server))


def _begin(save: Callable[[str], Any], id: str) -> None:
    beside(save(id))
