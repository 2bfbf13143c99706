"""Finds words in the documents of a chat. Pure."""

import asyncio
import math
from collections.abc import Mapping
from heapq import nsmallest
from typing import NamedTuple

from ....documents.places import Place, first_line, places_of
from ....history.search import Query, fold

_MOST_HITS = 12
_MOST_WORDS = 20
# What is told of a place, around what was found there.
_BEFORE, _SHOWN = 160, 480
# Looked at for the best spot of a place.
_MOST_SPOTS = 60
# Characters, and places, between two looks at what else the page has to do.
_AT_ONCE = 40_000
_A_PLACE = 40


class Hit(NamedTuple):
    """A place where words were found; `number` counts the places of its file from 1. `line` is
    the one with most of the words, as its place numbers them; 0 where only the place's name fits.
    """

    file: str
    number: int
    place: str
    line: int
    snippet: str


class Found(NamedTuple):
    """The best places, and how many there are."""

    hits: list[Hit]
    all_hits: int


class _Candidate(NamedTuple):
    """A place with some of the words, how often it has each, and whether all in a row."""

    file: str
    number: int
    place: Place
    counts: list[int]
    has_phrase: bool


async def search(files: Mapping[str, str], words: str) -> Found:
    """Find the places that have most of the words, and the rarer ones first; those that have them
    one behind the other before all others. The page goes on meanwhile.
    """
    query = Query(" ".join(words.split()[:_MOST_WORDS]))
    phrase = fold(" ".join(words.split()))
    found: list[_Candidate] = []
    places = work = 0
    for name, text in files.items():
        for number, place in enumerate(places_of(text), start=1):
            folded = fold(f"{place.name} {' '.join(place.text.split())}")
            counts = [folded.count(word) for word in query.words]
            if any(counts):
                has_phrase = len(counts) > 1 and phrase in folded
                found.append(_Candidate(name, number, place, counts, has_phrase))
            places += 1
            work += len(folded) + _A_PLACE
            if work > _AT_ONCE:
                work = 0
                await asyncio.sleep(0)
    having = [sum(map(bool, counts)) for counts in zip(*(one.counts for one in found), strict=True)]
    rarity = [math.log(1 + places / (1 + count)) for count in having]

    def rank(one: _Candidate) -> float:
        # The tenth time a word comes says little more than the second.
        each = zip(rarity, one.counts, strict=True)
        score = sum(rare * (1 + n / (n + 2)) for rare, n in each if n)
        return -score * (3 if one.has_phrase else 1)

    return Found([_hit(query, one) for one in nsmallest(_MOST_HITS, found, rank)], len(found))


def _hit(query: Query, one: _Candidate) -> Hit:
    """The place, with the text around the spot with most of the words, on one line."""
    text = one.place.text
    spots = query.places(text)[:_MOST_SPOTS]
    words = [fold(text[start:end]) for start, end in spots]

    def found_from(first: int) -> dict[int, set[str]]:
        """The words that a snippet from this spot on would show, by the lines that have them."""
        found: dict[int, set[str]] = {}
        end = spots[first][0] + _SHOWN - _BEFORE
        for (start, _), word, line in zip(spots[first:], words[first:], lines[first:], strict=True):
            if start < end:
                found.setdefault(line, set()).add(word)
        return found

    spot = line = 0
    if spots:
        lines = [text.count("\n", 0, start) for start, _ in spots]
        from_each = [found_from(at) for at in range(len(spots))]
        best = max(
            range(len(spots)), key=lambda at: (len(set().union(*from_each[at].values())), -at)
        )
        spot = spots[best][0]
        line = max(from_each[best].items(), key=lambda found: (len(found[1]), -found[0]))[0]
        line += first_line(one.place)
    begin = max(0, spot - _BEFORE)
    cut = " ".join(text[begin : begin + _SHOWN].split())
    snippet = f"{'…' if begin else ''}{cut}{'…' if begin + _SHOWN < len(text) else ''}"
    return Hit(one.file, one.number, one.place.name, line, snippet)
