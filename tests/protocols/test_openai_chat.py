"""Chat Completions: the ordinary stream, and each habit of a provider that a stream may have.

The streams are written here by hand; the letters in the names (F…, C…) number the habits.
"""

import json
from typing import Any

import msgspec
import pytest

from app.core import events as ev
from app.core.messages import (
    File,
    Message,
    Reasoning,
    Source,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from app.core.options import Options, ToolDefinition
from app.protocols import decoder
from app.protocols.openai_chat import parse_models, render
from app.protocols.rendering import Rendered
from app.protocols.takes import Takes
from tests.protocols.wire import DONE, call, calls_of, chunk, decode, message_of, say, sse

STOP = chunk(finish="stop")
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def test_an_ordinary_stream() -> None:
    events, message = decode(sse(chunk({"role": "assistant"}), say("Hi"), say("!"), STOP, DONE))
    assert events == [
        ev.MessageStart("c1", "m"),
        ev.ContentDelta("Hi"),
        ev.ContentDelta("!"),
        ev.Done("complete", "stop", "stop"),
    ]
    assert (message.text, message.status, message.id, message.model) == (
        "Hi!",
        "complete",
        "c1",
        "m",
    )


def test_of_several_answers_that_take_turns_none_gets_the_others_words() -> None:
    """Also where records are so much alike that only what differs is read."""

    def said(index: int, text: str) -> dict[str, Any]:
        return {"id": "c1", "model": "m", "choices": [{"index": index, "delta": {"content": text}}]}

    words = [(n % 2, f"{'ab'[n % 2]}{n} ") for n in range(12)]
    runs = [(n // 6, f"{'ab'[n // 6]}{n} ") for n in range(12)]
    for turns in (words, runs, [(1 - index, text) for index, text in words + runs]):
        one = decoder("openai-chat")
        records = [*(said(*turn) for turn in turns), STOP, DONE]
        # Each comes alone, as a pattern for the next.
        events = [event for record in records for event in one.feed(sse(record))] + one.close()
        assert one.message.text == "".join(text for index, text in turns if index == 0)
        others = [event for event in events if isinstance(event, ev.Alternative)]
        texts = [e.event.text for e in others if isinstance(e.event, ev.ContentDelta)]
        assert "".join(texts) == "".join(text for index, text in turns if index == 1)
        assert {event.choice for event in others} == {1}


def test_a_whole_body_gives_the_same_message_as_its_stream() -> None:
    answer = {"content": "Hi!", "reasoning_content": "Hm.", "tool_calls": None, "refusal": None}
    choice = {"index": 0, "message": answer, "finish_reason": "stop"}
    body: dict[str, Any] = {"id": "c1", "model": "m", "object": "chat.completion"}
    body["choices"] = [choice]
    body["usage"] = USAGE
    _, whole = decode(json.dumps(body, indent=1).encode())
    streamed = message_of(
        chunk({"reasoning_content": "Hm."}),
        say("Hi!"),
        STOP,
        {"id": "c1", "choices": [], "usage": USAGE},
        DONE,
    )
    assert whole == streamed


def test_the_message_can_be_read_while_it_grows() -> None:
    from app.protocols import decoder

    one = decoder("openai-chat")
    one.feed(sse(say("Hel")))
    assert (one.message.text, one.message.status) == ("Hel", None)
    one.feed(sse(say("lo")))
    assert one.message.text == "Hello"


# --- how a stream ends -------------------------------------------------------------------------


def test_a_stream_without_finish_reason_is_incomplete() -> None:
    message = message_of(say("Hi"))
    assert (message.status, message.text) == ("incomplete", "Hi")


def test_an_empty_body_is_incomplete() -> None:
    assert decode(b"")[1].status == "incomplete"


def test_a_finish_reason_makes_it_complete_without_done_f9() -> None:
    assert message_of(say("Hi"), STOP).status == "complete"


def test_done_without_finish_reason_is_complete_with_a_warning_f9() -> None:
    message = message_of(say("Hi"), DONE)
    assert (message.status, message.finish_reason) == ("complete", None)
    assert message.warnings


def test_what_comes_after_done_is_not_lost_f9() -> None:
    message = message_of(say("Hi"), STOP, DONE, {"id": "c1", "choices": [], "usage": USAGE})
    assert message.usage is not None
    assert message.usage.total_tokens == 5


def test_a_failure_from_outside_keeps_what_arrived() -> None:
    from app.core.errors import ErrorInfo
    from app.protocols import decoder

    one = decoder("openai-chat")
    one.feed(sse(say("Hi")))
    events = one.close(error=ErrorInfo("read", "The connection broke off."))
    assert events[-1] == ev.Done("error")
    assert (one.message.text, one.message.status) == ("Hi", "error")


def test_a_failure_after_the_finish_reason_changes_nothing() -> None:
    from app.core.errors import ErrorInfo
    from app.protocols import decoder

    one = decoder("openai-chat")
    one.feed(sse(say("Hi"), STOP))
    one.close(error=ErrorInfo("read", "The connection broke off."))
    assert one.message.status == "complete"


def test_stopped_by_us_is_aborted() -> None:
    from app.protocols import decoder

    one = decoder("openai-chat")
    one.feed(sse(say("Hi")))
    assert one.close(aborted=True)[-1] == ev.Done("aborted")


@pytest.mark.parametrize(
    ("raw", "unified"),
    [
        ("stop", "stop"),
        ("eos", "stop"),
        ("end_turn", "stop"),
        ("length", "length"),
        ("MAX_TOKENS", "length"),
        ("tool_use", "tool_calls"),
        ("content_filter", "content_filter"),
        ("brand_new", "unknown"),
    ],
)
def test_the_providers_word_is_kept_beside_ours_c10(raw: str, unified: str) -> None:
    message = message_of(say("Hi"), chunk(finish=raw), DONE)
    assert (message.finish_reason, message.finish_reason_raw) == (unified, raw)


def test_an_empty_finish_reason_is_none_c10() -> None:
    message = message_of(chunk({"content": "Hi"}, finish=""), STOP)
    assert message.finish_reason_raw == "stop"
    assert message_of(chunk({"content": "Hi"}, finish="")).status == "incomplete"


# --- framing -----------------------------------------------------------------------------------


def test_comments_are_heartbeats_f1() -> None:
    events, message = decode(b": OPENROUTER PROCESSING\n\n" * 2 + sse(say("Hi"), STOP))
    assert events[:2] == [ev.Heartbeat("OPENROUTER PROCESSING")] * 2
    assert message.status == "complete"


def test_comments_wrapped_into_data_are_passed_over_f1() -> None:
    message = message_of(": OPENROUTER PROCESSING", say("Hi"), STOP)
    assert (message.text, message.status, message.warnings) == ("Hi", "complete", [])


def test_a_block_without_data_says_nothing_f2() -> None:
    _, message = decode(b"id: 1\n: hi\n\nretry: 5\n\nevent: x\n\n" + sse(say("Hi"), STOP))
    assert (message.text, message.status) == ("Hi", "complete")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends_no_space_many_lines_and_a_mark_f3(end: bytes) -> None:
    lines = [b"\xef\xbb\xbfdata:" + json.dumps(say("Hi")).encode(), b""]
    lines += [b"data: " + part for part in json.dumps(STOP, indent=1).encode().split(b"\n")]
    _, message = decode(end.join([*lines, b"", b""]))
    assert (message.text, message.status) == ("Hi", "complete")


def test_characters_cut_between_chunks_f4() -> None:
    record = "data: " + json.dumps(say("Grüße 👋🏽 世界"), ensure_ascii=False) + "\n\n"
    assert decode(record.encode())[1].text == "Grüße 👋🏽 世界"


def test_the_last_record_counts_without_its_blank_line_f6() -> None:
    data = sse(say("Hi"), STOP)
    for end in (1, 2):
        _, message = decode(data[:-end])
        assert (message.text, message.status) == ("Hi", "complete")


def test_a_record_cut_in_its_middle_is_incomplete_f6() -> None:
    _, message = decode(sse(say("Hi"), STOP)[:-10])
    assert (message.text, message.status) == ("Hi", "incomplete")
    assert message.warnings == ["The stream broke off inside a record."]


def test_an_error_body_instead_of_a_stream_f7() -> None:
    _, message = decode(b'{"error": {"message": "No.", "type": "server_error"}}')
    assert message.error is not None
    assert (message.status, message.error.kind, message.error.message) == ("error", "server", "No.")


def test_a_whole_answer_instead_of_a_stream_f7() -> None:
    body = {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}
    _, message = decode(json.dumps(body).encode())
    assert (message.text, message.status) == ("Hi", "complete")


def test_a_page_of_html_says_so() -> None:
    _, message = decode(b"<html><body>Please log in</body></html>")
    assert message.error is not None
    assert message.status == "error"
    assert "Please log in" in message.error.message


def test_two_objects_in_one_record_f8() -> None:
    _, message = decode(f"data: {json.dumps(say('a'))}{json.dumps(say('b'))}\n\n".encode())
    assert message.text == "ab"


def test_a_record_that_broke_off_where_the_next_began_f8() -> None:
    broken = json.dumps(say("lost"))[:-8]
    _, message = decode(f"data: {broken}data: {json.dumps(say('kept'))}\n\n".encode() + sse(STOP))
    assert (message.text, message.status) == ("kept", "complete")
    assert message.warnings


def test_records_without_blank_lines_between_them() -> None:
    records = [json.dumps(record) for record in (say("a"), say("b"), STOP)]
    _, message = decode("".join(f"data: {record}\n" for record in records).encode())
    assert (message.text, message.status) == ("ab", "complete")


def test_a_field_named_error_f10() -> None:
    _, message = decode(sse(say("Hi")) + b'error: {"code": 500, "message": "Boom"}\n\n')
    assert message.error is not None
    assert (message.text, message.error.message, message.error.status) == ("Hi", "Boom", 500)


def test_an_event_named_error_f10() -> None:
    _, message = decode(sse(say("Hi")) + b'event: error\ndata: {"message": "Boom"}\n\n')
    assert (message.status, message.error and message.error.message) == ("error", "Boom")
    _, message = decode(b'event: error\ndata: "Boom"\n\n')
    assert (message.status, message.error and message.error.message) == ("error", "Boom")


def test_padding_is_ignored_f11() -> None:
    message = message_of(say("Hi") | {"obfuscation": "x7Gh2", "p": "abcdef"}, STOP)
    assert (message.text, message.warnings) == ("Hi", [])


def test_unknown_records_are_ignored_f15() -> None:
    message = message_of(say("Hi"), {"type": "rate_limits.updated", "limits": []}, {}, STOP)
    assert (message.text, message.status, message.warnings) == ("Hi", "complete", [])


def test_what_is_not_json_is_reported_and_the_rest_read() -> None:
    message = message_of(say("a"), "{oops}", say("b"), STOP)
    assert (message.text, message.status) == ("ab", "complete")
    assert message.warnings == ["A record is not JSON and was passed over."]


def test_what_is_not_json_is_an_error_where_the_answer_never_finished() -> None:
    message = message_of(say("a"), "{oops}", DONE)
    assert message.error is not None
    assert (message.status, message.error.kind) == ("error", "protocol")


@pytest.mark.parametrize("value", ["7", '"text"', "null", "[]", "[1, 2]", "true"])
def test_json_that_is_no_object_is_passed_over(value: str) -> None:
    message = message_of(say("Hi"), value, STOP)
    assert (message.text, message.status) == ("Hi", "complete")


def test_numbers_and_escapes_that_strict_json_refuses() -> None:
    record = '{"choices":[{"index":0,"logprob":NaN,"delta":{"content":"a\tb"}}]}'
    assert message_of(record, STOP).text == "a\tb"


def test_an_emoji_cut_in_two_by_a_server_that_counts_in_utf_16() -> None:
    def half(escape: str) -> str:
        return '{"choices":[{"index":0,"delta":{"content":"' + escape + '"}}]}'

    assert message_of(half("a\\ud83d"), half("\\ude00b"), STOP).text == "a😀b"
    assert message_of(half("a\\ud83d"), say("b"), STOP).text == "a\ufffdb"
    assert message_of(half("\\ude00a\\ud83d"), STOP).text == "\ufffda\ufffd"


# --- the shape of chunks -----------------------------------------------------------------------


def test_choices_may_be_empty_or_null_or_without_delta_c1_c2_c3() -> None:
    message = message_of(
        {"id": "", "model": "", "object": "", "choices": [], "prompt_filter_results": [{}]},
        {"id": "c1", "model": "m", "choices": None},
        {"choices": [{"index": 0, "content_filter_offsets": {"check_offset": 44}}]},
        {"choices": [{"index": 0, "delta": None, "finish_reason": None}]},
        say("Hi"),
        STOP,
    )
    assert (message.text, message.status, message.id) == ("Hi", "complete", "c1")
    assert message.warnings == []


@pytest.mark.parametrize(
    "record",
    [
        {"id": "c1", "choices": [], "usage": USAGE},  # C4: a record of its own
        chunk(finish="stop", usage=USAGE),  # C5: with the finish reason
        chunk(x_groq={"usage": USAGE}),  # C6: Groq's older place
        {"choices": [{"index": 0, "delta": {}, "usage": USAGE}]},  # in the choice: Moonshot
    ],
)
def test_usage_wherever_it_is_c4_c5_c6(record: dict[str, Any]) -> None:
    message = message_of(say("Hi"), STOP, record, DONE)
    assert message.usage is not None
    assert (message.usage.input_tokens, message.usage.output_tokens) == (3, 2)
    assert message.usage.raw == USAGE


def test_usage_is_the_latest_never_summed_never_wiped_c7() -> None:
    message = message_of(
        say("a") | {"usage": {"prompt_tokens": 3, "completion_tokens": 1}},
        say("b") | {"usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        STOP | {"usage": {"completion_tokens": 4}},
        {"choices": [], "usage": None},
    )
    assert message.usage is not None
    assert (message.usage.input_tokens, message.usage.output_tokens) == (3, 4)


def test_details_of_usage() -> None:
    raw = {
        "prompt_tokens": 9,
        "completion_tokens": "7",
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 5.0},
    }
    usage = message_of(say("Hi"), STOP | {"usage": raw}).usage
    assert usage is not None
    assert (usage.cached_tokens, usage.reasoning_tokens, usage.output_tokens) == (4, 5, 7)
    assert usage.total_tokens is None


def test_a_count_that_is_none_is_not_shown_and_the_sdk_s_names_are_known() -> None:
    usage = message_of(say("Hi"), STOP | {"usage": {"prompt_tokens": -1, "promptTokens": 3}}).usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (3, None)
    told = {"promptTokens": 3, "completionTokens": 2, "totalTokens": 5}
    usage = message_of(say("Hi"), STOP | {"usage": told}).usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (3, 2, 5)


@pytest.mark.parametrize(
    "told",
    [
        {"prompt_tokens_details": {"cached_tokens": 4}},
        {"prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 5},  # DeepSeek
        {"cached_tokens": 4},  # Moonshot
        {"num_cached_tokens": 4},  # Mistral
        {"prompt_tokens_details": None, "num_cached_tokens": 4},
    ],
)
def test_what_was_cached_has_many_names(told: dict[str, object]) -> None:
    usage = message_of(say("Hi"), STOP | {"usage": {"prompt_tokens": 9} | told}).usage
    assert usage is not None
    assert usage.cached_tokens == 4


def test_a_second_finish_chunk_c8() -> None:
    message = message_of(say("Hi"), STOP, STOP | {"usage": USAGE}, DONE)
    assert (message.status, message.usage and message.usage.total_tokens) == ("complete", 5)


def test_content_with_and_after_the_finish_reason_c9_c28() -> None:
    message = message_of(chunk({"content": "a"}, finish="stop"), say("b"), DONE)
    assert (message.text, message.status) == ("ab", "complete")


def fragment_named_message(**message: Any) -> dict[str, Any]:
    return {"id": "c1", "model": "m", "choices": [{"index": 0, "message": message}]}


def test_calls_of_a_fragment_that_is_named_message_are_counted() -> None:
    message = message_of(fragment_named_message(tool_calls=[{"function": {"name": "f"}}] * 2), STOP)
    assert [name for _, name, _ in calls_of(message)] == ["f", "f"]


@pytest.mark.parametrize("role", [None, ""])
def test_extra_and_empty_keys_of_a_delta_c28(role: str | None) -> None:
    delta = {"role": role, "content": "Hi", "index": 0, "refusal": None, "tool_calls": None}
    assert message_of(chunk(delta), STOP).text == "Hi"


def test_an_error_as_finish_reason_c11() -> None:
    error = {"code": 502, "message": "Upstream fell over"}
    message = message_of(say("Hi"), chunk(finish="error", error=error), DONE)
    assert message.error is not None
    assert (message.status, message.text) == ("error", "Hi")
    assert (message.error.kind, message.error.status) == ("server", 502)
    alone = message_of(say("Hi"), chunk(finish="error"), DONE)
    assert alone.status == "error"
    assert alone.error is not None
    assert alone.error.retryable


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ("Boom", "unknown", None),
        ({"message": "Slow down", "code": 429}, "rate_limit", "429"),
        ({"message": "Slow down", "type": "rate_limit_error", "code": None}, "rate_limit", None),
        ({"message": "Busy", "code": "overloaded"}, "overloaded", "overloaded"),
        (
            {"message": "Hm", "code": "server_error", "type": "server_error"},
            "server",
            "server_error",
        ),
        ({}, None, None),
    ],
)
def test_an_error_in_the_stream_keeps_its_structure_c12(
    error: Any, kind: str | None, code: str | None
) -> None:
    message = message_of(say("Hi"), {"error": error})
    if kind is None:
        assert (message.status, message.error) == ("incomplete", None)
        return
    assert message.error is not None
    assert (message.status, message.text) == ("error", "Hi")
    assert (message.error.kind, message.error.code) == (kind, code)


def test_a_rejected_tool_call_c13() -> None:
    error = {
        "message": "Failed to call a function.",
        "type": "invalid_request_error",
        "code": "tool_use_failed",
        "failed_generation": '{"name": "f"',
    }
    _, message = decode(b"event: error\n" + sse({"error": error}))
    assert message.error is not None
    assert (message.error.kind, message.error.code) == ("tool_use", "tool_use_failed")
    assert message.error.raw["error"]["failed_generation"] == '{"name": "f"'


def test_an_error_after_the_finish_reason_keeps_reason_and_usage_c32() -> None:
    error = {"code": 400, "message": "Token limit reached"}
    message = message_of(say("Hi"), chunk(finish="length"), chunk(error=error, usage=USAGE), DONE)
    assert message.error is not None
    assert (message.finish_reason, message.status) == ("length", "error")
    assert message.usage is not None
    assert message.error.message == "Token limit reached"


def test_the_id_may_come_once_or_change_c33() -> None:
    message = message_of(say("a"), say("b") | {"id": "c2", "model": "n"}, {"choices": []}, STOP)
    assert (message.id, message.model, message.text) == ("c1", "m", "ab")


def test_equal_fragments_are_no_repetition_c31() -> None:
    assert message_of(say("ha"), say("ha"), STOP).text == "haha"


def test_a_message_instead_of_a_delta_c29() -> None:
    fake = {"choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]}
    message = message_of(fake, DONE)
    assert (message.text, message.status) == ("Hi", "complete")


def test_a_last_record_that_repeats_the_answer_c30() -> None:
    last = {
        "object": "chat.completion.done",
        "choices": [
            {"index": 0, "delta": {"content": ""}, "message": {"content": "Hi there"}}
            | {"finish_reason": "stop"}
        ],
    }
    message = message_of(say("Hi"), say(" there"), last)
    assert (message.text, message.status) == ("Hi there", "complete")
    assert message_of(say("Hi"), last).text == "Hi there"


def test_citations_are_listed_once_c30() -> None:
    cited = {"citations": ["https://a.example", "https://b.example"]}
    titled = {"search_results": [{"url": "https://a.example", "title": "A"}]}
    message = message_of(say("1") | cited | titled, say("2") | cited, STOP | cited)
    assert message.sources == [
        Source("https://a.example", "A"),
        Source("https://b.example"),
    ]
    assert message.text == "12"


def test_annotations_are_sources() -> None:
    citation = {"url": "https://a.example", "title": "A", "start_index": 0, "end_index": 2}
    annotation = {"type": "url_citation", "url_citation": citation}
    message = message_of(say("Hi"), chunk({"annotations": [annotation]}), STOP)
    assert message.sources == [Source("https://a.example", "A", start=0, end=2)]


def test_images_are_files() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    message = message_of(chunk({"content": "", "images": [image]}), STOP)
    assert [file.url for file in message.files] == ["data:image/png;base64,AAAA"]


def test_other_choices_are_kept_apart() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "No"}}]}
    end = {"choices": [{"index": 1, "delta": {}, "finish_reason": "length"}]}
    message = message_of(say("Yes"), other, end, STOP)
    assert message.text == "Yes"
    assert [(one.text, one.finish_reason) for one in message.alternatives] == [("No", "length")]


