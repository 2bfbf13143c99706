"""OpenAI Responses: the ordinary stream, and each habit of a provider that a stream may have.

The streams are written here by hand.
"""

import json
from typing import Any

import msgspec
import pytest

from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Status,
    Text,
    ToolCall,
    ToolResult,
    Usage,
    user,
)
from app.core.options import Options, ToolDefinition
from app.protocols import decoder, http_error
from app.protocols import openai_responses as responses
from tests.protocols.wire import DONE, calls_of, sse
from tests.protocols.wire import decode as decode_as

USAGE = {
    "input_tokens": 7,
    "input_tokens_details": {"cached_tokens": 3},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 12,
}


def decode(data: bytes) -> tuple[list[ev.Event], Message]:
    return decode_as(data, responses.NAME)


def message_of(*records: Any) -> Message:
    return decode(sse(*records))[1]


def event(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{name}"} | fields


def created(id: str = "r1") -> dict[str, Any]:
    return event("created", response={"id": id, "model": "m", "status": "in_progress"})


def ended(*output: Any, status: str = "completed", **fields: Any) -> dict[str, Any]:
    response = {"id": "r1", "object": "response", "model": "m", "status": status}
    return event(status, response=response | {"output": list(output)} | fields)


def added(place: int, **item: Any) -> dict[str, Any]:
    return event("output_item.added", output_index=place, item=item)


def done(place: int, **item: Any) -> dict[str, Any]:
    return event("output_item.done", output_index=place, item=item)


def text(place: int, delta: Any, part: int = 0) -> dict[str, Any]:
    return event("output_text.delta", output_index=place, content_index=part, delta=delta)


def arguments(place: int, delta: str) -> dict[str, Any]:
    return event("function_call_arguments.delta", output_index=place, delta=delta)


def summary(place: int, part: int, delta: str) -> dict[str, Any]:
    return event(
        "reasoning_summary_text.delta", output_index=place, summary_index=part, delta=delta
    )


def said(*texts: str, id: str = "msg_1", **part: Any) -> dict[str, Any]:
    """A message as it is told in whole."""
    content = [{"type": "output_text", "text": one, "annotations": []} | part for one in texts]
    return {"type": "message", "id": id, "role": "assistant", "content": content}


def call(id: str, name: str, arguments: str, **fields: Any) -> dict[str, Any]:
    item = {"type": "function_call", "id": f"fc_{id}", "call_id": id, "name": name}
    return item | {"arguments": arguments} | fields


THOUGHT = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [{"type": "summary_text", "text": "Hm."}],
    "encrypted_content": "secret",
}

ORDINARY = [
    created(),
    event("in_progress", response={"id": "r1"}),
    added(0, type="reasoning", id="rs_1", summary=[]),
    event("reasoning_summary_part.added", output_index=0, summary_index=0, part={"text": ""}),
    summary(0, 0, "Hm"),
    summary(0, 0, "."),
    event("reasoning_summary_text.done", output_index=0, summary_index=0, text="Hm."),
    done(0, **THOUGHT),
    added(1, type="message", id="msg_1", content=[], role="assistant", status="in_progress"),
    event("content_part.added", output_index=1, content_index=0, part={"text": ""}),
    text(1, "Hi"),
    text(1, "!"),
    event("output_text.done", output_index=1, content_index=0, text="Hi!"),
    event("content_part.done", output_index=1, content_index=0, part={"text": "Hi!"}),
    done(1, **said("Hi!"), status="completed"),
    added(2, **call("c1", "f", "", status="in_progress")),
    arguments(2, '{"a"'),
    arguments(2, ":1}"),
    event("function_call_arguments.done", output_index=2, arguments='{"a":1}'),
    done(2, **call("c1", "f", '{"a":1}', status="completed")),
]
OUTPUT = [THOUGHT, said("Hi!"), call("c1", "f", '{"a":1}')]


def test_an_ordinary_stream() -> None:
    events, message = decode(sse(*ORDINARY, ended(*OUTPUT, usage=USAGE)))
    usage = Usage(7, 5, 12, 3, 2, USAGE)
    assert events == [
        ev.MessageStart("r1", "m"),
        ev.ReasoningDelta("Hm"),
        ev.ReasoningDelta("."),
        ev.ReasoningDelta("", THOUGHT),
        ev.ContentDelta("Hi"),
        ev.ContentDelta("!"),
        ev.ToolCallStart(0, "c1", "f"),
        ev.ToolCallDelta(0, '{"a"'),
        ev.ToolCallDelta(0, ":1}"),
        usage,
        ev.ToolCallEnd(0, {"id": "fc_c1"}),
        ev.Done("complete", "tool_calls", "completed", usage),
    ]
    assert message.parts == [
        Reasoning("Hm.", THOUGHT),
        Text("Hi!"),
        ToolCall("c1", "f", '{"a":1}', {"id": "fc_c1"}),
    ]
    assert message.runnable_tool_calls == message.tool_calls
    assert (message.id, message.model, message.protocol) == ("r1", "m", "openai-responses")


def test_a_whole_body_gives_the_same_message_as_its_stream() -> None:
    end = ended(*OUTPUT, usage=USAGE)
    _, whole = decode(json.dumps(end["response"], indent=1).encode())
    assert whole == message_of(*ORDINARY, end)


