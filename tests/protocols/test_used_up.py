"""Limits that pass by themselves, by their sentences: in the languages in which gateways speak."""

import json

import pytest

from app.core.errors import ErrorInfo
from app.protocols import http_error


def told(status: int, message: str) -> ErrorInfo:
    body = json.dumps({"error": {"message": message}}).encode()
    return http_error("openai-chat", status, {}, body)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (429, "Limite quotidienne atteinte. Réessayez demain."),
        (429, "Tageslimit erreicht."),
        (429, "今日请求次数已达上限"),
        (429, "1日あたりのリクエスト数を超えました"),
        (429, "일일 한도를 초과했습니다"),
        (429, "Límite diario alcanzado"),
        (429, "Превышен суточный лимит"),
        (403, "This token's daily quota has been exhausted"),
        (403, "You have reached the monthly limit of your plan"),
        (402, "Guthaben aufgebraucht"),
        (403, "Solde insuffisant"),
        (400, "餘額不足，請儲值"),
        (429, "残高が不足しています"),
        (403, "Недостаточно средств на счёте"),
        (429, "Prepaid balance exhausted"),
        (429, "Account suspended due to unpaid invoices"),
        (403, "Access denied due to overdue payment"),
        (429, "You've used up your points for today."),
        (403, "Your prepaid credits are depleted. Please recharge."),
        (429, "You have no remaining quota for this billing period."),
        (400, "Organization has been disabled due to billing"),
        (429, "We have detected that you have exhausted your trial credits"),
        (429, "Insufficient account balance"),
        (429, "Il tuo credito è esaurito"),
        (429, "1日の上限に達しました"),
        (429, "무료 사용량을 모두 사용했습니다"),
        (429, "Лимит на сегодня исчерпан"),
        (403, "You have exceeded your monthly included credits for this service."),
        (429, "You exceeded your current quota, please check your plan"),
        (429, "Budget has been exceeded! Current cost: 10.2, Max budget: 10.0"),
        (400, "ExceededBudget: User has exceeded their budget"),
        (429, "Rate limit exceeded: limit_rpd/some/model"),
        (429, "Free allocated quota exceeded."),
        (401, "该令牌额度已用尽"),
        (429, "Has excedido tu cuota actual"),
        (429, "Vous avez dépassé votre quota actuel"),
        (429, "Ihr Kontingent ist aufgebraucht"),
        (429, "配额已用完"),
        (429, "할당량을 초과했습니다"),
        (429, "割り当てを超過しました"),
        (429, "クレジットが不足しています"),
        (400, "Your trial period has ended"),
        (429, "Trial token limit reached"),
    ],
)
def test_what_is_used_up_is_not_tried_again(status: int, message: str) -> None:
    error = told(status, message)
    assert (error.kind, error.retryable) == ("quota", False)


@pytest.mark.parametrize("status", [400, 403, 429])
@pytest.mark.parametrize(
    "code",
    [
        "enforced_spend_limit_reached",
        "SpendLimitReached",
        "budget-exceeded",
        "monthly_limit_reached",
        "tokens_per_day_exceeded",
        "account:credits_exhausted",
        "AccountOverdueError",
        "FreeUsageLimitError",
        "over_quota",
        "usage_not_included",
        "wallet.empty",
        "Arrearage",
    ],
)
def test_a_code_without_a_sentence_tells_what_is_used_up(status: int, code: str) -> None:
    for error in (
        {"message": "Limited", "code": code},
        {"message": code},
        {"code": code},
        {"type": "rate_limit_error", "message": "Limited", "details": {"error_code": code}},
        {"message": "Limited", "details": [{"reason": code}]},
        {
            "message": "Provider returned error",
            "metadata": {"raw": json.dumps({"error": {"details": {"error_code": code}}})},
        },
    ):
        info = http_error("openai-chat", status, {}, json.dumps({"error": error}).encode())
        assert (info.kind, info.retryable) == ("quota", False), error


@pytest.mark.parametrize(
    "code",
    [
        "rate_limit_reached",
        "RateQuotaExceeded",
        "qps_limit_exceeded",
        "slow_down",
        "limit_requests",
        "free_tier_rate_limit_exceeded",
        "plan_rate_limit",
        "usage_rate_limit",
    ],
)
def test_a_code_of_a_rate_tells_of_no_quota(code: str) -> None:
    assert told(429, code).retryable


