"""Ollama: the ordinary stream, and each habit that a stream may have.

The streams are written here by hand.
"""

import json
from typing import Any

import pytest

from app.core import events as ev
from app.core.messages import File, Message, Reasoning, Text, ToolCall, ToolResult, Usage, user
from app.core.options import Options, ToolDefinition
from app.protocols import decoder, http_error, ollama
from app.protocols.ollama.context import context_for
from app.providers import provider
from tests.protocols.wire import calls_of, sse
from tests.protocols.wire import decode as decode_as

MOMENT = "2026-08-01T10:00:00.5Z"
COUNTS: dict[str, Any] = {
    "total_duration": 900,
    "load_duration": 100,
    "prompt_eval_count": 7,
    "prompt_eval_duration": 200,
    "eval_count": 5,
    "eval_duration": 600,
}


def decode(data: bytes) -> tuple[list[ev.Event], Message]:
    return decode_as(data, ollama.NAME)


def ndjson(*records: Any) -> bytes:
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    return "".join(f"{line}\n" for line in lines).encode()


def message_of(*records: Any) -> Message:
    return decode(ndjson(*records))[1]


def line(message: Any = None, **fields: Any) -> dict[str, Any]:
    start: dict[str, Any] = {"model": "m", "created_at": MOMENT}
    if message is not None:
        start["message"] = message
    return start | {"done": False} | fields


def say(text: Any, **message: Any) -> dict[str, Any]:
    return line({"role": "assistant", "content": text} | message)


def think(text: str) -> dict[str, Any]:
    return say("", thinking=text)


def call(name: str, arguments: Any = None, **fields: Any) -> dict[str, Any]:
    function = {"name": name} | ({} if arguments is None else {"arguments": arguments})
    return {"function": function} | fields


def done(reason: str | None = "stop", **fields: Any) -> dict[str, Any]:
    end = line({"role": "assistant", "content": ""}, done=True, **fields)
    return end if reason is None else end | {"done_reason": reason}


def test_an_ordinary_stream() -> None:
    events, message = decode(ndjson(think("Hm."), say("Hi"), say("!"), done(**COUNTS)))
    usage = Usage(7, 5, 12, raw=COUNTS)
    assert events == [
        ev.MessageStart("", "m"),
        ev.ReasoningDelta("Hm."),
        ev.ContentDelta("Hi"),
        ev.ContentDelta("!"),
        usage,
        ev.Done("complete", "stop", "stop", usage),
    ]
    assert message.parts == [Reasoning("Hm."), Text("Hi!")]
    assert (message.model, message.protocol) == ("m", "ollama")


def test_a_whole_body_gives_the_same_message_as_its_stream() -> None:
    answer = {"role": "assistant", "content": "Hi!", "thinking": "Hm.", "tool_calls": [call("f")]}
    body = line(answer, done=True, done_reason="stop", **COUNTS)
    _, whole = decode(json.dumps(body, indent=1).encode())
    records = [think("Hm."), say("Hi!"), say("", tool_calls=[call("f")]), done(**COUNTS)]
    assert whole == message_of(*records)
    assert whole.finish_reason == "tool_calls"


def test_a_stream_that_breaks_off_is_incomplete_up_to_its_last_line() -> None:
    records = [think("Hm."), say("Hi"), say("", tool_calls=[call("f", {"a": 1})]), done()]
    for number in range(len(records)):
        one = decoder(ollama.NAME)
        one.feed(ndjson(*records[:number]))
        one.close()
        assert one.message.status == "incomplete"
        assert one.message.runnable_tool_calls == []
    assert message_of(*records).status == "complete"


def test_the_last_line_may_lack_its_line_end() -> None:
    _, message = decode(ndjson(say("Hi"), done()).rstrip())
    assert (message.text, message.status) == ("Hi", "complete")


def test_a_last_line_cut_short_is_a_warning() -> None:
    _, message = decode(ndjson(say("Hi"), done())[:-10])
    assert (message.text, message.status, len(message.warnings)) == ("Hi", "incomplete", 1)


def test_the_length_limit() -> None:
    message = message_of(say("Hi", tool_calls=[call("f", {"a": 1})]), done("length"))
    assert (message.finish_reason, message.status) == ("length", "complete")
    assert message.runnable_tool_calls == []


def test_an_end_without_a_reason() -> None:
    """Early versions."""
    message = message_of(say("Hi"), done(None, **COUNTS))
    assert (message.status, message.finish_reason, len(message.warnings)) == ("complete", None, 1)
    assert message.usage is not None


def test_an_end_without_counts() -> None:
    message = message_of(say("Hi"), done())
    assert message.usage == Usage(raw={})


