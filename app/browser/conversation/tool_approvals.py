"""Leave for the tools that a model calls: asked in the room of consent, told to the chat."""

from collections.abc import Awaitable, Callable

from ...core.events import ApprovalRequest
from ...core.text.visible_text import visible
from ..consent.consent import Consent
from ..consent.request_list import Choice, ConsentRequest, Detail
from ..web.tasks import beside
from . import words
from .open_chat import OpenChat

_CHOICES = (
    Choice("once", words.ALLOW_ONCE, is_yes=True),
    Choice("chat", words.ALLOW_IN_CHAT, is_yes=True),
    Choice("always", words.ALLOW_ALWAYS, is_yes=True),
    Choice("deny", words.DENY),
)


class ToolApprovals:
    """Asks for the calls that wait. `allow_always(name)` keeps that a tool needs no approval."""

    def __init__(self, consent: Consent, allow_always: Callable[[str], None]) -> None:
        self._consent = consent
        self._allow_always = allow_always
        # By chat what is asked for each call that waits there: an answer's id, and the call.
        self._asked: dict[str, dict[tuple[str, ApprovalRequest], ConsentRequest]] = {}

    def follow(self, chat: OpenChat) -> None:
        """Ask for the calls of this chat that wait now, and for no others."""
        waiting = dict.fromkeys(chat.waiting_calls())
        asked = self._asked.pop(chat.chat.id, {})
        for call in [call for call in asked if call not in waiting]:
            self._consent.withdraw(asked.pop(call))
        new = [call for call in waiting if call not in asked]
        asked |= {call: _request(chat, call[1]) for call in new}
        if asked:
            self._asked[chat.chat.id] = asked
        for call in new:
            beside(self._tell(chat, call, self._consent.ask(asked[call])))

    def forget(self, chat_id: str) -> None:
        """Ask nothing more of this chat: it is deleted."""
        self._asked.pop(chat_id, None)
        self._consent.withdraw_chat(chat_id)

    async def _tell(
        self,
        chat: OpenChat,
        call: tuple[str, ApprovalRequest],
        answer: Awaitable[str | None],
    ) -> None:
        decision = await answer
        if decision is not None:
            if decision == "always":
                self._allow_always(call[1].name)
            chat.decide(*call, decision)
            self.follow(chat)


def _request(chat: OpenChat, call: ApprovalRequest) -> ConsentRequest:
    return ConsentRequest(
        kind="tool",
        asks=words.ALLOW_A_TOOL,
        choices=_CHOICES,
        name=call.name,
        details=(Detail(words.ARGUMENTS, call.arguments, is_arguments=True),),
        chat=chat.chat,
        spoken=words.wants_to_run(visible(call.name)),
    )