def test_a_limit_of_nothing_is_used_up_whatever_it_is_counted_by() -> None:
    minute = "RequestsPerMinutePerProject"
    for value, kind in (("0", "quota"), ("60", "rate_limit")):
        for detail in (
            {"violations": [{"quotaId": minute, "quotaValue": value}]},
            {"metadata": {"quota_limit": minute, "quota_limit_value": value}},
        ):
            error = {"message": "Quota exceeded. Please retry in 9s.", "details": [detail]}
            body = json.dumps({"error": error}).encode()
            assert http_error("gemini", 429, {}, body).kind == kind


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, 'Flagged for "harassment". No credits were charged.', "content_filter"),
        (429, "请求过于频繁，请 20 秒后重试", "rate_limit"),
        (429, "Zu viele Anfragen. Versuchen Sie es in 20 Sekunden erneut.", "rate_limit"),
        (403, "Your daily digest can't be shown to this account", "permission"),
        (403, "This model is not available in your country", "permission"),
        (403, "Content violates usage guidelines.", "content_filter"),
        (400, "Range of input length should be [1, 129024]", "context_length"),
        (400, "Input data may contain inappropriate content.", "content_filter"),
        (400, "Your request was rejected as a result of our safety system.", "content_filter"),
        (400, "Input blocked by moderation", "content_filter"),
        (403, "Your input was flagged by moderation: harassment", "content_filter"),
        (400, "Content Exists Risk", "content_filter"),
        (400, "系统检测到输入或生成内容可能包含不安全或敏感内容", "content_filter"),
        (400, "The request was rejected because it was considered high risk", "content_filter"),
        (400, "This has been flagged for potentially high-risk activity.", "content_filter"),
        (400, "This model is flagged for removal", "invalid_request"),
        (400, "Unknown safety filter threshold", "invalid_request"),
        (400, "Request payload size exceeds the limit: 20971520 bytes.", "context_length"),
        (
            400,
            "The prompt (9000) is longer than the maximum model length of 8192",
            "context_length",
        ),
        (400, "输入长度超过最大限制", "context_length"),
        (400, "prompt tokens limit exceeded", "context_length"),
        (400, "exceeds the maximum allowed input length", "context_length"),
        (400, "Invalid 'input[1].call_id': longer than 64 characters", "invalid_request"),
        (400, "Please pass a valid API key", "auth"),
        (400, "无效的API Key", "auth"),
        (400, "Missing API key", "auth"),
        (429, "You exceeded your current quota. Please retry in 37s.", "rate_limit"),
        (429, "Has excedido tu cuota actual. Inténtalo en 37 segundos.", "rate_limit"),
        (429, "Trial keys: 10 API calls / minute", "rate_limit"),
        (400, "Missing Authorization header", "auth"),
        (400, "Clé API invalide", "auth"),
        (400, "Ungültiger API-Schlüssel", "auth"),
        (400, "APIキーが無効です", "auth"),
        (400, "Неверный API ключ", "auth"),
        (403, "Your API key was reported as leaked. Use another one.", "auth"),
        (403, "Your API key may not use this model", "permission"),
        (400, "Please reduce the length of the messages or completion.", "context_length"),
        (400, "Total tokens of image and text exceed max message tokens", "context_length"),
        (400, "The input token count is 9000 but the model takes 8192", "context_length"),
        (400, "Le contexte dépasse la longueur maximale", "context_length"),
        (400, "Der Kontext ist zu lang", "context_length"),
        (400, "コンテキストの長さを超えています", "context_length"),
        # A shorter answer is enough, not a shorter conversation.
        (400, "`max_tokens` must be below the `context_window`: 8192", "invalid_request"),
        (400, "inputs + max_new_tokens must fit in the context window", "context_length"),
    ],
)
def test_what_is_none_of_that_keeps_its_kind(status: int, message: str, kind: str) -> None:
    assert told(status, message).kind == kind


@pytest.mark.parametrize(
    "message",
    [
        "model requires more system memory (5.6 GiB) than is available (3.1 GiB)",
        "not enough memory to load the model",
        "insufficient GPU memory",
    ],
)
def test_who_has_no_room_for_a_model_is_not_asked_again(message: str) -> None:
    assert not told(500, message).retryable
    assert told(500, "the worker crashed").retryable


def test_a_wait_of_a_minute_beside_a_limit_of_the_day_is_that_of_another_limit() -> None:
    for wait_s, kind in ((60, "quota"), (61, "rate_limit")):
        words = f"Tokens per day (TPD): Limit 9000, Used 9000. Try again in {wait_s}s."
        assert told(429, words).kind == kind
