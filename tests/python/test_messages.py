"""Messages of a session, read by a side that must doubt them."""

import pytest

from app.python.messages import Done, Variable, Variables, asked_for, read, written


@pytest.mark.parametrize(
    "line",
    [
        *("", "no JSON", "[]", "{}", '{"kind": "Else"}', '{"kind": ["Done"]}', '{"kind": "Done"}'),
        '{"kind": "Output", "cell": "1", "stream": "stdout", "text": ""}',
        '{"kind": "Output", "cell": 1, "stream": "else", "text": ""}',
    ],
)
def test_what_no_session_says_is_no_message(line: str) -> None:
    assert read(line) is None


def test_what_a_session_says_is_read() -> None:
    line = '{"kind": "Done", "cell": 1, "status": "ok", "took_s": 1, "told": "x", "notes": []}'
    assert read(line) == Done(1, "ok", 1.0, "x", [])


@pytest.mark.parametrize(
    "message",
    [Done(1, "ok", 0.5, "x"), Variables([Variable("x", "int", "", None, "1")]), Variables([])],
)
def test_what_is_written_is_read(message) -> None:
    assert read(written(message)) == message


def test_a_need_is_a_short_line_of_few() -> None:
    forged = "evil\npandas 2.3, 12 MB, kept in this browser"
    assert asked_for([forged, "a\u202e", "x" * 201, "six>=1"]) == ["six>=1"]
    assert len(asked_for(f"p{n}" for n in range(1000))) == 50


def test_a_message_of_millions_of_lists_is_not_read() -> None:
    lists = "[]," * 1_000_000
    assert read(f'{{"kind": "Display", "cell": 1, "data": {{"a": [{lists}0]}}}}') is None
