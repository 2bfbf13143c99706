"""The scripted provider as a transport of the core: no network, nothing leaves the process."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Literal

from ..core.errors import ReadError
from ..core.wire.transport import Request
from .play import CutShort, Gates, play
from .steps import Reply

State = Literal["running", "finished", "aborted"]


class Exchange:
    """One request and how it went: `aborted` where the reader left before the body's end."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.state: State = "running"


class ScriptedResponse:
    """The answer of a script; satisfies the core's `Response`."""

    def __init__(self, reply: Reply, gates: Gates, exchange: Exchange) -> None:
        self._reply = reply
        self._gates = gates
        self._exchange = exchange

    @property
    def status(self) -> int:
        return self._reply.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._reply.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as the script sends it.

        Raises:
            ReadError: The script cut the connection.
        """
        try:
            async with aclosing(play(self._reply.steps, self._gates)) as sent:
                async for chunk in sent:
                    yield chunk
        except CutShort:
            self._exchange.state = "finished"
            raise ReadError("The connection broke in the middle of the answer.") from None
        self._exchange.state = "finished"


class ScriptedTransport:
    """Carries requests to a script instead of a network.

    `reply_for` chooses the answer to each request; it may raise `ConnectError` to play a provider
    that cannot be reached. `exchanges` tells each request and how it ended.
    """

    def __init__(self, reply_for: Callable[[Request], Reply]) -> None:
        self._reply_for = reply_for
        self._gates = Gates()
        self.exchanges: list[Exchange] = []

    def open_gate(self, name: str) -> None:
        """Let the answers that wait at this gate go on."""
        self._gates.open(name)

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[ScriptedResponse]:
        """Ask the script. Leaving the block before the body's end counts as an abort.

        Raises:
            ConnectError: `reply_for` plays a provider that cannot be reached.
        """
        exchange = Exchange(request)
        self.exchanges.append(exchange)
        try:
            reply = self._reply_for(request)
            async for _ in play(reply.before, self._gates):
                pass
            yield ScriptedResponse(reply, self._gates, exchange)
        finally:
            if exchange.state == "running":
                exchange.state = "aborted"
