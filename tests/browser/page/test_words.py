"""The sentences under an answer, without a browser."""

from datetime import datetime
from typing import get_args

import pytest

from app.browser.conversation import notices, times
from app.browser.conversation.answer import answer_facts
from app.browser.conversation.answer import words as answer_words
from app.browser.web import words as web_words
from app.core.errors import ErrorInfo, ErrorKind
from app.core.messages import Message, Reasoning, Status, Text, Timing, Usage
from app.history.records import MessageRecord


def answer(**known: object) -> Message:
    return Message("assistant", [Text("Hello")], **known)  # type: ignore[arg-type]


def record(message: Message, **known: object) -> MessageRecord:
    return MessageRecord("a", "c", 0, message, **known)  # type: ignore[arg-type]


def test_a_complete_answer_needs_no_notice() -> None:
    assert notices.notice(answer(status="complete", finish_reason="stop"), "Otter") is None


@pytest.mark.parametrize(
    ("reason", "raw", "words"),
    [
        ("refusal", "refusal", "declined"),
        ("error", "MALFORMED_FUNCTION_CALL", "tool call that nobody can read"),
        ("error", "NO_IMAGE", "No image"),
        ("error", "something_new", "could not finish"),
        ("pause", "pause_turn", "not finished"),
        ("unknown", "gone_fishing", "gone_fishing"),
        ("length", "model_context_window_exceeded", "window is full"),
        ("content_filter", "ESCALATION", "content filter"),
    ],
)
def test_half_an_answer_never_reads_as_a_whole_one(reason: str, raw: str, words: str) -> None:
    message = answer(status="complete", finish_reason=reason, finish_reason_raw=raw)
    found = notices.notice(message, "Otter")
    assert found is not None
    assert words in found.sentence
    assert "Max tokens" not in found.advice


def test_thoughts_alone_are_no_answer() -> None:
    thought = Message("assistant", [Reasoning("Hm.")], status="complete", finish_reason="stop")
    found = notices.notice(thought, "Otter")
    assert found is not None
    assert "said nothing" in found.sentence


@pytest.mark.parametrize("kind", get_args(ErrorKind))
def test_every_kind_of_error_has_a_sentence_of_its_own(kind: ErrorKind) -> None:
    message = answer(status="error", error=ErrorInfo(kind, "What was said."))
    found = notices.notice(message, "Otter")
    assert found is not None
    assert found.is_error
    assert found.retry
    assert "What was said." in found.advice
    unknown = answer(status="error", error=ErrorInfo("unknown", ""))
    fallback = notices.notice(unknown, "Otter")
    assert fallback is not None
    assert kind == "unknown" or found.sentence != fallback.sentence


def test_only_a_provider_that_spoke_is_quoted() -> None:
    silent = notices.notice(answer(status="error", error=ErrorInfo("server", " ")), "Otter")
    assert silent is not None
    assert "says" not in silent.advice
    ours = notices.notice(
        answer(status="error", error=ErrorInfo("timeout", "It stalled.")), "Otter"
    )
    assert ours is not None
    assert ours.advice == "It stalled. Try again."


@pytest.mark.parametrize(
    ("length", "quoted"), [(1000, "x" * 1000), (1001, "x" * 1000 + "…"), (9000, "x" * 1000 + "…")]
)
def test_what_a_provider_says_is_quoted_within_bounds(length: int, quoted: str) -> None:
    failed = answer(status="error", error=ErrorInfo("server", "x" * length))
    found = notices.notice(failed, "Otter")
    assert found is not None
    assert found.advice.endswith(f"“{quoted}”")


