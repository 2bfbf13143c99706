"""Framing: the standard's rules, what providers do beside them, and any cut of the bytes."""

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


def frame(framer: Framer, chunks: list[bytes]) -> list[Record | Comment]:
    records = [record for chunk in chunks for record in framer.feed(chunk)]
    return records + framer.close()


def frame_sse(data: bytes, *, lenient: bool = False) -> list[Record | Comment]:
    """The records of an event stream, the same at every chunking."""
    expected = frame(SSE(lenient=lenient), [data])
    for chunks in chunkings(data):
        assert frame(SSE(lenient=lenient), chunks) == expected, chunks
    return expected


def test_an_event_ends_at_a_blank_line() -> None:
    assert frame_sse(b"data: one\n\ndata: two\n\n") == [Record(b"one"), Record(b"two")]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_end_with_lf_cr_or_both(end: bytes) -> None:
    data = b"event: tick" + end + b"data: 1" + end + end + b"data: 2" + end + end
    assert frame_sse(data) == [Record(b"1", "tick"), Record(b"2")]


def test_mixed_line_ends() -> None:
    assert frame_sse(b"data: a\r\n\ndata: b\r\rdata: c\n\r\n") == [
        Record(b"a"),
        Record(b"b"),
        Record(b"c"),
    ]


def test_a_carriage_return_ends_the_event_without_waiting_for_more() -> None:
    framer = SSE()
    assert framer.feed(b"data: now\r\r") == [Record(b"now")]


def test_line_separators_of_unicode_do_not_end_a_line() -> None:
    text = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"
    assert frame_sse(f"data: {text}\n\n".encode())[0] == Record(text.encode())


def test_a_byte_order_mark_counts_only_at_the_start() -> None:
    mark = b"\xef\xbb\xbf"
    assert frame_sse(mark + b"data: 1\n\n" + mark + b"data: 2\n\ndata: 3\n\n") == [
        Record(b"1"),
        Record(b"3"),
    ]


def test_a_block_without_data_is_no_event() -> None:
    assert frame_sse(b"event: x\n\nid: 7\n\nretry: 10\n\ndata: 1\n\n") == [
        Record(b"1", last_event_id="7")
    ]


def test_comments_are_kept_apart() -> None:
    assert frame_sse(b": OPENROUTER PROCESSING\n\n:\n\ndata: 1\n\n") == [
        Comment("OPENROUTER PROCESSING"),
        Comment(""),
        Record(b"1"),
    ]


def test_one_space_after_the_colon_is_not_data() -> None:
    assert frame_sse(b"data:a\n\ndata: b\n\ndata:  c\n\n") == [
        Record(b"a"),
        Record(b"b"),
        Record(b" c"),
    ]


def test_data_lines_are_joined() -> None:
    assert frame_sse(b"data: {\ndata\ndata:}\n\n") == [Record(b"{\n\n}")]


def test_the_last_event_id_stays_until_it_changes_and_never_holds_nul() -> None:
    data = b"id: 1\ndata: a\n\ndata: b\n\nid: 2\0\ndata: c\n\nid\ndata: d\n\n"
    ids = [record.last_event_id for record in frame_sse(data) if isinstance(record, Record)]
    assert ids == ["1", "1", "1", ""]


def test_retry_is_digits_only() -> None:
    framer = SSE()
    framer.feed(b"retry: 1500\n\nretry: 1.5\n\nretry: -1\n\n")
    assert framer.retry_ms == 1500


def test_an_event_without_its_blank_line_is_dropped_by_the_standard() -> None:
    assert frame_sse(b"data: 1\n\ndata: 2\n") == [Record(b"1")]


def test_an_event_without_its_blank_line_counts_when_lenient() -> None:
    for end in (b"", b"\n", b"\r\n"):
        assert frame_sse(b"data: 1\n\ndata: 2" + end, lenient=True) == [Record(b"1"), Record(b"2")]


def test_a_field_named_error_is_an_event_when_lenient() -> None:
    data = b'error: {"code":500}\n\n'
    assert frame_sse(data, lenient=True) == [Record(b'{"code":500}', "error")]
    assert frame_sse(data) == []


def test_a_bare_line_of_json_is_data_when_lenient() -> None:
    data = b'data: 1\n\n{"error":"gone"}\n'
    assert frame_sse(data, lenient=True) == [Record(b"1"), Record(b'{"error":"gone"}')]
    assert frame_sse(data) == [Record(b"1")]


def test_bare_json_over_several_lines_is_data_when_lenient() -> None:
    data = b'data: 1\n\n{\n  "error": {\n    "code": 499\n  }\n}\n'
    expected: list[Record | Comment] = [
        Record(b"1"),
        Record(b'{\n  "error": {\n    "code": 499\n  }\n}'),
    ]
    assert frame_sse(data, lenient=True) == expected
    assert frame_sse(data) == [Record(b"1")]


def test_characters_cut_between_chunks_stay_whole() -> None:
    text = "Grüße, 世界 👋🏽"
    assert frame_sse(f"data: {text}\n\n".encode())[0] == Record(text.encode())


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    (record,) = frame_sse(b"data: a\xff\xfeb\n\n")
    assert isinstance(record, Record)
    assert record.text == "a\ufffd\ufffdb"


def test_a_record_may_come_in_many_small_chunks() -> None:
    framer = SSE()
    for _ in range(5000):
        assert framer.feed(b"x") == []
    assert framer.feed(b"\n\n") == []  # it was no field
    assert framer.feed(b"data: 1\n\n") == [Record(b"1")]


