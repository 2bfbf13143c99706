"""How long a provider asks to wait: in headers, in a detail of the error, or in a sentence.

Sources: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after, https://google.aip.dev/194 and
https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto (`RetryInfo`).
The sentences are those of OpenAI, Groq, Azure and Google.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .tolerant import as_dict, as_list, as_str

# What is longer is as good as this, and infinity has no JSON form.
_FOREVER_S = 1e9

_UNIT_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_AMOUNT = re.compile(
    r"(\d{1,12}(?:\.\d{1,12})?)\s{0,3}"
    r"(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])",
    re.IGNORECASE,
)
# «1h3m34.5s» has no word between its amounts, «1 hour and 5 minutes» has.
_BETWEEN = re.compile(r"\s{0,3}(?:,|and)?\s{0,3}", re.IGNORECASE)
_WAIT = re.compile(
    r"(?:again|retry|wait|resets?|available)\s{1,3}(?:in|after|for)\s{1,3}(?:about )?", re.I
)


def wait_in_headers_s(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """Return the seconds of `retry-after-ms` or `retry-after` (seconds or a date), None without.

    `headers` has lower-case names. `now` stands in for the response's own `date`.
    """
    try:
        if (value := headers.get("retry-after-ms")) is not None:
            return min(max(0.0, float(value) / 1000), _FOREVER_S)
        if (value := headers.get("retry-after")) is None:
            return None
        try:
            return min(max(0.0, float(value)), _FOREVER_S)
        except ValueError:
            until = parsedate_to_datetime(value)
            sent = headers.get("date")
            now = parsedate_to_datetime(sent) if sent else now or datetime.now(until.tzinfo)
            return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def wait_in_body_s(error: Any, message: str) -> float | None:
    """Return the seconds that an error tells: Google in a detail of its own, others in words."""
    for detail in as_list(as_dict(error).get("details")):
        if (wait_s := _duration_s(as_str(as_dict(detail).get("retryDelay")), 0)) is not None:
            return wait_s
    found = _WAIT.search(message)
    return _duration_s(message, found.end()) if found else None


def _duration_s(text: str, at: int) -> float | None:
    """The seconds of «1h3m34.56s», «2h», «20 minutes» at this place; None where there is none."""
    total_s = None
    while (amount := _AMOUNT.match(text, at)) is not None:
        unit = amount[2].lower()
        unit = "ms" if unit.startswith(("ms", "milli")) else unit[0]
        total_s = (total_s or 0.0) + float(amount[1]) * _UNIT_S[unit]
        between = _BETWEEN.match(text, amount.end())
        at = between.end() if between else amount.end()
    return None if total_s is None else min(total_s, _FOREVER_S)
