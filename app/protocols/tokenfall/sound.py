"""Values and events of any program as JSON: what it can't hold is marked, all else stays."""

import json
import math
from collections.abc import Callable
from typing import Any

import msgspec

from ...core.events import ContentDelta, Event, Heartbeat
from ...core.nesting import is_too_deep, nests_too_deep
from ..tolerant import clean, whole_characters

# What a value in a value in … is not shown any more; whoever reads JSON of ours stops later.
_MOST_DEPTH = 100
_MOST_CHARACTERS = 20_000
_HOLDS_ITSELF = "(holds itself)"
_EVENT: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def json_text(value: Any) -> str:
    """Write any value as JSON."""
    try:
        if not nests_too_deep(value):
            return str(clean(json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)))
    except Exception:  # a key, a number, or the text that an object gives of itself
        pass
    return json.dumps(plain(value), ensure_ascii=False, default=_said)


def plain(value: Any, holders: tuple[int, ...] = ()) -> Any:
    """The same value, of what JSON and the records of ours can hold."""
    match value:
        case None | bool():
            return value
        case str():
            return clean(str(value))
        case int() if value.bit_length() <= 64:
            return value
        case float() if math.isfinite(value):
            return value
        case dict() | list() | tuple() | msgspec.Struct():
            if id(value) in holders:
                return _HOLDS_ITSELF
            if len(holders) >= _MOST_DEPTH:
                return _said(value)
            return _container(value, lambda one: plain(one, (*holders, id(value))))
    return _said(value)


def _container(value: Any, inner: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for key, one in value.items():
            name = clean(key) if isinstance(key, str) else _said(key)
            while name in found:  # two keys that differ in what can't be written
                name += "′"
            found[name] = inner(one)
        return found
    if isinstance(value, msgspec.Struct):
        fields = {name: inner(one) for name, one in msgspec.structs.asdict(value).items()}
        return msgspec.structs.replace(value, **fields)
    items = [inner(one) for one in value]
    return tuple(items) if isinstance(value, tuple) else items


def _said(value: Any) -> str:
    """Text that Python makes of a value, also of one that it can make none of."""
    if nests_too_deep(value):
        return f"<{type(value).__name__} object, nested too deep>"
    try:
        text = repr(value)
    except Exception as error:
        kind = type(value).__name__
        if isinstance(value, int):
            return f"<int of {value.bit_length():,} bits>"
        return f"<{kind} object, whose repr raised {type(error).__name__}>"
    more = len(text) - _MOST_CHARACTERS
    return str(
        clean(f"{text[:_MOST_CHARACTERS]}… ({more:,} characters more)" if more > 0 else text)
    )


class Sound:
    """Makes the events of one answer such as everybody can read, who gets them as JSON."""

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
    if _is_readable(event):
        return event
    made: Event = plain(event)
    return made if _is_readable(made) else ContentDelta(f"\n\n{_said(event)}\n\n")


def _is_readable(event: Event) -> bool:
    if nests_too_deep(event):
        return False
    try:
        data = msgspec.json.encode(event)
        if is_too_deep(data):  # what it encodes of its own, as a `Raw`
            return False
        _EVENT.decode(data)
    except Exception:
        return False
    return True
