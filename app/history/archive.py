"""Many chats to read as one file: a zip archive of Markdown files. Pure."""

from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from .reading_copy import to_markdown
from .transfer import file_name
from .tree import Tree

# What a zip archive can date: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.4.6.
_EARLIEST_MS = 315_532_800_000
_LATEST_MS = 4_354_819_199_000


class Archive:
    """Made by adding chats one after the other."""

    def __init__(self) -> None:
        self._bytes = BytesIO()
        self._zip = ZipFile(self._bytes, "w", ZIP_DEFLATED)
        self._names: set[str] = set()

    def add(self, tree: Tree) -> None:
        """Put in the shown path of a chat, named by its title and dated by its last change."""
        at_ms = min(max(tree.chat.updated_ms, _EARLIEST_MS), _LATEST_MS)
        at = datetime.fromtimestamp(at_ms / 1000, UTC)
        info = ZipInfo(self._name(tree.chat.title), at.timetuple()[:6])
        info.compress_type = ZIP_DEFLATED
        self._zip.writestr(info, to_markdown(tree))

    def finish(self) -> bytes:
        """The whole file; nothing is added after it."""
        self._zip.close()
        return self._bytes.getvalue()

    def _name(self, title: str) -> str:
        """A name that no other file has, also where capitals do not count."""
        name, number = file_name(title, "md"), 1
        while name.lower() in self._names:
            number += 1
            name = file_name(title, f"{number}.md")
        self._names.add(name.lower())
        return name
