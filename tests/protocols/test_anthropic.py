"""Anthropic Messages: the ordinary stream, and each habit that a stream may have.

The streams are written here by hand.
"""

import json
from typing import Any

import pytest

from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Source,
    Text,
    ToolCall,
    ToolResult,
    Usage,
    user,
)
from app.core.options import Options, ToolDefinition
from app.protocols import decoder
from app.protocols.anthropic import authorization, parse_models, render
from tests.protocols.wire import calls_of
from tests.protocols.wire import decode as decode_as

NAME = "anthropic-messages"
USAGE = {"input_tokens": 10, "cache_read_input_tokens": 4, "output_tokens": 1}


def decode(data: bytes) -> tuple[list[ev.Event], Message]:
    return decode_as(data, NAME)


def stream(*records: Any) -> bytes:
    """An event stream as the server writes it: the type of each record names its event."""
    return "".join(
        f"event: {record['type']}\ndata: {json.dumps(record)}\n\n"
        if isinstance(record, dict)
        else f"data: {record}\n\n"
        for record in records
    ).encode()


def message_of(*records: Any) -> Message:
    return decode(stream(*records))[1]


def start(id: str = "m1", **fields: Any) -> dict[str, Any]:
    message = {"id": id, "type": "message", "role": "assistant", "model": "m", "content": []}
    return {"type": "message_start", "message": message | {"usage": USAGE} | fields}


