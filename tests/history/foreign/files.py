"""Files that tests import: bytes, archives, and what comes of them."""

import json
from collections.abc import Container, Coroutine
from io import BytesIO
from typing import Any, TypeVar
from zipfile import ZIP_DEFLATED, ZipFile

from app.core.messages import Text
from app.history.foreign.importing import Importing
from app.history.tree import Tree

_Result = TypeVar("_Result")

NOW_MS = 1_800_000_000_000


class Bytes:
    """A file in memory, which notes how much of it was read at a time."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reads: list[int] = []

    @property
    def size(self) -> int:
        return len(self.data)

    async def read(self, start: int, end: int) -> bytes:
        self.reads.append(end - start)
        return self.data[start:end]


def framed(name: str, content: str) -> Text:
    return Text(f"<{name}>{content}")


async def taken_in(
    content: Any, name: str = "a.json", here: Container[str] = ()
) -> tuple[list[Tree], Importing]:
    """The chats of a file that holds these bytes, or this as JSON."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    importing = Importing(name, Bytes(data), here, NOW_MS, framed)
    return [tree async for tree in importing.trees() if tree is not None], importing


def archive(files: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return made.getvalue()


def lines(*values: Any) -> bytes:
    return "".join(json.dumps(value) + "\n" for value in values).encode()


def said(tree: Tree) -> list[tuple[str, str]]:
    """List role and text of the messages on the path that is shown."""
    return [(record.message.role, record.message.text) for record in tree.path()]


def at_once(waiting: Coroutine[Any, Any, _Result]) -> _Result:
    """Give the result of a coroutine that never waits, for tests that can't."""
    try:
        waiting.send(None)
    except StopIteration as end:
        result: _Result = end.value
        return result
    raise AssertionError("it waits")
