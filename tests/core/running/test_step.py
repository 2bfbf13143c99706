"""One model call with a clock that the test puts forward: what each deadline counts, what an HTTP
error says, when a stream that does not close is left.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from app.core import events as ev
from app.core.errors import ConnectError, ReadError
from app.core.running.step import Deadlines, Step
from app.core.running.waiting import Waiter
from app.core.wire.transport import Request
from app.providers import Provider
from app.scripted.openai_chat import Answer, TokenCount, records
from tests.protocols.wire import DONE, chunk, say, sse

PROVIDER = Provider("test", "Test", "https://provider.example/v1", key="secret-key-0123")
REQUEST = Request("POST", "https://provider.example/v1/chat/completions", {})
ROLE, FIRST, REST, STOP = (
    sse(chunk({"role": "assistant"})),
    sse(say("One")),
    sse(say(" two")),
    sse(chunk(finish="stop")),
)
END = sse(DONE)
SIGN = b": still here\n\n"
ANSWER = b"".join(records(Answer(text="One two", usage=TokenCount(3, 2)), include_usage=True))


class Clock:
    """A loop's clock and timers; `advance` passes the time."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self._timers: list[tuple[float, Callable[[], object], asyncio.Future[None]]] = []

    def time(self) -> float:
        return self.now_s

    def call_at(self, when_s: float, callback: Callable[[], object]) -> "asyncio.Future[None]":
        handle = asyncio.get_event_loop().create_future()
        self._timers.append((when_s, callback, handle))
        return handle

    def advance(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while due := [timer for timer in self._timers if timer[0] <= end_s]:
            timer = min(due, key=lambda timer: timer[0])
            self._timers.remove(timer)
            when_s, callback, handle = timer
            if not handle.cancelled():
                self.now_s = max(self.now_s, when_s)
                callback()
        self.now_s = end_s

    @property
    def armed(self) -> int:
        return sum(not handle.cancelled() for _, _, handle in self._timers)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    stepping = sys.modules[Step.__module__]
    names = SimpleNamespace(get_running_loop=lambda: clock, TimerHandle=asyncio.TimerHandle)
    monkeypatch.setattr(stepping, "asyncio", names)
    yield clock
    assert clock.armed == 0, "a timer was left behind"


class Sender:
    """A provider that sends bytes and lets seconds pass, as its script says.

    An exception in the script is raised; what stands in `before` comes before the headers.
    """

    headers: Mapping[str, str] = {"content-type": "text/event-stream"}

    def __init__(self, clock: Clock, *script: Any, before: Any = (), status: int = 200) -> None:
        self._clock = clock
        self._script = script
        self._before = before
        self.status = status
        self.sent = 0
        self.is_left = False

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator["Sender"]:
        try:
            async for _ in self._played(self._before):
                pass
            yield self
        finally:
            self.is_left = True

    async def chunks(self) -> AsyncIterator[bytes]:
        async for one in self._played(self._script):
            self.sent += 1
            yield one

    async def _played(self, script: Any) -> AsyncIterator[bytes]:
        for one in script:
            if isinstance(one, Exception):
                raise one
            if isinstance(one, bytes):
                yield one
            else:
                self._clock.advance(one)
                await asyncio.sleep(0)  # where a deadline that has passed is felt


def step_with(sender: Sender, deadlines: Deadlines, mode: Any = "streaming") -> Step:
    return Step(PROVIDER, sender, REQUEST, mode=mode, deadlines=deadlines, waiter=Waiter())


async def ending(step: Step) -> tuple[str | None, str]:
    """Give a step's status at its end, and its error's words."""
    async for _ in step.batches():
        pass
    message = step.message
    return message.status, message.error.message if message.error else ""


NONE = Deadlines(None, None, None, None, None, None)


def only(**limits: float) -> Deadlines:
    return Deadlines(**(dict.fromkeys(NONE.__struct_fields__) | limits))


STALLED = "The answer stalled: nothing came for 10 s."
SILENT = "The model said nothing within 10 s."


@pytest.mark.parametrize(
    ("limits", "script", "words"),
    [
        ({"first_output_s": 10}, [9.9, FIRST, REST, STOP, END], ""),
        ({"first_output_s": 10}, [ROLE, 10.1, FIRST, STOP, END], SILENT),
        ({"first_output_s": 10}, [9, SIGN, 9, SIGN, 9, FIRST, STOP, END], ""),
        ({"first_output_s": 10}, [9, SIGN, 10.1, FIRST, STOP, END], SILENT),
        ({"first_output_s": 10}, [FIRST, 99, REST, STOP, END], ""),
        ({"idle_s": 10}, [99, FIRST, 9, REST, 9, STOP, END], ""),
        ({"idle_s": 10}, [FIRST, 9, REST, 10.1, STOP, END], STALLED),
        ({"idle_s": 10}, [FIRST, 9, SIGN, 9, REST, STOP, END], ""),
        ({"idle_s": 10}, [FIRST, 9, SIGN, 10.1, REST, STOP, END], STALLED),
        ({"alive_s": 20}, [9, SIGN, 9, SIGN, 1, FIRST, 19, SIGN, REST, STOP, END], ""),
        (
            {"alive_s": 20},
            [FIRST, 9, SIGN, 9, SIGN, 3, REST, STOP, END],
            "The provider gave signs of life and no output for 20 s.",
        ),
        (
            {"total_s": 20},
            [9, FIRST, 9, REST, 3, STOP, END],
            "The answer took longer than 20 s.",
        ),
        ({"total_s": 20}, [9, FIRST, 9, REST, STOP, END], ""),
        ({"sync_s": 10, "connect_s": 10}, [99, FIRST, STOP, END], ""),
        ({"first_output_s": 10, "total_s": 5}, [11, FIRST], "The answer took longer than 5 s."),
    ],
)
async def test_what_each_deadline_counts(
    clock: Clock, limits: dict[str, float], script: list[Any], words: str
) -> None:
    step = step_with(Sender(clock, *script), only(**limits))
    assert await ending(step) == ("error" if words else "complete", words)
    if words:
        assert step.message.error is not None
        assert step.message.error.kind == "timeout"
        assert step.message.error.retryable


@pytest.mark.parametrize(("wait_s", "is_late"), [(9.9, False), (10.1, True)])
async def test_headers_have_a_deadline_while_streaming(
    clock: Clock, wait_s: float, is_late: bool
) -> None:
    sender = Sender(clock, FIRST, STOP, END, before=[wait_s])
    status, words = await ending(step_with(sender, only(connect_s=10)))
    assert status == ("error" if is_late else "complete")
    assert words == ("The provider did not respond within 10 s." if is_late else "")


@pytest.mark.parametrize(("wait_s", "is_late"), [(29.9, False), (30.1, True)])
async def test_a_whole_answer_has_one_deadline(clock: Clock, wait_s: float, is_late: bool) -> None:
    limits = only(sync_s=30, connect_s=1, first_output_s=1, idle_s=1, alive_s=1)
    body = {"choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]}
    sender = Sender(clock, wait_s, json.dumps(body).encode())
    status, words = await ending(step_with(sender, limits, "sync"))
    assert status == ("error" if is_late else "complete")
    assert words == ("There was no answer within 30 s." if is_late else "")


async def test_time_that_the_reader_takes_is_not_the_providers_silence(clock: Clock) -> None:
    """Later text is waited for as long as ever."""
    sender = Sender(clock, FIRST, 9, REST, 9, STOP, END)
    step = step_with(sender, only(idle_s=10, alive_s=15))
    async for batch in step.batches():
        if any(isinstance(event, ev.ContentDelta) for event in batch):
            clock.advance(500)
    assert (step.message.status, step.message.text) == ("complete", "One two")


@pytest.mark.parametrize("end", [END, b""])
async def test_a_stream_that_does_not_close_is_left_soon_after_its_end(
    clock: Clock, end: bytes
) -> None:
    """Records right behind the provider's end still count; where it has told no end the deadlines
    do.
    """
    usage = sse({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}})
    sender = Sender(clock, FIRST, STOP, *([end] if end else []), 0.2, usage, 1, REST)
    step = step_with(sender, only(idle_s=60))
    assert await ending(step) == ("complete", "")
    assert step.message.usage is not None
    assert step.message.usage.output_tokens == 2
    assert step.message.text == ("One" if end else "One two")
    assert sender.is_left


async def test_being_late_after_the_end_is_no_failure_without_a_reason_to_stop(
    clock: Clock,
) -> None:
    sender = Sender(clock, FIRST, END, 5, REST)
    status, words = await ending(step_with(sender, NONE))
    assert (status, words) == ("complete", "")


async def test_times_count_from_the_request(clock: Clock) -> None:
    step = step_with(Sender(clock, 2, ROLE, 1, FIRST, 4, REST, STOP, END, before=[3]), NONE)
    await ending(step)
    timing = step.message.timing
    assert timing is not None
    assert (timing.first_output_s, timing.total_s) == (6, 10)


async def test_an_answer_without_output_has_no_first_one(clock: Clock) -> None:
    step = step_with(Sender(clock, 2, STOP, END), NONE)
    await ending(step)
    timing = step.message.timing
    assert timing is not None
    assert (timing.first_output_s, timing.total_s) == (None, 2)


@pytest.mark.parametrize("status", [199, 300, 404, 500])
async def test_a_status_that_is_no_success_is_an_error_with_the_providers_words(
    clock: Clock, status: int
) -> None:
    body = json.dumps({"error": {"message": "Not today."}}).encode()
    step = step_with(Sender(clock, body[:9], body[9:], status=status), NONE)
    assert await ending(step) == ("error", "Not today.")
    assert step.message.error is not None
    assert step.message.error.status == status


@pytest.mark.parametrize("status", [200, 201, 299])
async def test_a_success_is_read(clock: Clock, status: int) -> None:
    step = step_with(Sender(clock, ANSWER, status=status), NONE)
    assert await ending(step) == ("complete", "")
    assert step.message.text == "One two"


async def test_no_more_of_an_error_page_is_read_than_says_what_it_is(clock: Clock) -> None:
    sender = Sender(clock, *[b"x" * 250_000] * 9, status=500)
    step = step_with(sender, NONE)
    await ending(step)
    assert sender.sent == 4
    assert sender.is_left


@pytest.mark.parametrize("tail", [[], [ReadError("It broke.")]])
async def test_an_error_page_that_breaks_off_says_what_came(clock: Clock, tail: list[Any]) -> None:
    step = step_with(Sender(clock, b"Out of order", *tail, status=503), NONE)
    assert await ending(step) == ("error", "Out of order")


async def test_an_error_page_is_not_waited_for_without_end(clock: Clock) -> None:
    sender = Sender(clock, b"Out of", 11, b" order", status=503)
    status, words = await ending(step_with(sender, only(first_output_s=10)))
    assert (status, words) == ("error", SILENT)


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        (lambda clock: Sender(clock, before=[ConnectError("Nobody there.")]), "Nobody there."),
        (lambda clock: Sender(clock, FIRST, ReadError("It broke.")), "It broke."),
    ],
)
async def test_what_fails_on_the_way_is_the_answers_error(
    clock: Clock, sender: Callable[[Clock], Sender], words: str
) -> None:
    assert await ending(step_with(sender(clock), NONE)) == ("error", words)


