"""The transport of CPython: httpx2."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2

from ..core.errors import ConnectError, ReadError
from ..core.header_values import misfit
from ..core.wire.secrets import hidden
from ..core.wire.transport import Request

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
    """Carries requests with one httpx2 client, whose connections are kept for the next request."""

    def __init__(self, client: httpx2.AsyncClient | None = None) -> None:
        self._client = client or httpx2.AsyncClient(timeout=_TIMEOUT)

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[HTTPResponse]:
        """Send the request. Raises `ConnectError` where there is no answer at all."""
        # Compressed streams come in blocks: the first words would wait for the block to fill.
        headers = {"accept-encoding": "identity"} | request.headers
        for name, value in request.headers.items():
            if letter := misfit(value):
                raise ConnectError(f"The header {name} holds {letter}, which no header can hold.")
        try:
            built = self._client.build_request(
                request.method, request.url, headers=headers, content=request.body
            )
            response = await self._client.send(built, stream=True)
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
        """Close the connections that are kept."""
        await self._client.aclose()


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
