"""Options of answers: read as people write them, or a sentence that says what is wrong."""

from typing import Any

import msgspec
import pytest

from app.browser.settings.answer_options import (
    FIELDS,
    Prompt,
    Standing,
    Wrong,
    as_told,
    merged,
    shown,
    standing,
    with_prompt,
)
from app.core.options import Options
from app.history.records import ChatSettings
from app.providers.taken import Taken

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


@pytest.mark.parametrize(
    ("name", "lowest", "highest"), [("temperature", 0.0, 2.0), ("top_p", 0.0, 1.0)]
)
def test_both_ends_of_a_range_belong_to_it(name: str, lowest: float, highest: float) -> None:
    read = FIELD[name].read
    assert (read(f"{lowest}"), read(f"{highest}")) == (lowest, highest)
    for outside in (lowest - 0.01, highest + 0.01):
        with pytest.raises(Wrong):
            read(f"{outside}")


def test_whole_numbers_go_from_one_to_a_billion() -> None:
    read = FIELD["window"].read
    assert (read("1"), read("1,000,000,000"), read("1 000")) == (1, 1_000_000_000, 1000)
    for outside in ("0", "1000000001", "-1", "٣"):
        with pytest.raises(Wrong):
            read(outside)


def test_stop_words_that_are_all_empty_are_none() -> None:
    assert FIELD["stop"].read("\n\n") is None


def test_a_prompt_that_comes_gets_a_name_that_none_has() -> None:
    prompts = with_prompt([], "Kind", "Be kind")
    assert prompts == [Prompt("Kind", "Be kind")]
    assert with_prompt(prompts, "Kind", "Be kind") == prompts
    prompts = with_prompt(prompts, "Kind", "Be very kind")
    prompts = with_prompt(prompts, "Kind", "Be kinder")
    assert [one.name for one in prompts] == ["Kind", "Kind (2)", "Kind (3)"]


def test_a_person_decides_what_is_sent() -> None:
    options = Options(temperature=1.0, top_p=0.5, stop=["A"])
    told = as_told(options, {"temperature": False, "top_p": True, "unheard_of": False})
    assert told == Options(top_p=0.5, stop=["A"], sent_anyway=["top_p"])
    assert as_told(options, {}) == options


@pytest.mark.parametrize(
    ("taken", "is_sent", "is_left_out", "offer"),
    [
        (Taken(), None, False, None),
        (Taken(), True, False, None),
        (Taken(), False, True, True),
        (Taken(why_not="No.", can_be_forced=True), None, True, True),
        (Taken(why_not="No.", can_be_forced=True), False, True, True),
        (Taken(why_not="No.", can_be_forced=True), True, False, False),
        (Taken(why_not="No.", can_be_forced=False), None, True, None),
        (Taken(why_not="No.", can_be_forced=False), True, True, None),
    ],
)
def test_what_stands_beside_a_field(
    taken: Taken, is_sent: bool | None, is_left_out: bool, offer: bool | None
) -> None:
    told = standing(taken, is_sent)
    assert (told.is_left_out, told.offer) == (is_left_out, offer)
    assert bool(told.note) == bool(taken.why_not or is_sent is False)


def test_a_note_of_the_model_stands_there_as_it_is() -> None:
    assert standing(Taken(note="Up to 1."), None) == Standing(note="Up to 1.")
    assert shown(None, FIELD["stop"]) == ""
