"""Rules for each of the protocols alike."""

import json
from typing import Any

import pytest

from app.core.errors import ErrorInfo
from app.core.messages import Message, ProviderTool, Reasoning, Text, ToolCall, user
from app.core.options import Options, OutputFormat
from app.protocols import decoder, wire_format
from app.providers import Provider
from tests.protocols.known import streams
from tests.protocols.wire import decode, sse

PROTOCOLS = [
    *("openai-chat", "openai-responses", "anthropic-messages"),
    *("gemini", "gemini-interactions", "ollama", "ag-ui"),
]


def ended(protocol: str, word: str) -> bytes:
    """A stream that says nothing but why the model stopped."""
    records: dict[str, Any] = {
        "openai-chat": {"choices": [{"index": 0, "delta": {}, "finish_reason": word}]},
        "openai-responses": {
            "type": "response.incomplete",
            "response": {"status": "incomplete", "incomplete_details": {"reason": word}},
        },
        "anthropic-messages": {"type": "message_delta", "delta": {"stop_reason": word}},
        "gemini": {"candidates": [{"finishReason": word}]},
        "ollama": {"done": True, "done_reason": word},
    }
    return sse(records[protocol])


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "head", [b"", b"\n", b"da", b"retry: 3000\n\n", b"id: 1\n\n", b"event: x", b": hi\n\n", b"["]
)
def test_a_stream_that_broke_off_before_its_first_record_is_incomplete(protocol: str, head: bytes):
    _, message = decode(head, protocol)
    assert (message.status, message.error, message.parts) == ("incomplete", None, [])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_json_of_a_shape_that_nobody_knows_is_told_once(protocol: str):
    _, message = decode(sse({"surprise": 1}, [{"surprise": 2}], 3), protocol)
    assert (message.status, message.warnings) == (
        "incomplete",
        ["A record is nothing that this protocol knows."],
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('{"message": "Held up."}', "Held up."),
        ('"Held up."', "Held up."),
        ("{}", "The provider reported an error without words."),
    ],
)
def test_an_event_that_is_named_error_is_one_whatever_it_holds(protocol: str, said: str, told: str):
    _, message = decode(f"event: error\ndata: {said}\n\n".encode(), protocol)
    assert message.error is not None
    assert (message.status, message.error.message) == ("error", told)


@pytest.mark.parametrize("protocol", sorted({*PROTOCOLS, "tokenfall"} - {"openai-chat", "gemini"}))
def test_an_answer_that_has_ended_is_known_to_before_the_connection_closes(protocol: str):
    """Those of which no record says that it is the last are left out."""
    statuses = []
    bodies = [body for _, body in streams(protocol)]
    if protocol == "anthropic-messages":  # whose known streams stop before their last record
        bodies += [body + sse({"type": "message_stop"}) for body in bodies]
    for body in bodies:
        one = decoder(protocol)
        one.feed(body)
        if one.ended:
            one.close()
            statuses.append(one.message.status)
    assert "complete" in statuses
    assert "incomplete" not in statuses


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_end_of_another_style_is_an_end(protocol: str):
    _, message = decode(sse("[DONE]"), protocol)
    assert (message.status, len(message.warnings)) == ("complete", 1)


