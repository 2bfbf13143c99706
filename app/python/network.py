"""The network of a session in the tab: none of its own. Each request goes to the page, which asks
the person, carries it, and hands in the answer.
"""

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from .messages import Fetch

_NO_CELL = "Only a running cell may ask an address. Await it before the cell ends"
_STOPPED = "The cell was stopped while it waited for an answer"
# What is told of a body as it was packed: the browser has unpacked it.
_OF_THE_PACKED = {"content-encoding", "content-length"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status, from `url` in the end. Names of headers are in small letters, and
    none is of how the body was packed.
    """

    url: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Network:
    """`tell` carries a request to the page; `may_ask` tells whether a cell runs."""

    def __init__(self, tell: Callable[[Fetch], None], may_ask: Callable[[], bool]) -> None:
        self._tell = tell
        self._may_ask = may_ask
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}

    async def ask(
        self, method: str, url: str, headers: Sequence[Sequence[str]], body: bytes
    ) -> Answer:
        """Have the page ask this address.

        Raises:
            OSError: It may not be asked, or nothing came that this page may read.
        """
        if not self._may_ask():
            raise OSError(_NO_CELL)
        number = next(self._numbers)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        sent = [[name, value] for name, value in headers]
        self._tell(Fetch(number, method, url, sent, base64.b64encode(body).decode()))
        try:
            return await answer
        finally:
            self._waiting.pop(number, None)

    def take(
        self, number: int, body: bytes, url: str, status: int, headers: Sequence[Sequence[str]]
    ) -> None:
        """Take the answer to a request."""
        if (waiting := self._open(number)) is not None:
            named = [(str(name).lower(), str(value)) for name, value in headers]
            named = [one for one in named if one[0] not in _OF_THE_PACKED]
            waiting.set_result(Answer(url, status, named, body))

    def refuse(self, number: int, reason: str) -> None:
        """Take the reason why a request has no answer."""
        if (waiting := self._open(number)) is not None:
            waiting.set_exception(OSError(reason))

    def stop(self) -> None:
        """Wait for nothing more: the cell is to end."""
        for number in list(self._waiting):
            self.refuse(number, _STOPPED)

    async def carried(self, method: str, url: str, headers: Any, body: Any) -> list[Any]:
        """Carry a request of the browser's `fetch`: status, headers, body and address of the
        answer; or 0 and the reason why there is none. Called by sandbox_worker.mjs, with values of
        JavaScript.
        """
        try:
            answer = await self.ask(method, url, headers.to_py(), body.to_bytes())
        except OSError as error:
            return [0, str(error), b"", ""]
        return [answer.status, [list(one) for one in answer.headers], answer.body, answer.url]

    def _open(self, number: int) -> "asyncio.Future[Answer] | None":
        waiting = self._waiting.get(number)
        return None if waiting is None or waiting.done() else waiting
