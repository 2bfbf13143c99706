"""Labels of Markdown: which ones a piece of source defines, and which ones it may use.

Source: https://spec.commonmark.org/0.31.2/#link-reference-definitions
"""

import re
from collections.abc import Iterator

_LABEL = r"\[((?:[^\[\]\\]|\\.){1,1999}+)\]"
_LONGEST = 1999
_BRACKET = re.compile(r"\\.|[\[\]]", re.DOTALL)
# Nothing that is taken here is given back, so a paragraph of spaces is gone through once.
_DEFINITION = re.compile(
    _LABEL
    + r""":[ \t]*+\n?+[ \t]*+
    (?:<(?:[^<>\\\n]|\\.)*+>|[^\s<][^\s]*+)
    (?:
      (?:[ \t]++\n?+|\n)[ \t]*+
      (?:"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|\((?:[^()\\]|\\.)*+\))
      [ \t]*+(?=\n|$)
      |
      [ \t]*+(?=\n|$)
    )\n?[ ]{0,3}""",
    re.DOTALL | re.VERBOSE,
)


def normalized(label: str) -> str:
    """The form in which two labels that mean the same are equal."""
    return " ".join(label.split()).lower().upper()


def labels_in(source: str) -> set[str]:
    """Every label that the source may use, among others that it does not.

    Those of footnotes begin with "^" and keep their case.
    """
    labels: set[str] = set()
    start = 0
    for bracket in _BRACKET.finditer(source):
        if bracket[0] == "[":
            start = bracket.end()
        elif bracket[0] == "]" and start:
            if 0 < bracket.start() - start <= _LONGEST:
                labels.add(_key(source[start : bracket.start()]))
            start = 0
    return labels


def definitions(paragraph: str) -> Iterator[str]:
    """The labels that the beginning of a paragraph defines."""
    position = 0
    while (found := _DEFINITION.match(paragraph, position)) is not None:
        yield _key(found[1])
        position = found.end()


def without_definitions(paragraph: str) -> str:
    """Cut off the definitions at the beginning of a paragraph."""
    position = 0
    while (found := _DEFINITION.match(paragraph, position)) is not None:
        position = found.end()
    return paragraph[position:]


def _key(label: str) -> str:
    return label if label.startswith("^") else normalized(label)
