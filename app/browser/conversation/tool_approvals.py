"""Leave for the tools that a model calls: asked in the room of consent, told to the chat."""

from collections.abc import Awaitable, Callable

import msgspec

from ...core.events import ApprovalRequest
from ...core.running.calls import Decision
from ...core.text.visible_text import visible
from ...core.tools.checking import decoded_object
from ..consent.consent import Consent
from ..consent.request_list import Choice, ConsentRequest, Detail
from ..web.tasks import beside
from . import words
from .open_chat import OpenChat

_LABELS: dict[Decision, str] = {
    "once": words.ALLOW_ONCE,
    "chat": words.ALLOW_IN_CHAT,
    "always": words.ALLOW_ALWAYS,
    "deny": words.DENY,
}


class ToolApprovals:
    """Asks for the calls that wait. `decided(decision, name, chat_id)` is called with each
    decision.
    """

    def __init__(self, consent: Consent, decided: Callable[[Decision, str, str], None]) -> None:
        self._consent = consent
        self._decided = decided
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
        choice = await answer
        decision = next((one for one in _LABELS if one == choice), None)
        if decision is not None:
            if call[1].wants != "answer":
                self._decided(decision, call[1].name, chat.chat.id)
            chat.decide(*call, decision)
            self.follow(chat)


def _request(chat: OpenChat, call: ApprovalRequest) -> ConsentRequest:
    if call.wants == "answer":
        return ConsentRequest(
            kind="question",
            asks=words.ANSWER_A_QUESTION,
            choices=(Choice("once", words.YES, is_yes=True), Choice("deny", words.NO)),
            details=_asked(call.arguments),
            chat=chat.chat,
        )
    return ConsentRequest(
        kind="tool",
        asks=words.ALLOW_A_REMOTE_TOOL if call.by_provider else words.ALLOW_A_TOOL,
        choices=tuple(
            Choice(one, label, is_yes=one != "deny")
            for one, label in _LABELS.items()
            if one != "always" or not call.by_provider  # a server's tools are other ones tomorrow
        ),
        name=call.name,
        details=(_arguments(call.arguments),),
        chat=chat.chat,
        spoken=words.wants_to_run(visible(call.name)),
    )


def _arguments(arguments: str) -> Detail:
    """The arguments as JSON; where plain code is all that there is, the lines of that. With any
    letter that has to be written otherwise it is no such code: beside Python's line ends, some that
    only Python takes for one would show as a part of a comment.
    """
    try:
        told = decoded_object(arguments)
    except (ValueError, RecursionError):
        told = {}
    code = told.get("code")
    lines = code.replace("\r\n", "\n") if isinstance(code, str) else ""
    if len(told) == 1 and lines.strip() and visible(lines) == lines:
        return Detail(words.CODE, lines)
    return Detail(words.ARGUMENTS, arguments, is_arguments=True)


def _asked(arguments: str) -> tuple[Detail, ...]:
    """The question as text, and what the person should know beside it; where it is none, all of
    it as it came.
    """
    try:
        told = msgspec.json.decode(arguments, type=dict[str, msgspec.Raw])
        question = msgspec.json.decode(told.pop("question"), type=str)
    except (msgspec.MsgspecError, KeyError, RecursionError):
        return (Detail(words.QUESTION, arguments, is_arguments=True),)
    rest = msgspec.json.encode(told).decode() if told else ""
    more = (Detail(words.DETAILS, rest, is_arguments=True),) if told else ()
    return (Detail(words.QUESTION, question), *more)
