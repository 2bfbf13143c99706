"""Cutting text on its way: what each strategy lets out, and that nothing is held for ever."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import events as ev
from app.core.text.batching import (
    CAP,
    Strategy,
    batched,
    batched_events,
    every,
    first_of,
    immediate,
    punctuation,
    words,
)


async def each(items: Sequence[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


async def cut(strategy: Strategy, *fragments: str, cap: int = CAP) -> list[str]:
    return [text async for text in batched(each(fragments), strategy, cap=cap)]


@pytest.mark.parametrize(
    ("strategy", "pieces"),
    [
        (immediate, ["He", "llo, wo", "rld. Pi is 3", ".14", "!\nBye", " now"]),
        (words, ["Hello, ", "world. Pi is ", "3.14!\n", "Bye ", "now"]),
        (punctuation, ["Hello,", " world.", " Pi is 3.14!\n", "Bye now"]),
        (every(2), ["Hello, wo", "rld. Pi is 3.14", "!\nBye now"]),
        (
            first_of(punctuation, every(3)),
            ["Hello,", " world. Pi is 3", ".14!\n", "Bye now"],
        ),
    ],
    ids=["immediate", "words", "punctuation", "every", "first_of"],
)
async def test_strategies(strategy: Strategy, pieces: list[str]) -> None:
    fragments = ["He", "llo, wo", "rld. Pi is 3", ".14", "!\nBye", " now"]
    assert await cut(strategy, *fragments) == pieces


async def test_phrases_in_chinese_and_in_quotation_marks() -> None:
    assert await cut(punctuation, "你好，", "世界。再", "见") == ["你好，", "世界。", "再见"]
    assert await cut(punctuation, "“Yes.” ", "he said") == ["“Yes.”", " he said"]


async def test_text_without_an_end_is_not_held_for_ever() -> None:
    pieces = await cut(words, *["x"] * (3 * CAP + 1))
    assert [len(piece) for piece in pieces] == [CAP, CAP, CAP, 1]


@pytest.mark.parametrize("strategy", [immediate, words, punctuation, every(3)])
@given(fragments=st.lists(st.text("ab .,\n。"), max_size=20))
def test_nothing_is_lost_or_moved(strategy: Strategy, fragments: list[str]) -> None:
    async def whole() -> str:
        return "".join(await cut(strategy, *fragments))

    coroutine = whole()
    with pytest.raises(StopIteration) as ended:  # it never waits for anything
        coroutine.send(None)
    assert ended.value.value == "".join(fragments)


async def test_other_events_let_out_what_is_held() -> None:
    text = ev.ContentDelta
    batches = [[text("one t"), text("wo")], [ev.Heartbeat()], [text(" thr"), ev.Done("complete")]]
    assert [batch async for batch in batched_events(each(batches), words)] == [
        [text("one ")],
        [text("two"), ev.Heartbeat()],
        [text(" "), text("thr"), ev.Done("complete")],
    ]


async def test_a_source_that_ends_without_done_is_flushed() -> None:
    batches = [[ev.ContentDelta("one")]]
    given = [batch async for batch in batched_events(each(batches), words)]
    assert given == [[ev.ContentDelta("one")]]


async def test_at_most_the_cap_is_held() -> None:
    """One letter less is; with it all goes out, also where the strategy lets only some of it."""
    assert await cut(words, "a" * 9, "b", cap=10) == ["a" * 9 + "b"]
    assert await cut(words, "a" * 9, " ", cap=11) == ["a" * 9 + " "]
    assert await cut(words, "a b", "c" * 9, "d", cap=11) == ["a ", "b" + "c" * 9 + "d"]
    assert await cut(words, "a" * 999, "b c") == ["a" * 999 + "b ", "c"]
    assert await cut(words, "a" * 1000, "b") == ["a" * 1000, "b"]


async def test_every_so_many_fragments_and_the_first_of_two_strategies() -> None:
    fragments = ["a", "b", "c d", "e", "f"]
    assert await cut(every(2), *fragments) == ["ab", "c de", "f"]
    assert await cut(first_of(words, every(2)), *fragments) == ["ab", "c ", "de", "f"]
    assert await cut(immediate, *fragments) == fragments
    assert await cut(every(2)) == []
