"""The headings of the list of chats."""

from datetime import date

import pytest

from app.history.days import heading


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