def test_a_model_that_was_only_loaded() -> None:
    message = message_of(done("load"))
    assert (message.text, message.finish_reason_raw) == ("", "load")
    assert (message.status, message.finish_reason) == ("complete", "stop")


def test_text_on_the_last_line() -> None:
    message = message_of(say("Hi"), line({"content": "!"}, done=True, done_reason="stop"))
    assert message.text == "Hi!"


def test_the_other_address() -> None:
    """`/api/generate`."""
    message = message_of(
        line(response="", thinking="Hm."),
        line(response="Hi"),
        line(response="", done=True, done_reason="stop", context=[1, 2]) | COUNTS,
    )
    assert (message.reasoning, message.text, message.status) == ("Hm.", "Hi", "complete")


@pytest.mark.parametrize("empty", ["", None])
def test_lines_that_only_think(empty: Any) -> None:
    message = message_of(say(empty, thinking="H"), say(empty, thinking="m."), say("Hi"), done())
    assert message.parts == [Reasoning("Hm."), Text("Hi")]


def test_a_leading_think_block_is_reasoning() -> None:
    """Models whose thinking the server does not tell apart."""
    message = message_of(say("<thi"), say("nk>\nHm."), say("</think>\n"), say("Hi"), done())
    assert (message.reasoning, message.text) == ("\nHm.", "\nHi")
    assert message_of(say("<th")).text == "<th"


# --- tool calls --------------------------------------------------------------------------------


def test_calls_without_ids_get_one_that_lasts() -> None:
    calls = [call("f", {"a": 1}), call("f", {"a": 1}), call("g", {})]
    events, message = decode(ndjson(say("", tool_calls=calls), done()))
    assert calls_of(message) == [
        ("call_202608011000005_0", "f", '{"a": 1}'),
        ("call_202608011000005_1", "f", '{"a": 1}'),
        ("call_202608011000005_2", "g", "{}"),
    ]
    assert (message.finish_reason, message.finish_reason_raw) == ("tool_calls", "stop")
    assert message.runnable_tool_calls == message.tool_calls
    ends = [one.index for one in events if isinstance(one, ev.ToolCallEnd)]
    assert ends == [0, 1, 2]


def test_calls_on_lines_of_their_own_and_on_the_last() -> None:
    message = message_of(
        say("", tool_calls=[call("f", {"a": 1}, id="call_x")]),
        say("", tool_calls=[call("f", {"a": 2}, id="call_y")]),
        line({"tool_calls": [call("g")]}, done=True, done_reason="stop"),
    )
    assert [one.name for one in message.tool_calls] == ["f", "f", "g"]
    assert [one.id for one in message.tool_calls[:2]] == ["call_x", "call_y"]


def test_an_index_that_all_calls_share_tells_nothing() -> None:
    calls = [call("f", {"a": 1}), call("g", {"b": 2})]
    for one in calls:
        one["function"]["index"] = 0
    message = message_of(say("", tool_calls=calls), done())
    assert [one.name for one in message.tool_calls] == ["f", "g"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"a": "ü", "n": 1.0}, '{"a": "\\u00fc", "n": 1.0}'),
        (None, "{}"),
        ('{"a":1}', '{"a":1}'),
        ("", ""),
        ([1], "[1]"),
    ],
)
def test_arguments_in_any_form(arguments: Any, text: str) -> None:
    message = message_of(say("", tool_calls=[call("f", arguments)]), done())
    assert message.tool_calls[0].arguments == text


# --- errors ------------------------------------------------------------------------------------


def test_an_error_in_the_stream() -> None:
    message = message_of(say("Hi"), {"error": "an error was encountered while running the model"})
    assert (message.status, message.text) == ("error", "Hi")
    assert message.error is not None
    assert message.error.message == "an error was encountered while running the model"
    assert (message.error.kind, message.error.retryable) == ("server", True)


def test_an_error_in_place_of_a_stream() -> None:
    _, message = decode(b'{"error":"the input length exceeds the context length"}')
    assert (message.status, message.text) == ("error", "")
    assert message.error is not None
    assert (message.error.kind, message.error.retryable) == ("context_length", False)


def test_an_error_of_a_gateway() -> None:
    message = message_of({"error": {"message": "Too fast.", "code": "rate_limit_exceeded"}})
    assert message.error is not None
    assert (message.error.kind, message.error.message) == ("rate_limit", "Too fast.")
    assert message_of({"error": {"a": 1}}).error is not None


