"""An answer's text on its way from the wire to events, for protocols that send it in fragments."""

import msgspec

from ..core.events import ContentDelta, Event, ReasoningDelta
from ..core.messages import Source
from .think import ThinkTags
from .tolerant import whole_characters


class Characters:
    """Joins characters that a server which counts in UTF-16 cut in two."""

    def __init__(self) -> None:
        self.half = ""

    def feed(self, text: str) -> str:
        """Take the next fragment; return what of it is whole."""
        if not self.half and (text.isascii() or _is_encodable(text)):
            return text
        whole, self.half = whole_characters(self.half + text)
        return whole

    def close(self) -> str:
        """Take the end; return what stands for a half that stayed alone, or nothing."""
        half, self.half = self.half, ""
        return "\ufffd" if half else ""


class AnswerText:
    """One answer's text and reasoning, with a leading `<think>` block told apart, and those of
    other families where `families` says so.
    """

    def __init__(self, *, families: bool = True) -> None:
        self.length = 0  # of the text given out, in characters: where a citation stands
        self.said: list[str] = []  # the text as it came, its `<think>` block too
        self._said_length = 0
        self._think = ThinkTags(families=families)
        self._text = Characters()
        self._reasoning = Characters()

    def read(self, text: str, out: list[Event]) -> None:
        """Append the events of a fragment of text."""
        if self._text.half or not text.isascii():
            text = self._text.feed(text)
        self.said.append(text)
        self._said_length += len(text)
        if not self._think.is_over:
            reasoning, text = self._think.feed(text)
            if reasoning:
                out.append(ReasoningDelta(reasoning))
        if text:
            self.length += len(text)
            out.append(ContentDelta(text))

    def placed(self, source: Source) -> Source:
        """Give a source its place in the text as shown; it was told by one in the text as it
        came.
        """
        return behind(source, self._said_length - self.length if self._think.is_over else 0)

    def read_reasoning(self, text: str, out: list[Event]) -> None:
        """Append the events of a fragment of reasoning."""
        if self._reasoning.half or not text.isascii():
            text = self._reasoning.feed(text)
        if text:
            out.append(ReasoningDelta(text))

    def settle(self, out: list[Event]) -> None:
        """Append the held text, since something else follows or nothing at all."""
        if reasoning := self._reasoning.close():
            out.append(ReasoningDelta(reasoning))
        if half := self._text.close():
            self.said.append(half)
            self._said_length += len(half)
        reasoning, text = self._think.feed(half) if half else ("", "")
        if not self._think.is_over:
            more, rest = self._think.close()
            reasoning, text = reasoning + more, text + rest
        if reasoning:
            out.append(ReasoningDelta(reasoning))
        if text:
            self.length += len(text)
            out.append(ContentDelta(text))


def behind(source: Source, hidden: int) -> Source:
    """A source whose place was counted from before a block of thoughts that is not in the text,
    `hidden` characters long. One in the block itself has no place.
    """
    if not hidden or source.start is None or source.end is None:
        return source
    if source.start < hidden >= source.end:
        return msgspec.structs.replace(source, start=None, end=None)
    start, end = max(source.start - hidden, 0), source.end - hidden
    return msgspec.structs.replace(source, start=start, end=end)


def _is_encodable(text: str) -> bool:
    """Tell whether a text is free of lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
