"""The terminal's way to a running `serve.py`: over connections that have proved who is there.

Each connection is proved before anything else goes over it (`server_file` has how), also one that
is made in the middle of a conversation: another program may have the port by then.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import h11
import httpcore2
import msgspec

from ..core.errors import ConnectError, ReadError
from ..core.transport import Request
from .server_file import PROOF_PATH, Proof, RunningServer, is_same, new_nonce, proof_of

# A server of this machine answers in milliseconds; a stranger perhaps never.
_PROOF_LIMIT_S = 10.0
_MOST_BYTES = 4096


class GoneError(ConnectError):
    """Nothing listens there any more."""


class StrangerError(ConnectError):
    """What listens there has not proved that it is our server."""


class ServerResponse:
    """A response whose body is read as it arrives."""

    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives. Raises `ReadError` where it breaks off."""
        try:
            async for chunk in self._response.aiter_stream():
                yield chunk
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise ReadError(f"The connection broke off: {error}") from error


class ServerTransport:
    """Carries requests to this server, and to nobody else who listens in its place."""

    def __init__(self, server: RunningServer) -> None:
        self.base_url = f"http://localhost:{server.port}"
        self._pool = httpcore2.AsyncConnectionPool(network_backend=_Proved(server))

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[ServerResponse]:
        """Send the request.

        Raises:
            GoneError: Nothing listens there.
            StrangerError: Another program does; it has got nothing of the request.
            ConnectError: The server hung up without an answer.
        """
        asked = self._pool.stream(
            request.method, request.url, headers=[*request.headers.items()], content=request.body
        )
        async with AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(asked)
            except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
                raise ConnectError(f"The server of this folder gave no answer: {error}") from error
            yield ServerResponse(response)

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._pool.aclose()


class _Proved(httpcore2.AsyncNetworkBackend):
    """Connects to the server, whatever host is named, and hands out what was proved only."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        server = self._server
        try:
            stream = await self._network.connect_tcp(
                server.address, server.port, timeout=_PROOF_LIMIT_S
            )
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
            raise GoneError(f"Nothing answers on port {server.port} any more.") from error
        try:
            async with asyncio.timeout(_PROOF_LIMIT_S):
                is_proved = await _prove(stream, server)
        except (httpcore2.NetworkError, h11.ProtocolError, msgspec.MsgspecError, TimeoutError):
            is_proved = False
        except BaseException:
            await stream.aclose()
            raise
        if is_proved:
            return stream
        await stream.aclose()
        raise StrangerError(
            f"Port {server.port} is answered by something that is not the server of this folder."
        )


async def _prove(stream: httpcore2.AsyncNetworkStream, server: RunningServer) -> bool:
    """Have the server prove the token, then prove it; whether both went well."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_BYTES)
    nonce = new_nonce()
    status, body = await _ask(stream, connection, server, "GET", f"{PROOF_PATH}?nonce={nonce}")
    if status != 200:
        return False
    theirs = msgspec.json.decode(body, type=Proof)
    known = server.token, server.address, server.port, nonce, theirs.nonce
    if not is_same(theirs.proof, proof_of("server", *known)):
        return False
    connection.start_next_cycle()
    ours = msgspec.json.encode(Proof(proof_of("terminal", *known)))
    status, _ = await _ask(stream, connection, server, "POST", PROOF_PATH, ours)
    return status == 204 and connection.their_state is h11.DONE


async def _ask(
    stream: httpcore2.AsyncNetworkStream,
    connection: h11.Connection,
    server: RunningServer,
    method: str,
    path: str,
    body: bytes = b"",
) -> tuple[int, bytes]:
    """Send one request and read its answer: status and body."""
    headers = [("host", f"localhost:{server.port}"), ("content-length", str(len(body)))]
    for part in (
        h11.Request(method=method, target=path, headers=headers),
        h11.Data(data=body),
        h11.EndOfMessage(),
    ):
        await stream.write(connection.send(part) or b"")
    status, answer = 0, b""
    while len(answer) <= _MOST_BYTES:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await stream.read(_MOST_BYTES))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            answer += event.data
        elif isinstance(event, h11.EndOfMessage):
            return status, answer
        else:
            break
    return 0, b""
