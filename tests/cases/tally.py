"""Count of the recorded cases that really ran: a test that found nothing to test must not look
green.
"""

from collections import Counter

_ran: Counter[str] = Counter()


def count(kind: str, number: int = 1) -> None:
    """Note that `number` cases of this kind were run to the end of their test."""
    _ran[kind] += number


def total() -> int:
    """Count the cases that ran."""
    return _ran.total()


def line() -> str:
    """Write the counts in one line, in the order of the kinds."""
    return ", ".join(f"{_ran[kind]} {kind}" for kind in sorted(_ran)) or "none ran"
