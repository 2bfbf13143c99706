"""Recorded streams with a few bytes changed, lost or doubled: still a sound answer."""

import random

import pytest

from . import tally
from .decoding import IN_TAB
from .library import Case, of_all_protocols
from .test_any_bytes import damaged, sound


@pytest.mark.parametrize(
    "case", [case for case in of_all_protocols("streams") if case.meta["bytes"] < 60_000], ids=str
)
def test_recorded_and_damaged(case: Case):
    source = random.Random(case.name)
    number = 1 if IN_TAB else 5
    for _ in range(number):
        sound(damaged(case.body, source), case.protocol)
    tally.count("damaged streams", number)
