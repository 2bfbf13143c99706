"""An exchange as rows: each record with its time, and its decoded events. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ....core.events import Event
from ....core.running.step import Decoder
from ....core.wire.recording import Exchange

# The blank line that ends an SSE record.
_SSE_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LINE_END = re.compile(rb"\n")
# A pause from which on it is marked, in seconds.
LONG_GAP_S = 0.5
_EVENT_CHARACTERS = 160


class Row(NamedTuple):
    """One record. `at_s` counts from the request, `gap_s` from the row before."""

    at_s: float
    gap_s: float
    data: bytes
    events: Sequence[Event]

    @property
    def is_late(self) -> bool:
        return self.gap_s >= LONG_GAP_S


class WireRows:
    """Reads one exchange, also while it goes on: `more` gives the rows that are new."""

    def __init__(self, exchange: Exchange, decoder: Decoder) -> None:
        self.exchange = exchange
        self.count = 0
        self.longest_gap_s = 0.0
        self._decoder = decoder
        decoder.take_question(exchange.request.body)
        self._next_chunk = 0
        self._buffer = bytearray()
        self._searched = 0  # of the buffer
        self._at_s = 0.0
        self._has_ended = False

    @property
    def total_bytes(self) -> int:
        return sum(len(chunk.data) for chunk in self.exchange.chunks)

    def more(self) -> list[Row]:
        """The rows since the last call."""
        exchange = self.exchange
        rows: list[Row] = []
        if exchange.status is None and exchange.end == "running":
            return rows
        separator = self._separator()
        chunks, self._next_chunk = exchange.chunks[self._next_chunk :], len(exchange.chunks)
        for chunk in chunks:
            self._buffer += chunk.data
            for piece in self._pieces(separator):
                rows.append(self._row(chunk.at_s, piece))
        if exchange.end != "running" and not self._has_ended:
            self._has_ended = True
            at_s = exchange.ended_s or self._at_s
            if self._buffer:
                last_s = exchange.chunks[-1].at_s if exchange.chunks else at_s
                rows.append(self._row(last_s, bytes(self._buffer)))
                self._buffer.clear()
            if self._is_decoded and (events := self._decoder.close()):
                rows.append(Row(at_s, at_s - self._at_s, b"", events))
        return rows

    @property
    def _is_decoded(self) -> bool:
        return 200 <= (self.exchange.status or 0) < 300

    def _row(self, at_s: float, data: bytes) -> Row:
        # Before the first record there is the time that the answer took to begin: no gap in it.
        gap_s = at_s - self._at_s if self.count else 0.0
        self.longest_gap_s = max(self.longest_gap_s, gap_s)
        self.count += 1
        self._at_s = at_s
        return Row(at_s, gap_s, data, self._decoder.feed(data) if self._is_decoded else [])

    def _separator(self) -> re.Pattern[bytes] | None:
        kind = self.exchange.headers.get("content-type", "")
        if "event-stream" in kind:
            return _SSE_END
        return _LINE_END if "ndjson" in kind or "jsonl" in kind else None

    def _pieces(self, separator: re.Pattern[bytes] | None) -> list[bytes]:
        """Give the whole records so far; a body without records is one, at its end."""
        if separator is None:
            return []
        pieces, start = [], 0
        for found in separator.finditer(self._buffer, self._searched):
            pieces.append(bytes(self._buffer[start : found.end()]))
            start = found.end()
        del self._buffer[:start]
        # An end may be cut in its middle.
        self._searched = max(len(self._buffer) - 3, 0)
        return pieces


def told(event: Event) -> str:
    """Write an event in a line: its name, and its fields."""
    values = msgspec.to_builtins(event)
    name = type(event).__name__
    if isinstance(values, dict):
        values.pop("type", None)
        values.pop("raw", None)
    said = msgspec.json.encode(values).decode("utf-8", "replace") if values else ""
    line = f"{name} {said}".strip()
    return line if len(line) <= _EVENT_CHARACTERS else line[: _EVENT_CHARACTERS - 1] + "…"
