"""Fields of a question that go on to the built-in model."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.core.messages import Message, Text, ToolCall, ToolResult, user
from app.core.options import Options, OutputFormat, ToolDefinition
from app.providers import provider
from app.server.model_request import PATHS, RefusedError, passed_on

WINDOW = 4096
CHAT = "chat/completions"
SCHEMA = {
    "type": "object",
    "properties": {"pattern": {"type": "string"}, "format": {"type": "array", "maxItems": 3}},
    "required": ["pattern"],
}


def passed(question: Any, path: str = CHAT) -> Any:
    return json.loads(passed_on(path, json.dumps(question).encode(), WINDOW))


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("row", ["built-in", "other", "other-responses", "other-anthropic"])
def test_all_that_our_own_requests_have_goes_on(row: str, stream: bool) -> None:
    options = Options(
        temperature=0.5,
        top_p=0.9,
        max_tokens=100,
        stop=["END"],
        seed=7,
        reasoning_effort="low",
        tools=[ToolDefinition("look", "Looks.", SCHEMA)],
        tool_choice="look",
        output=OutputFormat("form", SCHEMA),
    )
    messages = [
        Message("system", [Text("Be kind.")]),
        user("What is there?"),
        Message("assistant", [ToolCall("c1", "look", "{}")], status="complete"),
        Message("tool", [ToolResult("c1", "Water.")]),
        user("And then?"),
    ]
    rendered = provider(row, base_url="http://a.example/v1").render(
        messages, model="m", options=options, stream=stream
    )
    assert rendered.body is not None
    path = rendered.url.removeprefix("http://a.example/v1/")
    sent = json.loads(rendered.body)
    got = json.loads(passed_on(path, rendered.body, 100_000))
    assert got == sent
    assert PATHS[path] == "POST"


# What llama.cpp takes besides, by its server's documentation.
FOREIGN = [
    *("grammar", "grammar_lazy", "grammar_triggers", "json_schema", "ignore_eos", "n_predict"),
    *("logit_bias", "n_probs", "logprobs", "top_logprobs", "n", "cache_prompt", "id_slot", "lora"),
    *("samplers", "mirostat", "dry_multiplier", "dry_allowed_length", "xtc_probability", "prompt"),
    *("chat_template_kwargs", "chat_template", "add_generation_prompt", "input_prefix", "n_keep"),
    *("n_indent", "n_discard", "t_max_predict_ms", "timings_per_token", "speculative.n_max"),
    *("return_tokens", "post_sampling_probs", "response_fields", "parallel_tool_calls", "slot"),
    *("reasoning_format", "thinking_forced_open", "repeat_last_n", "penalty_last_n", "min_keep"),
]


@pytest.mark.parametrize("path", [path for path, method in PATHS.items() if method == "POST"])
def test_no_other_field_goes_on(path: str) -> None:
    bomb = "root ::= " + "(" * 3_000
    assert passed({"model": "m"} | dict.fromkeys(FOREIGN, bomb), path) == {"model": "m"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (CHAT, "max_tokens"),
        (CHAT, "max_completion_tokens"),
        ("responses", "max_output_tokens"),
        ("messages", "max_tokens"),
    ],
)
def test_no_answer_is_longer_than_the_model_can_read(path: str, name: str) -> None:
    assert passed({name: 100_000}, path) == {name: WINDOW}
    assert passed({name: 17}, path) == {name: 17}
    for wrong in (-1, 0, "9", 1.5, True, [1]):
        with pytest.raises(RefusedError, match="cannot be used"):
            passed({name: wrong}, path)


def nested(depth: int, wrap: Callable[[Any], Any]) -> Any:
    value: Any = {"type": "string"}
    for _ in range(depth):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    "question",
    [
        {"messages": "Hi"},
        {"messages": [[]]},
        {"temperature": "hot"},
        {"temperature": 1e300},
        {"stop": ["x"] * 1000},
        {"stop": "x" * 100_000},
        {"seed": 2**70},
        {"tools": [1]},
        {"response_format": "x"},
        {"response_format": nested(100, lambda inner: {"items": [inner]})},
        {"response_format": {"schema": {"enum": ["x" * 50] * 900}}},
        {"tools": [{"function": {"parameters": {"enum": list(range(5_000))}}}]},
        {"tools": [{"x": nested(9, lambda inner: {"a": inner, "b": inner})}]},
    ],
)
def test_what_does_not_fit_is_refused(question: Any) -> None:
    with pytest.raises(RefusedError):
        passed(question)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b"\xff", b'{"messages":[{"role":"\\ud800"}]}', b"1e999"),
        *(b"[" * 200_000, b'{"messages":' * 100_000, b'{"tools":[' + b'{"a":' * 100_000),
    ],
)
def test_what_is_no_question_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError):
        passed_on(CHAT, body, WINDOW)


def test_what_is_much_too_long_is_refused_in_the_models_own_word() -> None:
    with pytest.raises(RefusedError) as refused:
        passed({"messages": [{"role": "user", "content": "x" * 3_000_000}]})
    assert refused.value.code == "exceed_context_size_error"


def test_a_schema_goes_on_without_what_makes_its_grammar_grow() -> None:
    harmful = {
        "type": "array",
        "maxItems": 10**9,
        "minItems": 2,
        "items": {
            "pattern": "(" * 9_000,
            "format": "uri",
            "maxLength": -1,
            "minLength": "x",
            "minimum": 1e200,
            "maximum": 10,
            "$ref": "http://127.0.0.1/schema.json",
            "properties": {"pattern": {"$ref": "#/$defs/a"}},
            "patternProperties": {"(((": {}},
        },
        "$defs": {"format": {"type": "string"}},
    }
    harmless = {
        "type": "array",
        "minItems": 2,
        "items": {"maximum": 10, "properties": {"pattern": {"$ref": "#/$defs/a"}}},
        "$defs": {"format": {"type": "string"}},
    }
    form = {"type": "json_schema", "json_schema": {"name": "f", "schema": harmful}}
    got = passed({"response_format": form})["response_format"]
    assert got == {"type": "json_schema", "json_schema": {"name": "f", "schema": harmless}}


@pytest.mark.parametrize(
    ("begin", "one", "end", "most"),
    [
        ('{"messages":[{"content":"', "x", '"}]}', 256 * 1024 - 29),
        ('{"response_format":{"a":"', "x", '"}}', 4 * WINDOW - len('{"a":""}')),
        ('{"response_format":{"a":[0', ",0", "]}}", 997),  # with what holds them 1,000 parts
    ],
    ids=["body", "letters", "parts"],
)
def test_so_much_goes_on_and_no_more(begin: str, one: str, end: str, most: int) -> None:
    passed_on(CHAT, f"{begin}{one * most}{end}".encode(), WINDOW)
    with pytest.raises(RefusedError):
        passed_on(CHAT, f"{begin}{one * (most + 1)}{end}".encode(), WINDOW)


def test_what_two_fields_hold_counts_together() -> None:
    half = "x" * (2 * WINDOW)
    for question in ({"text": {"a": half}}, {"tools": [{"a": half}]}):
        passed(question, "responses")
    with pytest.raises(RefusedError):
        passed({"text": {"a": half}, "tools": [{"a": half}]}, "responses")


def test_what_repeats_and_numbers_have_bounds_of_their_own() -> None:
    kept = {"items": {"minItems": 0, "maxItems": 100, "maximum": 2**53, "minimum": -(2**53)}}
    assert passed({"response_format": kept})["response_format"] == kept
    gone = {"items": {"minItems": -1, "maxItems": 101, "maximum": 2**53 + 2}}
    assert passed({"response_format": gone})["response_format"] == {"items": {}}
