"""Gemini: the ordinary stream, and each habit that a stream may have.

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
from app.protocols.gemini import authorization, parse_models, render
from tests.protocols.wire import calls_of, sse
from tests.protocols.wire import decode as decode_as

NAME = "gemini"
USAGE = {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}


def decode(data: bytes) -> tuple[list[ev.Event], Message]:
    return decode_as(data, NAME)


def message_of(*records: Any) -> Message:
    return decode(sse(*records))[1]


def chunk(*parts: Any, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """One record; `fields` go to the candidate."""
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}} | fields
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "m", "responseId": "r1"}


def say(text: str, **fields: Any) -> dict[str, Any]:
    return chunk({"text": text}, **fields)


def call(name: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"functionCall": ({"name": name} if name else {}) | fields}


STOP = chunk({"text": ""}, finish="STOP")


def test_an_ordinary_stream() -> None:
    last = say("!", finish="STOP") | {"usageMetadata": USAGE}
    events, message = decode(sse(say("Hi"), last))
    usage = Usage(5, 2, 7, None, None, USAGE)
    assert events == [
        ev.MessageStart("r1", "m"),
        ev.ContentDelta("Hi"),
        ev.ContentDelta("!"),
        usage,
        ev.Done("complete", "stop", "STOP", usage),
    ]
    assert (message.text, message.model, message.id) == ("Hi!", "m", "r1")


def test_a_stream_an_array_and_a_whole_body_give_the_same_message() -> None:
    records = [
        chunk({"text": "Hm.", "thought": True}),
        say("Hi"),
        chunk({"text": "!", "thoughtSignature": "sig"}),
        chunk(call("f", args={"a": 1}), finish="STOP") | {"usageMetadata": USAGE},
    ]
    streamed = message_of(*records)
    _, as_array = decode(json.dumps(records, indent=2).replace("\n", "\r\n").encode())
    parts = [
        {"text": "Hm.", "thought": True},
        {"text": "Hi!", "thoughtSignature": "sig"},
        call("f", args={"a": 1}),
    ]
    _, at_once = decode(
        json.dumps(chunk(*parts, finish="STOP") | {"usageMetadata": USAGE}).encode()
    )
    assert streamed == as_array == at_once
    assert streamed.parts == [
        Reasoning("Hm.", {"thoughtSignature": "sig"}),
        Text("Hi!"),
        ToolCall("call_r1_0", "f", '{"a": 1}'),
    ]


def test_elements_of_an_array_are_told_as_they_come() -> None:
    one = decoder(NAME)
    one.feed(b"[" + json.dumps(say("Hel")).encode())
    assert one.message.text == "Hel"
    one.feed(b"\n,\n" + json.dumps(say("lo", finish="STOP")).encode())
    assert one.message.text == "Hello"
    assert one.close()[-1] == ev.Done("complete", "stop", "STOP")


# --- how a stream ends -------------------------------------------------------------------------


def test_a_stream_without_finish_reason_is_incomplete() -> None:
    for message in (message_of(say("Hi")), decode(b"[" + json.dumps(say("Hi")).encode())[1]):
        assert (message.status, message.text) == ("incomplete", "Hi")
    assert message_of(say("Hi", finish="FINISH_REASON_UNSPECIFIED")).status == "incomplete"


def test_the_finish_reason_may_come_in_a_record_without_content() -> None:
    message = message_of(say("Hi"), {"candidates": [{"finishReason": "STOP", "index": 0}]})
    assert (message.status, message.text) == ("complete", "Hi")


def test_a_finish_reason_in_every_record_ends_nothing() -> None:
    records = [say("One. ", finish="STOP"), say("Two.", finish="STOP")]
    message = message_of(*records, {"candidates": [{"finishReason": "RECITATION"}]})
    assert (message.text, message.finish_reason) == ("One. Two.", "content_filter")
    one = decoder(NAME)
    one.feed(sse(*records))
    one.close(error=ErrorInfo("read", "The connection broke off."))
    assert (one.message.status, one.message.text) == ("error", "One. Two.")
    one = decoder(NAME)
    one.feed(sse(*records))
    assert one.close(aborted=True)[-1] == ev.Done("aborted")


@pytest.mark.parametrize(
    ("raw", "unified"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("IMAGE_SAFETY", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "error"),
        ("UNEXPECTED_TOOL_CALL", "error"),
        ("OTHER", "unknown"),
    ],
)
def test_finish_reasons(raw: str, unified: str) -> None:
    message = message_of(say("Hi"), chunk(finish=raw, finishMessage="Because."))
    assert (message.status, message.error) == ("complete", None)
    assert (message.finish_reason, message.finish_reason_raw) == (unified, raw)
    unknown = [f"The provider stopped for a reason that is not known: {raw}"]
    assert message.warnings == (
        [] if raw == "STOP" else ["Because.", *(unknown if unified == "unknown" else [])]
    )


def test_stop_after_calls_means_the_calls() -> None:
    message = message_of(chunk(call("f", args={})), STOP)
    assert (message.finish_reason, message.finish_reason_raw) == ("tool_calls", "STOP")


def test_a_blocked_prompt_has_no_answer_and_no_finish_reason() -> None:
    for feedback, words in (
        ({"blockReason": "SAFETY", "safetyRatings": []}, "SAFETY"),
        ({"blockReason": "OTHER", "blockReasonMessage": "Not that."}, "Not that."),
    ):
        message = message_of({"promptFeedback": feedback, "usageMetadata": USAGE})
        assert (message.status, message.parts, message.error) == ("complete", [], None)
        assert (message.finish_reason, message.finish_reason_raw) == ("content_filter", None)
        assert message.warnings == [f"The prompt was blocked: {words}"]
        assert message.usage is not None


def test_feedback_that_blocks_nothing_says_nothing() -> None:
    message = message_of(say("Hi", finish="STOP") | {"promptFeedback": {"safetyRatings": []}})
    assert (message.finish_reason, message.warnings) == ("stop", [])


def test_an_error_inside_the_stream() -> None:
    error = {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}
    data = sse(say("Hi"))
    # As an event, and as it is written where the stream breaks off.
    for tail in (sse({"error": error}), json.dumps({"error": error}, indent=2).encode()):
        message = decode(data + tail)[1]
        assert message.error is not None
        assert (message.status, message.text) == ("error", "Hi")
        assert (message.error.kind, message.error.code) == ("overloaded", "503")
        assert message.error.retryable


def test_an_error_instead_of_a_stream() -> None:
    error = {"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}
    for body in (error, [error]):
        message = decode(json.dumps(body, indent=2).encode())[1]
        assert message.error is not None
        assert (message.error.kind, message.error.message) == ("auth", "API key not valid.")


def test_a_failure_of_a_gateway_is_told_in_its_words() -> None:
    failure = {"code": 400, "message": "No such model.", "status": "failed"}
    _, message = decode(sse(failure))
    assert message.error is not None
    assert (message.status, message.error.message) == ("error", "No such model.")
    assert message.warnings == []


def test_an_error_without_words_has_some() -> None:
    message = message_of({"error": {"code": 500}})
    assert message.error is not None
    assert message.error.message


def test_an_error_beside_an_answer_is_told() -> None:
    message = message_of(say("Hi") | {"error": {"code": 500, "message": "Oops."}})
    assert message.error is not None
    assert (message.text, message.error.message) == ("Hi", "Oops.")


# --- parts -------------------------------------------------------------------------------------


def test_thoughts_are_reasoning() -> None:
    message = message_of(
        chunk({"text": "Hm", "thought": True}),
        chunk({"text": ".", "thought": True}, {"text": "Hi", "thought": False}),
        STOP,
    )
    assert message.parts == [Reasoning("Hm."), Text("Hi")]


def test_a_signature_may_stand_on_any_part() -> None:
    message = message_of(
        chunk({"text": "a", "thoughtSignature": "s1"}),
        chunk({"text": "b"}),
        chunk({"text": "", "thoughtSignature": "s2"}),
        chunk(call("f", args={}) | {"thoughtSignature": "s3"}, call("g", args={})),
        chunk({"thoughtSignature": "s4"}, finish="STOP"),
    )
    assert message.parts == [
        Text("a"),
        Reasoning("", {"thoughtSignature": "s1"}),
        Text("b"),
        Reasoning("", {"thoughtSignature": "s2"}),
        ToolCall("call_r1_0", "f", "{}", {"thoughtSignature": "s3"}),
        ToolCall("call_r1_1", "g", "{}"),
        Reasoning("", {"thoughtSignature": "s4"}),
    ]


def test_calls_without_arguments_or_id() -> None:
    message = message_of(
        chunk(call("f"), call("f", args=None), call("g", id="given", args={"a": "ü"})), STOP
    )
    assert calls_of(message) == [
        ("call_r1_0", "f", "{}"),
        ("call_r1_1", "f", "{}"),
        ("given", "g", '{"a": "\\u00fc"}'),
    ]
    assert message.tool_calls[2].extra == {"id": "given"}
    assert message.runnable_tool_calls == message.tool_calls


def test_made_up_ids_differ_from_answer_to_answer() -> None:
    answers = [
        message_of({"candidates": chunk(call("f", args={"n": n}))["candidates"]}, STOP)
        for n in (1, 2)
    ]
    assert answers[0].tool_calls[0].id != answers[1].tool_calls[0].id


def test_arguments_that_come_in_parts() -> None:
    def part(value: dict[str, Any], more: bool = True) -> dict[str, Any]:
        return chunk(call(partialArgs=[value], willContinue=more))

    records = [
        chunk(call("now") | {"thoughtSignature": "s"}),
        chunk(call("f", willContinue=True)),
        part({"jsonPath": "$.city", "stringValue": 'Ro"', "willContinue": True}),
        part({"jsonPath": "$.city", "stringValue": "me", "willContinue": True}),
        part({"jsonPath": "$.city", "stringValue": ""}),
        part({"jsonPath": "$.days[0].n", "numberValue": 2.0}),
        part({"jsonPath": "$.days[0].ok", "boolValue": False}),
        part({"jsonPath": "$.days[1].n", "nullValue": "NULL_VALUE"}),
        part({"jsonPath": "$['a b']", "stringValue": "x"}, more=False),
        chunk(call("g", willContinue=True)),
        chunk(call()),
        chunk(call()),  # once more
        chunk(call("h", willContinue=True)),
        part({"jsonPath": "$.x", "numberValue": 1.5}),
        STOP,
    ]
    message = message_of(*records)
    assert [(tool.name, tool.arguments) for tool in message.tool_calls] == [
        ("now", "{}"),
        ("f", '{"city":"Ro\\"me","days":[{"n":2,"ok":false},{"n":null}],"a b":"x"}'),
        ("g", "{}"),
        ("h", '{"x":1.5}'),
    ]
    assert message.runnable_tool_calls == message.tool_calls
    for cut in range(3, 9):
        half = message_of(*records[:cut])
        assert message.tool_calls[1].arguments.startswith(half.tool_calls[1].arguments)
        assert half.runnable_tool_calls == []
        with pytest.raises(json.JSONDecodeError):
            json.loads(half.tool_calls[1].arguments)


def test_arguments_in_parts_that_repeat_the_name() -> None:
    message = message_of(
        chunk(call("f", willContinue=True)),
        chunk(
            call(
                "f",
                partialArgs=[{"jsonPath": "$.a", "stringValue": "1", "willContinue": True}],
                willContinue=True,
            )
        ),
        chunk(call("f", partialArgs=[{"jsonPath": "$.a", "stringValue": "2"}])),
        STOP,
    )
    assert [tool.arguments for tool in message.tool_calls] == ['{"a":"12"}']


def test_a_call_cut_by_the_length_limit_stays_half() -> None:
    value = {"jsonPath": "$.a", "stringValue": "1", "willContinue": True}
    message = message_of(
        chunk(call("f", partialArgs=[value], willContinue=True)), chunk(finish="MAX_TOKENS")
    )
    assert message.tool_calls[0].arguments == '{"a":"1'


def test_images_and_files() -> None:
    message = message_of(
        chunk(
            {"text": "See:"},
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
            {"fileData": {"mimeType": "video/mp4", "fileUri": "https://a.example/v"}},
        ),
        STOP,
    )
    assert message.parts == [
        Text("See:"),
        File("data:image/png;base64,AAAA", "image/png"),
        File("https://a.example/v", "video/mp4"),
    ]


def test_code_that_the_server_runs_is_one_part() -> None:
    message = message_of(
        chunk({"text": "Let me compute."}),
        chunk({"executableCode": {"language": "PYTHON", "code": "print(1)"}}),
        chunk({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}}),
        chunk({"executableCode": {"language": "PYTHON", "code": "look()"}}),
        say("One.", finish="STOP"),
    )
    tools = [part for part in message.parts if isinstance(part, ProviderTool)]
    assert [(tool.name, json.loads(tool.arguments), tool.result) for tool in tools] == [
        (
            "code_execution",
            {"language": "PYTHON", "code": "print(1)"},
            {"outcome": "OUTCOME_OK", "output": "1\n"},
        ),
        ("code_execution", {"language": "PYTHON", "code": "look()"}, None),
    ]
    assert message.tool_calls == []


def test_tools_that_the_server_runs_by_name() -> None:
    message = message_of(
        chunk({"toolCall": {"toolType": "FILE_SEARCH", "id": "x"}, "thoughtSignature": "s1"}),
        chunk({"toolResponse": {"toolType": "FILE_SEARCH", "id": "x"}, "thoughtSignature": "s2"}),
        STOP,
    )
    (tool,) = message.parts
    assert isinstance(tool, ProviderTool)
    assert (tool.id, tool.name, tool.arguments) == ("x", "file_search", "")
    assert tool.result == {"toolType": "FILE_SEARCH", "id": "x"}


# --- sources -----------------------------------------------------------------------------------


def test_grounding_tells_what_rests_on_which_source() -> None:
    grounding = {
        "webSearchQueries": ["a"],
        "searchEntryPoint": {"renderedContent": "<p>"},
        "groundingChunks": [
            {"web": {"uri": "https://a.example", "title": "A"}},
            {"retrievedContext": {"text": "Passage.", "fileSearchStore": "store"}},
            {"web": {"uri": "https://unused.example"}},
        ],
        "groundingSupports": [
            # In bytes of the text, where «ü» has two.
            {"segment": {"endIndex": 4}, "groundingChunkIndices": [0, 1]},
            {"segment": {"startIndex": 5, "endIndex": 8}, "groundingChunkIndices": [0, 9]},
            {"segment": {"startIndex": 5, "endIndex": 800}, "groundingChunkIndices": [1]},
        ],
    }
    message = message_of(
        say("für", groundingMetadata={}),
        say(" dich", groundingMetadata=grounding),
        chunk(finish="STOP", groundingMetadata=grounding),
    )
    assert message.sources == [
        Source("https://a.example", "A", "", 0, 3),
        Source("", "store", "Passage.", 0, 3),
        Source("https://a.example", "A", "", 4, 7),
        Source("", "store", "Passage."),
        Source("https://unused.example"),
    ]
    (search,) = [part for part in message.parts if isinstance(part, ProviderTool)]
    assert (search.name, search.arguments, search.result) == (
        "google_search",
        '{"queries": ["a"]}',
        "<p>",
    )


@pytest.mark.parametrize("key", ["citationSources", "citations"])
def test_citations_are_sources(key: str) -> None:
    found = {key: [{"startIndex": 1, "endIndex": 3, "uri": "https://a.example", "license": ""}]}
    message = message_of(
        say("abcd", citationMetadata=found), chunk(finish="STOP", citationMetadata=found)
    )
    assert message.sources == [Source("https://a.example", "", "", 1, 3)]


def test_pages_that_the_server_read_are_a_tool_of_its_own() -> None:
    page = {"retrievedUrl": "https://a.example", "urlRetrievalStatus": "OK"}
    context = {"urlMetadata": [page]}
    message = message_of(
        say("Hi", urlContextMetadata=context), chunk(finish="STOP", urlContextMetadata=context)
    )
    assert message.parts == [Text("Hi"), ProviderTool("", "url_context", "", [page])]


# --- usage -------------------------------------------------------------------------------------


def test_thoughts_and_the_finds_of_tools_are_counted_in() -> None:
    raw = USAGE | {"thoughtsTokenCount": 30, "toolUsePromptTokenCount": 100, "totalTokenCount": 137}
    usage = message_of(say("Hi", finish="STOP") | {"usageMetadata": raw}).usage
    assert usage == Usage(105, 32, 137, None, 30, raw)


def test_counts_that_vanish_again_stay_known() -> None:
    first = USAGE | {"thoughtsTokenCount": 30, "cachedContentTokenCount": 4}
    last = {"promptTokenCount": 5, "candidatesTokenCount": 9, "totalTokenCount": 44}
    records = [say("Hi") | {"usageMetadata": first}, STOP | {"usageMetadata": last}]
    usage = message_of(*records).usage
    assert usage == Usage(5, 39, 44, 4, 30, last)


# --- several candidates ------------------------------------------------------------------------


def test_further_candidates_are_alternatives() -> None:
    records = [
        {
            "candidates": [
                {"content": {"parts": [{"text": "A"}]}},
                {"index": 1, "content": {"parts": [{"text": "B"}, call("f", args={})]}},
            ]
        },
        {
            "candidates": [
                {"index": 0, "finishReason": "STOP"},
                {"index": 1, "finishReason": "MAX_TOKENS"},
            ]
        },
    ]
    message = message_of(*records)
    (other,) = message.alternatives
    assert (message.text, message.finish_reason) == ("A", "stop")
    assert (other.text, other.finish_reason, other.status) == ("B", "length", "complete")
    assert len(other.tool_calls) == 1


# --- what is written badly ---------------------------------------------------------------------


def test_records_with_one_line_end_between_them() -> None:
    lines = "".join(f"data: {json.dumps(record)}\n" for record in (say("a"), say("b"), STOP))
    assert decode(lines.encode())[1].text == "ab"


def test_a_leading_think_block_is_reasoning() -> None:
    message = message_of(say("<th"), say("ink>Hm.</think>Hi"), STOP)
    assert (message.reasoning, message.text) == ("Hm.", "Hi")


def test_characters_cut_in_two_are_joined() -> None:
    message = message_of(
        say("a\ud83d"), say("\udc4bb"), chunk({"text": "\ud83d", "thought": True}), STOP
    )
    assert (message.text, message.reasoning) == ("a👋b", "\ufffd")


def test_shapes_that_are_not_as_they_should_be() -> None:
    message = message_of(
        {"candidates": {"content": {"parts": {"text": "a"}}}},
        {"candidates": [{"content": "b"}, 5]},
        {"candidates": [{"content": {"parts": [None, {"text": 7}, {"functionCall": []}]}}]},
        {"candidates": [{"content": {"parts": [call("f", args='{"a": 1}', id=3)]}}]},
        {"candidates": None, "usageMetadata": "?"},
        {"response": say("c")},
        [say("d")],
        "7",
        {"candidates": [{"index": "0", "content": None, "finishReason": "STOP"}]},
        "[DONE]",
    )
    assert (message.text, message.status) == ("ab7cd", "complete")
    assert [(tool.name, tool.arguments) for tool in message.tool_calls] == [("f", '{"a": 1}')]


# --- requests ----------------------------------------------------------------------------------


def body_of(*messages: Message, model: str = "gemini-3-flash", **settings: Any) -> dict[str, Any]:
    rendered = render(messages, model=model, options=Options(**settings), stream=True)
    body: dict[str, Any] = json.loads(rendered.body)
    return body


def test_a_simple_request() -> None:
    system = Message("system", [Text("Be brief.")])
    assert body_of(system, user("Hi"), temperature=0.5, max_tokens=9, stop=["END"], seed=1) == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
        "generationConfig": {
            "temperature": 0.5,
            "maxOutputTokens": 9,
            "stopSequences": ["END"],
            "seed": 1,
        },
    }


@pytest.mark.parametrize(
    ("model", "stream", "path"),
    [
        ("gemini-3-flash", True, "/models/gemini-3-flash:streamGenerateContent?alt=sse"),
        ("gemini-3-flash", False, "/models/gemini-3-flash:generateContent"),
        ("models/gemma?", False, "/models/gemma%3F:generateContent"),
        ("tunedModels/mine", False, "/tunedModels/mine:generateContent"),
    ],
)
def test_the_path_names_model_and_manner(model: str, stream: bool, path: str) -> None:
    assert render([user("Hi")], model=model, options=Options(), stream=stream).path == path


def test_the_key_is_a_header() -> None:
    assert authorization("k") == {"x-goog-api-key": "k"}


def test_tools_and_their_choice() -> None:
    tool = ToolDefinition("f", "Does f.", {"type": "object"})
    body = body_of(user("Hi"), tools=[tool], tool_choice="f", extra={"cachedContent": "c"})
    assert body["cachedContent"] == "c"
    declaration = {
        "name": "f",
        "description": "Does f.",
        "parametersJsonSchema": {"type": "object", "properties": {}},
    }
    assert body["tools"] == [{"functionDeclarations": [declaration]}]
    assert body["toolConfig"] == {
        "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}
    }
    for word, mode in (("auto", "AUTO"), ("none", "NONE"), ("required", "ANY")):
        body = body_of(user("Hi"), tools=[tool], tool_choice=word)
        assert body["toolConfig"] == {"functionCallingConfig": {"mode": mode}}


def test_thinking_is_asked_for_and_shown() -> None:
    config = body_of(user("Hi"), reasoning_effort="medium")["generationConfig"]["thinkingConfig"]
    assert config == {"thinkingBudget": 8192, "includeThoughts": True}
    config = body_of(user("Hi"), reasoning_effort="none")["generationConfig"]["thinkingConfig"]
    assert config == {"thinkingBudget": 0, "includeThoughts": False}


def test_images_and_files_are_sent() -> None:
    files = [
        File("data:image/png;base64,AAAA"),
        File("https://a.example/v", "video/mp4"),
        File("https://a.example/w"),
    ]
    question = Message("user", [Text("What is this?"), *files])
    assert body_of(question)["contents"][0]["parts"] == [
        {"text": "What is this?"},
        {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
        {"fileData": {"fileUri": "https://a.example/v", "mimeType": "video/mp4"}},
        {"fileData": {"fileUri": "https://a.example/w"}},
    ]


def test_an_answer_goes_back_with_its_signatures() -> None:
    answer = message_of(
        chunk({"text": "Hm.", "thought": True}),
        say("Let me "),
        say("see."),
        chunk({"text": "", "thoughtSignature": "s1"}),
        chunk({"executableCode": {"id": "e", "language": "PYTHON", "code": "f()"}}),
        chunk({"codeExecutionResult": {"id": "e", "outcome": "OUTCOME_OK", "output": "1"}}),
        chunk(
            {
                "toolCall": {"toolType": "MAPS", "id": "x", "args": {"q": 1}},
                "thoughtSignature": "s2",
            },
            {"toolResponse": {"toolType": "MAPS", "id": "x", "response": {"r": 2}}},
        ),
        chunk({"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thoughtSignature": "s3"}),
        chunk(call("f", args={"a": 1}, id="c1") | {"thoughtSignature": "s4"}, call("g")),
        STOP,
    )
    ids = [tool.id for tool in answer.tool_calls]
    results = [ToolResult(ids[0], "5", "f"), ToolResult(ids[1], "No.", is_error=True)]
    asked = user("Hi"), answer, Message("tool", [*results])
    contents = body_of(*asked, model="m")["contents"]
    assert contents[1] == {
        "role": "model",
        "parts": [
            {"text": "Let me see.", "thoughtSignature": "s1"},
            {"executableCode": {"id": "e", "language": "PYTHON", "code": "f()"}},
            {"codeExecutionResult": {"id": "e", "outcome": "OUTCOME_OK", "output": "1"}},
            {
                "toolCall": {"toolType": "MAPS", "id": "x", "args": {"q": 1}},
                "thoughtSignature": "s2",
            },
            {"toolResponse": {"toolType": "MAPS", "id": "x", "response": {"r": 2}}},
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thoughtSignature": "s3"},
            call("f", args={"a": 1}, id="c1") | {"thoughtSignature": "s4"},
            call("g", args={}),
        ],
    }
    assert contents[2] == {
        "role": "user",
        "parts": [
            {"functionResponse": {"id": "c1", "name": "f", "response": {"result": "5"}}},
            {"functionResponse": {"name": "g", "response": {"error": "No."}}},
        ],
    }


def test_a_signature_of_its_own_goes_back_as_an_empty_text() -> None:
    answer = message_of(
        chunk(call("f", args={})), chunk({"text": "", "thoughtSignature": "s"}, finish="STOP")
    )
    answer.model = "gemini-2.5-pro"
    parts = body_of(user("Hi"), answer, model="gemini-2.5-pro")["contents"][1]["parts"]
    assert parts == [call("f", args={}), {"text": "", "thoughtSignature": "s"}]


def test_calls_of_another_model_stand_without_their_signature() -> None:
    answer = Message(
        "assistant",
        [
            Reasoning("Hm.", {"signature": "theirs"}),
            Text("Hi"),
            ProviderTool("p1", "web_search", "{}", "found", [1]),
            ToolCall("t1", "f", "{}", {"id": "theirs"}),
            ToolCall("t2", "g", "[1]"),
        ],
        protocol="anthropic-messages",
    )
    parts = body_of(user("Hi"), answer)["contents"][1]["parts"]
    assert parts == [
        {"text": "Hi"},
        call("f", args={}) | {"thoughtSignature": "skip_thought_signature_validator"},
        call("g", args={"INVALID_JSON": "[1]"}),
    ]
    parts = body_of(user("Hi"), answer, model="gemini-2.5-flash")["contents"][1]["parts"]
    assert parts[1] == call("f", args={})


def test_the_list_of_models_that_can_chat() -> None:
    body = {
        "models": [
            {"name": "models/a", "supportedGenerationMethods": ["generateContent"]},
            {"name": "models/embed", "supportedGenerationMethods": ["embedContent"]},
            {"name": "b"},
            7,
        ]
    }
    assert parse_models(json.dumps(body).encode()) == ["a", "b"]
    for nothing in (b"", b"[]", b"{}", b"<html>", b'{"models": 5}'):
        assert parse_models(nothing) == []


def test_a_draft_of_an_image_is_no_file_of_the_answer() -> None:
    def image(data: str) -> dict[str, Any]:
        return {"inlineData": {"mimeType": "image/png", "data": data}}

    message = message_of(chunk(image("AAAA") | {"thought": True}), chunk(image("BBBB")), STOP)
    assert [file.url for file in message.files] == ["data:image/png;base64,BBBB"]


def test_an_answer_that_goes_on_in_another_request_is_asked_for_again_with_its_token() -> None:
    paused = chunk({"text": "First half, "}, finish="CONTINUATION")
    paused["candidates"][0]["continuationToken"] = "QUJD"
    answer = message_of(paused)
    assert (answer.text, answer.finish_reason, answer.is_paused) == ("First half, ", "pause", True)
    body = body_of(user("Hi"), answer, model="m")
    assert body["continuationToken"] == "QUJD"
    assert [one["role"] for one in body["contents"]] == ["user"]
    later = body_of(user("Hi"), answer, user("Go on"), model="m")
    assert "continuationToken" not in later
    assert later["contents"][1] == {"role": "model", "parts": [{"text": "First half, "}]}
    # One without a token, as of another provider, is asked with as it is.
    for half in (message_of(chunk({"text": "Half"}, finish="CONTINUATION")), answer):
        half.parts = [part for part in half.parts if isinstance(part, Text)]
        body = body_of(user("Hi"), half, model="m")
        assert "continuationToken" not in body
        assert [one["role"] for one in body["contents"]] == ["user", "model"]


def test_the_names_of_googles_python_library_mean_the_same() -> None:
    arguments = {"a_b": {"c_d": 1}}
    parts = [
        {"text": "hm", "thought": True},
        {"text": "Hi", "thought_signature": "sig"},
        {"inline_data": {"mime_type": "image/png", "data": "AAAA"}},
        {"function_call": {"name": "f", "args": arguments}},
    ]
    for is_wrapped in (False, True):

        def record(fields: dict[str, Any], is_wrapped: bool = is_wrapped) -> dict[str, Any]:
            return {"response": fields} if is_wrapped else fields

        records = [
            record({"candidates": [{"content": {"role": "model", "parts": [part]}}]})
            for part in parts
        ]
        end = {
            "candidates": [{"finish_reason": "FinishReason.STOP"}],
            "usage_metadata": {"prompt_token_count": 3, "candidates_token_count": 1},
            "model_version": "m",
        }
        message = decode_as(sse(*records, record(end)), "gemini")[1]
        assert (message.text, message.reasoning, message.status) == ("Hi", "hm", "complete")
        assert message.finish_reason == "tool_calls"
        assert [file.url for file in message.files] == ["data:image/png;base64,AAAA"]
        assert [json.loads(call.arguments) for call in message.tool_calls] == [arguments]
        assert message.usage is not None
        assert message.usage.input_tokens == 3