def test_a_text_completion() -> None:
    message = message_of(
        {"choices": [{"index": 0, "text": "Hi"}]},
        {"choices": [{"index": 0, "text": "", "finish_reason": "length"}]},
    )
    assert (message.text, message.finish_reason) == ("Hi", "length")


# --- records that are alike ---------------------------------------------------------------------


def test_a_burst_reads_as_its_records_one_by_one() -> None:
    pieces = ["a", '"', "\\", "é", "\n", "😀", "</", "\u2028", "x" * 50] * 20
    message = message_of(chunk({"role": "assistant"}), *map(say, pieces), STOP, DONE)
    assert (message.text, message.status, message.warnings) == ("".join(pieces), "complete", [])


def test_broken_records_among_others_like_them_do_not_pass_for_text() -> None:
    before, after = json.dumps(say("Z")).split('"Z"')
    two_strings = f'data: {before}"x"\ndata: "y"{after}\n\n'
    no_string = f"data: {before}{after}\n\n"
    broken = (two_strings + no_string).encode()
    _, message = decode(sse(say("a"), say("b")) + broken + sse(STOP))
    assert (message.text, len(message.warnings)) == ("ab", 2)


# --- tool calls --------------------------------------------------------------------------------


def test_parallel_calls_by_index() -> None:
    message = message_of(
        call(0, id="a", name="f", arguments=""),
        call(1, id="b", name="g", arguments='{"y"'),
        call(0, arguments='{"x":1}'),
        call(1, arguments=":2}"),
        chunk(finish="tool_calls"),
    )
    assert calls_of(message) == [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')]
    assert len(message.runnable_tool_calls) == 2


def test_the_events_of_a_call() -> None:
    events, _ = decode(
        sse(
            call(3, id="a", name="f", arguments='{"x"'),
            call(3, arguments=":1}"),
            chunk(finish="tool_calls"),
        )
    )
    assert events[1:-1] == [
        ev.ToolCallStart(0, "a", "f"),
        ev.ToolCallDelta(0, '{"x"'),
        ev.ToolCallDelta(0, ":1}"),
        ev.ToolCallEnd(0),
    ]


def test_fragments_without_index_belong_to_the_latest_call_c14() -> None:
    message = message_of(
        call(id="a", name="f", arguments='{"x"'),
        call(arguments=":1}"),
        call(id="b", name="f", arguments="{}"),
        STOP,
    )
    assert calls_of(message) == [("a", "f", '{"x":1}'), ("b", "f", "{}")]


def test_parallel_calls_without_index_in_chunks_of_their_own_c15() -> None:
    message = message_of(
        call(id="a", name="f", arguments='{"x":1}'),
        call(id="b", name="f", arguments='{"x":2}'),
        STOP,
    )
    assert calls_of(message) == [("a", "f", '{"x":1}'), ("b", "f", '{"x":2}')]


def test_parallel_calls_that_are_told_apart_by_id_alone_c16() -> None:
    message = message_of(
        call(0, id="a", name="f", arguments='{"x":1}'),
        call(0, id="b", name="g", arguments='{"y"'),
        call(0, arguments=":2}"),
        STOP,
    )
    assert calls_of(message) == [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')]


def test_whole_calls_at_one_index_without_ids() -> None:
    message = message_of(
        call(0, name="f", arguments='{"x":1}'), call(0, name="f", arguments='{"x":2}'), STOP
    )
    assert [one.arguments for one in message.tool_calls] == ['{"x":1}', '{"x":2}']


def test_the_index_may_start_anywhere_c17() -> None:
    message = message_of(
        call(1, id="a", name="f", arguments="{}"), call(7, id="b", name="g", arguments="{}"), STOP
    )
    assert [one.name for one in message.tool_calls] == ["f", "g"]


def test_an_empty_id_or_name_continues_the_call_c18() -> None:
    message = message_of(
        call(0, id="a", name="f", arguments='{"x"'),
        call(0, id="", name="", arguments=":1"),
        call(0, id="other", arguments="}"),  # an id that changes, without a name
        STOP,
    )
    assert calls_of(message) == [("a", "f", '{"x":1}')]


def test_a_name_that_comes_late_c19() -> None:
    events, message = decode(
        sse(
            call(0, id="a", arguments='{"x"'),
            call(0, name="f"),
            call(0, arguments=":1}"),
            STOP,
        )
    )
    assert calls_of(message) == [("a", "f", '{"x":1}')]
    assert events[1:3] == [ev.ToolCallStart(0, "a", "f"), ev.ToolCallDelta(0, '{"x"')]


def test_a_call_that_never_gets_a_name_is_shown_and_does_not_run_c19() -> None:
    message = message_of(call(0, id="a", arguments="{}"), chunk(finish="tool_calls"))
    assert calls_of(message) == [("a", "", "{}")]
    assert message.runnable_tool_calls == []


def test_an_id_that_never_comes_is_made_up_once_c20() -> None:
    message = message_of(
        call(0, name="f", arguments="{}"), call(1, id="", name="g", arguments="{}"), STOP
    )
    ids = [one.id for one in message.tool_calls]
    assert all(ids)
    assert len(set(ids)) == 2


def test_a_name_repeated_with_every_fragment_is_one_call() -> None:
    message = message_of(call(name="f", arguments='{"x"'), call(name="f", arguments=":1}"), STOP)
    assert [one.arguments for one in message.tool_calls] == ['{"x":1}']


@pytest.mark.parametrize("arguments", [{"x": [1, "é"]}, '{"x": [1, "é"]}'])
def test_arguments_as_an_object_c21(arguments: Any) -> None:
    message = message_of(call(0, id="a", name="f", arguments=arguments), STOP)
    assert json.loads(message.tool_calls[0].arguments) == {"x": [1, "é"]}


def test_arguments_that_parse_may_still_grow_c22() -> None:
    events, message = decode(
        sse(
            call(0, id="a", name="f", arguments="1"),
            call(0, arguments="2"),
            chunk(finish="tool_calls"),
        )
    )
    assert message.tool_calls[0].arguments == "12"
    assert [type(event) for event in events].index(ev.ToolCallEnd) == len(events) - 2


@pytest.mark.parametrize("finish", ["length", "tool_calls", None])
def test_a_call_cut_short_never_runs_c23(finish: str | None) -> None:
    records = [call(0, id="a", name="f", arguments='{"path": "/"')]
    if finish is not None:
        records.append(chunk(finish=finish))
    message = message_of(*records)
    assert message.tool_calls[0].arguments == '{"path": "/"'
    assert message.runnable_tool_calls == []


@pytest.mark.parametrize("finish", ["length", None])
def test_a_call_that_parses_does_not_run_from_a_cut_answer_c23(finish: str | None) -> None:
    records = [call(0, id="a", name="f", arguments="{}")]
    if finish is not None:
        records.append(chunk(finish=finish))
    assert message_of(*records).runnable_tool_calls == []


@pytest.mark.parametrize("arguments", ["[]", "1", "null", '"x"'])
def test_only_an_object_runs(arguments: str) -> None:
    message = message_of(call(0, id="a", name="f", arguments=arguments), chunk(finish="tool_calls"))
    assert message.runnable_tool_calls == []


def test_thought_signatures_are_kept_for_the_next_request_c24() -> None:
    extra = {"google": {"thought_signature": "c2ln"}}
    message = message_of(
        call(0, id="a", name="f", arguments="{"),
        call(0, extra_content=extra),
        call(0, arguments="}"),
        STOP,
    )
    assert calls_of(message) == [("a", "f", "{}")]
    assert message.tool_calls[0].extra == extra
    sent = sent_by(render([message], model="m", options=Options(), stream=True))
    assert sent["messages"][0]["tool_calls"][0]["extra_content"] == extra


def test_stop_means_the_calls_where_there_are_calls_c36() -> None:
    message = message_of(call(0, id="a", name="f", arguments="{}"), STOP)
    assert (message.finish_reason, message.finish_reason_raw) == ("tool_calls", "stop")


def test_the_function_call_of_old() -> None:
    message = message_of(
        chunk({"function_call": {"name": "f", "arguments": ""}}),
        chunk({"function_call": {"arguments": "{}"}}),
        chunk(finish="function_call"),
    )
    assert [(one.name, one.arguments) for one in message.tool_calls] == [("f", "{}")]


def test_calls_of_a_whole_body() -> None:
    functions = [{"id": i, "function": {"name": "f", "arguments": "{}"}} for i in ("a", "b")]
    choice = {"message": {"content": None, "tool_calls": functions}, "finish_reason": "tool_calls"}
    _, message = decode(json.dumps({"choices": [choice]}).encode())
    assert calls_of(message) == [("a", "f", "{}"), ("b", "f", "{}")]


# --- reasoning ---------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_fields_c25(field: str) -> None:
    message = message_of(chunk({field: "Hm."}), say("Hi"), STOP)
    assert (message.reasoning, message.text) == ("Hm.", "Hi")


def test_reasoning_told_twice_counts_once_c25() -> None:
    message = message_of(chunk({"reasoning_content": "Hm.", "reasoning": "Hm."}), say("Hi"), STOP)
    assert message.reasoning == "Hm."


def test_reasoning_details_are_merged_and_kept_c25() -> None:
    def detail(**fields: Any) -> dict[str, Any]:
        return chunk({"reasoning_details": [{"type": "reasoning.text", "index": 0} | fields]})

    message = message_of(
        detail(text="H"), detail(text="m."), detail(signature="sig"), say("Hi"), STOP
    )
    assert (message.reasoning, message.text) == ("Hm.", "Hi")
    (reasoning,) = [part for part in message.parts if isinstance(part, Reasoning)]
    assert reasoning.extra == [
        {"type": "reasoning.text", "index": 0, "text": "Hm.", "signature": "sig"}
    ]
    sent = sent_by(render([message], model="m", options=Options(), stream=True))
    assert sent["messages"][0]["reasoning_details"] == reasoning.extra


def test_reasoning_details_that_are_encrypted_have_no_text_c25() -> None:
    detail = {"type": "reasoning.encrypted", "index": 0, "data": "AAAA"}
    message = message_of(chunk({"reasoning_details": [detail]}), say("Hi"), STOP)
    assert (message.reasoning, message.text) == ("", "Hi")
    assert [part.extra for part in message.parts if isinstance(part, Reasoning)] == [[detail]]


def test_content_as_a_list_of_parts_c26() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    message = message_of(
        chunk({"content": [thinking]}),
        chunk({"content": [{"type": "text", "text": "H"}, "i"]}),
        STOP,
    )
    assert (message.reasoning, message.text) == ("Hm.", "Hi")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_a_leading_think_block_is_reasoning_c27(size: int) -> None:
    text = "\n<think>Is 1 < 2?</think>\n\nYes, <think> is a tag."
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    message = message_of(*map(say, pieces), STOP)
    assert message.reasoning == "Is 1 < 2?"
    assert message.text == "\n\nYes, <think> is a tag."


@pytest.mark.parametrize("text", ["<thin ice>", " <", "See <think>?</think>", "</think>x", "\n\n"])
def test_a_tag_that_does_not_lead_is_text_c27(text: str) -> None:
    message = message_of(*map(say, text), STOP)
    assert (message.reasoning, message.text) == ("", text)


def test_a_think_block_that_never_closes_is_not_lost_c27() -> None:
    message = message_of(say("<think>Hm"), say(".</thi"), STOP)
    assert (message.reasoning, message.text) == ("Hm.</thi", "")


def test_a_refusal() -> None:
    message = message_of(chunk({"refusal": "I can"}), chunk({"refusal": "not."}), STOP)
    assert (message.refusal, message.text) == ("I cannot.", "")


# --- what goes out -----------------------------------------------------------------------------


def sent_by(rendered: Rendered) -> Any:
    assert rendered.path == "/chat/completions"
    return json.loads(rendered.body)


def test_a_request() -> None:
    options = Options(temperature=0.5, max_tokens=9, stop=["."], extra={"top_k": 3})
    history = [Message("system", [Text("Be brief.")]), user("Hi")]
    body = sent_by(render(history, model="m", options=options, stream=True))
    assert body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
        ],
        "temperature": 0.5,
        "max_tokens": 9,
        "stop": ["."],
        "top_k": 3,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_sync_mode_asks_for_no_stream() -> None:
    body = sent_by(render([user("Hi")], model="m", options=Options(), stream=False))
    assert body["stream"] is False
    assert "stream_options" not in body


def test_habits_of_a_provider() -> None:
    habits = frozenset({"no-stream-usage", "max-completion-tokens"})
    options = Options(max_tokens=9)
    body = sent_by(render([user("Hi")], model="m", options=options, stream=True, habits=habits))
    assert body["max_completion_tokens"] == 9
    assert "max_tokens" not in body
    assert "stream_options" not in body


def test_a_history_for_a_provider_that_refuses_what_it_does_not_know() -> None:
    """Mistral: an id of another provider, and what OpenRouter wants back, would be refused."""
    calls = [ToolCall("call_abc-123", "f", "{}", extra={"x": 1}), ToolCall("aB3dE6gH9", "g", "{}")]
    history = [
        user("Hi"),
        Message("assistant", [Reasoning("Hm.", [{"type": "x"}]), *calls], protocol="openai-chat"),
        Message("tool", [ToolResult("call_abc-123", "1"), ToolResult("aB3dE6gH9", "2")]),
        user("And?"),
    ]
    habits = frozenset({"short-call-ids"})
    rendered = render(
        history, model="m", options=Options(), stream=True, habits=habits, provider="mistral"
    )
    _, answer, *results, _ = sent_by(rendered)["messages"]
    assert answer.keys() == {"role", "content", "tool_calls"}
    assert all(call.keys() == {"id", "type", "function"} for call in answer["tool_calls"])
    first, second = (call["id"] for call in answer["tool_calls"])
    assert len(first) == 9
    assert first.isalnum()
    assert second == "aB3dE6gH9"
    assert [result["tool_call_id"] for result in results] == [first, second]


def test_a_history_for_a_provider_that_wants_to_see_the_thoughts_of_a_call() -> None:
    """DeepSeek: a call without them is refused; an answer without calls needs none."""
    call, result = ToolCall("a", "f", "{}"), ToolResult("a", "1")
    history = [
        Message("assistant", [Reasoning("Hm."), call], protocol="openai-chat"),
        Message("tool", [result]),
        Message("assistant", [ToolCall("b", "f", "{}")], protocol="gemini"),
        Message("tool", [ToolResult("b", "1")]),
        Message("assistant", [Reasoning("So."), Text("One.")], protocol="openai-chat"),
    ]
    for habits, thoughts in (
        (frozenset({"reasoning-with-calls"}), ["Hm.", "", None]),
        (frozenset[str](), [None, None, None]),
    ):
        rendered = render(history, model="m", options=Options(), stream=True, habits=habits)
        answers = [sent for sent in sent_by(rendered)["messages"] if sent["role"] == "assistant"]
        assert [answer.get("reasoning_content") for answer in answers] == thoughts


def test_calls_that_take_turns_are_told_by_their_ids_where_they_have_no_place() -> None:
    message = message_of(
        call(id="a", name="f", arguments='{"x":'),
        call(id="b", name="g", arguments='{"y":'),
        call(id="a", arguments="1}"),
        call(id="b", arguments="2}"),
        chunk(finish="tool_calls"),
    )
    assert calls_of(message) == [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')]


def test_a_question_of_files_alone_has_no_empty_text() -> None:
    url = "data:image/png;base64,AAAA"
    question = Message("user", [File(url, "image/png")], status="complete")
    body = sent_by(render([question], model="m", options=Options(), stream=True))
    [said] = body["messages"]
    assert said["content"] == [{"type": "image_url", "image_url": {"url": url}}]


def test_tools_and_images_go_out() -> None:
    tool = ToolDefinition("f", "Does it.", {"type": "object", "properties": {}})
    question = Message("user", [Text("What is this?"), File("data:image/png;base64,AAAA")])
    options = Options(tools=[tool], tool_choice="f", reasoning_effort="low")
    body = sent_by(render([question], model="m", options=options, stream=True))
    assert body["tools"][0]["function"]["name"] == "f"
    assert body["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    assert body["reasoning_effort"] == "low"
    assert [part["type"] for part in body["messages"][0]["content"]] == ["text", "image_url"]


def test_extras_of_another_protocol_are_not_sent() -> None:
    call = ToolCall("a", "f", "{}", extra={"x": 1})
    message = Message("assistant", [Reasoning("Hm.", ["sig"]), call], protocol="anthropic-messages")
    body = sent_by(render([message], model="m", options=Options(), stream=True))
    assert "reasoning_details" not in body["messages"][0]
    assert "extra_content" not in body["messages"][0]["tool_calls"][0]


def test_a_history_is_valid_whatever_happened_before() -> None:
    failed = Message("assistant", status="error")
    called = Message("assistant", [ToolCall("a", "f", ""), ToolCall("b", "g", "{}")])
    result = Message("tool", [ToolResult("b", "42")])
    history = [user("1"), failed, user("2"), called, result, user("3")]
    body = sent_by(render(history, model="m", options=Options(), stream=True))
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["user", "assistant", "tool", "tool", "user"]
    assert body["messages"][0]["content"] == "1\n\n2"
    assert [one.get("tool_call_id") for one in body["messages"][2:4]] == ["a", "b"]
    assert body["messages"][1]["tool_calls"][0]["function"]["arguments"] == "{}"


@pytest.mark.parametrize(
    ("body", "models"),
    [
        (b'{"object": "list", "data": [{"id": "a"}, {"id": "b"}]}', ["a", "b"]),
        (b'[{"id": "a"}]', ["a"]),
        (b'{"models": [{"name": "a"}]}', ["a"]),
        (b"<html>", []),
        (b"{}", []),
        (b"", []),
    ],
)
def test_the_list_of_models(body: bytes, models: list[str]) -> None:
    assert parse_models(body) == models


def test_values_print_and_compare() -> None:
    assert msgspec.json.encode(ev.ContentDelta("Hi")) == b'{"type":"content_delta","text":"Hi"}'
    assert ev.ContentDelta("Hi") == ev.ContentDelta("Hi")


# --- the provider's last word -------------------------------------------------------------------

DIFFERS = "The text at the end is not what was streamed; the text at the end counts."


def last(object: str = "chat.completion", **message: Any) -> dict[str, Any]:
    """A record that tells the whole answer at its end."""
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "c1", "model": "m", "object": object, "choices": [choice]}


def test_a_last_message_that_differs_counts() -> None:
    image = {"images": [{"image_url": {"url": "https://a.example/x.png"}}]}
    cited = {"citations": ["https://a.example"]}
    events, message = decode(
        sse(
            chunk({"reasoning": "Hm."} | image),
            say("Hello") | cited,
            call(0, id="x", name="f", arguments="{}"),
            last(content="Good day"),
        )
    )
    assert ev.StepReset("the final text differs from what was streamed") in events
    assert (message.text, message.reasoning, message.status) == ("Good day", "Hm.", "complete")
    assert calls_of(message) == [("x", "f", "{}")]
    assert [file.url for file in message.files] == ["https://a.example/x.png"]
    assert message.sources == [Source("https://a.example")]
    assert message.warnings == [DIFFERS]


def test_calls_that_differ_in_the_last_message_count() -> None:
    def told(arguments: str, id: str = "x") -> list[dict[str, Any]]:
        return [{"id": id, "function": {"name": "f", "arguments": arguments}}]

    streamed = [say("Hi"), call(0, id="x", name="f", arguments='{"a":1}')]
    message = message_of(*streamed, last(content="Hi", tool_calls=told('{"a":2}')))
    assert (calls_of(message), message.warnings) == ([("x", "f", '{"a":2}')], [DIFFERS])
    for same in (told('{ "a": 1 }'), told('{"a":1}', "")):
        message = message_of(*streamed, last(content="Hi", tool_calls=same))
        assert (calls_of(message), message.warnings) == ([("x", "f", '{"a":1}')], [])
    two = [*told("{}"), *told("{}", "y")]
    message = message_of(*streamed, last(content=" Hi\n", tool_calls=two))
    assert calls_of(message) == [("x", "f", "{}"), ("y", "f", "{}")]


def test_a_last_message_fills_in_what_was_never_streamed() -> None:
    image = {"image_url": {"url": "https://a.example/x.png"}}
    message = message_of(
        say("Hi"),
        last(content="Hi there", reasoning_content="Hm.", refusal="No.", images=[image]),
    )
    assert (message.text, message.reasoning, message.refusal) == ("Hi there", "Hm.", "No.")
    assert (len(message.files), message.warnings) == (1, [])


def test_a_last_message_without_words_or_before_the_end_changes_nothing() -> None:
    assert message_of(say("Hi"), last(content=None)).text == "Hi"
    # A server that repeats the answer so far may lag behind, or be cut there.
    lagging = chunk({"content": " there"}) | {"object": "chat.completion.chunk"}
    lagging["choices"][0]["message"] = {"content": "Hi"}
    message = message_of(say("Hi"), lagging)
    assert (message.text, message.status, message.warnings) == ("Hi there", "incomplete", [])


def test_fragments_under_the_wrong_name_are_fragments() -> None:
    def fake(text: str) -> dict[str, Any]:
        return {"choices": [{"index": 0, "message": {"content": text}}]}

    message = message_of(fake("a"), fake("b"), STOP)
    assert (message.text, message.warnings) == ("ab", [])
    # Behind deltas it is the whole answer, also where nothing says so.
    message = message_of(say("a"), say("b"), fake("ab"), STOP)
    assert (message.text, message.warnings) == ("ab", [])


def test_fragments_told_by_both_names_are_told_once() -> None:
    deltas: list[dict[str, Any]] = [
        {"content": None},
        {"content": "Hi"},
        {"tool_calls": [{"index": 0, "id": "x", "function": {"name": "f", "arguments": "{"}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]},
    ]
    records = [chunk(delta) for delta in deltas]
    for record, delta in zip(records, deltas, strict=True):
        record["choices"][0]["message"] = delta
    message = message_of(*records, chunk(finish="tool_calls"))
    assert (message.text, calls_of(message)) == ("Hi", [("x", "f", "{}")])
    assert message.warnings == []


def test_a_last_message_whose_thoughts_stand_apart() -> None:
    message = message_of(say("<think>Hm.</think>Hi"), last(content="Hi", reasoning_content="Hm."))
    assert (message.reasoning, message.text) == ("Hm.", "Hi")
    message = message_of(say("<think>Hm.</think>Hi"), last(content="<think>Oh.</think>Hi"))
    assert (message.reasoning, message.text) == ("Oh.", "Hi")


def test_another_choice_that_differs_at_its_end_is_told() -> None:
    other = last(content="Good day")
    other["choices"][0]["index"] = 1
    said = {"choices": [{"index": 1, "delta": {"content": "Hello"}}]}
    message = message_of(say("Hi"), said, other, STOP)
    assert message.warnings == ["Choice 1 was told otherwise at its end than streamed."]


@pytest.mark.parametrize(
    "record",
    [
        {"choices": "none"},
        {"choices": [7]},
        {"choices": [{"delta": [1]}]},
        {"choices": [{"index": 0, "message": 5}]},
    ],
)
def test_an_answer_that_nobody_can_read_is_told(record: dict[str, Any]) -> None:
    message = message_of(say("Hi"), record, STOP)
    assert (message.text, message.warnings) == (
        "Hi",
        ["A record is nothing that this protocol knows."],
    )


def test_a_choice_without_the_list_around_it() -> None:
    assert message_of({"choices": {"delta": {"content": "Hi"}}}, STOP).text == "Hi"


def test_a_refusal_and_details_cut_inside_a_character() -> None:
    def detail(text: str) -> dict[str, Any]:
        return {"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": text}]}

    message = message_of(
        chunk(detail("\ud83d")),
        chunk(detail("\ude00")),
        chunk({"refusal": "\ud83d"}),
        chunk({"refusal": "\ude00"}),
        STOP,
    )
    assert (message.reasoning, message.refusal) == ("😀", "😀")
    (part,) = [part for part in message.parts if isinstance(part, Reasoning)]
    assert part.extra == [{"type": "reasoning.text", "index": 0, "text": "😀"}]


@pytest.mark.parametrize("pieces", [('{"a":', "1}"), ("{}",), ('{"a":"}', '"}')])
def test_a_repeated_name_begins_a_call_once_the_last_one_is_whole(pieces: tuple[str, ...]) -> None:
    records = [call(None, name="f", arguments=piece) for piece in pieces]
    message = message_of(*records, *records, STOP)
    whole = "".join(pieces)
    assert [arguments for _, _, arguments in calls_of(message)] == [whole, whole]


@pytest.mark.parametrize("broken", ["}", "[1]", "{}{}", '{"a"}'])
def test_arguments_that_are_no_object_never_end_a_call(broken: str) -> None:
    record = call(None, name="f", arguments=broken)
    assert calls_of(message_of(record, record, STOP))[0][2] == broken * 2


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        (['{"q"', '{"q": "ha', '{"q": "harbour"}'], '{"q": "harbour"}'),
        (['{"q":', '{"q": "ha', '{"q": "harbour"}', '{"q": "harbour"}'], '{"q": "harbour"}'),
        (['{"q":', '{"q": "harbour"}'], '{"q": "harbour"}'),
        (['{"q": 1}', '{ "q": 1 }'], '{"q": 1}'),
        (['{"a":', '{"a":', "1}}"], '{"a":{"a":1}}'),
        (['{"a":', '{"a":1}', "}"], '{"a":{"a":1}}'),
        (['{"a": ["', '{"', '"]}'], '{"a": ["{""]}'),
        (['{"a":', '{"a": 1, "b": [', '{"a": 1, "b": [2]}'], '{"a": 1, "b": [2]}'),
    ],
)
def test_arguments_told_before_are_not_told_again(pieces: list[str], whole: str) -> None:
    first, *rest = pieces
    records = [
        call(0, id="c1", name="f", arguments=first),
        *(call(0, arguments=one) for one in rest),
    ]
    assert calls_of(message_of(*records, STOP)) == [("c1", "f", whole)]
    named = [call(0, id="c1", name="f", arguments=one) for one in pieces]
    assert calls_of(message_of(*named, STOP)) == [("c1", "f", whole)]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<think>", "</think>"),
        ("<thinking>", "</thinking>"),
        ("<thought>", "</thought>"),
        ("<|channel>thought\n", "<channel|>"),
        ("[THINK]", "[/THINK]"),
    ],
)
def test_the_tags_of_all_families_lead_reasoning(opening: str, closing: str) -> None:
    text = f"{opening}2 and 2{closing}It is 4."
    for pieces in ([text], list(text)):
        message = message_of(*map(say, pieces), STOP)
        assert (message.reasoning.strip(), message.text) == ("2 and 2", "It is 4.")
    prose = f"A tag: {text}"
    assert message_of(say(prose), STOP).text == prose


