"""`serve.py --access-log`: each request as a line of JSON, for programs that read logs.

It says no header, no query and no body: those hold keys and questions. The owner is the name that
the proxy gave.
"""

import time
from typing import TextIO

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Line(msgspec.Struct):
    time_s: float
    client: str
    owner: str | None
    method: str
    path: str
    status: int | None  # None: the client left before
    sent_bytes: int
    took_ms: float


class AccessLog:
    """Stands around an application and writes each request to `target`, when it is over."""

    def __init__(self, app: ASGIApp, target: TextIO) -> None:
        self._app = app
        self._target = target

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note the status and the size on their way."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status: int | None = None
        sent_bytes = 0
        began_s = time.monotonic()

        async def noting(message: Message) -> None:
            nonlocal status, sent_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)
            sent_bytes += len(message.get("body", b""))

        try:
            await self._app(scope, receive, noting)
        finally:
            line = _Line(
                round(time.time(), 3),
                (scope.get("client") or ("",))[0],
                scope.get("state", {}).get("owner"),
                scope["method"],
                scope.get("raw_path", b"").decode("ascii", "backslashreplace"),
                status,
                sent_bytes,
                round((time.monotonic() - began_s) * 1000, 1),
            )
            print(msgspec.json.encode(line).decode(), file=self._target, flush=True)
