"""The code in the arguments of a call, as it comes."""

import json

import pytest

from app.browser.conversation.answer.code_argument import CodeArgument

CODE = 'print("é😀\\n\t")\n# \\u00e9 /\x08\x0c\r\nx = "\u2028" + \'\\\\\''


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_each_letter_comes_once_whatever_the_cut(size: int, ascii_only: bool) -> None:
    text = json.dumps({"code": CODE}, ensure_ascii=ascii_only)
    argument = CodeArgument(100_000)
    pieces = [argument.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert "".join(pieces) == CODE
    if size == 1:
        assert sum(map(bool, pieces)) > 20


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", '{"other": "x"}', '{"code": 7}', "x" * 5000, '{"code', '{"code": "'],
)
def test_what_has_no_code_gives_none(text: str) -> None:
    assert CodeArgument(100_000).feed(text) == ""


def test_half_of_a_pair_that_stays_alone_is_shown_as_one_that_cannot_be() -> None:
    argument = CodeArgument(100_000)
    assert argument.feed('{"code": "a\\ud83d') == "a"
    assert argument.feed("b") == "\N{REPLACEMENT CHARACTER}b"
    assert argument.feed('", "more": "c"}') == ""


@pytest.mark.parametrize("letter", ["a", "\n", "é", "😀", "\\"])
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("size", [1, 5, 10_000])
@pytest.mark.parametrize("count", [99, 100, 101, 5_000])
def test_not_more_is_read_than_is_shown(
    letter: str, ascii_only: bool, size: int, count: int
) -> None:
    text = json.dumps({"code": letter * count}, ensure_ascii=ascii_only)
    argument = CodeArgument(100)
    given = "".join(argument.feed(text[at : at + size]) for at in range(0, len(text), size))
    assert given == letter * min(count, 100)
    assert argument.is_cut == (count > 100)


def test_many_fragments_cost_no_more_than_their_letters() -> None:
    argument = CodeArgument(100_000)
    argument.feed('{"code": "')
    assert "".join(argument.feed("x\\n") for _ in range(50_000)) == "x\n" * 50_000