def begin(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    block = {"type": kind} | fields
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    change = {"type": f"{kind}_delta"} | fields
    return {"type": "content_block_delta", "index": index, "delta": change}


def end(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def finish(reason: str = "end_turn", **fields: Any) -> dict[str, Any]:
    change = {"stop_reason": reason, "stop_sequence": None} | fields
    return {"type": "message_delta", "delta": change, "usage": {"output_tokens": 7}}


STOP = {"type": "message_stop"}
PING = {"type": "ping"}


def say(text: str, index: int = 0) -> list[dict[str, Any]]:
    return [begin(index, "text", text=""), delta(index, "text", text=text), end(index)]


def call(index: int, id: str, name: str, *fragments: str, **fields: Any) -> list[dict[str, Any]]:
    deltas = [delta(index, "input_json", partial_json=fragment) for fragment in fragments]
    return [begin(index, "tool_use", id=id, name=name, input={}, **fields), *deltas, end(index)]


def whole(*content: Any, **fields: Any) -> bytes:
    body = {"id": "m1", "type": "message", "role": "assistant", "model": "m"}
    usage = USAGE | {"output_tokens": 7}
    rest = {"content": list(content), "stop_reason": "end_turn", "usage": usage} | fields
    return json.dumps(body | rest, indent=1).encode()


def test_an_ordinary_stream() -> None:
    events, message = decode(stream(start(), PING, *say("Hi!"), finish(), STOP))
    first, last = message.usage, Usage(14, 7, None, 4, None, USAGE | {"output_tokens": 7})
    assert first == last
    assert events == [
        ev.MessageStart("m1", "m"),
        Usage(14, 1, None, 4, None, USAGE),
        ev.Heartbeat(),
        ev.ContentDelta("Hi!"),
        last,
        ev.Done("complete", "stop", "end_turn", last),
    ]


def test_a_whole_body_gives_the_same_message_as_its_stream() -> None:
    _, streamed = decode(
        stream(
            start(),
            begin(0, "thinking", thinking="", signature=""),
            delta(0, "thinking", thinking="Hm."),
            delta(0, "signature", signature="sig"),
            end(0),
            *say("Hi!", 1),
            *call(2, "t1", "now"),
            *call(3, "t2", "weather", '{"city"', ': "Rome"}'),
            finish("tool_use"),
            STOP,
        )
    )
    _, at_once = decode(
        whole(
            {"type": "thinking", "thinking": "Hm.", "signature": "sig"},
            {"type": "text", "text": "Hi!"},
            {"type": "tool_use", "id": "t1", "name": "now", "input": {}},
            {"type": "tool_use", "id": "t2", "name": "weather", "input": {"city": "Rome"}},
            stop_reason="tool_use",
        )
    )
    assert at_once == streamed
    assert streamed.parts == [
        Reasoning("Hm.", {"signature": "sig"}),
        Text("Hi!"),
        ToolCall("t1", "now", ""),
        ToolCall("t2", "weather", '{"city": "Rome"}'),
    ]
    assert streamed.runnable_tool_calls == streamed.tool_calls


# --- how a stream ends -------------------------------------------------------------------------


def test_a_stream_without_stop_reason_is_incomplete() -> None:
    message = message_of(start(), *say("Hi"))
    assert (message.status, message.text) == ("incomplete", "Hi")


def test_a_stop_reason_makes_it_complete_without_message_stop() -> None:
    assert message_of(start(), *say("Hi"), finish()).status == "complete"


def test_message_stop_or_done_without_stop_reason_is_complete_with_a_warning() -> None:
    for last in (STOP, "[DONE]"):
        message = message_of(start(), *say("Hi"), last)
        assert (message.status, message.finish_reason) == ("complete", None)
        assert message.warnings


def test_a_whole_body_without_stop_reason_is_complete_with_a_warning() -> None:
    _, message = decode(whole({"type": "text", "text": "Hi"}, stop_reason=None))
    assert (message.status, message.text) == ("complete", "Hi")
    assert message.warnings


@pytest.mark.parametrize(
    ("raw", "unified"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "refusal"),
        ("pause_turn", "pause"),
        ("compaction", "pause"),
    ],
)
def test_stop_reasons(raw: str, unified: str) -> None:
    message = message_of(start(), *say("Hi"), finish(raw), STOP)
    assert (message.finish_reason, message.finish_reason_raw) == (unified, raw)


def test_an_error_after_the_beginning_ends_the_stream_without_message_stop() -> None:
    error = {"type": "overloaded_error", "message": "Overloaded"}
    message = message_of(start(), *say("Hi"), {"type": "error", "error": error})
    assert message.error is not None
    assert (message.status, message.text) == ("error", "Hi")
    assert (message.error.kind, message.error.message) == ("overloaded", "Overloaded")
    assert message.error.retryable


def test_an_error_instead_of_a_stream() -> None:
    error = {"type": "rate_limit_error", "message": "Slow down"}
    _, message = decode(json.dumps({"type": "error", "error": error}).encode())
    assert message.error is not None
    assert (message.status, message.error.kind) == ("error", "rate_limit")


def test_an_error_of_a_gateway_in_another_shape() -> None:
    for body in ({"error": {"message": "Down"}}, {"detail": "Down"}, {"error": "Down"}):
        _, message = decode(json.dumps(body).encode())
        assert message.error is not None
        assert message.error.message == "Down"


def test_an_error_without_words_has_some() -> None:
    message = message_of(start(), {"type": "something_new", "error": {"message": "Held up."}})
    assert message.error is not None
    assert (message.status, message.error.message) == ("error", "Held up.")
    message = message_of({"type": "error", "error": {}})
    assert message.error is not None
    assert message.error.message


def test_a_refusal_without_blocks_says_why() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "Blocked under the policy."}
    message = message_of(start(), finish("refusal", stop_details=details), STOP)
    assert (message.status, message.finish_reason, message.parts) == ("complete", "refusal", [])
    assert message.warnings == ["Blocked under the policy."]


def test_a_cut_call_never_runs() -> None:
    records = [start(), *call(0, "t1", "rm", '{"path": "/'), finish("max_tokens"), STOP]
    message = message_of(*records)
    assert message.finish_reason == "length"
    assert message.tool_calls[0].arguments == '{"path": "/'
    assert message.runnable_tool_calls == []


def test_records_of_unknown_types_and_blocks_without_start_break_nothing() -> None:
    message = message_of(
        start(),
        {"type": "something_new", "message": "hello", "code": 1},
        delta(5, "text", text="Hi"),
        delta(5, "something", text="?"),
        delta(6, "input_json", partial_json="{}"),
        end(9),
        finish(),
        STOP,
    )
    assert (message.text, message.status, message.error) == ("Hi", "complete", None)
    assert calls_of(message) == [("call_m1_0", "", "{}")]
    assert message.runnable_tool_calls == []


