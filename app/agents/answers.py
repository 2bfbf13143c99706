"""The answers that one agent gives, and the states of its chats."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any
from uuid import uuid4

from ..core.events import Event
from ..core.messages import Message
from .answering import Answer
from .calling import Function
from .frameworks import function_of
from .loading import Agent
from .messages import Ask, Decide

_MOST_CHATS = 1000


def answering(thing: Any) -> Callable[..., Answer]:
    """Make what answers for a function, or for an agent of a framework: it is called with the
    messages, and `state`, `user` and `tools` of its `Request`, and gives an `Answer`.

    Raises:
        UsageError: It cannot answer; the message says why.
    """
    function = Function(function_of(thing))

    def answer(messages: list[Message], **given: Any) -> Answer:
        return Answer(function, messages, id=uuid4().hex, **given)

    return answer


class Answers:
    """Gives answers. Each person has states of their own, also of a chat that others name alike."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self._states: dict[tuple[str, str], dict[str, object]] = {}
        self._running: dict[tuple[str, str], Answer] = {}

    @property
    def is_idle(self) -> bool:
        """Tell whether it gives no answer."""
        return not self._running

    async def batches(self, asked: Ask) -> AsyncGenerator[list[Event]]:
        """Yield the events of an answer, `Done` last. Closing this stops the function."""
        answer = self._running[asked.user, asked.id] = Answer(
            self.agent.function,
            asked.messages,
            id=asked.id,
            name=self.agent.title,
            state=self._state(asked),
            user=asked.user,
            shows_errors=asked.shows_errors,
            tools=asked.tools,
        )
        try:
            async with aclosing(answer.batches()) as batches:
                async for batch in batches:
                    yield batch
        finally:
            del self._running[asked.user, asked.id]

    def decide(self, said: Decide) -> bool:
        """Pass on what a person said; False where no answer of theirs waits for it."""
        answer = self._running.get((said.user, said.id))
        return answer is not None and answer.decide(said.call_id, said.decision)

    def _state(self, asked: Ask) -> dict[str, object]:
        """The state of a chat; those of chats that were not asked in for long are forgotten."""
        key = asked.user, asked.chat
        state = self._states.pop(key, {})
        self._states[key] = state
        while len(self._states) > _MOST_CHATS:
            del self._states[next(iter(self._states))]
        return state
