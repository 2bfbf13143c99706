"""Reads documents in the tab: called by the script of a worker with the page's texts and files,
answers with lines of JSON, one for each place: what was read stays when it takes too long.
"""

import json
from collections.abc import Callable
from typing import Any

from .places import Picture, Place, joined
from .problems import Unreadable
from .reading import read

# Of one document, in characters.
_MOST = 5_000_000


def serve(reply: Callable[[str | bytes], None], _tab: object) -> Callable[[Any], None]:
    """Give the function that takes the name of a document, then its bytes."""
    name = ""

    def take(said: Any) -> None:
        nonlocal name
        if isinstance(said, str):
            name = said
        else:
            _read(name, said.to_bytes(), reply)

    return take


def _read(name: str, data: bytes, reply: Callable[[str | bytes], None]) -> None:
    def tell(**answer: object) -> None:
        reply(json.dumps(answer))

    size = 0
    try:
        for one in read(name, data):
            match one:
                case Place(text=text):
                    size += len(text)
                    if size > _MOST:
                        tell(end="cut")
                        return
                    tell(text=joined([one]))
                case Picture():
                    tell(picture=one.name)
                    reply(one.data)
                case total:
                    tell(total=total)
        tell(end="whole")
    except Unreadable as problem:
        tell(end=problem.why)
    except (MemoryError, RecursionError):
        tell(end="too large")
    except Exception:  # what nobody has thought of is still said, and the next one is read
        tell(end="damaged")
