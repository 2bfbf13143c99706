"""Framings at their edges: what ends a record, what is passed over, how much is held."""

from collections.abc import Callable

import pytest

from app.core.errors import ProtocolError
from app.core.wire import framing
from app.core.wire.framing import (
    SSE,
    AutoFramer,
    Comment,
    Framer,
    JSONArray,
    JSONLines,
    Record,
    may_be_framed,
)
from tests.chunkings import chunkings


def framed(make: Callable[[], Framer], data: bytes) -> list[Record | Comment]:
    """The records of these bytes, the same at every chunking."""
    found: list[Record | Comment] | None = None
    for chunks in chunkings(data, random_cuts=3):
        framer = make()
        records = [record for chunk in chunks for record in framer.feed(chunk)] + framer.close()
        assert found is None or records == found, chunks
        found = records
        assert framer.close() == []
    assert found is not None
    return found


def data_of(make: Callable[[], Framer], data: bytes) -> list[bytes]:
    return [record.data for record in framed(make, data) if isinstance(record, Record)]


@pytest.mark.parametrize(
    ("data", "elements"),
    [
        (b"[]", []),
        (b"[1]", [b"1"]),
        (
            b'[1, "a,]" , {"b": [2, 3]}, [4], null]',
            [b"1", b'"a,]"', b'{"b": [2, 3]}', b"[4]", b"null"],
        ),
        (b'[{"a": "\\"}]"}\n,\r\n{"b": "\\\\"}]', [b'{"a": "\\"}]"}', b'{"b": "\\\\"}']),
        (b'[{"a": 1}] {"b": 2} [3]', [b'{"a": 1}', b'{"b": 2}', b"3"]),
        (b'[{"a": 1}, {"b": [', [b'{"a": 1}', b'{"b": [']),
        (b'[{"a": 1}, "cut', [b'{"a": 1}', b'"cut']),
        (b"[[[]], []]", [b"[[]]", b"[]"]),
    ],
)
def test_elements_of_an_array(data: bytes, elements: list[bytes]) -> None:
    assert data_of(JSONArray, data) == elements


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n \n", []),
        (b'{"a": 1}\n{"b": 2}', [b'{"a": 1}', b'{"b": 2}']),
        (b'\n{"a": 1}\n\n {"b": 2} \n', [b'{"a": 1}', b'{"b": 2}']),
        (b'{"a":\n1}\n', [b'{"a":\n1}']),
        (b'{"a":\n1}\n{"b": 2}', [b'{"a":\n1}\n{"b": 2}']),
        (b'{"a": 1}\nodd\n', [b'{"a": 1}', b"odd"]),
        (b"\xff\n1\n", [b"\xff\n1"]),
    ],
)
def test_lines_or_one_body(data: bytes, lines: list[bytes]) -> None:
    assert data_of(JSONLines, data) == lines


def test_a_line_that_nests_too_deep_is_no_line_of_json() -> None:
    deep = b"[" * 5000 + b"]" * 5000
    assert data_of(JSONLines, deep + b"\n1\n") == [deep + b"\n1"]


