"""Gemini's Interactions API: its stream, its whole responses, and what goes back to it.

The streams are written here by hand.
"""

import json
from typing import Any

import pytest

from app.core import events as ev
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
from app.core.options import Options, OutputFormat, ToolDefinition
from app.protocols.gemini_interactions import render
from app.protocols.takes import Takes
from tests.protocols.wire import calls_of, sse
from tests.protocols.wire import decode as decode_as

NAME = "gemini-interactions"
COUNTS = {
    "total_input_tokens": 5,
    "total_tool_use_tokens": 3,
    "total_output_tokens": 2,
    "total_thought_tokens": 4,
    "total_cached_tokens": 1,
    "total_tokens": 14,
}
LOOK = ToolDefinition("look", "Look.", {"type": "object", "properties": {}})


def decode(data: bytes) -> tuple[list[ev.Event], Message]:
    return decode_as(data, NAME)


def event(name: str, **fields: Any) -> dict[str, Any]:
    return {"event_type": name} | fields


def step(index: int, kind: str, *deltas: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    """The records of one step."""
    return [
        event("step.start", index=index, step={"type": kind} | fields),
        *(event("step.delta", index=index, delta=delta) for delta in deltas),
        event("step.stop", index=index),
    ]


def text(words: str, **fields: Any) -> dict[str, Any]:
    return {"type": "text", "text": words} | fields


def end(status: str = "completed", **fields: Any) -> dict[str, Any]:
    about = {"id": "v1_a", "object": "interaction", "model": "gemini-m", "status": status}
    return event("interaction.completed", interaction=about | fields)


BEGIN = event("interaction.created", interaction={"id": "v1_a", "model": "gemini-m"})
AT_WORK = event("interaction.status_update", interaction_id="v1_a", status="in_progress")


def message_of(*records: Any) -> Message:
    return decode(sse(BEGIN, *records))[1]


def test_an_ordinary_stream() -> None:
    signed = {"type": "thought_signature", "signature": "sealed"}
    hm = {"type": "thought_summary", "content": text("Hm.")}
    events, message = decode(
        sse(
            BEGIN,
            AT_WORK,
            *step(0, "thought", hm, signed),
            *step(1, "model_output", text("Hel"), text("lo")),
            end(usage=COUNTS),
            "[DONE]",
        )
    )
    usage = Usage(8, 6, 14, 1, 4, COUNTS)
    assert events == [
        ev.MessageStart("v1_a", "gemini-m"),
        ev.Heartbeat("interaction.status_update"),
        ev.ReasoningDelta("Hm."),
        ev.ReasoningDelta("", {"signature": "sealed"}),
        ev.ContentDelta("Hel"),
        ev.ContentDelta("lo"),
        usage,
        ev.Done("complete", "stop", "completed", usage),
    ]
    assert message.parts == [Reasoning("Hm.", {"signature": "sealed"}), Text("Hello")]


def test_a_stream_and_a_whole_body_give_the_same_message() -> None:
    records = [
        *step(0, "thought", {"type": "thought_signature", "signature": "s"}),
        *step(1, "model_output", text("I look.")),
        *step(2, "function_call", {"type": "arguments_delta", "arguments": '{"at": '},
              {"type": "arguments_delta", "arguments": '"sea"}'}, id="c1", name="look",
              arguments={}, signature=""),
        *step(3, "function_call", id="c2", name="look", arguments={"at": "sky"}, signature="s2"),
        *step(4, "function_call", id="c3", name="rest"),
    ]  # fmt: skip
    streamed = message_of(*records, end("requires_action"))
    whole = end("requires_action")["interaction"] | {
        "steps": [
            {"type": "user_input", "content": [text("Look!")]},
            {"type": "thought", "signature": "s"},
            {"type": "model_output", "content": [text("I look.")]},
            {"type": "function_call", "id": "c1", "name": "look", "arguments": {"at": "sea"}},
            {"type": "function_call", "id": "c2", "name": "look", "arguments": {"at": "sky"},
             "signature": "s2"},
            {"type": "function_call", "id": "c3", "name": "rest", "arguments": {}},
        ]
    }  # fmt: skip
    _, at_once = decode(json.dumps(whole).encode())
    assert streamed == at_once
    assert (streamed.finish_reason, streamed.finish_reason_raw) == ("tool_calls", "requires_action")
    assert calls_of(streamed) == [
        ("c1", "look", '{"at": "sea"}'),
        ("c2", "look", '{"at": "sky"}'),
        ("c3", "rest", "{}"),
    ]
    assert [call.extra for call in streamed.tool_calls] == [None, {"signature": "s2"}, None]
    assert len(streamed.runnable_tool_calls) == 3


@pytest.mark.parametrize(
    ("status", "reason"),
    [("completed", "stop"), ("incomplete", "length"), ("requires_continuation", "length")],
)
def test_how_it_ends(status: str, reason: str) -> None:
    message = message_of(*step(0, "model_output", text("Hi")), end(status))
    assert (message.status, message.finish_reason, message.warnings) == ("complete", reason, [])


def test_half_answers_are_not_shown_as_whole() -> None:
    half = step(0, "model_output", text("Hi"))
    assert message_of(*half).status == "incomplete"
    assert message_of(*half, event("interaction.status_update", status="in_progress")).status == (
        "incomplete"
    )
    unknown = message_of(*half, end("budget_exceeded"))
    assert unknown.finish_reason == "unknown"
    assert unknown.warnings
    cut = [*step(0, "function_call", {"type": "arguments_delta", "arguments": '{"a"'},
                 id="c", name="f")[:2]]  # fmt: skip
    message = message_of(*cut)
    assert (message.status, message.runnable_tool_calls) == ("incomplete", [])
    at_work = {"object": "interaction", "id": "v1_a", "status": "in_progress", "steps": []}
    assert "still at work" in decode(json.dumps(at_work).encode())[1].warnings[0]


def test_failures_are_told() -> None:
    said = {"error": {"code": "https://errors.example/quota", "message": "You exceeded your quota"}}
    half = step(0, "model_output", error={"code": 8, "message": said["error"]["message"]})
    for message in (
        message_of(event("error", **said)),
        message_of(end("failed", errors=[said["error"]])),
        message_of(*half, end()),
    ):
        assert message.status == "error"
        assert message.error
        assert message.error.message == "You exceeded your quota"
    cancelled = message_of(end("cancelled"))
    assert cancelled.error
    assert cancelled.error.code == "cancelled"


def test_thoughts_without_a_word_are_none() -> None:
    empty = {"type": "thought_summary", "content": {"type": "text", "text": ""}}
    message = message_of(*step(0, "thought", empty), *step(1, "model_output", text("Two.")), end())
    assert message.parts == [Text("Two.")]


def test_the_servers_tools_are_one_part_each_and_go_back_as_they_came() -> None:
    records = [
        *step(0, "google_search_call", {"type": "google_search_call", "signature": "s1",
              "arguments": {"queries": ["tide"]}}, id="g1", signature=""),
        *step(1, "google_search_result", {"type": "google_search_result",
              "result": [{"search_suggestions": "<b>tide</b>"}]}, call_id="g1", signature="s2"),
        *step(2, "code_execution_call", id="x1", arguments={"code": "1+1", "language": "python"}),
        *step(3, "code_execution_result", call_id="x1", result="2", is_error=False, signature=""),
        *step(4, "model_output", text("Two.")),
    ]  # fmt: skip
    message = message_of(*records, end())
    search, code, said = message.parts
    assert isinstance(search, ProviderTool)
    assert isinstance(code, ProviderTool)
    assert (search.name, search.arguments) == ("google_search", '{"queries": ["tide"]}')
    assert (code.id, code.name, code.result) == ("x1", "code_execution", "2")
    assert said == Text("Two.")
    message.protocol, message.provider = NAME, "p"
    assert steps_of(user("?"), message, user("And?"))[1:-1] == [
        {"type": "google_search_call", "id": "g1", "signature": "s1",
         "arguments": {"queries": ["tide"]}},
        {"type": "google_search_result", "call_id": "g1", "signature": "s2",
         "result": [{"search_suggestions": "<b>tide</b>"}]},
        {"type": "code_execution_call", "id": "x1",
         "arguments": {"code": "1+1", "language": "python"}},
        {"type": "code_execution_result", "call_id": "x1", "is_error": False, "result": "2"},
        {"type": "model_output", "content": [text("Two.")]},
    ]  # fmt: skip
    # One that never came to its end is shown, and not sent back.
    broken = message_of(*records[:3])
    broken.protocol, broken.provider = NAME, "p"
    assert [type(part) for part in broken.parts] == [ProviderTool]
    assert all("search" not in one["type"] for one in steps_of(user("?"), broken, user("And?")))


def test_sources_count_the_bytes_of_their_own_step() -> None:
    cited = {"type": "url_citation", "url": "https://a.example", "title": "a"}
    annotations = {
        "type": "text_annotation_delta",
        "annotations": [cited | {"start_index": 3, "end_index": 8}],
    }
    message = message_of(
        *step(0, "model_output", text("Føre. ")),
        *step(1, "model_output", text("Og Ærø"), annotations),
        end(),
    )
    (source,) = (part for part in message.parts if isinstance(part, Source))
    assert (source.url, source.title) == ("https://a.example", "a")
    assert message.text[source.start : source.end] == "Ærø"


def test_pictures_are_files_of_the_answer() -> None:
    picture = {"type": "image", "mime_type": "image/png", "data": "AAAA"}
    address = {"type": "video", "mime_type": "video/mp4", "uri": "https://a.example/v"}
    nothing = {"type": "image", "mime_type": "image/png"}
    given = text("Here: "), picture, address, nothing
    message = message_of(*step(0, "model_output", *given), end())
    assert message.files == [
        File("data:image/png;base64,AAAA", "image/png"),
        File("https://a.example/v", "video/mp4"),
    ]


def test_a_character_cut_in_two_is_joined() -> None:
    message = message_of(*step(0, "model_output", text("\ud83d"), text("\ude00")), end())
    assert message.text == "😀"


# --- requests ----------------------------------------------------------------------------------


def body_of(*messages: Message, takes: Takes | None = None, **options: Any) -> Any:
    rendered = render(
        messages,
        model="gemini-m",
        options=Options(**options),
        stream=True,
        provider="p",
        takes=takes or Takes(),
    )
    assert rendered.path == "/interactions"
    assert rendered.headers == {}  # a page that sends a version is not let in
    return json.loads(rendered.body)


def steps_of(*messages: Message) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body_of(*messages)["input"]
    return found


def test_the_whole_history_goes_and_nothing_is_left_there() -> None:
    answer = Message(
        "assistant",
        [
            Reasoning("Hm.", {"signature": "sealed"}),
            Text("I look."),
            ToolCall("c1", "look", '{"at": "sea"}'),
            Reasoning("Unsigned.", {}),
        ],
        protocol=NAME,
        provider="p",
        status="complete",
    )
    result = Message("tool", [ToolResult("c1", "Blue.", "look", is_error=True)], status="complete")
    body = body_of(Message("system", [Text("Be brief.")]), user("Look!"), answer, result)
    assert body == {
        "model": "gemini-m",
        "system_instruction": "Be brief.",
        "input": [
            {"type": "user_input", "content": [text("Look!")]},
            {"type": "thought", "signature": "sealed", "summary": [text("Hm.")]},
            {"type": "model_output", "content": [text("I look.")]},
            {"type": "function_call", "id": "c1", "name": "look", "arguments": {"at": "sea"}},
            {"type": "function_result", "call_id": "c1", "name": "look", "result": "Blue.",
             "is_error": True},
        ],
        "store": False,
        "stream": True,
    }  # fmt: skip


def test_files_of_each_kind() -> None:
    kinds = {
        "image/png": "image",
        "audio/wav": "audio",
        "video/mp4": "video",
        "application/pdf": "document",
        "text/csv": "document",
    }
    files = [File(f"data:{kind};base64,AAAA", kind) for kind in kinds]
    (step,) = steps_of(user([*files, File("https://a.example/x", "image/png")]))
    assert [one["type"] for one in step["content"]] == [*kinds.values(), "image"]
    assert step["content"][0] == {"type": "image", "data": "AAAA", "mime_type": "image/png"}
    assert step["content"][-1] == {
        "type": "image", "uri": "https://a.example/x", "mime_type": "image/png"
    }  # fmt: skip


def test_the_settings() -> None:
    schema = {"type": "object", "properties": {}}
    body = body_of(
        user("Hi"),
        takes=Takes(shows=True),
        temperature=0.5,
        top_p=0.9,
        max_tokens=100,
        stop=["END"],
        seed=7,
        reasoning_effort="low",
        service_tier="flex",
        output=OutputFormat("it", schema),
        tools=[LOOK],
        tool_choice="look",
        extra={"tools": [{"type": "google_search"}], "generation_config": {"top_k": 3}},
    )
    assert body["generation_config"] == {
        "temperature": 0.5,
        "top_p": 0.9,
        "max_output_tokens": 100,
        "stop_sequences": ["END"],
        "seed": 7,
        "thinking_level": "low",
        "thinking_summaries": "auto",
        "tool_choice": {"allowed_tools": {"mode": "any", "tools": ["look"]}},
        "top_k": 3,
    }
    assert body["response_format"] == {
        "type": "text", "mime_type": "application/json", "schema": schema
    }  # fmt: skip
    assert [tool["type"] for tool in body["tools"]] == ["function", "google_search"]
    assert body["service_tier"] == "flex"
    # Nothing on tools where there are none, and nothing that was not set.
    assert body_of(user("Hi"), tool_choice="required").keys() == {
        "model", "input", "store", "stream"
    }  # fmt: skip
    words = {"auto": None, "none": "none", "required": "any"}
    for word, told in words.items():
        asked = body_of(user("Hi"), tools=[LOOK], tool_choice=word)
        assert asked.get("generation_config", {}).get("tool_choice") == told


def test_an_answer_that_ran_into_the_limit_of_one_request_goes_on() -> None:
    paused = message_of(
        *step(0, "model_output", text("Once")),
        end("requires_continuation", continuation_token="t1"),
    )
    paused.protocol, paused.provider = NAME, "p"
    assert paused.is_paused
    body = body_of(user("Tell."), paused)
    assert body["continuation_token"] == "t1"
    assert body["input"] == [{"type": "user_input", "content": [text("Tell.")]}]


def test_a_piece_of_a_step_that_never_began_takes_nothing_with_it() -> None:
    lost = event("step.delta", index=7, delta=text("lost"))
    message = message_of(lost, *step(0, "model_output", text("Hi")), end())
    assert (message.text, message.status) == ("Hi", "complete")