def test_a_stream_that_breaks_off_is_incomplete_up_to_its_last_record() -> None:
    records = [*ORDINARY, ended(*OUTPUT)]
    for number in range(len(records)):
        one = decoder(responses.NAME)
        one.feed(sse(*records[:number]))
        one.close()
        assert one.message.status == "incomplete"
        assert one.message.runnable_tool_calls == []
    assert message_of(*records).status == "complete"


# --- how a response ends -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"reason": "max_output_tokens"}, "length"),
        ({"reason": "content_filter"}, "content_filter"),
        ({"reason": "something_new"}, "length"),
        (None, "length"),
    ],
)
def test_a_response_that_was_cut_short(details: Any, reason: str) -> None:
    message = message_of(
        created(),
        text(0, "Hi"),
        ended(said("Hi"), status="incomplete", incomplete_details=details),
    )
    assert (message.status, message.finish_reason_raw) == ("complete", "incomplete")
    assert (message.finish_reason, message.text) == (reason, "Hi")


def test_a_call_in_a_response_that_was_cut_short_does_not_run() -> None:
    item = call("c1", "f", "{}")
    message = message_of(created(), done(0, **item), ended(item, status="incomplete"))
    assert message.tool_calls
    assert message.runnable_tool_calls == []


def test_only_the_sentinel_of_chat_completions_is_an_end_with_a_warning() -> None:
    message = message_of(created(), text(0, "Hi"), DONE)
    assert (message.status, message.finish_reason) == ("complete", None)
    assert message.warnings


def test_the_sentinel_after_the_end_says_nothing() -> None:
    """OpenRouter."""
    message = message_of(created(), text(0, "Hi"), ended(said("Hi")), DONE)
    assert (message.status, message.finish_reason, message.warnings) == ("complete", "stop", [])


def test_the_status_of_the_response_counts_more_than_the_name_of_the_event() -> None:
    end = ended(said("Hi"), status="incomplete") | {"type": "response.done"}
    message = message_of(text(0, "Hi"), end)
    assert (message.finish_reason_raw, message.finish_reason) == ("incomplete", "length")


def test_a_response_that_is_still_being_made_in_the_background_is_incomplete() -> None:
    body = {"id": "r1", "object": "response", "status": "queued", "output": []}
    _, message = decode(json.dumps(body).encode())
    assert (message.status, len(message.warnings)) == ("incomplete", 1)


def test_a_cancelled_response_is_an_error() -> None:
    body = {"id": "r1", "object": "response", "status": "cancelled", "output": [said("Hi")]}
    _, message = decode(json.dumps(body).encode())
    assert (message.status, message.text, message.finish_reason) == ("error", "Hi", "error")
    assert message.error is not None
    assert message.error.code == "cancelled"


def test_a_whole_body_without_a_status_is_whole_all_the_same() -> None:
    _, message = decode(json.dumps({"id": "r1", "output": [said("Hi")]}).encode())
    assert (message.status, message.text, len(message.warnings)) == ("complete", "Hi", 1)


# --- errors ------------------------------------------------------------------------------------

FAILURE = {"code": "rate_limit_exceeded", "message": "Too fast."}


def test_one_failure_told_twice_is_one_error() -> None:
    """OpenAI: an `error` event, then `response.failed`."""
    nested = {"type": "error", "sequence_number": 2, "error": FAILURE | {"type": "tokens"}}
    failed = ended(status="failed", error=FAILURE)
    events, message = decode(sse(created(), text(0, "Hi"), nested, failed))
    assert [type(one) for one in events].count(ev.Error) == 1
    assert message.error is not None
    assert (message.error.kind, message.error.message) == ("rate_limit", "Too fast.")
    assert (message.error.code, message.error.retryable) == ("rate_limit_exceeded", True)
    assert (message.status, message.text) == ("error", "Hi")
    assert message.finish_reason_raw == "failed"


@pytest.mark.parametrize(
    "record",
    [
        {"type": "error", "sequence_number": 2} | FAILURE,
        {"type": "error", "error": FAILURE},
        {"error": FAILURE},
        ended(status="failed", error=FAILURE),
    ],
)
def test_an_error_in_any_shape(record: Any) -> None:
    message = message_of(created(), record)
    assert message.status == "error"
    assert message.error is not None
    assert (message.error.kind, message.error.message) == ("rate_limit", "Too fast.")


def test_an_error_without_words() -> None:
    message = message_of(created(), ended(status="failed", error=None))
    assert message.error == ErrorInfo(
        "server", "The provider failed, and did not say why.", "failed", retryable=True
    )
    assert message_of({"type": "error"}).error is not None


def test_an_http_error() -> None:
    body = {"error": {"message": "No such key.", "type": "x", "code": "invalid_api_key"}}
    error = http_error(responses.NAME, 401, {}, json.dumps(body).encode())
    assert (error.kind, error.message, error.retryable) == ("auth", "No such key.", False)


# --- which item an event belongs to ------------------------------------------------------------


def test_ids_that_change_with_every_event() -> None:
    """GitHub Copilot: only the places hold."""
    records = []
    for number, record in enumerate([*ORDINARY, ended(*OUTPUT)]):
        record = json.loads(json.dumps(record))
        record["item_id"] = f"x{number}"
        for inner in (record.get("item"), *record.get("response", {}).get("output", ())):
            if inner:
                inner["id"] = f"y{number}"
        records.append(record)
    message = message_of(*records)
    assert (message.text, message.reasoning) == ("Hi!", "Hm.")
    assert calls_of(message) == [("c1", "f", '{"a":1}')]
    assert message.warnings == []


