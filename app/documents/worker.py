"""Reads documents in the tab: called by the script of a worker with the page's texts and files,
answers with lines of JSON, one for each place: what was read stays when it takes too long.
"""

import json
from collections.abc import Callable
from typing import Any

from .places import Place, joined
from .problems import Unreadable
from .reading import read

# Of one document, in characters.
_MOST = 5_000_000


def serve(reply: Callable[[str], None], _load: object) -> Callable[[Any], None]:
    """Give the function that takes the name of a document, then its bytes."""
    name = ""

    def take(said: Any) -> None:
        nonlocal name
        if isinstance(said, str):
            name = said
        else:
            _read(name, said.to_bytes(), lambda **answer: reply(json.dumps(answer)))

    return take


def _read(name: str, data: bytes, tell: Callable[..., None]) -> None:
    size = 0
    try:
        for one in read(name, data):
            if not isinstance(one, Place):
                tell(total=one)
                continue
            size += len(one.text)
            if size > _MOST:
                tell(end="cut")
                return
            tell(text=joined([one]))
        tell(end="whole")
    except Unreadable as problem:
        tell(end=problem.why)
    except (MemoryError, RecursionError):
        tell(end="too large")
