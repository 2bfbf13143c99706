"""Refuses one more answer without an end where those that stream have their share of the places."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import api_error
from .security import with_headers

_REFUSAL = "{} answers stream from this server, and it can't carry more; try again when one ended"
_NO_BODY = frozenset({204, 304})


class StreamLimit:
    """ASGI middleware: answers 503 in the place of a stream beyond the `most` that may be open.
    Who asks something short then finds a place however many listen.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streams = is_refused = False

        async def send_within_limit(message: Message) -> None:
            nonlocal streams, is_refused
            if message["type"] == "http.response.start" and _is_stream(message):
                if self._open >= self._most:
                    is_refused = True
                    refusal = api_error(503, _REFUSAL.format(self._most), "too_many_streams")
                    await refusal(scope, receive, with_headers(send, scope["path"]))
                else:
                    streams = True
                    self._open += 1
            # What answers goes on until it is told that its reader has left.
            if not is_refused:
                await send(message)

        try:
            await self._app(scope, receive, send_within_limit)
        finally:
            self._open -= streams


def _is_stream(message: Message) -> bool:
    headers = Headers(raw=list(message.get("headers", ())))
    return message["status"] not in _NO_BODY and "content-length" not in headers
