"""A server in this process: an ASGI app as the transport of a chat, without a socket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from app.connections import StreamResponse
from app.core.wire.transport import Request, Response
from app.protocols.tokenfall import parse_request


class InProcess:
    """Carries requests, as `read` reads their bodies, to a handler that makes the response; leaving
    is a client that disconnects.

    Body and headers pass through `__call__` of the response, as an ASGI server would call it.
    """

    def __init__(
        self,
        handler: Callable[[Any], StreamResponse],
        read: Callable[[bytes], Any] = parse_request,
    ) -> None:
        self._handler = handler
        self._read = read
        self.requests: list[Request] = []
        self.has_left = asyncio.Event()
        self.served: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        self.requests.append(request)
        sent: asyncio.Queue[Any] = asyncio.Queue()
        left = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await left.wait()
            return {"type": "http.disconnect"}

        response = self._handler(self._read(request.body))
        task = asyncio.ensure_future(response({"type": "http"}, receive, sent.put))
        self.served.append(task)
        try:
            yield _Answer(await sent.get(), sent)
        finally:
            left.set()
            await task


class _Answer:
    def __init__(self, start: Any, sent: "asyncio.Queue[Any]") -> None:
        assert start["type"] == "http.response.start"
        self._sent = sent
        self.status: int = start["status"]
        self.headers: Mapping[str, str] = {
            name.decode(): value.decode() for name, value in start["headers"]
        }

    async def chunks(self) -> AsyncIterator[bytes]:
        while (message := await self._sent.get())["more_body"]:
            yield message["body"]
