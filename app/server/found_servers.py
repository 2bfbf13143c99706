"""Model servers on this computer, for the page: `GET api/model-servers`.

Asked when this server starts and when the page wants to know; pages that ask at once share one
answer. Others' computers are not concerned: where others can reach this server, it finds none.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ..providers.model_servers import ModelServer

PATH = "/api/model-servers"

# So long an answer is good for whoever asks next.
_FRESH_S = 1.0

Discover = Callable[[], Awaitable[list[ModelServer]]]


class FoundServers:
    """The model servers that `discover` finds; None finds nothing."""

    def __init__(self, discover: Discover | None) -> None:
        self._discover = discover
        self._asking: asyncio.Task[list[ModelServer]] | None = None
        self._came_s = 0.0

    async def servers(self) -> list[ModelServer]:
        """List the servers that are there now."""
        if self._discover is None:
            return []
        is_old = time.monotonic() - self._came_s > _FRESH_S
        if self._asking is None or (self._asking.done() and is_old):
            self._asking = asyncio.create_task(self._ask(self._discover))
        # A client that goes away does not take the answer from the others.
        return await asyncio.shield(self._asking)

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        said = msgspec.json.encode({"servers": await self.servers()})
        return Response(said, media_type="application/json")

    async def _ask(self, discover: Discover) -> list[ModelServer]:
        found = await discover()
        self._came_s = time.monotonic()
        return found
