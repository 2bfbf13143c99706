"""Waits that a provider asks for: in headers, in a field of the error, or in a sentence
(`wait_words`).

Sources: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after, https://google.aip.dev/194 and
https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto (`RetryInfo`);
for the headers https://platform.openai.com/docs/guides/rate-limits,
https://console.groq.com/docs/rate-limits, https://platform.claude.com/docs/en/api/rate-limits,
https://inference-docs.cerebras.ai/support/rate-limits and
https://openrouter.ai/docs/api-reference/limits (2026-11-29), and for `ratelimit` alone
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/, as gateways have it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .tolerant import as_dict, as_list, as_str
from .wait_words import FOREVER_S, duration_s, left_s, wait_in_words_s

# What seconds, or milliseconds, are called in an error.
_FIELDS_S = ("retry_after", "retry_after_seconds", "retryAfter", "resets_in_seconds")
_FIELDS_MS = ("retry_after_ms", "retryAfterMs")
_HEADERS_MS = ("retry-after-ms", "x-ms-retry-after-ms")
# What is left, and the seconds until there is more, as one header has them: of the draft as it is,
# `"default";r=0;t=33`, and of an earlier one, `limit=100, remaining=0, reset=42`.
_LEFT = re.compile(r"\b(?:r|remaining)=(\d{1,12})", re.IGNORECASE)
_UNTIL_MORE = re.compile(r"\b(?:t|reset)=(\d{1,9})", re.IGNORECASE)
# Numbers larger than these are moments, in seconds and in milliseconds since 1970.
_MOMENT_S, _MOMENT_MS = 1e9, 1e12


def wait_in_headers_s(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """Return the seconds that the headers ask for, None where they don't.

    `headers` has lower-case names. `now` stands in for the response's own `date`. Of the limits
    that they tell the one counts that is used up, and of several the one that lasts longest.
    """
    now = moment(headers.get("date", "")) or now or datetime.now(UTC)
    for name in _HEADERS_MS:
        if (wait_ms := _number(headers.get(name, ""))) is not None:
            return min(max(0.0, wait_ms / 1000), FOREVER_S)
    if (value := headers.get("retry-after", headers.get("x-retry-after"))) is not None:
        return _told_s(value, now)
    waits = [_told_s(value, now) for value in _resets(headers)]
    return max((wait_s for wait_s in waits if wait_s is not None), default=None)


def wait_in_body_s(error: Any, message: str, now: datetime | None = None) -> float | None:
    """Return the seconds that an error tells: in a detail, in a field, or in words."""
    fields = as_dict(error)
    for detail in as_list(fields.get("details")):
        if (wait_s := duration_s(as_str(as_dict(detail).get("retryDelay")), 0)) is not None:
            return wait_s
    for names, unit_s in ((_FIELDS_S, 1.0), (_FIELDS_MS, 0.001)):
        for name in names:
            value = fields.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
                # Before it is multiplied: no float holds the largest whole numbers of JSON.
                return min(min(value, _MOMENT_MS) * unit_s, FOREVER_S)
    return wait_in_words_s(message, now)


def _resets(headers: Mapping[str, str]) -> Iterator[str]:
    """Give the times at which the used-up limits are renewed."""
    for name, value in headers.items():
        if "ratelimit" not in name or "reset" not in name:
            continue
        remaining = _number(headers.get(name.replace("reset", "remaining"), "0"))
        if remaining is not None and remaining <= 0:
            yield value
    for policy in re.split(r',\s*(?=")', headers.get("ratelimit", "")[:2000]):
        left, until = _LEFT.search(policy), _UNTIL_MORE.search(policy)
        if left is not None and until is not None and int(left[1]) == 0:
            yield until[1]


def _told_s(value: str, now: datetime) -> float | None:
    """The seconds of a header: as a number, as a moment since 1970, as a duration, or as a date."""
    number = _number(value)
    if number is None:
        told = moment(value)
        return duration_s(value.strip(), 0) if told is None else left_s(told, now)
    if number >= _MOMENT_S:
        number = number / (1000 if number >= _MOMENT_MS else 1) - now.timestamp()
    return min(max(0.0, number), FOREVER_S)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number else None  # not a number is equal to nothing


def moment(text: str) -> datetime | None:
    """Give the moment of an HTTP date or an ISO date with its zone."""
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    try:
        told = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        return None
    return told if told.tzinfo is not None else None
