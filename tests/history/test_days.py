"""The headings of the list of chats."""

from datetime import date, timedelta

import pytest

from app.history.days import first_day, heading


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 2), "Today"),
        (date(2026, 3, 5), "Today"),
        (date(2026, 3, 1), "Yesterday"),
        (date(2026, 2, 28), "Previous 7 days"),
        (date(2026, 2, 23), "Previous 7 days"),
        (date(2026, 2, 22), "Previous 30 days"),
        (date(2026, 1, 31), "Previous 30 days"),
        (date(2026, 1, 30), "January 2026"),
        (date(2025, 12, 31), "December 2025"),
    ],
)
def test_a_chat_stands_under_the_heading_of_its_day(day: date, expected: str) -> None:
    assert heading(day, date(2026, 3, 2)) == expected


def test_all_days_of_a_heading_have_its_first_day() -> None:
    today = date(2026, 3, 2)
    day = date(2026, 3, 4)
    while day > date(2025, 11, 1):
        first = first_day(day, today)
        assert heading(first, today) == heading(day, today)
        before = first - timedelta(days=1)
        assert heading(before, today) != heading(day, today)
        day -= timedelta(days=1)
