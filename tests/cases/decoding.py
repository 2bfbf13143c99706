"""Decoding bytes and asserting what holds for any bytes at all."""

import sys
from collections.abc import Iterable

import msgspec

from app.core.events import Done, Error, Event, Warning
from app.core.fold import Fold
from app.core.messages import Message
from app.protocols import decoder

# The interpreter in the tab is some times slower, and it is the same code: each case is read there
# too, but in fewer ways.
IN_TAB = sys.platform == "emscripten"

_ENCODER = msgspec.json.Encoder()
_EVENTS = msgspec.json.Decoder(list[Event])
_MESSAGE = msgspec.json.Decoder(Message)


def decode(chunks: Iterable[bytes], protocol: str = "openai-chat") -> tuple[list[Event], Message]:
    """Give the events of these chunks, and the message."""
    one = decoder(protocol)
    events = [event for chunk in chunks for event in one.feed(chunk)]
    events += one.close()
    assert one.close() == []
    assert one.feed(b"data: more\n\n") == []
    return events, one.message


def assert_sound(events: list[Event], message: Message) -> None:
    """Assert the rules of every answer, whatever the bytes were."""
    assert [type(event) for event in events].count(Done) == 1
    done = events[-1]
    assert isinstance(done, Done)
    assert message.status == done.status
    assert (done.status == "error") == (message.error is not None)
    assert (message.error is not None) == any(isinstance(event, Error) for event in events)
    assert message.warnings == [e.message for e in events if isinstance(e, Warning)]
    if done.status != "complete":
        assert message.runnable_tool_calls == []
    # Both go over the wire and into the history as JSON. The bytes are compared, since a NaN that
    # a provider sent equals nothing, and JSON has none.
    as_json = json_of(events)
    assert json_of(_EVENTS.decode(as_json)) == as_json
    as_json = json_of(message)
    assert json_of(_MESSAGE.decode(as_json)) == as_json
    fold = Fold(message.protocol)
    fold.add(events)
    assert json_of(fold.message) == as_json


def json_of(value: object) -> bytes:
    """The JSON form of events or a message."""
    return _ENCODER.encode(value)
