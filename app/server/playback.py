"""The scripted provider over a socket: plays replies, and tells what became of each request."""

import asyncio
from contextlib import aclosing
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..scripted.play import CutShort, Gates, play
from ..scripted.steps import Gate, Pause, Reply, Stall, Step
from ..scripted.steps import Send as SendStep
from .connection import while_connected

State = Literal["running", "finished", "disconnected"]


class Exchange(msgspec.Struct):
    """One request to the scripted provider. Never holds the value of `Authorization`.

    `at` is where the script stands while the request runs: "gate:NAME", "stall" or "".
    """

    method: str
    path: str
    headers: dict[str, str]
    body: str
    state: State = "running"
    at: str = ""


class Script:
    """Replies that wait for a request, the gates they wait at, and the requests seen so far.

    Without `keeps_requests` a request is forgotten with its answer.
    """

    def __init__(self, closing: asyncio.Event, *, keeps_requests: bool = True) -> None:
        self._closing = closing
        self._keeps_requests = keeps_requests
        self._changed = asyncio.Event()
        self.replies: list[Reply] = []
        self.gates = Gates()
        self.exchanges: list[Exchange] = []

    def reset(self) -> None:
        """Forget replies, open gates and requests. Running replies go on unseen."""
        self.replies.clear()
        self.gates.close_all()
        self.exchanges.clear()
        self._notify()

    async def response(self, request: Request, otherwise: Reply) -> Response:
        """Answer with the next queued reply, or with `otherwise` where none is queued."""
        reply = self.replies.pop(0) if self.replies else otherwise
        if not self._keeps_requests:
            return _Playback(self, Exchange(request.method, request.url.path, {}, ""), reply)
        exchange = Exchange(
            method=request.method,
            path=request.url.path,
            headers={
                name: "(not shown)" if name == "authorization" else value
                for name, value in request.headers.items()
            },
            body=(await request.body()).decode("utf-8", "replace"),
        )
        self.exchanges.append(exchange)
        self._notify()
        return _Playback(self, exchange, reply)

    async def until(self, index: int, *, state: str | None, at: str | None) -> Exchange:
        """Wait until request `index` is there, and in this state and at this place if given."""
        while True:
            changed = self._changed
            if index < len(self.exchanges):
                exchange = self.exchanges[index]
                if state in (None, exchange.state) and at in (None, exchange.at):
                    return exchange
            await changed.wait()

    async def perform(self, exchange: Exchange, reply: Reply, receive: Receive, send: Send) -> None:
        """Play a reply over ASGI and keep the record of how it went."""

        def on_step(step: Step) -> None:
            if not isinstance(step, SendStep | Pause) or exchange.at:
                exchange.at = _place(step)
                self._notify()

        async def work() -> None:
            async for _ in play(reply.before, self.gates, on_step):
                pass
            headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            async with aclosing(play(reply.steps, self.gates, on_step)) as sent:
                async for chunk in sent:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body"})

        try:
            ended = await while_connected(receive, self._closing, work())
        except CutShort:
            # Returning before the last body message makes uvicorn close the connection without
            # the end of the chunked body: to the client a broken answer.
            ended = True
        exchange.state = "finished" if ended else "disconnected"
        exchange.at = ""
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class _Playback(Response):
    def __init__(self, script: Script, exchange: Exchange, reply: Reply) -> None:
        self._script = script
        self._exchange = exchange
        self._reply = reply
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._script.perform(self._exchange, self._reply, receive, send)


def _place(step: Step) -> str:
    match step:
        case Gate(name):
            return f"gate:{name}"
        case Stall():
            return "stall"
        case _:
            return ""
