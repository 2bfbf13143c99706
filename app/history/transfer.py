"""Chats as files of JSON with everything in it, which come in again.

    {"format": "tokenfall-chats", "version": 1, "exported_ms": …,
     "chats": [{"chat": ChatRecord, "messages": [MessageRecord, …], "python": PythonKept}, …]}

Files are in the messages, as data URLs; those that the Python of a chat has written are in
`python`, where there are any. There are no keys in it: what a provider says of a key is hidden
before it becomes a record, and `records.without` hides what 0.1.0 has let through. A field may be
added within a version; what changes the meaning of one is a new version.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from ..core.file_names import safe_stem
from ..core.json_values import encoded
from ..core.nesting import is_too_deep
from .brought import set_apart
from .days import possible_ms
from .records import ChatRecord, MessageRecord
from .tree import Tree

FORMAT = "tokenfall-chats"
# How the fragment of an address begins that brings something (shared).
SHARED = "#shared="
VERSION = 1


class PythonKept(msgspec.Struct):
    """Files that the Python of a chat has written, by name, and what its cells have shown, as the
    page keeps that.
    """

    files: dict[str, bytes] = {}
    cells: dict[str, bytes] = {}

    def __bool__(self) -> bool:
        return bool(self.files or self.cells)


class _Kept(msgspec.Struct, omit_defaults=True):
    chat: ChatRecord
    messages: list[MessageRecord]
    python: PythonKept | None = None


class _Export(msgspec.Struct):
    """A file; each of its chats is read when its turn comes."""

    chats: list[msgspec.Raw]


class _Head(msgspec.Struct):
    """The part of a file that tells whether the rest can be understood."""

    format: str = ""
    version: int = 0


_Shape = TypeVar("_Shape", _Head, _Export, _Kept)


# How a file of ours begins, also one that an editor has laid out anew.
_BEGINNING = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"format"\s*:\s*"' + FORMAT.encode() + b'"')


class ImportProblem(Exception):
    """A file can't be taken in. The message is a sentence for people; nothing was changed."""


def is_ours(beginning: bytes) -> bool:
    """Tell whether a file that begins so is one of ours."""
    return _BEGINNING.match(beginning) is not None


_NOTHING = PythonKept()


def to_json(
    trees: Iterable[Tree], exported_ms: int, python: Mapping[str, PythonKept] | None = None
) -> bytes:
    """A file of these chats with all their branches, and what their Python has kept, by their
    ids.
    """
    kept = python or {}
    return joined([piece(tree, kept.get(tree.chat.id, _NOTHING)) for tree in trees], exported_ms)


def piece(tree: Tree, python: PythonKept = _NOTHING) -> bytes:
    """One chat as it stands in a file, for `joined`."""
    kept = _Kept(_for_export(tree.chat), tree.records(), python or None)
    return msgspec.json.format(encoded(kept), indent=1)


def joined(pieces: Sequence[bytes], exported_ms: int) -> bytes:
    """A file of chats, each made by `piece`."""
    head = f'{{"format": "{FORMAT}", "version": {VERSION}, "exported_ms": {exported_ms}, "chats": ['
    return b"".join([head.encode(), b"\n", b",\n".join(pieces), b"\n]}\n"])


class Incoming:
    """The chats of a file, as new ones: where an id is taken, here or in the file, a new one.

    Going through it reads one chat after the other, and leaves those out that are here as they are
    in the file (`left_out` counts them): to read a backup back brings what is missing, and nothing
    twice. It may be gone through once.

    Raises:
        ImportProblem: The file is not one of ours, or damaged; the message says where. Raised at
            the beginning, or by the chat that is damaged.
    """

    def __init__(
        self, data: bytes, here: Mapping[str, ChatRecord], new_id: Callable[[], str]
    ) -> None:
        if is_too_deep(data):
            raise ImportProblem("This file is nested deeper than any chat.")
        head = _decoded(data, _Head)
        if head.format != FORMAT:
            raise ImportProblem("This is not a file of exported chats.")
        if head.version > VERSION:
            raise ImportProblem(
                "This file was exported by a newer version. Reload this page first."
            )
        self.left_out = 0
        self.python: dict[str, PythonKept] = {}  # of the chats that were read, by their ids
        self._chats = _decoded(data, _Export).chats
        self._here = here
        self._taken = set(here)
        self._new_id = new_id

    def __len__(self) -> int:
        """Count the chats in the file."""
        return len(self._chats)

    def __iter__(self) -> Iterator[Tree | None]:
        """Each chat; None for one that is left out."""
        for number, raw in enumerate(self._chats, 1):
            kept = _decoded(raw, _Kept, f" in chat {number}")
            if _is_same(kept.chat, self._here.get(kept.chat.id)):
                self.left_out += 1
                yield None
            else:
                tree = _taken_in(kept, self._taken, self._new_id)
                if kept.python:
                    self.python[tree.chat.id] = _of_folder(kept.python)
                yield tree


