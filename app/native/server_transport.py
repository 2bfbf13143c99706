"""The terminal's way to a running `serve.py`: over connections that have proved who is there.

Each connection is proved before anything else goes over it (`server_file` has how), also one that
is made in the middle of a conversation: another program may have the port by then.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx2
import msgspec

from ..core.errors import ConnectError
from .http import HTTPTransport
from .server_file import PROOF_PATH, Proof, RunningServer, is_same, new_nonce, proof_of

# A server of this machine answers in milliseconds; a stranger perhaps never.
_PROOF_LIMIT_S = 10.0
_MOST_BYTES = 4096


class GoneError(ConnectError):
    """Nothing listens there any more."""


class StrangerError(ConnectError):
    """A listener that has not proved to be our server; it has got nothing else."""


class ServerTransport(HTTPTransport):
    """Carries requests to this server, and to nobody who listens in its place.

    `open` raises `GoneError` and `StrangerError` too.
    """

    def __init__(self, server: RunningServer) -> None:
        super().__init__(httpx2.AsyncClient(transport=_Proved(server), timeout=None))
        host = f"[{server.address}]" if ":" in server.address else server.address
        self.base_url = f"{'https' if server.is_secure else 'http'}://{host}:{server.port}"


class _Proved(httpx2.AsyncHTTPTransport):
    """httpx2's own, which sends a request over a connection that was proved only."""

    def __init__(self, server: RunningServer) -> None:
        # A certificate is for a name, and not for the address that is connected to: the proof says
        # who is there.
        super().__init__(trust_env=False, verify=False)
        self._server = server
        self._made = f"connection.{'start_tls' if server.is_secure else 'connect_tcp'}.complete"

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.extensions = {**request.extensions, "trace": self._on_event}
        try:
            return await super().handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise GoneError(f"Nothing answers on port {self._server.port} any more.") from error

    async def _on_event(self, name: str, info: Mapping[str, Any]) -> None:
        """Prove a connection that was just made; raising keeps the request from being sent.

        https://www.python-httpx.org/advanced/extensions/#trace
        """
        if name != self._made:
            return
        stream = info["return_value"]
        try:
            async with asyncio.timeout(_PROOF_LIMIT_S):
                is_proved = await _prove(stream, self._server)
        except Exception:  # whatever a stranger does: it has proved nothing
            is_proved = False
        if not is_proved:
            await stream.aclose()
            raise StrangerError(
                f"Port {self._server.port} is answered by something that is not the server of "
                "this folder."
            )


async def _prove(stream: Any, server: RunningServer) -> bool:
    """Have the server prove the token, then prove it; tell whether both went well."""
    nonce = new_nonce()
    status, body = await _ask(stream, server, f"GET {PROOF_PATH}?nonce={nonce}")
    theirs = msgspec.json.decode(body, type=Proof)
    known = server.token, server.address, server.port, nonce, theirs.nonce
    if status != 200 or not is_same(theirs.proof, proof_of("server", *known)):
        return False
    ours = msgspec.json.encode(Proof(proof_of("terminal", *known)))
    status, _ = await _ask(stream, server, f"POST {PROOF_PATH}", ours)
    return status == 204


async def _ask(
    stream: Any, server: RunningServer, line: str, body: bytes = b""
) -> tuple[int, bytes]:
    """Send one request and read its answer: status and body.

    Only as much of HTTP as our own server speaks here; anything else raises.
    """
    head = f"{line} HTTP/1.1\r\nHost: localhost:{server.port}\r\nContent-Length: {len(body)}"
    await stream.write(f"{head}\r\n\r\n".encode() + body)
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += await _more(stream, answer)
    status, *headers = answer[:end].decode("ascii").lower().split("\r\n")
    sizes = [line.partition(":")[2] for line in headers if line.startswith("content-length:")]
    whole = end + 4 + int(sizes[0] if sizes else 0)
    while len(answer) < whole:
        answer += await _more(stream, answer)
    return int(status.split(" ")[1]), answer[end + 4 :]


async def _more(stream: Any, answer: bytes) -> bytes:
    more: bytes = await stream.read(_MOST_BYTES) if len(answer) < _MOST_BYTES else b""
    if not more:
        raise ValueError("no whole answer")
    return more
