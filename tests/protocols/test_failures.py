"""Errors read from responses other than 2xx."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.errors import UsageError
from app.protocols import decoder, http_error, wire_format
from app.protocols.failures import failure, http_failure


def error_of(status: int, body: Any, **headers: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return http_error("openai-chat", status, headers, data)


@pytest.mark.parametrize(
    ("status", "error", "kind", "is_retryable"),
    [
        (400, {"message": "Bad", "type": "invalid_request_error"}, "invalid_request", False),
        (400, {"message": "x", "code": "context_length_exceeded"}, "context_length", False),
        (400, {"message": "maximum context length is 9 tokens"}, "context_length", False),
        (400, {"message": "x", "code": "content_filter"}, "content_filter", False),
        (400, {"message": "x", "code": "tool_use_failed"}, "tool_use", False),
        (401, {"message": "x", "code": "invalid_api_key"}, "auth", False),
        (402, {"message": "x"}, "quota", False),
        (403, {"message": "x"}, "permission", False),
        (404, {"message": "x", "code": "model_not_found"}, "not_found", False),
        (408, {"message": "x"}, "timeout", True),
        (409, {"message": "x"}, "invalid_request", True),
        (422, {"message": "x"}, "invalid_request", False),
        (429, {"message": "x", "type": "requests"}, "rate_limit", True),
        (429, {"message": "x", "code": "insufficient_quota"}, "quota", False),
        (425, {"message": "x"}, "invalid_request", True),
        (500, {"message": "x"}, "server", True),
        (501, {"message": "x"}, "server", False),
        (502, {"message": "x"}, "server", True),
        (504, {"message": "x"}, "server", True),
        (505, {"message": "x"}, "server", False),
        (599, {"message": "x"}, "server", True),
        (600, {"message": "x"}, "server", False),
        (503, {"message": "x"}, "overloaded", True),
        (529, {"message": "x", "type": "overloaded_error"}, "overloaded", True),
        (498, {"error": {"message": "x", "code": "capacity_exceeded"}}, "overloaded", True),
    ],
)
def test_kinds(status: int, error: dict[str, Any], kind: str, is_retryable: bool) -> None:
    found = error_of(status, {"error": error})
    assert (found.kind, found.retryable, found.status) == (kind, is_retryable, status)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "No."}}, "No."),
        ({"error": "No."}, "No."),
        ({"message": "No."}, "No."),
        ({"detail": "No."}, "No."),
        ({"detail": [{"loc": ["a"], "msg": "No."}, {"msg": "Never."}]}, "No.; Never."),
        ([{"error": {"message": "No."}}], "No."),
        ({"errors": [{"message": "No."}]}, "No."),
        (b"No.", "No."),
        (b"", "The provider did not accept the request."),
        (b"<html><h1>nginx</h1></html>", "The provider did not accept the request."),
        # No sentence: no UTF-8, or packed by a proxy.
        (b"\xff\xfe", "The provider did not accept the request."),
        (b"\x1f\x8b\x08\x00\x00AB", "The provider did not accept the request."),
        (b'\xef\xbb\xbf{"error": {"message": "No."}}', "No."),
        ({}, "The provider did not accept the request."),
        ({"error": {}}, "The provider did not accept the request."),
        ({"error": {"message": "\ud800"}}, "\ufffd"),
    ],
)
def test_the_words_wherever_they_are(body: Any, message: str) -> None:
    assert error_of(400, body).message == message


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "did not accept the request"),
        (401, "did not accept the key"),
        (402, "no credit left"),
        (403, "may not do this"),
        (404, "no such model or address"),
        (408, "gave up waiting"),
        (413, "too large"),
        (429, "Too many requests"),
        (503, "overloaded"),
        (529, "overloaded"),
        (418, "HTTP status 418"),
        (500, "HTTP status 500"),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>Oh no</html>", b"{}"])
def test_where_nothing_was_said_the_status_is_put_into_words(
    status: int, words: str, body: bytes
) -> None:
    assert words in error_of(status, body).message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"error": {"message": "Deep."}}}, "Deep."),
        ({"detail": [{"msg": "One."}, {}, {"msg": "Two."}, "Three."]}, "One.; Two.; Three."),
        ({"detail": [{"loc": ["body", "tools", 0], "msg": "Wrong."}]}, "tools.0: Wrong."),
        (
            {"error": {"message": 'X.Error: XException - {"error": {"message": "Slow down."}}'}},
            "X.Error: XException: Slow down.",
        ),
        (
            {"error": {"message": 'XException - b\'{"type":"error","message":"No."}\''}},
            "XException: No.",
        ),
        ({"error": {"message": 'Bad schema: {"type": "objet"}'}}, 'Bad schema: {"type": "objet"}'),
        (
            {"error": {"message": "It failed", "metadata": {"raw": "<html>Bad gateway</html>"}}},
            "It failed",
        ),
        ({"error": {"message": "It failed", "metadata": {"raw": "{oh"}}}, "It failed: {oh"),
        ({"error": {"message": "It failed", "metadata": {"raw": ""}}}, "It failed"),
        ({"message": "", "title": "Titled."}, "Titled."),
        ({"message": {}, "title": "Titled."}, "Titled."),
        ({"fault": {"faultstring": "Held up."}}, "Held up."),
        ({"Code": "Invalid", "Message": "Large letters."}, "Large letters."),
        ({"error": {"message": {"text": "Nested."}}}, "Nested."),
        ({"error": {"errors": [{"message": "Listed."}]}}, "Listed."),
        ({"errors": {"messages": ["Is missing."]}}, "Is missing."),
        ({"error_msg": "Said.", "error_code": 336003}, "Said."),
        ({"status": "error", "reason": "Because."}, "Because."),
        ({"detail": [{}], "exception": "Boom."}, "Boom."),
        ({"error": {"message": "x" * 400}}, "x" * 400),
    ],
)
def test_words_are_found_in_and_behind_each_other(body: Any, message: str) -> None:
    assert error_of(400, body).message == message


@pytest.mark.parametrize(("status", "leads"), [(300, True), (307, True), (399, True), (400, False)])
def test_an_address_that_leads_to_another_is_told_with_it(status: int, leads: bool) -> None:
    headers = {"location": "https://b.example/v1"}
    told = http_failure(status, headers, b"").message
    assert ("leads to another one: https://b.example/v1" in told) == leads


def test_of_many_gateways_behind_each_other_the_first_are_heard() -> None:
    body: dict[str, Any] = {"error": {"message": "said by 6"}}
    for number in reversed(range(6)):
        body = {"error": {"message": f"said by {number} - {json.dumps(body)}"}}
    found = failure(body).message
    assert found == "said by 0: said by 1: said by 2: said by 3"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "context_length"),
        (413, "context_length"),
        (422, "context_length"),
        (500, "context_length"),
        (404, "not_found"),
        (503, "overloaded"),
    ],
)
def test_a_long_conversation_is_told_with_several_statuses(status: int, kind: str) -> None:
    words = "This model's maximum context length is 9 tokens."
    assert error_of(status, {"error": {"message": words}}).kind == kind


def test_the_code_is_text() -> None:
    assert error_of(400, {"error": {"message": "x", "code": 400}}).code == "400"
    assert error_of(400, {"error": {"message": "x", "code": None}}).code is None


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "7"}, 7),
        ({"Retry-After": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        (
            {
                "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT",
                "date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            30,
        ),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, 20),
        ({"retry-after": "Wed, 21 Oct 2020 07:28:30 GMT"}, 0),
        ({"ratelimit": "limit=100, remaining=0, reset=42"}, 42),
        ({"RateLimit": '"minute";r=7;t=9, "day";r=0;t=33'}, 33),
        ({"ratelimit": '"default";r=5;t=33'}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], wait_s: float | None) -> None:
    now = datetime(2026, 10, 21, 7, 28, 10, tzinfo=UTC)
    assert http_failure(429, headers, b"{}", now).retry_after_s == wait_s


@pytest.mark.parametrize(
    ("words", "wait_s"),
    [
        ("Please try again in 7.66s.", 7.66),
        ("Please try again in 20ms.", 0.02),
        ("Please try again in 1m2.5s.", 62.5),
        ("Please retry after 30 seconds.", 30),
        ("Please try again in 2h4m6.5s. Need more?", 7446.5),
        ("Please try again in 3h.", 10800),
        ("Please wait for 1 hour and 30 minutes.", 5400),
        ("The limit resets in about 2 days.", 172800),
        ("Please try again in 15 minutes.", 900),
        ("Please try again in 999999999999999 days.", None),
        ("Please try again in 99999999999 days.", 1e9),
        ("Please try again later.", None),
        ("Please try again in a moment", None),
    ],
)
def test_how_long_to_wait_in_words(words: str, wait_s: float | None) -> None:
    assert error_of(429, {"error": {"message": words}}).retry_after_s == wait_s


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, {"code": "plan:free-usage-exhausted", "error": "All free usage is gone."}),
        (429, {"error": {"message": "Limit exceeded: free-models-per-day."}}),
        (429, {"error": {"message": "Requests per day (RPD): Limit 50, Used 50, Requested 1."}}),
        (429, {"error": {"message": "Quota met for metric: free_tier, limit: 0, model: x"}}),
        (429, {"error": {"message": "x", "type": "exceeded_current_quota_error"}}),
        (403, {"error": "Your team has no credits left. Buy some."}),
        (402, {"error": {"message": "Insufficient Balance"}}),
        (400, {"error": {"message": "You have reached your specified API usage limits."}}),
        (429, {"error": {"message": "The monthly spending limit is reached."}}),
        (
            429,
            {
                "error": {
                    "message": "You exceeded your quota. Please retry in 20s.",
                    "details": [
                        {"violations": [{"quotaId": "TokensPerDayPerProject"}]},
                        {"retryDelay": "20s"},
                    ],
                }
            },
        ),
    ],
)
def test_what_is_used_up_is_not_asked_for_again(status: int, body: Any) -> None:
    found = error_of(status, body)
    assert (found.kind, found.retryable) == ("quota", False)


@pytest.mark.parametrize(
    "words",
    [
        "Requests per minute (RPM): Limit 50, Used 50, Requested 1. Please try again in 2s.",
        "Tokens per min (TPM): Limit 9000, Used 8000, Requested 2000. Please try again in 7s.",
        "Tokens per day (TPD): Limit 9000, Used 8000, Requested 2000. Please try again in 2h.",
    ],
)
def test_what_passes_is_waited_for(words: str) -> None:
    found = error_of(429, {"error": {"message": words}})
    assert (found.kind, found.retryable) == ("rate_limit", True)
    assert found.retry_after_s


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (429, "Request too large for this model on tokens per min: Limit 30,000."),
        (429, "Tokens per min (TPM): Limit 30,000, Requested 30,001."),
        (400, "input length and `max_tokens` exceed context limit: 9 + 9 > 10"),
    ],
)
def test_what_is_too_large_never_passes(status: int, words: str) -> None:
    found = error_of(status, {"error": {"message": words}})
    assert (found.kind, found.retryable) == ("context_length", False)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"message": "Incorrect API key provided.", "type": "invalid_request"}, "auth"),
        (
            400,
            {
                "message": "Output stopped by our content filtering policy",
                "type": "invalid_request",
            },
            "content_filter",
        ),
        (400, {"message": "x", "code": "some_policy_violation"}, "content_filter"),
        (400, {"message": "Wrong field", "type": "new_api_error"}, "invalid_request"),
        (404, {"message": "x", "type": "new_api_error", "code": "bad_request"}, "not_found"),
        (404, {"message": "x", "type": "api_error", "code": "unsupported"}, "invalid_request"),
        (500, {"message": "x", "type": "api_error"}, "server"),
    ],
)
def test_words_that_say_more_than_the_status(status: int, error: dict[str, Any], kind: str) -> None:
    assert error_of(status, {"error": error}).kind == kind


@pytest.mark.parametrize(
    "raw",
    ["The lamp is out of oil.", '{"error": {"message": "The lamp is out of oil."}}'],
)
def test_who_is_behind_a_gateway_is_heard(raw: str) -> None:
    error = {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw}}
    assert error_of(400, {"error": error}).message == (
        "Provider returned error: The lamp is out of oil."
    )


def test_the_kind_is_that_of_who_is_behind_a_gateway() -> None:
    raw = json.dumps({"error": {"message": "Too long.", "code": "context_length_exceeded"}})
    error = {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw}}
    assert error_of(400, {"error": error}).kind == "context_length"


def test_unknown_protocols_are_told_with_the_known() -> None:
    with pytest.raises(UsageError, match="no protocol 'nope'; known: openai-chat"):
        decoder("nope")
    with pytest.raises(UsageError, match="no protocol 'nope'"):
        http_error("nope", 500, {}, b"")


def test_each_protocol_goes_by_its_name() -> None:
    for name in ("openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama"):
        assert wire_format(name).NAME == decoder(name).name == name


def test_a_mistake_that_speaks_of_days_is_no_limit() -> None:
    words = "Invalid schema for function 'forecast': 'daily' is a required property."
    error = {"message": words, "type": "invalid_request_error"}
    assert error_of(400, {"error": error}).kind == "invalid_request"


def test_what_kind_it_is_stands_at_the_beginning_of_any_length() -> None:
    said = "This model's maximum context length is 8,192 tokens."
    for message, kind in ((said + "x" * 10**6, "context_length"), ("x" * 10**6 + said, "unknown")):
        info = failure({"error": {"message": message}})
        assert (info.kind, info.message) == (kind, message)


@pytest.mark.parametrize(
    "body",
    [
        {"error_code": 336003, "error_msg": "Said."},
        {"fault": {"faultstring": "Said."}},
        {"success": False, "errors": [{"code": 7003, "message": "Said."}], "result": None},
        {"success": False, "code": 1113, "msg": "Said."},
    ],
)
def test_a_failure_with_status_200_is_one_whatever_its_fields_are_called(body: Any) -> None:
    reading = decoder("openai-chat")
    reading.feed(json.dumps(body).encode())
    reading.close()
    assert reading.message.status == "error"
    assert reading.message.error is not None
    assert reading.message.error.message == "Said."


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"code": 399}, None),
        ({"code": 400}, 400),
        ({"status": 599}, 599),
        ({"status_code": 600}, None),
        ({"code": "503"}, 503),
        ({"code": "603"}, None),
        ({"code": "x503"}, None),
        ({"status_code": 500, "status": 400}, 500),
        ({"status": "failed", "code": 429}, 429),
        ({}, None),
    ],
)
def test_an_error_inside_a_stream_may_tell_its_status(
    fields: dict[str, Any], status: int | None
) -> None:
    assert failure({"error": fields | {"message": "x"}}).status == status


def test_a_request_is_too_large_where_it_asks_for_more_than_the_limit() -> None:
    for words, kind in (
        ("Limit 1, Requested 2.", "context_length"),
        ("Limit 0, Requested 2.", "quota"),
        ("Limit 2, Requested 2.", "rate_limit"),
        ("Limit 2,000, Requested 1,999.", "rate_limit"),
    ):
        assert error_of(429, {"error": {"message": f"Tokens per min: {words}"}}).kind == kind


@pytest.mark.parametrize("status", [400, 401, 402, 403, 412, 413, 429, 500, 502])
def test_that_no_credit_is_left_is_heard_beside_many_statuses(status: int) -> None:
    assert error_of(status, {"error": {"message": "Insufficient balance."}}).kind == "quota"


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "auth"), (403, "permission"), (429, "rate_limit")]
)
def test_a_code_for_any_wrong_request_says_less_than_the_status(status: int, kind: str) -> None:
    error = {"message": "x", "type": "invalid_request_error"}
    assert error_of(status, {"error": error}).kind == kind


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (403, "API key not valid. Please pass a valid API key.", "auth"),
        (404, "API key not valid. Please pass a valid API key.", "not_found"),
        (422, "Inappropriate content.", "content_filter"),
        (501, "This model does not support tools.", "invalid_request"),
        (502, "This model does not support tools.", "server"),
        (300, "x", "not_found"),
        (399, "x", "not_found"),
    ],
)
def test_words_count_beside_the_statuses_that_they_come_with(
    status: int, words: str, kind: str
) -> None:
    assert error_of(status, {"error": {"message": words}}).kind == kind


def test_of_a_long_answer_so_much_is_shown_and_kept() -> None:
    error = error_of(400, b"x" * 3000)
    assert (error.message, error.raw) == ("x" * 300, "x" * 2000)
    away = http_failure(307, {"location": "https://b.example/" + "x" * 400}, b"").message
    assert away.endswith("https://b.example/" + "x" * 282)
    late = b" " * 1_000_000 + b'{"error": {"message": "No."}}'
    assert error_of(400, late).message == "The provider did not accept the request."
