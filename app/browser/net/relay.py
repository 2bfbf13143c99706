"""The way through this page's server, to providers that no web page may call: `server/relay.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from js import URL
from pyodide.ffi import JsException

from ...core.errors import ConnectError
from ...core.wire.transport import Request, Response, Transport
from . import words

# As the server has them: the whole address to ask; what kept it from asking.
_TARGET = "relay-to"
_ERROR = "relay-error"
# The provider's own header of that name; the server's is for a proxy that asks for a login.
_AUTHORIZATION = "relay-authorization"


class _Said(msgspec.Struct):
    message: str


class _Error(msgspec.Struct):
    error: _Said


class RelayTransport:
    """Carries requests to the server of this page, which asks in the page's place. `transport`
    carries them there, `address` is the relay's.
    """

    def __init__(self, transport: Transport, address: str) -> None:
        self._transport = transport
        self._address = address

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        """Send the request; leaving the block aborts it down to the provider's socket.

        Raises:
            ConnectError: The provider did not answer the server, or the server not the page.
        """
        try:
            target = str(URL.new(request.url).href)  # as headers must be: in ASCII
        except JsException:
            raise ConnectError(words.no_address(request.url)) from None
        headers = {
            _AUTHORIZATION if name.lower() == "authorization" else name: value
            for name, value in request.headers.items()
        }
        headers[_TARGET] = target
        carried = Request(request.method, self._address, headers, request.body)
        async with self._transport.open(carried) as response:
            if _ERROR in response.headers:
                raise ConnectError(await _sentence(response))
            yield response


async def _sentence(response: Response) -> str:
    body = b"".join([chunk async for chunk in response.chunks()])
    try:
        return msgspec.json.decode(body, type=_Error).error.message
    except msgspec.MsgspecError:
        return words.FOREIGN_STATUS
