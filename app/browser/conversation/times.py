"""When something was said.

Without names from strftime: it speaks the language of wherever Python runs, and the page has one.
"""

from datetime import datetime, timedelta

from ...history.days import MONTHS

# Shorter waits are counted down, and no time of day says more.
_SOON_S = 60
_LONGEST_WAIT_S = 366 * 24 * 3600
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def clock(moment: datetime, now: datetime) -> str:
    """In short: the time, and the day where it is not today. Both are local times."""
    time = f"{moment:%H:%M}"
    if moment.date() == now.date():
        return time
    year = "" if moment.year == now.year else f" {moment.year}"
    return f"{moment.day} {MONTHS[moment.month - 1][:3]}{year}, {time}"


def full_date(moment: datetime) -> str:
    """All of it: "Saturday, 21 November 2026, 14:02:05"."""
    month = MONTHS[moment.month - 1]
    return f"{_DAYS[moment.weekday()]}, {moment.day} {month} {moment.year}, {moment:%H:%M:%S}"


def until(wait_s: float, now: datetime) -> str:
    """When a long wait ends, "" of a short one. `now` is a local time."""
    if wait_s <= _SOON_S:
        return ""
    return clock(now + timedelta(seconds=min(wait_s, _LONGEST_WAIT_S)), now)
