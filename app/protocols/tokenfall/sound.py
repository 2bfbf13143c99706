"""The events of any program as everybody can read them, who gets them as JSON."""

import msgspec

from ...core.events import ContentDelta, Event, Heartbeat
from ...core.json_values import loses_numbers, plain, said
from ...core.nesting import is_too_deep, nests_too_deep
from ..tolerant import whole_characters

_EVENT: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class Sound:
    """Makes the events of one answer such: what JSON can't hold is marked, all else stays."""

    def __init__(self) -> None:
        # Half a character, whose other half may come next.
        self._half = ""

    def events(self, batch: list[Event]) -> list[Event]:
        """Give these events, as they are where nothing is the matter with them."""
        out: list[Event] = []
        for event in batch:
            if type(event) is ContentDelta and isinstance(event.text, str):
                text, self._half = whole_characters(self._half + event.text)
                if text:
                    out.append(event if text == event.text else ContentDelta(text))
                continue
            if self._half and not isinstance(event, Heartbeat):
                self._half = ""
                out.append(ContentDelta("\ufffd"))
            out.append(_sound(event))
        return out


def _sound(event: Event) -> Event:
    data = _readable(event)
    if data is not None and not loses_numbers(event, data):
        return event
    made: Event = plain(event)
    if _readable(made) is not None:
        return made
    return event if data is not None else ContentDelta(f"\n\n{said(event)}\n\n")


def _readable(event: Event) -> bytes | None:
    """Write an event; None where nobody could read it."""
    if nests_too_deep(event):
        return None
    try:
        data = msgspec.json.encode(event)
        if is_too_deep(data):  # what it encodes of its own, as a `Raw`
            return None
        _EVENT.decode(data)
    except Exception:
        return None
    return data