def test_http_errors() -> None:
    error = http_error(ollama.NAME, 404, {}, b'{"error":"model \'x\' not found"}')
    assert (error.kind, error.message) == ("not_found", "model 'x' not found")
    error = http_error(ollama.NAME, 500, {}, b'{"error":"llama runner process has terminated"}')
    assert (error.kind, error.retryable) == ("server", True)


# --- lines that are not what they should be ----------------------------------------------------


def test_fields_of_other_types() -> None:
    message = message_of(
        say(5),
        line("Hi"),
        line({"content": {"a": 1}, "tool_calls": call("f", {"a": 1}), "images": 3}),
        line({"content": "", "tool_calls": [7, {"name": "g", "arguments": {}}]}),
        line({"content": "!"}, done="true", done_reason=3, prompt_eval_count="7", eval_count=5.0),
    )
    assert message.text == '5Hi{"a": 1}!'
    assert [one.name for one in message.tool_calls] == ["f", "g"]
    assert message.status == "complete"
    assert message.usage is not None
    assert message.usage.total_tokens == 12


def test_a_character_cut_in_two() -> None:
    def half(text: str) -> str:
        return json.dumps(line({"content": "TEXT"})).replace("TEXT", text)

    message = message_of(half(r"a\ud83d"), half(r"\ude00b"), done())
    assert (message.text, message.warnings) == ("a😀b", [])
    assert message_of(half(r"a\ud83d"), done()).text == "a\ufffd"
    assert message_of(half(r"a\ud83d"), say("b"), done()).text == "a\ufffdb"


def test_broken_lines_between_good_ones() -> None:
    message = message_of(say("Hi"), '{"model": ', say("!"), done())
    assert (message.text, message.status, len(message.warnings)) == ("Hi!", "complete", 1)


def test_lines_in_server_sent_events() -> None:
    """Gateways."""
    _, message = decode(sse(say("Hi"), done(), "[DONE]"))
    assert (message.text, message.status, message.warnings) == ("Hi", "complete", [])


def test_what_this_protocol_does_not_know_is_told_once() -> None:
    message = message_of({"a": 1}, {"b": 2}, {}, say("Hi"), done())
    assert (message.text, len(message.warnings)) == ("Hi", 1)


def test_an_image() -> None:
    message = message_of(line(response="", image="AAAA"), say("", images=["BBBB"]), done())
    assert message.files == [
        File("data:image/png;base64,AAAA", "image/png"),
        File("data:image/png;base64,BBBB", "image/png"),
    ]


# --- what goes out -----------------------------------------------------------------------------


def rendered(*messages: Message, model: str = "m", stream: bool = True, **options: Any) -> Any:
    request = ollama.render(messages, model=model, options=Options(**options), stream=stream)
    assert request.path == "/api/chat"
    return json.loads(request.body)


TOOLS = [ToolDefinition(name, "Does.", {"type": "object"}) for name in ("f", "g")]


def test_a_question() -> None:
    assert rendered(Message("system", [Text("Be kind.")]), user("hi"), stream=False) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "hi"},
        ],
        "stream": False,
    }


def test_options() -> None:
    body = rendered(
        user("hi"),
        temperature=0.5,
        top_p=0.9,
        max_tokens=7,
        stop=["x"],
        seed=1,
        tools=TOOLS[:1],
        extra={"keep_alive": "5m", "options": {"num_ctx": 8192}},
    )
    assert {name: body[name] for name in body.keys() - {"model", "messages"}} == {
        "stream": True,
        "options": {
            "temperature": 0.5,
            "top_p": 0.9,
            "num_predict": 7,
            "stop": ["x"],
            "seed": 1,
            "num_ctx": 8192,
        },
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "f",
                    "description": "Does.",
                    "parameters": {"type": "object", "properties": {}},
                },
            }
        ],
        "keep_alive": "5m",
    }


@pytest.mark.parametrize(
    ("choice", "names"),
    [("auto", ["f", "g"]), ("required", ["f", "g"]), ("g", ["g"]), ("none", None)],
)
def test_the_choice_of_a_tool(choice: str, names: list[str] | None) -> None:
    tools = rendered(user("hi"), tools=TOOLS, tool_choice=choice).get("tools")
    assert (tools and [tool["function"]["name"] for tool in tools]) == names


@pytest.mark.parametrize(
    ("model", "effort", "value"),
    [
        ("qwen3", None, None),
        ("qwen3", "none", False),
        ("qwen3", "low", True),
        ("gpt-oss:20b", "high", "high"),
        ("gpt-oss:20b", "minimal", "low"),
        ("gpt-oss:20b", "none", False),
    ],
)
def test_thinking(model: str, effort: Any, value: Any) -> None:
    assert rendered(user("hi"), model=model, reasoning_effort=effort).get("think") == value


