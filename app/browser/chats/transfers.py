"""Chats out to files of this computer, and in from them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from js import document, performance

from ...core.wire.secrets import Secrets
from ...history.records import without
from ...history.transfer import (
    ImportProblem,
    PythonKept,
    file_name,
    joined,
    piece,
    to_json,
)
from ...history.tree import Tree
from ..storage.database import StorageError
from ..web import link_copying, toast
from ..web.dom import find, listen, save_file
from ..web.ids import now_ms
from ..web.tasks import beside
from . import words
from .chats import Chats
from .data_dialog import DataDialog
from .imports import Imports

_JSON = "application/json"
_MARKDOWN = "text/markdown;charset=utf-8"
_ZIP = "application/zip"
_NOTEBOOK = "application/x-ipynb+json"
_HTML = "text/html;charset=utf-8"
_PYTHON = "text/x-python;charset=utf-8"


# After so many milliseconds of work the page comes between.
_SLICE_MS = 25


class Drawing(Protocol):
    """Maker of HTML and pictures for a page of its own."""

    async def markdown(self, text: str) -> str:
        """The HTML of an answer's text."""
        ...

    async def chart(self, kind: str, specification: Any) -> str:
        """The SVG of a chart; empty where it can't be drawn."""
        ...

    def end(self) -> None:
        """Let go of what it was drawn with."""
        ...


