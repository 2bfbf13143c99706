"""Writing small streams by hand, and decoding them at every chunking."""

import json
from typing import Any

import msgspec

from app.core.events import Done, Event
from app.core.messages import Message
from app.protocols import decoder
from tests.chunkings import chunkings
from tests.protocols.kept import check

DONE = "[DONE]"


def chunk(delta: Any = None, *, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """One chunk of the usual shape; `fields` go to its top level."""
    choice: dict[str, Any] = {"index": 0, "delta": {} if delta is None else delta}
    if finish is not None:
        choice["finish_reason"] = finish
    return {"id": "c1", "model": "m", "choices": [choice]} | fields


def say(text: str) -> dict[str, Any]:
    return chunk({"content": text})


def call(
    index: int | None = None,
    *,
    id: str | None = None,
    name: str | None = None,
    arguments: Any = None,
    **fields: Any,
) -> dict[str, Any]:
    """A chunk with one fragment of a tool call; what is None is left out."""
    function = {"name": name, "arguments": arguments}
    function = {key: value for key, value in function.items() if value is not None}
    fragment: dict[str, Any] = {"index": index, "id": id, "function": function} | fields
    fragment = {key: value for key, value in fragment.items() if value is not None}
    return chunk({"tool_calls": [fragment]})


def sse(*records: Any) -> bytes:
    """An event stream: strings as they are, the rest as JSON."""
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    return "".join(f"data: {line}\n\n" for line in lines).encode()


def decode(data: bytes, protocol: str = "openai-chat") -> tuple[list[Event], Message]:
    """The events and the message of these bytes; asserted to be the same at every chunking."""
    expected: tuple[list[Event], Message] | None = None
    for chunks in chunkings(data, random_cuts=5):
        one = decoder(protocol)
        events = [event for chunk in chunks for event in one.feed(chunk)] + one.close()
        if expected is None:
            expected = events, one.message
        assert (events, one.message) == expected, chunks
        assert one.close() == []
    assert expected is not None
    events, message = expected
    assert [type(event) for event in events].count(Done) == 1
    assert isinstance(events[-1], Done)
    # Both go over the wire and into the history as JSON.
    assert msgspec.json.decode(msgspec.json.encode(message), type=Message) == message
    assert msgspec.json.decode(msgspec.json.encode(events), type=list[Event]) == events
    check(protocol, data, events)
    return expected


def message_of(*records: Any) -> Message:
    return decode(sse(*records))[1]


def calls_of(message: Message) -> list[tuple[str, str, str]]:
    return [(call.id, call.name, call.arguments) for call in message.tool_calls]
