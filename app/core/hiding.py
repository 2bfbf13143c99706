"""Secrets hidden in events as they come, also one that comes in pieces."""

import msgspec

from . import events as ev
from .messages import Usage
from .secrets import Secrets

_DELTAS = (ev.ContentDelta, ev.ReasoningDelta, ev.RefusalDelta, ev.ToolCallDelta)
# What may come between two pieces of one text.
_BETWEEN = (ev.Heartbeat, Usage, ev.MessageStart)


class Hiding:
    """Cleans the events of one answer. The end of a text that may be the beginning of a secret
    waits until it is known what follows.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        # In what a model says, a word that somebody uses as a key stays a word.
        self._in_prose = secrets.in_prose()
        self._held: ev.Event | None = None

    def cleaned(self, events: list[ev.Event]) -> list[ev.Event]:
        """The next events as they may be seen; what is held back comes with later ones."""
        if not self._secrets:
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
        """What is still held back."""
        held, self._held = self._held, None
        return [] if held is None else [held]

    def _take(self, event: ev.Event, out: list[ev.Event]) -> None:
        text = _text(event)
        if self._held is None and not self._in_prose.may_begin_in(text):
            out.append(event)
            return
        if self._held is not None and _with_text(self._held, text) == event:
            text = _text(self._held) + text
            self._held = None
        out += self.rest()
        text = self._in_prose.clean(text)
        begun = self._in_prose.begun(text)
        said = text[: len(text) - begun]
        if said == _text(event):
            out.append(event)
        elif said:
            out.append(_with_text(event, said))
        if begun:
            self._held = _with_text(event, text[len(said) :])


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
