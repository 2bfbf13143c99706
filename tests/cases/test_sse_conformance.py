"""The suites that other readers of server-sent events are held to, ours strict as the standard."""

from typing import Any

import pytest

from app.core.wire.framing import SSE, Comment, Record
from tests.chunkings import chunkings

from . import tally
from .library import tables

STREAMS = list(tables("sse-conformance", "expect_events"))
LINES = list(tables("sse-conformance", "expect_lines_incl_eof_flush"))


def frame(chunks: list[bytes]) -> tuple[list[Record | Comment], SSE]:
    framer = SSE()
    records = [record for chunk in chunks for record in framer.feed(chunk)]
    return records + framer.close(), framer


@pytest.mark.parametrize("entry", STREAMS, ids=lambda entry: entry["id"])
def test_events(entry: dict[str, Any]):
    given = [chunk.encode() for chunk in entry["chunks"]]
    for chunks in (given, *chunkings(b"".join(given))):
        records, framer = frame(chunks)
        assert [
            {"event": record.event, "data": record.text, "last_event_id": record.last_event_id}
            for record in records
            if isinstance(record, Record)
        ] == entry["expect_events"]
        assert framer.retry_ms == entry["expect_retry_ms"]
    tally.count("SSE streams")


@pytest.mark.parametrize("entry", LINES, ids=lambda entry: entry["id"])
def test_line_ends(entry: dict[str, Any]):
    """Each line is made a comment, which shows where lines end: a comment is one line, kept as it
    is.
    """
    lines = entry["expect_lines_incl_eof_flush"]
    text = "".join(entry["chunks"])
    commented, at = "", 0
    for line in filter(None, lines):
        start = text.index(line, at)
        commented += text[at:start] + ": " + line
        at = start + len(line)
    # The strict reading drops what has no blank line after it.
    data = (commented + text[at:] + "\n\n").encode()
    for chunks in chunkings(data):
        records, _ = frame(chunks)
        assert records == [Comment(line) for line in lines if line]
    tally.count("SSE line suites")