def test_ids_without_places() -> None:
    """llama.cpp."""
    records = []
    for record in [*ORDINARY, ended(*OUTPUT)]:
        record = json.loads(json.dumps(record))
        place = record.pop("output_index", None)
        if place is not None and "item" not in record:
            record["item_id"] = ("rs_1", "msg_1", "fc_c1")[place]
        records.append(record)
    assert message_of(*records) == message_of(*ORDINARY, ended(*OUTPUT))


def test_neither_ids_nor_places() -> None:
    records = []
    for record in [*ORDINARY, ended(*OUTPUT)]:
        record = json.loads(json.dumps(record))
        record.pop("output_index", None)
        if "item" in record:
            record["item"].pop("id", None)
        records.append(record)
    message = message_of(*records)
    assert (message.text, message.reasoning) == ("Hi!", "Hm.")
    assert calls_of(message) == [("c1", "f", '{"a":1}')]


def test_the_same_place_for_all_items() -> None:
    first, second = call("c1", "f", "{}"), call("c2", "g", '{"a":1}')
    message = message_of(
        created(),
        added(0, **first | {"arguments": ""}),
        arguments(0, "{}"),
        done(0, **first),
        added(0, **second | {"arguments": ""}),
        arguments(0, '{"a":1}'),
        done(0, **second),
        text(0, "Hi"),
        ended(first, second, said("Hi")),
    )
    assert calls_of(message) == [("c1", "f", "{}"), ("c2", "g", '{"a":1}')]
    assert (message.text, message.warnings) == ("Hi", [])


def test_an_id_counts_where_a_place_is_that_of_an_item_of_another_kind() -> None:
    message = message_of(
        created(),
        added(0, **said(id="msg_1")),
        added(0, type="reasoning", id="rs_1"),
        text(0, "Hel") | {"item_id": "msg_1"},
        summary(0, 0, "H") | {"item_id": "rs_1"},
        text(0, "lo") | {"item_id": "msg_1"},
        summary(0, 0, "m.") | {"item_id": "rs_1"},
        done(0, **said("Hello", id="msg_1")),
        done(0, **THOUGHT),
        ended(THOUGHT, said("Hello", id="msg_1")),
    )
    assert (message.text, message.reasoning, message.warnings) == ("Hello", "Hm.", [])


def test_items_that_were_never_announced() -> None:
    message = message_of(created(), text(0, "Hi"), done(1, **call("c1", "f", "{}")), ended())
    assert message.text == "Hi"
    assert calls_of(message) == [("c1", "f", "{}")]


def test_parallel_calls_that_take_turns() -> None:
    message = message_of(
        created(),
        added(0, **call("c1", "f", "")),
        added(1, **call("c2", "f", "")),
        arguments(1, '{"b":'),
        arguments(0, '{"a":'),
        arguments(1, "2}"),
        arguments(0, "1}"),
        ended(),
    )
    assert calls_of(message) == [("c1", "f", '{"a":1}'), ("c2", "f", '{"b":2}')]


# --- what the deltas leave out, and what they say otherwise ------------------------------------


def test_text_only_at_the_very_end() -> None:
    """Some gateways send nothing but `response.completed`."""
    message = message_of(created(), ended(*OUTPUT))
    assert message == message_of(*ORDINARY, ended(*OUTPUT))
    assert message.warnings == []


def test_text_only_at_the_end_of_its_item() -> None:
    message = message_of(created(), *(done(n, **item) for n, item in enumerate(OUTPUT)), ended())
    assert message == message_of(*ORDINARY, ended(*OUTPUT))


@pytest.mark.parametrize(
    "record",
    [
        event("output_text.done", output_index=0, content_index=0, text="Hi"),
        event("output_text.delta", output_index=0, delta="Hi"),
        event("refusal.done", output_index=0, content_index=0, refusal="Hi"),
    ],
)
def test_a_piece_that_is_told_only_once(record: Any) -> None:
    message = message_of(created(), record, ended())
    assert message.text + message.refusal == "Hi"


def test_arguments_only_at_their_end() -> None:
    message = message_of(
        created(),
        added(0, **call("c1", "f", "")),
        event("function_call_arguments.done", output_index=0, arguments="{}"),
        ended(),
    )
    assert calls_of(message) == [("c1", "f", "{}")]


def test_the_rest_of_the_text_at_the_end() -> None:
    events, message = decode(sse(created(), text(0, "Hel"), ended(said("Hello"))))
    assert message.text == "Hello"
    assert not any(isinstance(one, ev.StepReset) for one in events)


def test_a_final_text_that_differs_counts() -> None:
    events, message = decode(
        sse(
            created(),
            done(0, **THOUGHT),
            text(1, "Helo"),
            added(2, **call("c1", "f", "")),
            arguments(2, "{}"),
            ended(THOUGHT, said("Hello"), call("c1", "f", "{}"), usage=USAGE),
        )
    )
    assert (message.text, message.reasoning, message.id) == ("Hello", "Hm.", "r1")
    assert calls_of(message) == [("c1", "f", "{}")]
    assert (message.status, len(message.warnings)) == ("complete", 1)
    assert [type(one) for one in events].count(ev.StepReset) == 1
    assert message.parts[0] == Reasoning("Hm.", THOUGHT)


