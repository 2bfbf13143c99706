"""The files in the guides, and what the guides promise of them."""

import re
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"```python\n(.*?)```\n(.*?)(?=\n```python|\Z)", re.DOTALL)
_ASKED = re.compile(
    r"Asked “(.+?)”(, and told\s+Yes)?,\s+it\s+answers:\n\n```text\n(.*?)\n```", re.DOTALL
)


class Example(NamedTuple):
    """A file; where something is promised of it, the question and the answer."""

    source: str
    question: str = ""
    answer: str = ""
    is_asked_back: bool = False


def examples(name: str) -> list[Example]:
    """The files in a guide, in their order."""
    found = []
    for source, after in _BLOCK.findall((DOCS / name).read_text("utf-8")):
        promise = _ASKED.search(after)
        question, back, answer = promise.groups() if promise else ("", None, "")
        found.append(Example(source, question, answer, back is not None))
    return found