@pytest.mark.parametrize("framer", [SSE(), JSONLines(), JSONArray()])
def test_a_record_without_end_is_refused(framer: Framer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_RECORD_BYTES", 100)
    framer.feed(b"x" * 60)
    with pytest.raises(ProtocolError, match="larger than 100 bytes"):
        framer.feed(b"x" * 60)


@pytest.mark.parametrize("kind", [SSE, JSONLines, JSONArray])
def test_one_of_just_the_size_is_not(
    kind: type[SSE | JSONLines | JSONArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "MAX_RECORD_BYTES", 100)
    framer = kind()
    begin = b"[" if kind is JSONArray else b""
    framer.feed(begin + b'"' + b"x" * (99 - len(begin)))
    with pytest.raises(ProtocolError):
        framer.feed(b"xx")


def test_ndjson_is_one_value_a_line_the_last_without_its_end() -> None:
    data = b'{"a": 1}\r\n\n{"b": "\xc3\xa4"}\n{"c": 3}'
    expected = [Record(b'{"a": 1}'), Record(b'{"b": "\xc3\xa4"}'), Record(b'{"c": 3}')]
    for chunks in chunkings(data):
        assert frame(JSONLines(), chunks) == expected


def test_ndjson_gives_a_line_as_soon_as_it_is_whole() -> None:
    framer = JSONLines()
    assert framer.feed(b'{"a": 1}\n{"b"') == [Record(b'{"a": 1}')]


def test_a_bad_line_of_ndjson_does_not_hold_up_the_next() -> None:
    framer = JSONLines()
    framer.feed(b'{"a": 1}\n')
    assert framer.feed(b'oops\n{"b": 2}\n') == [Record(b"oops"), Record(b'{"b": 2}')]


def test_a_body_over_several_lines_is_one_record() -> None:
    data = b'{\n  "choices": [\n    {}\n  ]\n}\n'
    for chunks in chunkings(data):
        assert frame(JSONLines(), chunks) == [Record(data.strip())]


@pytest.mark.parametrize(
    ("data", "elements"),
    [
        (b"[]", []),
        (b" [ \n ] ", []),
        (b'[{"a": 1}, {"b": [{}, [2]]}]', [b'{"a": 1}', b'{"b": [{}, [2]]}']),
        (b'[{\r\n  "a": 1\r\n}\r\n,\r\n{"b": 2}]\r\n', [b'{\r\n  "a": 1\r\n}', b'{"b": 2}']),
        (b'[1, -2.5e3 ,null,"a, ]}",true]', [b"1", b"-2.5e3", b"null", b'"a, ]}"', b"true"]),
        (rb'[{"\"]": "}\\"},{"a\\\"": "\\\\"}]', [rb'{"\"]": "}\\"}', rb'{"a\\\"": "\\\\"}']),
        (b'[[1, "]"], [[]]]', [b'[1, "]"]', b"[[]]"]),
        (b'[{"a": 1}{"b": 2}', [b'{"a": 1}', b'{"b": 2}']),
        (b'[{"a": 1}]\n[{"b": 2}]{"c": 3}', [b'{"a": 1}', b'{"b": 2}', b'{"c": 3}']),
        (b'[{"a": 1}, {"b": "un', [b'{"a": 1}', b'{"b": "un']),
        (b'[{"a": 1}}, {"b": 2}]', [b'{"a": 1}', b'{"b": 2}']),
        ('[{"ä": "👋🏽]"}]'.encode(), ['{"ä": "👋🏽]"}'.encode()]),
    ],
)
def test_an_array_is_framed_by_its_elements(data: bytes, elements: list[bytes]) -> None:
    for chunks in chunkings(data):
        assert frame(JSONArray(), chunks) == [Record(element) for element in elements], chunks


def test_an_element_comes_as_soon_as_it_is_whole() -> None:
    framer = JSONArray()
    assert framer.feed(b'[{"a": "}') == []
    assert framer.feed(b'"}') == [Record(b'{"a": "}"}')]
    assert framer.feed(b"") == []
    assert framer.feed(b"\n,\n7") == []
    assert framer.feed(b"1,") == [Record(b"71")]
    assert framer.close() == []


def test_an_element_may_come_in_many_small_chunks() -> None:
    framer = JSONArray()
    framer.feed(b'["')
    for _ in range(5000):
        assert framer.feed(b'\\"]') == []
    assert framer.feed(b'"]') == [Record(b'"' + b'\\"]' * 5000 + b'"')]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"data: 1\n\n", [Record(b"1")]),
        (b"\xef\xbb\xbfdata: 1\n\n", [Record(b"1")]),
        (b": hi\n\ndata: 1\n\n", [Comment("hi"), Record(b"1")]),
        (b'{"a":1}', [Record(b'{"a":1}')]),
        (b'\xef\xbb\xbf {"a":1}\n{"b":2}\n', [Record(b'{"a":1}'), Record(b'{"b":2}')]),
        (b' \n [{"a":1}\n,{"b":2}]', [Record(b'{"a":1}'), Record(b'{"b":2}')]),
        (b"", []),
        (b" \n", []),
        (b"<html>oops</html>", []),
    ],
)
def test_the_first_bytes_tell_which_framing_it_is(data: bytes, expected: list[Record]) -> None:
    for chunks in chunkings(data):
        assert frame(AutoFramer(), chunks) == expected


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (b"", True),
        (b" \n", True),
        (b"da", True),
        (b"data", True),
        (b"retry: 3000\n\n", True),
        (b"\xef\xbb\xbfevent: x", True),
        (b": ping", True),
        (b"id\n", True),
        (b"[", True),
        (b'{"a"', True),
        (b"<html>", False),
        (b"Bad gateway", False),
        (b"dates: 1", False),
        (b"dates", False),
    ],
)
def test_what_may_be_a_stream_that_broke_off_early(head: bytes, answer: bool) -> None:
    assert may_be_framed(head) is answer