@pytest.mark.parametrize(
    ("protocol", "word", "reason"),
    [
        *(("openai-chat", word, "stop") for word in ("stop", "eos", "eos_token", "end_turn")),
        *(("openai-chat", word, "stop") for word in ("stop_sequence", "COMPLETE")),
        *(("openai-chat", word, "length") for word in ("length", "max_tokens", "model_length")),
        *(("openai-chat", word, "tool_calls") for word in ("tool_calls", "function_call")),
        *(("openai-chat", word, "content_filter") for word in ("content_filter", "sensitive")),
        ("openai-responses", "max_output_tokens", "length"),
        ("openai-responses", "content_filter", "content_filter"),
        *(("anthropic-messages", word, "stop") for word in ("end_turn", "stop_sequence")),
        ("anthropic-messages", "max_tokens", "length"),
        ("anthropic-messages", "model_context_window_exceeded", "length"),
        ("anthropic-messages", "tool_use", "tool_calls"),
        ("anthropic-messages", "pause_turn", "pause"),
        ("anthropic-messages", "compaction", "pause"),
        ("anthropic-messages", "refusal", "refusal"),
        ("gemini", "STOP", "stop"),
        ("gemini", "MAX_TOKENS", "length"),
        *(("gemini", word, "content_filter") for word in ("SAFETY", "RECITATION", "LANGUAGE")),
        *(("gemini", word, "content_filter") for word in ("BLOCKLIST", "PROHIBITED_CONTENT")),
        *(("gemini", word, "content_filter") for word in ("SPII", "IMAGE_SAFETY")),
        *(("gemini", word, "content_filter") for word in ("IMAGE_RECITATION", "MODEL_ARMOR")),
        *(("gemini", word, "error") for word in ("MALFORMED_FUNCTION_CALL", "NO_IMAGE")),
        *(("gemini", word, "error") for word in ("UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS")),
        *(("gemini", word, "error") for word in ("MISSING_THOUGHT_SIGNATURE", "IMAGE_OTHER")),
        *(("ollama", word, "stop") for word in ("stop", "load", "unload")),
        ("ollama", "length", "length"),
    ],
)
def test_why_the_model_stopped(protocol: str, word: str, reason: str):
    _, message = decode(ended(protocol, word), protocol)
    assert (message.status, message.finish_reason) == ("complete", reason)
    raw = "incomplete" if protocol == "openai-responses" else word
    assert (message.finish_reason_raw, message.warnings) == (raw, [])


@pytest.mark.parametrize("protocol", ["openai-chat", "anthropic-messages", "gemini", "ollama"])
def test_a_reason_that_nobody_knows_is_told(protocol: str):
    _, message = decode(ended(protocol, "sunset"), protocol)
    assert (message.status, message.finish_reason) == ("complete", "unknown")
    assert message.warnings == ["The provider stopped for a reason that is not known: sunset"]


# --- characters cut in two ---------------------------------------------------------------------


