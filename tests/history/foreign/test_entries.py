"""Archives are read where their entries stand, in small pieces, and checked."""

import random
import struct
import zlib
from io import BytesIO
from zipfile import ZIP_BZIP2, ZipFile

import pytest

from app.history.foreign import entries as module
from app.history.foreign.entries import CHUNK, Damaged, contents, entries, whole
from tests.history.foreign.files import Bytes, archive

TEXT = bytes(range(256)) * 8192  # 2 MB


async def test_entries_come_out_as_they_went_in() -> None:
    source = Bytes(archive({"a/b.json": TEXT, "c.txt": b"", "ä.json": b"x"}))
    found = {entry.filename: entry for entry in await entries(source)}
    for name, data in {"a/b.json": TEXT, "c.txt": b"", "ä.json": b"x"}.items():
        pieces = [piece async for piece in contents(source, found[name])]
        assert b"".join(pieces) == data
        assert all(len(piece) <= CHUNK for piece in pieces)
    assert await whole(source, found["a/b.json"], len(TEXT) - 1) is None


async def test_an_archive_is_never_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LIST", 1024)
    noise = zlib.compress(b"") + bytes(7919 * n % 251 for n in range(2_000_000))
    names = {f"picture-{number}.png": b"" for number in range(200)}
    source = Bytes(archive({"noise.bin": noise, **names, "a.json": b"[]"}))
    found = {entry.filename: entry for entry in await entries(source)}
    assert len(found) == 202
    assert await whole(source, found["a.json"], 100) == b"[]"
    assert max(source.reads) <= 64 * 1024


@pytest.mark.parametrize("cut", [0, 3, 100, -1, -30])
async def test_a_part_of_an_archive_is_damaged(cut: int) -> None:
    with pytest.raises(Damaged, match="damaged"):
        await entries(Bytes(archive({"a.json": TEXT})[:cut]))


async def test_changed_bytes_are_found_out() -> None:
    data = bytearray(archive({"a.json": TEXT}))
    data[2000] ^= 1
    source = Bytes(bytes(data))
    [entry] = await entries(source)
    with pytest.raises(Damaged, match="a.json is damaged"):
        await whole(source, entry, 10**9)


async def test_an_entry_that_does_not_stand_where_the_list_says_is_damaged() -> None:
    data = archive({"a.json": TEXT, "b.json": b""})
    unmarked = b"PX" + data[2:]
    source = Bytes(unmarked)
    [entry, empty] = await entries(source)
    with pytest.raises(Damaged, match="a.json is damaged"):
        await whole(source, entry, 10**9)
    # Of this one nothing but the start of its head is there: no content, as the list says.
    empty.header_offset = len(data)
    with pytest.raises(Damaged, match="b.json is damaged"):
        await whole(Bytes(data + b"PK\3\4"), empty, 10**9)


async def test_an_entry_that_grows_beyond_what_it_says_is_ended() -> None:
    noise = random.Random(1).randbytes(4 * CHUNK)  # which nothing packs
    source = Bytes(archive({"a.json": noise}))
    [entry] = await entries(source)
    entry.file_size = 1000
    reads = len(source.reads)
    with pytest.raises(Damaged):
        await whole(source, entry, 10**9)
    assert len(source.reads) == reads + 2  # what stands before it, and its first piece


async def test_what_cannot_be_unpacked_is_said() -> None:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_BZIP2) as opened:
        opened.writestr("a.json", TEXT)
    source = Bytes(made.getvalue())
    [entry] = await entries(source)
    with pytest.raises(Damaged, match="packed in a way"):
        await whole(source, entry, 10**9)
    entry.flag_bits |= 1
    with pytest.raises(Damaged, match="password"):
        await whole(source, entry, 10**9)


async def test_a_small_archive_does_not_hold_what_no_disk_does() -> None:
    data = archive({"a.json": TEXT})
    at, end = data.rfind(b"PK\1\2"), bytearray(data[data.rfind(b"PK\5\6") :])
    listed = data[at : -len(end)] * 2000
    end[8:16] = struct.pack("<HHI", 2000, 2000, len(listed))
    with pytest.raises(Damaged, match="lie in each other"):
        await entries(Bytes(data[:at] + listed + bytes(end)))
    source = Bytes(data)
    [entry] = await entries(source)
    entry.file_size = 10**9
    reads = len(source.reads)
    with pytest.raises(Damaged, match="packed tighter than chats can be"):
        await whole(source, entry, 10**9)
    assert len(source.reads) == reads
