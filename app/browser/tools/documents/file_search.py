"""Finds words in the documents of a chat. Pure."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ....documents.places import Place
from ....history.search import Query, fold

_MOST_HITS = 12
_MOST_WORDS = 20
# What is told of a place, around what was found there.
_BEFORE, _SHOWN = 160, 480
# Looked at for the best spot of a place.
_MOST_SPOTS = 60
# Characters between two looks at what else the page has to do.
_AT_ONCE = 40_000


class Hit(NamedTuple):
    """A place where words were found; `number` counts the places of its file from 1."""

    file: str
    number: int
    place: str
    snippet: str


class Found(NamedTuple):
    """The best places, and how many there are."""

    hits: list[Hit]
    all_hits: int


async def search(files: Mapping[str, Sequence[Place]], words: str) -> Found:
    """Find the places that have most of the words, and the rarer ones first; those that have them
    one behind the other before all others. The page goes on meanwhile.
    """
    query = Query(" ".join(words.split()[:_MOST_WORDS]))
    phrase = fold(" ".join(words.split()))
    texts: list[tuple[str, int, Place, str]] = []
    size = 0
    for name, places in files.items():
        for number, place in enumerate(places, start=1):
            texts.append(
                (name, number, place, fold(f"{place.name} {' '.join(place.text.split())}"))
            )
            size += len(place.text)
            if size > _AT_ONCE:
                size = 0
                await asyncio.sleep(0)
    rarity = {
        word: math.log(1 + len(texts) / (1 + sum(word in text for *_, text in texts)))
        for word in query.words
    }
    scored = []
    for at, (_, _, _, text) in enumerate(texts):
        counts = {word: text.count(word) for word in query.words}
        # The tenth time a word comes says little more than the second.
        score = sum(rarity[word] * (1 + n / (n + 2)) for word, n in counts.items() if n)
        if score:
            has_phrase = len(query.words) > 1 and phrase in text
            scored.append((-score * (3 if has_phrase else 1), at))
    best = [texts[at] for _, at in sorted(scored)[:_MOST_HITS]]
    hits = [Hit(name, n, place.name, _snippet(query, place.text)) for name, n, place, _ in best]
    return Found(hits, len(scored))


def _snippet(query: Query, text: str) -> str:
    """The text around the spot with most of the words, on one line."""
    line = " ".join(text.split())
    spots = query.places(line)[:_MOST_SPOTS]
    words = [fold(line[start:end]) for start, end in spots]

    def found_from(first: int) -> int:
        end = spots[first][0] + _SHOWN - _BEFORE
        return len(
            {
                word
                for (start, _), word in zip(spots[first:], words[first:], strict=True)
                if start < end
            }
        )

    best = max(range(len(spots)), key=lambda at: (found_from(at), -at), default=None)
    begin = 0 if best is None else max(0, spots[best][0] - _BEFORE)
    cut = line[begin : begin + _SHOWN]
    return f"{'…' if begin else ''}{cut}{'…' if begin + _SHOWN < len(line) else ''}"
