"""A function or an agent of this very program as what answers."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from ..agents.answers import Answers
from ..agents.loading import agent_of
from ..agents.messages import Ask, Decide
from ..core.events import Event
from .agent_process import AgentStatus
from .asked_agent import AskedAgent


class AgentHere(AskedAgent):
    """Asks a function, or an agent of a framework, in the loop that asks. `title` and `description`
    are what the page says of it; else its own name and docstring do.

    Raises:
        UsageError: It cannot answer; the message says why.
    """

    def __init__(
        self, answer: Callable[..., Any] | object, *, title: str = "", description: str = ""
    ) -> None:
        self._all: list[Answers] = []  # the last one answers, the others may still do so
        self.renew(answer, title=title, description=description)

    def renew(
        self, answer: Callable[..., Any] | object, *, title: str = "", description: str = ""
    ) -> None:
        """Have another one answer from the next question on; the states of chats begin anew.
        Answers on their way come to their end.
        """
        new = Answers(agent_of(answer, title, description))
        self._all = [*(one for one in self._all if not one.is_idle), new]

    def look(self) -> AgentStatus:
        """Give its status for the page."""
        agent = self._all[-1].agent
        takes_tools = agent.function.takes_tools
        return AgentStatus(agent.title, "ready", agent.description, takes_tools=takes_tools)

    async def load(self) -> AgentStatus:
        """Give the status: it is there."""
        return self.look()

    def _batches(self, asked: Ask) -> AsyncGenerator[list[Event]]:
        return self._all[-1].batches(asked)

    async def _decide(self, said: Decide) -> bool:
        return any(one.decide(said) for one in self._all)

    async def close(self) -> None:
        """Do nothing: answers end with those who read them."""
