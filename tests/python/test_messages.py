"""Messages of a session, read by a side that must doubt them."""

import pytest

from app.python.messages import Done, Variable, Variables, read, written


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
