"""The agent of a server as what its runs ask: a provider in our own format, within this process."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

from msgspec.structs import replace

from ...core.events import Event
from ...core.messages import Message
from ...core.running.calls import Decision
from ...core.running.chat import Chat
from ...core.running.retries import Retries
from ...core.running.step import Deadlines
from ...core.tools.function_tool import Tool
from ...core.tools.toolbox import Toolbox
from ...core.wire.transport import Request, Response
from ...protocols import tokenfall
from ...protocols.tokenfall.runs import Question
from ...providers import Provider
from ...providers.check import Check
from ..access import name_of
from ..agent_routes import Agent
from .background import Background
from .refusals import RefusedError
from .tools_elsewhere import asked_elsewhere

# Its name among the providers.
AGENT = "agent"

# A function takes as long as it takes, and a person whom it asks may think; the run has a limit.
_PATIENT = Deadlines(None, None, None, None, None, None)
# What it has done once it must not do twice.
_ONCE = Retries(attempts=0)
_ONLY_THE_AGENT = "This server asks its agent, and nobody else."
_NO_MODELS = "An agent has no models to choose from."


class AgentAsker:
    """Asks the agent for runs, and nobody else. `shows_errors`: the asking person is its author."""

    def __init__(self, agent: Agent, *, shows_errors: bool) -> None:
        self._agent = agent
        self._shows_errors = shows_errors
        self._telling: set[asyncio.Future[bool]] = set()

    def chat(
        self,
        question: Question,
        history: Sequence[Message],
        make_toolbox: Callable[[Sequence[Tool]], Toolbox] = Toolbox,
        background: Background | None = None,
        *,
        owner: str,
    ) -> Chat:
        """Make the conversation that the question is asked in; an agent works in no `background`.
        Raises `RefusedError`.
        """
        if question.provider not in ("", AGENT):
            raise RefusedError(403, "provider_refused", _ONLY_THE_AGENT)
        title = self._agent.look().title
        options = question.options
        if not options.cache_key:
            options = replace(options, cache_key=question.chat)
        return Chat(
            Provider(AGENT, title, "http://agent", protocol=tokenfall.NAME),
            title,
            tools=make_toolbox([*map(asked_elsewhere, question.tools)]),
            options=options,
            transport=_AgentTransport(self._agent, name_of(owner), self._shows_errors),
            deadlines=_PATIENT,
            retries=_ONCE,
            messages=history,
        )

    def named(self, question: Question) -> Question:
        """Give the question as it is: there is one to ask."""
        return question

    def again(
        self,
        question: Question,
        history: Sequence[Message],
        background: Background | None = None,
    ) -> None:
        """Ask for no run a second time: nobody knows what the function had done."""

    def decide(self, owner: str, answer_id: str, call_id: str, decision: Decision) -> None:
        """Pass on what a person said to a question of the agent's; it may not wait any more."""
        telling = self._agent.decide(answer_id, call_id, decision, user=name_of(owner))
        self._telling.add(task := asyncio.ensure_future(telling))
        task.add_done_callback(self._telling.discard)

    def listed(self) -> list[dict[str, Any]]:
        """List it as a provider."""
        return [
            {
                "name": AGENT,
                "label": self._agent.look().title,
                "default_model": "",
                "has_key": True,
            }
        ]

    async def check(self, name: str) -> Check:
        """Refuse: there are no models."""
        raise RefusedError(404, "no_key", _NO_MODELS)


class _AgentTransport:
    """Carries questions to the agent, and its events back as they would come over HTTP."""

    def __init__(self, agent: Agent, user: str, shows_errors: bool) -> None:
        self._agent = agent
        self._user = user
        self._shows_errors = shows_errors

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        """Ask it. Leaving the block stops it."""
        asked = tokenfall.parse_request(request.body)
        told = self._agent.ask(
            asked.messages,
            chat=asked.options.cache_key,
            user=self._user,
            shows_errors=self._shows_errors,
            tools=asked.options.tools,
        )
        async with aclosing(told):
            yield _Told(told)


class _Told:
    """An answer as the response that tells it. It streams in sync mode too: a question to the
    person has to be seen before the end.
    """

    status = 200
    headers: Mapping[str, str] = {"content-type": tokenfall.EVENT_STREAM}

    def __init__(self, told: AsyncGenerator[list[Event]]) -> None:
        self._told = told

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield each batch as records."""
        number = 0
        async for batch in self._told:
            records = [tokenfall.sse(event, number + place) for place, event in enumerate(batch, 1)]
            yield b"".join(records)
            number += len(batch)
