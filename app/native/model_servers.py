"""Asks which model servers run on this computer: for the server's page, and for the terminal."""

from collections.abc import Mapping

import httpx2

from ..providers.model_servers import LIMIT_S, USUAL_PORTS, ModelServer, find_model_servers
from .http import HTTPTransport


async def model_servers_here(
    ports: Mapping[int, str] = USUAL_PORTS, limit_s: float = LIMIT_S
) -> list[ModelServer]:
    """Find the model servers that answer at these ports in time.

    No proxy of the environment is asked, no redirect followed, and no connection kept. There is
    no https in it, whose certificates would take longer to load than all the answers.
    """
    async with httpx2.AsyncClient(
        timeout=limit_s,
        trust_env=False,
        verify=False,
        event_hooks={"response": [_plain_only]},
        follow_redirects=False,
        limits=httpx2.Limits(max_keepalive_connections=0),
    ) as client:
        return await find_model_servers(HTTPTransport(client), ports, limit_s)


async def _plain_only(response: httpx2.Response) -> None:
    """Refuse a compressed body, which nobody asked for: it may be any size in memory."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.DecodingError("compressed", request=response.request)
