"""Goes through a file of another app's chats, or an archive with such files, as it comes."""

import re
from collections.abc import AsyncIterator, Callable, Container, Iterator
from typing import Any
from zipfile import ZipInfo

from ...core.messages import Text
from ..transfer import FORMAT, ImportProblem
from ..tree import Tree
from . import chatgpt, claude, librechat, llamacpp, messages, open_webui
from .as_utf8 import in_utf8
from .entries import CHUNK, Damaged, Source, contents, entries
from .fields import MEMORIES, PROJECTS, decoded, dicts_of, first_text
from .pictures import Pictures
from .report import Report
from .talk import MOST_MESSAGES, Talk, chat_id, tree_of
from .values import MOST_BYTES, Cutter, Value, cutter_for
from .whose import is_deepseek, refusal, refusal_of_bytes, whose

# Of chats that can't be read so many are named.
_NAMED = 5

_CHATS = re.compile(r"(?:.*/)?conversations(?:[-_ ]?\(?\d+\)?)?\.json")
# What Claude's archive holds beside them, in a file or a folder of them.
_ASIDE = re.compile(rf"(?:^|/)({PROJECTS}|{MEMORIES})(?:[-_ ]?\(?\d+\)?)?(?:/|\.json$)")
_NOTHING_BYTES = 4  # an empty list, and the end of its line
_ENVELOPES = ("conversations", "chats", "history", "data")


class OursError(Exception):
    """The file, or the archive, holds an export of ours: `data`."""

    def __init__(self, data: bytes) -> None:
        super().__init__("This is an export of Tokenfall.")
        self.data = data


