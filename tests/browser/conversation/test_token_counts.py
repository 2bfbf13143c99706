"""Tokens of an answer: how many, how fast, how much of the model's window they fill."""

from typing import Any

import pytest

from app.browser.conversation.token_counts import (
    context_tokens,
    estimate,
    tokens_per_second,
    usage_of,
)
from app.core.messages import (
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    Timing,
    ToolCall,
    ToolResult,
    Usage,
    user,
)


def answer(
    output: int | None = None,
    total_s: float | None = None,
    first_s: float | None = None,
    mode: Any = "streaming",
) -> Message:
    usage = None if output is None else Usage(output_tokens=output)
    timing = None if total_s is None else Timing(total_s, first_s)
    return Message("assistant", [], usage=usage, timing=timing, mode=mode)


@pytest.mark.parametrize(
    ("answers", "rate"),
    [
        ([answer(101, 3, 1)], 50),
        # Without a first token, in one piece, or of one token: over the whole time.
        ([answer(90, 3, 1, "sync")], 30),
        ([answer(90, 3)], 30),
        ([answer(1, 4, 2)], 0.25),
        ([answer(2, 4, 1)], 1 / 3),
        # Of several calls the times are added, not those of the tools between them.
        ([answer(101, 3, 1), answer(31, 2, 1)], 130 / 3),
        ([answer(101, 3, 1), answer(90, 3, 1, "sync")], 190 / 5),
        # What was not counted, or not timed, is left out.
        ([answer(101, 3, 1), answer(None, 9, 1), answer(99)], 50),
        ([answer(0, 3, 1)], None),
        ([answer(None, 3, 1)], None),
        ([answer(5)], None),
        ([answer(9, 1, 1)], None),
        ([], None),
    ],
)
def test_how_fast_a_model_writes(answers: list[Message], rate: float | None) -> None:
    assert tokens_per_second(answers) == (None if rate is None else pytest.approx(rate))


def test_the_counts_of_all_calls_are_one_sum() -> None:
    messages = [answer(3), answer(), answer(4)]
    assert usage_of(messages) == Usage(output_tokens=7)
    assert usage_of([answer()]) is None


@pytest.mark.parametrize(
    ("part", "tokens"),
    [
        (Text("x" * 8), 2),
        (Text("x" * 9), 3),
        (Text(""), 0),
        (Reasoning("x" * 8), 2),
        (Refusal("x" * 8), 2),
        (ToolCall("an id", "xxxx", "x" * 8), 3),
        (ToolResult("an id", "x" * 8, "f"), 2),
    ],
)
def test_four_characters_are_about_a_token(part: Part, tokens: int) -> None:
    assert estimate([Message("assistant", [part])]) == tokens


def test_parts_and_messages_are_counted_together() -> None:
    assert estimate([Message("assistant", [Text("xx"), Reasoning("x")]), user("x")]) == 1


def test_the_window_is_filled_as_the_last_answer_counted_and_what_came_after_is_guessed() -> None:
    counted = Message("assistant", [Text("x" * 400)], usage=Usage(100, 20))
    older = Message("assistant", [], usage=Usage(7, 7))
    assert context_tokens([user("x" * 400), older, counted]) == (120, False)
    assert context_tokens([counted, user("x" * 8)]) == (122, True)
    assert context_tokens([Message("assistant", [], usage=Usage(100))]) == (100, False)
    assert context_tokens([Message("assistant", [], usage=Usage(0, 3))]) == (3, False)
    only_output = Message("assistant", [Text("x" * 8)], usage=Usage(output_tokens=9))
    assert context_tokens([user("x" * 4), only_output]) == (3, True)
    assert context_tokens([]) == (0, True)
