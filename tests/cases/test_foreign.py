"""Bodies of other protocols given to a decoder by mistake: an address can be mistyped, and a
gateway can answer in its own language. Nothing may break, and the end must be told.
"""

from pathlib import Path

import pytest

from tests.chunkings import chunkings

from . import tally
from .decoding import IN_TAB, assert_sound, decode
from .library import FOLDER, PROTOCOLS, bodies_of_all_protocols

# Cutting at every place, and what is larger, is left to the protocol's own tests.
LARGEST = 1_000 if IN_TAB else 6_000


def _id(path: Path) -> str:
    return str(path.relative_to(FOLDER or path.parent))


@pytest.mark.parametrize("path", bodies_of_all_protocols(), ids=_id)
@pytest.mark.parametrize("protocol", PROTOCOLS.values())
def test_breaks_nothing(path: Path, protocol: str):
    body = path.read_bytes()
    expected = decode([body], protocol)
    assert_sound(*expected)
    if len(body) <= LARGEST:
        for chunks in chunkings(body, random_cuts=2, at_every_place=False):
            assert decode(chunks, protocol) == expected
    tally.count("bodies of all protocols")
