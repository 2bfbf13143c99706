"""What a provider says when it fails -> `ErrorInfo`, for HTTP errors and errors inside a stream.

Providers agree on little: an object under `error`, a string under it, FastAPI's `detail`, a bare
`message`, HTML from a proxy. So the shape is looked for, and the kind is read from the provider's
code first, then from the HTTP status, then from the words.

Sources: https://platform.openai.com/docs/guides/error-codes,
https://openrouter.ai/docs/api-reference/errors, https://docs.mistral.ai/api,
https://platform.claude.com/docs/en/api/errors, https://google.aip.dev/193.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from ..core.errors import ErrorInfo, ErrorKind
from .tolerant import as_dict, as_list, as_str, clean, values

_KIND_OF_STATUS: dict[int, ErrorKind] = {
    401: "auth",
    402: "quota",
    403: "permission",
    404: "not_found",
    408: "timeout",
    413: "context_length",
    429: "rate_limit",
    503: "overloaded",
    529: "overloaded",
}

# Looked for in the provider's code and type, in this order: the more telling first.
_KIND_OF_CODE: list[tuple[str, ErrorKind]] = [
    (r"tool_use_failed", "tool_use"),
    (r"insufficient_quota|billing|payment|credit", "quota"),
    (r"context_length|context_size|string_above_max_length", "context_length"),
    (r"content_filter|content_policy|responsibleai|moderation|safety", "content_filter"),
    (r"rate_limit|too_many_requests|resource_exhausted", "rate_limit"),
    (r"overloaded|unavailable", "overloaded"),
    (r"invalid_api_key|authentication|unauthenticated|unauthorized", "auth"),
    (r"permission|forbidden", "permission"),
    (r"model_not_found|not_found", "not_found"),
    (r"timeout|deadline", "timeout"),
    (r"server_error|internal|api_error", "server"),
    (r"invalid_request|invalid_argument|badrequest|validation|unsupported", "invalid_request"),
]

_CONTEXT_WORDS = re.compile(
    r"context (length|window|size)|maximum context|prompt is too long|too many (input )?tokens"
    r"|input is too long|exceeds? the .{0,30}(context|token)|input token count .{0,30}exceeds",
    re.IGNORECASE,
)

# What Google and Anthropic say with status 400, under a word that means any wrong request.
_KEY_WORDS = re.compile(r"api[_ ]key[_ ](not[_ ](valid|found)|invalid|expired)", re.IGNORECASE)
_CREDIT_WORDS = re.compile(r"credit balance is too low", re.IGNORECASE)

_RETRYABLE: set[ErrorKind] = {"connect", "timeout", "read", "rate_limit", "overloaded", "server"}
_RETRYABLE_STATUSES = {408, 409, 425, 429}

# What is longer is as good as this, and infinity has no JSON form.
_FOREVER_S = 1e9

# Stands in where the provider said nothing.
_SENTENCES: dict[int, str] = {
    400: "The provider did not accept the request.",
    401: "The provider did not accept the key.",
    402: "The account has no credit left.",
    403: "The key may not do this.",
    404: "There is no such model or address.",
    408: "The provider gave up waiting.",
    413: "The request is too large.",
    429: "Too many requests.",
    503: "The provider is overloaded.",
    529: "The provider is overloaded.",
}

_WAIT_IN_WORDS = re.compile(
    r"(?:try again|retry) (?:in|after) "
    r"(?:(\d{1,9})m(?!s))?\s*(?:([\d.]{1,20})\s*(ms|s\b|sec|second))?",
    re.IGNORECASE,
)


def http_failure(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime | None = None
) -> ErrorInfo:
    """A response that is not 2xx -> what went wrong. Never raises, whatever the body is.

    `now` stands in for the response's own `Date` where `Retry-After` is a date and there is none.
    """
    parsed, _ = values(body[:1_000_000])
    payload: Any = clean(parsed[0]) if parsed else None
    info = failure(payload, status=status)
    message = info.message
    if payload is None or not message:
        text = body[:2000].decode("utf-8", "replace").strip()
        is_markup = text.startswith("<")
        sentence = _SENTENCES.get(status, f"The provider failed with HTTP status {status}.")
        message = text[:300] if text and not is_markup and payload is None else sentence
    lower = {name.lower(): value for name, value in headers.items()}
    wait_s = _retry_after_s(lower, now)
    return ErrorInfo(
        kind=info.kind,
        message=message,
        code=info.code,
        status=status,
        retryable=info.retryable,
        retry_after_s=wait_s if wait_s is not None else info.retry_after_s,
        raw=payload if payload is not None else body[:2000].decode("utf-8", "replace"),
    )


def failure(payload: Any, *, status: int | None = None) -> ErrorInfo:
    """An error object as it stands in a body or a stream -> what went wrong. Never raises.

    `message` is empty where the payload holds no words.
    """
    error = _error_object(payload)
    message = _message(error) or _message(payload)
    code = error.get("code") if isinstance(error, dict) else None
    words = " ".join(
        as_str(error.get(key)) for key in ("code", "type", "status") if isinstance(error, dict)
    )
    if status is None:
        status = _status(error)
    kind = _kind(words, status, message)
    return ErrorInfo(
        kind=kind,
        message=message,
        code=str(clean(code)) if isinstance(code, str | int) and code != "" else None,
        status=status,
        retryable=status in _RETRYABLE_STATUSES | set(range(500, 600)) - {501, 505}
        if status is not None and kind != "quota"
        else kind in _RETRYABLE,
        retry_after_s=_wait(error, message) if kind in ("rate_limit", "overloaded") else None,
        raw=clean(payload),
    )


def stream_failure(payload: Any) -> ErrorInfo:
    """A failure told inside a stream -> what went wrong, in words in any case. Never raises."""
    info = failure(payload)
    if info.message:
        return info
    return msgspec.structs.replace(info, message="The provider reported an error without words.")


def is_failure(payload: Any) -> bool:
    """Whether an object is a failure, also in the shapes that have no `error`."""
    fields = as_dict(payload)
    if fields.get("error"):
        return True
    if "choices" in fields:
        return False
    return bool(
        fields.get("object") == "error"
        or fields.get("type") == "error"
        or fields.get("detail")
        or (as_str(fields.get("message")) and {"code", "status", "type"} & fields.keys())
    )


def _error_object(payload: Any) -> Any:
    if isinstance(payload, list) and payload:  # Google wraps errors into an array
        payload = payload[0]
    fields = as_dict(payload)
    errors = as_list(fields.get("errors"))
    return fields.get("error") or (errors[0] if errors else None) or payload


def _message(error: Any) -> str:
    if isinstance(error, str):
        return as_str(error)
    fields = as_dict(error)
    for key in ("message", "detail", "error", "error_description", "msg", "title"):
        value = fields.get(key)
        if isinstance(value, str) and value:
            return as_str(value)
        if isinstance(value, dict) and (inner := _message(value)):
            return inner
        if isinstance(value, list):  # FastAPI's list of what is wrong with the request
            return "; ".join(text for item in value if (text := _message(item)))
    return ""


def _status(error: Any) -> int | None:
    fields = as_dict(error)
    for key in ("status_code", "status", "code"):
        value = fields.get(key)
        if isinstance(value, str) and re.fullmatch(r"[45]\d\d", value, re.ASCII):
            value = int(value)
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None


def _kind(words: str, status: int | None, message: str) -> ErrorKind:
    if _CONTEXT_WORDS.search(message) and (status is None or status in (400, 413, 422, 500)):
        return "context_length"
    if status in (None, 400) and _KEY_WORDS.search(message):
        return "auth"
    if status in (None, 400) and _CREDIT_WORDS.search(message):
        return "quota"
    if status in (401, 403, 429) and not re.search(r"quota|billing|content", words, re.IGNORECASE):
        return _KIND_OF_STATUS[status]
    for pattern, kind in _KIND_OF_CODE:
        if re.search(pattern, words, re.IGNORECASE):
            return kind
    if status is None:
        return "unknown"
    if status in _KIND_OF_STATUS:
        return _KIND_OF_STATUS[status]
    return "server" if status >= 500 else "invalid_request"


def _retry_after_s(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `retry-after` (seconds or a date)."""
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


def _wait(error: Any, message: str) -> float | None:
    """Seconds, as the body tells them: Google in a detail of its own, others in a sentence."""
    for detail in as_list(as_dict(error).get("details")):
        delay = as_str(as_dict(detail).get("retryDelay"))
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?s", delay, re.ASCII):
            return float(delay[:-1])
    return _wait_in_words(message)


def _wait_in_words(message: str) -> float | None:
    """Seconds, from «Please try again in 1m2.5s»: the only place where some providers say it."""
    found = _WAIT_IN_WORDS.search(message)
    if not found or not (found[1] or found[2]):
        return None
    try:
        rest = float(found[2] or 0) / (1000 if found[3] == "ms" else 1)
    except ValueError:
        return None
    return int(found[1] or 0) * 60 + rest
