"""`<think>…</think>` at the head of an answer is reasoning: the way of models whose server does not
tell the two apart.

Only where the tag leads the answer, so that prose about the tag stays prose. A tag that may be
arriving in pieces is held back, never more than the length of the tag.
"""

from typing import Literal

_OPEN = "<think>"
_CLOSE = "</think>"

# White space before the tag: some templates write a line end or two.
_MAX_WHITE_SPACE = 16


class ThinkTags:
    """Splits one answer's text into reasoning and content."""

    def __init__(self) -> None:
        self._state: Literal["before", "inside", "after"] = "before"
        self._held = ""

    @property
    def is_over(self) -> bool:
        """Whether all that follows is content, so that `feed` need not be asked."""
        return self._state == "after"

    def feed(self, text: str) -> tuple[str, str]:
        """Take the next fragment; return what is certain of it: reasoning, then content."""
        text = self._held + text
        self._held = ""
        reasoning = ""
        if self._state == "before":
            start = text.lstrip()
            is_undecided = _OPEN.startswith(start) and start != _OPEN
            if is_undecided and len(text) - len(start) <= _MAX_WHITE_SPACE:
                self._held = text
                return "", ""
            if not start.startswith(_OPEN):
                self._state = "after"
                return "", text
            self._state = "inside"
            text = start[len(_OPEN) :]
        if self._state == "inside":
            reasoning, tag, rest = text.partition(_CLOSE)
            if tag:
                self._state = "after"
                return reasoning, rest
            keep = _overlap(reasoning, _CLOSE)
            self._held = reasoning[len(reasoning) - keep :]
            return reasoning[: len(reasoning) - keep], ""
        return "", text

    def close(self) -> tuple[str, str]:
        """Take the end of the answer; return what was held back: reasoning, content."""
        held, self._held = self._held, ""
        return (held, "") if self._state == "inside" else ("", held)


def _overlap(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    for length in range(min(len(text), len(tag) - 1), 0, -1):
        if tag.startswith(text[len(text) - length :]):
            return length
    return 0
