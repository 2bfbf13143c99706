"""Whole sentences of a text that streams, for reading aloud. Pure."""

import re

# The end of a sentence or a line. What may follow the stop belongs to it, and only what follows
# that tells it from "3.5" and "e.g.,".
_END = re.compile(r"""\n|[.!?…]["'”’»)\]*_]*(?=\s)|[。！？][”’」』]*""")
_FENCE = re.compile(r"\s*(```|~~~)")
# Marks at the beginning of a line: headings, quotes, lists, the frame of a table.
_HEAD = re.compile(r"^(?:\s*(?:#{1,6}|>|[-*+]|\|)(?=\s|$))+\s*")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
# Tags that are drawn, and what makes a quote a callout.
_TAGS = re.compile(r"</?(?:sub|sup|kbd|mark|u|s|details|summary)(?: open)?>", re.IGNORECASE)
_CALLOUT = re.compile(r"^\[!([A-Za-z]+)\]")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_MARKS = re.compile(r"\*\*|__|~~|`|(?<!\w)[*_]|[*_](?!\w)")
# A text without any end is cut at a space, in characters.
_LONGEST = 400


class Sentences:
    """Takes text as it comes; its cost depends on the new text, not on the whole. Code is left out
    but for a mention.
    """

    def __init__(self, code: str) -> None:
        self._code = code  # what is said in place of a block of code
        self._open = ""
        self._looked = 0
        self._is_code = False

    def feed(self, text: str) -> list[str]:
        """The sentences that are whole now, without marks."""
        self._open += text
        found: list[str] = []
        start = 0
        for end in _END.finditer(self._open, self._looked):
            found += self._said(self._open[start : end.end()])
            start = end.end()
        self._open = self._open[start:]
        if len(self._open) > _LONGEST and (cut := self._open.rfind(" ")) > 0:
            found += self._said(self._open[:cut])
            self._open = self._open[cut:]
        # A possible end is looked at again once more has come.
        self._looked = max(len(self._open) - 4, 0)
        return found

    def close(self) -> list[str]:
        """Give the rest: nothing follows."""
        rest, self._open, self._looked = self._open, "", 0
        found = self._said(rest)
        self._is_code = False
        return found

    def _said(self, text: str) -> list[str]:
        if _FENCE.match(text):
            self._is_code = not self._is_code
            return [self._code] if self._is_code else []
        if self._is_code:
            return []
        text = _CALLOUT.sub(r"\1", _HEAD.sub("", text))
        text = _TAGS.sub("", _BREAK.sub(" ", _LINK.sub(r"\1", text)))
        text = _MARKS.sub("", text).replace("|", " ")
        text = " ".join(text.split())
        return [text] if any(one.isalnum() for one in text) else []
