"""What a link brings comes out as it went in; what is no such link is refused."""

import zlib
from base64 import urlsafe_b64encode
from contextlib import nullcontext
from random import Random

import msgspec
import pytest

from app.history.shared import MOST_CHARACTERS, Shared, from_fragment, to_fragment
from app.history.transfer import SHARED, ImportProblem


def packed(data: bytes) -> str:
    return SHARED + urlsafe_b64encode(zlib.compress(data)).decode()


@pytest.mark.parametrize("kind", ["chat", "prompt", "tools"])
def test_what_goes_into_a_link_comes_out_of_it(kind: str) -> None:
    shared = msgspec.convert({"kind": kind, "name": "Ä ‮name", "text": "x = 1\n" * 500}, Shared)
    fragment = to_fragment(shared)
    assert len(fragment) < 300
    assert fragment.replace(SHARED, "").replace("-", "").replace("_", "").isalnum()
    assert from_fragment(fragment) == shared


def test_what_is_too_long_is_no_link() -> None:
    text = "".join(map(chr, range(0x4E00, 0x9FFF))) * 2
    assert to_fragment(Shared("prompt", "long", text)) == ""
    assert len(to_fragment(Shared("prompt", "long", text[:5_000]))) < MOST_CHARACTERS


def test_what_no_compression_makes_short_is_no_link() -> None:
    assert to_fragment(Shared("prompt", "noise", Random(1).randbytes(25_000).hex())) == ""


def test_a_link_brings_a_short_name_and_no_more_than_so_much() -> None:
    assert from_fragment(to_fragment(Shared("prompt", "n" * 300, ""))).name == "n" * 200
    head, end = b'{"kind":"chat","name":"","text":"', b'"}'
    for size, is_read in ((4_900_000, True), (5_000_100, False)):
        fragment = packed(head + b" " * (size - len(head) - len(end)) + end)
        with nullcontext() if is_read else pytest.raises(ImportProblem):
            assert from_fragment(fragment).text.isspace()


GOOD = to_fragment(Shared("prompt", "name", "text " * 50))


@pytest.mark.parametrize(
    "fragment",
    [
        SHARED,
        GOOD[:-8],
        SHARED + "%%%",
        packed(b"[]"),
        packed(b'{"kind": "virus", "name": "", "text": ""}'),
        packed(b'{"kind": ' + b"[" * 100_000),
        packed(b'{"kind": "chat", "name": "", "text": "' + b" " * 20_000_000 + b'"}'),
        packed(b'{"kind": "chat", "name": 1, "text": "\xff"}'),
    ],
)
def test_what_is_no_such_link_is_refused(fragment: str) -> None:
    with pytest.raises(ImportProblem):
        from_fragment(fragment)
