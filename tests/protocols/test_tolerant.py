"""Reading JSON that is not what it should be: depth."""

import pytest

from app.core.nesting import is_too_deep
from app.protocols import http_error
from app.protocols.tolerant import values
from tests.protocols.wire import decode, say, sse


@pytest.mark.parametrize("depth", [500, 950, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_what_python_could_not_follow_is_passed_over(depth: int, opening: str, closing: str):
    value = opening * depth + "1" + closing * depth
    assert values(value.encode()) == ([], [value])
    assert http_error("openai-chat", 400, {}, value.encode()).message
    if depth < 1000:  # the others take long at every cut
        _, message = decode(sse(say("a"), f'{{"usage": {value}}}', say("b")))
        assert message.text == "ab"
        assert message.warnings == ["A record is nested too deep and was passed over."]


def test_brackets_in_text_are_not_depth():
    many = '{"a": "' + "{[" * 1000 + '\\"", "b": [' + ", ".join(["{}"] * 1000) + "]}"
    assert not is_too_deep(many.encode())
    assert not is_too_deep(("[" * 100 + "]" * 100 + "\n").encode() * 100)
    assert not is_too_deep(b'{"' + b"{" * 1000)  # a string that never ends
