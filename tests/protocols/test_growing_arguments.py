"""Arguments that are told more than once, in the protocols that tell them in pieces."""

import json
from typing import Any

import pytest

from app.protocols import decoder
from app.protocols.growing_arguments import GrowingArguments
from tests.protocols.wire import calls_of

# What comes, piece by piece, and what was meant.
TOLD: list[tuple[list[str], str]] = [
    (['{"q"', '{"q": "ha', '{"q": "harbour"}'], '{"q": "harbour"}'),
    (['{"q": 1', '{"q": 12}', '{"q": 12}'], '{"q": 12}'),
    (["{", '{"q": 1}'], '{"q": 1}'),
    (['{"q": "ha', 'ha"}'], '{"q": "haha"}'),
    # Empty, until the first fragment comes.
    (["{}", '{"q"', ": 1}"], '{"q": 1}'),
    (["{}", '{"q": 1}'], '{"q": 1}'),
    (["null", '{"q"', ": 1}"], '{"q": 1}'),
    (["null", "{}", '{"q": 1}'], '{"q": 1}'),
    (["{}", "{}"], "{}"),
    (["{}"], "{}"),
    (["{", "}"], "{}"),
    (['{"a":', "{}", "}"], '{"a":{}}'),
    (['{"a":', "null", "}"], '{"a":null}'),
]


@pytest.mark.parametrize(("pieces", "whole"), TOLD)
def test_what_was_told_is_not_told_again(pieces: list[str], whole: str) -> None:
    growing = GrowingArguments()
    told = [growing.add(piece) for piece in pieces]
    assert growing.told() == whole
    assert "".join([*told, growing.rest()]) == whole


def test_arguments_that_nest_too_deep_are_told_as_they_came() -> None:
    deep = '{"a":' * 50_000 + "1" + "}" * 50_000
    growing = GrowingArguments()
    assert growing.add(deep) + growing.add(deep) + growing.rest() == 2 * deep


def sse(*records: Any) -> bytes:
    return "".join(f"data: {json.dumps(record)}\n\n" for record in records).encode()


def chat(pieces: list[str]) -> bytes:
    def delta(**fields: Any) -> Any:
        return {"choices": [{"index": 0, "delta": fields}]}

    def call(arguments: str, **fields: Any) -> Any:
        function = {"arguments": arguments, **fields}
        return delta(tool_calls=[{"index": 0, "id": "c1", "function": function}])

    calls = [call(pieces[0], name="f"), *map(call, pieces[1:])]
    return sse(*calls, {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})


def responses(pieces: list[str]) -> bytes:
    item = {"type": "function_call", "id": "i", "call_id": "c1", "name": "f", "arguments": ""}
    deltas = [
        {"type": "response.function_call_arguments.delta", "item_id": "i", "delta": one}
        for one in pieces
    ]
    end = {"type": "response.completed", "response": {"status": "completed", "output": []}}
    return sse({"type": "response.output_item.added", "item": item}, *deltas, end)


def anthropic(pieces: list[str]) -> bytes:
    block = {"type": "tool_use", "id": "c1", "name": "f", "input": {}}
    deltas = [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": one},
        }
        for one in pieces
    ]
    return sse(
        {"type": "message_start", "message": {"id": "m", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
        {"type": "message_stop"},
    )


@pytest.mark.parametrize(
    ("protocol", "stream"),
    [("openai-chat", chat), ("openai-responses", responses), ("anthropic-messages", anthropic)],
)
@pytest.mark.parametrize(("pieces", "whole"), TOLD)
def test_in_every_protocol(protocol: str, stream: Any, pieces: list[str], whole: str) -> None:
    reading = decoder(protocol)
    reading.feed(stream(pieces))
    reading.close()
    assert calls_of(reading.message) == [("c1", "f", whole)]
    assert len(reading.message.runnable_tool_calls) == 1
