"""Every known habit of providers, each as one small stream of our own, at every cut of its bytes.

The rows are in `habits.py`: F1–F15 framing, C1–C36 Chat Completions, R1–R11 Responses, A1–A18
Anthropic, G1–G14 Gemini, O1–O7 Ollama. Two are no matter of decoding, and shown elsewhere: F12
(compression that holds records back) in the transports, C34 (a server that falls silent) with the
deadlines of a step. Cohere's and Bedrock's own protocols are not spoken here. What a habit
means in detail is in the tests of its protocol; here is that none is forgotten.
"""

from typing import Any

import pytest

from app.core.messages import Message, ProviderTool
from app.protocols import decoder

from .habits import HABITS, Habit
from .wire import decode

USUAL: dict[str, Any] = {
    "text": "Hi",
    "reasoning": "",
    "refusal": "",
    "calls": [],
    "status": "complete",
    "finish": "stop",
    "error": None,
    "usage": (None, None),
    "sources": 0,
    "tools": 0,
    "warnings": 0,
}

# The streams in which our decoder was compared with five other libraries.
COMPARED = """
    baseline truncated_eof truncated_midevent done_no_finish error_in_200 error_event_name
    finish_reason_error json_error_body no_index_parallel_sep_chunks no_index_split_args
    same_index_two_ids empty_id_name_cont name_late index_starts_at_1 args_object no_id
    tool_finish_stop comments id_then_comment retry_only_block crlf cr_only bom no_space
    no_final_blank finish_unterminated_line utf8_split choices_null azure_prefilter
    usage_cumulative usage_then_null usage_xgroq dup_finish content_after_finish content_list
    reasoning_content reasoning_field reasoning_both think_split garbage_line garbage_json_type
    multiline_data finish_reason_empty_str finish_unknown message_not_delta refusal empty_body
"""


def meaning(message: Message, expect: dict[str, Any]) -> dict[str, Any]:
    """A message in the form of an expectation; an id that it leaves open is left open."""
    usage = message.usage
    ids = [id for id, _, _ in expect["calls"]]
    calls = [
        (
            call.id if place >= len(ids) or ids[place] is not None else None,
            call.name,
            call.arguments,
        )
        for place, call in enumerate(message.tool_calls)
    ]
    return {
        "text": message.text,
        "reasoning": message.reasoning,
        "refusal": message.refusal,
        "calls": calls,
        "status": message.status,
        "finish": message.finish_reason,
        "error": message.error and message.error.message,
        "usage": (usage.input_tokens, usage.output_tokens) if usage else (None, None),
        "sources": len(message.sources),
        "tools": sum(isinstance(part, ProviderTool) for part in message.parts),
        "warnings": len(message.warnings),
    }


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: f"{habit.row}-{habit.what}")
def test_a_habit(habit: Habit) -> None:
    expect = USUAL | habit.expect
    _, message = decode(habit.body, habit.protocol)
    assert meaning(message, expect) == expect
    if habit.row in ("C23", "A16"):  # half a call
        assert message.runnable_tool_calls == []
    # Cut before its end, it is no whole answer, and says nothing else than the whole one.
    one = decoder(habit.protocol)
    one.feed(habit.body[: len(habit.body) // 2])
    one.close()
    if one.message.status != "complete":
        assert one.message.runnable_tool_calls == []


def test_no_habit_is_forgotten() -> None:
    last = {"F": 15, "C": 36, "R": 11, "A": 18, "G": 14, "O": 7}
    rows = {f"{letter}{n}" for letter, count in last.items() for n in range(1, count + 1)}
    assert {habit.row for habit in HABITS} - {"-"} == rows - {"F12", "C34"}
    compared = COMPARED.split()
    assert len(compared) == 47
    assert sorted(habit.name for habit in HABITS if habit.name) == sorted(compared)
