"""A provider's words on a failure -> `ErrorInfo`, for HTTP errors and errors inside a stream.

Providers agree on little: an object under `error`, a string under it, FastAPI's `detail`, a bare
`message`, HTML from a proxy. So the shape is looked for, and the kind is read from the provider's
code first, then from the HTTP status, then from the words.

Sources: https://platform.openai.com/docs/guides/error-codes,
https://openrouter.ai/docs/api-reference/errors, https://docs.mistral.ai/api,
https://platform.claude.com/docs/en/api/errors, https://google.aip.dev/193.

Long, because what providers say of one reason stands together.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from ..core.errors import ErrorInfo, ErrorKind
from .tolerant import as_dict, as_list, as_str, clean, values
from .unable import unable
from .used_up import (
    as_words,
    has_no_credit,
    is_limit,
    is_of_the_day,
    is_of_the_minute,
    is_too_large,
    is_used_up,
)
from .waits import moment, wait_in_body_s, wait_in_headers_s

# So much of an error's words tells which kind it is; more of them only takes time.
_READ_CHARACTERS = 10_000

_KIND_OF_STATUS: dict[int, ErrorKind] = {
    401: "auth",
    402: "quota",
    403: "permission",
    404: "not_found",
    408: "timeout",
    413: "context_length",
    429: "rate_limit",
    498: "overloaded",  # of Groq: https://console.groq.com/docs/flex-processing
    503: "overloaded",
    529: "overloaded",
}

# Looked for in the provider's code and type, in this order: the more telling first.
_KIND_OF_CODE: list[tuple[str, ErrorKind]] = [
    (r"tool_use_failed", "tool_use"),
    (r"context_length|context_size|string_above_max_length", "context_length"),
    (
        r"content_(filter|policy|management)|datainspection|data_inspection|responsibleai|moderation|safety|sensitive|policy_violation"
        r"|prohibited|flagged|invalid_prompt",
        "content_filter",
    ),
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
    r"context.{0,2}(length|window|size|limit)|maximum context|prompt is too long"
    r"|too many (input )?tokens|input is too long"
    r"|exceed(s|ed)? (the|model) .{0,30}(context|token)|input token count .{0,30}exceeds"
    r"|maximum prompt length|exceeds? max length|range of input length"
    r"|tokens \+ .{0,3}max_new_tokens|request payload size exceeds"
    r"|(prompt|input)\b[^'\"\[\]]{0,40}\b(longer|larger) than|prompt is shorter than \d"
    r"|maximum (allowed )?input length|(prompt|message) tokens?( limit)? exceeded"
    r"|reduce the length of (the|your) (message|prompt|input)|exceed max message tokens"
    r"|input token count is \d+ but"
    r"|(输入|输入内容|提示词|上下文).{0,6}(过长|超过|超出)"
    r"|超(过|出|過).{0,12}(上下文|コンテキスト|最大.{0,4}(长度|トークン))|コンテキスト.{0,12}(超え|長すぎ|上限)"
    r"|컨텍스트.{0,12}(초과|깁니다)"
    r"|context[eo] .{0,20}(dépass|trop long|exced|super|demasiado|troppo)"
    r"|kontext.{0,20}(überschr|zu lang)|контекст.{0,20}(превы|слишком)",
    re.IGNORECASE,
)
# The length of an answer alone, beside which Groq names the window: less of it is enough.
_ANSWER_WORDS = re.compile(r"[`'\"]?max_\w{0,20}tokens[`'\"]?:? must be ", re.IGNORECASE)

# Words of Google, Anthropic and xAI with status 400, under a code for any wrong request.
_KEY_WORDS = re.compile(
    r"api[_ ]key[_ ](not[_ ](valid|found)|invalid|expired)"
    r"|(incorrect|invalid|missing|no) api[_ ]key"
    r"|(pass|provide|supply) an? (valid )?api[_ ]key|无效的.{0,4}(api|密钥|令牌)"
    r"|(api[_ ]?key|密钥|令牌).{0,6}(无效|错误|不正确)"
    r"|missing authorization|key was reported as leaked"
    r"|(cl[ée]|clave|chave|chiave)\b.{0,12}\bapi\b.{0,12}"
    r"(inv[aá]lid|non valid|incorre|manquant|errat)"
    r"|ungültige[rsn]? api|api[ -]?schlüssel.{0,12}(ungültig|fehlt|falsch)"
    r"|api ?キー.{0,6}(無効|正しく)|api ?키.{0,8}(유효하지|잘못)"
    r"|(неверн|недействительн)\w{0,4} (api|ключ)",
    re.IGNORECASE,
)
_FILTER_WORDS = re.compile(
    r"content (filter|management|policy)|(usage|content) polic(y|ies)|inappropriate content"
    r"|violates? .{0,30}(guideline|polic)|blocked by .{0,30}(filter|policy|moderation)"
    r"|(by|result of) (our |the |a )?safety|content exists risk|considered high risk"
    r"|flagged (by|as|for)\b.{0,40}(moderat|violat|polic|harm|risk|safety|content)"
    r"|new_sensitive"
    r"|敏感|不安全|违规|違規",
    re.IGNORECASE,
)
_VIOLATION_WORDS = re.compile(r"\bcontent violates\b|\bflagged (by|for|as)\b", re.IGNORECASE)
# An error of who was asked, as text in that of who asked: «AnthropicException - {"error": …}».
_ERROR_INSIDE = re.compile(r"[\s:,-]{0,9}(?:b['\"])?(?=\{\s*['\"])")
# Gateways behind gateways tell an error within an error; so much of it is looked into.
_MOST_LAYERS = 8
_MARKUP = re.compile(r"\s*<(?:!|\w)")

# With which it is told that a model can't do something: nothing passes of that.
_OF_INABILITIES = (None, 400, 404, 422, 500, 501)

# With which limits are told.
_OF_LIMITS = (400, 401, 402, 403, 412, 413, 429)

# Codes of limits, beside which words tell for how long.
_LIMIT_CODES = r"limit|quota|exhausted|exceeded|too_many"

# Beside these statuses a code counts only where it says more than they do.
_TELLING_STATUSES = (401, 403, 429)
_SAY_MORE: set[ErrorKind] = {"quota", "context_length", "content_filter", "rate_limit"}
# What a code is called: of Anthropic (`details.error_code`), Google (`reason`) and gateways.
_CODES = ("code", "type", "status", "reason", "error_code", "errorCode", "error_type")

_RETRYABLE: set[ErrorKind] = {"connect", "timeout", "read", "rate_limit", "overloaded", "server"}
_RETRYABLE_STATUSES = {408, 409, 425, 429, 498, *range(500, 600)} - {501, 505}
# Of which providers tell how long they last.
_LIMITED: set[ErrorKind] = {"rate_limit", "overloaded", "quota"}
# A server without room for a model has none in a second either: Ollama, vLLM, llama.cpp.
_NO_ROOM_WORDS = re.compile(
    r"requires more (gpu |system )?memory|(not enough|insufficient) (gpu |system |video )?memory",
    re.IGNORECASE,
)
# Whatever the status: the same request will not pass later.
_NEVER_PASSING: set[ErrorKind] = {"quota", "context_length", "content_filter", "auth"}

# What the sentence is called, in small letters: of OpenAI and FastAPI, then of gateways.
_MESSAGES: tuple[str, ...] = (
    "message",
    "detail",
    "error",
    "error_description",
    "error_message",
    "error_msg",
)
_MESSAGES += ("errmsg", "msg", "title", "status_msg", "faultstring", "fault", "errors", "messages")
_MESSAGES += ("description", "reason", "text", "exception")

# What no sentence has: bytes that are no UTF-8, or that a proxy packed and nobody unpacked.
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")

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


def http_failure(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime | None = None
) -> ErrorInfo:
    """A response that is not 2xx -> what went wrong. Never raises, whatever the body is.

    `now` stands in for the response's own `Date`, by which a wait that is told as a moment counts.
    """
    parsed, _ = values(body[:1_000_000])
    payload: Any = clean(parsed[0]) if parsed else None
    lower = {name.lower(): value for name, value in headers.items()}
    now = moment(lower.get("date", "")) or now
    info = failure(payload, status=status, now=now)
    message = info.message
    if payload is None or not message:
        text = body[:2000].decode("utf-8", "replace").strip()
        is_no_text = text.startswith("<") or _NO_TEXT.search(text) is not None
        sentence = _SENTENCES.get(status, f"The provider failed with HTTP status {status}.")
        message = text[:300] if text and not is_no_text and payload is None else sentence
    if 300 <= status < 400 and (elsewhere := lower.get("location", "")[:300]):
        message = f"This address leads to another one: {clean(elsewhere)}"
    lower = _headers_behind(payload) | lower
    if info.kind not in _LIMITED:  # what is told of limits has nothing to do with it
        lower = {name: value for name, value in lower.items() if "ratelimit" not in name}
    wait_s = wait_in_headers_s(lower, now)
    return ErrorInfo(
        kind=info.kind,
        message=message,
        code=info.code,
        status=status,
        retryable=info.retryable,
        retry_after_s=wait_s if wait_s is not None else info.retry_after_s,
        raw=payload if payload is not None else body[:2000].decode("utf-8", "replace"),
    )


def failure(payload: Any, *, status: int | None = None, now: datetime | None = None) -> ErrorInfo:
    """An error object as it stands in a body or a stream -> what went wrong. Never raises.

    `message` is empty where the payload holds no words.
    """
    error = _error_object(payload)
    behind = _error_behind(error)
    message, inside = _unfolded(_message(error) or _message(payload))
    behind = inside if behind is None else behind
    told = [as_dict(payload), as_dict(error)]
    while behind is not None and len(told) < _MOST_LAYERS:
        said, inside = _unfolded(_message(_error_object(behind)))
        if said and said not in message:
            message = f"{message}: {said}" if message else said
        told += [as_dict(behind), as_dict(_error_object(behind))]
        behind = inside
    code = as_dict(error).get("code")
    if not isinstance(error, dict):
        code = as_dict(payload).get("code")  # xAI's stands beside an error that is a string
    told += [as_dict(one) for each in told for one in (_details(each) or [each.get("details")])]
    codes = [as_str(one.get(key)) for one in told for key in _CODES]
    words = " ".join(code for code in codes if code and " " not in code)
    if status is None:
        status = _status(error)
    read = message[:_READ_CHARACTERS]
    if " " not in read:  # a code in the sentence's place
        words = f"{words} {read}"
    wait_s = wait_in_body_s(error, read, now)
    quota_ids = _quota_ids(error)[:_READ_CHARACTERS]
    kind = _kind(words[:_READ_CHARACTERS], status, read, quota_ids, wait_s)
    is_unable = kind == "invalid_request" and unable(read) != ""
    is_passing = status is None or is_unable or kind in _NEVER_PASSING
    has_no_room = _NO_ROOM_WORDS.search(read) is not None
    return ErrorInfo(
        kind=kind,
        message=message,
        code=str(clean(code)) if isinstance(code, str | int) and code != "" else None,
        status=status,
        retryable=not has_no_room
        and (kind in _RETRYABLE if is_passing else status in _RETRYABLE_STATUSES),
        retry_after_s=wait_s if kind in _LIMITED else None,
        raw=clean(payload),
    )


def stream_failure(payload: Any) -> ErrorInfo:
    """A failure told inside a stream -> what went wrong, in words in any case. Never raises."""
    info = failure(payload)
    if info.message:
        return info
    return msgspec.structs.replace(info, message="The provider reported an error without words.")


def is_failure(payload: Any) -> bool:
    """Tell whether an object is a failure, also in the shapes that have no `error`."""
    fields = as_dict(payload)
    if fields.get("error"):
        return True
    if as_dict(fields.get("base_resp")).get("status_code"):  # MiniMax
        return True
    if "choices" in fields:
        return False
    # Of Baidu, Apigee, Cloudflare, Zhipu, and gateways in their style.
    is_unsuccessful = fields.get("success") is False and bool(_message(fields))
    if fields.get("error_code") or fields.get("fault") or is_unsuccessful:
        return True
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
    told = fields.get("error") or (errors[0] if errors else None) or fields.get("base_resp")
    return told or payload


def _error_behind(error: Any) -> Any:
    """Find the error of the provider behind a gateway, an object or a text; None where there is
    none.

    OpenRouter keeps it in `metadata.raw`: https://openrouter.ai/docs/api-reference/errors
    """
    raw = as_dict(as_dict(error).get("metadata")).get("raw")
    if isinstance(raw, str) and _MARKUP.match(raw):  # a page of a proxy, with no words for people
        return None
    if isinstance(raw, str) and raw.lstrip()[:1] in ("{", "["):
        parsed, _ = values(raw.encode("utf-8", "replace"))
        return parsed[0] if parsed else raw
    return raw or None


def _unfolded(message: str) -> tuple[str, Any]:
    """Give a message without the error that another one's text stands in it as JSON, and that."""
    if (inside := _ERROR_INSIDE.search(message)) is None:
        return message, None
    parsed, _ = values(message[inside.end() :].encode("utf-8", "replace"))
    if not parsed or not is_failure(parsed[0]) or not _message(_error_object(parsed[0])):
        return message, None
    return message[: inside.start()], parsed[0]


