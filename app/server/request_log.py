"""`serve.py --verbose`: a line for each request.

It says no header, no query and no body: those hold keys and questions.
"""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG = logging.getLogger("tokenfall.requests")


class RequestLog:
    """Stands around an application and logs each request, the status, and how long it took."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note the status on its way."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        began_s = time.monotonic()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            # As it was sent, so that no letter of it moves the cursor.
            path = scope.get("raw_path", b"").decode("ascii", "backslashreplace")
            took_ms = (time.monotonic() - began_s) * 1000
            _LOG.info("%s %s %s, %.0f ms", scope["method"], path, status or "left", took_ms)
