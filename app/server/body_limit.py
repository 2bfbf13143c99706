"""Refuses requests that are too large, before they fill the memory."""

from collections import Counter

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .access import name_of
from .errors import api_error

# The largest request body, in bytes: a long chat with a few pictures in it.
BODY_LIMIT = 32 * 1024 * 1024
# What browsers and programs send is a tenth of it.
_MOST_HEADERS = 100
_HEADER_BYTES = 32 * 1024
# What the bodies of all requests may take together. The beginning of each is free, so that what is
# short always goes.
HELD_LIMIT = 8 * BODY_LIMIT
# The share of it that one sender may take.
_SHARE = 3 / 4
_FREE_BYTES = 64 * 1024
_BUSY = "this server holds as many large requests as it can; try again when one is answered"
_REFUSAL = f"the request is larger than {BODY_LIMIT // 2**20} MiB"


class BodyLimit:
    """ASGI middleware: answers 431 to headers that are too large, and 413 to a body that says it
    is, or turns out to be, and 503 to one that leaves the others no room, or is left none. Senders
    are people who have logged in, or else addresses.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._held: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = scope["headers"]
        size = sum(len(name) + len(value) for name, value in headers)
        if len(headers) > _MOST_HEADERS or size > _HEADER_BYTES:
            refusal = api_error(431, "the request has too many headers", "too_large")
            await refusal(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        if said.isdecimal() and int(said) > BODY_LIMIT:
            await api_error(413, _REFUSAL, "too_large")(scope, receive, send)
            return
        received = held = 0
        sender = _sender(scope)

        async def receive_within_limit() -> Message:
            nonlocal received, held
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY_LIMIT:
                raise HTTPException(413, _REFUSAL)
            more = max(0, received - _FREE_BYTES) - held
            if more and (
                self._held.total() + more > HELD_LIMIT
                or self._held[sender] + more > HELD_LIMIT * _SHARE
            ):
                raise HTTPException(503, _BUSY)
            held += more
            self._held[sender] += more
            return message

        try:
            await self._app(scope, receive_within_limit, send)
        finally:
            self._held[sender] -= held
            if not self._held[sender]:
                del self._held[sender]


def _sender(scope: Scope) -> str:
    owner = str(scope.get("state", {}).get("owner", ""))
    client = scope.get("client")
    return owner if name_of(owner) or not client else client[0]
