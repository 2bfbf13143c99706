"""Times of messages, in words.

Without names from strftime: it speaks the language of wherever Python runs, and the page has one.
"""

from datetime import date, datetime, time, timedelta

from ...history.days import MONTHS, TODAY, YESTERDAY

# Shorter waits are counted down, and no time of day says more.
_SOON_S = 60
_LONGEST_WAIT_S = 366 * 24 * 3600
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def clock(moment: datetime, now: datetime) -> str:
    """Write a moment in short: the time, and the day where it is not today. Both are local
    times.
    """
    at = f"{moment:%H:%M}"
    if moment.date() == now.date():
        return at
    year = "" if moment.year == now.year else f" {moment.year}"
    return f"{moment.day} {MONTHS[moment.month - 1][:3]}{year}, {at}"


def full_date(moment: datetime) -> str:
    """Write a moment in full: "Saturday, 21 November 2026, 14:02:05"."""
    month = MONTHS[moment.month - 1]
    return f"{_DAYS[moment.weekday()]}, {moment.day} {month} {moment.year}, {moment:%H:%M:%S}"


def day(of: date, today: date) -> str:
    """A day as a heading: "Today", "Yesterday", "Saturday, 21 November 2025"."""
    if of >= today:  # a clock may have been set back
        return TODAY
    if of == today - timedelta(days=1):
        return YESTERDAY
    year = "" if of.year == today.year else f" {of.year}"
    return f"{_DAYS[of.weekday()]}, {of.day} {MONTHS[of.month - 1]}{year}"


def to_midnight_s(now: datetime) -> float:
    """Give the seconds until another day has begun. `now` is a local time."""
    begins = datetime.combine(now.date() + timedelta(days=1), time())
    return (begins - now).total_seconds() + 1


def until(wait_s: float, now: datetime) -> str:
    """Give the time at which a long wait ends, "" for a short one. `now` is a local time."""
    if wait_s <= _SOON_S:
        return ""
    return clock(now + timedelta(seconds=min(wait_s, _LONGEST_WAIT_S)), now)
