"""The recorded streams: what they mean, at every cut of their bytes."""

import pytest

from tests.chunkings import chunkings

from . import tally
from .decoding import IN_TAB, assert_sound, decode
from .expectation import differences
from .library import Case, of_all_protocols

STREAMS = of_all_protocols("streams")
# Bytes, of what is cut at every place.
LARGEST = 4_000 if IN_TAB else 10**9

SURE = [case for case in STREAMS if case.quality in ("A", "B")]


@pytest.mark.parametrize("case", SURE, ids=str)
def test_means_what_it_should(case: Case):
    events, message = decode([case.body], case.protocol)
    assert_sound(events, message)
    assert differences(message, case.expect) == []
    tally.count(f"streams {case.quality}")


@pytest.mark.parametrize("case", STREAMS, ids=str)
def test_is_the_same_at_every_cut(case: Case):
    """Some readings conflict: of those only this can be said, and that nothing breaks."""
    expected = decode([case.body], case.protocol)
    assert_sound(*expected)
    if len(case.body) <= LARGEST:
        for chunks in chunkings(case.body, random_cuts=5):
            assert decode(chunks, case.protocol) == expected
    if case not in SURE:
        tally.count(f"streams {case.quality or 'without expectation'}")
