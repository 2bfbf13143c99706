"""Ways to break a stream: its bytes, its records, or the JSON in them."""

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

_RECORD = re.compile(rb".*?(?:\r\n\r\n|\n\n|\r\r)|.+", re.DOTALL)
_LINE = re.compile(rb".*?\n|.+", re.DOTALL)

# What nobody expects anywhere.
_VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**70,
    1e300,
    float("nan"),
    "",
    "stop",
    "\ud83d",
    "\ude00",
    "<think>",
    "</think>",
    "{",
    '"}',
    "[DONE]",
    [],
    {},
    [[]],
    {"text": "x"},
    {"type": "error", "error": {"message": "m"}},
]

_PIECES = [
    b"\n\n",
    b"\r",
    b"data: ",
    b"data: [DONE]\n\n",
    b"event: error\n",
    b": comment\n\n",
    b"retry: 5\n\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\\ud83d",
    b'"',
    b"{",
    b"}",
    b"[" * 200,
    b'{"a":' * 200,
]


def records(body: bytes) -> list[bytes]:
    """A body cut where its records end."""
    whole = _RECORD.findall(body)
    return whole if len(whole) > 1 else _LINE.findall(body)


def cut(body: bytes, other: bytes, random: Random) -> bytes:
    """Break off anywhere."""
    return body[: random.randrange(len(body) + 1)]


def bytes_changed(body: bytes, other: bytes, random: Random) -> bytes:
    """Change, lose or double a few bytes."""
    for _ in range(random.randrange(1, 5)):
        start = random.randrange(len(body) + 1)
        end = min(len(body), start + random.choice([1, 2, 8, 60]))
        piece = random.choice(
            [b"", body[start:end] * 2, random.randbytes(end - start), random.choice(_PIECES)]
        )
        body = body[:start] + piece + body[end:]
    return body


def records_moved(body: bytes, other: bytes, random: Random) -> bytes:
    """Lose, double or swap records."""
    parts = records(body)
    for _ in range(random.randrange(1, 4)):
        if not parts:
            break
        place, another = random.randrange(len(parts)), random.randrange(len(parts))
        match random.randrange(3):
            case 0:
                parts.pop(place)
            case 1:
                parts.insert(another, parts[place])
            case _:
                parts[place], parts[another] = parts[another], parts[place]
    return b"".join(parts)


def spliced(body: bytes, other: bytes, random: Random) -> bytes:
    """Begin as one stream and go on as another, perhaps of another protocol."""
    one, two = records(body), records(other)
    if not (one and two):
        return body + other
    head = one[: random.randrange(len(one)) + 1]
    return b"".join([*head, *two[random.randrange(len(two)) :]])


def json_changed(body: bytes, other: bytes, random: Random) -> bytes:
    """Put a value where another belongs, or leave one out, in a few records."""
    parts = records(body)
    for _ in range(random.randrange(1, 6)):
        if parts:
            place = random.randrange(len(parts))
            parts[place] = _record_changed(parts[place], random)
    return b"".join(parts)


BREAKS: list[Callable[[bytes, bytes, Random], bytes]] = [
    cut,
    bytes_changed,
    records_moved,
    spliced,
    json_changed,
    json_changed,
]


def _record_changed(record: bytes, random: Random) -> bytes:
    start, end = record.find(b"{"), record.rfind(b"}") + 1
    try:
        value = json.loads(record[start:end])
    except ValueError:
        return record
    _change(value, random)
    return record[:start] + json.dumps(value).encode() + record[end:]


def _change(value: Any, random: Random) -> None:
    """Walk down to somewhere, and change what is there."""
    while True:
        keys: Sequence[Any] = list(value) if isinstance(value, dict) else range(len(value))
        if not keys:
            return
        key = random.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and random.random() < 0.8:
            value = value[key]
            continue
        match random.randrange(4):
            case 0 if isinstance(value, dict):
                del value[key]
            case 1 if isinstance(value[key], str):
                value[key] = value[key][: random.randrange(len(value[key]) + 1)] + "\ud83d"
            case 2 if isinstance(value, list):
                value.append(value[key])
            case _:
                value[key] = random.choice(_VALUES)
        return
