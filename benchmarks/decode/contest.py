"""Choice of streams, of their chunks, and of the interpreters."""

from collections.abc import Iterator
from pathlib import Path

from . import streams
from .arena import Arena, compare, doubling
from .cpython import CPython
from .report import Comparison, Results
from .streams import Chunks, Stream, event_by_event, in_blocks
from .tab import open_tab

_STREAMS = (streams.text, streams.tool_calls, streams.reasoning)

# Ours alone is so quick that more rounds cost little, and one ratio must stand for itself.
_ROUNDS_FOR_DOUBLING = 20


def measure_all(root: Path, runtime: Path, rounds: int, events: int) -> Iterator[Results]:
    """Measure in one interpreter after the other.

    Raises:
        WrongAnswerError: A contestant did not understand a stream.
    """
    # `openai` takes so long there that whole streams would make this a matter of minutes.
    yield _measure(CPython(), rounds, events // 4)
    with open_tab(root, runtime) as tab:
        yield _measure(tab, rounds, events)


def _measure(arena: Arena, rounds: int, events: int) -> Results:
    results = Results(arena.title, arena.versions)
    for make in _STREAMS:
        stream = make(events)
        for chunks in _chunkings(stream):
            results.comparisons.append(Comparison(chunks, compare(arena, chunks, rounds)))
        once, twice = in_blocks(stream, 4), in_blocks(make(2 * events), 4)
        results.doubling[stream.name] = doubling(arena, once, twice, _ROUNDS_FOR_DOUBLING)
    return results


def _chunkings(stream: Stream) -> Iterator[Chunks]:
    yield event_by_event(stream)
    yield in_blocks(stream, 4)
    yield in_blocks(stream, 64)
