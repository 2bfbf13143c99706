"""Text as what it is: nothing in it is hidden, and what is shown says what is there."""

import json
import unicodedata

import pytest

from app.core.text.visible_text import (
    laid_out,
    readable,
    shown_arguments,
    visible,
    visible_json,
)

# One for each way to hide, turn or blur letters.
HIDDEN = (
    "\u202e\u202d\u202a\u202b\u202c\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\ufff9\ufffa\ufffb\u2028\u2029\x7f\x85\x9b"
    "\ufe00\ufe0f\U000e0100\U000e0001\U000e0041\U000e007f\u115f\u1160\u3164\uffa0\u2800\u034f"
    "\u00a0\u1680\u2003\u202f\u205f\u3000\ufffc\ue000\U00016fe4"
)


def is_seen(letter: str) -> bool:
    """Tell whether a person sees a letter, and takes it for itself."""
    return letter in "\n " or unicodedata.category(letter)[0] in "LNPS"


@pytest.mark.parametrize("letter", HIDDEN, ids=lambda letter: f"U+{ord(letter):04X}")
def test_a_letter_that_hides_is_shown_as_its_number(letter: str) -> None:
    shown = visible(f"to{letter}me")
    assert shown.startswith("to\\")
    assert shown.endswith(f"{ord(letter):x}me")
    assert shown.isascii()
    assert letter not in shown_arguments(json.dumps({letter: letter}, ensure_ascii=False))


def test_no_letter_of_these_kinds_is_left_by_any_number() -> None:
    for start in range(0, 0x110000, 0x100):
        hidden = ""
        for letter in map(chr, range(start, start + 0x100)):
            kind = unicodedata.category(letter)
            if kind in ("Cf", "Cc", "Zl", "Zp", "Cs") and letter not in "\t\n":
                assert readable(letter) != letter, hex(ord(letter))
            if kind[0] in "CZ" and letter not in "\n ":
                hidden += letter
        assert not set(hidden) & set(visible(hidden)), hex(start)


def test_words_of_all_scripts_stay() -> None:
    for words in ("Żółć", "Привет", "你好", "नमस्ते क्षत्रिय", "שָׁלוֹם", "مرحبا", "สวัสดีที่นี่", "🎉 €5"):
        assert visible(words) == words
    joined = "می‌خواهم क्‍ष 👨‍👩‍👧 ❤️ 1️⃣ ↔️"
    assert readable(joined) == joined
    # In pieces as well, as an answer comes.
    pieces = [
        readable(letter, before) for before, letter in zip(" " + joined, joined, strict=False)
    ]
    assert "".join(pieces) == joined


def test_joiners_and_pictures_hide_nothing_in_prose() -> None:
    assert readable("a\u200db\u200cc\ufe0f") == "a\\u200db\\u200cc\\ufe0f"
    assert readable("👩" + "\u200d" * 3) == "👩\u200d\\u200d\\u200d"
    assert readable("❤" + "\ufe0f" * 3) == "❤\ufe0f\\ufe0f\\ufe0f"


@pytest.mark.parametrize("base", ["e", " ", '"', "", "\n", "-"])
def test_marks_are_not_piled_up_and_have_a_letter_below(base: str) -> None:
    shown = visible(base + "\u0301" * 20 + "x")
    assert shown.count("\u0301") == (3 if base == "e" else 0)
    assert shown.count("\\u0301") == (17 if base == "e" else 20)


@pytest.mark.parametrize(
    "arguments",
    [
        {"to": "me@example.com", "text": "Dentist on Friday"},
        {"to": "\u202emoc.elpmaxe@em", "to\u200b": "evil@attacker.example"},
        {letter: letter * 3 for letter in HIDDEN},
        {"a\\u202e": "\\u202e", "quote": '"\\"', "lines": "one\ntwo\r\n\ttabs", "nul": "\0\x1b"},
        {"zalgo": "e" + "\u0301" * 50, "אב": "גד", "n": [1, 2.5, -1e30, True, None, {}, []]},
        {},
    ],
)
def test_what_is_shown_is_json_and_says_what_is_sent(arguments: dict[str, object]) -> None:
    for sent in (
        json.dumps(arguments),
        json.dumps(arguments, ensure_ascii=False),
        json.dumps(arguments, indent=7),
    ):
        for in_lines in (True, False):
            shown = shown_arguments(sent, in_lines=in_lines)
            assert json.loads(shown) == arguments
            # Marks stand on letters: no letter beside them has another category.
            assert all(is_seen(one) or unicodedata.combining(one) for one in shown)


