"""An answer in our own wire format."""

import msgspec

from ...core.events import (
    Done,
    Event,
)
from ...core.messages import Message
from ..tolerant import clean

EVENT_STREAM = "text/event-stream"
NDJSON = "application/x-ndjson"


def sse(event: Event, number: int) -> bytes:
    """One event as a record of an event stream; `number` is its place, from 1."""
    name = b"event: done\n" if isinstance(event, Done) else b""
    return b"id: %d\n%sdata: %s\n\n" % (number, name, _json(event))


def ndjson(event: Event) -> bytes:
    """One event as a line."""
    return _json(event) + b"\n"


def body(message: Message) -> bytes:
    """A whole answer."""
    return _json(message)


def _json(value: Event | Message) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # half a character, as a function may give
        return msgspec.json.encode(clean(msgspec.to_builtins(value)))
