"""Options that an error refuses, by real words of providers."""

import json

import pytest

from app.core.errors import ErrorInfo
from app.protocols import http_error
from app.providers.refusals import refused_option

SAID = [
    ("Unsupported parameter: 'temperature' is not supported with this model.", "temperature"),
    ("Unsupported value: 'temperature' does not support 0.2 with this model.", "temperature"),
    ("`temperature` is deprecated for this model.", "temperature"),
    ("Unrecognized request argument supplied: top_p", "top_p"),
    ("Argument not supported on this model: stop", "stop"),
    ('json: unknown field "seed"', "seed"),
    ("property 'service_tier' is unsupported", "service_tier"),
    ("reasoning_effort is not supported with this model", "reasoning_effort"),
    ("does not support parameters: ['reasoning_effort'], for model=x", "reasoning_effort"),
    ('"llama3.2:latest" does not support thinking', "reasoning_effort"),
    ("thinking.type: disabled is not supported for this model", "reasoning_effort"),
    ("enable_thinking is not supported by this model", "reasoning_effort"),
    ("text.verbosity: Extra inputs are not permitted", "verbosity"),
    ("registry.ollama.ai/library/gemma:2b does not support tools", "tools"),
    ("No endpoints found that support tool use.", "tools"),
    ("Function calling is not enabled: this model doesn't support it", "tools"),
    ("Unsupported parameter: 'max_tokens' is not supported with this model.", "max_tokens"),
    ("该模型不支持参数 temperature", "temperature"),
    ("top_p 参数不支持", "top_p"),
    ("このモデルでは temperature はサポートされていません", "temperature"),
    ("Der Parameter 'stop' wird nicht unterstützt", "stop"),
    ("Le paramètre 'seed' n'est pas pris en charge", "seed"),
    ("El parámetro 'top_p' no es compatible con este modelo", "top_p"),
    ("Параметр reasoning_effort не поддерживается", "reasoning_effort"),
]


def error_of(message: str, status: int = 400, param: str | None = None) -> ErrorInfo:
    inner = {"message": message, "type": "invalid_request_error", "param": param}
    body = json.dumps({"error": inner}).encode()
    return http_error("openai-chat", status, {}, body)


@pytest.mark.parametrize(("message", "option"), SAID)
def test_a_refusal_names_its_option(message: str, option: str) -> None:
    assert refused_option(error_of(message)) == option
    assert refused_option(error_of(message, 422)) == option


def test_the_field_that_the_data_names_comes_before_the_words() -> None:
    error = error_of("Not supported beside temperature.", param="top_p")
    assert refused_option(error) == "top_p"


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("temperature: range: 0..1", 400),
        ("max_tokens must be at most 4096", 400),
        ("Unsupported parameter: 'metadata'", 400),
        ("The temperature of this server is not supported.", 500),
        ("Invalid API key", 401),
        ("This model does not exist", 404),
        ("", 400),
    ],
)
def test_other_errors_refuse_none(message: str, status: int) -> None:
    assert refused_option(error_of(message, status)) == ""
