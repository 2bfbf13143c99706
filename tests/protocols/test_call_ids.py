"""Calls whose ids or arguments servers muddle: each is told once, under an id of its own."""

import json
from typing import Any

import pytest

from app.core.messages import Message
from app.protocols import decoder

ONE = {"a": 1}
OTHER = {"a": 2}


def decoded(protocol: str, body: bytes) -> Message:
    one = decoder(protocol)
    one.feed(body)
    one.close()
    return one.message


def sse(*records: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in records)


def call(arguments: Any, *, index: int | None = None, id: str = "x", name: str = "f") -> Any:
    told: dict[str, Any] = {"id": id, "function": {"name": name, "arguments": arguments}}
    return told if index is None else told | {"index": index}


def chat(*lists: list[Any]) -> bytes:
    deltas = [{"choices": [{"index": 0, "delta": {"tool_calls": calls}}]} for calls in lists]
    return sse(*deltas, {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})


def whole_chat(*calls: Any, **fields: Any) -> bytes:
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return json.dumps({"choices": [choice]} | fields).encode()


def anthropic(*inputs: Any) -> bytes:
    content = [{"type": "tool_use", "id": "x", "name": "f", "input": one} for one in inputs]
    return json.dumps(
        {"type": "message", "role": "assistant", "content": content, "stop_reason": "tool_use"}
    ).encode()


def gemini(*inputs: Any) -> bytes:
    parts = [{"functionCall": {"id": "x", "name": "f", "args": one}} for one in inputs]
    return sse({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})


def responses(*inputs: Any) -> bytes:
    items = [
        {"type": "function_call", "call_id": "x", "name": "f", "arguments": json.dumps(one)}
        for one in inputs
    ]
    return json.dumps({"object": "response", "status": "completed", "output": items}).encode()


def ollama(*inputs: Any) -> bytes:
    calls = [{"id": "x", "function": {"name": "f", "arguments": one}} for one in inputs]
    message = {"role": "assistant", "content": "", "tool_calls": calls}
    return json.dumps({"message": message, "done": True, "done_reason": "stop"}).encode()


TEXT = json.dumps(ONE), json.dumps(OTHER)
TWO = [
    ("openai-chat", chat([call(TEXT[0], index=0), call(TEXT[1], index=1)])),
    ("openai-chat", chat([call(TEXT[0], index=0)], [call(TEXT[1], index=0)])),
    ("openai-chat", chat([call(TEXT[0]), call(TEXT[1])])),
    ("openai-chat", chat([call(TEXT[0])], [call(TEXT[1])])),
    ("openai-chat", whole_chat(call(TEXT[0]), call(TEXT[1]))),
    ("openai-chat", whole_chat(call(TEXT[0]), call(TEXT[1]), object="chat.completion")),
    ("anthropic-messages", anthropic(ONE, OTHER)),
    ("gemini", gemini(ONE, OTHER)),
    ("openai-responses", responses(ONE, OTHER)),
    ("ollama", ollama(ONE, OTHER)),
]


@pytest.mark.parametrize(("protocol", "body"), TWO)
def test_two_calls_of_one_id_are_two_calls(protocol: str, body: bytes) -> None:
    calls = decoded(protocol, body).tool_calls
    assert [json.loads(one.arguments) for one in calls] == [ONE, OTHER]
    assert calls[0].id == "x"
    assert calls[1].id != "x"


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        ("openai-chat", whole_chat(call("{}"), call("{}"))),
        ("openai-chat", whole_chat(call("{}"), call("{}"), object="chat.completion")),
        ("anthropic-messages", anthropic({}, {})),
        ("gemini", gemini({}, {})),
        ("openai-responses", responses({}, {})),
        ("ollama", ollama({}, {})),
    ],
)
def test_two_calls_of_a_whole_answer_are_two_also_where_they_are_alike(
    protocol: str, body: bytes
) -> None:
    calls = decoded(protocol, body).tool_calls
    assert len(calls) == len({one.id for one in calls}) == 2


@pytest.mark.parametrize("index", [0, None])
def test_a_call_that_is_told_again_is_one_call(index: int | None) -> None:
    again = [call(TEXT[0], index=index)]
    (one,) = decoded("openai-chat", chat(again, again, again)).tool_calls
    assert (one.id, json.loads(one.arguments)) == ("x", ONE)


@pytest.mark.parametrize(
    ("told", "arguments"),
    [
        (["null"], {}),
        (["null", "null"], {}),
        (["null", "{}"], {}),
        ([None, "null", '{"q": "'], None),
        (["null", '{"q": "sea"}'], {"q": "sea"}),
        (["", "null"], {}),
    ],
)
def test_no_arguments_are_told_as_null_and_then_perhaps_again(
    told: list[Any], arguments: Any
) -> None:
    body = chat(*([call(one, index=0)] for one in told))
    message = decoded("openai-chat", body)
    (one,) = message.tool_calls
    if arguments is None:
        assert not message.runnable_tool_calls
        return
    assert (json.loads(one.arguments or "null") or {}) == arguments