def test_pictures() -> None:
    files = [File("data:image/png;base64,AAAA", "image/png"), File("https://a.example/x.png")]
    (question,) = rendered(Message("user", [Text("hi"), *files]))["messages"]
    assert question == {
        "role": "user",
        "content": "hi\nhttps://a.example/x.png",
        "images": ["AAAA"],
    }


def test_an_answer_with_calls_is_sent_back() -> None:
    answer = message_of(think("Hm."), say("Hi", tool_calls=[call("f", {"a": 1})]), done())
    id = answer.tool_calls[0].id
    assert rendered(answer, Message("tool", [ToolResult(id, "42")]))["messages"] == [
        {
            "role": "assistant",
            "content": "Hi",
            "thinking": "Hm.",
            "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}],
        },
        {"role": "tool", "tool_name": "f", "content": "42"},
    ]


def test_an_answer_of_another_protocol_is_sent_back_without_its_thinking() -> None:
    calls = [ToolCall("c1", "f", '{"a":'), ToolCall("c2", "f")]
    answer = Message("assistant", [Reasoning("Hm."), *calls], protocol="openai-chat")
    first, *results = rendered(answer)["messages"]
    arguments: list[dict[str, Any]] = [{"INVALID_JSON": '{"a":'}, {}]
    assert first == {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"function": {"name": "f", "arguments": one}} for one in arguments],
    }
    assert [one["tool_name"] for one in results] == ["f", "f"]


def test_an_answer_of_pictures_alone_is_sent_back_by_their_names() -> None:
    drawn = Message("assistant", [File("data:image/png;base64,AAAA", "image/png", "otter.png")])
    assert rendered(drawn)["messages"] == [{"role": "assistant", "content": "(otter.png)"}]


def test_the_key_and_the_models() -> None:
    assert ollama.authorization("k") == {"authorization": "Bearer k"}
    assert ollama.MODELS_PATH == "/api/tags"
    assert ollama.parse_models(b'{"models": [{"name": "a:7b", "model": "a:7b"}]}') == ["a:7b"]


def num_ctx(*messages: Message, model: str = "llama3.2", **options: Any) -> Any:
    asked = provider("ollama")
    request = asked.render(messages, model=model, options=Options(**options), stream=True)
    body = json.loads(request.body)
    size = body.get("options", {}).get("num_ctx")
    # What does not fit is an error, not a secret.
    assert body.get("truncate") == (None if size is None else False)
    return size


def test_ollama_is_asked_to_make_room_for_what_it_is_to_read() -> None:
    words = "word " * 1000
    assert num_ctx(user("Hi")) is None  # what it has by itself is enough
    sizes = [num_ctx(user(words * times)) for times in (2, 8, 20, 40)]
    assert sizes == [8192, 32_768, 65_536, 131_072]
    for times, size in zip((2, 8, 20, 40), sizes, strict=True):
        tokens = 1000 * times  # as English is
        assert size >= tokens + 2048
    assert num_ctx(user("語" * 9000)) == 16_384  # a token each
    tool = ToolDefinition("f", "x" * 20_000, {"type": "object"})
    assert num_ctx(user("Hi"), tools=[tool]) == 16_384
    assert num_ctx(user("Hi"), max_tokens=10_000) == 16_384
    picture = File("data:image/png;base64," + "A" * 400_000, "image/png")
    assert num_ctx(user([Text("What?"), *[picture] * 3]), model="llava") == 8192
    assert num_ctx(user([Text("What?"), *[picture] * 3])) is None  # it sees none


def test_the_context_of_ollama_is_no_larger_than_the_model_and_as_a_person_wants_it() -> None:
    long = user("word " * 40_000)
    assert num_ctx(long, model="gemma2:9b") == 8192
    assert num_ctx(long, model="qwen3:8b") == 40_960
    assert num_ctx(long, model="qwen3-coder:30b") == 131_072
    assert context_for({"messages": [{"content": "x" * 1_000_000}]}, None, 10**6) == 262_144
    assert num_ctx(user("Hi"), context_tokens=12_345) == 12_345
    assert num_ctx(long, context_tokens=9000, extra={"options": {"num_ctx": 7}}) == 7


def test_what_does_not_fit_is_told_as_that() -> None:
    body = b'{"error": "the input length exceeds the context length"}'
    assert http_error("ollama", 400, {}, body).kind == "context_length"
    named = b'{"error": "prompt is too long: 40012 tokens > 8192 context length"}'
    assert http_error("ollama", 400, {}, named).kind == "context_length"
