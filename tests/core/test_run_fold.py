"""The events of a run -> its messages, at any point of it."""

from app.core import events as ev
from app.core.messages import Message, Text, ToolCall, ToolResult, Usage
from app.core.run_fold import RunFold
from app.core.unanswered import LOST, NOT_RUN

BEGUN = Message("assistant", protocol="openai-chat", provider="p", model="m", mode="streaming")


def call(index: int, id: str) -> list[ev.Event]:
    return [ev.ToolCallStart(index, id, "f"), ev.ToolCallDelta(index, "{}"), ev.ToolCallEnd(index)]


STEP: list[ev.Event] = [
    ev.StepStart(1),
    ev.ContentDelta("I look."),
    *call(0, "a"),
    *call(1, "b"),
    ev.StepEnd("complete", "tool_calls", "tool_calls", Usage(1, 2)),
]


def fold(*events: ev.Event) -> RunFold:
    """The fold of these events, the same whether they come alone or together."""
    one = RunFold(BEGUN)
    one.add(events)
    alone = RunFold(BEGUN)
    for event in events:
        alone.add([event])
        assert alone.messages == alone.messages
    assert alone.messages == one.messages
    assert (alone.message, alone.begun_calls) == (one.message, one.begun_calls)
    return one


def test_before_anything_came_the_answer_is_the_one_that_was_begun() -> None:
    one = fold(ev.Heartbeat("x"), ev.Retry(1, 0.5, "busy"))
    assert (one.messages, one.message, one.begun_calls, one.has_ended) == ([], BEGUN, set(), False)
    one.settle()
    assert one.messages == []


def test_a_step_its_results_and_the_next_step() -> None:
    one = fold(
        *STEP,
        ev.ApprovalRequest("a", "f", "{}", "approval"),
        ev.ToolRunStart("a", "f"),
        ev.ToolRunStart("b", "f"),
        ToolResult("a", "1", "f"),
        ToolResult("b", "2", "f"),
        ev.StepStart(2),
        ev.ContentDelta("Three."),
        ev.StepEnd("complete", "stop", "stop"),
        ev.Done("complete"),
    )
    first, results, last = one.messages
    assert first.parts == [Text("I look."), ToolCall("a", "f", "{}"), ToolCall("b", "f", "{}")]
    assert (first.status, first.finish_reason, first.usage) == (
        *("complete", "tool_calls", Usage(1, 2)),
    )
    assert (results.role, results.status) == ("tool", "complete")
    assert results.parts == [ToolResult("a", "1", "f"), ToolResult("b", "2", "f")]
    assert (last.text, last.model, last.mode, last.protocol, last.provider) == (
        *("Three.", "m", "streaming", "openai-chat", "p"),
    )
    assert one.message is last
    assert one.has_ended


def test_the_calls_whose_tool_runs() -> None:
    running = [ev.ToolRunStart("a", "f"), ev.ToolRunStart("b", "f")]
    assert fold(*STEP).begun_calls == set()
    assert fold(*STEP, *running).begun_calls == {"a", "b"}
    assert fold(*STEP, *running, ToolResult("a", "1", "f")).begun_calls == {"b"}
    # Those of an earlier step are over.
    assert fold(*STEP, *running, ev.StepStart(2)).begun_calls == set()


def test_calls_that_were_being_answered_get_a_result_at_the_end() -> None:
    one = fold(*STEP, ev.ToolRunStart("a", "f"))
    one.settle()
    assert [message.role for message in one.messages] == ["assistant", "tool"]
    assert one.messages[-1].parts == [
        ToolResult("a", LOST, "f", is_error=True),
        ToolResult("b", NOT_RUN, "f", is_error=True),
    ]
    # Beside those that came.
    one = fold(*STEP, ev.ToolRunStart("a", "f"), ToolResult("a", "1", "f"))
    one.settle()
    assert [message.role for message in one.messages] == ["assistant", "tool"]
    assert one.messages[-1].parts == [
        ToolResult("a", "1", "f"),
        ToolResult("b", NOT_RUN, "f", is_error=True),
    ]
    # Where no tool began nothing is known to be missing: a person may still be asked.
    one = fold(*STEP)
    one.settle()
    assert [message.role for message in one.messages] == ["assistant"]


def test_a_step_that_goes_on_is_the_rest_of_the_answer_before() -> None:
    one = fold(
        ev.StepStart(1),
        ev.ContentDelta("It "),
        ev.StepEnd("complete", "pause", "pause_turn"),
        ev.StepStart(2, goes_on=True),
        ev.ContentDelta("goes on."),
        ev.StepEnd("complete", "stop", "stop"),
    )
    [message] = one.messages
    assert (message.text, message.model, message.finish_reason) == ("It goes on.", "m", "stop")
    # Nothing to go on from.
    assert [one.text for one in fold(ev.StepStart(1, goes_on=True)).messages] == [""]


def test_what_comes_after_the_last_step_belongs_to_its_answer() -> None:
    one = fold(
        *STEP,
        ev.ToolRunStart("a", "f"),
        ToolResult("a", "1", "f"),
        ev.Warning("Odd."),
        ev.StepReset("nothing was said"),
        ev.Done("aborted"),
    )
    assert [message.role for message in one.messages] == ["assistant", "tool"]
    assert (one.message.status, one.message.warnings) == ("aborted", ["Odd."])
    assert one.has_ended


def test_an_answer_without_a_step_of_its_own_begins_one() -> None:
    one = fold(ev.ContentDelta("Hi"), ev.StepEnd("complete", "stop"))
    assert [(message.text, message.status) for message in one.messages] == [("Hi", "complete")]
    assert [message.status for message in fold(ev.StepEnd("error")).messages] == ["error"]
    assert not fold(ev.ContentDelta("Hi")).has_ended


def test_tools_that_ran_within_a_model_call_are_of_its_answer() -> None:
    """As those of an agent, which is one model call."""
    within: list[ev.Event] = [
        *call(0, "a"),
        ev.ToolRunStart("a", "f"),
        ToolResult("a", "seen", "f"),
    ]
    more: list[ev.Event] = [ev.ContentDelta("Seen."), ev.StepEnd("complete", "stop")]
    [answer] = fold(ev.StepStart(1), ev.ContentDelta("I look."), *within, *more).messages
    assert [type(part) for part in answer.parts] == [Text, ToolCall, ToolResult, Text]
    assert (answer.text, answer.status) == ("I look.Seen.", "complete")
