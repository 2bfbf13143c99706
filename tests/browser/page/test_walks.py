"""Costs of people's actions on the page, counted: `python3 -m benchmarks.walks` shows more.

The ceilings find what grows by a kind: a turn, a write or a layout more for every token, a change
told twice. They lie far above what is counted today, for a busy machine adds to it: a token comes
in two turns, Python asks the clock once more. Each number in brackets is what 0.1.0 took on an
idle one.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from benchmarks.walks.tab import Walks, counting_page
from tests.live_server import LiveServer


@pytest.fixture(scope="module")
def walks(browser: Browser, live: LiveServer) -> Iterator[Walks]:
    with counting_page(browser, live) as page:
        yield page


def test_the_start_imports_what_it_needs(walks: Walks) -> None:
    assert walks.modules <= 322


def test_the_first_start_downloads_no_more_than_that_of_the_first_version(walks: Walks) -> None:
    # What is not needed at once comes when it is first used. Far below would mean that it is not
    # counted.
    assert 8_000_000 < walks.start_bytes <= 10_300_000  # (10,345,644 with headers)


def test_a_token_is_one_turn_and_one_frame(walks: Walks) -> None:
    token = walks.token()
    assert token.calls <= 150  # (124)
    counted = token.crossings
    assert counted["reads"] + counted["writes"] + counted["calls"] <= 40  # (61)
    assert counted["turns"] <= 4  # (4.4)
    assert counted["proxies"] <= 0.5  # (3.3)
    assert counted["layouts"] <= 3
    assert counted["posts"] <= 0.5  # (1): no other tab is there
    assert counted["puts"] <= 0.5  # (1)


def test_a_burst_of_20_costs_little_more_than_a_token(walks: Walks) -> None:
    one, many = walks.token(), walks.token(in_a_burst=20)
    assert many.calls <= 2 * one.calls
    assert many.crossings["turns"] <= 5
    assert many.crossings["layouts"] <= 3


def test_what_people_press_costs_no_more_than_this(walks: Walks) -> None:
    assert walks.question().calls <= 2000  # (898)
    assert walks.stop().calls <= 1600  # (855)
    assert walks.number().calls <= 300  # (586)
