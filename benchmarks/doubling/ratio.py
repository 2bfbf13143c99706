"""Timing one stream against its double."""

from collections.abc import Sequence
from time import thread_time

from app.protocols import decoder
from benchmarks.measuring import measure
from tests.protocols.growing import Stream


def ratio(protocol: str, stream: Stream, count: int, rounds: int, *, in_bytes: bool) -> float:
    """Measure the factor that twice as many records take longer."""
    short, long = (_chunks(stream(count * times), in_bytes) for times in (1, 2))
    _decode(protocol, short)  # what is made once
    times = measure(
        {
            "short": lambda: (_decode(protocol, short) + _decode(protocol, short)) / 2,
            "long": lambda: _decode(protocol, long),
        },
        rounds,
    )
    return times["long"].best / times["short"].best


def _chunks(records: Sequence[bytes], in_bytes: bool) -> list[bytes]:
    return [bytes([byte]) for byte in b"".join(records)] if in_bytes else list(records)


def _decode(protocol: str, chunks: Sequence[bytes]) -> float:
    """Seconds of processor time, up to the message in hand."""
    started = thread_time()
    one = decoder(protocol)
    for chunk in chunks:
        one.feed(chunk)
    one.close()
    assert one.message.status
    return thread_time() - started
