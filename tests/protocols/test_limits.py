# ruff: noqa: E501
"""Limits in the words of those who set them: what passes, what is used up, and how long it takes.

The sentences are those of the providers' own answers, shortened; names and numbers are ours.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.errors import ErrorInfo
from app.core.messages import Message
from app.core.running.retries import Retries
from app.protocols import decoder
from app.protocols.failures import http_failure
from app.protocols.waits import wait_in_headers_s

NOW = datetime(2026, 11, 29, 12, 0, 0, tzinfo=UTC)


def failed(status: int, body: Any, headers: dict[str, str] | None = None) -> ErrorInfo:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return http_failure(status, headers or {}, data, NOW)


def openai(message: str, code: Any = None, type: str | None = None) -> Any:
    return {"error": {"message": message, "code": code, "type": type, "param": None}}


def google(message: str, *quota_ids: str, delay: str = "") -> Any:
    details: list[Any] = []
    if quota_ids:
        violations = [{"quotaId": one} for one in quota_ids]
        details.append({"@type": "t/google.rpc.QuotaFailure", "violations": violations})
    if delay:
        details.append({"@type": "t/google.rpc.RetryInfo", "retryDelay": delay})
    error = {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": message, "details": details}
    return {"error": error}


USED_UP: list[tuple[str, int, Any]] = [
    (
        "openai",
        429,
        openai("You exceeded your current quota, please check your plan.", "insufficient_quota"),
    ),
    (
        "openai hard limit",
        429,
        openai("Billing hard limit has been reached", "billing_hard_limit_reached"),
    ),
    (
        "openai inactive",
        429,
        openai(
            "Your account is not active, please check your billing details.", "billing_not_active"
        ),
    ),
    (
        "openai project",
        429,
        openai("Project monthly spend limit reached.", "project_budget_exceeded"),
    ),
    (
        "anthropic credit",
        400,
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "message": "Your credit balance is too low to access the Anthropic API.",
            },
        },
    ),
    (
        "anthropic usage",
        400,
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "message": "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
            },
        },
    ),
    (
        "anthropic extra",
        429,
        {
            "type": "error",
            "error": {
                "type": "rate_limit_error",
                "message": "Extra usage is required for long context requests.",
            },
        },
    ),
    (
        "anthropic daily",
        429,
        {
            "type": "error",
            "error": {
                "type": "rate_limit_error",
                "message": "Number of request tokens has exceeded your daily rate limit.",
            },
        },
    ),
    (
        "gemini zero",
        429,
        google(
            "Quota exceeded for metric: free_tier_requests, limit: 0, model: gemini-2.5-pro",
            "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            delay="40s",
        ),
    ),
    (
        "gemini day",
        429,
        google(
            "You exceeded your current quota. Please retry in 3.5s.",
            "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
            delay="3s",
        ),
    ),
    (
        "gemini credits",
        429,
        google(
            "Your prepayment credits are depleted. Please go to AI Studio to manage your project."
        ),
    ),
    ("gemini cap", 429, google("Your project has exceeded its monthly spending cap.")),
    (
        "gemini billing",
        403,
        {
            "error": {
                "code": 403,
                "status": "PERMISSION_DENIED",
                "message": "This API method requires billing to be enabled.",
            }
        },
    ),
    (
        "gemini country",
        400,
        {
            "error": {
                "code": 400,
                "status": "FAILED_PRECONDITION",
                "message": "Gemini API free tier is not available in your country. Please enable billing on your project.",
            }
        },
    ),
    (
        "openrouter day",
        429,
        {
            "error": {
                "message": "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
                "code": 429,
                "metadata": {
                    "headers": {
                        "X-RateLimit-Limit": "50",
                        "X-RateLimit-Remaining": "0",
                        "X-RateLimit-Reset": "1795996800000",
                    }
                },
            }
        },
    ),
    (
        "openrouter credits",
        402,
        openai(
            "This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 16589.",
            402,
        ),
    ),
    (
        "openrouter key",
        403,
        openai("Key limit exceeded (monthly limit). Manage it in your settings.", 403),
    ),
    (
        "moonshot suspended",
        429,
        openai(
            "Your account org-a <ak-b> is suspended, please check your plan and billing details",
            None,
            "exceeded_current_quota_error",
        ),
    ),
    (
        "moonshot day",
        429,
        openai(
            "Your account org-a request reached organization TPD rate limit, current: 1500010, limit: 1500000",
            None,
            "rate_limit_reached_error",
        ),
    ),
    (
        "xai team",
        429,
        {
            "code": "Some resource has been exhausted",
            "error": "Your team 1-2 has either used all available credits or reached its monthly spending limit.",
        },
    ),
    (
        "xai new",
        403,
        {
            "code": "The caller does not have permission to execute the specified operation",
            "error": "Your newly created team doesn't have any credits or licenses yet.",
        },
    ),
    ("deepseek", 402, openai("Insufficient Balance", "invalid_request_error", "unknown_error")),
    (
        "mistral month",
        429,
        {
            "object": "error",
            "message": "You have exceeded your monthly token limit",
            "type": "rate_limited",
            "code": "1300",
        },
    ),
    ("mistral inactive", 401, {"detail": "Inactive subscription or usage limit reached"}),
    (
        "cohere trial",
        429,
        {"message": "You are using a Trial key, which is limited to 1000 API calls / month."},
    ),
    (
        "hugging face",
        402,
        {"error": "You have exceeded your monthly included credits for Inference Providers."},
    ),
    (
        "fireworks",
        412,
        openai(
            "Account a is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices."
        ),
    ),
    (
        "together",
        402,
        openai("Credit limit exceeded, please navigate to billing", "credit_limit", "credit_limit"),
    ),
    (
        "zhipu balance",
        429,
        openai("Insufficient balance or no resource package. Please recharge.", "1113"),
    ),
    (
        "zhipu week",
        429,
        openai(
            "Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-12-02 08:00:00", "1310"
        ),
    ),
    (
        "zhipu 5 hours",
        429,
        openai(
            "Usage limit reached for 5 hour. Your limit will reset at 2026-11-29 15:30:00", "1308"
        ),
    ),
    (
        "qwen arrears",
        400,
        openai("Access denied, please make sure your account is in good standing.", "Arrearage"),
    ),
    (
        "qwen free tier",
        403,
        openai("The free tier of the model has been exhausted.", "AllocationQuota.FreeTierOnly"),
    ),
    (
        "cerebras day",
        429,
        {
            "message": "Tokens per day limit exceeded - too many tokens processed.",
            "type": "too_many_tokens_error",
            "param": "quota",
            "code": "token_quota_exceeded",
        },
    ),
    (
        "ollama cloud",
        429,
        {"error": "you've reached your weekly usage limit, please upgrade to continue"},
    ),
    (
        "chatgpt plan",
        429,
        {
            "error": {
                "type": "usage_limit_reached",
                "message": "The usage limit has been reached",
                "resets_in_seconds": 9000,
            }
        },
    ),
    ("minimax", 429, {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}),
    ("trial over", 403, openai("Your free trial has expired. Choose a plan.")),
    ("out of credits", 429, openai("You have run out of credits.")),
    ("no credits left", 429, openai("No credits left on this account.")),
    ("tomorrow", 429, openai("Limit reached, come back tomorrow.")),
    ("zero of a plan", 429, openai("Your plan allows 0 requests for this model.")),
    ("zero in words", 429, openai("Rate limit of 0 requests per minute exceeded.")),
    ("zero with a comma", 429, openai("Limit exceeded. Limit: 0, Remaining: 0")),
    (
        "an error in an error in an error",
        500,
        openai(json.dumps(openai(json.dumps(openai("Insufficient Balance"))))),
    ),
]


@pytest.mark.parametrize(
    ("status", "body"), [each[1:] for each in USED_UP], ids=[each[0] for each in USED_UP]
)
def test_what_is_used_up_is_never_asked_for_again(status: int, body: Any) -> None:
    info = failed(status, body)
    assert (info.kind, info.retryable) == ("quota", False)
    message = Message("assistant", status="error", error=info)
    assert Retries().next(message, 0, has_output=False) is None
    assert info.message


PASSING: list[tuple[str, int, Any, float | None]] = [
    (
        "openai minute",
        429,
        openai(
            "Rate limit reached for gpt-5 in organization org-a on tokens per min (TPM): Limit 30000, Used 28000, Requested 5000. Please try again in 6.12s.",
            "rate_limit_exceeded",
            "tokens",
        ),
        6.12,
    ),
    (
        "openai day",
        429,
        openai(
            "Rate limit reached on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s.",
            "rate_limit_exceeded",
            "requests",
        ),
        432,
    ),
    (
        "groq day",
        429,
        openai(
            "Rate limit reached on tokens per day (TPD): Limit 100000, Used 99336, Requested 1477. Please try again in 11m42.432s.",
            "rate_limit_exceeded",
            "tokens",
        ),
        702.432,
    ),
    (
        "anthropic",
        429,
        {
            "type": "error",
            "error": {
                "type": "rate_limit_error",
                "message": "This request would exceed your organization's rate limit of 30,000 input tokens per minute.",
            },
        },
        None,
    ),
    (
        "gemini minute",
        429,
        google(
            "You exceeded your current quota. * free_tier_requests, limit: 5. Please retry in 36.4s.",
            "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            delay="36s",
        ),
        36,
    ),
    ("vertex", 429, google("Resource exhausted. Please try again later."), None),
    (
        "openrouter minute",
        429,
        {
            "error": {
                "message": "Rate limit exceeded: free-models-per-min.",
                "code": 429,
                "metadata": {
                    "headers": {
                        "X-RateLimit-Remaining": "0",
                        "X-RateLimit-Reset": str(int(NOW.timestamp() * 1000) + 20_000),
                    }
                },
            }
        },
        20,
    ),
    (
        "moonshot",
        429,
        openai(
            "Your account org-a request reached organization max RPM: 3, please try again after 1 seconds",
            None,
            "rate_limit_reached_error",
        ),
        1,
    ),
    (
        "moonshot busy",
        429,
        openai(
            "The engine is currently overloaded, please try again later",
            None,
            "engine_overloaded_error",
        ),
        None,
    ),
    (
        "azure",
        429,
        openai(
            "Requests have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 25 seconds.",
            "429",
        ),
        25,
    ),
    (
        "github",
        429,
        openai(
            "Rate limit of 15 per 60s exceeded for UserByModelByMinute. Please wait 42 seconds before retrying.",
            "RateLimitReached",
        ),
        42,
    ),
    (
        "cerebras minute",
        429,
        {
            "message": "Tokens per minute limit exceeded - too many tokens processed.",
            "type": "too_many_tokens_error",
            "param": "quota",
            "code": "token_quota_exceeded",
        },
        None,
    ),
    (
        "cohere minute",
        429,
        {"message": "You are using a Trial key, which is limited to 10 API calls / minute."},
        None,
    ),
    ("mistral", 429, {"message": "Requests rate limit exceeded"}, None),
    (
        "mistral tier",
        429,
        {
            "object": "error",
            "message": "Service tier capacity exceeded for this model.",
            "type": "service_tier_capacity_exceeded",
            "code": "3505",
        },
        None,
    ),
    ("zhipu", 429, openai("Rate limit reached for requests", "1302"), None),
    (
        "qwen",
        429,
        openai("Requests rate limit exceeded, please try again later.", "limit_requests"),
        None,
    ),
    ("deepseek busy", 503, openai("Service is too busy."), None),
    ("a minute", 429, openai("Slow down. Try again in a minute."), 60),
    ("an hour", 429, openai("Too many requests. Please retry in about an hour."), 3600),
    ("approximately", 429, openai("Try again in approximately 5 minutes."), 300),
    ("colon", 429, openai("Too many requests. Retry after: 30s"), 30),
    ("a clock", 429, openai("Rate limit resets in 01:02:30."), 3750),
    ("a date", 429, openai("Rate limited. Try again after 2026-11-29T12:05:00Z."), 300),
    (
        "a field",
        429,
        {"error": {"message": "Slow down.", "type": "rate_limit_error", "retry_after": 17}},
        17,
    ),
    ("a field of ms", 429, {"error": {"message": "Slow down.", "retry_after_ms": 1500}}, 1.5),
]


@pytest.mark.parametrize(
    ("status", "body", "wait_s"), [each[1:] for each in PASSING], ids=[each[0] for each in PASSING]
)
def test_what_passes_is_waited_for_as_long_as_it_takes(
    status: int, body: Any, wait_s: float | None
) -> None:
    info = failed(status, body)
    assert info.kind in ("rate_limit", "overloaded")
    assert info.retryable
    assert info.retry_after_s == (None if wait_s is None else pytest.approx(wait_s))
    message = Message("assistant", status="error", error=info)
    retry = Retries().next(message, 0, has_output=False)
    # What takes longer than a person waits is shown, not sat out.
    assert (retry is None) == ((wait_s or 0) > Retries().cap_s)


def test_when_something_used_up_is_there_again_is_told() -> None:
    waits = {
        "anthropic usage": 36 * 3600,
        "zhipu week": None,  # in a time zone that it does not tell
        "chatgpt plan": 9000,
    }
    for name, status, body in USED_UP:
        if name in waits:
            assert failed(status, body).retry_after_s == waits[name], name


TOO_LARGE: list[tuple[int, Any]] = [
    (
        429,
        openai(
            "Request too large for gpt-5 on tokens per min (TPM): Limit 30000, Requested 37313.",
            "rate_limit_exceeded",
        ),
    ),
    (
        413,
        openai(
            "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 7000, please reduce your message size",
            "rate_limit_exceeded",
        ),
    ),
    (429, openai("Rate limit reached: Limit 6000, Used 0, Requested 7000.", "rate_limit_exceeded")),
    (
        413,
        {
            "type": "error",
            "error": {"type": "request_too_large", "message": "Request exceeds the maximum size"},
        },
    ),
    (
        413,
        openai(
            "Request body too large for m model. Max size: 8000 tokens.", "tokens_limit_reached"
        ),
    ),
    (
        400,
        openai(
            "This model's maximum prompt length is 131072 but the request contains 537812 tokens."
        ),
    ),
    (400, openai("Invalid request: Your request exceeded model token limit: 8192")),
    (400, openai("Prompt exceeds max length", "1261")),
    (
        400,
        openai("Your input exceeds the context window of this model.", "context_length_exceeded"),
    ),
    (
        400,
        openai(
            "the request exceeds the available context size, try increasing it",
            400,
            "exceed_context_size_error",
        ),
    ),
    (
        422,
        {
            "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097.",
            "error_type": "validation",
        },
    ),
    (
        400,
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "message": "prompt is too long: 210000 tokens > 200000 maximum",
            },
        },
    ),
    (
        400,
        {
            "error": {
                "code": 400,
                "status": "INVALID_ARGUMENT",
                "message": "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
            }
        },
    ),
    (413, b"<html><h1>413 Request Entity Too Large</h1></html>"),
]


@pytest.mark.parametrize(("status", "body"), TOO_LARGE)
def test_what_is_too_large_is_told_as_that(status: int, body: Any) -> None:
    info = failed(status, body)
    assert (info.kind, info.retryable) == ("context_length", False)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "The daily special must be a string", "invalid_request"),
        (400, "max_tokens: limit is 8192", "invalid_request"),
        (404, "There is no model free-tier", "not_found"),
        (401, "Incorrect API key provided", "auth"),
        (500, "credits service failed", "server"),
        (400, "'usage' is not a known field", "invalid_request"),
    ],
)
def test_words_of_another_matter_mean_no_limit(status: int, message: str, kind: str) -> None:
    assert failed(status, openai(message)).kind == kind


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": "1m30s"}, 90),
        ({"retry-after": "2026-11-29T12:01:00Z"}, 60),
        ({"retry-after": "Sun, 29 Nov 2026 12:00:45 GMT"}, 45),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"x-ms-retry-after-ms": "2500"}, 2.5),
        # OpenAI and Groq: of the limits that are used up, the one that lasts longest.
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "6m0s",
                "x-ratelimit-remaining-tokens": "149984",
                "x-ratelimit-reset-tokens": "9h",
            },
            360,
        ),
        (
            {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "120ms"},
            0.12,
        ),
        # Anthropic
        (
            {
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": "2026-11-29T12:00:25Z",
                "anthropic-ratelimit-requests-remaining": "49",
                "anthropic-ratelimit-requests-reset": "2026-11-29T18:00:00Z",
            },
            25,
        ),
        # Cerebras: seconds; OpenRouter: milliseconds since 1970; others: seconds since then.
        (
            {
                "x-ratelimit-remaining-requests-day": "0",
                "x-ratelimit-reset-requests-day": "33011.38",
            },
            33011.38,
        ),
        ({"x-ratelimit-reset": str(int(NOW.timestamp() * 1000) + 5000)}, 5),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 7)}, 7),
        ({"ratelimit-reset": "12"}, 12),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "12"}, None),
        ({"x-ratelimit-reset": "soon"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_waits_in_headers(headers: dict[str, str], wait_s: float | None) -> None:
    found = wait_in_headers_s(headers, NOW)
    assert found == (None if wait_s is None else pytest.approx(wait_s))


def test_a_moment_in_words_counts_by_the_clock_of_the_server() -> None:
    """The person's own may be wrong by hours."""
    body = openai("Rate limit. It resets at 2031-05-01T12:10:00Z.")
    info = failed(429, body, {"Date": "Thu, 01 May 2031 12:00:00 GMT"})
    assert info.retry_after_s == 600


def test_a_limit_inside_a_stream_is_read_alike() -> None:
    for name, _, body in USED_UP:
        if name in ("minimax", "openrouter credits", "zhipu balance", "chatgpt plan"):
            d = decoder("openai-chat")
            d.feed(f"data: {json.dumps(body)}\n\n".encode())
            d.close()
            assert d.message.error is not None, name
            assert d.message.error.kind == "quota", name


def test_limits_told_beside_another_failure_make_nobody_wait() -> None:
    used_up = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "9h"}
    assert failed(400, openai("Bad field"), used_up).retry_after_s is None
    assert failed(500, openai("Broken"), used_up).retry_after_s is None
    assert failed(429, openai("Slow down"), used_up).retry_after_s == 9 * 3600
    assert failed(503, openai("Busy"), used_up | {"retry-after": "3"}).retry_after_s == 3


def test_a_wait_that_no_float_can_hold_is_a_long_one() -> None:
    for field in ("retry_after", "retry_after_ms", "resets_in_seconds"):
        body = {"error": {"message": "Slow down", field: 10**400}}
        wait_s = failed(429, body).retry_after_s
        assert wait_s is None or wait_s > 1000
