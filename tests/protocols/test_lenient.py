"""Records that the typed structs refuse are read all the same, and mean the same.

A field that nobody asks for holds `NaN`, which is no JSON: so each record of the known streams
takes the other way.
"""

import re
from typing import Any

import msgspec
import pytest

from app.core.messages import Message
from app.protocols import decoder
from tests.protocols.growing import STREAMS
from tests.protocols.habits import Habit, complete

# At the beginning of a record: of an event stream, of a line, of an element of an array.
_BEGIN = re.compile(rb"(^data: ?|^\[|^,|^)\{(?=[\"}])", re.MULTILINE)

# The id of a call to which the provider gave none.
_MADE_UP = re.compile(r"^call_[0-9a-f]{8}(?=_\d)")


def spoiled(body: bytes) -> bytes:
    def put(found: re.Match[bytes]) -> bytes:
        comma = b"" if body[found.end() : found.end() + 1] == b"}" else b", "
        return found[1] + b'{"nobody asks": NaN' + comma

    return _BEGIN.sub(put, body)


def message_of(body: bytes, protocol: str) -> Message:
    one = decoder(protocol)
    one.feed(body)
    one.close()
    return one.message


def meaning(message: Message) -> Any:
    """Give the content of a message without the odd field; raw errors keep it, so they are left
    out.
    """
    fields = msgspec.to_builtins(message)
    fields.pop("warnings", None)
    fields.get("error", {}).pop("raw", None)
    return without_it(fields)


def without_it(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_it(one) for key, one in value.items() if key != "nobody asks"}
    if isinstance(value, str):
        return _MADE_UP.sub("call_", value)
    return [without_it(one) for one in value] if isinstance(value, list) else value


HABITS = [habit for habit in complete() if spoiled(habit.body) != habit.body]


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: f"{habit.row} {habit.what}")
def test_each_habit_means_the_same(habit: Habit) -> None:
    strict = message_of(habit.body, habit.protocol)
    lenient = message_of(spoiled(habit.body), habit.protocol)
    assert meaning(lenient) == meaning(strict)


# What our own server writes is JSON.
@pytest.mark.parametrize("protocol", sorted(STREAMS.keys() - {"tokenfall"}))
def test_each_kind_of_stream_means_the_same(protocol: str) -> None:
    for name, stream in STREAMS[protocol].items():
        body = b"".join(stream(3))
        strict, lenient = message_of(body, protocol), message_of(spoiled(body), protocol)
        assert meaning(lenient) == meaning(strict), name