def test_a_correction_keeps_what_was_never_told_in_whole() -> None:
    message = message_of(
        created(),
        summary(0, 0, "Hm."),
        text(1, "Helo"),
        added(2, **call("c1", "f", "")),
        arguments(2, '{"a":1}'),
        done(1, **said("Hello")),
        ended(),
    )
    assert (message.text, message.reasoning) == ("Hello", "Hm.")
    assert calls_of(message) == [("c1", "f", '{"a":1}')]


def test_an_id_of_a_call_that_differs_at_the_end_counts() -> None:
    message = message_of(
        created(), added(0, **call("c1", "f", "")), arguments(0, "{}"), ended(call("c2", "f", "{}"))
    )
    assert calls_of(message) == [("c2", "f", "{}")]


def test_arguments_spaced_otherwise_at_the_end_are_the_same() -> None:
    events, message = decode(
        sse(
            created(),
            added(0, **call("c1", "f", "")),
            arguments(0, '{"a": 1}'),
            ended(call("c1", "f", '{"a":1}')),
        )
    )
    assert calls_of(message) == [("c1", "f", '{"a": 1}')]
    assert message.warnings == []
    assert not any(isinstance(one, ev.StepReset) for one in events)


def test_the_wholes_in_between_count_less_than_the_item() -> None:
    message = message_of(
        created(),
        text(0, "Hello,"),
        event("output_text.done", output_index=0, content_index=0, text="Hello,!"),
        done(0, **said("Hello,")),
        ended(said("Hello,")),
    )
    assert (message.text, message.warnings) == ("Hello,", [])


def test_nulls_where_text_should_be() -> None:
    """Bifrost and others."""
    item = {"type": "message", "id": "msg_1", "content": [{"type": "output_text", "text": None}]}
    message = message_of(
        created(),
        text(0, None),
        text(0, "Hi"),
        event("output_text.done", output_index=0, content_index=0, text=None),
        event("refusal.delta", output_index=0, delta=None),
        done(0, **item),
        ended(item),
    )
    assert (message.text, message.refusal, message.status) == ("Hi", "", "complete")
    assert message.warnings == []


def test_items_that_say_nothing_at_their_end() -> None:
    message = message_of(
        created(),
        event("output_text.delta", item_id="m", delta="Hi"),
        event("output_item.done", output_index=0, item={"id": "m", "type": "message"}),
        ended(),
    )
    assert (message.text, message.status) == ("Hi", "complete")


# --- one body, several responses ---------------------------------------------------------------


def test_a_second_response_before_the_end_of_the_first_begins_anew() -> None:
    events, message = decode(
        sse(created(), text(0, "He"), created("r2"), text(0, "Hello"), ended(said("Hello")))
    )
    assert (message.text, message.id, message.status) == ("Hello", "r2", "complete")
    assert ev.StepReset("a second response began") in events


def test_a_second_response_where_the_first_had_said_nothing_is_the_first() -> None:
    events, message = decode(sse(created(), created("r2"), text(0, "Hi"), ended(said("Hi"))))
    assert (message.text, message.warnings) == ("Hi", [])
    assert not any(isinstance(event, ev.StepReset) for event in events)


def test_a_second_response_after_the_end_of_the_first_goes_on() -> None:
    shell = {"type": "shell_call", "id": "s", "action": {"commands": ["ls"]}}
    records = [created(), done(0, **shell), ended(shell), created("r2"), text(0, "A file.")]
    message = message_of(*records)
    assert message.status == "incomplete"
    message = message_of(*records, ended(said("A file.")))
    assert (message.status, message.text) == ("complete", "A file.")
    assert isinstance(message.parts[0], ProviderTool)


def test_the_same_beginning_twice_is_one() -> None:
    message = message_of(created(), text(0, "He"), created(), text(0, "llo"), ended(said("Hello")))
    assert (message.text, message.warnings) == ("Hello", [])


# --- reasoning and refusals --------------------------------------------------------------------


def test_summaries_are_paragraphs() -> None:
    item = THOUGHT | {"summary": [{"text": "A."}, {"text": "B."}]}
    records = [created(), summary(0, 0, "A."), summary(0, 1, "B"), summary(0, 1, ".")]
    message = message_of(*records, done(0, **item), ended(item))
    assert message.reasoning == "A.\n\nB."
    assert (
        message_of(created(), ended(item)).parts == message.parts == [Reasoning("A.\n\nB.", item)]
    )


@pytest.mark.parametrize("name", ["reasoning_text.delta", "reasoning.delta"])
def test_reasoning_in_the_open(name: str) -> None:
    """DeepSeek, OpenRouter, llama.cpp."""
    content = [{"type": "reasoning_text", "text": "Hm."}]
    item = {"type": "reasoning", "id": "rs", "summary": [], "content": content, "status": "x"}
    message = message_of(created(), event(name, output_index=0, delta="Hm."), done(0, **item))
    item.pop("status")
    assert message.parts == [Reasoning("Hm.", item)]


def test_the_same_reasoning_under_two_names_is_said_once() -> None:
    parts = [{"type": "x", "text": "Hm."}]
    item = {"type": "reasoning", "id": "rs", "summary": parts, "content": parts}
    message = message_of(created(), summary(0, 0, "Hm."), done(0, **item), ended(item))
    assert message.reasoning == "Hm."


