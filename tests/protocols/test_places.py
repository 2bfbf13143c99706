"""Places of citations behind a block of thoughts that leads the text, in every protocol."""

import json
from typing import Any

import pytest

from app.core.messages import Message, Source
from app.protocols import decoder
from app.protocols.answer_text import behind

THOUGHT = "<think>Hm, så.</think>"
TEXT = f"{THOUGHT}\n\nÆrø is big."
START = TEXT.index("Ærø")


def decoded(protocol: str, *records: Any) -> Message:
    one = decoder(protocol)
    for record in records:
        is_whole = isinstance(record, bytes)
        one.feed(record if is_whole else b"data: " + json.dumps(record).encode() + b"\n\n")
    one.close()
    return one.message


def cited(message: Message) -> list[str]:
    assert "think" not in message.text
    return [message.text[one.start : one.end] for one in message.sources if one.start is not None]


def chat(delta: Any, finish: str | None = None, kind: str = "delta") -> Any:
    return {"choices": [{"index": 0, kind: delta, "finish_reason": finish}]}


def annotation(start: int = START, end: int = START + 3) -> Any:
    return {"type": "url_citation", "url": "u", "start_index": start, "end_index": end}


def pieces(size: int) -> list[str]:
    return [TEXT[at : at + size] for at in range(0, len(TEXT), size)]


@pytest.mark.parametrize("size", [1, 5, len(TEXT)])
def test_chat_completions(size: int) -> None:
    note = {"annotations": [{"type": "url_citation", "url_citation": annotation()}]}
    records = [chat({"content": piece}) for piece in pieces(size)]
    assert cited(decoded("openai-chat", *records, chat(note, "stop"))) == ["Ærø"]
    records[-1]["choices"][0]["delta"] |= note
    assert cited(decoded("openai-chat", *records, chat({}, "stop"))) == ["Ærø"]
    whole = chat({"role": "assistant", "content": TEXT} | note, "stop", "message")
    body = json.dumps(whole | {"object": "chat.completion"}).encode()
    assert cited(decoded("openai-chat", body)) == ["Ærø"]


@pytest.mark.parametrize("size", [1, 5, len(TEXT)])
def test_responses(size: int) -> None:
    place = {"item_id": "m", "output_index": 0, "content_index": 0}
    deltas = [
        {"type": "response.output_text.delta", "delta": piece} | place for piece in pieces(size)
    ]
    note = {"type": "response.output_text.annotation.added", "annotation": annotation()} | place
    content = [{"type": "output_text", "text": TEXT, "annotations": [annotation()]}]
    item = {"type": "message", "id": "m", "role": "assistant", "content": content}
    response = {"object": "response", "id": "r", "status": "completed", "output": [item]}
    end = {"type": "response.completed", "response": response}
    assert cited(decoded("openai-responses", *deltas, note, end)) == ["Ærø"]
    assert cited(decoded("openai-responses", *deltas, end)) == ["Ærø"]
    assert cited(decoded("openai-responses", json.dumps(response).encode())) == ["Ærø"]


def test_gemini_counts_bytes() -> None:
    text = TEXT.replace("think", "thought")
    start = len(text[: text.index("Ærø")].encode())
    segment = {"startIndex": start, "endIndex": start + len("Ærø".encode())}
    grounding = {
        "groundingChunks": [{"web": {"uri": "u"}}],
        "groundingSupports": [{"segment": segment, "groundingChunkIndices": [0]}],
    }
    candidate = {"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}
    record = {"candidates": [candidate | {"groundingMetadata": grounding}]}
    assert cited(decoded("gemini", record)) == ["Ærø"]


@pytest.mark.parametrize(
    ("start", "end", "hidden", "place"),
    [
        (30, 33, 22, (8, 11)),
        (0, 33, 22, (0, 11)),
        (3, 9, 22, (None, None)),
        (30, 33, 0, (30, 33)),
        (None, None, 22, (None, None)),
        (25, 25, 22, (3, 3)),
    ],
)
def test_a_source_in_the_thoughts_themselves_has_no_place(
    start: Any, end: Any, hidden: int, place: Any
) -> None:
    moved = behind(Source("u", start=start, end=end), hidden)
    assert (moved.start, moved.end) == place