def test_of_a_key_that_is_there_twice_the_one_that_counts_is_shown() -> None:
    sent = '{"to": "me@example.com", "to": "evil@attacker.example"}'
    assert shown_arguments(sent, in_lines=False) == '{"to": "evil@attacker.example"}'
    assert json.loads(sent) == json.loads(shown_arguments(sent))


def test_nothing_stands_between_the_values() -> None:
    sent = '{"a": 1,' + "\n" * 500 + '"b": 2' + " " * 500 + "}"
    assert shown_arguments(sent, in_lines=False) == '{"a": 1, "b": 2}'


@pytest.mark.parametrize("sent", ["[1]", "nothing", '{"a": ', "[" * 100_000, '{"a":' * 500])
def test_what_no_tool_gets_is_shown_as_it_came(sent: str) -> None:
    assert laid_out(sent) is None
    assert shown_arguments(sent) == sent


def test_none_and_arguments_written_twice_are_shown_as_the_tool_gets_them() -> None:
    assert shown_arguments("") == "{}"
    assert shown_arguments(json.dumps('{"a":1}'), in_lines=False) == '{"a": 1}'


@pytest.mark.parametrize(
    ("letter", "shown"),
    [
        ("\x1b", "\\x1b"),
        ("\xad", "\\xad"),
        ("\u0100\u200b", "\u0100\\u200b"),
        ("\u202e", "\\u202e"),
        ("\ufeff", "\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_an_escape_has_as_many_digits_as_its_number_needs(letter: str, shown: str) -> None:
    assert visible(f"a{letter}b") == f"a{shown}b"


def test_arguments_are_laid_out_in_lines_or_in_one() -> None:
    assert laid_out('{"a":1,"a":2}') == '{\n  "a": 2\n}'
    assert laid_out('{"a":"ä"}', in_lines=False) == '{"a": "ä"}'
    assert laid_out("[1]") is None
    assert laid_out("{") is None
    assert shown_arguments('{"a":"\u202e"}') == '{\n  "a": "\\u202e"\n}'
    assert shown_arguments('{"a":"\u202e"}', in_lines=False) == '{"a": "\\u202e"}'
    assert shown_arguments("{\u202e") == "{\\u202e"


@pytest.mark.parametrize(
    ("text", "shown", "in_json"),
    [
        ("\x00", "\\x00", "\\u0000"),
        ("\x7f", "\\x7f", "\\u007f"),
        ("\xff", "\xff", "\xff"),
        ("\u0100", "\u0100", "\u0100"),
        ("\xa0", "\\xa0", "\\u00a0"),
        ("\ufeff", "\\ufeff", "\\ufeff"),
        ("\U00010000", "\U00010000", "\U00010000"),
        ("\U000e0001", "\\U000e0001", "\\udb40\\udc01"),
        ("\U0010ffff", "\\U0010ffff", "\\udbff\\udfff"),
        ("a\u0301\u0301\u0301", "a\u0301\u0301\u0301", "a\u0301\u0301\u0301"),
        ("a\u0301\u0301\u0301\u0301", "a\u0301\u0301\u0301\\u0301", None),
        ("\u0301", "\\u0301", None),
        ("-\u0301", "-\\u0301", None),
        ("ä\u0301", "ä\u0301", None),
        ("ä\u200b\u0301", "ä\\u200b\\u0301", None),
    ],
)
def test_every_letter_is_seen_or_written_out(text: str, shown: str, in_json: str | None) -> None:
    assert visible(text) == shown
    if in_json is not None:
        assert visible_json(text) == in_json
