"""A history that every provider accepts, whatever happened before."""

import json
import re
from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.messages import (
    File,
    Message,
    Part,
    ProviderTool,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from app.protocols.valid_history import (
    alternating,
    is_same_model,
    settled,
    with_question_first,
)
from tests.counting import instructions


def shaped(*messages: Message, model: str = "m") -> list[Message]:
    return list(settled(messages, "p", "who", model))


def said(*parts: Part, model: str = "m") -> Message:
    return Message("assistant", [*parts], model=model, protocol="p", provider="who")


def results(*pairs: tuple[str, str]) -> Message:
    return Message("tool", [ToolResult(id, content) for id, content in pairs])


def contents_of(messages: list[Message]) -> list[str]:
    return [part.content for one in messages for part in one.parts if isinstance(part, ToolResult)]


def test_a_result_goes_to_the_call_of_its_own_step_though_ids_are_used_again() -> None:
    call = ToolCall("call_0", "look", "{}")
    history = shaped(
        user("1"),
        said(call),
        results(("call_0", "sun")),
        said(call),
        said(Text("Never answered.")),
        user("2"),
        said(call),
        results(("call_0", "snow")),
    )
    assert contents_of(history) == ["sun", "This tool was not run.", "snow"]
    ids = [part.id for one in history for part in one.tool_calls]
    assert len(set(ids)) == 3
    assert ids[0] == "call_0"


def test_an_id_that_every_step_uses_again_costs_no_more_in_a_long_chat() -> None:
    step = (said(ToolCall("a", "look", "{}")), results(("a", "sun")))
    short, long = (instructions(partial(shaped, user("1"), *step * n)) for n in (50, 200))
    assert long < 6 * short


def test_two_calls_of_one_id_in_one_step_have_each_their_own_result() -> None:
    history = shaped(
        said(ToolCall("a", "f", "{}"), ToolCall("a", "g", "{}")),
        results(("a", "first"), ("a", "second")),
    )
    assert contents_of(history) == ["first", "second"]
    calls = history[0].tool_calls
    assert [part.call_id for part in history[1].parts if isinstance(part, ToolResult)] == [
        call.id for call in calls
    ]


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ('{"n": ', {"INVALID_JSON": '{"n": '}),
        ("", {}),
        ("null", {}),
        ("[1]", {"INVALID_JSON": "[1]"}),
        ('{"n": 1}', {"n": 1}),
        ('{"n": "a\nb"}', {"n": "a\nb"}),
        ('"{\\"n\\": 1}"', {"n": 1}),
    ],
)
def test_arguments_are_an_object_in_any_case(arguments: str, sent: object) -> None:
    (answer, _) = shaped(said(ToolCall("a", "f", arguments)))
    assert json.loads(answer.tool_calls[0].arguments) == sent


def test_arguments_that_are_an_object_stay_as_they_were_written() -> None:
    for written in ('{ "n":1.0 }', '\n{"n": 1.0} '):
        (answer, _) = shaped(said(ToolCall("a", "f", written)))
        assert answer.tool_calls[0].arguments == written


def test_questions_that_follow_each_other_are_one() -> None:
    image = File("data:image/png;base64,AAAA", "image/png")
    (question,) = shaped(user("1"), said(), user([Text("2"), image]))
    assert question.text == "1\n\n2"
    assert question.files == [image]
    (question,) = shaped(user([image]), user("1"), user("2"))
    assert question.text == "1\n\n2"


def test_a_question_that_says_nothing_is_left_out() -> None:
    answer = said(Text("Yes"))
    assert roles(shaped(user(" "), answer, user(""), answer)) == ["assistant", "assistant"]


def test_what_another_model_thought_is_not_told() -> None:
    answer = said(Reasoning("hm", {"x": 1}), Text("Hi"), model="big-2025-01-31")
    assert shaped(answer, user("2"), model="big-2025-01-31")[0].reasoning == "hm"
    assert shaped(answer, user("2"), model="big")[0].reasoning == "hm"
    assert shaped(answer, user("2"), model="small")[0].reasoning == ""


def test_a_model_goes_on_from_its_own_thoughts_whatever_it_calls_itself() -> None:
    call = said(Reasoning("hm", {"signature": "s"}), ToolCall("a", "f", "{}"), model="dated-name")
    history = shaped(user("1"), call, results(("a", "x")), model="alias")
    assert history[1].reasoning == "hm"
    later = shaped(user("1"), call, results(("a", "x")), user("2"), model="alias")
    assert later[1].reasoning == ""
    # Nothing was asked at all.
    assert shaped(call, results(("a", "x")), model="alias")[0].reasoning == "hm"


