"""Secrets hidden in events as they come, also one that comes in pieces."""

import msgspec

from .. import events as ev
from ..messages import Usage
from .secrets import Secrets

_DELTAS = (ev.ContentDelta, ev.ReasoningDelta, ev.RefusalDelta, ev.ToolCallDelta)
# Events that may come between two pieces of one text.
_BETWEEN = (ev.Heartbeat, Usage, ev.MessageStart)


# A shorter end does not wait: of nearly every text the last letter may be the first one of a
# secret, and where a model pauses its last word would stand without it.
_LEAST_HELD = 4


class Hiding:
    """Cleans the events of one answer. The end of a text that may be the beginning of a secret
    waits until it is known what follows.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._has_any = bool(secrets)
        # In what a model says, a word that somebody uses as a key stays a word.
        self._in_prose = secrets.in_prose()
        # The possible beginning of a secret, and how much of it was given out already.
        self._begun: ev.Event | None = None
        self._given = 0

    def cleaned(self, events: list[ev.Event]) -> list[ev.Event]:
        """Give the next events as they may be seen; held text comes with later ones."""
        if not self._has_any:
            return events
        out: list[ev.Event] = []
        for event in events:
            kind = type(event.event if type(event) is ev.Alternative else event)
            if kind in _DELTAS and getattr(event, "extra", None) is None:
                self._take(event, out)
            else:
                if kind not in _BETWEEN:
                    out += self.rest()
                out.append(self._secrets.cleaned(event))
        return out

    def rest(self) -> list[ev.Event]:
        """Give the events still held back."""
        begun, self._begun = self._begun, None
        held = "" if begun is None else _text(begun)[self._given :]
        return [_with_text(begun, held)] if begun is not None and held else []

    def _take(self, event: ev.Event, out: list[ev.Event]) -> None:
        text = _text(event)
        if self._begun is None and not self._in_prose.may_begin_in(text):
            out.append(event)
            return
        given = ""
        if self._begun is not None and _with_text(self._begun, text) == event:
            begun = _text(self._begun)
            given = begun[: self._given]
            text = begun + text
            self._begun = None
        out += self.rest()
        text = self._in_prose.clean(text)
        # If a secret began in text that was given out, the rest of it is hidden.
        start = next((n for n, letter in enumerate(given) if text[n : n + 1] != letter), len(given))
        begins = len(text) - self._in_prose.begun(text)
        end = begins if len(text) - begins >= _LEAST_HELD else len(text)
        end = max(start, end)
        if (said := text[start:end]) == _text(event):
            out.append(event)
        elif said:
            out.append(_with_text(event, said))
        if begins < len(text):
            self._begun = _with_text(event, text[begins:])
            self._given = end - begins


def _text(event: ev.Event) -> str:
    if isinstance(event, ev.Alternative):
        return _text(event.event)
    return event.arguments if isinstance(event, ev.ToolCallDelta) else event.text  # type: ignore


def _with_text(event: ev.Event, text: str) -> ev.Event:
    """The same event with another text."""
    if isinstance(event, ev.Alternative):
        return ev.Alternative(event.choice, _with_text(event.event, text))  # type: ignore[arg-type]
    field = "arguments" if isinstance(event, ev.ToolCallDelta) else "text"
    return msgspec.structs.replace(event, **{field: text})