def test_reasoning_that_is_only_encrypted_is_kept_item_by_item() -> None:
    first = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "a"}
    second = first | {"id": "rs_2", "encrypted_content": "b"}
    message = message_of(created(), done(0, **first), done(1, **second), ended(first, second))
    assert message.parts == [Reasoning("", first), Reasoning("", second)]


def test_encrypted_reasoning_that_is_written_anew_at_the_end_is_no_difference() -> None:
    """OpenAI encrypts anew for `response.completed`."""
    again = THOUGHT | {"encrypted_content": "other"}
    message = message_of(created(), done(0, **THOUGHT), text(1, "Hi"), ended(again, said("Hi")))
    assert message.parts == [Reasoning("Hm.", THOUGHT), Text("Hi")]
    assert message.warnings == []


def test_a_leading_think_block_is_reasoning() -> None:
    """Servers that do not tell the two apart."""
    records = [created(), text(0, "<thi"), text(0, "nk>Hm.</think>Hi")]
    message = message_of(*records, ended(said("<think>Hm.</think>Hi")))
    assert (message.reasoning, message.text, message.warnings) == ("Hm.", "Hi", [])


def test_a_refusal() -> None:
    item = {"type": "message", "id": "m", "content": [{"type": "refusal", "refusal": "No."}]}
    delta = event("refusal.delta", output_index=0, content_index=0, delta="No")
    message = message_of(created(), delta, ended(item))
    assert message.parts == [Refusal("No.")]
    assert message_of(created(), delta, ended()).refusal == "No"


# --- tools that the provider runs --------------------------------------------------------------

SEARCH = {
    "type": "web_search_call",
    "id": "ws_1",
    "status": "completed",
    "action": {"type": "search", "query": "Übung"},
}


def test_a_tool_that_the_provider_ran_is_no_call() -> None:
    events, message = decode(
        sse(
            created(),
            added(0, type="web_search_call", id="ws_1", status="in_progress"),
            event("web_search_call.searching", output_index=0, item_id="ws_1"),
            done(0, **SEARCH),
            text(1, "Hi"),
            ended(SEARCH, said("Hi")),
        )
    )
    action = '{"type": "search", "query": "Übung"}'
    assert message.parts == [ProviderTool("ws_1", "web_search", action, None, SEARCH), Text("Hi")]
    assert (message.tool_calls, message.finish_reason) == ([], "stop")
    assert ev.Heartbeat("web_search_call.searching") in events


@pytest.mark.parametrize(
    ("item", "name", "arguments", "result"),
    [
        (
            {"type": "code_interpreter_call", "code": "1+1", "outputs": [{"logs": "2"}]},
            "code_interpreter",
            '{"code": "1+1"}',
            [{"logs": "2"}],
        ),
        (
            {"type": "file_search_call", "queries": ["q"], "results": None},
            "file_search",
            '{"queries": ["q"]}',
            None,
        ),
        (
            {"type": "mcp_call", "name": "add", "arguments": '{"a":1}', "output": "2"},
            "add",
            '{"a":1}',
            "2",
        ),
        ({"type": "mcp_call", "name": "add", "error": "no"}, "add", "", "no"),
        (
            {"type": "mcp_list_tools", "tools": [{"name": "a"}]},
            "mcp_list_tools",
            "",
            [{"name": "a"}],
        ),
        (
            {"type": "mcp_approval_request", "name": "add", "arguments": "{}"},
            "mcp_approval_request",
            "{}",
            None,
        ),
        (
            {"type": "local_shell_call", "action": {"command": ["ls"]}},
            "local_shell",
            '{"command": ["ls"]}',
            None,
        ),
        (
            {"type": "shell_call_output", "output": [{"stdout": "x"}]},
            "shell_call_output",
            "",
            [{"stdout": "x"}],
        ),
        (
            {"type": "apply_patch_call", "operation": {"diff": "+"}},
            "apply_patch",
            '{"diff": "+"}',
            None,
        ),
        (
            {"type": "tool_search_call", "arguments": {"goal": "g"}},
            "tool_search",
            '{"goal": "g"}',
            None,
        ),
        ({"type": "compaction", "encrypted_content": "e"}, "compaction", "", None),
        (
            {"type": "x_search_call", "name": "x_user_search", "arguments": "{}"},
            "x_user_search",
            "{}",
            None,
        ),
        ({"type": "something_new"}, "something_new", "", None),
    ],
)
def test_every_kind_of_item_is_kept(item: Any, name: str, arguments: str, result: Any) -> None:
    item = {"id": "i1"} | item
    kept = {key: value for key, value in item.items() if value is not None}
    message = message_of(created(), added(0, **item), done(0, **item), ended(item))
    asks_for = "mcp.add" if name == "mcp_approval_request" else ""
    assert message.parts == [ProviderTool("i1", name, arguments, result, kept, asks_for)]
    assert message.status == "complete"


SMILE = ["\ud83d", "\ude00"]


def test_what_a_tool_was_given_is_kept_when_the_stream_breaks_off() -> None:
    code = [event("code_interpreter_call_code.delta", output_index=0, delta=one) for one in "1+"]
    message = message_of(created(), added(0, type="code_interpreter_call", id="ci"), *code)
    assert message.parts == [ProviderTool("ci", "code_interpreter", "1+")]
    assert message.status == "incomplete"
    halves = [event("code_interpreter_call_code.delta", output_index=0, delta=s) for s in SMILE]
    message = message_of(created(), added(0, type="code_interpreter_call", id="ci"), *halves)
    assert message.parts == [ProviderTool("ci", "code_interpreter", "😀")]