@pytest.mark.parametrize(
    ("name", "asked", "is_same"),
    [
        ("gpt-5-mini-2025-08-07", "gpt-5-mini", True),
        ("gpt-5-mini", "gpt-5", False),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5", True),
        ("claude-haiku-4-5", "claude-haiku-4", False),
        ("claude-opus-4-5-20251101", "claude-opus-4", False),
        ("claude-opus-4-20250514", "claude-opus-4", True),
        ("claude-opus-4-5@20251101", "claude-opus-4-5", True),
        ("claude-opus-4-5@default", "claude-opus-4-5", True),
        ("gpt-5:online", "gpt-5", False),
        ("gpt-5-codex", "gpt-5", False),
        ("gpt-5.1", "gpt-5", False),
        ("gpt-5-2025-08-07", "gpt-5-2025-12-11", False),
        ("gpt-4-0613", "gpt-4", True),
        ("gpt-4-32k", "gpt-4", False),
        ("command-r-08-2024", "command-r", True),
        ("gemini-2.0-flash-001", "gemini-2.0-flash", True),
        ("gemini-2.5-pro-preview-05-06", "gemini-2.5-pro", False),
        ("mistral-small-2506", "mistral-small-latest", True),
        ("mistral-small-2506", "mistral-small", True),
        ("llama3.2:latest", "llama3.2", True),
        ("llama3.2:3b", "llama3.2", False),
        ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet-latest", True),
        ("gemini-3.8-flash", "gemini-flash-latest", True),
        ("gemini-2.5-flash-preview-09-2025", "gemini-flash-latest", True),
        ("gemini-3.8-flash-lite", "gemini-flash-latest", False),
        ("gemini-3.8-pro", "gemini-flash-latest", False),
        ("gemini-2.5-pro", "models/gemini-2.5-pro", True),
        ("gpt-5", "openai/gpt-5", True),
        ("accounts/fireworks/models/glm-4p6", "glm-4p6", True),
        ("", "m", True),
        ("M", "m", True),
        ("openai/gpt-5", "anthropic/claude-sonnet-5", False),
    ],
)
def test_the_same_model_by_another_name(name: str, asked: str, is_same: bool) -> None:
    assert is_same_model(name, asked) is is_same
    assert is_same_model(asked, name) is is_same or "latest" in asked


def test_an_answer_with_its_results_inside_is_told_step_by_step() -> None:
    history = shaped(
        said(
            ToolCall("a", "f", "{}"),
            ToolResult("a", "1"),
            ToolCall("a", "f", "{}"),
            ToolResult("a", "2"),
            Text("Done."),
        )
    )
    assert [message.role for message in history] == [
        "assistant",
        "tool",
        "assistant",
        "tool",
        "assistant",
    ]
    assert contents_of(history) == ["1", "2"]


ids = st.sampled_from(["a", "b", "", "x" * 300, "functions.f:0"])
names = st.sampled_from(["f", "", "browser.tabs open", "n" * 400, "\ud800"])
arguments = st.sampled_from(["{}", "", '{"n": ', "null", "[1]", '{"n": 1}', "[" * 2000])
parts = st.one_of(
    st.builds(Text, st.sampled_from(["", "Hi", "\n"])),
    st.builds(Reasoning, st.just("hm"), st.sampled_from([None, {"signature": "s"}])),
    st.builds(ToolCall, ids, names, arguments),
    st.builds(ToolResult, ids, st.just("result")),
    st.builds(ProviderTool, ids, names),
)
messages = st.builds(
    Message,
    st.sampled_from(["user", "assistant", "tool"]),
    st.lists(parts, max_size=5),
    model=st.sampled_from(["m", "other"]),
    protocol=st.sampled_from(["p", "q"]),
    provider=st.sampled_from(["who", "another"]),
    status=st.sampled_from(["complete", "aborted", "error", "incomplete"]),
)


