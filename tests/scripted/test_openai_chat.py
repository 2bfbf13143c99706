"""Output of the scripted provider has the form of OpenAI's API, streamed and whole."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scripted import openai_chat as wire
from app.scripted.steps import Gate, Pause, Send, cut_into, gated

ANSWER = wire.Answer(
    text="Grüß dich,\n\n👋 wie geht's? ",
    reasoning="Let me think. ",
    tool_calls=(wire.ToolCall("call_1", "weather", '{"city": "Bern"}'),),
    finish_reason="tool_calls",
    usage=wire.TokenCount(input=9, output=8, reasoning=3, cached=4),
    model="m",
    id="chatcmpl-1",
    created=1_700_000_000,
)


def chunks_of(records: list[bytes]) -> list[dict[str, Any]]:
    assert records[-1] == b"data: [DONE]\n\n"
    assert all(record.startswith(b"data: {") for record in records[:-1])
    assert all(record.endswith(b"}\n\n") and record.count(b"\n") == 2 for record in records[:-1])
    return [json.loads(record[6:]) for record in records[:-1]]


def deltas_of(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [choice["delta"] for chunk in chunks for choice in chunk["choices"]]


def test_a_stream_begins_with_the_role_and_ends_with_finish_usage_and_done() -> None:
    chunks = chunks_of(wire.records(ANSWER, include_usage=True))
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert chunks[-2]["choices"] == [
        {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "tool_calls"}
    ]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == {
        "prompt_tokens": 9,
        "completion_tokens": 8,
        "total_tokens": 17,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    assert all(chunk["usage"] is None for chunk in chunks[:-1])
    finishes = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]]
    assert finishes[:-1] == [None] * (len(finishes) - 1)


def test_every_chunk_names_what_it_is_and_whose() -> None:
    for chunk in chunks_of(wire.records(ANSWER)):
        assert chunk["object"] == "chat.completion.chunk"
        assert (chunk["id"], chunk["model"]) == ("chatcmpl-1", "m")
        assert chunk["created"] == 1_700_000_000
        assert "usage" not in chunk


def test_the_deltas_together_are_the_answer() -> None:
    deltas = deltas_of(chunks_of(wire.records(ANSWER)))
    assert "".join(delta.get("content", "") for delta in deltas) == ANSWER.text
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == ANSWER.reasoning
    calls = [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta]
    assert calls[0] == {
        "index": 0,
        "id": "call_1",
        "type": "function",
        "function": {"name": "weather", "arguments": ""},
    }
    arguments = "".join(call["function"]["arguments"] for call in calls)
    assert arguments == '{"city": "Bern"}'
    assert all("id" not in call for call in calls[1:])


def test_the_body_without_streaming_holds_the_same() -> None:
    whole = json.loads(wire.body(ANSWER))
    assert whole["object"] == "chat.completion"
    [choice] = whole["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] == ANSWER.text
    assert choice["message"]["reasoning_content"] == ANSWER.reasoning
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"city": "Bern"}'
    assert choice["message"]["refusal"] is None
    assert whole["usage"]["total_tokens"] == 17


def test_a_body_of_only_tool_calls_has_null_content() -> None:
    answer = wire.Answer(tool_calls=ANSWER.tool_calls)
    assert json.loads(wire.body(answer))["choices"][0]["message"]["content"] is None


def test_a_refusal_is_not_content() -> None:
    answer = wire.Answer(refusal="I will not.")
    deltas = deltas_of(chunks_of(wire.records(answer)))
    assert "".join(delta.get("refusal", "") for delta in deltas) == "I will not."
    assert "".join(delta.get("content", "") for delta in deltas) == ""
    assert json.loads(wire.body(answer))["choices"][0]["message"]["refusal"] == "I will not."


def test_an_error_has_the_four_fields_of_openai_in_both_places() -> None:
    error = {"message": "no", "type": "server_error", "param": None, "code": "x"}
    assert json.loads(wire.error_body("no", type="server_error", code="x")) == {"error": error}
    record = wire.error_record("no", type="server_error", code="x")
    assert json.loads(record.removeprefix(b"data: ")) == {"error": error}
    assert record.endswith(b"\n\n")


@given(st.text())
def test_words_lose_and_add_nothing(text: str) -> None:
    assert "".join(wire.words(text)) == text
    assert all(wire.words(text))


@given(st.binary(), st.lists(st.integers(1, 9), min_size=1))
def test_any_cutting_keeps_the_bytes(data: bytes, sizes: list[int]) -> None:
    chunks = cut_into(data, *sizes)
    assert b"".join(chunk.data for chunk in chunks) == data
    assert all(chunk.data for chunk in chunks)


def test_the_last_size_repeats_to_the_end() -> None:
    assert cut_into(b"abcdefgh", 1, 3) == (Send(b"a"), Send(b"bcd"), Send(b"efg"), Send(b"h"))


@pytest.mark.parametrize("sizes", [(), (0,), (3, -1)])
def test_a_size_below_one_is_refused(sizes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least 1 byte"):
        cut_into(b"abc", *sizes)


def test_steps_may_stand_between_records() -> None:
    reply = wire.streamed([b"a", Pause(1), b"b"])
    assert reply.steps == (Send(b"a"), Pause(1), Send(b"b"))


def test_gates_stand_before_every_chunk_but_the_first() -> None:
    steps = gated((Send(b"a"), Send(b"b"), Send(b"c")), "g")
    assert steps == (Send(b"a"), Gate("g1"), Send(b"b"), Gate("g2"), Send(b"c"))
