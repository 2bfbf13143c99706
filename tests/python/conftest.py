"""A session with what it tells."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.python.messages import Display, Done, Failure, Message, Output, written
from app.python.session import Session

T = TypeVar("T")


class Told:
    """A session whose messages are kept, each checked to be one that can be sent."""

    def __init__(self, folder: Path) -> None:
        self.messages: list[Message] = []
        self.session = Session(self._take, folder)
        self._cells = 0

    def _take(self, message: Message) -> None:
        written(message)
        self.messages.append(message)

    def run(self, source: str) -> Done:
        """Run a cell from the beginning of the list of messages."""
        self.messages.clear()
        self._cells += 1
        if sys.platform == "emscripten":
            from pyodide.ffi import run_sync

            done: Done = run_sync(self.session.run_async(source, self._cells))
            return done
        loop = asyncio.new_event_loop()
        try:
            return self.session.run(source, self._cells, loop)
        finally:
            loop.close()

    def of(self, kind: type[T]) -> list[T]:
        return [one for one in self.messages if isinstance(one, kind)]

    @property
    def printed(self) -> str:
        return "".join(one.text for one in self.of(Output))

    @property
    def shown(self) -> list[dict[str, Any]]:
        return [one.data for one in self.of(Display)]

    @property
    def failure(self) -> Failure:
        return self.of(Failure)[0]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    yield Told(tmp_path)
    os.environ.clear()
    os.environ.update(before)
