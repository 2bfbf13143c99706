"""The bytes that every contestant gets, made here, and the answer that is in them.

They look like what a provider of Chat Completions sends: a few hundred bytes an event, most of
them the same from event to event. The same arguments always give the same bytes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random
from typing import Any

_WORDS = (
    "the", "harbour", " light", " went", " out", " over", "water", "\n\n", " \"quietly\"", ", and",
    "then", ".", " It", "’s", " naïve", " été", " 海", "岸的", "灯塔", " 광장", " Ἀθήνα", " 🙂",
    "👩‍🚀", " `x = 1`", "\n- ", "**bold**", " C:\\temp", "\t", " 42", " tokens", "ization", "!",
)  # fmt: skip

# Of a thousand events, as many are written with \u escapes, as some servers do with all of them.
_ESCAPED_OF_1000 = 100


@dataclass(frozen=True)
class Answer:
    """Content of a stream. A contestant that gives anything else is not timed."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[tuple[str, str, str], ...] = ()
    """Each: id, name, arguments."""
    finish_reason: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True)
class Stream:
    """One streamed answer: its events as bytes, and what they say."""

    name: str
    events: tuple[bytes, ...]
    answer: Answer

    @property
    def data(self) -> bytes:
        return b"".join(self.events)


@dataclass(frozen=True)
class Chunks:
    """A stream as it comes from the network."""

    stream: Stream
    size: str
    lengths: tuple[int, ...]

    def cut(self) -> list[bytes]:
        data = self.stream.data
        ends = list(accumulate(self.lengths))
        starts = [0, *ends]
        return [data[start:end] for start, end in zip(starts, ends, strict=False)]


def event_by_event(stream: Stream) -> Chunks:
    """One event a chunk: a quick network and a model that is slower."""
    return Chunks(stream, "1 event", tuple(map(len, stream.events)))


def in_blocks(stream: Stream, kilobytes: int) -> Chunks:
    """Blocks of one size, cut wherever that is, inside a character too."""
    whole, rest = divmod(len(stream.data), kilobytes * 1024)
    lengths = (kilobytes * 1024,) * whole + ((rest,) if rest else ())
    return Chunks(stream, f"{kilobytes} KB", lengths)


def text(count: int) -> Stream:
    """An answer in words, some of them not English."""
    random = Random(1)
    words = [random.choice(_WORDS) for _ in range(count)]
    deltas = [{"content": word} for word in words]
    return _stream("text", deltas, Answer(text="".join(words), finish_reason="stop"))


def tool_calls(count: int) -> Stream:
    """Three calls, whose arguments come in pieces of a few characters."""
    random = Random(2)
    names = ("write_file", "search", "run_python")
    deltas: list[dict[str, Any]] = []
    calls: list[tuple[str, str, str]] = []
    for index, name in enumerate(names):
        call_id = f"call_{index:024}"
        pieces = list(_pieces(random, count // len(names)))
        deltas.append(_call(index, pieces[0], id=call_id, name=name))
        deltas.extend(_call(index, piece) for piece in pieces[1:])
        calls.append((call_id, name, "".join(pieces)))
    return _stream(
        "tool calls", deltas, Answer(tool_calls=tuple(calls), finish_reason="tool_calls")
    )


def reasoning(count: int) -> Stream:
    """Four fifths thinking, one fifth answer."""
    random = Random(3)
    words = [random.choice(_WORDS) for _ in range(count)]
    thought = words[: count * 4 // 5]
    said = words[len(thought) :]
    deltas = [{"reasoning_content": word} for word in thought]
    deltas += [{"content": word} for word in said]
    answer = Answer(text="".join(said), reasoning="".join(thought), finish_reason="stop")
    return _stream("reasoning", deltas, answer)


def _pieces(random: Random, count: int) -> Iterator[str]:
    """A JSON object as text, in this many pieces or a few less."""
    values: list[str] = []
    written = json.dumps({"path": "notes.txt", "lines": values})
    while len(written) < count * 4:
        values += ["".join(random.choice(_WORDS) for _ in range(6)) for _ in range(50)]
        written = json.dumps({"path": "notes.txt", "lines": values}, ensure_ascii=False)
    at = 0
    while at < len(written) and count > 0:
        length = len(written) - at if count == 1 else random.randint(2, 6)
        yield written[at : at + length]
        at += length
        count -= 1


def _call(index: int, arguments: str, *, id: str = "", name: str = "") -> dict[str, Any]:
    function = {"arguments": arguments}
    call: dict[str, Any] = {"index": index, "function": function}
    if name:
        call = {"index": index, "id": id, "type": "function"}
        call["function"] = {"name": name, "arguments": arguments}
    return {"tool_calls": [call]}


def _stream(name: str, deltas: Sequence[dict[str, Any]], answer: Answer) -> Stream:
    random = Random(4)
    usage = {"prompt_tokens": 27, "completion_tokens": len(deltas)}
    usage["total_tokens"] = sum(usage.values())
    last = _choice({}, answer.finish_reason)
    payloads = [
        _payload(choices=[_choice({"role": "assistant", "content": ""})]),
        *(_payload(choices=[_choice(delta)]) for delta in deltas),
        _payload(choices=[last]),
        _payload(choices=[], usage=usage),
    ]
    events = [
        _event(json.dumps(payload, ensure_ascii=random.randrange(1000) < _ESCAPED_OF_1000))
        for payload in payloads
    ]
    counted = replace(answer, input_tokens=27, output_tokens=len(deltas))
    return Stream(name, (*events, _event("[DONE]")), counted)


def _payload(**fields: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-0123456789abcdefghijklmnopqrs",
        "object": "chat.completion.chunk",
        "created": 1_750_000_000,
        "model": "benchmark-1-2025-06-15",
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
        "usage": None,
    } | fields


def _choice(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _event(data: str) -> bytes:
    return f"data: {data}\n\n".encode()
