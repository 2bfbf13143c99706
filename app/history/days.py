"""Headings of the chat list, by when something was last said in a chat."""

from datetime import date, datetime, timedelta

TODAY = "Today"
YESTERDAY = "Yesterday"
WEEK = "Previous 7 days"
MONTH = "Previous 30 days"

# Not strftime: it speaks the language of wherever Python runs, and the page speaks one.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# The last moments that a calendar has, whatever the time zone.
_LATEST_MS = 253_370_764_800_000


def possible_ms(ms: int) -> int:
    """A time from outside; 0 where no calendar has it."""
    return ms if 0 <= ms <= _LATEST_MS else 0


def local(ms: int) -> datetime:
    """A time in milliseconds since 1970 as the person's own clock and calendar have it."""
    return datetime.fromtimestamp(possible_ms(ms) / 1000)


def heading(day: date, today: date) -> str:
    """The heading for what happened on a day; both days are the person's own, local ones."""
    if day >= today:  # a clock may have been set back
        return TODAY
    if day == today - timedelta(days=1):
        return YESTERDAY
    if day >= today - timedelta(days=7):
        return WEEK
    if day >= today - timedelta(days=30):
        return MONTH
    return f"{MONTHS[day.month - 1]} {day.year}"


def first_day(day: date, today: date) -> date:
    """The first of the days that share the heading of this one."""
    name = heading(day, today)
    starts = {TODAY: 0, YESTERDAY: 1, WEEK: 7, MONTH: 30}
    if name in starts:
        return today - timedelta(days=starts[name])
    return day.replace(day=1)
