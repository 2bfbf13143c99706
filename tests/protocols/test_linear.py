"""A stream twice as long costs at most twice as much, whatever it is made of.

Counted, not timed: how many instructions Python carries out. What C does inside of one of them
(joining, copying) is not seen by this; `benchmarks/doubling` times the same streams.
"""

import sys
from collections.abc import Callable

import pytest

from app.core.messages import Message, Text, user
from app.core.wire.framing import JSONArray, JSONLines
from app.protocols import decoder
from app.protocols.valid_history import alternating, settled
from tests.counting import growth

from .growing import STREAMS

# Records, in the short one of two streams. Fixed costs make a ratio smaller than 2.
COUNT = 25 if sys.platform == "emscripten" else 100
MOST = 2.2


def decoding(protocol: str, chunks: list[bytes]) -> Callable[[], object]:
    def work() -> None:
        one = decoder(protocol)
        for chunk in chunks:
            one.feed(chunk)
        one.close()

    return work


@pytest.mark.parametrize(
    ("protocol", "kind"), [(name, kind) for name, kinds in STREAMS.items() for kind in kinds]
)
def test_twice_as_long_costs_twice_as_much(protocol: str, kind: str) -> None:
    stream = STREAMS[protocol][kind]
    assert growth(COUNT, lambda count: decoding(protocol, stream(count))) <= MOST


@pytest.mark.parametrize("protocol", STREAMS)
def test_bytes_one_by_one(protocol: str) -> None:
    def in_bytes(count: int) -> Callable[[], object]:
        body = b"".join(STREAMS[protocol]["text"](count))
        return decoding(protocol, [body[place : place + 1] for place in range(len(body))])

    assert growth(10, in_bytes) <= MOST


@pytest.mark.parametrize("framer", [JSONLines, JSONArray])
def test_one_large_value_in_drips(framer: type[JSONLines | JSONArray]) -> None:
    def in_drips(count: int) -> Callable[[], object]:
        def work() -> None:
            one = framer()
            for _ in range(count):
                one.feed(b'[{"a":"' + b"x" * 20)
                one.feed(b'"')
            one.close()

        return work

    assert growth(COUNT, in_drips) <= MOST


def test_the_count_sees_a_square() -> None:
    def squared(count: int) -> Callable[[], object]:
        def work() -> None:
            for n in range(count):
                for _ in range(n):
                    pass

        return work

    assert growth(50, squared) > 3


def test_questions_that_follow_each_other() -> None:
    """Also those that nobody answered, and answers that follow each other for strict templates."""

    def history(count: int) -> Callable[[], object]:
        questions = [user(f"Question {number}") for number in range(count)]
        answers = [Message("assistant", [Text("So far")], status="aborted") for _ in range(count)]
        messages = [*questions, *answers]
        return lambda: alternating(settled(messages, "openai-chat", "other"))

    assert growth(COUNT, history) <= MOST
