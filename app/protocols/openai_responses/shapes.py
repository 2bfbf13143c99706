"""The shape of events, and how unusual ones are brought into it.

A record is read by the typed struct here: fast, and strict. A record it refuses is read as a plain
dict and brought into the same struct by `lenient_event`, so what an event *means* is written once.
"""

from typing import Any

import msgspec

from ..tolerant import as_dict, as_int, as_str, as_text, clean


class Event(msgspec.Struct):
    type: str | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None
    summary_index: int | None = None
    delta: str | None = None
    # The piece once more in whole, by the name that it has there:
    text: str | None = None
    refusal: str | None = None
    arguments: str | None = None
    input: str | None = None
    item: dict[str, Any] | None = None
    annotation: dict[str, Any] | None = None
    response: dict[str, Any] | None = None
    partial_image_b64: str | None = None
    output_format: str | None = None


EVENT = msgspec.json.Decoder(Event)


def lenient_event(fields: dict[str, Any]) -> Event:
    def piece(name: str) -> dict[str, Any] | None:
        return as_dict(clean(fields.get(name))) or None

    return Event(
        type=as_str(fields.get("type")),
        output_index=as_int(fields.get("output_index")),
        item_id=as_str(fields.get("item_id")),
        content_index=as_int(fields.get("content_index")),
        summary_index=as_int(fields.get("summary_index")),
        delta=as_text(fields.get("delta")),
        text=clean(as_text(fields.get("text"))),
        refusal=clean(as_text(fields.get("refusal"))),
        arguments=clean(as_text(fields.get("arguments"))),
        input=clean(as_text(fields.get("input"))),
        item=piece("item"),
        annotation=piece("annotation"),
        response=piece("response"),
        partial_image_b64=as_str(fields.get("partial_image_b64")),
        output_format=as_str(fields.get("output_format")),
    )
