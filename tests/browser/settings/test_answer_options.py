"""Options of answers: read as people write them, or a sentence that says what is wrong."""

from typing import Any

import msgspec
import pytest

from app.browser.settings.answer_options import FIELDS, Wrong, merged, shown
from app.core.options import Options
from app.history.records import ChatSettings

FIELD = {field.name: field for field in FIELDS}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("temperature", "0.5", 0.5),
        ("temperature", "0,5", 0.5),
        ("top_p", "1", 1.0),
        ("max_tokens", "4 000", 4000),
        ("reasoning_effort", "low", "low"),
        ("stop", "END\n\n  two", ["END", "  two"]),
        ("extra", '{"seed": 7, "a": [1]}', {"seed": 7, "a": [1]}),
    ],
)
def test_fields_are_read_and_shown_again(name: str, text: str, value: Any) -> None:
    field = FIELD[name]
    assert field.read(text) == value
    assert field.read(shown(value, field)) == value


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("temperature", "7", "Temperature should be a number from 0 to 2."),
        ("temperature", "nan", "Temperature should be a number from 0 to 2."),
        ("temperature", "hot", "Temperature should be a number from 0 to 2."),
        ("top_p", "1.1", "Top-p should be a number from 0 to 1."),
        ("max_tokens", "0", "Max tokens should be a number from 1."),
        ("max_tokens", "1.5", "Max tokens should be a number from 1."),
        ("max_tokens", "9" * 6000, "Max tokens should be a number from 1."),
        ("extra", "[1]", "Extra JSON should be an object"),
        ("extra", "{", "This is not JSON yet"),
        ("extra", "[" * 100_000, "it nests too deep"),
        ("extra", '{"a": "\ud800"}', "This is not JSON yet"),
    ],
)
def test_what_cannot_be_meant_is_said(name: str, text: str, sentence: str) -> None:
    with pytest.raises(Wrong, match=sentence):
        FIELD[name].read(text)


def test_a_chats_own_settings_come_before_the_defaults() -> None:
    defaults = ChatSettings(temperature=1.0, top_p=0.9, stop=["A"], extra={"a": 1})
    chat = ChatSettings(temperature=0.0, reasoning_effort="low", extra={"b": 2})
    assert merged(chat, defaults) == Options(
        temperature=0.0, top_p=0.9, stop=["A"], reasoning_effort="low", extra={"b": 2}
    )
    assert merged(ChatSettings(), ChatSettings()) == Options()
    assert merged(ChatSettings(window=9000), ChatSettings()).context_tokens == 9000
    assert merged(ChatSettings(), ChatSettings(window=128_000)).context_tokens is None


def test_an_effort_that_nobody_knows_is_left_out() -> None:
    record = msgspec.convert({"reasoning_effort": "galactic"}, ChatSettings)
    assert merged(record, ChatSettings()).reasoning_effort is None