def test_the_words_of_a_spoken_answer_are_its_text() -> None:
    def spoken(**audio: str) -> dict[str, Any]:
        return chunk({"audio": audio})

    message = message_of(
        spoken(transcript="Hello "), spoken(data="UklG"), spoken(transcript="you"), STOP
    )
    assert message.text == "Hello you"


def test_what_was_thought_counts_as_written_also_where_it_is_told_beside() -> None:
    usage = {
        "prompt_tokens": 5,
        "completion_tokens": 2,
        "total_tokens": 17,
        "completion_tokens_details": {"reasoning_tokens": 10},
    }
    counted = message_of(say("4"), STOP, {"id": "c1", "choices": [], "usage": usage}).usage
    assert counted is not None
    assert (counted.output_tokens, counted.reasoning_tokens, counted.total_tokens) == (12, 10, 17)


@pytest.mark.parametrize(
    ("told", "progress"),
    [
        ({"total": 100, "cache": 0, "processed": 40, "time_ms": 9}, 0.4),
        ({"total": 100, "cache": 50, "processed": 50}, 0.0),
        ({"total": 100, "cache": 50, "processed": 75}, 0.5),
        ({"total": 100, "cache": 100, "processed": 100}, 1.0),
        ({"total": 100, "cache": 900, "processed": 100}, 1.0),
        ({"total": 100, "processed": 400}, 1.0),
    ],
)
def test_how_much_of_the_question_was_read_is_a_sign_of_life(
    told: dict[str, int], progress: float
) -> None:
    """https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md"""
    record = {
        "id": "a",
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}],
        "prompt_progress": told,
    }
    events = decoder("openai-chat").feed(f"data: {json.dumps(record)}\n\n".encode())
    assert [one for one in events if isinstance(one, ev.Heartbeat)] == [
        ev.Heartbeat("prompt_progress", progress)
    ]
    alone = decoder("openai-chat").feed(
        f"data: {json.dumps({'prompt_progress': told})}\n\n".encode()
    )
    assert ev.Heartbeat("prompt_progress", progress) in alone


