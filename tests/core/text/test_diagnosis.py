"""Findings on answers that never end, lack something or are slow."""

from typing import Any

import pytest

from app.core.errors import ErrorInfo
from app.core.messages import Message, Reasoning, Refusal, Text, Timing, ToolCall, Usage
from app.core.running.step import Deadlines
from app.core.text.diagnosis import diagnose
from app.core.wire.recording import Chunk, Exchange
from app.core.wire.transport import Request

REQUEST = Request("POST", "https://a.example", {})
GOOD: dict[str, Any] = {
    "mode": "streaming",
    "status": "complete",
    "finish_reason": "stop",
    "timing": Timing(3.0, 0.4),
    "usage": Usage(10, 300),
}
NEVER = Deadlines(connect_s=None, first_output_s=None, idle_s=None, sync_s=None)


def message(*parts: Any, **fields: Any) -> Message:
    return Message("assistant", list(parts), **(GOOD | fields))


def running(*times: float, status: int | None = 200) -> Exchange:
    chunks = [Chunk(at_s, b"x") for at_s in times]
    return Exchange(REQUEST, status, {}, 0.1 if status else None, chunks)


def ended(*times: float, ended_s: float) -> Exchange:
    exchange = running(*times)
    exchange.end, exchange.ended_s = "end", ended_s
    return exchange


def test_nothing_is_found_where_nothing_is_unusual() -> None:
    steady = ended(*[0.4 + n / 100 for n in range(260)], ended_s=3.0)
    good = message(Text("Hi"))
    assert diagnose(good, deadlines=NEVER, exchanges=[steady]) == []
    assert diagnose(message(ToolCall("1", "f"), finish_reason="tool_calls")) == []
    assert diagnose(Message("assistant", mode="streaming"), deadlines=Deadlines()) == []


@pytest.mark.parametrize(
    ("found", "topic", "what", "advice"),
    [
        (message(Text("a"), status="incomplete"), "missing", "closed before", "Ask again"),
        (message(Text("a"), status="aborted"), "missing", "stopped", "Read until Done"),
        (
            message(Text("a"), status="error", error=ErrorInfo("server", "Broken.")),
            "missing",
            "midway: Broken.",
            "kept",
        ),
        (message(Text("a"), finish_reason="length"), "missing", "length limit", "max_tokens"),
        (message(Text("a"), finish_reason="content_filter"), "missing", "filter", "otherwise"),
        (message(Text("a"), warnings=["x", "y"]), "missing", "2 things on the wire", "recording"),
        (message(), "missing", "complete and empty", "Ask otherwise"),
        (message(Refusal("no")), "missing", "refused", "refusal"),
        (message(Reasoning("hm")), "missing", "only thought", "max_tokens"),
        (
            message(usage=Usage(1, 90, reasoning_tokens=90)),
            "missing",
            "90 tokens of hidden",
            "effort",
        ),
        (
            message(status="error", error=ErrorInfo("timeout", "The answer stalled.")),
            "never ends",
            "stalled",
            "more seconds",
        ),
        (message(Text("a"), timing=Timing(9.0, 8.0)), "slow", "first token took 8.0", "quicker"),
        (
            message(Text("a"), timing=Timing(31.0, 1.0), usage=Usage(1, 60)),
            "slow",
            "2.0 tokens a second",
            "smaller",
        ),
        (message(Text("a"), mode="sync", timing=Timing(9.0, 9.0)), "slow", "sync", "Stream it"),
    ],
)
def test_what_a_message_tells(found: Message, topic: str, what: str, advice: str) -> None:
    (finding,) = diagnose(found)
    assert finding.topic == topic
    assert what in finding.what
    assert advice in finding.advice


@pytest.mark.parametrize(
    ("parts", "exchange", "what"),
    [
        ([], running(status=None), "not begun to answer"),
        ([], running(), "took the request (200) and has sent nothing"),
        ([], running(1.0, 2.5), "Bytes arrive (the last after 2.5 s), but no part"),
        ([Text("a")], running(1.0, 2.5), "came 2.5 s after the request, and the stream is still"),
    ],
)
def test_an_answer_that_is_still_awaited(parts: list[Any], exchange: Exchange, what: str) -> None:
    waiting = Message("assistant", parts, mode="streaming")
    (finding,) = diagnose(waiting, deadlines=Deadlines(), exchanges=[exchange])
    assert (finding.topic, what in finding.what) == ("never ends", True)


