"""Times in words, at the edges of days, years and waits."""

from datetime import date, datetime

import pytest

from app.browser.conversation.times import clock, day, full_date, to_midnight_s, until

NOW = datetime(2026, 11, 21, 14, 2, 5)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 21, 0, 0), "00:00"),
        (datetime(2026, 11, 20, 23, 59), "20 Nov, 23:59"),
        (datetime(2026, 1, 1, 9, 5), "1 Jan, 09:05"),
        (datetime(2026, 12, 31, 9, 5), "31 Dec, 09:05"),
        (datetime(2025, 11, 21, 14, 2), "21 Nov 2025, 14:02"),
    ],
)
def test_a_moment_in_short(moment: datetime, words: str) -> None:
    assert clock(moment, NOW) == words


def test_a_moment_in_full() -> None:
    assert full_date(NOW) == "Saturday, 21 November 2026, 14:02:05"
    assert full_date(datetime(2026, 1, 5)) == "Monday, 5 January 2026, 00:00:00"


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (date(2026, 11, 22), "Today"),
        (date(2026, 11, 21), "Today"),
        (date(2026, 11, 20), "Yesterday"),
        (date(2026, 11, 19), "Thursday, 19 November"),
        (date(2026, 1, 4), "Sunday, 4 January"),
        (date(2025, 12, 31), "Wednesday, 31 December 2025"),
    ],
)
def test_a_day_as_a_heading(of: date, words: str) -> None:
    assert day(of, NOW.date()) == words


def test_the_next_day_has_begun_a_second_after_midnight() -> None:
    assert to_midnight_s(datetime(2026, 11, 21)) == 24 * 3600 + 1
    assert to_midnight_s(datetime(2026, 12, 31, 23, 59, 59)) == 2


@pytest.mark.parametrize(
    ("wait_s", "words"),
    [
        (0, ""),
        (60, ""),
        (61, "14:03"),
        (12 * 3600, "22 Nov, 02:02"),
        (366 * 24 * 3600, "22 Nov 2027, 14:02"),
        (1e300, "22 Nov 2027, 14:02"),
    ],
)
def test_a_long_wait_has_an_end(wait_s: float, words: str) -> None:
    assert until(wait_s, NOW) == words