@pytest.mark.parametrize(
    ("value_s", "said"),
    [
        (0.0, "0 ms"),
        (0.0421, "42 ms"),
        (0.9996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (125, "2 min 5 s"),
        (7290, "2 h 1 min"),
        (float("inf"), "277777 h 46 min"),
    ],
)
def test_a_duration_is_said_in_its_own_unit(value_s: float, said: str) -> None:
    assert web_words.seconds(value_s) == said


def test_what_is_not_known_is_not_said() -> None:
    silent = answer(mode="streaming")
    silent.parts.clear()
    assert answer_facts.facts([record(silent)]) == ["Streaming"]
    known = answer(mode="sync", timing=Timing(total_s=2, first_output_s=2), usage=Usage(1234, 10))
    assert answer_facts.facts([record(known)]) == [
        "Sync",
        "total 2.0 s",
        "1,234 tokens in",
        "10 tokens out",
        "5.0 tokens/s",
    ]


def test_tokens_that_nobody_counted_are_estimated_and_marked() -> None:
    assert answer_facts.facts([record(answer(mode="streaming"))]) == ["Streaming", "~2 tokens out"]
    # One that was imported says nothing of how it came.
    assert answer_facts.facts([record(answer())]) == ["~2 tokens out"]


def test_an_answer_that_was_tried_again_says_so_and_counts_the_whole_time() -> None:
    timing = Timing(total_s=0.3, first_output_s=0.1)
    known = record(answer(mode="streaming", timing=timing), tries=3, lost_s=1.8)
    said = ["Streaming", "first token 1.9 s", "total 2.1 s", "3 tries", "~2 tokens out"]
    assert answer_facts.facts([known]) == said


def test_a_wait_for_another_try_is_said_in_sentences() -> None:
    said = answer_words.retrying("Rate limit reached", 0.2, 1, "")
    assert said == "Rate limit reached. Trying again in 1 s (attempt 2)."
    assert answer_words.retrying("Busy!", 0, 1, "m") == "Busy! Trying again with m (attempt 2)."


def test_a_time_says_its_day_where_it_is_not_today() -> None:
    now = datetime(2026, 11, 21, 14, 5)
    assert times.clock(datetime(2026, 11, 21, 9, 2), now) == "09:02"
    assert times.clock(datetime(2026, 5, 1, 23, 59), now) == "1 May, 23:59"
    assert times.clock(datetime(2025, 11, 21, 14, 5), now) == "21 Nov 2025, 14:05"
    assert times.full_date(now) == "Saturday, 21 November 2026, 14:05:00"


def test_the_details_of_an_error_are_what_the_provider_sent() -> None:
    raw = {"error": {"message": "Slow", "code": 7}}
    said = notices.notice(
        answer(status="error", error=ErrorInfo("rate_limit", "Slow", "7", 429, raw=raw)), "Otter"
    )
    assert said is not None
    assert said.details.startswith("HTTP status 429\nCode: 7\n{")
    assert '"message": "Slow"' in said.details
    ours = notices.notice(
        answer(status="error", error=ErrorInfo("timeout", "It stalled.")), "Otter"
    )
    assert ours is not None
    assert not ours.details


def test_one_token_is_one() -> None:
    assert answer_facts.context_meter(1, True, None) == "Context ~1 token"
    assert answer_facts.context_spoken(1, False, None).startswith("1 token of this chat goes to")
    assert answer_facts.context_spoken(1, False, 4000).startswith(
        "1 of 4,000 tokens of this chat go to"
    )


@pytest.mark.parametrize("status", ["aborted", "incomplete"])
def test_only_what_had_arrived_is_said_to_be_kept(status: Status) -> None:
    partial = answer(status=status)
    nothing = answer(status=status)
    nothing.parts.clear()
    said = notices.notice(partial, "Otter")
    unsaid = notices.notice(nothing, "Otter")
    assert said is not None
    assert unsaid is not None
    assert "kept" in said.advice
    assert "kept" not in unsaid.advice


def test_what_the_demo_plays_is_not_mended_in_the_settings() -> None:
    said = notices.notice(answer(status="error", error=ErrorInfo("auth", "No such key.")), "Demo")
    assert said is not None
    assert not said.settings
    assert said.advice.startswith("The Demo plays this failure")


def test_an_answer_that_ended_among_its_tools_was_interrupted() -> None:
    asked, results = answer(status="complete"), Message("tool", status="complete")
    found = notices.notice_of([asked, results, Message("assistant", status="incomplete")], "Otter")
    assert found == notices.INTERRUPTED
    cut = notices.notice_of([answer(status="incomplete")], "Otter")
    assert cut is not None
    assert cut != notices.INTERRUPTED
    # Nobody but the page had to do with that one.
    closed = notices.notice_of([answer(status="incomplete")], "Otter", was_closed=True)
    assert closed == notices.PAGE_CLOSED


def test_a_long_wait_is_told_with_its_end() -> None:
    now = datetime(2026, 11, 29, 16, 10)
    assert times.until(60, now) == ""
    assert times.until(61, now) == "16:11"
    assert times.until(2.5 * 3600, now) == "18:40"
    assert times.until(9 * 3600, now) == "30 Nov, 01:10"
    assert times.until(1e300, now) == "30 Nov 2027, 16:10"
    words = answer_words.asks_to_wait("2 h 30 min", "18:40")
    assert words == "The provider asks you to wait 2 h 30 min more, until 18:40."
    assert answer_words.asks_to_wait("9 s", "") == "The provider asks you to wait 9 s more."
