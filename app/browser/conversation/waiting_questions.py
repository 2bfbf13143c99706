"""Questions of a chat that wait for the answer before them."""

from ...core.messages import Part
from ..storage.outbox import Outbox, OutboxItem
from ..web.tasks import beside


class WaitingQuestions:
    """They are asked in order, unless the answer before them failed or was stopped, or the page was
    left: then `is_paused`, until a person goes on.
    """

    def __init__(self, outbox: Outbox, chat_id: str) -> None:
        self.questions: list[OutboxItem] = []
        self.is_paused = False
        self._outbox = outbox
        self._chat_id = chat_id

    def add(self, parts: list[Part]) -> None:
        """Let a question wait."""
        question = OutboxItem(self._outbox.new_id(), parts)
        self.questions.append(question)
        beside(self._outbox.keep(self._chat_id, "waiting", [question]))

    async def take_up(self) -> bool:
        """Take up those that waited when this chat was left; tell whether there are any."""
        found = await self._outbox.take_waiting(self._chat_id)
        if found:
            self.questions[:0] = found
            self.is_paused = True
        return bool(found)

    def remove(self, id: str) -> list[Part]:
        """Take one out; return its parts, none where it does not wait any more."""
        found = next((one for one in self.questions if one.id == id), None)
        if found is None:
            return []
        self.questions.remove(found)
        self.forget(found)
        return found.parts

    def next(self) -> OutboxItem | None:
        """Take the first one, if it may be asked; `forget` it once it is."""
        return self.questions.pop(0) if self.questions and not self.is_paused else None

    def forget(self, question: OutboxItem) -> None:
        """Keep a question no more."""
        beside(self._outbox.drop(self._chat_id, "waiting", [question.id]))