@pytest.mark.parametrize("told", [{}, {"total": 0, "processed": 0}, {"total": "x"}, [1], 7, None])
def test_progress_that_says_nothing_is_passed_over(told: object) -> None:
    record = {"choices": [{"index": 0, "delta": {"content": "Hi"}}], "prompt_progress": told}
    events = decoder("openai-chat").feed(f"data: {json.dumps(record)}\n\n".encode())
    assert [one for one in events if isinstance(one, ev.Heartbeat)] == []
    assert ev.ContentDelta("Hi") in events


@pytest.mark.parametrize("last", ["rbour", "ur", " "])
def test_a_message_that_holds_the_last_fragment_alone_replaces_nothing(last: str) -> None:
    records = [
        {"choices": [{"index": 0, "delta": {"content": "Ha"}, "message": {"content": "Ha"}}]},
        {"choices": [{"index": 0, "delta": {"content": "rbour"}, "message": {"content": last}}]},
        chunk(finish="stop"),
    ]
    message = message_of(*records)
    assert message.text == "Harbour"
    assert not message.warnings


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking", "reasoning_text"])
def test_thoughts_have_many_names(field: str) -> None:
    message = message_of(chunk({field: "hm"}), chunk({field: " hm"}), say("Hi"), STOP)
    assert (message.reasoning, message.text) == ("hm hm", "Hi")