# --- blocks ------------------------------------------------------------------------------------


def test_usage_is_cumulative_and_may_change() -> None:
    late = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    late["usage"] = {"input_tokens": 61, "output_tokens": 9, "service_tier": None} | {
        "output_tokens_details": {"thinking_tokens": 5}
    }
    usage = message_of(start(), *say("Hi"), late, STOP).usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens) == (65, 9, 5)
    assert usage.raw == {
        "input_tokens": 61,
        "cache_read_input_tokens": 4,
        "output_tokens": 9,
        "output_tokens_details": {"thinking_tokens": 5},
    }


def test_what_is_read_from_a_cache_or_written_to_it_is_input() -> None:
    usage = {"input_tokens": 1, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 300}
    found = message_of(start(usage=usage), finish(), STOP).usage
    assert found is not None
    assert (found.input_tokens, found.cached_tokens) == (321, 300)


def test_a_block_may_start_with_text_or_with_its_whole_input() -> None:
    message = message_of(
        start(),
        begin(0, "text", text="Hi"),
        delta(0, "text", text="!"),
        end(0),
        begin(1, "thinking", thinking="Hm", signature="s"),
        end(1),
        begin(2, "tool_use", id="t1", name="f", input={"a": "ü"}),
        end(2),
        finish("tool_use"),
    )
    assert message.parts == [
        Text("Hi!"),
        Reasoning("Hm", {"signature": "s"}),
        ToolCall("t1", "f", '{"a": "ü"}'),
    ]


def test_an_input_at_the_start_is_not_put_before_its_fragments() -> None:
    message = message_of(
        start(),
        begin(0, "tool_use", id="t1", name="f", input={"a": 1}),
        delta(0, "input_json", partial_json='{"a": 1}'),
        end(0),
        finish("tool_use"),
    )
    assert message.tool_calls == [ToolCall("t1", "f", '{"a": 1}')]


def test_parallel_calls_and_blocks_that_grow_by_turns() -> None:
    message = message_of(
        start(),
        begin(3, "tool_use", id="t1", name="f", input={}),
        begin(7, "tool_use", id="t2", name="g", input={}),
        delta(7, "input_json", partial_json='{"b"'),
        delta(3, "input_json", partial_json='{"a"'),
        delta(7, "input_json", partial_json=": 2}"),
        delta(3, "input_json", partial_json=": 1}"),
        end(7),
        end(3),
        finish("tool_use"),
    )
    assert calls_of(message) == [("t1", "f", '{"a": 1}'), ("t2", "g", '{"b": 2}')]


def test_redacted_thinking_is_kept_beside_what_can_be_read() -> None:
    message = message_of(
        start(),
        begin(0, "thinking", thinking=""),
        delta(0, "thinking", thinking="Hm."),
        delta(0, "signature", signature="sig"),
        end(0),
        begin(1, "redacted_thinking", data="opaque"),
        end(1),
        *say("Hi", 2),
        begin(3, "thinking", thinking=""),
        delta(3, "signature", signature="sig2"),
        end(3),
        finish(),
    )
    assert message.parts == [
        Reasoning("Hm.", {"signature": "sig"}),
        Reasoning("", {"redacted": "opaque"}),
        Text("Hi"),
        Reasoning("", {"signature": "sig2"}),
    ]


def test_citations_tell_which_text_they_are_of() -> None:
    web = {"type": "web_search_result_location", "url": "https://a.example", "title": "A"}
    web |= {"cited_text": "It is so.", "encrypted_index": "x"}
    document = {"type": "char_location", "cited_text": "Green.", "document_title": "Grass"}
    found = {"type": "search_result_location", "source": "kb://1", "title": None}
    _, message = decode(
        stream(
            start(),
            *say("Well: ", 0),
            begin(1, "text", text="", citations=[]),
            delta(1, "citations", citation=web),
            delta(1, "text", text="it is "),
            delta(1, "text", text="so 👋"),
            delta(1, "citations", citation=document),
            end(1),
            begin(2, "text", text="."),
            delta(2, "citations", citation=found),
            end(2),
            finish(),
        )
    )
    assert message.text == "Well: it is so 👋."
    assert message.sources == [
        Source("https://a.example", "A", "It is so.", 6, 16),
        Source("", "Grass", "Green.", 6, 16),
        Source("kb://1", "", "", 16, 17),
    ]
    at_once = decode(
        whole(
            {"type": "text", "text": "Well: "},
            {"type": "text", "text": "it is so 👋", "citations": [web, document]},
            {"type": "text", "text": ".", "citations": [found]},
        )
    )[1]
    assert at_once.sources == message.sources


