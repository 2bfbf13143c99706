"""The pictures of an archive, put into the conversations that show them."""

import re
from base64 import b64encode
from collections.abc import Sequence
from zipfile import ZipInfo

import msgspec

from ...core.messages import File
from .entries import Damaged, Source, whole
from .fields import IMAGES, IN_ARCHIVE, LARGE
from .talk import Talk

# An image that is larger is none that a chat shows; so much of them is read for one chat.
_MOST_IMAGE_BYTES = 20_000_000
_MOST_IMAGES_BYTES = 60_000_000

# With these begin the names of files, before the name that a person gave.
_ID = re.compile(r"file[-_][A-Za-z0-9]+")
_MAGIC = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)


class Pictures:
    """The pictures among the entries of an archive, by their ids."""

    def __init__(self, source: Source, entries: Sequence[ZipInfo]) -> None:
        self._source = source
        self._entries: dict[str, ZipInfo] = {}
        for entry in entries:
            if found := _ID.match(entry.filename.rpartition("/")[2]):
                self._entries.setdefault(found[0], entry)

    def find(self, talk: Talk) -> None:
        """Count pictures that are not in the archive as left out; only their names stay."""
        for one in talk.said:
            for at, part in enumerate(one.parts):
                if not isinstance(part, File) or not part.url.startswith(IN_ARCHIVE):
                    continue
                if part.url.removeprefix(IN_ARCHIVE) not in self._entries:
                    talk.left_out[IMAGES] += 1
                    one.parts[at] = msgspec.structs.replace(part, url="")

    async def take(self, talk: Talk) -> None:
        """Read those that were found."""
        left = _MOST_IMAGES_BYTES
        for one in talk.said:
            for at, part in enumerate(one.parts):
                if isinstance(part, File) and part.url.startswith(IN_ARCHIVE):
                    file, size = await self._read(part, left, talk)
                    one.parts[at] = file
                    left -= size

    async def _read(self, part: File, most_bytes: int, talk: Talk) -> tuple[File, int]:
        entry = self._entries[part.url.removeprefix(IN_ARCHIVE)]
        name = part.name or entry.filename.rpartition("/")[2]
        try:
            data = await whole(self._source, entry, min(most_bytes, _MOST_IMAGE_BYTES))
        except Damaged:
            data = b""
        kind = next((kind for magic, kind in _MAGIC if (data or b"").startswith(magic)), "")
        if data is None or not kind:
            talk.left_out[LARGE if data is None else IMAGES] += 1
            return File("", part.mime_type, name), 0
        return File(f"data:{kind};base64,{b64encode(data).decode()}", kind, name), len(data)
