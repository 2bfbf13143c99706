"""A function or an agent of this very program as what answers."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any
from uuid import uuid4

from ..agents.answers import Answers
from ..agents.loading import agent_of
from ..agents.messages import Ask, Decide
from ..core.events import Event
from ..core.messages import Message
from ..core.options import ToolDefinition
from .agent_process import AgentStatus


class AgentHere:
    """Asks a function, or an agent of a framework, in the loop that asks. `title` and `description`
    are what the page says of it; else its own name and docstring do.

    Raises:
        UsageError: It cannot answer; the message says why.
    """

    def __init__(
        self, answer: Callable[..., Any] | object, *, title: str = "", description: str = ""
    ) -> None:
        self._answers = Answers(agent_of(answer, title, description))

    def look(self) -> AgentStatus:
        """Give its status for the page."""
        agent = self._answers.agent
        takes_tools = agent.function.takes_tools
        return AgentStatus(agent.title, "ready", agent.description, takes_tools=takes_tools)

    async def load(self) -> AgentStatus:
        """Give the status: it is there."""
        return self.look()

    async def ask(
        self,
        messages: list[Message],
        *,
        chat: str,
        user: str,
        shows_errors: bool,
        tools: Sequence[ToolDefinition] = (),
    ) -> AsyncGenerator[list[Event]]:
        """Yield the events of an answer, `Done` last. Closing this stops the function."""
        asked = Ask(uuid4().hex, messages, chat, user, shows_errors, list(tools))
        async with aclosing(self._answers.batches(asked)) as batches:
            async for batch in batches:
                yield batch

    async def decide(self, answer_id: str, call_id: str, decision: str, *, user: str) -> bool:
        """Pass on what a person said; False where no answer of theirs waits for it."""
        return self._answers.decide(Decide(answer_id, call_id, decision, user))

    async def close(self) -> None:
        """Do nothing: answers end with those who read them."""
