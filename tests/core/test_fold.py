"""Events -> message: any prefix of the events gives the message as far as it came."""

import msgspec
import pytest

from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.fold import Fold
from app.core.messages import (
    File,
    FinishReason,
    Message,
    Reasoning,
    Refusal,
    Source,
    Text,
    Timing,
    ToolCall,
    Usage,
    user,
)

SOURCE = Source("https://a.example", "A")


def fold(*events: ev.Event) -> Message:
    one = Fold()
    one.add(events)
    return one.message


def test_parts_in_the_order_in_which_they_came() -> None:
    message = fold(
        ev.ReasoningDelta("Hm"),
        ev.ReasoningDelta("."),
        ev.ContentDelta("a"),
        ev.ContentDelta("b"),
        ev.ToolCallStart(0, "1", "f"),
        ev.ToolCallDelta(0, "{"),
        ev.ContentDelta("c"),
        ev.ToolCallDelta(0, "}"),
        ev.RefusalDelta("No."),
        File("https://a.example/x.png"),
    )
    assert message.parts == [
        Reasoning("Hm."),
        Text("ab"),
        ToolCall("1", "f", "{}"),
        Text("c"),
        Refusal("No."),
        File("https://a.example/x.png"),
    ]
    assert (message.text, message.reasoning, message.refusal) == ("abc", "Hm.", "No.")


def test_reading_in_between_changes_nothing() -> None:
    events: list[ev.Event] = [
        ev.ContentDelta("a"),
        ev.ContentDelta("b"),
        ev.ReasoningDelta("x"),
        ev.ContentDelta("c"),
        ev.ToolCallStart(0, "1", "f"),
        ev.ToolCallDelta(0, "{"),
        ev.ToolCallDelta(0, "}"),
        ev.Done("complete", "stop", "stop"),
    ]
    one = Fold()
    for event in events:
        one.add([event])
        assert one.message is one.message
    assert one.message == fold(*events)


def test_a_file_stands_between_what_was_said_before_and_after_it() -> None:
    picture = File("https://a.example/x.png")
    message = fold(ev.ContentDelta("a"), picture, ev.ContentDelta("b"), ev.ContentDelta("c"))
    assert message.parts == [Text("a"), picture, Text("bc")]


def test_a_source_in_mid_sentence_does_not_split_the_text() -> None:
    message = fold(ev.ContentDelta("a"), SOURCE, ev.ContentDelta("b"))
    assert message.parts == [Text("ab"), SOURCE]
    assert message.sources == [SOURCE]


def test_the_extra_of_reasoning_belongs_to_the_reasoning_that_is_over() -> None:
    message = fold(ev.ReasoningDelta("Hm."), ev.ContentDelta("a"), ev.ReasoningDelta("", ["sig"]))
    assert message.parts == [Reasoning("Hm.", ["sig"]), Text("a")]


def test_each_reasoning_keeps_its_own_extra() -> None:
    """An extra ends its reasoning: what follows is another one, also without words."""
    message = fold(
        ev.ReasoningDelta("Hm."),
        ev.ReasoningDelta("", "s1"),
        ev.ReasoningDelta("", "s2"),
        ev.ReasoningDelta("So."),
        ev.ReasoningDelta("", "s3"),
    )
    assert message.parts == [Reasoning("Hm.", "s1"), Reasoning("", "s2"), Reasoning("So.", "s3")]


def test_reasoning_that_is_only_an_extra_is_kept() -> None:
    message = fold(ev.ContentDelta("a"), ev.ReasoningDelta("", ["encrypted"]))
    assert message.parts == [Text("a"), Reasoning("", ["encrypted"])]


def test_a_reset_drops_what_there_was_but_not_what_it_cost() -> None:
    message = fold(
        ev.MessageStart("1", "m"),
        ev.ContentDelta("a"),
        ev.ToolCallStart(0, "1", "f"),
        Usage(input_tokens=1),
        ev.StepReset("it began anew"),
        ev.MessageStart("2", "m"),
        ev.ToolCallStart(0, "2", "g"),
        ev.ContentDelta("b"),
    )
    assert (message.id, message.text, message.usage) == ("2", "b", Usage(1))
    assert message.tool_calls == [ToolCall("2", "g")]


def test_the_end() -> None:
    message = fold(
        ev.MessageStart("id", "m"),
        ev.ContentDelta("a"),
        Usage(input_tokens=1),
        Usage(output_tokens=2),
        ev.Warning("odd"),
        ev.Error(ErrorInfo("server", "Boom")),
        ev.Error(ErrorInfo("server", "Boom again")),
        ev.Done("error", None, None, Usage(1, 2), Timing(1.5, 0.5)),
    )
    assert (message.id, message.model, message.status) == ("id", "m", "error")
    assert message.usage == Usage(1, 2)
    assert message.timing == Timing(1.5, 0.5)
    assert message.warnings == ["odd"]
    assert message.error == ErrorInfo("server", "Boom")


def test_usage_takes_the_newer_of_each_field() -> None:
    assert Usage(1, 2, raw={"a": 1}).updated(Usage(None, 3)) == Usage(1, 3, raw={"a": 1})
    assert Usage(1).updated(Usage(0)) == Usage(0)


@pytest.mark.parametrize("count", [10**400, 10**12 + 1, -1])
def test_a_count_that_no_model_reaches_is_not_known(count: int) -> None:
    assert Usage(count, 3) == Usage(None, 3)
    kept = f'{{"type": "usage", "input_tokens": {count}}}'
    assert msgspec.json.decode(kept, type=Usage) == Usage()
    assert Usage(10**12) + Usage(1) == Usage()