@pytest.mark.parametrize(
    "image",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "image_url", "imageUrl": {"url": "data:image/png;base64,AAAA"}},
        {"type": "image_url", "image_url": "data:image/png;base64,AAAA"},
        {"url": "data:image/png;base64,AAAA"},
        {"b64_json": "AAAA"},
        "data:image/png;base64,AAAA",
    ],
)
def test_drawn_images_in_the_forms_of_gateways(image: Any) -> None:
    streamed = message_of(chunk({"content": "", "images": [image]}), STOP)
    body = {"object": "chat.completion", "choices": [{"message": {"images": [image]}}]}
    whole = decode(json.dumps(body).encode())[1]
    for message in (streamed, whole):
        assert message.files == [File("data:image/png;base64,AAAA")]


@pytest.mark.parametrize(
    "fields",
    [
        {"web_search": [{"title": "T", "link": "https://a.example", "content": "C"}]},
        {"search_info": {"search_results": [{"title": "T", "url": "https://a.example"}]}},
    ],
)
def test_what_a_search_of_zhipu_and_alibaba_found(fields: dict[str, Any]) -> None:
    message = message_of(chunk({"content": "Hi"}, **fields), chunk({}, **fields), STOP)
    assert [(source.url, source.title) for source in message.sources] == [
        ("https://a.example", "T")
    ]