def test_a_citation_of_a_text_that_might_begin_a_tag_is_of_that_text() -> None:
    citation = {"type": "page_location", "document_title": "D", "cited_text": "t"}
    message = message_of(
        *(start(), begin(0, "text", text="<"), delta(0, "citations", citation=citation), end(0)),
        *(*say("3", 1), finish()),
    )
    assert (message.text, message.sources) == ("<3", [Source("", "D", "t", 0, 1)])


def test_a_citation_of_a_text_that_was_cut_is_kept() -> None:
    citation = {"type": "page_location", "document_title": "D", "cited_text": "t"}
    message = message_of(
        start(), begin(0, "text", text="a"), delta(0, "citations", citation=citation)
    )
    assert message.sources == [Source("", "D", "t", 0, 1)]


def test_a_tool_of_the_provider_is_one_part_and_no_call() -> None:
    found = [{"type": "web_search_result", "url": "https://a.example", "encrypted_content": "e"}]
    message = message_of(
        start(),
        begin(0, "server_tool_use", id="s1", name="web_search", input={}),
        delta(0, "input_json", partial_json='{"query"'),
        delta(0, "input_json", partial_json=': "x"}'),
        end(0),
        PING,
        begin(1, "web_search_tool_result", tool_use_id="s1", content=found),
        end(1),
        *say("Found.", 2),
        finish(),
    )
    (tool, text) = message.parts
    assert isinstance(tool, ProviderTool)
    assert (tool.id, tool.name, tool.arguments) == ("s1", "web_search", '{"query": "x"}')
    assert tool.result == found
    assert text == Text("Found.")
    assert (message.tool_calls, message.finish_reason) == ([], "stop")


def test_a_result_of_a_call_in_the_turn_before_has_a_name_all_the_same() -> None:
    message = message_of(
        start(), begin(0, "web_search_tool_result", tool_use_id="s1", content=[]), end(0), finish()
    )
    (tool,) = message.parts
    assert isinstance(tool, ProviderTool)
    assert (tool.id, tool.name, tool.result) == ("s1", "web_search", [])


def test_a_tool_of_the_provider_that_was_cut_is_kept() -> None:
    message = message_of(
        start(),
        begin(0, "server_tool_use", id="s1", name="code_execution", input={}),
        delta(0, "input_json", partial_json='{"code": "1+'),
    )
    (tool,) = message.parts
    assert isinstance(tool, ProviderTool)
    assert (tool.name, tool.arguments, tool.result) == ("code_execution", '{"code": "1+', None)


def test_compactions_fallbacks_and_blocks_still_to_come_are_kept() -> None:
    message = message_of(
        start(),
        begin(0, "fallback", **{"from": {"model": "a"}, "to": {"model": "b"}}),
        end(0),
        begin(1, "compaction", content=None),
        delta(1, "compaction", content="In short.", encrypted_content="e"),
        end(1),
        begin(2, "container_upload", file_id="f1"),
        end(2),
        *say("Hi", 3),
        finish(),
    )
    tools = [part for part in message.parts if isinstance(part, ProviderTool)]
    assert [(tool.name, tool.result) for tool in tools] == [
        ("fallback", {"from": {"model": "a"}, "to": {"model": "b"}}),
        ("compaction", {"content": "In short.", "encrypted_content": "e"}),
        ("container_upload", {"file_id": "f1"}),
    ]
    assert message.text == "Hi"


# --- several messages in one stream ------------------------------------------------------------


