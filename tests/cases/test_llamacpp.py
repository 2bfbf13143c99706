"""Recordings of a llama.cpp server: streams, whole answers, errors, and its network's cuts."""

import itertools
import json
from typing import Any

import pytest

from app.core.errors import ErrorKind
from app.protocols import http_error
from tests.chunkings import chunkings

from . import records, tally
from .decoding import assert_sound, decode
from .expectation import differences
from .library import Case, cases

RECORDINGS = [case for case in cases("llamacpp") if case.meta["request"]["method"] == "POST"]
ANSWERS = [
    case
    for case in RECORDINGS
    if case.meta["response"]["status"] == 200
    and case.meta["request"]["path"].endswith("/chat/completions")
]
RESPONSES = [case for case in RECORDINGS if case.meta["request"]["path"].endswith("/responses")]
MESSAGES = [case for case in RECORDINGS if case.meta["request"]["path"].endswith("/messages")]
ERRORS = [case for case in RECORDINGS if case.meta["response"]["status"] != 200]


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_an_answer_means_what_a_plain_reading_says(case: Case):
    events, message = decode([case.body])
    assert_sound(events, message)
    reading = records.read(case.body)
    assert differences(message, reading) == []
    assert message.status == ("complete" if reading["finish_reason"] else "incomplete")
    if reading["finish_reason"] == "length":
        assert message.runnable_tool_calls == []
    elif message.status == "complete":
        assert message.runnable_tool_calls == message.tool_calls
    tally.count("llama.cpp answers")


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_an_answer_is_the_same_at_every_cut(case: Case):
    expected = decode([case.body])
    for chunks in (_as_it_came(case), *chunkings(case.body, random_cuts=10)):
        assert decode(chunks) == expected


def test_sync_says_the_same_as_streaming():
    """At temperature 0 the same question has the same answer; only the way it comes differs."""
    pairs = [
        (one, other)
        for one, other in itertools.combinations(ANSWERS, 2)
        if _question(one) == _question(other)
        and _is_streamed(one) != _is_streamed(other)
        and one.meta["model"] == other.meta["model"]
    ]
    assert pairs
    for one, other in pairs:
        messages = [decode([case.body])[1] for case in (one, other)]
        first, second = (
            (message.text, message.reasoning, message.finish_reason, message.status)
            for message in messages
        )
        assert first == second, f"{one} and {other}"
        tally.count("llama.cpp sync = streaming")


@pytest.mark.parametrize("case", RESPONSES, ids=str)
def test_a_response_means_what_it_says_at_its_end(case: Case):
    events, message = decode([case.body], "openai-responses")
    assert_sound(events, message)
    response = json.loads(case.body) if not _is_streamed(case) else _last_event(case)["response"]
    items = response["output"]
    parts = [part for item in items if item["type"] == "message" for part in item["content"]]
    assert message.text == "".join(part["text"] for part in parts)
    assert [(call.id, call.name, call.arguments) for call in message.tool_calls] == [
        (item["call_id"], item["name"], item["arguments"])
        for item in items
        if item["type"] == "function_call"
    ]
    assert (message.status, message.finish_reason_raw) == ("complete", response["status"])
    assert message.usage is not None
    assert message.usage.raw == response["usage"]
    assert message.warnings == []
    for chunks in (_as_it_came(case), *chunkings(case.body, random_cuts=10)):
        assert decode(chunks, "openai-responses") == (events, message)
    tally.count("llama.cpp responses")


@pytest.mark.parametrize("case", ERRORS, ids=str)
def test_an_error(case: Case):
    response = case.meta["response"]
    error = http_error("openai-chat", response["status"], response["headers"], case.body)
    said = json.loads(case.body)["error"]
    assert error.message == said["message"]
    assert error.code == str(said["code"])
    assert error.status == response["status"]
    assert error.kind == _kind(response["status"], said["type"])
    assert not error.retryable
    tally.count("llama.cpp errors")


def _kind(status: int, word: str) -> ErrorKind:
    if "context" in word:
        return "context_length"
    kinds: dict[int, ErrorKind] = {401: "auth", 404: "not_found"}
    return kinds.get(status, "invalid_request")


def _question(case: Case) -> Any:
    body = case.meta["request"]["body"]
    return {key: value for key, value in body.items() if not key.startswith("stream")}


@pytest.mark.parametrize("case", MESSAGES, ids=str)
def test_a_message_means_what_its_events_say(case: Case):
    events, message = decode([case.body], "anthropic-messages")
    assert_sound(events, message)
    said = _message(case)
    assert message.text == said["text"]
    assert message.reasoning == said["thinking"]
    assert (message.status, message.finish_reason_raw) == ("complete", said["stop_reason"])
    assert message.usage is not None
    assert message.usage.raw == said["usage"]
    assert message.warnings == []
    for chunks in (_as_it_came(case), *chunkings(case.body, random_cuts=10)):
        assert decode(chunks, "anthropic-messages") == (events, message)
    tally.count("llama.cpp messages")


def _message(case: Case) -> dict[str, Any]:
    """Read a message from its blocks or from the deltas of them."""
    said: dict[str, Any] = {"text": "", "thinking": "", "stop_reason": None, "usage": {}}
    if _is_streamed(case):
        found = [records.payload(record)[1] for record in records.split(case.body)]
        pieces = [json.loads(data) for data in found if data]
    else:
        whole = json.loads(case.body)
        pieces = [{"message": whole}, *({"delta": block} for block in whole["content"])]
        pieces.append({"delta": {"stop_reason": whole["stop_reason"]}})
    for piece in pieces:
        delta = piece.get("delta", {})
        for name in ("text", "thinking"):
            said[name] += delta.get(name, "")
        said["stop_reason"] = delta.get("stop_reason", said["stop_reason"])
        said["usage"] |= (piece.get("message") or piece).get("usage", {})
    return said


def _last_event(case: Case) -> Any:
    found = [records.payload(record)[1] for record in records.split(case.body)]
    return json.loads([data for data in found if data][-1])


def _is_streamed(case: Case) -> bool:
    return bool(case.meta["request"]["body"].get("stream"))


def _as_it_came(case: Case) -> list[bytes]:
    """The body in the pieces in which the recording's reads returned it."""
    ends = list(itertools.accumulate(size for _, size in case.meta["response"]["reads"]))
    return [case.body[start:end] for start, end in itertools.pairwise([0, *ends])]
