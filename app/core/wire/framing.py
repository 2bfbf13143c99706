"""Bytes -> records: where one message of the wire ends and the next begins.

A framer takes chunks cut anywhere, inside a character or a line end too, and gives out the records
that are whole. The rest is held back. Cost is linear in the bytes, also where one record comes in
many small chunks.

Sources: https://html.spec.whatwg.org/multipage/server-sent-events.html (SSE),
https://github.com/ndjson/ndjson-spec (NDJSON), https://www.rfc-editor.org/rfc/rfc8259 (JSON).

Long, because the framings are alternatives, read side by side.
"""

import re
from typing import Protocol

import msgspec

from ..errors import ProtocolError
from ..nesting import is_too_deep

# A single record larger than this is not a chat answer, and holding it back would fill the memory
# of the tab. Images come inside records, so the limit is far above text.
MAX_RECORD_BYTES = 256 * 1024 * 1024

_BOM = b"\xef\xbb\xbf"
_BLANK = re.compile(rb"\A(?:\s|\xef\xbb\xbf)+")

# The names of fields in server-sent events, and that of a comment.
_FIELDS = (b"data", b"event", b"id", b"retry", b"error", b"")
_FIELD_END = re.compile(rb"[:\r\n]")

# What gives JSON its shape: brackets, commas, and strings, which may hold both. A string that the
# chunk cuts matches up to its end, a backslash there included. Possessive, so never quadratic.
_STRING_REST = rb'[^"\\]*+(?:\\.[^"\\]*+)*+(?:(?P<closed>")|(?P<cut>\\?)\Z)'
_IN_STRING = re.compile(_STRING_REST, re.DOTALL)
_JSON_TOKEN = re.compile(rb'[\[\]{},]|"' + _STRING_REST, re.DOTALL)


class Record(msgspec.Struct, frozen=True, gc=False):
    """One server-sent event, one line of NDJSON, or one whole JSON body.

    `data` is undecoded: a JSON decoder wants bytes. `event` and `last_event_id` are SSE's.
    """

    data: bytes
    event: str = "message"
    last_event_id: str = ""

    @property
    def text(self) -> str:
        """`data` as text, with U+FFFD where it is not UTF-8."""
        return self.data.decode("utf-8", "replace")


class Comment(msgspec.Struct, frozen=True, gc=False):
    """An SSE comment: how servers keep a silent connection open."""

    text: str


class Framer(Protocol):
    """The interface of all framers."""

    def feed(self, chunk: bytes) -> "list[Record | Comment]":
        """Take the next bytes; return the records they complete, often none.

        Raises:
            ProtocolError: One record grew past MAX_RECORD_BYTES.
        """
        ...

    def close(self) -> "list[Record | Comment]":
        """Take the end of the body; return records that were held back and still count."""
        ...


