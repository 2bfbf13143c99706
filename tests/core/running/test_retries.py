"""The rule by which a step that failed is tried again, and after how long."""

import random
from typing import Any

import pytest

from app.core.errors import ErrorInfo
from app.core.messages import Message, Text
from app.core.running.retries import Retries, why_failed


def failed(
    kind: Any = "server", *, retryable: bool = True, after_s: float | None = None
) -> Message:
    error = ErrorInfo(kind, "Broken.", retryable=retryable, retry_after_s=after_s)
    return Message("assistant", [], status="error", error=error)


CUT = Message("assistant", [Text("a")], status="incomplete")
ONCE, RESET = Retries(base_s=0), Retries(base_s=0, reset=True)


@pytest.mark.parametrize(
    ("retries", "message", "has_output", "is_tried"),
    [
        *((ONCE, failed(kind), False, True) for kind in ("rate_limit", "overloaded", "server")),
        (ONCE, failed("timeout"), False, True),
        # What does not get better by waiting is said at once.
        *((ONCE, failed(kind), False, False) for kind in ("connect", "auth", "quota", "read")),
        (ONCE, failed(retryable=False), False, False),
        # Without an error there is nothing to wait for, before any output.
        (ONCE, CUT, False, False),
        # After output only a reader that understands `StepReset` gets it again, and then also what
        # broke off, or failed in another way.
        (ONCE, failed(), True, False),
        (ONCE, CUT, True, False),
        (RESET, failed(), True, True),
        (RESET, failed("read"), True, True),
        (RESET, CUT, True, True),
        (RESET, failed(retryable=False), True, False),
        (RESET, failed("read"), False, False),
        # What did not fail is not tried again.
        (RESET, Message("assistant", [Text("a")], status="complete"), True, False),
        (RESET, Message("assistant", [Text("a")], status="aborted"), True, False),
        (RESET, Message("assistant", []), False, False),
    ],
)
def test_what_is_tried_again(
    retries: Retries, message: Message, has_output: bool, is_tried: bool
) -> None:
    assert (retries.next(message, 0, has_output) is not None) == is_tried


def test_so_many_attempts_and_no_more() -> None:
    for attempts in range(3):
        tries = [Retries(attempts, base_s=0).next(failed(), n, False) for n in range(4)]
        told = [retry.attempt for retry in tries if retry is not None]
        assert told == list(range(1, attempts + 1))


def test_the_wait_doubles_up_to_its_cap_and_is_random_below(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return high / 3

    monkeypatch.setattr(random, "uniform", uniform)
    retries = Retries(attempts=9, base_s=2, cap_s=10)
    delays = [retry.delay_s for n in range(5) if (retry := retries.next(failed(), n, False))]
    assert asked == [(0, 2), (0, 4), (0, 8), (0, 10), (0, 10)]
    assert delays == [0.667, 1.333, 2.667, 3.333, 3.333]


@pytest.mark.parametrize(("asked_s", "delay_s"), [(0, 0), (7, 7), (10, 10), (10.1, None)])
def test_a_provider_that_says_when_is_taken_at_its_word(
    asked_s: float, delay_s: float | None
) -> None:
    """Longer than the cap nobody waits: the error then says how long it would be."""
    retry = Retries(cap_s=10).next(failed("rate_limit", after_s=asked_s), 0, False)
    assert (retry.delay_s if retry else None) == delay_s


def test_a_try_says_why() -> None:
    retry = ONCE.next(failed(), 0, False)
    assert retry is not None
    assert retry.reason == why_failed(failed()) == "Broken."
    assert why_failed(CUT) == "The answer broke off before its end."