def test_a_call_of_a_tool_that_takes_free_text_keeps_its_name_and_text() -> None:
    custom = {"index": 0, "id": "a", "type": "custom", "custom": {"name": "f", "input": "hello"}}
    message = message_of(chunk({"tool_calls": [custom]}), chunk(finish="tool_calls"))
    assert calls_of(message) == [("a", "f", "hello")]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(
            {
                "created": 1,
                "data": [{"b64_json": "AAAA", "media_type": "image/webp"}],
                "usage": {"prompt_tokens": 3, "completion_tokens": 4175, "total_tokens": 4178},
            }
        ).encode(),
        sse(
            {"type": "image_generation.partial_image", "b64_json": "BBBB"},
            {
                "type": "image_generation.completed",
                "b64_json": "AAAA",
                "media_type": "image/webp",
                "usage": {"prompt_tokens": 3, "completion_tokens": 4175, "total_tokens": 4178},
            },
            DONE,
        ),
    ],
)
def test_what_a_model_that_only_draws_answers(data: bytes) -> None:
    events, message = decode(data)
    assert message.files == [File("data:image/webp;base64,AAAA")]
    assert (message.status, message.finish_reason) == ("complete", "stop")
    assert message.usage is not None
    assert message.usage.total_tokens == 4178
    assert not [event for event in events if isinstance(event, ev.Warning)]


