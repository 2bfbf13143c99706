"""Clients of HTTP that people write, in the tab: they ask by the page (network); `requests` does as
urllib3 does. How long they would wait does not count: the page knows when the person is asked.
"""

import asyncio
import functools
import io
import sys
from collections.abc import Awaitable, Callable, Iterable
from email.message import Message as Headers
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

from .network import Answer

_CANNOT_WAIT = (
    "This browser can't wait for an answer in a plain call. "
    "Use `await pyodide.http.pyfetch(address)`"
)
# Headers that the browser says itself.
_OF_THE_BROWSER = {"host", "connection", "user-agent", "accept-encoding", "content-length"}

# Asks by method, address, headers and body.
Ask = Callable[[str, str, list[tuple[str, str]], bytes], Awaitable[Answer]]


def serve(ask: Ask) -> type:
    """Have them ask in this way, once something imports them: that takes a while. Return what does
    so for those that use the browser's `XMLHttpRequest` by its name.
    """
    sys.meta_path.insert(0, _Finder(ask))
    return type("XMLHttpRequest", (_PlainRequest,), {"ask": staticmethod(ask)})


class _PlainRequest:
    """As much of an `XMLHttpRequest` as Python asks for, as in `pyodide.http.open_url`: the next
    line has the answer.
    """

    ask: Ask
    responseType = ""
    status = 0
    statusText = ""
    responseURL = ""

    def __init__(self) -> None:
        self._asked = ("GET", "")
        self._sent: list[tuple[str, str]] = []
        self._answer: Answer | None = None

    @classmethod
    def new(cls) -> "_PlainRequest":
        return cls()

    def open(self, method: str, url: str, waits_not: bool = True, *_: object) -> None:
        if waits_not:
            raise OSError("Only a plain call is carried: open(method, url, False)")
        self._asked = (method, url)

    def setRequestHeader(self, name: str, value: str) -> None:
        self._sent.append((name, value))

    def overrideMimeType(self, _kind: str) -> None:
        """Texts are UTF-8 here."""

    def send(self, body: Any = None) -> None:
        data = _bytes_of(body.to_bytes() if hasattr(body, "to_bytes") else body)
        answer = self._answer = _waited(type(self).ask(*self._asked, _sendable(self._sent), data))
        self.status, self.responseURL = answer.status, answer.url

    @property
    def response(self) -> Any:
        data = self._answer.body if self._answer else b""
        return _Buffer(data) if self.responseType == "arraybuffer" else self.responseText

    @property
    def responseText(self) -> str:
        return (self._answer.body if self._answer else b"").decode("utf-8", "replace")

    def getAllResponseHeaders(self) -> str:
        headers = self._answer.headers if self._answer else []
        return "".join(f"{name}: {value}\r\n" for name, value in headers)


class _Buffer(bytes):
    def to_py(self) -> memoryview:
        return memoryview(self)


class _Finder:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def find_spec(self, name: str, path: Any = None, _target: object = None) -> Any:
        adapt = _ADAPTED.get(name)
        spec: Any = PathFinder.find_spec(name, path) if adapt else None
        if spec is not None and adapt is not None:
            spec.loader = _Loader(spec.loader, lambda module: adapt(module, self._ask))
        return spec


class _Loader:
    def __init__(self, loader: Any, adapt: Callable[[Any], None]) -> None:
        self._loader = loader
        self._adapt = adapt

    def create_module(self, _spec: ModuleSpec) -> None:
        """Have the usual one made."""

    def exec_module(self, module: Any) -> None:
        # Which has the source, for tracebacks.
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._adapt(module)


def _adapt_urllib(urllib_request: Any, ask: Ask) -> None:
    from urllib.error import URLError
    from urllib.response import addinfourl

    class Handler(urllib_request.AbstractHTTPHandler):  # type: ignore[misc]
        handler_order = 100  # before those that open sockets

        def http_open(self, request: Any) -> Any:
            body, sent = _bytes_of(request.data), _sendable(request.header_items())
            try:
                answer = _waited(ask(request.get_method(), request.full_url, sent, body))
            except OSError as error:
                raise URLError(str(error)) from None
            headers = Headers()
            for name, value in answer.headers:
                headers[name] = value
            made: Any = addinfourl(io.BytesIO(answer.body), headers, answer.url, answer.status)
            made.msg = ""  # the words beside the status: no browser tells them
            return made

        https_open = http_open
        http_request = https_request = urllib_request.AbstractHTTPHandler.do_request_

    urllib_request.install_opener(urllib_request.build_opener(Handler))


def _adapt_httpx(httpx: Any, ask: Ask) -> None:
    def asked(request: Any, body: bytes) -> Awaitable[Answer]:
        return ask(request.method, str(request.url), _sendable(request.headers.items()), body)

    def response(answer: Answer, request: Any) -> Any:
        # What it says of itself, as where it was asked in the end.
        request.url = httpx.URL(answer.url)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)

    class Transport(httpx.BaseTransport):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            try:
                return response(_waited(asked(request, request.read())), request)
            except OSError as error:
                raise httpx.ConnectError(str(error), request=request) from None

    class AsyncTransport(httpx.AsyncBaseTransport):  # type: ignore[misc]
        async def handle_async_request(self, request: Any) -> Any:
            try:
                return response(await asked(request, await request.aread()), request)
            except OSError as error:
                raise httpx.ConnectError(str(error), request=request) from None

    _give_transport(httpx.Client, Transport)
    _give_transport(httpx.AsyncClient, AsyncTransport)


def _give_transport(client: Any, transport: Callable[[], Any]) -> None:
    begin = client.__init__

    @functools.wraps(begin)
    def begin_with(self: Any, **named: Any) -> None:
        begin(self, **{**named, "transport": named.get("transport") or transport()})

    client.__init__ = begin_with


def _adapt_urllib3(fetch: Any, ask: Ask) -> None:
    # What it has for browsers prints what fails, counts the time in which the person is asked, and
    # begins a worker that reaches nothing.
    if fetch._fetcher is not None:
        fetch._fetcher.js_worker.terminate()
        fetch._fetcher = None

    def send(request: Any, *_: object) -> Any:
        body, sent = _bytes_of(request.body), _sendable(request.headers.items())
        try:
            answer = _waited(ask(request.method, request.url, sent, body))
        except OSError as error:
            raise fetch._RequestError(str(error), request=request) from None
        return fetch.EmscriptenResponse(
            status_code=answer.status,
            headers=dict(answer.headers),
            body=answer.body,
            request=request,
        )

    fetch.send_request = fetch.send_streaming_request = send


_ADAPTED = {
    "urllib.request": _adapt_urllib,
    "urllib3.contrib.emscripten.fetch": _adapt_urllib3,
    "httpx": _adapt_httpx,
}


def _bytes_of(body: Any) -> bytes:
    if body is None or isinstance(body, str):
        return (body or "").encode()
    if hasattr(body, "read"):
        return bytes(body.read())
    return bytes(body) if isinstance(body, bytes | bytearray | memoryview) else b"".join(body)


def _sendable(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [one for one in headers if one[0].lower() not in _OF_THE_BROWSER]


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