def test_a_message_spliced_into_another_replaces_it() -> None:
    events, message = decode(
        stream(
            start("m1"),
            begin(0, "thinking", thinking="First."),
            end(0),
            begin(1, "tool_use", id="t1", name="f", input={}),
            delta(1, "input_json", partial_json='{"a": "Spark'),
            start("m2"),
            begin(0, "thinking", thinking="Second."),
            end(0),
            *call(1, "t2", "f", '{"a": "Sparkle"}'),
            finish("tool_use"),
            STOP,
        )
    )
    assert [event for event in events if isinstance(event, ev.StepReset)]
    assert (message.id, message.reasoning) == ("m2", "Second.")
    assert calls_of(message) == [("t2", "f", '{"a": "Sparkle"}')]
    assert message.runnable_tool_calls == message.tool_calls


def test_the_same_start_twice_changes_nothing() -> None:
    events, message = decode(stream(start(), start(), *say("Hi"), finish(), STOP))
    assert [type(event) for event in events].count(ev.MessageStart) == 1
    assert message.text == "Hi"


def test_a_message_behind_one_that_was_over_continues_it() -> None:
    records = [start("m1"), *say("One."), *call(1, "t1", "f", "{}"), finish("tool_use"), STOP]
    records += [start("m2"), *say("Two.")]
    assert message_of(*records).status == "incomplete"
    message = message_of(*records, finish(), STOP)
    assert (message.text, message.status) == ("One.Two.", "complete")
    assert calls_of(message) == [("t1", "f", "{}")]
    assert message.warnings


# --- what is written badly ---------------------------------------------------------------------


def test_a_leading_think_block_is_reasoning() -> None:
    message = message_of(start(), *say("<think>Hm.</think>Hi"), finish())
    assert (message.reasoning, message.text) == ("Hm.", "Hi")


def test_characters_cut_in_two_are_joined() -> None:
    halves = ["a\ud83d", "\udc4bb", "\ud83d"]
    deltas = [delta(0, "text", text=half) for half in halves]
    assert message_of(start(), *deltas, finish()).text == "a👋b\ufffd"


def test_shapes_that_are_not_as_they_should_be() -> None:
    message = message_of(
        {"type": "message_start", "message": {"id": 7, "usage": "?"}},
        {"type": "content_block_start", "index": "0", "content_block": {"type": "tool_use"}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": {"a": 1}},
        },
        {"type": "content_block_delta", "index": None, "delta": None},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": 5}},
        [STOP],
        "7",
        finish(),
    )
    assert calls_of(message) == [("call_0", "", '{"a": 1}')]
    assert (message.text, message.status) == ("5", "complete")


def test_the_event_names_the_type_where_the_record_does_not() -> None:
    data = b'event: message_stop\ndata: {"x": 1}\n\nevent: error\ndata: "Down"\n\n'
    message = decode(data)[1]
    assert message.error is not None
    assert message.error.message == "Down"


def test_two_records_in_one_are_both_read() -> None:
    both = json.dumps(delta(0, "text", text="a")) + json.dumps(delta(0, "text", text="b"))
    assert message_of(start(), both, finish()).text == "ab"


def test_a_failure_of_the_connection_keeps_what_arrived() -> None:
    one = decoder(NAME)
    one.feed(stream(start(), *say("Hi")))
    one.close(error=ErrorInfo("read", "The connection broke off."))
    assert (one.message.text, one.message.status) == ("Hi", "error")


# --- requests ----------------------------------------------------------------------------------


def body_of(*messages: Message, model: str = "claude-haiku-4-5", **settings: Any) -> dict[str, Any]:
    rendered = render(messages, model=model, options=Options(**settings), stream=True)
    assert rendered.path == "/messages"
    body: dict[str, Any] = json.loads(rendered.body)
    return body


def test_a_simple_request() -> None:
    system = Message("system", [Text("Be brief.")])
    assert body_of(system, user("Hi"), temperature=0.5, stop=["END"]) == {
        "model": "claude-haiku-4-5",
        "max_tokens": 8192,
        "system": "Be brief.",
        "temperature": 0.5,
        "stop_sequences": ["END"],
        "stream": True,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }


def test_the_version_is_named_with_every_request() -> None:
    rendered = render([user("Hi")], model="m", options=Options(), stream=False)
    expected = {"anthropic-version": "2023-06-01"}
    assert rendered.headers == expected
    assert authorization("k") == {"x-api-key": "k"} | expected


