"""ChatGPT's canvas: documents that a model writes and rewrites by calls, as a reader sees them.

An edit is carried out where it says all that it does: a new text for the whole, or for words that
stand there. Patterns are not run: one that a stranger wrote may take for ever.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...core.messages import Part, Text, ToolCall
from .fields import CANVAS_EDITS, decoded, dict_of, dicts_of, text_of
from .talk import Said

_CREATE, _UPDATE = "canmore.create_textdoc", "canmore.update_textdoc"
_ALL = (".*", "^.*$", "(?s).*", "[\\s\\S]*")
_SIGNS = re.compile(r"\\(\W)|([\\.^$*+?{}\[\]|()])")
# Each edit gives the whole document anew. More than this, of documents and of what edits go
# through, is no conversation's.
_MOST_CHARACTERS = 10_000_000
_MOST_READ = 100_000_000


class _Document(NamedTuple):
    written: str
    kind: str


class _Left:
    """Room that the documents of a conversation may still take."""

    def __init__(self) -> None:
        self.characters = _MOST_CHARACTERS
        self.read = _MOST_READ


def unfold(said: list[Said], left_out: Counter[str]) -> None:
    """Put each document before the call that wrote or edited it; edits that can't be carried out
    are counted, and stay calls.
    """
    by_id = {one.id: one for one in said}
    known: dict[str, _Document | None] = {}
    left = _Left()
    for one in said:
        way: list[Said] = []
        at: Said | None = one
        while at is not None and at.id not in known:
            known[at.id] = None  # so that a circle ends
            way.append(at)
            at = by_id.get(at.parent)
        document = known[at.id] if at is not None else None
        for each in reversed(way):
            call = next((part for part in each.parts if isinstance(part, ToolCall)), None)
            if call is not None and call.name in (_CREATE, _UPDATE):
                edited = _after(call, document, left)
                if edited is not None:
                    document = edited
                    left.characters -= len(edited.written)
                    each.parts[:0] = _shown(edited)
                else:
                    left_out[CANVAS_EDITS] += call.name == _UPDATE
            known[each.id] = document


def _after(call: ToolCall, document: _Document | None, left: _Left) -> _Document | None:
    """The document that a call leaves; None where that can't be told."""
    told = _arguments(call)
    if call.name == _CREATE:
        written = text_of(told.get("content"))
        return _Document(written, text_of(told.get("type"))) if written else None
    updates = dicts_of(told.get("updates"))
    if document is None or not updates:
        return None
    written = document.written
    for update in updates:
        left.read -= len(written)
        changed = _changed(written, update, left.characters) if left.read >= 0 else None
        if changed is None:
            return None
        written = changed
    return document._replace(written=written)


def _arguments(call: ToolCall) -> Mapping[str, Any]:
    try:
        return dict_of(decoded(call.arguments.encode("utf-8", "replace")))
    except ValueError:
        return {}


def _changed(written: str, update: Mapping[str, Any], room: int) -> str | None:
    pattern, new = text_of(update.get("pattern")), update.get("replacement")
    if not pattern or not isinstance(new, str):
        return None
    if pattern in _ALL:
        return new if len(new) <= room else None
    old = _literal(pattern)
    if not old or old not in written:
        return None
    count = written.count(old) if update.get("multiple") is True else 1
    if len(written) + count * (len(new) - len(old)) > room:
        return None
    return written.replace(old, new, count)


def _literal(pattern: str) -> str:
    """The words that a pattern without any choice fits; empty where it has some."""
    if any(sign[2] for sign in _SIGNS.finditer(pattern)):
        return ""
    return _SIGNS.sub(r"\1", pattern)


def _shown(document: _Document) -> list[Part]:
    """Prose, or code in a fence."""
    written, kind = document
    if not kind.startswith("code"):
        return [Text(written)] if written else []
    fence = "`" * (3 + max(map(len, re.findall("`{3,}", written)), default=0))
    return [Text(f"{fence}{kind.partition('/')[2]}\n{written}\n{fence}")]
