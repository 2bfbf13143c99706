"""An answer that its provider paused in: the halves are one answer, with all that is counted."""

import json
from typing import Any

import pytest

from app.core import events as ev
from app.core.fold import Fold
from app.core.messages import Message, Source, Text, Usage
from app.core.running.chat import Chat
from app.core.wire.transport import Request
from app.history import stored
from app.history.records import MessageRecord
from app.providers import Provider, provider
from app.scripted.openai_chat import whole
from app.scripted.steps import Reply, Send
from app.scripted.transport import ScriptedTransport

GOOGLE = provider("google", key="k")


def gemini(text: str, finish: str, *, counts: tuple[int, int], cites: tuple[int, int]) -> Any:
    support = {
        "segment": {"startIndex": cites[0], "endIndex": cites[1]},
        "groundingChunkIndices": [0],
    }
    candidate = {
        "content": {"role": "model", "parts": [{"text": text}]},
        "finishReason": finish,
        "groundingMetadata": {
            "groundingChunks": [{"web": {"uri": f"https://{finish.lower()}.example"}}],
            "groundingSupports": [support],
        },
    }
    if finish == "CONTINUATION":
        candidate["continuationToken"] = "QUJD"
    usage = {
        "promptTokenCount": counts[0],
        "candidatesTokenCount": counts[1],
        "totalTokenCount": sum(counts),
    }
    return {"candidates": [candidate], "usageMetadata": usage, "responseId": finish}


HALVES = [
    gemini("Ærø lies ", "CONTINUATION", counts=(5, 3), cites=(0, 5)),
    gemini("in the sea, ", "CONTINUATION", counts=(6, 4), cites=(0, 10)),
    gemini("says Bo.", "STOP", counts=(7, 2), cites=(5, 7)),
]


class Script:
    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[Any] = []

    def __call__(self, request: Request) -> Reply:
        self.requests.append(json.loads(request.body))
        answer = self.answers.pop(0)
        if isinstance(answer, Reply):
            return answer
        if "alt=sse" in request.url or self.requests[-1].get("stream"):
            records = answer if isinstance(answer, list) else [answer]
            data = b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in records)
            return Reply(headers={"content-type": "text/event-stream"}, steps=(Send(data),))
        return whole(json.dumps(answer).encode())


async def read(script: Script, *, streaming: bool = True, who: Provider = GOOGLE) -> Any:
    chat = Chat(who, "m", transport=ScriptedTransport(script))
    run = chat.stream("Where?", streaming=streaming)
    return run, [event async for event in run]


def cited(message: Message) -> list[str]:
    return [message.text[one.start : one.end] for one in message.sources]


@pytest.mark.parametrize("streaming", [True, False])
async def test_all_halves_count_and_places_are_those_in_the_whole_text(streaming: bool) -> None:
    run, events = await read(Script(*HALVES), streaming=streaming)
    (message,) = run.messages
    assert message.text == "Ærø lies in the sea, says Bo."
    assert cited(message) == ["Ærø", "in the sea", "Bo"]
    assert (message.usage.input_tokens, message.usage.output_tokens) == (18, 9)
    ends = [event for event in events if isinstance(event, ev.StepEnd)]
    assert [end.usage.total_tokens for end in ends if end.usage] == [8, 10, 9]
    assert events[-1].usage.total_tokens == message.usage.total_tokens == 27
    times = [end.timing for end in ends if end.timing]
    assert message.timing.total_s == pytest.approx(sum(one.total_s for one in times))
    assert message.timing.first_output_s == times[0].first_output_s
    starts = [event for event in events if isinstance(event, ev.StepStart)]
    assert [start.goes_on for start in starts] == [False, True, True]


async def test_a_log_of_it_is_read_as_the_same_answer() -> None:
    run, events = await read(Script(*HALVES))
    record = MessageRecord("a", "c", 1, Message("assistant", protocol="gemini", provider="google"))
    log = stored.message_line(record)[0] + b"".join(stored.batch_line([one]) for one in events)
    [[recovered]] = stored.recover(log, {})
    kept, message = recovered.message, run.message
    assert kept.text == message.text
    assert kept.sources == message.sources
    assert kept.usage is not None
    assert (kept.usage.total_tokens, kept.status) == (27, "complete")
    assert kept.timing == message.timing
    assert kept.finish_reason == "stop"
    # A page that was closed in the second half.
    cut = next(n for n, one in enumerate(events) if getattr(one, "text", "") == "in the sea, ")
    log = stored.message_line(record)[0] + b"".join(
        stored.batch_line([one]) for one in events[: cut + 1]
    )
    [[recovered]] = stored.recover(log, {})
    assert (recovered.message.text, recovered.message.status) == (
        "Ærø lies in the sea, ",
        "incomplete",
    )


async def test_what_failed_in_the_second_half_keeps_the_first_and_what_it_cost() -> None:
    refused = whole(b'{"error": {"code": 400, "message": "No."}}', status=400)
    run, _ = await read(Script(HALVES[0], refused))
    (message,) = run.messages
    assert (message.text, message.status) == ("Ærø lies ", "error")
    assert message.usage.total_tokens == 8
    assert cited(message) == ["Ærø"]


async def test_a_half_that_is_tried_again_counts_once() -> None:
    busy = whole(
        b'{"error": {"code": 503, "message": "Busy."}}', status=503, headers={"retry-after": "0"}
    )
    run, events = await read(Script(HALVES[0], busy, HALVES[2]))
    assert any(isinstance(event, ev.Retry) for event in events)
    (message,) = run.messages
    assert message.text == "Ærø lies says Bo."
    assert cited(message) == ["Ærø", "Bo"]
    assert message.usage.total_tokens == 17


async def test_places_in_the_answers_of_several_steps_told_as_one_are_those_in_all() -> None:
    fold = Fold()
    fold.add([ev.StepStart(1), ev.ContentDelta("One. "), ev.StepStart(2)])
    fold.add([ev.ContentDelta("Two."), Source("u", start=0, end=3), ev.Done("complete")])
    assert cited(fold.message) == ["Two"]
    assert [part for part in fold.message.parts if isinstance(part, Text)] == [
        Text("One. "),
        Text("Two."),
    ]


def test_usage_without_a_count_stays_unknown() -> None:
    fold = Fold()
    fold.go_on_from(Message("assistant", [Text("a")], usage=Usage(1, 2)))
    assert fold.message.usage == Usage(1, 2)
    fold.add([Usage(output_tokens=3), Usage(output_tokens=4), ev.Done("aborted")])
    assert fold.message.usage == Usage(1, 6)
