"""The transport of CPython: httpx2."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

from ..core.errors import ConnectError, ReadError
from ..core.header_values import misfit
from ..core.wire.secrets import hidden
from ..core.wire.transport import Request

# None is kept: one client asks for several people, and of several names at one address.
NO_COOKIES = CookieJar(DefaultCookiePolicy(allowed_domains=()))
# Only for connecting: how long an answer may take is the run's matter.
_TIMEOUT = httpx2.Timeout(None, connect=30)


class HTTPResponse:
    """A response whose body is read as it arrives."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers  # httpx2's own mapping ignores case

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives. Raises `ReadError` where it breaks off."""
        try:
            async for chunk in self._response.aiter_bytes():
                yield chunk
        except httpx2.HTTPError as error:
            raise ReadError(f"The connection broke off: {_reason(error)}") from error


class HTTPTransport:
    """Carries requests with httpx2, and keeps connections for the next request.

    Without a `client` it makes one in each event loop that it is used in, because connections
    belong to their loop. That is closed by `aclose`, or at the latest by the end of `asyncio.run`.
    """

    def __init__(self, client: httpx2.AsyncClient | None = None) -> None:
        self._given = client
        self._made: dict[asyncio.AbstractEventLoop, _Lasting] = {}

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[HTTPResponse]:
        """Send the request. Raises `ConnectError` where there is no answer at all."""
        # Compressed streams come in blocks: the first words would wait for the block to fill.
        headers = {"accept-encoding": "identity"} | request.headers
        for name, value in request.headers.items():
            if letter := misfit(value):
                raise ConnectError(f"The header {name} holds {letter}, which no header can hold.")
        client = self._given or await self._client()
        try:
            built = client.build_request(
                request.method, request.url, headers=headers, content=request.body
            )
            if not 0 <= (built.url.port or 0) < 65536:
                raise httpx2.InvalidURL(f"Invalid port: {built.url.port}")
            response = await client.send(built, stream=True)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            address = hidden(request).url  # some addresses hold a key
            raise ConnectError(
                f"No answer from {address} ({_reason(error)}). "
                "Is the address right, the server running, and the network there?"
            ) from error
        try:
            yield HTTPResponse(response)
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close the connections that are kept in this loop."""
        if self._given is not None:
            await self._given.aclose()
        if lasting := self._made.pop(asyncio.get_running_loop(), None):
            await lasting[0].aclose()

    async def _client(self) -> httpx2.AsyncClient:
        loop = asyncio.get_running_loop()
        if loop not in self._made:
            for ended in [known for known in self._made if known.is_closed()]:
                del self._made[ended]
            generator = _lasting()
            self._made[loop] = generator, await anext(generator)
        return self._made[loop][1]


# A client, and the generator that closes it.
_Lasting = tuple[AsyncGenerator[httpx2.AsyncClient], httpx2.AsyncClient]


async def _lasting() -> AsyncGenerator[httpx2.AsyncClient]:
    """Yield a client, and close it: `asyncio.run` closes all generators that are left."""
    client = httpx2.AsyncClient(timeout=_TIMEOUT, cookies=NO_COOKIES)
    try:
        yield client
    finally:
        await client.aclose()


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
