"""Sources of an answer, and the searches that found them, all told at its end."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec

from ...core.messages import ProviderTool, Source
from ..tolerant import as_dict, as_int, as_json, as_list, as_str, clean

_CONTINUATION = bytes(range(0x80, 0xC0))  # bytes of UTF-8 that begin no character


class _Segment(msgspec.Struct, frozen=True):
    """A range of the answer's bytes, and the source used there."""

    start: int | None
    end: int | None
    source: Source


def sources(
    citations: list[dict[str, Any]], groundings: list[dict[str, Any]], text: str
) -> Iterator[Source]:
    """Give each source once; later records repeat those of earlier ones."""
    segments = [*_cited(citations)]
    for grounding in groundings:
        segments += _grounded(grounding)
    characters = _characters_at(segments, text)
    told: set[tuple[str, str, int | None, int | None]] = set()
    for segment in segments:
        source = segment.source
        start, end = characters.get(segment.start or 0), characters.get(segment.end)
        if start is None or end is None or start >= end:
            start = end = None
        key = (source.url, source.title, start, end)
        if key not in told:
            told.add(key)
            yield Source(source.url, source.title, source.quote, start, end)


def _characters_at(segments: list[_Segment], text: str) -> dict[int | None, int]:
    """Places of a text in bytes -> in characters, without those that are not in it."""
    data = text.encode("utf-8", "replace")
    found: dict[int | None, int] = {0: 0}
    count = 0
    wanted = {place for segment in segments for place in (segment.start, segment.end)}
    ordered = sorted(place for place in wanted if place is not None and place > 0)
    for before, place in pairwise([0, *ordered]):
        if place > len(data):
            break
        count += len(data[before:place].translate(None, _CONTINUATION))
        found[place] = count
    return found


def _cited(citations: list[dict[str, Any]]) -> Iterator[_Segment]:
    """Give the sources that the model recited from."""
    for citation in citations:
        source = Source(as_str(citation.get("uri")), as_str(citation.get("title")))
        if source.url or source.title:
            start, end = as_int(citation.get("startIndex")), as_int(citation.get("endIndex"))
            yield _Segment(start, end, source)


def _grounded(grounding: dict[str, Any]) -> Iterator[_Segment]:
    """Give the sources that a search found, with the pieces of the answer that rest on them."""
    chunks = [_chunk_source(as_dict(item)) for item in as_list(grounding.get("groundingChunks"))]
    used: set[int] = set()
    for item in as_list(grounding.get("groundingSupports")):
        segment = as_dict(as_dict(item).get("segment"))
        for number in as_list(as_dict(item).get("groundingChunkIndices")):
            index = as_int(number)
            if index is not None and 0 <= index < len(chunks):
                used.add(index)
                start, end = as_int(segment.get("startIndex")), as_int(segment.get("endIndex"))
                yield _Segment(start, end, chunks[index])
    for index, chunk in enumerate(chunks):
        if index not in used:
            yield _Segment(None, None, chunk)


def _chunk_source(chunk: dict[str, Any]) -> Source:
    """A web page, a place on the map, or a passage of a document, which may have no address."""
    found = next((value for value in chunk.values() if isinstance(value, dict)), {})
    url = as_str(found.get("uri")) or as_str(found.get("sourceUri"))
    title = as_str(found.get("title")) or as_str(found.get("documentName"))
    return Source(url, title or as_str(found.get("fileSearchStore")), as_str(found.get("text")))


def searches(groundings: list[dict[str, Any]], urls: list[Any]) -> Iterator[ProviderTool]:
    """Searches and reads of pages, which the server tells of at the end and never wants back."""
    told: set[str] = set()
    for grounding in groundings:
        if queries := as_list(grounding.get("webSearchQueries")):
            arguments = as_json({"queries": queries})
            if arguments in told:
                continue
            told.add(arguments)
            # To be shown with the answer, says Google.
            suggestions = as_str(as_dict(grounding.get("searchEntryPoint")).get("renderedContent"))
            yield ProviderTool("", "google_search", arguments, suggestions or None)
    if urls:
        pages = {json.dumps(url): clean(url) for url in urls}  # each once
        yield ProviderTool("", "url_context", "", list(pages.values()))