def test_options() -> None:
    tool = ToolDefinition("f", "Does f.", {"type": "object"})
    body = body_of(user("Hi"), max_tokens=5, tools=[tool], tool_choice="f", extra={"top_k": 3})
    assert (body["max_tokens"], body["top_k"]) == (5, 3)
    assert body["tools"] == [
        {
            "name": "f",
            "description": "Does f.",
            "input_schema": {"type": "object", "properties": {}},
        }
    ]
    assert body["tool_choice"] == {"type": "tool", "name": "f"}
    for word, kind in (("auto", "auto"), ("none", "none"), ("required", "any")):
        body = body_of(user("Hi"), tools=[tool], tool_choice=word)
        assert body["tool_choice"] == {"type": kind}


@pytest.mark.parametrize(
    ("model", "is_adaptive"),
    [
        ("claude-3-7-sonnet-20250219", False),
        ("claude-sonnet-4-20250514", False),
        ("claude-opus-4-1", False),
        ("claude-haiku-4-5-20251001", False),
        ("claude-sonnet-4-6", True),
        ("claude-opus-4-8", True),
        ("claude-opus-4-10", True),
        ("claude-opus-5", True),
        ("anthropic/claude-fable-5", True),
        ("kimi-k2-thinking", False),
    ],
)
def test_thinking_is_asked_for_as_the_model_knows_it(model: str, is_adaptive: bool) -> None:
    body = body_of(user("Hi"), model=model, reasoning_effort="medium", temperature=0.1)
    assert "temperature" not in body
    if is_adaptive:
        assert body["thinking"] == {"type": "adaptive", "display": "summarized"}
        assert body["output_config"] == {"effort": "medium"}
    else:
        assert body["thinking"] == {"type": "enabled", "budget_tokens": 8192}
        assert body["max_tokens"] == 16384


def test_no_thinking_where_there_is_no_room_for_it() -> None:
    assert "thinking" not in body_of(user("Hi"), reasoning_effort="none")
    tool = ToolDefinition("f", "", {})
    forced = body_of(user("Hi"), reasoning_effort="low", tools=[tool], tool_choice="required")
    assert "thinking" not in forced
    asked = Message("assistant", [ToolCall("t1", "f", "{}")], protocol=NAME)
    result = Message("tool", [ToolResult("t1", "5")])
    assert "thinking" not in body_of(user("Hi"), asked, result, reasoning_effort="low")
    asked.parts.insert(0, Reasoning("Hm.", {"signature": "s"}))
    assert "thinking" in body_of(user("Hi"), asked, result, reasoning_effort="low")


def test_a_tool_is_called_and_answered() -> None:
    asked = Message(
        "assistant",
        [Text("Let me see."), ToolCall("call:1/x", "f", '{"a": 1}'), ToolCall("t2", "g", "")],
    )
    results = [ToolResult("call:1/x", "5"), ToolResult("t2", "No.", is_error=True)]
    turns = body_of(user("Hi"), asked, Message("tool", [*results]), user("And?"))["messages"]
    assert turns[1] == {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Let me see."},
            {"type": "tool_use", "id": "call_1_x", "name": "f", "input": {"a": 1}},
            {"type": "tool_use", "id": "t2", "name": "g", "input": {}},
        ],
    }
    # The results and what is said next are one turn of the user, results first.
    assert turns[2:] == [
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1_x", "content": "5"},
                {"type": "tool_result", "tool_use_id": "t2", "content": "No.", "is_error": True},
                {"type": "text", "text": "And?"},
            ],
        }
    ]


def test_arguments_that_are_no_object_are_shown_to_the_model() -> None:
    asked = Message("assistant", [ToolCall("t1", "f", '{"a": ')])
    (block,) = body_of(user("Hi"), asked)["messages"][1]["content"]
    assert block["input"] == {"INVALID_JSON": '{"a": '}


