"""The line of numbers under an answer, and the meter of the window."""

from typing import Any

import pytest

from app.browser.conversation.answer.answer_facts import (
    context_meter,
    context_spoken,
    facts,
    facts_so_far,
)
from app.core.messages import Message, Text, Timing, Usage, user
from app.history.records import MessageRecord


def record(message: Message, *, tries: int = 1, lost_s: float = 0) -> MessageRecord:
    return MessageRecord("a", "c", 0, message, tries=tries, lost_s=lost_s)


def answer(mode: Any = "streaming", **known: Any) -> Message:
    return Message("assistant", [Text("Hello you")], mode=mode, **known)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([], []),
        ([record(user("Hi"))], []),
        ([record(answer(None))], ["~3 tokens out"]),
        (
            [record(answer(timing=Timing(3, 1), usage=Usage(20, 101)))],
            ["Streaming", "first token 1.0 s", "total 3.0 s", "20 tokens in", "101 tokens out",
             "50 tokens/s"],
        ),
        (
            # In sync mode everything comes at once.
            [record(answer("sync", timing=Timing(2, 2), usage=Usage(1, 9)))],
            ["Sync", "total 2.0 s", "1 token in", "9 tokens out", "4.5 tokens/s"],
        ),
        (
            [record(answer(usage=Usage(1000, 300, reasoning_tokens=200, cached_tokens=900)))],
            ["Streaming", "1,000 tokens in", "900 cached", "300 tokens out", "200 reasoning"],
        ),
        # An input alone says nothing of what came out.
        ([record(answer(usage=Usage(7)))], ["Streaming", "7 tokens in", "~3 tokens out"]),
        # A file of chats may say any number.
        ([record(answer(usage=Usage(10**400, -5)))], ["Streaming", "~3 tokens out"]),
        # What was tried before took its time as well.
        (
            [record(answer(timing=Timing(3, 1)), tries=3, lost_s=2)],
            ["Streaming", "first token 3.0 s", "total 5.0 s", "3 tries", "~3 tokens out"],
        ),
        # Several calls of the model are one answer; what tools said between them is left out.
        (
            [record(answer(timing=Timing(3, 1), usage=Usage(10, 4))),
             record(Message("tool", [])),
             record(answer(timing=Timing(2, 1), usage=Usage(20, 5)), tries=2, lost_s=1)],
            ["Streaming", "first token 1.0 s", "total 6.0 s", "2 tries", "30 tokens in",
             "9 tokens out", "2.3 tokens/s", "2 model calls"],
        ),
    ],
)  # fmt: skip
def test_what_is_known_of_an_answer(records: list[MessageRecord], said: list[str]) -> None:
    assert facts(records) == said


@pytest.mark.parametrize(
    ("characters", "waited_s", "wrote_s", "said"),
    [
        (0, 0.42, None, ["420 ms"]),
        (0, 1.4, None, ["1 s"]),
        (4, 12, 0.4, ["12 s", "~1 token"]),
        (4, 12, 0.5, ["12 s", "~1 token"]),
        (400, 12, 2, ["12 s", "~100 tokens", "~50 tokens/s"]),
        (40, 12, 4, ["12 s", "~10 tokens", "~2.5 tokens/s"]),
        (40, 12, 1, ["12 s", "~10 tokens", "~10 tokens/s"]),
    ],
)
def test_what_is_known_of_one_on_its_way(
    characters: int, waited_s: float, wrote_s: float | None, said: list[str]
) -> None:
    assert facts_so_far(characters, waited_s, wrote_s) == said


@pytest.mark.parametrize(
    ("used", "is_guess", "window", "said"),
    [
        (50, False, 200, "Context 25 %"),
        (50, True, 200, "Context ~25 %"),
        (0, False, None, "Context 0 tokens"),
        (9_999, True, None, "Context ~9,999 tokens"),
        (10_000, False, None, "Context 10k tokens"),
        (1_234_567, False, None, "Context 1,235k tokens"),
    ],
)
def test_the_meter(used: int, is_guess: bool, window: int | None, said: str) -> None:
    assert context_meter(used, is_guess, window) == said


def test_the_meter_in_words() -> None:
    goes = "go to the model with the next question."
    assert context_spoken(1200, True, 8000) == f"About 1,200 of 8,000 tokens of this chat {goes}"
    assert context_spoken(0, False, None) == (
        f"0 tokens of this chat {goes} How many the model can read is not known."
    )
