"""Stamps: when a finished step counts as finished."""

from pathlib import Path

import pytest

from app.setup.stamps import Stamp, digest, write_atomically


@pytest.fixture
def output(tmp_path: Path) -> Path:
    file = tmp_path / "output"
    file.write_text("made")
    return file


def stamp_for(output: Path, inputs: str = "1") -> Stamp:
    return Stamp(output.parent / "stamp.json", digest(inputs), lambda: [output])


def test_a_written_stamp_matches(output):
    stamp = stamp_for(output)
    assert not stamp.matches()
    stamp.write()
    assert stamp.matches()


def test_other_inputs_do_not_match(output):
    stamp_for(output, "1").write()
    assert not stamp_for(output, "2").matches()


def test_a_damaged_output_does_not_match(output):
    stamp = stamp_for(output)
    stamp.write()
    output.write_text("mode")
    assert not stamp.matches()


def test_a_missing_output_does_not_match(output):
    stamp = stamp_for(output)
    stamp.write()
    output.unlink()
    assert not stamp.matches()


@pytest.mark.parametrize("content", ["", "{", "null", "[]", '{"inputs": 1}'])
def test_a_broken_stamp_does_not_match(output, content):
    stamp = stamp_for(output)
    stamp.file.write_text(content)
    assert not stamp.matches()


def test_a_cleared_stamp_does_not_match(output):
    stamp = stamp_for(output)
    stamp.write()
    stamp.clear()
    assert not stamp.matches()
    stamp.clear()


def test_a_moved_folder_keeps_its_stamps(tmp_path):
    before = tmp_path / "before"
    write_atomically(before / "output", b"made")
    stamp_for(before / "output").write()
    after = before.rename(tmp_path / "after")
    assert stamp_for(after / "output").matches()


def test_a_digest_tells_where_one_part_ends():
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("ab", b"c") == digest(b"ab", "c")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "file"
    write_atomically(file, b"old")

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