@given(st.lists(messages, max_size=8))
def test_any_history_is_one_that_everybody_takes(history: list[Message]) -> None:
    before = [repr(message) for message in history]
    shaped_history = shaped(*history)
    assert [repr(message) for message in history] == before  # what was given stays as it was
    seen: set[str] = set()
    for place, message in enumerate(shaped_history):
        following = shaped_history[place + 1] if place + 1 < len(shaped_history) else None
        if message.role == "user":
            assert following is None or following.role != "user"
        if message.role == "assistant":
            for call in message.tool_calls:
                assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", call.name)
                assert 1 <= len(call.id) <= 64
                assert call.id not in seen
                seen.add(call.id)
                assert isinstance(json.loads(call.arguments), dict)
            if message.tool_calls:
                assert following is not None
                assert [
                    part.call_id for part in following.parts if isinstance(part, ToolResult)
                ] == [call.id for call in message.tool_calls]
            if message.model != "m" and any(one.role == "user" for one in shaped_history[place:]):
                assert not message.reasoning
        if message.role == "tool":
            assert place > 0
            assert shaped_history[place - 1].tool_calls


def roles(messages: Sequence[Message]) -> list[str]:
    return [message.role for message in messages]


SYSTEM = Message("system", [Text("Be brief.")])


@pytest.mark.parametrize(
    ("messages", "shown"),
    [
        ([], []),
        ([user("Hi"), said(Text("Yes"))], ["user", "assistant"]),
        ([said(Text("Yes")), user("Hi")], ["user", "assistant", "user"]),
        ([SYSTEM, said(Text("Yes"))], ["system", "user", "assistant"]),
        ([SYSTEM, user("Hi"), said(Text("Yes"))], ["system", "user", "assistant"]),
        ([said(ToolCall("1", "f", "{}"))], ["user", "assistant"]),
        # What says nothing is left out later, so what comes first is what is behind it.
        ([user(""), said(Text("Yes"))], ["user", "user", "assistant"]),
        ([said(), user("Hi"), said(Text("Yes"))], ["assistant", "user", "assistant"]),
    ],
)
def test_before_an_answer_that_stands_first_comes_a_question(
    messages: list[Message], shown: list[str]
) -> None:
    assert roles(with_question_first(messages)) == shown


def test_turns_alternate_and_instructions_are_one_and_first() -> None:
    call = said(ToolCall("1", "f", "{}"))
    late = Message("system", [Text("And kind.")])
    history = [SYSTEM, user("a"), user("b"), said(Text("c")), said(Text("d")), late]
    shown = alternating(history)
    assert roles(shown) == ["system", "user", "assistant"]
    assert [word in shown[0].text for word in ("Be brief.", "And kind.")] == [True, True]
    assert ("a" in shown[1].text, "b" in shown[1].text) == (True, True)
    assert ("c" in shown[2].text, "d" in shown[2].text) == (True, True)
    # Results stand alone, each behind its calls, and so does an answer that asks for some.
    steps = [user("a"), call, results(("1", "x")), results(("2", "y")), call, said(Text("c"))]
    assert roles(alternating(steps)) == [
        *("user", "assistant", "tool", "tool", "assistant", "assistant")
    ]


@pytest.mark.parametrize(
    ("protocol", "id", "is_kept"),
    [
        ("openai-chat", "chatcmpl-tool-" + "0" * 26, True),
        ("openai-chat", "chatcmpl-tool-" + "0" * 32, False),
        ("openai-responses", "chatcmpl-tool-" + "0" * 32, True),
        ("openai-responses", "call one", False),
        ("gemini", "né", False),
    ],
)
def test_an_id_that_would_be_refused_is_another_one_in_call_and_result(
    protocol: str, id: str, is_kept: bool
) -> None:
    answer = Message("assistant", [ToolCall(id, "f", "{}")], status="complete")
    result = Message("tool", [ToolResult(id, "done", "f")], status="complete")
    _, call, told = settled([user("Hi"), answer, result], protocol, "p")
    ids = {part.id for part in call.parts if isinstance(part, ToolCall)}
    ids |= {part.call_id for part in told.parts if isinstance(part, ToolResult)}
    assert len(ids) == 1
    assert (ids == {id}) == is_kept


def test_calls_beside_instructions_are_left_out() -> None:
    """An import may bring them."""
    system = Message("system", [Text("Be brief."), ToolCall("a", "f", "{}")])
    told = list(settled([system, user("Hi")], "openai-chat", "p"))
    assert [one.parts for one in told] == [[Text("Be brief.")], [Text("Hi")]]