def test_a_picture_is_drawn_after_the_last_one_and_those_of_the_question() -> None:
    def shown(url: str) -> dict[str, Any]:
        return {"type": "image_url", "image_url": {"url": url}}

    def asked(*messages: Message) -> dict[str, Any]:
        takes = Takes(draws_only=True)
        asking = render(messages, model="m", options=Options(), stream=True, takes=takes)
        assert asking.path == "/images"
        return dict(json.loads(asking.body))

    old, latest, mine = (File(f"data:image/png;base64,{letter}AAA") for letter in "ABC")
    drew = [Message("assistant", [old]), user("Bluer"), Message("assistant", [latest])]
    body = asked(user("A lamp"), *drew, user("Wait"), Message("user", [Text("Larger"), mine]))
    assert body == {
        "model": "m",
        "prompt": "Larger",
        "input_references": [shown(latest.url), shown(mine.url)],
    }
    assert asked(user("A lamp")) == {"model": "m", "prompt": "A lamp"}
    assert asked(user("A lamp"), *drew, Message("user", [mine]))["prompt"] == "Bluer"
    assert asked(Message("user", [mine]))["prompt"] == "A picture like this one"
    # As many as it takes, the latest.
    many = [File(f"https://a.example/{number}.png", "image/png") for number in range(20)]
    references = asked(user([Text("Mix them"), *many]))["input_references"]
    assert references == [shown(file.url) for file in many[4:]]


@pytest.mark.parametrize("error", [{}, "", False, 0, [], None])
def test_an_error_that_says_nothing_is_none(error: Any) -> None:
    choice = {"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop", "error": error}
    _, message = decode(sse({"id": "a", "error": error, "choices": [choice]}, "[DONE]"))
    assert (message.text, message.status, message.error) == ("Hi", "complete", None)
