"""Amounts that are drawn at a time, without a browser."""

import pytest

from app.browser.web.time_slice import Pause, TimeSlice


def test_a_slow_computer_is_given_less_at_a_time_and_a_quick_one_more_again() -> None:
    pace = TimeSlice(250, 2000, wanted_ms=4)
    cost_ms = 0.02  # of one unit: all of it would take 40 ms
    for _ in range(10):
        pace.learn(pace.amount * cost_ms)
    assert pace.amount == 250
    cost_ms = 0.004
    for _ in range(10):
        pace.learn(pace.amount * cost_ms)
    assert 900 < pace.amount < 1100
    pace.learn(1000)  # once, something else held it up
    assert pace.amount > 400
    for _ in range(10):
        pace.learn(0)
    assert pace.amount == 2000


@pytest.mark.parametrize(
    ("took_ms", "amount"),
    [(4, 1000), (5, 800), (8, 500), (9, 500), (1000, 500), (2, 2000), (1, 2000), (0, 2000)],
)
def test_one_amount_at_most_halves_or_doubles_the_next(took_ms: float, amount: float) -> None:
    pace = TimeSlice(10, 8000, wanted_ms=4)
    pace.learn(32)
    pace.learn(32)
    pace.learn(32)
    assert pace.amount == 1000
    pace.learn(took_ms)
    assert pace.amount == amount


def test_it_begins_with_the_most_and_stays_within_its_bounds() -> None:
    pace = TimeSlice(300, 700, wanted_ms=4)
    assert pace.amount == 700
    pace.learn(1000)
    assert pace.amount == 350
    pace.learn(1000)
    assert pace.amount == 300
    pace.learn(0.01)
    pace.learn(0.01)
    assert pace.amount == 700


def test_the_pause_is_six_times_the_usual_time_within_bounds() -> None:
    pause = Pause()
    assert pause.after(10) == 21  # 18, as one alone counts for little
    for _ in range(40):
        wait_ms = pause.after(20)
    assert wait_ms == pytest.approx(120, rel=0.01)
    assert pause.after(120) == pytest.approx(6 * (0.7 * 20 + 0.3 * 120), rel=0.01)
    for _ in range(40):
        wait_ms = pause.after(5000)
    assert wait_ms == 1000
    for _ in range(40):
        wait_ms = pause.after(0)
    assert wait_ms == 21