def halves(protocol: str, *fragments: str) -> bytes:
    """A call whose arguments come in these fragments, written as JSON writes them."""
    if protocol == "openai-chat":
        first = {"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}
        rest = [{"index": 0, "function": {"arguments": text}} for text in fragments]
        deltas = [{"tool_calls": [call]} for call in [first, *rest]]
        end = {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}
        return sse(*({"choices": [{"index": 0, "delta": one}]} for one in deltas), end)
    if protocol == "anthropic-messages":
        block = {"type": "tool_use", "id": "c", "name": "f", "input": {}}
        return sse(
            {"type": "content_block_start", "index": 0, "content_block": block},
            *(
                {
                    "type": "content_block_delta",
                    "index": 0,
                    "delta": {"type": "input_json_delta", "partial_json": text},
                }
                for text in fragments
            ),
            {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
        )
    item = {"type": "function_call", "id": "i", "call_id": "c", "name": "f"}
    name = "response.function_call_arguments.delta"
    return sse(
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        *({"type": name, "output_index": 0, "delta": text} for text in fragments),
        {"type": "response.completed", "response": {"status": "completed"}},
    )


@pytest.mark.parametrize("protocol", ["openai-chat", "anthropic-messages", "openai-responses"])
def test_a_character_cut_in_two_between_fragments_of_arguments(protocol: str):
    _, message = decode(halves(protocol, '{"a": "\ud83d', '\ude00"}'), protocol)
    (call,) = message.tool_calls
    assert json.loads(call.arguments) == {"a": "😀"}
    assert message.runnable_tool_calls == [call]
    # Escaped twice, the halves are plain letters, and stay.
    _, message = decode(halves(protocol, '{"a": "\\ud8', "3d\\ude", '00"}'), protocol)
    assert json.loads(message.tool_calls[0].arguments) == {"a": "😀"}
    # A half that stays alone is one character.
    _, message = decode(halves(protocol, '{"a": "\ud83d', '"}', "\ud83d"), protocol)
    assert message.tool_calls[0].arguments == '{"a": "\ufffd"}\ufffd'


# --- what one provider kept, and another is asked ----------------------------------------------

KEPT: dict[str, tuple[Any, Any]] = {
    # What each keeps of its thoughts, and by what it is known in the next request.
    "openai-chat": ([{"type": "reasoning.encrypted", "data": "sealed"}], None),
    "openai-responses": ({"type": "reasoning", "encrypted_content": "sealed"}, None),
    "anthropic-messages": ({"signature": "sealed"}, None),
    "gemini": ({"thoughtSignature": "sealed"}, {"thoughtSignature": "sealed"}),
    "gemini-interactions": ({"signature": "sealed"}, {"signature": "sealed"}),
    "ollama": (None, None),
    "ag-ui": ({"encryptedValue": "sealed"}, {"encryptedValue": "sealed"}),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_a_provider_kept_goes_back_to_it_and_to_nobody_else(protocol: str):
    reasoning, call = KEPT[protocol]
    answer = Message(
        "assistant",
        [
            Reasoning("sealed", reasoning),
            ProviderTool("p", "search", extra=[]),
            Text("Hi"),
            ToolCall("c", "f", "{}", extra=call),
        ],
        protocol=protocol,
        provider="one",
        status="complete",
    )

    def sent_to(name: str, provider: str) -> bytes:
        request = wire_format(name).render(
            [user("Hi"), answer], model="m", options=Options(), stream=True, provider=provider
        )
        assert b"Hi" in request.body
        return request.body

    assert b"sealed" in sent_to(protocol, "one")
    assert b"sealed" not in sent_to(protocol, "another")
    for other in PROTOCOLS:
        if other != protocol:
            assert b"sealed" not in sent_to(other, "one")


@pytest.mark.parametrize("protocol", [*PROTOCOLS, "tokenfall"])
def test_the_message_notes_who_answered(protocol: str):
    provider = Provider("mine", "Mine", "https://mine.example", protocol=protocol)
    one = provider.decoder()
    one.close()
    assert (one.message.protocol, one.message.provider) == (protocol, "mine")
    assert provider.render([user("Hi")], model="m", options=Options(), stream=True).body


def test_an_answer_that_paused_before_its_first_word_goes_back():
    """The provider ran its tools, and goes on from there."""
    tool = ProviderTool("s", "web_search", extra=[[0, {"type": "server_tool_use", "id": "s"}]])
    answer = Message("assistant", [tool], protocol="anthropic-messages", status="complete")
    anthropic = wire_format("anthropic-messages")
    body = anthropic.render([user("Hi"), answer], model="m", options=Options(), stream=True).body
    assert [turn["role"] for turn in json.loads(body)["messages"]] == ["user", "assistant"]


SCHEMA = {"type": "object", "properties": {"a": {"type": "object", "properties": {}}}}
CLOSED = SCHEMA | {
    "properties": {"a": {"type": "object", "properties": {}, "additionalProperties": False}},
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("protocol", "place", "rendered"),
    [
        (
            "openai-chat",
            "response_format",
            {"type": "json_schema", "json_schema": {"name": "it", "schema": SCHEMA}},
        ),
        (
            "openai-responses",
            "text",
            {
                "format": {
                    "type": "json_schema",
                    "name": "it",
                    "schema": SCHEMA,
                    "strict": False,
                }
            },
        ),
        (
            "anthropic-messages",
            "output_config",
            {"effort": "high", "format": {"type": "json_schema", "schema": CLOSED}},
        ),
        ("ollama", "format", SCHEMA),
    ],
)
def test_the_form_of_the_answer_is_asked_for(protocol: str, place: str, rendered: Any) -> None:
    def body(**settings: Any) -> Any:
        options = Options(**settings)
        model = "claude-opus-4-7"  # takes an effort in the same place
        return json.loads(
            wire_format(protocol)
            .render([user("Hi")], model=model, options=options, stream=True)
            .body
        )

    output = OutputFormat("it", SCHEMA)
    assert body(output=output, reasoning_effort="high")[place] == rendered
    assert place not in body()


def test_gemini_is_asked_for_json_in_its_own_place() -> None:
    options = Options(output=OutputFormat("it", SCHEMA))
    request = wire_format("gemini").render([user("Hi")], model="m", options=options, stream=True)
    assert json.loads(request.body)["generationConfig"] == {
        "responseMimeType": "application/json",
        "responseJsonSchema": SCHEMA,
    }


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_failure_from_outside_is_told(protocol: str):
    one = decoder(protocol)
    one.close(error=ErrorInfo("read", "The connection broke off."))
    assert one.message.status == "error"
