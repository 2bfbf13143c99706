"""Texts for all that is no Markdown: thoughts, refusals, tool calls and their results, sources."""

from collections.abc import Iterator

from .cases import Case, repeated

# By their names; each is repeated.
_PIECES = {
    "one line": "x",
    "words": "word ",
    "lines": "\n",
    "short lines": "ab\n",
    "tabs": "\t",
    "spaces": " ",
    "lists": "[],",
    "lists in lists": "[" * 100 + "]" * 100 + ",",
    "objects": '{"a":1},',
    "escapes": '\\"',
    "quotes": '"',
    "marks": "\u0301",
    "marks of two kinds": "\u0301\u0323",
    "joined emoji": "👩\u200d",
    "flags": "🇩",
    "viramas": "क्",
    "syllables": "ᄀ",
    "Arabic": "ب",
    "Chinese": "東",
    "letters that turn": "\u202ea\u2067b",
    "selectors": "a\ufe0f",
    "zero width": "\u200b",
    "soft hyphens": "a\u00ad",
}
# 100 kB of text, and 5 MB of what tools get and give.
_SIZES = {"reasoning": 100_000, "refusal": 100_000, "question": 100_000}
_LARGE = dict.fromkeys(("arguments", "result", "sources", "source", "code", "printed"), 5_000_000)


def plain() -> Iterator[Case]:
    """Each piece again and again, on each surface."""
    for surface, characters in (_SIZES | _LARGE).items():
        for name, piece in _PIECES.items():
            yield Case(f"{surface}: {name}", repeated(piece), surface, characters)
    yield Case("arguments: a list", repeated("[],", '{"a":[', "1]}"), "arguments", 5_000_000)