async def test_a_connection_that_breaks_after_the_end_changes_nothing(clock: Clock) -> None:
    sender = Sender(clock, FIRST, STOP, ReadError("It broke."))
    assert await ending(step_with(sender, NONE)) == ("complete", "")


async def test_stopping_keeps_what_has_come(clock: Clock) -> None:
    waiter = Waiter()
    sender = Sender(clock, FIRST, 0, REST, STOP, END)
    step = Step(PROVIDER, sender, REQUEST, mode="streaming", deadlines=NONE, waiter=waiter)
    async for _ in step.batches():
        waiter.cancel()
    assert (step.message.status, step.message.text) == ("aborted", "One")
    assert sender.is_left


async def test_a_reader_that_leaves_has_the_partial_answer(clock: Clock) -> None:
    sender = Sender(clock, FIRST, REST, STOP, END)
    step = step_with(sender, only(idle_s=10))
    reading = step.batches()
    await anext(reading)
    await reading.aclose()
    assert (step.message.status, step.message.text) == ("aborted", "One")
    assert sender.is_left


async def test_a_key_that_the_answer_says_is_hidden(clock: Clock) -> None:
    request = Request("POST", REQUEST.url, {"authorization": "Bearer secret-key-0123"})
    sender = Sender(clock, sse(say("It is secret-key-0123, ")), sse(say("ok")), STOP, END)
    step = Step(PROVIDER, sender, request, mode="streaming", deadlines=NONE, waiter=Waiter())
    await ending(step)
    assert "secret-key" not in step.message.text
    assert step.message.text.endswith("ok")
