"""What the streams that tests decode give, event by event, as it was kept.

A test says what matters of its stream. That nothing else of it changes unseen is held here: `check`
compares all events with those that are kept beside it. `python3 -m tests.protocols.known` writes
them anew where a change is meant.
"""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from app.core.events import Event

FOLDER = Path(__file__).parent / "known"
HOW_TO_ACCEPT = "Where this is meant, python3 -m tests.protocols.known writes it anew."
# More of a stream says nothing more.
_MOST_CHARACTERS = 3000

# The events of each stream that was decoded, while they are gathered; else None.
gathered: dict[str, Any] | None = None


def check(protocol: str, body: bytes, events: list[Event]) -> None:
    """Compare the events of a stream with those that it gave when they were kept, if they were."""
    told = msgspec.to_builtins(events)
    key = f"{protocol} {sha256(body).hexdigest()[:16]}"
    if gathered is not None:
        if len(json.dumps(told)) < _MOST_CHARACTERS:
            gathered[key] = told
        return
    assert told == _decoded().get(key, told), HOW_TO_ACCEPT


def write(name: str, entries: dict[str, Any]) -> None:
    """Keep these entries, a line each."""
    lines = [json.dumps(entry) for entry in entries.items()]
    (FOLDER / f"{name}.jsonl").write_text("\n".join([*lines, ""]), encoding="utf-8")


def read(name: str) -> dict[str, Any]:
    """Read the entries that were kept under this name."""
    text = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    return dict(map(json.loads, text.splitlines()))


@cache
def _decoded() -> dict[str, Any]:
    return read("decoded")