def test_a_custom_call_is_told_in_free_text() -> None:
    item = {"type": "custom_tool_call", "id": "x", "call_id": "c1", "name": "f", "input": "a b"}
    records = [
        created(),
        added(0, **item | {"input": ""}),
        event("custom_tool_call_input.delta", output_index=0, delta="a "),
        event("custom_tool_call_input.delta", output_index=0, delta="b"),
        event("custom_tool_call_input.done", output_index=0, input="a b"),
        done(0, **item),
    ]
    message = message_of(*records, ended(item))
    assert calls_of(message) == [("c1", "f", "a b")]
    assert message_of(ended(item)).parts == message.parts


def test_a_custom_call_that_nobody_asked_for_was_answered_by_the_provider() -> None:
    item = {"type": "custom_tool_call", "call_id": "xs_1", "name": "x_keyword_search"}
    item |= {"id": "x", "input": "{}"}
    text = {"type": "message", "content": [{"type": "output_text", "text": "Found."}]}
    begin = event("created", response={"id": "r", "tools": [{"type": "x_search"}]})
    message = message_of(
        begin, added(0, **item | {"input": ""}), done(0, **item), ended(item, text)
    )
    assert calls_of(message) == [("xs_1", "x_keyword_search", "{}")]
    assert (message.open_tool_calls, message.finish_reason) == ([], "stop")
    tools = [{"type": "x_search"}, {"type": "custom", "name": "f"}]
    ours = message_of(event("created", response={"id": "r", "tools": tools}), ended(item))
    assert ours.open_tool_calls == ours.tool_calls
    # Cut off before its end, it was not answered.
    assert message_of(begin, added(0, **item)).open_tool_calls


def test_a_wrapper_of_parallel_calls_is_the_call_that_it_is() -> None:
    wrapped = '{"tool_uses":[{"recipient_name":"functions.f","parameters":{}}]}'
    message = message_of(created(), done(0, **call("c1", "parallel", wrapped)), ended())
    assert calls_of(message) == [("c1", "parallel", wrapped)]


# --- images and citations ----------------------------------------------------------------------


def test_an_image_is_a_file_once() -> None:
    item = {"type": "image_generation_call", "id": "ig", "result": "AAAA", "output_format": "webp"}
    preview = event(
        "image_generation_call.partial_image",
        output_index=0,
        partial_image_b64="BBBB",
        output_format="webp",
    )
    start = added(0, type="image_generation_call", id="ig")
    message = message_of(created(), start, preview, done(0, **item), ended(item))
    kept = {key: value for key, value in item.items() if key != "result"}
    image = File("data:image/webp;base64,AAAA", "image/webp")
    assert message.parts == [ProviderTool("ig", "image_generation", "", None, kept), image]
    # Only what the first pictures showed is left of a stream that breaks off.
    assert message_of(created(), start, preview).files == [
        File("data:image/webp;base64,BBBB", "image/webp")
    ]


def test_an_image_that_code_drew() -> None:
    outputs = [
        {"type": "image", "url": "data:image/png;base64,AAAA"},
        {"type": "image"},
        {"type": "logs", "logs": "1"},
    ]
    item = {"type": "code_interpreter_call", "id": "ci", "code": "plot()", "outputs": outputs}
    message = message_of(created(), ended(item))
    assert message.files == [File("data:image/png;base64,AAAA")]
    tool = message.parts[0]
    assert isinstance(tool, ProviderTool)
    assert tool.result == outputs[2:]
    assert "AAAA" not in json.dumps(tool.extra)


def cited(place: int, annotation: dict[str, Any]) -> dict[str, Any]:
    return event("output_text.annotation.added", output_index=place, annotation=annotation)


def test_citations() -> None:
    url: dict[str, Any] = {"type": "url_citation", "url": "https://a.example", "title": "A"}
    url |= {"start_index": 0, "end_index": 2}
    file = {"type": "file_citation", "file_id": "file-1", "filename": "a.txt", "index": 1}
    contained: dict[str, Any] = {
        "type": "container_file_citation",
        "container_id": "c",
        "file_id": "f",
    }
    contained |= {"filename": "b.png", "start_index": 0, "end_index": 0}
    records = [created(), text(0, "One. "), text(1, "Two."), cited(1, url), cited(1, file)]
    first, second = said("One. "), said("Two.", id="msg_2", annotations=[url, file, contained])
    message = message_of(*records, done(0, **first), done(1, **second), ended(first, second))
    assert message.text == "One. Two."
    # The offsets are told within their own part, and meant within the whole text.
    assert message.sources == [
        Source("https://a.example", "A", start=5, end=7),
        Source("file-id:file-1", "a.txt", start=6, end=6),
        Source("file-id:c/f", "b.png", start=5, end=5),
    ]
    assert message_of(created(), ended(first, second)).sources == message.sources


def test_a_citation_without_offsets() -> None:
    """xAI."""
    message = message_of(
        text(0, "a"), cited(0, {"type": "url_citation", "url": "https://x.example"})
    )
    assert message.sources == [Source("https://x.example")]