def test_a_question_is_complete() -> None:
    assert user("Hi") == Message("user", [Text("Hi")], status="complete")


def test_arguments_are_joined_whenever_the_message_is_read() -> None:
    one = Fold("p", "somebody")
    one.add(
        [ev.ToolCallStart(0, "1", "f"), ev.ToolCallStart(1, "2", "g"), ev.ToolCallDelta(1, "{")]
    )
    assert [call.arguments for call in one.message.tool_calls] == ["", "{"]
    one.add([ev.ToolCallDelta(0, "{}"), ev.ToolCallDelta(1, "}"), ev.StepReset("again")])
    assert one.message.tool_calls == []
    one.add([ev.ToolCallStart(0, "3", "h"), ev.ToolCallDelta(0, "[]")])
    assert [(call.id, call.arguments) for call in one.message.tool_calls] == [("3", "[]")]
    assert (one.message.protocol, one.message.provider) == ("p", "somebody")


@pytest.mark.parametrize(
    ("reason", "count"),
    [
        ("stop", 1),
        ("tool_calls", 1),
        ("unknown", 1),
        ("pause", 1),
        ("length", 0),
        ("content_filter", 0),
        ("refusal", 0),
        ("error", 0),
    ],
)
def test_which_calls_may_run(reason: FinishReason, count: int) -> None:
    message = fold(
        ev.ToolCallStart(0, "1", "f"),
        ev.ToolCallDelta(0, "{}"),
        ev.Done("complete", reason, reason),
    )
    assert len(message.runnable_tool_calls) == count
    assert message.calls_stand is bool(count)
    assert message.is_paused is (reason == "pause")


def test_places_in_a_later_step_are_those_in_the_whole_text() -> None:
    source = Source("https://a.example", "A", start=1, end=2)
    message = fold(
        ev.StepStart(1),
        ev.ContentDelta("abc"),
        source,
        ev.StepStart(2),
        ev.ContentDelta("de"),
        source,
        Source("https://b.example", "B", start=0),
        Source("https://c.example", "C"),
    )
    places = [(part.start, part.end) for part in message.parts if isinstance(part, Source)]
    assert places == [(1, 2), (4, 5), (3, None), (None, None)]


def test_each_step_counts_its_calls_anew() -> None:
    message = fold(
        ev.StepStart(1),
        ev.ToolCallStart(0, "1", "f"),
        ev.ToolCallDelta(0, "{}"),
        ev.ToolCallEnd(0),
        ev.StepStart(2),
        ev.ToolCallStart(0, "2", "g"),
        ev.ToolCallDelta(0, '{"a": 1}'),
        ev.ToolCallEnd(0, {"signature": "s"}),
    )
    assert message.parts == [
        ToolCall("1", "f", "{}"),
        ToolCall("2", "g", '{"a": 1}', extra={"signature": "s"}),
    ]


def test_a_reset_takes_back_its_own_step_only() -> None:
    message = fold(
        ev.MessageStart("1", "m"),
        ev.StepStart(1),
        ev.ContentDelta("kept"),
        ev.StepStart(2),
        ev.ContentDelta("gone"),
        ev.ToolCallStart(0, "2", "g"),
        ev.ToolCallDelta(0, "{"),
        ev.StepReset("again"),
        ev.MessageStart("2", "n"),
        ev.ContentDelta("there"),
        ev.ToolCallStart(0, "3", "h"),
        ev.ToolCallDelta(0, "}"),
    )
    assert message.parts == [Text("kept"), Text("there"), ToolCall("3", "h", "}")]
    assert (message.id, message.model) == ("2", "m")


def test_of_ids_models_and_errors_the_first_counts_and_of_who_answers_the_last() -> None:
    first, second = ErrorInfo("server", "One."), ErrorInfo("server", "Two.")
    message = fold(
        ev.MessageStart("1", "m", "p", "q"),
        ev.MessageStart("2", "n"),
        ev.MessageStart("3", "o", "r", "s"),
        ev.Error(first),
        ev.Error(second),
        ev.Warning("w"),
        ev.Warning("v"),
    )
    assert (message.id, message.model, message.error) == ("1", "m", first)
    assert (message.protocol, message.provider) == ("r", "s")
    assert message.warnings == ["w", "v"]


def test_other_choices_are_messages_of_their_own_in_their_order() -> None:
    message = fold(
        ev.ContentDelta("a"),
        ev.Alternative(2, ev.ContentDelta("c")),
        ev.Alternative(1, ev.ContentDelta("b")),
        ev.Alternative(2, ev.ContentDelta("c")),
        ev.ContentDelta("a"),
    )
    assert [message.text, *(one.text for one in message.alternatives)] == ["aa", "b", "cc"]


def test_what_belongs_to_a_call_that_never_began_ends_no_message() -> None:
    fold = Fold()
    stray: list[ev.Event] = [
        ev.ToolCallDelta(9, "x"),
        ev.ToolCallEnd(9, {"a": 1}),
        ev.ToolCallDelta(-1, "x"),
    ]
    fold.add([*stray, ev.ToolCallStart(0, "c", "f"), ev.ToolCallDelta(0, "{}"), *stray])
    fold.add([ev.Alternative(1, ev.ToolCallDelta(3, "x")), ev.ContentDelta("end")])
    assert fold.message.parts == [ToolCall("c", "f", "{}"), Text("end")]
