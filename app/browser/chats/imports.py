"""Takes in chats from files: our own exports, and those of other apps as they come."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from js import performance
from pyodide.ffi import JsException

from ...core.messages import File
from ...core.text.text_files import framed
from ...history.foreign.report import Report
from ...history.transfer import ImportProblem, Incoming, is_ours
from ...history.tree import Tree
from ..web.ids import new_id, now_ms
from . import words
from .chats import Chats
from .data_dialog import DataDialog

# After so many milliseconds of work the page comes between.
_SLICE_MS = 25
# An import of more chats than these, or of a larger file, is shown in the dialog, wherever it was
# begun.
_MANY = 50
_LARGE_BYTES = 2_000_000
# So many chats of another app, or so many characters of them, are kept at a time.
_GROUP = 20
_GROUP_CHARACTERS = 4_000_000
# Its pictures are read at once.
_MOST_NOTEBOOK_BYTES = 50_000_000
# The beginning of a file, which tells whose it is.
_HEAD_BYTES = 4096


class Imported(msgspec.Struct):
    """Result of an import: the new chats, and what to say of it. `details` are sentences about the
    chats that were left out.
    """

    ids: list[str]
    said: str
    details: list[str] = []


class FileSource:
    """A file of the person's, read in pieces and never whole."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.size = int(file.size)

    async def read(self, start: int, end: int) -> bytes:
        """Its bytes from `start` up to `end`.

        Raises:
            ImportProblem: It can't be read: changed since, gone, or a folder.
        """
        try:
            return bytes((await self._file.slice(start, end).arrayBuffer()).to_bytes())
        except JsException:
            raise ImportProblem(words.IMPORT_NOT_READ) from None


class Imports:
    """One for the page. `is_stopped()` is asked whether to go on."""

    def __init__(self, chats: Chats, dialog: DataDialog, is_stopped: Callable[[], bool]) -> None:
        self._chats = chats
        self._dialog = dialog
        self._is_stopped = is_stopped

    async def take(self, file: Any) -> Imported:
        """Take in the chats of a browser's File object.

        Raises:
            ImportProblem: There is nothing in it that can be read; the message says why.
        """
        source = FileSource(file)
        if source.size > _LARGE_BYTES:
            self._dialog.open()
        if is_ours(await source.read(0, _HEAD_BYTES)):
            return await self._take_ours(await source.read(0, source.size))
        if str(file.name).lower().endswith(".ipynb"):
            return await self._take_notebook(str(file.name), source)
        from ...history.foreign.importing import Importing, OursError

        known = self._chats.records
        try:
            importing = Importing(str(file.name), source, known, now_ms(), framed)
            return await self._take(importing.trees(), importing.report)
        except OursError as ours:
            return await self._take_ours(ours.data)

    async def _take_ours(self, data: bytes) -> Imported:
        incoming = Incoming(data, self._chats.records, new_id)
        if len(incoming) > _MANY:
            self._dialog.open()
        trees = await self._read(incoming)
        total = len(trees)

        def goes_on(done: int) -> bool:
            if total > _MANY:
                self._dialog.progress(words.importing(done, total), 0.5 + done / total / 2)
            return not self._is_stopped()

        pythons = [incoming.python.get(tree.chat.id) for tree in trees]
        done = await self._chats.operations.add(trees, goes_on)
        store = self._chats.store
        for tree, python in zip(trees[:done], pythons, strict=False):
            if python is not None:
                await store.session_files.write(tree.chat.id, python.files)
                await store.cells.keep_lines(tree.chat.id, python.cells)
        said = words.imported(done, incoming.left_out)
        if self._is_stopped():
            said = words.import_stopped(done, len(incoming))
        return Imported([tree.chat.id for tree in trees[:done]], said)

    async def _take_notebook(self, name: str, source: FileSource) -> Imported:
        from .notebook_import import from_notebook

        if source.size > _MOST_NOTEBOOK_BYTES:
            raise ImportProblem(words.LARGE_NOTEBOOK)
        tree, outputs = from_notebook(name, await source.read(0, source.size), now_ms())
        if tree.chat.id in self._chats.records:
            return Imported([], words.imported(0, 1))
        ids = await self._keep([tree])
        cells = self._chats.store.cells
        for output in outputs:
            for message in output.told:
                cells.tell(tree.chat.id, output.call_id, output.code, message)
            await cells.finish(tree.chat.id, output.call_id, output.code)
        return Imported(ids, words.imported(len(ids), 0))

    async def _read(self, incoming: Incoming) -> list[Tree]:
        """Read the new chats of a file; none where it was stopped.

        Raises:
            ImportProblem: One is damaged.
        """
        trees: list[Tree] = []
        total = len(incoming)
        until_ms = performance.now() + _SLICE_MS
        for number, tree in enumerate(incoming, 1):
            if tree is not None:
                trees.append(tree)
            if performance.now() > until_ms:
                self._dialog.progress(words.reading_file(number, total), number / total / 2)
                await asyncio.sleep(0)
                until_ms = performance.now() + _SLICE_MS
            if self._is_stopped():
                return []
        return trees

    async def _take(self, trees: AsyncIterator[Tree | None], report: Report) -> Imported:
        """Keep the chats of another app as they come: there may be more than memory holds. The
        report tells meanwhile how far they are.
        """
        ids: list[str] = []
        group: list[Tree] = []
        weight = 0
        was_kept = self._is_kept()
        until_ms = 0.0
        async for tree in trees:
            if tree is not None:
                group.append(tree)
                weight += _weight(tree)
            if len(group) >= _GROUP or weight > _GROUP_CHARACTERS:
                ids += await self._keep(group)
                group, weight = [], 0
                if was_kept and not self._is_kept():
                    return Imported(ids, words.import_without_room(len(ids)))
            if performance.now() > until_ms:
                count = len(ids) + len(group)
                self._dialog.progress(words.importing_file(count), report.share)
                await asyncio.sleep(0)
                until_ms = performance.now() + _SLICE_MS
            if self._is_stopped():
                break
        ids += await self._keep(group)
        said = words.imported(len(ids), report.known)
        if self._is_stopped():
            said = words.import_ended(len(ids))
        return Imported(ids, said, words.import_details(report))

    async def _keep(self, group: list[Tree]) -> list[str]:
        await self._chats.operations.add(group, lambda _: True)
        return [tree.chat.id for tree in group]

    def _is_kept(self) -> bool:
        """Tell whether imported chats are there after a reload."""
        return self._chats.store.keeps("")


def _weight(tree: Tree) -> int:
    """Estimate the number of a chat's characters."""
    parts = (part for record in tree.records() for part in record.message.parts)
    return sum(len(part.url if isinstance(part, File) else str(part)) for part in parts)