class SSE:
    """Server-sent events.

    Strict by default, as the standard wants: an event without its blank line is dropped at the end,
    and only the standard's fields mean anything. `lenient` is for what providers really do: the
    last event counts without its blank line, a field named `error` is an event of that name (old
    llama.cpp), and bare JSON among the fields is data (a server that breaks off with an error
    writes it so).
    """

    def __init__(self, *, lenient: bool = False) -> None:
        self.retry_ms: int | None = None
        self._lenient = lenient
        self._last_event_id = ""
        self._held: list[bytes] = []  # of the event that is not whole yet, line ends made LF
        self._held_bytes = 0
        self._after_cr = False
        self._after_lf = False
        self._at_start = True

    def feed(self, chunk: bytes) -> list[Record | Comment]:
        if self._after_cr or b"\r" in chunk:
            chunk = self._with_lf(chunk)
        if not chunk:
            return []
        # Nothing is whole before a blank line; until then only collect, so that a record in a
        # thousand chunks is joined once.
        is_whole = b"\n\n" in chunk or (self._after_lf and chunk.startswith(b"\n"))
        self._after_lf = chunk.endswith(b"\n")
        self._held.append(chunk)
        self._held_bytes += len(chunk)
        if not is_whole:
            if self._held_bytes > MAX_RECORD_BYTES:
                raise ProtocolError(f"one event is larger than {MAX_RECORD_BYTES} bytes")
            return []
        events, _, rest = self._take().rpartition(b"\n\n")
        if rest:
            self._held = [rest]
            self._held_bytes = len(rest)
        return self._records(events)

    def close(self) -> list[Record | Comment]:
        rest = self._take()
        return self._records(rest) if self._lenient else []

    def _with_lf(self, chunk: bytes) -> bytes:
        """Make every line end LF. A CR ends its line at once; an LF after it adds nothing."""
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _take(self) -> bytes:
        held = b"".join(self._held)
        self._held = []
        self._held_bytes = 0
        if self._at_start and held:
            self._at_start = False
            held = held.removeprefix(_BOM)
        return held

    def _records(self, events: bytes) -> list[Record | Comment]:
        if events.startswith(b"data: "):
            # What nearly every provider sends: of each event one line, its data. So it is where
            # there are no other line ends than those between the events.
            lines = events[6:].split(b"\n\ndata: ")
            if events.count(b"\n") == 2 * (len(lines) - 1):
                return [Record(line, "message", self._last_event_id) for line in lines]
        records: list[Record | Comment] = []
        for block in events.split(b"\n\n"):
            if block:
                self._read(block, records)
        return records

    def _read(self, block: bytes, records: list[Record | Comment]) -> None:
        data: list[bytes] = []
        event = ""
        lines = block.split(b"\n")
        for place, line in enumerate(lines):
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value)
            elif field == b"event":
                event = value.decode("utf-8", "replace")
            elif field == b"id":
                if b"\0" not in value:
                    self._last_event_id = value.decode("utf-8", "replace")
            elif field == b"retry":
                if value.isdigit() and len(value) <= 18:  # Python refuses to read very long ones
                    self.retry_ms = int(value)
            elif not field and line:
                records.append(Comment(value.decode("utf-8", "replace")))
            elif self._lenient and field == b"error":
                event = event or "error"
                data.append(value)
            elif self._lenient and line.startswith(b"{"):
                if not _is_json(line):  # laid out over several lines (Google)
                    data.append(b"\n".join(lines[place:]).strip())
                    break
                data.append(line)
        if data:
            records.append(Record(b"\n".join(data), event or "message", self._last_event_id))


class JSONLines:
    """JSON values, one a line (NDJSON), or one JSON body laid out over several lines.

    Which of the two shows at the first line: a whole value, or not. The last line counts without
    its line end.
    """

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._is_lines: bool | None = None

    def feed(self, chunk: bytes) -> list[Record | Comment]:
        self._held.append(chunk)
        self._held_bytes += len(chunk)
        if self._is_lines is False or b"\n" not in chunk:
            if self._held_bytes > MAX_RECORD_BYTES:
                raise ProtocolError(f"one JSON value is larger than {MAX_RECORD_BYTES} bytes")
            return []
        whole = b"".join(self._held)
        *lines, rest = whole.split(b"\n")
        lines = [stripped for line in lines if (stripped := line.strip())]
        if self._is_lines is None and lines:
            self._is_lines = _is_json(lines[0])
            if not self._is_lines:
                self._held = [whole]
                return []
        self._held = [rest]
        self._held_bytes = len(rest)
        return [Record(line) for line in lines]

    def close(self) -> list[Record | Comment]:
        rest = b"".join(self._held).strip()
        self._held = []
        return [Record(rest)] if rest else []