def _is_same(chat: ChatRecord, known: ChatRecord | None) -> bool:
    """Tell whether the chat in the file and the known one are at the same state."""
    return known is not None and (chat.head, chat.updated_ms) == (known.head, known.updated_ms)


def file_name(title: str, suffix: str) -> str:
    """A name for a chat's file that every system accepts."""
    name = re.sub(r"[^\w\- ]+", " ", title)
    return f"{safe_stem(name, 'Chat')}.{suffix}"


# More of a title nobody sees; of one of megabytes each look at the list would cost seconds.
_TITLE_CHARACTERS = 500

# Ids as ours are; others may hold what keys and addresses can't.
_PLAIN = re.compile(r"[A-Za-z0-9-]{1,64}")

# A step of a path in the folder of a session, how long that may be, and how many files are kept.
_FOLDER_PART = re.compile(r"(?!\.{1,2}\Z)[^\0/]{1,255}")
_LONGEST_PATH = 1000
_MOST_SESSION_FILES = 500


def _taken_in(kept: _Kept, taken: set[str], new_id: Callable[[], str]) -> Tree:
    chat = kept.chat
    is_other = not _PLAIN.fullmatch(chat.id) or chat.id in taken
    if is_other:
        chat.id = new_id()
    taken.add(chat.id)
    chat.deleted_ms = 0
    chat.title = chat.title[:_TITLE_CHARACTERS]
    chat.created_ms, chat.updated_ms = possible_ms(chat.created_ms), possible_ms(chat.updated_ms)
    # Ids of messages count within their chat alone, but not twice there. They stay where the chat
    # does, so that it is known again when its file is read once more.
    ids: dict[str, str] = {}
    for record in kept.messages:
        if not record.id or record.id in ids:
            raise ImportProblem(f"Two messages of “{chat.title}” have the same id.")
        stays = not is_other and _PLAIN.fullmatch(record.id) is not None
        ids[record.id] = record.id if stays else new_id()
    for record in kept.messages:
        record.id, record.parent = ids[record.id], ids.get(record.parent, "")
        record.chat_id, record.created_ms = chat.id, possible_ms(record.created_ms)
        if record.message.status is None:
            record.message.status = "incomplete"
    chat.head = ids.get(chat.head, "")
    set_apart(chat, kept.messages)
    return Tree(chat, kept.messages)


def _of_folder(python: PythonKept) -> PythonKept:
    """The same, with as many files as a session keeps, and of these the ones that its folder can
    have: none of them leads out of it, or lies in another file.
    """
    files: dict[str, bytes] = {}
    folders: set[str] = set()
    for name, data in python.files.items():
        parts = name.split("/")
        above = {"/".join(parts[:depth]) for depth in range(1, len(parts))}
        can_be = all(_FOLDER_PART.fullmatch(part) for part in parts) and len(name) <= _LONGEST_PATH
        if can_be and name not in folders and files.keys().isdisjoint(above):
            files[name] = data
            folders |= above
        if len(files) == _MOST_SESSION_FILES:
            break
    return PythonKept(files, python.cells)


def _for_export(chat: ChatRecord) -> ChatRecord:
    return msgspec.structs.replace(chat, deleted_ms=0)


def _decoded(data: bytes | msgspec.Raw, shape: type[_Shape], where: str = "") -> _Shape:
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise ImportProblem(f"This file is damaged{where}: {error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ImportProblem("This file is not JSON, or only a part of it.") from None
