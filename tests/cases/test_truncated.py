"""Recorded streams that break off: never taken for whole, and nothing that arrived is lost."""

import random
from collections.abc import Iterator

import pytest

from . import records, tally
from .cutting import cut_between_records, cut_inside_records
from .decoding import IN_TAB
from .library import Case, of_all_protocols

STREAMS = [case for case in of_all_protocols("streams") if case.quality == "A"]

# A stream is read anew for each cut, so of long ones only a sample is cut.
MOST_CUTS = 50 if IN_TAB else 500
SAMPLE = 20 if IN_TAB else 60
CUTS_INSIDE_RECORDS = 5 if IN_TAB else 20


@pytest.mark.parametrize("case", STREAMS, ids=str)
def test_cut_between_records(case: Case):
    parts = records.split(case.body, case.protocol)
    assert b"".join(parts) == case.body
    places = set(_sample(len(parts)))
    cut_between_records(parts, case.protocol, places)
    tally.count("truncations", len(places))


@pytest.mark.parametrize("case", STREAMS, ids=str)
def test_cut_inside_records(case: Case):
    cut_inside_records(case.body, case.protocol, random.Random(case.name), CUTS_INSIDE_RECORDS)
    tally.count("truncations", CUTS_INSIDE_RECORDS)


def _sample(count: int) -> Iterator[int]:
    if count <= MOST_CUTS:
        yield from range(count)
        return
    yield from (round(n * (count - 1) / (SAMPLE - 1)) for n in range(SAMPLE))
