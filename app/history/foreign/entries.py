"""The entries of a zip archive that is too large to hold, read where they stand, as they come."""

import io
import zlib
from collections.abc import AsyncIterator
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

# So much is read, and given, at a time.
CHUNK = 256 * 1024

# The list of entries stands at the end; a larger one no export has.
_LIST = 256 * 1024
_MOST_LIST = 32_000_000
_MOST_ENTRIES = 200_000
# What words are packed to at best, beyond some bytes.
_TIGHTEST = 200
_MOST_PACKED = 50_000_000
# https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7
_LOCAL_HEADER = 30
_LOCAL_MARK = b"PK\3\4"
_IS_ENCRYPTED = 1


class Source(Protocol):
    """A file that is read in pieces."""

    @property
    def size(self) -> int: ...

    async def read(self, start: int, end: int) -> bytes:
        """Its bytes from `start` up to `end`."""
        ...


class Damaged(Exception):
    """An archive, or an entry of one, can't be read. The message is a sentence for people."""


class _EarlierError(Exception):
    """A byte is asked for that stands before those which were read."""


class _Tail(io.BytesIO):
    """The end of a file, in which everything stands where it does in the file."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._start = size - len(data)

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_SET:
            place -= self._start
            if place < 0:
                raise _EarlierError
        return super().seek(place, whence) + self._start

    def tell(self) -> int:
        return super().tell() + self._start


async def entries(source: Source) -> list[ZipInfo]:
    """List the entries of an archive.

    Raises:
        Damaged: It is none, or only a part of one.
    """
    length = min(_LIST, source.size)
    while True:
        tail = _Tail(await source.read(source.size - length, source.size), source.size)
        try:
            with ZipFile(tail) as archive:
                found = archive.infolist()
        except _EarlierError:
            if length >= min(source.size, _MOST_LIST):
                raise Damaged("This archive is damaged.") from None
            length = min(4 * length, source.size)
            continue
        except (BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
            raise Damaged("This archive is damaged, or only a part of it.") from None
        if len(found) > _MOST_ENTRIES:
            raise Damaged("This archive holds more files than any export of chats.")
        if _lie_in_each_other(found):
            raise Damaged("This archive is damaged: files in it lie in each other.")
        return found


def _lie_in_each_other(found: list[ZipInfo]) -> bool:
    """Tell whether bytes are of two entries: so a small archive would hold more than any disk."""
    end = 0
    for entry in sorted(found, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            return True
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size
    return False


async def contents(source: Source, entry: ZipInfo) -> AsyncIterator[bytes]:
    """Yield the content of an entry, in pieces of `CHUNK` bytes at most.

    Raises:
        Damaged: It can't be read, or is not what the archive says.
    """
    if entry.flag_bits & _IS_ENCRYPTED:
        raise Damaged(f"{entry.filename} is locked with a password.")
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Damaged(f"{entry.filename} is packed in a way that can't be read here.")
    if entry.file_size > _MOST_PACKED + _TIGHTEST * entry.compress_size:
        raise Damaged(f"{entry.filename} is packed tighter than chats can be.")
    damaged = Damaged(f"{entry.filename} is damaged.")
    header = await source.read(entry.header_offset, entry.header_offset + _LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != _LOCAL_MARK:
        raise damaged
    name, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    at = entry.header_offset + _LOCAL_HEADER + name + extra
    end = at + entry.compress_size
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == ZIP_DEFLATED else None
    size = checksum = 0
    try:
        while at < end:
            packed = await source.read(at, min(at + CHUNK, end))
            if not packed:
                raise damaged
            at += len(packed)
            while packed:
                piece = unpacking.decompress(packed, CHUNK) if unpacking else packed
                packed = unpacking.unconsumed_tail if unpacking else b""
                size, checksum = size + len(piece), zlib.crc32(piece, checksum)
                if size > entry.file_size:
                    raise damaged
                yield piece
        if unpacking and (piece := unpacking.flush()):
            size, checksum = size + len(piece), zlib.crc32(piece, checksum)
            yield piece
    except zlib.error:
        raise damaged from None
    if (size, checksum) != (entry.file_size, entry.CRC):
        raise damaged


async def whole(source: Source, entry: ZipInfo, most_bytes: int) -> bytes | None:
    """Read an entry whole; None where it holds more than this.

    Raises:
        Damaged: It can't be read.
    """
    if entry.file_size > most_bytes:
        return None
    return b"".join([piece async for piece in contents(source, entry)])
