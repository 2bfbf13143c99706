"""Refuses one more answer without an end where those that stream have their share of the places."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import RELAY_ERROR, api_error
from .security import with_headers

_MESSAGE = "{} answers stream from this server, and it can't carry more; try again when one ended"
_CODE = "too_many_streams"
_NO_BODY = frozenset({204, 304})
# In the state of a request: takes a place for its answer, or gives the refusal.
_TAKE = "take_place"


class StreamLimit:
    """ASGI middleware: answers 503 in the place of a stream beyond the `most` that may be open.
    Who asks something short then finds a place however many listen.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_place = is_refused = False

        def take() -> bool:
            nonlocal has_place
            if not has_place and self._open < self._most:
                has_place = True
                self._open += 1
            return has_place

        async def send_within_limit(message: Message) -> None:
            nonlocal has_place, is_refused
            if message["type"] == "http.response.start":
                if not _is_stream(message):
                    self._open -= has_place
                    has_place = False
                elif not take():
                    is_refused = True
                    refusal = _refusal(scope, self._most)
                    await refusal(scope, receive, with_headers(send, scope["path"]))
            # What answers goes on until it is told that its reader has left.
            if not is_refused:
                await send(message)

        if scope["type"] == "http":
            scope.setdefault("state", {})[_TAKE] = lambda: (
                None if take() else _refusal(scope, self._most)
            )
        try:
            await self._app(scope, receive, send_within_limit)
        finally:
            self._open -= has_place


def without_place(scope: Scope) -> Response | None:
    """Take a place for what may turn out to be a stream, before anybody is asked for it; give the
    refusal where there is none.
    """
    take: Callable[[], Response | None] | None = scope.get("state", {}).get(_TAKE)
    return take() if take else None


def _refusal(scope: Scope, most: int) -> Response:
    headers = {RELAY_ERROR: _CODE} if scope["path"] == "/api/relay" else {}
    return api_error(503, _MESSAGE.format(most), _CODE, headers)


def _is_stream(message: Message) -> bool:
    headers = Headers(raw=list(message.get("headers", ())))
    return message["status"] not in _NO_BODY and "content-length" not in headers
