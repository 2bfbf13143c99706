"""Answers of the Demo, and that it shows each failure it promises."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.browser.models.words import EXAMPLE_FOR_ALL, EXAMPLE_OF_TOOL
from app.core.wire.transport import Request
from app.scripted import demo, demo_texts
from app.scripted.steps import Cut, Pause, Reply, Send, Stall
from app.scripted.transport import ScriptedTransport

REPOSITORY = Path(__file__).parents[2]


def ask(said: object, **fields: object) -> Reply:
    question = {"model": "demo", "messages": [{"role": "user", "content": said}]}
    return demo.reply(json.dumps(question | fields).encode())


def sent(reply: Reply) -> bytes:
    return b"".join(step.data for step in reply.steps if isinstance(step, Send))


def chunks_of(reply: Reply) -> list[dict[str, Any]]:
    records = [record for record in sent(reply).split(b"\n\n") if record]
    return [json.loads(record[6:]) for record in records if record != b"data: [DONE]"]


def streamed_text(reply: Reply, field: str = "content") -> str:
    deltas = [c["choices"][0]["delta"] for c in chunks_of(reply) if c.get("choices")]
    return "".join(delta.get(field, "") for delta in deltas)


def whole_text(reply: Reply) -> str:
    return str(json.loads(sent(reply))["choices"][0]["message"]["content"])


@pytest.mark.parametrize(
    "said", ["hello", "/help", "/long 40", "/markdown", "/reasoning", "a lighthouse story"]
)
def test_both_forms_say_the_same(said: str) -> None:
    streamed, whole = ask(said, stream=True), ask(said)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert whole.headers["content-type"] == "application/json"
    assert streamed_text(streamed) == whole_text(whole) != ""


def test_it_says_what_it_is_and_what_it_was_told() -> None:
    text = whole_text(ask("What is {the} capital\nof France?"))
    assert text.startswith("I am the Demo: a script, not a model.")
    assert "You wrote `What is {the} capital of France?`" in text


def test_a_long_question_is_quoted_in_part() -> None:
    text = whole_text(ask("word " * 1000))
    assert "word word…" in text
    assert len(text) < 1000


def test_the_lighthouse_has_its_story() -> None:
    text = whole_text(ask("Write a short story about a lighthouse"))
    assert text == demo_texts.STORY
    assert 150 < len(text.split()) < 400


def calls_a_tool(said: str) -> bool:
    choice = json.loads(sent(ask(said, tools=OFFERED)))["choices"][0]
    return bool(choice["finish_reason"] == "tool_calls")


def test_each_question_that_the_page_suggests_has_an_answer_of_its_own() -> None:
    page = (REPOSITORY / "index.html").read_text("utf-8")
    suggested = {html.unescape(said) for said in re.findall(r"data-example>([^<]+)<", page)}
    assert len(suggested) == 4
    assert EXAMPLE_FOR_ALL in suggested
    assert not any(calls_a_tool(said) for said in suggested)
    assert calls_a_tool(EXAMPLE_OF_TOOL)
    answers = {whole_text(ask(said)) for said in suggested}
    assert answers <= set(demo_texts.SUGGESTED.values())
    assert len(answers) == len(suggested)


@pytest.mark.parametrize("stream", [True, False])
def test_a_tool_call_is_asked_for_and_is_the_reason_for_the_end(stream: bool) -> None:
    reply = ask("/tool", stream=stream)
    if stream:
        deltas = [c["choices"][0]["delta"] for c in chunks_of(reply)]
        calls = [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta]
        arguments = "".join(call["function"]["arguments"] for call in calls)
        reason = chunks_of(reply)[-1]["choices"][0]["finish_reason"]
    else:
        choice = json.loads(sent(reply))["choices"][0]
        calls = choice["message"]["tool_calls"]
        arguments, reason = calls[0]["function"]["arguments"], choice["finish_reason"]
    assert calls[0]["id"].startswith("call_")
    assert calls[0]["function"]["name"] == demo_texts.TOOL_NAME
    assert json.loads(arguments)["lighthouse"] == "Harrow Point"
    assert reason == "tool_calls"


def test_a_tool_call_is_left_out_where_the_answer_was_cut() -> None:
    choice = json.loads(sent(ask("/tool", max_tokens=3)))["choices"][0]
    assert choice["finish_reason"] == "length"
    assert "tool_calls" not in choice["message"]


OFFERED = [
    {"type": "function", "function": {"name": name}} for name in ("current_time", "roll_dice")
]


def test_tools_are_called_only_where_they_are_offered() -> None:
    asked = json.loads(sent(ask("/tools", tools=OFFERED)))["choices"][0]
    names = [call["function"]["name"] for call in asked["message"]["tool_calls"]]
    assert names == ["current_time", "roll_dice"]
    ids = {call["id"] for call in asked["message"]["tool_calls"]}
    assert len(ids) == 2
    assert whole_text(ask("/tools")) == demo_texts.NO_TOOLS
    told = json.loads(sent(ask("What time is it?", tools=OFFERED)))["choices"][0]
    assert told["finish_reason"] == "tool_calls"
    assert "I am the Demo" in whole_text(ask("What time is it?"))


def test_results_of_tools_are_handed_on_and_nothing_is_called_again() -> None:
    called = {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1"}]}
    messages = [
        {"role": "user", "content": "/tools"},
        called,
        {"role": "tool", "content": "It is noon."},
        {"role": "tool", "content": "rolled:\n4"},
    ]
    text = whole_text(ask("", messages=messages, tools=OFFERED))
    assert "- It is noon.\n~~~~~~~~text\nrolled:\n4\n~~~~~~~~\n" in text


def test_words_are_looked_up_in_files_and_the_places_handed_on() -> None:
    tools = [{"type": "function", "function": {"name": "search_files"}}]
    question = "File: a.pdf (a PDF)\n\nWhere is the turbine?"
    choice = json.loads(sent(ask(question, tools=tools)))["choices"][0]
    (call,) = choice["message"]["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {"words": "Where is the turbine?"}
    link = "[a.pdf, page 3](#file:a.pdf:3)"
    found = {"role": "tool", "content": f"1 places have it:\n\n{link}: … the turbine …"}
    called = {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1"}]}
    messages = [{"role": "user", "content": question}, called, found]
    assert f"\n- {link}\n" in whole_text(ask("", messages=messages, tools=tools))
    assert "I am the Demo" in whole_text(ask(question))


@pytest.mark.parametrize("stream", [True, False])
def test_sources_come_as_annotations(stream: bool) -> None:
    reply = ask("/sources", stream=stream)
    if stream:
        deltas = [c["choices"][0]["delta"] for c in chunks_of(reply)]
        [cited] = [delta["annotations"] for delta in deltas if "annotations" in delta]
    else:
        cited = json.loads(sent(reply))["choices"][0]["message"]["annotations"]
    assert [one["url_citation"]["url"] for one in cited] == [one.url for one in demo_texts.SOURCES]


def test_a_retry_is_answered_at_the_second_attempt() -> None:
    statuses = {ask("/retry").status for _ in range(2)}
    assert statuses == {200, 429}


def test_an_answer_goes_on_where_it_is_asked_to() -> None:
    assert whole_text(ask("Go on exactly where it stopped, please.")) == demo_texts.REST


def test_parts_of_a_message_are_read_and_only_the_last_question_counts() -> None:
    parts = [{"type": "text", "text": "/he"}, {"type": "image_url"}, {"type": "text", "text": "lp"}]
    messages = [
        {"role": "user", "content": "/error 401"},
        {"role": "assistant", "content": None},
        {"role": "user", "content": parts},
        {"role": "tool", "content": "x"},
    ]
    assert whole_text(ask("", messages=messages)) == demo_texts.HELP


def test_reasoning_comes_before_the_answer_in_its_own_field() -> None:
    reply = ask("/reasoning", stream=True, stream_options={"include_usage": True})
    assert streamed_text(reply, "reasoning_content") == demo_texts.REASONING
    assert streamed_text(reply) == demo_texts.REASONED
    details = chunks_of(reply)[-1]["usage"]["completion_tokens_details"]
    assert details["reasoning_tokens"] == len(demo_texts.REASONING.split())


@pytest.mark.parametrize(("wanted", "words"), [("7", 7), ("1200", 1200), ("", 500), ("x", 500)])
def test_a_long_answer_has_the_number_of_words_asked_for(wanted: str, words: int) -> None:
    assert len(whole_text(ask(f"/long {wanted}")).split()) == words


@pytest.mark.parametrize("wanted", ["0", "9" * 5000])
def test_a_long_answer_keeps_within_reason(wanted: str) -> None:
    assert 1 <= len(whole_text(ask(f"/long {wanted}")).split()) <= 50_000


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_max_tokens_counts_words_and_gives_the_reason_length(limit: str) -> None:
    reply = ask("/help", stream=True, stream_options={"include_usage": True}, **{limit: 5})
    assert streamed_text(reply) == "I am the Demo: a"
    *_, finish, usage = chunks_of(reply)
    assert finish["choices"][0]["finish_reason"] == "length"
    assert usage["usage"]["completion_tokens"] == 5
    assert usage["usage"]["prompt_tokens"] == 1


def test_reasoning_counts_against_max_tokens_first() -> None:
    reply = ask("/reasoning", stream=True, max_tokens=3)
    assert streamed_text(reply, "reasoning_content") == "The person asks"
    assert streamed_text(reply) == ""


def test_a_limit_that_the_answer_just_meets_is_no_cut() -> None:
    exact = len(demo_texts.HELP.split())
    whole = json.loads(sent(ask("/help", max_tokens=exact)))
    assert whole["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("stream", [True, False])
def test_each_error_comes_with_its_status_before_anything_else(status: int, stream: bool) -> None:
    reply = ask(f"/error {status}", stream=stream)
    assert reply.status == status
    assert json.loads(sent(reply))["error"]["message"] != ""
    assert ("retry-after" in reply.headers) == (status == 429)


def test_an_error_in_a_stream_comes_after_a_good_beginning() -> None:
    reply = ask("/error stream", stream=True)
    assert reply.status == 200
    *begun, error = chunks_of(reply)
    assert all("choices" in chunk for chunk in begun)
    assert streamed_text(reply) == demo_texts.BROKEN_OFF
    assert error["error"]["type"] == "server_error"


@pytest.mark.parametrize(("said", "ending"), [("/cut", Cut()), ("/stall", Stall())])
@pytest.mark.parametrize("stream", [True, False])
def test_a_broken_answer_begins_and_has_no_end(said: str, ending: object, stream: bool) -> None:
    reply = ask(said, stream=stream)
    assert reply.steps[-1] == ending
    assert b"[DONE]" not in sent(reply)
    if stream:
        assert streamed_text(reply) == demo_texts.BROKEN_OFF
        assert b'"finish_reason":"' not in sent(reply)
    else:
        with pytest.raises(json.JSONDecodeError):
            json.loads(sent(reply))


def test_an_unknown_error_or_command_says_what_there_is() -> None:
    assert "401" in json.loads(sent(ask("/error 418")))["error"]["message"]
    assert whole_text(ask("/dance")) == demo_texts.HELP


def test_another_model_is_not_found() -> None:
    reply = ask("hi", model="gpt-9")
    assert reply.status == 404
    error = json.loads(sent(reply))["error"]
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert "gpt-9" in error["message"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b'{"messages": "hi"}', b'{"messages": [], "max_tokens": 0}', b"\xff"],
)
def test_a_request_that_cannot_be_read_gets_400(body: bytes) -> None:
    reply = demo.reply(body)
    assert reply.status == 400
    assert json.loads(sent(reply))["error"]["type"] == "invalid_request_error"


def test_no_question_at_all_gets_an_answer() -> None:
    assert ask("", messages=[]).status == 200


def test_an_answer_is_streamed_at_a_pace_to_read_and_sync_waits_once() -> None:
    pauses = [s.delay_ms for s in ask("/help", stream=True).steps if isinstance(s, Pause)]
    assert all(15 <= pause <= 40 for pause in pauses)
    assert len(pauses) >= len(demo_texts.HELP.split())
    assert len(ask("/help").before) == 1


async def test_as_a_transport_it_serves_the_addresses_of_a_provider() -> None:
    transport = ScriptedTransport(demo.reply_for)

    async def get(method: str, path: str, body: bytes = b"") -> tuple[int, Any]:
        request = Request(method, f"https://demo.invalid/v1{path}", {}, body)
        async with transport.open(request) as response:
            data = b"".join([chunk async for chunk in response.chunks()])
            return response.status, json.loads(data)

    status, models = await get("GET", "/models")
    assert (status, [model["id"] for model in models["data"]]) == (200, [demo.MODEL])
    question = b'{"messages": [{"role": "user", "content": "/error 429"}]}'
    assert (await get("POST", "/chat/completions", question))[0] == 429
    assert (await get("GET", "/chat/completions"))[0] == 404
    assert (await get("GET", "/nothing"))[0] == 404