# --- records that are not what they should be --------------------------------------------------


def test_events_newer_than_this_are_passed_over() -> None:
    events, message = decode(
        sse(
            created(),
            event("rate_limits.updated", limits=[]),
            event("something.delta", output_index=0, delta="x"),
            text(0, "Hi") | {"obfuscation": "xyz", "logprobs": [], "sequence_number": 4},
            {"type": "keepalive", "sequence_number": 5},
            ended(said("Hi")),
            event("rate_limits.updated", limits=[]),
        )
    )
    assert (message.text, message.status, message.warnings) == ("Hi", "complete", [])
    assert ev.Heartbeat("keepalive") in events


def test_the_name_of_an_event_only_in_its_frame() -> None:
    data = b'event: response.output_text.delta\ndata: {"delta": "Hi"}\n\n'
    end = b'event: response.completed\ndata: {"response": {}}\n\n'
    _, message = decode(data + end)
    assert (message.text, message.status) == ("Hi", "complete")


def test_fields_of_other_types() -> None:
    message = message_of(
        created(),
        text(0, {"text": "Hi"}) | {"output_index": "0", "content_index": 0.0},
        text(0, 5),
        event("function_call_arguments.delta", output_index=1, delta={"a": 1}),
        event("output_item.added", output_index=2, item="x"),
        event("output_item.done", output_index=2, item={"type": 3}),
        event("completed", response={"output": {"a": 1}, "usage": [], "status": 7}),
    )
    assert (message.text, message.status) == ("Hi5", "complete")
    assert message.tool_calls[0].arguments == '{"a": 1}'


def test_arguments_that_are_an_object() -> None:
    item = call("c1", "f", "") | {"arguments": {"a": 1}}
    assert calls_of(message_of(ended(item))) == [("c1", "f", '{"a": 1}')]


def test_content_that_is_plain_text() -> None:
    item = {"type": "message", "id": "m", "content": "Hi"}
    assert message_of(ended(item)).text == "Hi"


def test_a_character_cut_in_two() -> None:
    """Servers that count in UTF-16."""
    halves = [
        f'{{"type":"response.output_text.delta","output_index":0,"delta":"{one}"}}'
        for one in (r"a\ud83d", r"\ude00b")
    ]
    message = message_of(created(), *halves, ended(said("a😀b")))
    assert (message.text, message.warnings) == ("a😀b", [])
    assert message_of(created(), halves[0]).text == "a\ufffd"
    assert message_of(created(), halves[0], text(0, "b")).text == "a\ufffdb"
    assert message_of(created(), halves[0], ended(said("a😀b"))).text == "a😀b"


def test_broken_records_between_good_ones() -> None:
    message = message_of('{"type":"response.created"', text(0, "Hi"), "nonsense", ended(said("Hi")))
    assert (message.text, message.status, len(message.warnings)) == ("Hi", "complete", 2)


def test_what_this_protocol_does_not_know_is_told_once() -> None:
    message = message_of({"a": 1}, {"b": 2}, text(0, "Hi"), ended())
    assert (message.text, len(message.warnings)) == ("Hi", 1)


# --- what goes out -----------------------------------------------------------------------------


def rendered(*messages: Message, model: str = "m", stream: bool = True, **options: Any) -> Any:
    request = responses.render(messages, model=model, options=Options(**options), stream=stream)
    assert request.path == "/responses"
    return json.loads(request.body)


def test_a_question() -> None:
    assert rendered(Message("system", [Text("Be kind.")]), user("hi"), stream=False) == {
        "model": "m",
        "input": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "hi"}],
        "store": False,
        "stream": False,
    }


def test_options() -> None:
    tool = ToolDefinition("f", "Does.", {"type": "object"})
    body = rendered(
        user("hi"),
        temperature=0.5,
        top_p=0.9,
        max_tokens=7,
        stop=["x"],
        seed=1,
        reasoning_effort="low",
        tools=[tool],
        tool_choice="f",
        extra={"user": "u"},
    )
    assert {name: body[name] for name in body.keys() - {"model", "input"}} == {
        "temperature": 0.5,
        "top_p": 0.9,
        "max_output_tokens": 7,
        "reasoning": {"effort": "low"},
        "include": ["reasoning.encrypted_content"],
        "tools": [
            {
                "type": "function",
                "name": "f",
                "description": "Does.",
                "parameters": {"type": "object", "properties": {}},
                "strict": False,
            }
        ],
        "tool_choice": {"type": "function", "name": "f"},
        "store": False,
        "stream": True,
        "user": "u",
    }
    assert rendered(user("hi"), tools=[tool], tool_choice="required")["tool_choice"] == "required"


@pytest.mark.parametrize(
    ("model", "reasons"),
    [("gpt-5-mini", True), ("o3", True), ("openai/o4-mini", True), ("gpt-10", True)]
    + [("gpt-4o", False), ("gpt-5-chat-latest", False), ("grok-4", False), ("foo1", False)],
)
def test_encrypted_reasoning_is_asked_of_models_that_reason(model: str, reasons: bool) -> None:
    assert ("include" in rendered(user("hi"), model=model)) == reasons


