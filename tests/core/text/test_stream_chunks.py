"""Chunks with a final one, and news every so many tokens."""

from collections.abc import AsyncIterator

import pytest

from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.messages import Usage
from app.core.text.stream_chunks import Meter, Progress, StreamChunk, stream_chunks

FAILED = ErrorInfo("server", "Broken.")


async def chunks(*events: ev.Event) -> list[StreamChunk]:
    async def stream() -> AsyncIterator[ev.Event]:
        for event in events:
            yield event

    return [chunk async for chunk in stream_chunks(stream())]


async def test_the_last_chunk_and_only_that_is_final() -> None:
    usage = Usage(3, 2)
    thinking = ev.StepStart(1), ev.ReasoningDelta("hm")
    text = ev.ContentDelta("a"), ev.ContentDelta("b")
    assert await chunks(*thinking, *text, ev.Done("complete", "stop", usage=usage)) == [
        StreamChunk("a"),
        StreamChunk("b"),
        StreamChunk("", True, usage, "complete"),
    ]


async def test_a_failure_comes_after_what_was_said() -> None:
    got = await chunks(ev.ContentDelta("a"), ev.Error(FAILED), ev.Done("error"))
    assert got == [StreamChunk("a"), StreamChunk("", True, None, "error", FAILED)]
    assert (await chunks(ev.Error(FAILED), ev.Done("complete")))[-1].error is None


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_news_every_so_many_tokens() -> None:
    clock = Clock()
    meter = Meter(clock, every=3)
    news = []
    for number in range(1, 8):
        clock.now = 100 + number
        news.append(meter.push(ev.ContentDelta("x")))
    assert [progress.tokens if progress else None for progress in news] == [
        None, None, 3, None, None, 6, None,
    ]  # fmt: skip
    assert str(news[5]) == "~6 tokens, first after 1.00 s, 1.0 tokens/s"
    assert meter.push(ev.Done("complete")) == Progress(7, 7.0, 1.0)


def test_where_nothing_is_said_there_is_news_every_ten_tokens() -> None:
    meter = Meter(Clock())
    news = [meter.push(ev.ContentDelta("x")) is not None for _ in range(20)]
    assert [place for place, is_news in enumerate(news, 1) if is_news] == [10, 20]


def test_what_the_provider_counted_takes_the_place_of_fragments() -> None:
    clock = Clock()
    meter = Meter(clock)
    for _ in range(2):
        clock.now += 1
        meter.push(ev.ToolCallDelta(0, "{}"))
        meter.push(ev.StepEnd("complete", usage=Usage(1, 50)))
    clock.now += 60  # a tool that runs long does not make the model slow
    progress = meter.push(ev.Done("complete"))
    assert progress == Progress(100, 2.0, 1.0, is_counted=True)
    assert str(progress) == "100 tokens, first after 1.00 s, 99.0 tokens/s"


@pytest.mark.parametrize(
    ("progress", "rate"),
    [
        (Progress(0, 5.0), None),
        (Progress(1, 5.0, 5.0), None),
        (Progress(9, 5.0, 5.0), None),
        (Progress(11, 6.0, 5.0), 10.0),
    ],
)
def test_the_rate(progress: Progress, rate: float | None) -> None:
    assert progress.tokens_per_s == rate


def test_an_answer_without_a_token() -> None:
    clock = Clock()
    meter = Meter(clock)
    clock.now += 2
    assert meter.push(ev.Done("error")) == Progress(0, 2.0)
    assert str(meter.progress) == "~0 tokens"


@pytest.mark.parametrize(
    ("usages", "tokens", "is_counted"),
    [
        ((Usage(1, 50), Usage(1, 7)), 57, True),
        ((Usage(1, 50), None), 51, False),
        ((None, Usage(1, 50)), 51, False),
        ((Usage(1), Usage(1, 50)), 51, False),
        ((None, None), 2, False),
    ],
)
def test_it_is_counted_where_every_step_was(
    usages: tuple[Usage | None, ...], tokens: int, is_counted: bool
) -> None:
    meter = Meter(Clock())
    for usage in usages:
        meter.push(ev.ContentDelta("x"))
        meter.push(ev.StepEnd("complete", usage=usage))
    assert (meter.progress.tokens, meter.progress.is_counted) == (tokens, is_counted)


def test_tokens_that_the_provider_counted_take_the_place_of_fragments() -> None:
    def after(*events: ev.Event) -> tuple[int, bool]:
        meter = Meter(Clock(), every=100)
        for event in events:
            meter.push(event)
        return meter.progress.tokens, meter.progress.is_counted

    word, step = ev.ContentDelta("x"), ev.StepEnd("complete")
    counted = [ev.StepEnd("complete", usage=Usage(output_tokens=count)) for count in (0, 1, 9)]
    assert after() == (0, False)
    assert after(counted[0]) == (0, False)
    assert after(word, word, counted[1]) == (1, True)
    assert after(word, counted[2], word) == (10, False)
    assert after(word, counted[2], word, counted[1]) == (10, True)
    assert after(word, step) == (1, False)
    assert after(word, step, word, counted[2]) == (10, False)
    assert after(ev.StepStart(1), ev.Heartbeat()) == (0, False)


def test_the_rate_is_that_of_the_tokens_after_the_first() -> None:
    assert Progress(1, 5.0, 1.0).tokens_per_s is None
    assert Progress(2, 1.0, 1.0).tokens_per_s is None
    assert Progress(2, 2.0, 1.0).tokens_per_s == 1.0
    assert Progress(9, 5.0, 1.0).tokens_per_s == 2.0
    assert Progress(9, 5.0).tokens_per_s is None
    assert str(Progress(1, 5.0, 1.0, is_counted=True)) == "1 tokens, first after 1.00 s"
    assert str(Progress(0, 0.0)) == "~0 tokens"
