"""The network of a session in the tab: none of its own. Each request goes to the page, which asks
the person, carries it, and hands in the answer.
"""

import asyncio
import base64
import io
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from email.message import Message as Headers
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from itertools import count
from typing import Any

from .messages import Fetch

_URLLIB = "urllib.request"
_NO_CELL = "Only a running cell may ask an address. Await it before the cell ends"
_STOPPED = "The cell was stopped while it waited for an answer"
_CANNOT_WAIT = (
    "This browser can't wait for an answer in a plain call. "
    "Use `await pyodide.http.pyfetch(address)`"
)
# Headers that the browser says itself.
_OF_THE_BROWSER = {"host", "connection", "user-agent", "accept-encoding", "content-length"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status. Names of headers are in small letters."""

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

    def take(self, number: int, status: int, headers: Sequence[Sequence[str]], body: bytes) -> None:
        """Take the answer to a request."""
        if (waiting := self._open(number)) is not None:
            named = [(str(name).lower(), str(value)) for name, value in headers]
            waiting.set_result(Answer(status, named, body))

    def refuse(self, number: int, reason: str) -> None:
        """Take the reason why a request has no answer."""
        if (waiting := self._open(number)) is not None:
            waiting.set_exception(OSError(reason))

    def stop(self) -> None:
        """Wait for nothing more: the cell is to end."""
        for number in list(self._waiting):
            self.refuse(number, _STOPPED)

    async def carried(self, method: str, url: str, headers: Any, body: Any) -> list[Any]:
        """Carry a request of the browser's `fetch`: status, headers and body of the answer; or 0
        and the reason why there is none. Called by sandbox_worker.mjs, with values of JavaScript.
        """
        try:
            answer = await self.ask(method, url, headers.to_py(), body.to_bytes())
        except OSError as error:
            return [0, str(error), b""]
        return [answer.status, [list(one) for one in answer.headers], answer.body]

    def _open(self, number: int) -> "asyncio.Future[Answer] | None":
        waiting = self._waiting.get(number)
        return None if waiting is None or waiting.done() else waiting


def serve_urllib(ask: Callable[..., Awaitable[Answer]]) -> None:
    """Have `urllib.request` ask in this way, once something imports it: that takes a while."""
    sys.meta_path.insert(0, _Finder(ask))


class _Finder:
    def __init__(self, ask: Callable[..., Awaitable[Answer]]) -> None:
        self._ask = ask

    def find_spec(self, name: str, _path: object, _target: object = None) -> Any:
        if name != _URLLIB:
            return None
        sys.meta_path.remove(self)
        spec: Any = find_spec(name)
        if spec is not None:
            spec.loader = _Loader(spec.loader, self._ask)
        return spec


class _Loader:
    def __init__(self, loader: Any, ask: Callable[..., Awaitable[Answer]]) -> None:
        self._loader = loader
        self._ask = ask

    def create_module(self, _spec: ModuleSpec) -> None:
        """Have the usual one made."""

    def exec_module(self, module: Any) -> None:
        # Which has the source, for tracebacks.
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        module.install_opener(_opener(module, self._ask))


def _opener(urllib_request: Any, ask: Callable[..., Awaitable[Answer]]) -> Any:
    """An opener of `urllib.request` that goes this way for http and https."""
    from urllib.error import URLError
    from urllib.response import addinfourl

    class Handler(urllib_request.AbstractHTTPHandler):  # type: ignore[misc]
        handler_order = 100  # before those that open sockets

        def http_open(self, request: Any) -> Any:
            body = request.data or b""
            if not isinstance(body, bytes | bytearray):
                body = body.read() if hasattr(body, "read") else b"".join(body)
            sent = [one for one in request.header_items() if one[0].lower() not in _OF_THE_BROWSER]
            address = request.full_url
            try:
                answer = _waited(ask(request.get_method(), address, sent, bytes(body)))
            except OSError as error:
                raise URLError(str(error)) from None
            headers = Headers()
            for name, value in answer.headers:
                headers[name] = value
            made: Any = addinfourl(io.BytesIO(answer.body), headers, address, answer.status)
            made.msg = ""  # the words beside the status: no browser tells them
            return made

        https_open = http_open
        http_request = https_request = urllib_request.AbstractHTTPHandler.do_request_

    return urllib_request.build_opener(Handler)


def _waited(asked: Any) -> Answer:
    """Wait in a plain call, as browsers can that suspend what runs in WebAssembly."""

    async def settled() -> Answer | OSError:
        # What fails is given back: Pyodide prints what a task raises that is waited for so.
        try:
            return await asked  # type: ignore[no-any-return]
        except OSError as error:
            return error

    waiting = settled()
    try:
        answer = asyncio.get_event_loop().run_until_complete(waiting)
    except RuntimeError:
        waiting.close()
        asked.close()
        raise OSError(_CANNOT_WAIT) from None
    if isinstance(answer, Answer):
        return answer
    raise answer if isinstance(answer, OSError) else OSError(_CANNOT_WAIT)
