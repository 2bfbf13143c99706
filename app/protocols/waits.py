"""How long a provider asks to wait: in headers, in a field of the error, or in a sentence.

Sources: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after, https://google.aip.dev/194 and
https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto (`RetryInfo`);
for the headers https://platform.openai.com/docs/guides/rate-limits,
https://console.groq.com/docs/rate-limits, https://platform.claude.com/docs/en/api/rate-limits,
https://inference-docs.cerebras.ai/support/rate-limits and
https://openrouter.ai/docs/api-reference/limits (2026-11-29). The sentences are those of OpenAI,
Groq, Azure, GitHub, Google, Anthropic and Moonshot.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .tolerant import as_dict, as_list, as_str

# What is longer is as good as this, and infinity has no JSON form.
_FOREVER_S = 1e9

_UNIT_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_AMOUNT = re.compile(
    r"(\d{1,12}(?:\.\d{1,12})?|an?(?=\s))\s{0,3}"
    r"(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])",
    re.IGNORECASE,
)
# «1h3m34.5s» has no word between its amounts, «1 hour and 5 minutes» has.
_BETWEEN = re.compile(r"\s{0,3}(?:,|and)?\s{0,3}", re.IGNORECASE)
_WAIT = re.compile(
    r"(?:(?:again|retry|wait|resets?|available)\s{1,3}(?:in|after|for)\b:?"
    r"|wait(?!\s{1,3}(?:in|after|for)))\s{1,3}"
    r"(?:(?:about|approximately|another|at least)\s{1,3})?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)(?!\d)")
# A time without a zone is that of nobody knows where.
_UNTIL = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T| at | )(\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?\s?(Z|UTC|[+-]\d\d:?\d\d)"
)

# What seconds, or milliseconds, are called in an error.
_FIELDS_S = ("retry_after", "retry_after_seconds", "retryAfter", "resets_in_seconds")
_FIELDS_MS = ("retry_after_ms", "retryAfterMs")
_HEADERS_MS = ("retry-after-ms", "x-ms-retry-after-ms")
# Numbers larger than these are moments, in seconds and in milliseconds since 1970.
_MOMENT_S, _MOMENT_MS = 1e9, 1e12


def wait_in_headers_s(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """Return the seconds that the headers ask for, None where they don't.

    `headers` has lower-case names. `now` stands in for the response's own `date`. Of the limits
    that they tell the one counts that is used up, and of several the one that lasts longest.
    """
    now = _moment(headers.get("date", "")) or now or datetime.now(UTC)
    for name in _HEADERS_MS:
        if (wait_ms := _number(headers.get(name, ""))) is not None:
            return min(max(0.0, wait_ms / 1000), _FOREVER_S)
    if (value := headers.get("retry-after")) is not None:
        return _told_s(value, now)
    waits = [_told_s(value, now) for value in _resets(headers)]
    return max((wait_s for wait_s in waits if wait_s is not None), default=None)


def wait_in_body_s(error: Any, message: str, now: datetime | None = None) -> float | None:
    """Return the seconds that an error tells: in a detail, in a field, or in words."""
    fields = as_dict(error)
    for detail in as_list(fields.get("details")):
        if (wait_s := _duration_s(as_str(as_dict(detail).get("retryDelay")), 0)) is not None:
            return wait_s
    for names, unit_s in ((_FIELDS_S, 1.0), (_FIELDS_MS, 0.001)):
        for name in names:
            value = fields.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
                # Before it is multiplied: no float holds the largest whole numbers of JSON.
                return min(min(value, _MOMENT_MS) * unit_s, _FOREVER_S)
    for found in _WAIT.finditer(message):
        if (wait_s := _duration_s(message, found.end())) is not None:
            return wait_s
        if clock := _CLOCK.match(message, found.end()):
            hours, minutes, seconds = map(int, clock.groups())
            return float(3600 * hours + 60 * minutes + seconds)
    if until := _UNTIL.search(message):
        return _until_s(until, now or datetime.now(UTC))
    return None


def _resets(headers: Mapping[str, str]) -> Iterator[str]:
    """When the limits are there again that are used up."""
    for name, value in headers.items():
        if "ratelimit" not in name or "reset" not in name:
            continue
        remaining = _number(headers.get(name.replace("reset", "remaining"), "0"))
        if remaining is not None and remaining <= 0:
            yield value


def _told_s(value: str, now: datetime) -> float | None:
    """The seconds of a header: as a number, as a moment since 1970, as a duration, or as a date."""
    number = _number(value)
    if number is None:
        moment = _moment(value)
        if moment is None:
            return _duration_s(value.strip(), 0)
        return _left_s(moment, now)
    if number >= _MOMENT_S:
        number = number / (1000 if number >= _MOMENT_MS else 1) - now.timestamp()
    return min(max(0.0, number), _FOREVER_S)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number else None  # not a number is equal to nothing


def _moment(text: str) -> datetime | None:
    """The moment of an HTTP date or an ISO date with its zone."""
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None


def _until_s(until: re.Match[str], now: datetime) -> float | None:
    day, time, zone = until.groups()
    moment = _moment(f"{day}T{time}{'+00:00' if zone in ('Z', 'UTC') else zone}")
    return None if moment is None else _left_s(moment, now)


def _left_s(moment: datetime, now: datetime) -> float | None:
    try:
        return min(max(0.0, (moment - now).total_seconds()), _FOREVER_S)
    except (TypeError, OverflowError):  # a date that says it has no zone
        return None


def _duration_s(text: str, at: int) -> float | None:
    """The seconds of «1h3m34.56s», «2h», «20 minutes», «an hour» here; None where there is none."""
    total_s = None
    while (amount := _AMOUNT.match(text, at)) is not None:
        unit = amount[2].lower()
        unit = "ms" if unit.startswith(("ms", "milli")) else unit[0]
        count = 1.0 if amount[1][0] in "aA" else float(amount[1])
        total_s = (total_s or 0.0) + count * _UNIT_S[unit]
        between = _BETWEEN.match(text, amount.end())
        at = between.end() if between else amount.end()
    return None if total_s is None else min(total_s, _FOREVER_S)
