"""How much is drawn at a time, without a browser."""

from app.browser.web.time_slice import Pace


def test_a_slow_computer_is_given_less_at_a_time_and_a_quick_one_more_again() -> None:
    pace = Pace(250, 2000, wanted_ms=4)
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