def test_images_and_documents_go_before_the_question() -> None:
    question = Message(
        "user",
        [
            Text("What is this?"),
            File("data:image/png;base64,AAAA", "image/png"),
            File("https://a.example/b.png", "image/png"),
            File("data:application/pdf;base64,BBBB"),
            File("data:text/plain;charset=utf-8;base64,w7w=", "text/plain"),
        ],
    )
    assert body_of(question)["messages"][0]["content"] == [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"},
        },
        {"type": "image", "source": {"type": "url", "url": "https://a.example/b.png"}},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "BBBB"},
        },
        {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": "ü"},
        },
        {"type": "text", "text": "What is this?"},
    ]


def test_an_answer_goes_back_block_by_block() -> None:
    content = [
        {"type": "thinking", "thinking": "Hm.", "signature": "sig"},
        {"type": "redacted_thinking", "data": "opaque"},
        {"type": "compaction", "content": "In short.", "encrypted_content": "e"},
        {"type": "text", "text": "Let me search."},
        {"type": "server_tool_use", "id": "s1", "name": "code_execution", "input": {"code": "f()"}},
        {
            "type": "server_tool_use",
            "id": "s2",
            "name": "web_fetch",
            "input": {"url": "u"},
            "caller": {"type": "code_execution", "tool_id": "s1"},
        },
        {"type": "web_fetch_tool_result", "tool_use_id": "s2", "content": {"type": "page"}},
        {"type": "code_execution_tool_result", "tool_use_id": "s1", "content": {"stdout": "1"}},
        {"type": "text", "text": "Done."},
        {"type": "server_tool_use", "id": "s3", "name": "code_execution", "input": {"code": "g()"}},
        {
            "type": "tool_use",
            "id": "t1",
            "name": "g",
            "input": {},
            "caller": {"type": "code_execution", "tool_id": "s3"},
        },
    ]
    _, answer = decode(whole(*content, stop_reason="tool_use"))
    assert [part.id for part in answer.parts if isinstance(part, ProviderTool)] == [
        "",
        "s1",
        "s2",
        "s3",
    ]
    asked = user("Hi"), answer, Message("tool", [ToolResult("t1", "5")])
    turns = body_of(*asked, model="m")["messages"]
    assert turns[1] == {"role": "assistant", "content": content}


def test_what_another_protocol_kept_means_nothing_here() -> None:
    answer = Message(
        "assistant",
        [
            Reasoning("Hm.", {"signature": "theirs"}),
            ProviderTool("p1", "web_search", "{}", "found", {"x": 1}),
            Text("Hi"),
            Text("  "),
            ToolCall("t1", "f", "{}", {"id": "theirs"}),
        ],
        protocol="openai-responses",
    )
    assert body_of(user("Hi"), answer)["messages"][1]["content"] == [
        {"type": "text", "text": "Hi"},
        {"type": "tool_use", "id": "t1", "name": "f", "input": {}},
    ]


def test_a_tool_whose_blocks_were_not_kept_is_not_told() -> None:
    answer = Message("assistant", [ProviderTool("p", "web_search"), Text("Hi")], protocol=NAME)
    content = body_of(user("Hi"), answer, user("?"))["messages"][1]["content"]
    assert content == [{"type": "text", "text": "Hi"}]


def test_thoughts_without_signature_stay_here() -> None:
    answer = Message("assistant", [Reasoning("Hm."), Text("Hi")], protocol=NAME)
    content = body_of(user("Hi"), answer, user("?"))["messages"][1]["content"]
    assert content == [{"type": "text", "text": "Hi"}]


def test_the_list_of_models() -> None:
    body = {"data": [{"type": "model", "id": "claude-a"}, {"id": ""}, 7, {"id": "claude-b"}]}
    assert parse_models(json.dumps(body).encode()) == ["claude-a", "claude-b"]
    for nothing in (b"", b"[]", b"{}", b"<html>", b'{"data": 5}'):
        assert parse_models(nothing) == []


def test_a_whole_answer_with_an_odd_number_in_it_has_all_its_fields() -> None:
    body = b'{"type": "message", "id": "m9", "model": "m", "stop_reason": "end_turn", "odd": NaN,'
    _, message = decode(body + b'"content": [{"type": "text", "text": "Hi"}]}')
    assert (message.id, message.model, message.text) == ("m9", "m", "Hi")
