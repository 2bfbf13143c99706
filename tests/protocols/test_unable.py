"""Inabilities of models, in the words of their providers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.protocols.failures import http_failure
from app.protocols.unable import unable

TOOLS = [
    (
        404,
        "No endpoints found that support tool use. To learn more about provider routing, visit: …",
    ),
    (404, 'No endpoints found that support tool use. Try disabling "question".'),
    (400, "registry.ollama.ai/library/gemma3:4b does not support tools"),
    (400, "`tool calling` is not supported with this model"),
    (400, "deepseek-reasoner does not support Function Calling"),
    (400, "Function calling is not enabled for models/gemma-3-27b-it"),
    (400, "Unsupported parameter: 'tools' is not supported with this model."),
    (400, "This model doesn't support function calling"),
    (400, "This model doesn't support tool use."),
    (400, "Tool calling is not supported for this model."),
    (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    (500, "tools param requires --jinja flag"),
    (400, "该模型不支持工具调用"),
    (400, "当前模型不支持 function calling"),
]
IMAGES = [
    (404, "No endpoints found that support image input"),
    (500, "image input is not supported - hint: you may need to provide the mmproj"),
    (400, "Model does not support images. Please use a model that does"),
    (400, "Invalid content type. image_url is only supported by certain models."),
    (400, "This model does not support image input"),
    (400, "/models/qwen3 is not a multimodal model"),
    (422, "Image inputs are not supported by this model"),
    (400, "该模型不支持图片输入"),
    (400, "此模型不支持多模态"),
]
OTHERS = [
    (400, "Unsupported value: 'temperature' does not support 0.2 with this model."),
    (400, "tools.0.input_schema: Field required"),
    (400, "Could not process image"),
    (400, "The image is too large"),
    (404, "The model `gpt-9` does not exist"),
    (404, "No endpoints found for vendor/model."),
    (400, "messages.3: `tool_use` ids were found without `tool_result` blocks"),
    (400, "Invalid schema for function 'look': array schema missing items"),
]


@pytest.mark.parametrize(("status", "said"), TOOLS)
def test_a_model_that_takes_no_tools_is_asked_once(status: int, said: str) -> None:
    assert unable(said) == "tools"
    assert_refused(status, said)


@pytest.mark.parametrize(("status", "said"), IMAGES)
def test_a_model_that_reads_no_images_is_asked_once(status: int, said: str) -> None:
    assert unable(said) == "images"
    assert_refused(status, said)


def assert_refused(status: int, said: str) -> None:
    body = b'{"error": {"message": %b, "code": %d}}' % (quoted(said), status)
    error = http_failure(status, {}, body)
    assert (error.kind, error.retryable) == ("invalid_request", False)


def quoted(text: str) -> bytes:
    return b'"' + text.replace('"', '\\"').encode() + b'"'


@pytest.mark.parametrize(("status", "said"), OTHERS)
def test_other_failures_are_none_of_that(status: int, said: str) -> None:
    assert unable(said) == ""
    body = b'{"error": {"message": %b}}' % quoted(said)
    expected = "not_found" if status == 404 else "invalid_request"
    assert http_failure(status, {}, body).kind == expected


def test_limits_and_keys_count_before() -> None:
    body = b'{"error": {"message": "Tool use is not available on the free tier"}}'
    assert http_failure(401, {}, body).kind == "auth"
    assert http_failure(429, {}, body).kind in ("rate_limit", "quota")


def test_the_beginning_of_a_page_is_read() -> None:
    said = "This model doesn't support tools."
    assert unable(" " * (2000 - len(said)) + said) == "tools"
    assert unable(" " * 2000 + said) == ""


@given(st.text(max_size=400), st.sampled_from([said for _, said in TOOLS + IMAGES]))
def test_any_text_is_read(text: str, said: str) -> None:
    assert unable(text) in ("tools", "images", "")
    assert unable(f"Provider returned error: {said}") != ""
