"""The shapes of records, and how unusual ones are brought into them.

Records are read by the typed structs here: fast, and strict. Records they refuse are read as plain
dicts and brought into the same structs by `lenient_event`, so what an event *means* is written
once.
"""

from typing import Any

import msgspec

from ..tolerant import as_int, as_json, as_str, as_text, clean


class Delta(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    signature: str | None = None
    citation: Any = None
    content: Any = None  # of a compaction
    encrypted_content: Any = None
    stop_reason: str | None = None
    stop_details: Any = None


class Event(msgspec.Struct):
    """An event of a stream, or a whole response."""

    type: str | None = None
    index: int | None = None
    delta: Delta | None = None
    content_block: Any = None
    message: Any = None
    usage: Any = None
    error: Any = None
    # Of a whole response:
    id: str | None = None
    model: str | None = None
    content: Any = None
    stop_reason: str | None = None
    stop_details: Any = None


EVENT = msgspec.json.Decoder(Event)


def lenient_event(fields: dict[str, Any]) -> Event:
    delta = fields.get("delta")
    return Event(
        type=as_str(fields.get("type")) or None,
        index=as_int(fields.get("index")),
        delta=_lenient_delta(delta) if isinstance(delta, dict) else None,
        content_block=fields.get("content_block"),
        message=fields.get("message"),
        usage=clean(fields.get("usage")),
        error=fields.get("error"),
        id=as_str(fields.get("id")) or None,
        model=as_str(fields.get("model")) or None,
        content=fields.get("content"),
        stop_reason=as_str(fields.get("stop_reason")) or None,
        stop_details=fields.get("stop_details"),
    )


def _lenient_delta(fields: dict[str, Any]) -> Delta:
    fragment = fields.get("partial_json")
    if isinstance(fragment, dict | list):  # the object itself
        fragment = as_json(fragment)
    return Delta(
        type=as_str(fields.get("type")) or None,
        text=as_text(fields.get("text")),
        thinking=as_text(fields.get("thinking")),
        partial_json=as_text(fragment),
        signature=as_text(fields.get("signature")),
        citation=fields.get("citation"),
        content=fields.get("content"),
        encrypted_content=fields.get("encrypted_content"),
        stop_reason=as_str(fields.get("stop_reason")) or None,
        stop_details=fields.get("stop_details"),
    )
