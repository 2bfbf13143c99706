"""Fragments of one shape are read without the rest of their records, and nothing else is."""

from typing import Any

import pytest

from app.protocols.openai_chat import decoder as module
from app.protocols.openai_chat.shapes import CHUNK
from tests.protocols.wire import call, calls_of, chunk, say, sse

MANY = 12


class Counting:
    """Reads chunks as the decoder does, and counts them."""

    def __init__(self) -> None:
        self.count = 0
        self._decoder = CHUNK

    def decode(self, data: bytes) -> Any:
        self.count += 1
        return self._decoder.decode(data)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    whole = Counting()
    monkeypatch.setattr(module, "CHUNK", whole)
    return whole


def fed(records: list[dict[str, Any]]) -> module.Decoder:
    """Give a decoder that was given one record after the other, as they come from a model."""
    one = module.Decoder()
    for record in records:
        one.feed(sse(record))
    return one


@pytest.mark.parametrize(
    "field", ["content", "reasoning_content", "reasoning", "arguments", "arguments without index"]
)
def test_the_first_of_a_kind_teaches_the_rest(field: str, counting: Counting) -> None:
    match field:
        case "arguments":
            records = [call(0, id="c", name="f"), *[call(0, arguments="1")] * MANY]
        case "arguments without index":
            records = [call(id="c", name="f"), *[call(arguments="1")] * MANY]
        case _:
            records = [chunk({field: "1"})] * MANY
    one = fed(records)
    assert counting.count <= 8  # the first of each kind: read, looked at, and its place proven
    one.feed(sse(chunk(finish="stop")))
    one.close()
    message = one.message
    if field.startswith("arguments"):
        assert calls_of(message) == [("c", "f", "1" * MANY)]
    else:
        assert message.text + message.reasoning == "1" * MANY


@pytest.mark.parametrize(
    "record",
    [
        say("1") | {"usage": {"total_tokens": 2}},
        say("1") | {"choices": []},
        chunk({"content": "1"}, finish="stop"),
        chunk({"content": "1", "reasoning_content": "2"}),
        {"id": "c1", "choices": [{"index": 1, "delta": {"content": "1"}}]},
        call(0, id="c", arguments="1"),
        call(0, name="f", arguments="1"),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": "1"}}] * 2}),
    ],
)
def test_what_says_more_than_a_fragment_is_read_whole_each_time(
    record: dict[str, Any], counting: Counting
) -> None:
    fed([record] * MANY)
    assert counting.count >= MANY
