"""Acts of a scripted provider, as data: an answer is a status, headers and steps in order.

Replies have a JSON form (msgspec: tagged by `type`, bytes as base64), so that a test in another
process or in a browser can queue them.
"""

import msgspec


class Send(msgspec.Struct, frozen=True, tag_field="type", tag="send"):
    """Write these bytes to the body, as one chunk of its own."""

    data: bytes


class Pause(msgspec.Struct, frozen=True, tag_field="type", tag="pause"):
    """Wait this many milliseconds: a readable pace, never a means of synchronising."""

    delay_ms: float


class Gate(msgspec.Struct, frozen=True, tag_field="type", tag="gate"):
    """Wait until somebody opens the gate of this name. It stays open afterwards."""

    name: str


class Stall(msgspec.Struct, frozen=True, tag_field="type", tag="stall"):
    """Send nothing more and keep the connection open, until the other side leaves."""


class Cut(msgspec.Struct, frozen=True, tag_field="type", tag="cut"):
    """Break the connection in the middle of the body; the steps after it are never reached."""


Step = Send | Pause | Gate | Stall | Cut
Wait = Pause | Gate | Stall


class Reply(msgspec.Struct, frozen=True):
    """One answer of a scripted provider.

    Header names are lower case. `before` is what happens before status and headers are sent,
    for servers that are slow to answer at all.
    """

    status: int = 200
    headers: dict[str, str] = {}
    steps: tuple[Step, ...] = ()
    before: tuple[Wait, ...] = ()


def cut_into(data: bytes, *sizes: int) -> tuple[Send, ...]:
    """Cut a body into chunks of these sizes in bytes; the last size repeats to the end.

    Raises:
        ValueError: No size was given, or one is below 1.
    """
    if not sizes or min(sizes) < 1:
        raise ValueError(f"chunk sizes of at least 1 byte are needed, got {sizes}")
    chunks: list[Send] = []
    start = 0
    while start < len(data):
        size = sizes[min(len(chunks), len(sizes) - 1)]
        chunks.append(Send(data[start : start + size]))
        start += size
    return tuple(chunks)


def gated(chunks: tuple[Send, ...], prefix: str = "") -> tuple[Step, ...]:
    """Put a gate named `prefix` + "1", "2", … before every chunk but the first.

    A test that opens gate k only after it has seen chunk k proves that the road streams.
    """
    steps: list[Step] = []
    for number, chunk in enumerate(chunks):
        if number:
            steps.append(Gate(f"{prefix}{number}"))
        steps.append(chunk)
    return tuple(steps)
