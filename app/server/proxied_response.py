"""Passing an answer on: the bytes of another server, unchanged and at once.

When the browser leaves, also while the other server is silent, the request to it is closed. A slow
browser slows the other server.
"""

import asyncio
from collections.abc import Awaitable, Callable

import httpx2
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .connection import while_connected
from .stream_limit import without_place


def is_final_status(status: int) -> bool:
    """Tell whether it is a status that an answer may have: of HTTP, and not of what comes before
    one.
    """
    return 200 <= status <= 599


class ProxiedResponse(Response):
    """A response whose bytes come from another server.

    `open` sends the request and gives the answer, its body unread, or what is said in its place.
    `passes(name)` tells of a header, in lower case, whether it goes to the browser. Where the body
    breaks off, `rest(answer, error)` ends it; without bytes from there it is left unfinished, which
    closes the connection, so that the browser sees it break off too.
    """

    def __init__(
        self,
        open: Callable[[], Awaitable[httpx2.Response | Response]],
        closing: asyncio.Event,
        *,
        passes: Callable[[str], bool],
        rest: Callable[[httpx2.Response, Exception], bytes] = lambda answer, error: b"",
    ) -> None:
        self._open = open
        self._closing = closing
        self._passes = passes
        self._rest = rest
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await while_connected(receive, self._closing, self._pass_on(scope, receive, send))

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        # What is asked for by GET, a list of models, is mostly short; where its length is not told,
        # it needs a place when it comes.
        refusal = without_place(scope) if scope["method"] == "POST" else None
        answer = refusal or await self._open()
        if isinstance(answer, Response):
            await answer(scope, receive, send)
            return
        is_chunked = "transfer-encoding" in answer.headers
        try:
            headers = [
                (name.lower(), value)
                for name, value in answer.headers.raw
                if self._passes(name.lower().decode("latin-1"))
                # Where it came in chunks, their length is what counts (RFC 9112, 6.3).
                and not (name.lower() == b"content-length" and is_chunked)
            ]
            await send(
                {"type": "http.response.start", "status": answer.status_code, "headers": headers}
            )
            async for chunk in answer.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body"})
        except httpx2.TransportError as error:
            if rest := self._rest(answer, error):
                await send({"type": "http.response.body", "body": rest})
        finally:
            await answer.aclose()
