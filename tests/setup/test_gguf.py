"""Files of weights that a command line names: whole ones are taken, others are told apart."""

import os
import struct
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from app.setup.gguf import gguf_file

CUT = "ends too early"


def string(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def fact(name: str, kind: int, value: bytes) -> bytes:
    return string(name) + struct.pack("<I", kind) + value


def strings(*texts: str) -> bytes:
    return struct.pack("<IQ", 8, len(texts)) + b"".join(map(string, texts))


def weight(name: str, offset: int) -> bytes:
    return string(name) + struct.pack("<IQQIQ", 2, 4, 4, 0, offset)


def head(weights: int, facts: int, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, weights, facts)


def gguf(architecture: str = "llama") -> bytes:
    facts = [
        fact("general.architecture", 8, string(architecture)),
        fact("tokenizer.ggml.tokens", 9, strings("a", "bc", "")),
        fact("llama.rope", 9, struct.pack("<IQ3f", 6, 3, 1, 2, 3)),
        fact("llama.context_length", 4, struct.pack("<I", 4096)),
    ]
    described = weight("one", 0) + weight("two", 64)
    return head(2, len(facts)) + b"".join(facts) + described + b"\0" * 128


def refused(path: Path) -> str:
    with pytest.raises(ArgumentTypeError) as caught:
        gguf_file(str(path))
    return str(caught.value).removeprefix(str(path)).strip()


def test_a_whole_file_is_taken(tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(gguf())
    assert gguf_file(str(tmp_path / "mine.gguf")) == tmp_path / "mine.gguf"


def test_a_file_that_was_cut_anywhere_is_told_as_that(tmp_path: Path) -> None:
    whole = gguf()
    path = tmp_path / "cut.gguf"
    for end in range(4, len(whole) - 64):
        path.write_bytes(whole[:end])
        assert refused(path).startswith(CUT), end


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"GG", "is no GGUF file"),
        (b"<!doctype html><title>Log in</title>", "is no GGUF file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (head(1, 0, version=1), "version 1, which is not known"),
        (head(1, 0, version=99), "version 99, which is not known"),
        (head(2**63, 0) + b"\0" * 99, "is damaged"),
        (head(1, 2**62) + b"\0" * 99, "is damaged"),
        (head(0, 0), "holds no weights"),
        (head(1, 1) + fact("a", 77, b"\0" * 99), "is damaged"),
        (head(1, 1) + fact("a", 9, struct.pack("<IQ", 8, 2**60)), CUT),
        (head(1, 1) + fact("a", 9, struct.pack("<IQ", 4, 2**60)), CUT),
        (head(1, 1) + fact("a", 9, struct.pack("<IQ", 12, 2**64 - 1)), CUT),
        (head(1, 1) + struct.pack("<Q", 2**64 - 1) + b"\0" * 99, CUT),
        (head(1, 0) + string("w") + struct.pack("<I", 4_000_000_000), "is damaged"),
        (head(1, 0) + weight("w", 2**63), CUT),
        (gguf("clip"), "the part of a model that sees"),
        (head(1, 1) + fact("adapter.type", 8, string("lora")), "a change to another model"),
    ],
)
def test_what_is_no_model_or_damaged_is_said(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(content)
    assert words in refused(path)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path) == "cannot be read: Is a directory"
    assert refused(tmp_path / "none.gguf") == "cannot be read: No such file or directory"
    nowhere = tmp_path / "link.gguf"
    nowhere.symlink_to(tmp_path / "none.gguf")
    assert refused(nowhere) == "cannot be read: No such file or directory"
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.gguf")  # whoever reads it would wait for ever
        assert refused(tmp_path / "pipe.gguf") == "is no file"