class JSONArray:
    """The elements of one JSON array, each as soon as it is whole.

    How Gemini streams without `alt=sse`. Values behind the array's end are framed alike.
    """

    def __init__(self) -> None:
        self._held: list[bytes] = []  # of the element that is not whole yet
        self._held_bytes = 0
        self._depth = 0  # inside the element
        self._is_inside = False  # the array
        self._in_string = False
        self._after_backslash = False

    def feed(self, chunk: bytes) -> list[Record | Comment]:
        records: list[Record | Comment] = []
        if not chunk:
            return records
        start = at = 0  # of what belongs to the element; of what was not looked at
        if self._in_string:
            # Whatever follows a backslash, it does not end the string.
            after_backslash = int(self._after_backslash)
            at = self._skip_string(chunk, _IN_STRING.match(chunk, after_backslash))
        while not self._in_string and (token := _JSON_TOKEN.search(chunk, at)):
            at = token.end()
            mark = chunk[token.start() : token.start() + 1]
            if mark == b'"':
                at = self._skip_string(chunk, token)
            elif mark in b"{[":
                if mark == b"[" and not self._depth and not self._is_inside:
                    self._take(chunk[start : token.start()], records)
                    self._is_inside = True
                    start = at
                else:
                    self._depth += 1
            elif self._depth:
                if mark != b",":
                    self._depth -= 1
                    if not self._depth:
                        self._take(chunk[start:at], records)
                        start = at
            else:  # between elements; a number or a string ends here
                self._take(chunk[start : token.start()], records)
                start = at
                self._is_inside = self._is_inside and mark != b"]"
        self._held.append(chunk[start:])
        self._held_bytes += len(chunk) - start
        if self._held_bytes > MAX_RECORD_BYTES:
            raise ProtocolError(f"one JSON value is larger than {MAX_RECORD_BYTES} bytes")
        return records

    def close(self) -> list[Record | Comment]:
        records: list[Record | Comment] = []
        self._take(b"", records)
        return records

    def _skip_string(self, chunk: bytes, match: re.Match[bytes] | None) -> int:
        """Go to the end of a string or of the chunk, whichever comes first."""
        assert match is not None  # the pattern takes anything
        self._in_string = not match["closed"]
        self._after_backslash = bool(match["cut"])
        return match.end()

    def _take(self, rest: bytes, records: list[Record | Comment]) -> None:
        element = b"".join([*self._held, rest]).strip()
        self._held = []
        self._held_bytes = 0
        if element:
            records.append(Record(element))


class AutoFramer:
    """Finds out from the first bytes which framing this is.

    Providers answer a streaming request with a JSON body (errors, or gateways that ignore
    `stream`), and a content type can't be trusted, so only the bytes decide: an array begins with
    a bracket, other JSON with a brace, and no line of server-sent events with either.
    """

    def __init__(self) -> None:
        self._framer: Framer | None = None
        self._head = b""

    def feed(self, chunk: bytes) -> list[Record | Comment]:
        if self._framer is not None:
            return self._framer.feed(chunk)
        self._head += chunk
        start = _BLANK.sub(b"", self._head, count=1)
        if not start:
            self._head = b""  # white space keeps a connection alive, and says nothing
            return []
        if _BOM.startswith(start):
            return []  # the mark itself may be cut
        if start.startswith(b"["):
            self._framer = JSONArray()
        elif start.startswith(b"{"):
            self._framer = JSONLines()
        else:
            self._framer = SSE(lenient=True)
        return self._framer.feed(start)

    def close(self) -> list[Record | Comment]:
        return self._framer.close() if self._framer is not None else []


def may_be_framed(head: bytes) -> bool:
    """Tell whether a body that begins so may be one of these framings; an empty one may be any.

    Of a body that broke off early there may be no record yet, and nothing wrong with it.
    """
    start = _BLANK.sub(b"", head, count=1)
    if not start or start.startswith((b"{", b"[")):
        return True
    if end := _FIELD_END.search(start):
        return start[: end.start()] in _FIELDS
    return any(field.startswith(start) for field in _FIELDS)


def _is_json(line: bytes) -> bool:
    if is_too_deep(line):
        return False
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