def test_pictures_and_documents() -> None:
    files = [
        File("data:image/png;base64,AAAA"),
        File("https://a.example/x"),
        File("data:application/pdf;base64,BBBB", "application/pdf"),
        File("https://a.example/x.pdf", "application/pdf"),
    ]
    (question,) = rendered(Message("user", [Text("hi"), *files]))["input"]
    assert question["content"] == [
        {"type": "input_text", "text": "hi"},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
        {"type": "input_image", "image_url": "https://a.example/x"},
        {"type": "input_file", "filename": "file.pdf", "file_data": files[2].url},
        {"type": "input_file", "file_url": "https://a.example/x.pdf"},
    ]


def test_an_answer_is_sent_back_as_it_came() -> None:
    image = {"type": "image_generation_call", "id": "ig", "result": "AAAA"}
    answer = message_of(
        created(), ended(THOUGHT, SEARCH, image, said("Hi!"), call("c1", "f", '{"a":1}'))
    )
    results = Message("tool", [ToolResult("c1", "42")])
    assert rendered(user("hi"), answer, results)["input"] == [
        {"role": "user", "content": "hi"},
        THOUGHT,
        SEARCH,
        image,
        {"type": "message", "role": "assistant", "content": "Hi!"},
        call("c1", "f", '{"a":1}'),
        {"type": "function_call_output", "call_id": "c1", "output": "42"},
    ]


def test_ids_are_sent_back_only_with_the_reasoning_that_led_to_them() -> None:
    plain = {"type": "reasoning", "id": "rs", "summary": [{"text": "Hm."}]}
    answer = message_of(created(), ended(plain, call("c1", "f", "{}")))
    assert rendered(answer)["input"][0] == {
        "type": "function_call",
        "call_id": "c1",
        "name": "f",
        "arguments": "{}",
    }


@pytest.mark.parametrize(
    "change", [{"protocol": "openai-chat"}, {"protocol": ""}, {"status": "aborted"}]
)
def test_what_another_protocol_gave_or_what_broke_off_is_sent_back_without_extras(
    change: dict[str, Any],
) -> None:
    answer = message_of(created(), ended(THOUGHT, SEARCH, said("Hi!"), call("c1", "f", "")))
    answer = msgspec.structs.replace(answer, **change)
    assert rendered(answer)["input"] == [
        {"type": "message", "role": "assistant", "content": "Hi!"},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "This tool was not run."},
    ]


@pytest.mark.parametrize("status", ["complete", "aborted"])
def test_a_custom_call_is_sent_back_as_one(status: Status) -> None:
    item = {"type": "custom_tool_call", "id": "x", "call_id": "c1", "name": "f", "input": "a b"}
    answer = msgspec.structs.replace(message_of(created(), ended(item)), status=status)
    assert rendered(answer, Message("tool", [ToolResult("c1", "ok")]))["input"] == [
        {"type": "custom_tool_call", "call_id": "c1", "name": "f", "input": "a b"},
        {"type": "custom_tool_call_output", "call_id": "c1", "output": "ok"},
    ]


def test_a_refusal_is_sent_back_as_text() -> None:
    answer = Message("assistant", [Refusal("No.")], status="complete")
    assert rendered(answer)["input"] == [{"type": "message", "role": "assistant", "content": "No."}]


def test_the_key_and_the_models() -> None:
    assert responses.authorization("k") == {"authorization": "Bearer k"}
    assert responses.MODELS_PATH == "/models"
    assert responses.parse_models(b'{"data": [{"id": "a"}, {"id": "b"}]}') == ["a", "b"]


def test_the_phase_of_a_text_goes_back_with_it() -> None:
    def item(text: str, phase: str) -> dict[str, Any]:
        content = [{"type": "output_text", "text": text}]
        return {"type": "message", "role": "assistant", "content": content, "phase": phase}

    output = [item("Let me look.", "commentary"), item("It is 4.", "final_answer")]
    one = decoder("openai-responses")
    one.feed(json.dumps({"object": "response", "status": "completed", "output": output}).encode())
    one.close()
    assert one.message.text == "Let me look.It is 4."
    body = json.loads(
        responses.render([user("Hi"), one.message], model="m", options=Options(), stream=True).body
    )
    assert [(sent["content"], sent["phase"]) for sent in body["input"][1:]] == [
        ("Let me look.", "commentary"),
        ("It is 4.", "final_answer"),
    ]


@pytest.mark.parametrize(("tellings", "text"), [(7, "Good"), (8, "Hi")])
def test_an_item_that_is_told_over_and_over_is_heard_only_so_often(
    tellings: int, text: str
) -> None:
    """Each telling costs what the item is long."""

    def done(text: str) -> dict[str, Any]:
        content = [{"type": "output_text", "text": text}]
        item = {"type": "message", "id": "m1", "role": "assistant", "content": content}
        return event("output_item.done", output_index=0, item=item)

    message = message_of(created(), *[done("Hi")] * tellings, done("Good"), event("completed"))
    assert message.text == text


def test_a_kind_of_event_that_is_newer_than_this_is_no_stranger() -> None:
    events, message = decode_as(
        sse(
            {"type": "rate_limits.updated", "rate_limits": []},
            {"type": "response.brand_new.thing", "x": 1},
            {"type": "response.output_text.delta", "output_index": 0, "delta": "Hi"},
            {"type": "response.completed", "response": {"id": "r", "status": "completed"}},
        ),
        "openai-responses",
    )
    assert (message.text, message.status) == ("Hi", "complete")
    assert not [event for event in events if isinstance(event, ev.Warning)]