def _headers_behind(payload: Any) -> dict[str, str]:
    """The headers of a limit that a gateway tells in the body: OpenRouter, in `metadata`."""
    metadata = as_dict(as_dict(_error_object(payload)).get("metadata"))
    headers = as_dict(metadata.get("headers")).items()
    return {name.lower(): value for name, value in headers if isinstance(value, str)}


def _details(error: Any) -> list[Any]:
    return as_list(as_dict(error).get("details"))


def _quota_ids(error: Any) -> str:
    """The names of the limits that were met, which Google tells in a detail of its own."""
    violations = (
        as_dict(violation)
        for detail in _details(error)
        for violation in as_list(as_dict(detail).get("violations"))
    )
    reasons = (as_dict(as_dict(detail).get("metadata")) for detail in _details(error))
    limits = [(one.get("quotaId"), one.get("quotaValue")) for one in violations]
    limits += [(one.get("quota_limit"), one.get("quota_limit_value")) for one in reasons]
    # One of nothing never passes, whatever it is counted by.
    return " ".join("limit: 0" if value == "0" else as_str(name) for name, value in limits).strip()


def _message(error: Any) -> str:
    if isinstance(error, str):
        return as_str(error)
    fields = {name.lower(): value for name, value in as_dict(error).items()}
    for key in _MESSAGES:
        value = fields.get(key)
        if isinstance(value, str) and value:
            return as_str(value)
        if isinstance(value, dict) and (inner := _message(value)):
            return inner
        # FastAPI's list of what is wrong with the request
        told = [text for item in as_list(value) if (text := _of_a_field(item))]
        if told:
            return "; ".join(told)
    return ""


