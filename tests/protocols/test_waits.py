"""How long a provider asks to wait: in headers, in fields of an error, in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.protocols.wait_words import FOREVER_S, duration_s, wait_in_words_s
from app.protocols.waits import wait_in_body_s, wait_in_headers_s

NOW = datetime(2026, 10, 21, 7, 28, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"x-ratelimit-reset-requests": "30", "x-ratelimit-remaining-requests": "0"}, 30),
        ({"x-ratelimit-reset-requests": "30", "x-ratelimit-remaining-requests": "1"}, None),
        ({"x-ratelimit-reset-requests": "30"}, 30),
        ({"x-ratelimit-reset-requests": "30", "x-ratelimit-remaining-requests": "?"}, None),
        ({"x-ratelimit-reset-a": "30", "x-ratelimit-reset-b": "1m30s"}, 90),
        ({"x-ratelimit-limit-requests": "30"}, None),
        ({"x-reset": "30"}, None),
        ({"x-ratelimit-reset": "1792567710"}, 30),
        ({"x-ratelimit-reset": "1792567710000"}, 30),
        ({"x-ratelimit-reset": "999999999"}, 999_999_999),
        ({"x-ratelimit-reset": "2026-10-21T07:28:30Z"}, 30),
        ({"x-ratelimit-reset": "2026-10-21T07:28:30"}, None),
        ({"ratelimit": '"a";r=0;t=9, "b";r=0;t=33, "c";r=1;t=99'}, 33),
        ({"ratelimit": "limit=1, remaining=0"}, None),
        ({"ratelimit": " " * 1993 + "r=0;t=9"}, 9),
        ({"ratelimit": " " * 2000 + "r=0;t=9"}, None),  # so much of it is read
        # From here on numbers are moments.
        ({"x-ratelimit-reset": "1000000000"}, 0),
        ({"x-ratelimit-reset": "1000000000000"}, 0),
        ({"retry-after": "5", "x-ratelimit-reset": "30"}, 5),
        ({"x-retry-after": "5"}, 5),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e300"}, 1e9),
        ({"retry-after": "800000000000"}, FOREVER_S),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "-250"}, 0),
        ({"retry-after-ms": "1e300"}, FOREVER_S),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2),
        ({"retry-after": "1m"}, 60),
    ],
)
def test_headers(headers: dict[str, str], wait_s: float | None) -> None:
    assert wait_in_headers_s(headers, NOW) == wait_s


def test_the_clock_of_the_provider_counts_before_ours() -> None:
    headers = {"date": "Wed, 21 Oct 2026 07:28:10 GMT", "retry-after": "2026-10-21T07:28:30Z"}
    assert wait_in_headers_s(headers, NOW) == 20


@pytest.mark.parametrize(
    ("error", "wait_s"),
    [
        ({"details": [{"a": 1}, {"retryDelay": "1.5s"}]}, 1.5),
        ({"retry_after": 3}, 3),
        ({"retry_after_seconds": 0}, 0),
        ({"retryAfter": 2.5}, 2.5),
        ({"resets_in_seconds": 7}, 7),
        ({"retry_after_ms": 1500}, 1.5),
        ({"retryAfterMs": 250}, 0.25),
        ({"retry_after": 3, "retry_after_ms": 1}, 3),
        ({"retry_after": True}, None),
        ({"retry_after": -1}, None),
        ({"retry_after": "3"}, None),
        ({"retry_after": 10**300}, FOREVER_S),
        ("words", None),
    ],
)
def test_fields(error: Any, wait_s: float | None) -> None:
    assert wait_in_body_s(error, "") == wait_s


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("1h3m34.5s", 3814.5),
        ("2 days", 172_800),
        ("1,500 ms", 1.5),
        ("an hour", 3600),
        ("1 hour and 5 minutes", 3900),
        ("1 hour, 5 minutes", 3900),
        ("5", None),
        ("soon", None),
        ("999999999999 days", FOREVER_S),
    ],
)
def test_durations(text: str, wait_s: float | None) -> None:
    assert duration_s(text, 0) == wait_s


@pytest.mark.parametrize(
    ("words", "wait_s"),
    [
        ("Retry in 01:02:03.", 3723),
        ("Retry in 1:30 minutes.", 90),
        ("Retry in 1:30 hours.", 5400),
        ("Retry in 1:30.", None),
        ("Retry after PT1H30M.", 5400),
        ("Retry after P1DT2H3M4.5S.", 93_784.5),
        ("Retry after PT.", None),
        ("retry_after: 20", 20),
        ("Try again at 2026-10-21 07:30:00 UTC.", 120),
        ("Try again at 2026-10-21T09:30:00+02:00.", 120),
        ("Try again at 2026-10-21 07:30.", None),
        ("Blocked until Wed, 21 Oct 2026 07:29:00 GMT.", 60),
        ("Resets at 1792567710.", 30),
        ("Resets at 1792567710000.", 30),
        ("Resets at 07:28 UTC.", 24 * 3600),
        ("Resets at 07:29 UTC.", 60),
        ("Resets at 8 am UTC.", 32 * 60),
        ("Resets at 12am UTC.", 16 * 3600 + 32 * 60),
        ("Resets at 12pm UTC.", 4 * 3600 + 32 * 60),
        ("Resets at 1:05 p.m. (UTC).", 5 * 3600 + 37 * 60),
        ("Resets at 2020-01-01 00:00:00Z.", 0),
        ("20 秒后重试", 20),
        ("Bitte versuchen Sie es in 20 Sekunden erneut.", 20),
        ("You can ask in 20 seconds again.", 20),
        ("It took 20 seconds.", None),
    ],
)
def test_sentences(words: str, wait_s: float | None) -> None:
    assert wait_in_words_s(words, NOW) == wait_s