class Transfers:
    """Exports and imports, one at a time; `dialog` shows how far it is.

    `taken_in()` is called after an import, `keys()` lists the keys, which no export may hold.
    `asks(ids)` asks the person what these chats may use of what their file brought; it returns
    whether there is something to ask. `drawing()` makes what one page is drawn with.
    """

    def __init__(
        self,
        chats: Chats,
        dialog: DataDialog,
        taken_in: Callable[[], Awaitable[None]],
        keys: Callable[[], list[str]],
        asks: Callable[[list[str]], bool],
        drawing: Callable[[], Drawing],
    ) -> None:
        self._drawing = drawing
        self._chats = chats
        self._keys = keys
        self._asks = asks
        self._dialog = dialog
        self._taken_in = taken_in
        self._is_stopped = False
        self.is_working = False
        self._imports = Imports(chats, dialog, lambda: self._is_stopped)
        listen(find("import-file"), "change", lambda _: beside(self._take_file()))

    def stop(self) -> None:
        """End the transfer that is on its way."""
        self._is_stopped = True

    async def export_json(self, id: str) -> None:
        """Save one chat with all its branches and files."""
        if (tree := await self._told(id)) is not None:
            data = to_json([tree], now_ms(), {id: await self._python(id)})
            save_file(data, file_name(tree.chat.title, "json"), _JSON)

    async def export_markdown(self, id: str) -> None:
        """Save the shown path of a chat, to read."""
        from ...history.reading_copy import to_markdown  # these are rarely needed

        if (tree := await self._told(id)) is not None:
            save_file(to_markdown(tree).encode(), file_name(tree.chat.title, "md"), _MARKDOWN)

    async def export_notebook(self, id: str) -> None:
        """Save the shown path of a chat as a notebook of Jupyter, with its cells and outputs."""
        from .notebook import to_notebook

        if (tree := await self._told(id)) is not None:
            text = to_notebook(tree, await self._chats.store.cells.told(id))
            self._save(text, file_name(tree.chat.title, "ipynb"), _NOTEBOOK)

    async def export_page(self, id: str) -> None:
        """Save the shown path of a chat as one HTML page, with its cells and what they showed."""
        from .web_page import to_page

        if (tree := await self._told(id)) is not None:
            told_of = await self._chats.store.cells.told(id)
            drawing = self._drawing()
            try:
                page = await to_page(tree, told_of, drawing.markdown, drawing.chart)
            finally:
                drawing.end()
            self._save(page, file_name(tree.chat.title, "html"), _HTML)

    async def export_script(self, id: str) -> None:
        """Save the cells of a chat as a Python file that runs by itself."""
        from .script import to_script

        if (tree := await self._told(id)) is not None:
            text = to_script(tree, await self._chats.store.cells.told(id))
            self._save(text, file_name(tree.chat.title, "py"), _PYTHON)

    def _save(self, text: str, name: str, kind: str) -> None:
        """Save a text, without the keys that this page knows: cells may have shown one."""
        save_file(Secrets(self._keys()).clean(text).encode("utf-8", "replace"), name, kind)

    async def export_all(self) -> None:
        """Save all chats in one file, which can be read back."""
        pieces: list[bytes] = []

        async def take(tree: Tree) -> None:
            pieces.append(piece(tree, await self._python(tree.chat.id)))

        missed = await self._read_all(take)
        if missed is not None:
            self._save_all(joined(pieces, now_ms()), "json", _JSON, missed)

    async def export_all_markdown(self) -> None:
        """Save all chats to read: an archive of Markdown files."""
        from ...history.archive import Archive  # rarely needed, and zipfile is large

        archive = Archive()

        async def take(tree: Tree) -> None:
            archive.add(tree)

        if (missed := await self._read_all(take)) is not None:
            self._save_all(archive.finish(), "zip", _ZIP, missed)

    async def copy_link(self, id: str) -> None:
        """Copy a link with the shown path of a chat."""
        if (tree := await self._told(id)) is not None:
            path = to_json([Tree(tree.chat, tree.path())], now_ms())
            link_copying.copy("chat", tree.chat.title, path.decode())

    async def markdown(self, id: str) -> str:
        """Give the shown path of a chat as Markdown; empty where it can't be read, which is
        said.
        """
        from ...history.reading_copy import to_markdown

        tree = await self._told(id)
        return to_markdown(tree) if tree is not None else ""

    def choose_file(self) -> None:
        """Let the person choose a file to import."""
        if self.is_working:
            return
        field = find("import-file")
        field.value = ""  # so that the same file may be chosen again
        field.click()

    async def _read_all(self, take: Callable[[Tree], Awaitable[None]]) -> int | None:
        """Hand over every chat, showing how far it is. Returns how many could not be read; None
        where it was stopped.
        """
        ids = list(self._chats.records)
        missed = 0
        with self._work():
            until_ms = 0.0
            for number, id in enumerate(ids):
                if self._is_stopped:
                    self._dialog.say(words.EXPORT_STOPPED)
                    return None
                if performance.now() > until_ms:
                    self._dialog.progress(words.exporting(number, len(ids)), number / len(ids))
                    await asyncio.sleep(0)
                    until_ms = performance.now() + _SLICE_MS
                if (tree := await self._tree(id)) is not None:
                    await take(tree)
                else:
                    missed += 1
        return missed

    def _save_all(self, data: bytes, suffix: str, kind: str, missed: int) -> None:
        day = str(document.defaultView.Date.new().toISOString())[:10]
        save_file(data, f"tokenfall-chats-{day}.{suffix}", kind)
        self._dialog.say(words.exported(missed))

    async def _take_file(self) -> None:
        files = find("import-file").files
        if files.length:
            await self.take_in(files.item(0))

    async def take_in(self, file: Any) -> None:
        """Take in the chats of a browser's File object, and show what came."""
        if self.is_working:
            return
        with self._work():
            try:
                came = await self._imports.take(file)
            except ImportProblem as problem:
                self._dialog.say(str(problem))
                return
            await self._taken_in()
        said = came.said
        # Of one chat, the question stands right there.
        if self._asks(came.ids) and len(came.ids) > 1:
            said = f"{said} {words.ASKED_ABOUT_THEM}"
        if came.details:
            self._dialog.open()
        self._dialog.say(said, came.details)
        if self._is_stopped or len(came.ids) != 1:
            return
        if not came.details:
            self._dialog.close()
        await self._chats.navigation.open(came.ids[0])

    @contextmanager
    def _work(self) -> Iterator[None]:
        self.is_working, self._is_stopped = True, False
        self._dialog.begin()
        try:
            yield
        finally:
            self.is_working = False

    async def _told(self, id: str) -> Tree | None:
        """Give a chat as it may leave; where it can't be read, say so."""
        tree = await self._tree(id)
        if tree is None:
            toast.show(words.CHAT_NOT_READ)
        return tree

    async def _tree(self, id: str) -> Tree | None:
        """A chat as it may leave: without the keys that this page knows."""
        tree = await self._kept(id)
        secrets = Secrets(self._keys())
        if tree is None or not secrets:
            return tree
        records = [without(record, secrets) for record in tree.records()]
        return Tree(secrets.cleaned(tree.chat), records)

    async def _python(self, id: str) -> PythonKept:
        """The files and outputs of a chat's Python; in the outputs without the page's keys."""
        store, secrets = self._chats.store, Secrets(self._keys())
        cells = await store.cells.lines(id)
        cells = {cell: secrets.clean_bytes(data) for cell, data in cells.items()}
        return PythonKept(await store.session_files.read(id), cells)

    async def _kept(self, id: str) -> Tree | None:
        # The shown chat may be ahead of the kept one: an answer on its way, or a full storage.
        if id == self._chats.shown.id:
            return self._chats.conversation.shown.tree
        try:
            return await self._chats.store.load(id)
        except StorageError:
            return None