def _of_a_field(item: Any) -> str:
    """One thing that is wrong, with the name of its field: FastAPI's `loc` begins with "body"."""
    text = _message(item)
    place = ".".join(str(one) for one in as_list(as_dict(item).get("loc"))[1:])
    return f"{place}: {text}" if text and place else text


def _status(error: Any) -> int | None:
    fields = as_dict(error)
    for key in ("status_code", "status", "code"):
        value = fields.get(key)
        if isinstance(value, str) and re.fullmatch(r"[45]\d\d", value, re.ASCII):
            value = int(value)
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None


def _kind(
    words: str, status: int | None, message: str, quota_ids: str, wait_s: float | None
) -> ErrorKind:
    codes = as_words(words)
    if status is None or status in _OF_LIMITS:
        if is_too_large(message):
            return "context_length"
        is_one = status in (402, 429) or (status == 403 and is_limit(message))
        is_one = is_one or re.search(_LIMIT_CODES, words, re.IGNORECASE) is not None
        is_over = is_one and is_of_the_day(f"{message} {codes}", quota_ids, wait_s)
        if is_over or has_no_credit(message) or has_no_credit(quota_ids):
            return "quota"
        if status == 429 and is_of_the_minute(message):
            return "rate_limit"
    if is_used_up(codes):
        return "quota"
    if status is not None and status >= 500 and has_no_credit(message):
        return "quota"  # a gateway's own fault, as it sees it
    if _CONTEXT_WORDS.search(message) and status in (None, 400, 413, 422, 500):
        return "invalid_request" if _ANSWER_WORDS.match(message) else "context_length"
    if status in _OF_INABILITIES and unable(message):
        return "invalid_request"
    if status in (None, 400, 403) and _KEY_WORDS.search(message):
        return "auth"
    if status == 403 and _VIOLATION_WORDS.search(message):  # of xAI, OpenRouter
        return "content_filter"
    is_told = status in _TELLING_STATUSES
    for pattern, kind in _KIND_OF_CODE:
        if is_told and kind not in _SAY_MORE:
            continue
        if re.search(pattern, words, re.IGNORECASE):
            if kind == "server" and status is not None and status < 500:
                continue  # "new_api_error" and the like stand in all errors of a gateway
            is_any = kind == "invalid_request" and _FILTER_WORDS.search(message)
            return "content_filter" if is_any else kind
    if status is None:
        return "unknown"
    if status in (400, 422) and _FILTER_WORDS.search(message):
        return "content_filter"
    if status in _KIND_OF_STATUS:
        return _KIND_OF_STATUS[status]
    if 300 <= status < 400:
        return "not_found"
    return "server" if status >= 500 else "invalid_request"