@pytest.mark.parametrize(
    ("data", "records"),
    [
        (b"data: a\n\ndata: b\n\n", [Record(b"a"), Record(b"b")]),
        (b"data:a\ndata:  b\n\n", [Record(b"a\n b")]),
        (b"data\n\n", [Record(b"")]),
        (b"data: a\r\n\r\ndata: b\r\r", [Record(b"a"), Record(b"b")]),
        (b"event: x\ndata: a\n\ndata: b\n\n", [Record(b"a", "x"), Record(b"b")]),
        (
            b"id: 1\ndata: a\n\ndata: b\n\n",
            [Record(b"a", "message", "1"), Record(b"b", "message", "1")],
        ),
        (b"id: 1\0\ndata: a\n\n", [Record(b"a")]),
        (b"id: 1\nid\ndata: a\n\n", [Record(b"a")]),
        (b"event: x\n\n", []),
        (b": hi\n:\ndata: a\n\n", [Comment("hi"), Comment(""), Record(b"a")]),
        (b"data: a\nother: x\n\n", [Record(b"a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Record(b"a")]),
        (b"\n\n\ndata: a\n\n\n\ndata: b\n\n", [Record(b"a"), Record(b"b")]),
    ],
)
def test_events_of_the_standard(data: bytes, records: list[Record | Comment]) -> None:
    assert framed(SSE, data) == records
    assert framed(lambda: SSE(lenient=True), data) == records


@pytest.mark.parametrize(
    ("data", "records"),
    [
        (b"data: a", [Record(b"a")]),
        (b"data: a\n", [Record(b"a")]),
        (b"error: a\n\n", [Record(b"a", "error")]),
        (b"event: x\nerror: a\n\n", [Record(b"a", "x")]),
        (b'{"a": 1}\n{"b": 2}\n\n', [Record(b'{"a": 1}\n{"b": 2}')]),
        (b'{\n"a": 1\n}\nx: y\n\n', [Record(b'{\n"a": 1\n}\nx: y')]),
    ],
)
def test_what_providers_do_beside_it(data: bytes, records: list[Record | Comment]) -> None:
    assert framed(lambda: SSE(lenient=True), data) == records
    assert framed(SSE, data) == []


def test_how_long_to_wait_before_another_connection() -> None:
    for told, retry_ms in (
        (b"3000", 3000),
        (b"3s", None),
        (b"-1", None),
        (b"9" * 18, int("9" * 18)),
        (b"9" * 19, None),
    ):
        sse = SSE()
        sse.feed(b"retry: " + told + b"\n\n")
        assert sse.retry_ms == retry_ms


@pytest.mark.parametrize("make", [SSE, JSONLines, JSONArray])
def test_a_record_may_be_just_so_large(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], Framer]
) -> None:
    monkeypatch.setattr(framing, "MAX_RECORD_BYTES", 20)
    fits = {SSE: b"data: ", JSONLines: b'{"a": "', JSONArray: b'["'}[make].ljust(20, b"x")  # type: ignore[index]
    fits = b"[" + fits if make is JSONArray else fits
    framer = make()
    assert framer.feed(fits[:9]) == framer.feed(fits[9:]) == []
    with pytest.raises(ProtocolError, match="larger than 20 bytes"):
        framer.feed(b"x")
    # What was given out is not held any more.
    small = {SSE: b"data: 12345\n\n", JSONLines: b'"12345678"\n', JSONArray: b"[12345678],"}[make]  # type: ignore[index]
    framer = make()
    assert sum(len(framer.feed(small)) for _ in range(9)) == 9


@pytest.mark.parametrize(
    ("data", "records"),
    [
        (b"", []),
        (b" \r\n", []),
        (b" \xef\xbb\xbf [1, 2]", [Record(b"1"), Record(b"2")]),
        (b'\n\n{"a": 1}\n{"b": 2}\n', [Record(b'{"a": 1}'), Record(b'{"b": 2}')]),
        (b"\n data: a\n\n", [Record(b"a")]),
        (b"\xef\xbb\xbf", []),
        (b"error: a\n\n", [Record(b"a", "error")]),
    ],
)
def test_the_first_bytes_tell_which_framing_it_is(
    data: bytes, records: list[Record | Comment]
) -> None:
    assert framed(AutoFramer, data) == records


@pytest.mark.parametrize(
    ("head", "may_be"),
    [
        *(
            (head, True)
            for head in (b"", b" \n", b"{", b"[", b"d", b"data", b"data: x", b"event\n")
        ),
        *(
            (head, True)
            for head in (b":", b": hi", b"id:1", b"retry: 1", b"error: x", b"\xef\xbb\xbf d")
        ),
        *((head, False) for head in (b"<html>", b"x", b"datas", b"dat: x", b"dat\n", b"hello: x")),
    ],
)
def test_which_beginnings_may_be_a_stream(head: bytes, may_be: bool) -> None:
    assert may_be_framed(head) == may_be