@pytest.mark.parametrize(
    ("mode", "deadlines", "names"),
    [
        ("streaming", NEVER, ["connect_s", "first_output_s", "idle_s"]),
        ("streaming", Deadlines(idle_s=None), ["idle_s"]),
        ("sync", NEVER, ["sync_s"]),
        ("streaming", Deadlines(idle_s=None, total_s=60), []),
        ("streaming", Deadlines(sync_s=None), []),
        ("sync", Deadlines(), []),
        ("sync", Deadlines(connect_s=None, first_output_s=None, idle_s=None), []),
    ],
)
def test_which_deadline_is_missing(mode: Any, deadlines: Deadlines, names: list[str]) -> None:
    findings = diagnose(Message("assistant", mode=mode), deadlines=deadlines)
    assert [finding.advice for finding in findings] == (
        [f"Set it with Deadlines({'=…, '.join(names)}=…), in seconds."] if names else []
    )


@pytest.mark.parametrize(
    ("times", "ended_s", "is_found"),
    [
        ([0.5, 0.6, 0.7, 0.8, 3.0, 3.1], 3.2, True),  # 2.2 s where 0.1 s is usual
        ([0.5, 0.6, 0.7, 0.8, 2.7, 2.8], 2.9, False),  # less than two seconds are none
        ([0.5, 0.8, 1.1, 1.4, 4.2, 4.5], 4.6, False),  # 2.8 s where 0.3 s is usual
        ([0.5, 0.7, 0.9, 1.1, 3.2, 3.4], 3.5, True),  # 2.1 s where 0.2 s is usual
        ([0.5, 3.4], 3.5, False),  # nothing to hold it against
        ([0.5], 3.5, False),
        ([], 3.5, False),
    ],
)
def test_a_gap_is_long_by_itself_and_beside_the_usual_one(
    times: list[float], ended_s: float, is_found: bool
) -> None:
    found = diagnose(message(Text("a")), exchanges=[ended(*times, ended_s=ended_s)])
    assert ["Nothing came for" in finding.what for finding in found] == [True] * is_found


@pytest.mark.parametrize(
    ("first_s", "ended_s", "is_found"),
    [(2.0, 2.1, True), (1.9, 2.0, False), (8.9, 10.0, False), (9.1, 10.0, True)],
)
def test_a_stream_that_comes_in_its_last_tenth_was_collected(
    first_s: float, ended_s: float, is_found: bool
) -> None:
    found = diagnose(message(Text("a")), exchanges=[ended(first_s, first_s, ended_s=ended_s)])
    assert ["arrived at once" in finding.what for finding in found] == [True] * is_found


@pytest.mark.parametrize(
    ("exchange", "what"),
    [
        (ended(*[1 + n / 10 for n in range(20)], 9.0, ended_s=9.1), "Nothing came for 6.1 s, 2.9"),
        (ended(9.9, 9.95, ended_s=10.0), "arrived at once, after 9.9 s"),
    ],
)
def test_what_a_recording_tells(exchange: Exchange, what: str) -> None:
    (finding,) = diagnose(message(Text("a")), exchanges=[exchange])
    assert (finding.topic, what in finding.what) == ("slow", True)
    assert diagnose(message(Text("a"), mode="sync"), exchanges=[exchange]) == []


@pytest.mark.parametrize(
    ("fields", "is_found"),
    [
        ({"timing": Timing(5.5, 5.1)}, True),
        ({"timing": Timing(5.4, 5.0)}, False),
        ({"timing": Timing(14.0, 6.0)}, False),  # the rest took longer
        ({"mode": "sync", "timing": Timing(5.1)}, True),
        ({"mode": "sync", "timing": Timing(5.0)}, False),
    ],
)
def test_more_than_five_seconds_are_a_long_wait(fields: dict[str, Any], is_found: bool) -> None:
    assert bool(diagnose(message(Text("a"), **fields))) == is_found


@pytest.mark.parametrize(
    ("tokens", "writing_s", "is_found"),
    [(57, 6, True), (60, 6, False), (63, 6, False), (2, 1.5, True), (1, 1.5, False), (5, 1, False)],
)
def test_less_than_ten_tokens_a_second_are_slow_where_there_are_enough_to_tell(
    tokens: int, writing_s: float, is_found: bool
) -> None:
    timing, usage = Timing(1 + writing_s, 1.0), Usage(1, tokens)
    assert bool(diagnose(message(Text("a"), timing=timing, usage=usage))) == is_found
