"""Has a screen reader read an answer while it is written, a whole sentence at a time.

Off unless a person wants it: a region that grows with every token would be read over and over.
"""

from collections.abc import Sequence

from js import document

from ....core.events import ContentDelta, Event, StepReset
from ...markdown.spoken_text import Sentences
from ...web.dom import find
from ..live_answer import LiveAnswer
from . import words

# What has been read stays for a while: some screen readers lag behind.
_KEPT = 20


class Reading:
    """Fills the region. `is_on` is the person's choice; an answer is read from there on."""

    def __init__(self) -> None:
        self.is_on = False
        self._region = find("reading")
        self._read: LiveAnswer | None = None
        self._sentences = Sentences(words.CODE_FOLLOWS)

    def take(self, live: LiveAnswer, batch: Sequence[Event]) -> None:
        """Read the whole sentences of this batch."""
        if not self.is_on:
            return
        if live is not self._read:
            self.clear()
            self._read = live
        for event in batch:
            if isinstance(event, ContentDelta):
                self._say(self._sentences.feed(event.text))
            elif isinstance(event, StepReset):
                self._sentences = Sentences(words.CODE_FOLLOWS)

    def finish(self, live: LiveAnswer) -> None:
        """Read the rest of it."""
        if live is self._read:
            self._say(self._sentences.close())
            self._read = None

    def clear(self) -> None:
        """Forget the sentences read, as another chat is shown."""
        self._read = None
        self._sentences = Sentences(words.CODE_FOLLOWS)
        self._region.replaceChildren()

    def _say(self, sentences: Sequence[str]) -> None:
        for sentence in sentences:
            line = document.createElement("p")
            line.textContent = sentence
            self._region.append(line)
        while self._region.childElementCount > _KEPT:
            self._region.firstElementChild.remove()