class Importing:
    """One file of this name. `here` are the ids of the chats that are there already; `framed` makes
    the part of a question that carries a text file. May be gone through once.

    `report` tells how it goes, `app` whose it is, as far as is known.
    """

    def __init__(
        self,
        name: str,
        source: Source,
        here: Container[str],
        now_ms: int,
        framed: Callable[[str, str], Text],
    ) -> None:
        self.report = Report()
        self.app = ""
        self._name = name.lower()
        self._source = source
        self._here = here
        self._now_ms = now_ms
        self._framed = framed
        self._seen: set[str] = set()
        self._pictures = Pictures(source, [])
        self._beginning = b""
        self._unknown = ""
        self._open: _Open | None = None

    async def trees(self) -> AsyncIterator[Tree | None]:
        """Each new chat, when it is read; None after every other piece of work, to rest at.

        Raises:
            ImportProblem: There is nothing in the file that can be read; the message says why.
            OursError: It is an export of ours, in an archive or with its fields in another order.
        """
        try:
            if (await self._source.read(0, 4))[:2] == b"PK":
                reading = self._of_archive()
            else:
                reading = self._of_file(self._name, _pieces(self._source), self._source.size)
            async for talk in reading:
                yield None if talk is None else await self._tree(*talk)
        except Damaged as problem:
            raise ImportProblem(str(problem)) from None
        report = self.report
        is_json = self._beginning[:1] in (b"{", b"[")
        if not is_json and report.damaged == report.found:
            raise ImportProblem(refusal_of_bytes(self._beginning, self._name))
        if not report.found:
            raise ImportProblem(refusal(self._unknown))
        if report.damaged == report.found:
            raise ImportProblem("This file is damaged, or only a part of it.")

    async def _of_archive(self) -> AsyncIterator["tuple[str, Talk] | None"]:
        listed = [
            entry
            for entry in await entries(self._source)
            if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
        ]
        self._pictures = Pictures(self._source, listed)
        files = [entry for entry in listed if _CHATS.fullmatch(entry.filename)]
        if files:
            self.report.left_out.update(_aside(listed))
        files = files or [one for one in listed if one.filename.endswith((".json", ".jsonl"))]
        total = sum(entry.file_size for entry in files)
        unread = [] if files else [Damaged("This archive holds no chats as JSON.")]
        for entry in files:
            try:
                pieces = contents(self._source, entry)
                async for talk in self._of_file(entry.filename, pieces, total):
                    yield talk
            except Damaged as problem:
                unread.append(problem)
                self._lose(str(problem))
        if unread and len(unread) >= self.report.found:
            raise unread[0]

    async def _of_file(
        self, name: str, pieces: AsyncIterator[bytes], total: int
    ) -> AsyncIterator["tuple[str, Talk] | None"]:
        """Each conversation of one file, with the app that it is from; None to rest at."""
        cutter: Cutter | None = None
        async for piece in in_utf8(pieces):
            self.report.share = min(self.report.share + len(piece) / max(total, 1), 1.0)
            if cutter is None:
                piece = piece.removeprefix(b"\xef\xbb\xbf")
                self._beginning = self._beginning or piece.lstrip()[:64]
                cutter = cutter_for(name, piece)
            for value in cutter.feed(piece):
                for talk in self._talks(value):
                    yield talk
            yield None
        for value in cutter.close() if cutter is not None else ():
            found = self.report.damaged
            for talk in self._talks(value):
                yield talk
            self.report.is_cut = self.report.is_cut or self.report.damaged > found
        for talk in self._ended():
            yield talk

    def _talks(self, value: Value) -> Iterator[tuple[str, Talk]]:
        if self._open is not None and self._open.group != value.group:
            yield from self._ended()
        if value.data is None:
            self.report.found += 1
            self.report.too_large += 1
            return
        try:
            content = decoded(value.data)
        except ValueError:
            self._lose("")
            return
        yield from self._of_value(content, value)

    def _of_value(self, content: Any, value: Value, depth: int = 0) -> Iterator[tuple[str, Talk]]:
        if isinstance(content, list):
            if content and messages.is_message(content[0]):
                content = {"messages": content}
            elif depth < 2:
                for each in content:
                    yield from self._of_value(each, value, depth + 1)
                return
        if not isinstance(content, dict):
            return
        if content.get("format") == FORMAT:
            raise OursError(value.data or b"")
        if llamacpp.begins(content):
            yield from self._ended()
            self._open = _Open(value.group, content)
        elif llamacpp.is_line(content):
            yield from self._gather(content, value, {"id": content["convId"]})
        elif messages.is_message(content) or (self._open and messages.goes_on(content)):
            yield from self._gather(content, value, None)
        elif is_deepseek(content) or not (reader := self._reader(content)):
            yield from self._of_envelope(content, value, depth)
        else:
            yield from self._read(reader, content)

    def _of_envelope(
        self, content: dict[str, Any], value: Value, depth: int
    ) -> Iterator[tuple[str, Talk]]:
        self._unknown = self._unknown or whose(content)
        for name in _ENVELOPES:
            inner = dicts_of(content.get(name))
            if depth < 2 and inner and self._reader(inner[0]):
                for each in inner:
                    yield from self._of_value(each, value, depth + 1)
                return

    def _reader(self, content: dict[str, Any]) -> "_Reader | None":
        framed = self._framed
        readers: tuple[tuple[Any, _Reader], ...] = (
            (chatgpt.takes, (chatgpt.LABEL, chatgpt.read)),
            (claude.takes, (claude.LABEL, lambda value: claude.read(value, framed))),
            (open_webui.takes, (open_webui.LABEL, lambda value: open_webui.read(value, framed))),
            (librechat.takes, (librechat.LABEL, librechat.read)),
            (llamacpp.takes, (llamacpp.LABEL, lambda value: llamacpp.read(value, framed))),
            (messages.takes, (messages.LABEL, messages.read)),
        )
        return next((reader for takes, reader in readers if takes(content)), None)

    def _read(self, reader: "_Reader", content: dict[str, Any]) -> Iterator[tuple[str, Talk]]:
        app, read = reader
        self.app = self.app or app
        try:
            talk = read(content)
        except Exception:  # whatever is wrong in it, the others are not lost with it
            self._lose(first_text(content, "title", "name"))
            return
        self.report.found += 1
        yield app, talk

    def _gather(
        self, message: dict[str, Any], value: Value, conversation: dict[str, Any] | None
    ) -> Iterator[tuple[str, Talk]]:
        """Messages that stand by themselves are of one conversation, as long as they go on."""
        is_other = self._open is not None and (
            (self._open.conversation is None) != (conversation is None)
            or (conversation or {}).get("id") != (self._open.conversation or {}).get("id")
        )
        if is_other:
            yield from self._ended()
        if self._open is None:
            self._open = _Open(value.group, conversation)
        self._open.add(message, len(value.data or b""))

    def _ended(self) -> Iterator[tuple[str, Talk]]:
        """The conversation whose messages stood by themselves, where there is one."""
        gathered, self._open = self._open, None
        if gathered is None:
            return
        if gathered.is_too_large:
            self.report.found += 1
            self.report.too_large += 1
            return
        content: dict[str, Any] = {"messages": gathered.messages}
        if gathered.conversation is not None:
            content["conv"] = gathered.conversation
        if reader := self._reader(content):
            yield from self._read(reader, content)

    def _lose(self, name: str) -> None:
        report = self.report
        report.found += 1
        report.damaged += 1
        if len(report.named) < _NAMED:
            report.named.append(name or f"{report.found}")

    async def _tree(self, app: str, talk: Talk) -> Tree | None:
        report = self.report
        self._pictures.find(talk)
        id = chat_id(app, talk)
        if id in self._here or id in self._seen:
            report.known += 1
            return None
        self._seen.add(id)
        await self._pictures.take(talk)
        label = "" if app == messages.LABEL else app
        tree = tree_of(label, talk, id, self._now_ms)
        if tree is None:
            report.empty += 1
            return None
        report.left_out += talk.left_out
        return tree


_Reader = tuple[str, Callable[[dict[str, Any]], Talk]]


class _Open:
    """Messages that stand by themselves in list `group`; `conversation` is what told of them."""

    def __init__(self, group: int, conversation: dict[str, Any] | None) -> None:
        self.group = group
        self.conversation = conversation
        self.messages: list[dict[str, Any]] = []
        self._size = 0

    @property
    def is_too_large(self) -> bool:
        return self._size > MOST_BYTES

    def add(self, message: dict[str, Any], size: int) -> None:
        self._size += size
        if self.is_too_large:
            self.messages = []
        elif len(self.messages) < MOST_MESSAGES:
            self.messages.append(message)


def _aside(listed: list[ZipInfo]) -> Iterator[str]:
    """The kind of each file of an archive that holds something beside chats."""
    for entry in listed:
        name = entry.filename
        found = None if _CHATS.fullmatch(name) else _ASIDE.search(name)
        if found and name.endswith(".json") and entry.file_size > _NOTHING_BYTES:
            yield found[1]


async def _pieces(source: Source) -> AsyncIterator[bytes]:
    for at in range(0, source.size, CHUNK):
        yield await source.read(at, min(at + CHUNK, source.size))
