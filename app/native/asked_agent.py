"""An agent in the place of a model, as a server asks it, wherever it runs."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import uuid4

from ..agents.messages import Ask, Decide
from ..core.events import Event
from ..core.messages import Message
from ..core.options import ToolDefinition


class AskedAgent(ABC):
    """Takes questions, and what a person says to an answer's own. Where it runs says how it is
    told of both.
    """

    async def ask(
        self,
        messages: list[Message],
        *,
        chat: str = "",
        user: str = "",
        shows_errors: bool = False,
        tools: Sequence[ToolDefinition] = (),
    ) -> AsyncGenerator[list[Event]]:
        """Yield the events of an answer, `Done` last. Closing this stops the function."""
        asked = Ask(uuid4().hex, messages, chat, user, shows_errors, list(tools))
        async with aclosing(self._batches(asked)) as batches:
            async for batch in batches:
                yield batch

    async def decide(self, answer_id: str, call_id: str, decision: str, *, user: str = "") -> bool:
        """Pass on a person's decision; False where no answer of theirs waits for it."""
        return await self._decide(Decide(answer_id, call_id, decision, user))

    @abstractmethod
    def _batches(self, asked: Ask) -> AsyncGenerator[list[Event]]: ...

    @abstractmethod
    async def _decide(self, said: Decide) -> bool: ...
