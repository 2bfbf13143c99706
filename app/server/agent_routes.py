"""An agent in the place of a model, for the page: asked in our own format, given a person's
decisions.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ..connections.serving import to_sse_response
from ..core.errors import ErrorInfo, ProtocolError
from ..core.events import ApprovalRequest, Done, Error, Event
from ..core.fold import Fold
from ..core.messages import Message
from ..core.options import ToolDefinition
from ..native.agent_process import AgentStatus
from ..protocols import tokenfall
from .access import name_of
from .connection import while_connected
from .errors import api_error
from .signs_of_life import with_signs_of_life
from .stream_limit import without_place

PATH = "/api/agent"
_ASKS_IN_SYNC_MODE = (
    "The answer wants to ask something, which can be seen only while it is streamed: switch "
    "streaming on, and ask again."
)


class Agent(Protocol):
    """The answering side: a file in a process of its own, or a function of this program."""

    def look(self) -> AgentStatus:
        """Give its status now."""
        ...

    async def load(self) -> AgentStatus:
        """Have it ready."""
        ...

    def ask(
        self,
        messages: list[Message],
        *,
        chat: str,
        user: str,
        shows_errors: bool,
        tools: Sequence[ToolDefinition] = (),
    ) -> AsyncGenerator[list[Event]]:
        """Yield the events of an answer, `Done` last. Closing this stops it."""
        ...

    async def decide(self, answer_id: str, call_id: str, decision: str, *, user: str) -> bool:
        """Pass on what a person said; False where no answer of theirs waits for it."""
        ...

    async def close(self) -> None:
        """End what it began."""
        ...


class _Decision(msgspec.Struct):
    answer: str
    call: str
    decision: str


def agent_routes(agent: Agent, closing: asyncio.Event, *, shows_errors: bool) -> list[Route]:
    """Make the addresses of the agent. `shows_errors`: the asking person is its author. `closing`
    ends every answer.
    """

    async def chat(request: Request) -> Response:
        try:
            asked = tokenfall.parse_request(await request.body())
        except ProtocolError as error:
            return api_error(400, str(error), "bad_request")
        if refusal := without_place(request.scope):
            return refusal
        told = agent.ask(
            asked.messages,
            chat=asked.options.cache_key,
            user=name_of(request.state.owner),
            shows_errors=shows_errors,
            tools=asked.options.tools,
        )
        return _Told(told, closing) if asked.stream else await _whole(told)

    async def decide(request: Request) -> Response:
        try:
            said = msgspec.json.decode(await request.body(), type=_Decision)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return api_error(400, "this is not what a page asks here", "bad_request")
        user = name_of(request.state.owner)
        if not await agent.decide(said.answer, said.call, said.decision, user=user):
            return api_error(404, "no such question waits for an answer", "not_found")
        return Response(status_code=204)

    return [
        Route(f"{PATH}/chat", chat, methods=["POST"]),
        Route(f"{PATH}/decisions", decide, methods=["POST"]),
    ]


class _Told(Response):
    """An answer as it comes; it ends with its reader, or with the server."""

    def __init__(self, told: AsyncGenerator[list[Event]], closing: asyncio.Event) -> None:
        self._told = told
        self._closing = closing
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._told):
            sending = to_sse_response(with_signs_of_life(self._told)).send(send)
            await while_connected(receive, self._closing, sending)


async def _whole(told: AsyncGenerator[list[Event]]) -> Response:
    fold = Fold(tokenfall.NAME)
    async with aclosing(told):
        async for batch in told:
            if any(isinstance(event, ApprovalRequest) for event in batch):
                fold.add([Error(ErrorInfo("unknown", _ASKS_IN_SYNC_MODE)), Done("error")])
                break
            fold.add(batch)
    return Response(tokenfall.body(fold.message), media_type="application/json")
