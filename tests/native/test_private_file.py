"""Files with a person's words, in a folder that others write to as well."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.core.errors import UsageError
from app.core.messages import user
from app.core.wire.recording import Exchange
from app.core.wire.transport import Request
from app.native import private_file
from app.native.recording_file import read_recording, write_recording
from app.native.terminal.conversation import save

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes and links are POSIX's")

_EXCHANGE = Exchange(Request("GET", "https://a.example", {}), end="aborted")


def record(path: Path) -> None:
    write_recording(path, [_EXCHANGE])


def save_markdown(path: Path) -> None:
    save([user("My salary is 91000")], path)


def save_json(path: Path) -> None:
    save([user("My salary is 91000")], path)


WRITERS = [
    pytest.param(record, "rec.ndjson", id="a recording"),
    pytest.param(save_markdown, "chat.md", id="/save"),
    pytest.param(save_json, "chat.json", id="/save as JSON"),
]


@pytest.fixture
def lax(tmp_path: Path) -> Iterator[Path]:
    """A folder, while new files are for everybody to read and write."""
    before = os.umask(0)
    yield tmp_path
    os.umask(before)


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_nobody_else_can_read_it(write: Callable[[Path], None], name: str, lax: Path) -> None:
    write(lax / name)
    assert stat.S_IMODE((lax / name).stat().st_mode) == 0o600
    assert [left.name for left in lax.iterdir()] == [name]


@pytest.mark.parametrize(("write", "name"), WRITERS)
@pytest.mark.parametrize("is_dangling", [False, True])
def test_no_link_is_followed(
    write: Callable[[Path], None], name: str, is_dangling: bool, tmp_path: Path
) -> None:
    precious = tmp_path / "precious.txt"
    if not is_dangling:
        precious.write_text("precious")
    # The name itself, and what 0.1.0 wrote beside it.
    for link in (name, f".{name}.{os.getpid()}"):
        (tmp_path / link).symlink_to(precious)
    with suppress(UsageError):  # /save takes a name only that is free
        write(tmp_path / name)
    assert precious.exists() is not is_dangling
    if not is_dangling:
        assert precious.read_text() == "precious"


def test_a_recording_is_another_file_than_what_was_there(lax: Path) -> None:
    path = lax / "rec.ndjson"
    path.write_text("what somebody left open " * 1000)
    with path.open() as held:
        record(path)
        assert held.read() == "what somebody left open " * 1000
    assert read_recording(path) == [_EXCHANGE]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_breaks_off_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "rec.ndjson"
    record(path)
    before = path.read_bytes()

    def broken() -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        private_file.replace(path, broken())
    assert path.read_bytes() == before
    assert [left.name for left in tmp_path.iterdir()] == ["rec.ndjson"]


def test_a_new_file_that_cannot_be_written_whole_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        private_file.create(tmp_path / "chat.md", "no bytes")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_of_ones_own_is_written_to_and_that_of_a_stranger_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rec.ndjson"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        record(path)
        assert b"https://a.example" in os.read(reader, 1 << 16)
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        os.chown(path, os.getuid() or 65534, -1)  # root's own are always trusted
        record(path)
        assert os.read(reader, 1 << 16) == b""
    finally:
        os.close(reader)
    assert read_recording(path) == [_EXCHANGE]


@pytest.mark.parametrize("into_a_file", [False, True])
def test_a_recording_goes_to_a_stream_of_the_system(tmp_path: Path, into_a_file: bool) -> None:
    ends = os.pipe()
    if into_a_file:  # as of `--record /dev/stdout > FILE`
        os.close(ends[1])
        ends = (ends[0], os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT))
    try:
        record(Path(f"/dev/fd/{ends[1]}"))
    finally:
        os.close(ends[1])
    with open(ends[0], "rb") as piped:
        got = (tmp_path / "out").read_bytes() if into_a_file else piped.read()
    assert b"https://a.example" in got
