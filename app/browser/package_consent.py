"""Leave to load packages into the Python of a chat: asked in the room of consent."""

from collections.abc import Callable

from ..history.records import ChatRecord
from . import words
from .consent.consent import Consent
from .consent.request_list import Choice, ConsentRequest, Detail
from .tools.session.packages import Offer

_ONCE, _CHAT, _NO = "once", "chat", "no"


class PackageConsent:
    """Asks, and remembers for as long as the page what was allowed: "always" is for one chat.
    `chat_of(id)` gives a chat's record, where it has one.
    """

    def __init__(self, consent: Consent, chat_of: Callable[[str], ChatRecord | None]) -> None:
        self._consent = consent
        self._chat_of = chat_of
        self._always: set[str] = set()
        self._allowed: dict[str, set[str]] = {}

    async def allows(self, chat_id: str, offer: Offer) -> bool:
        """Tell whether these may be loaded in this chat."""
        allowed = self._allowed.setdefault(chat_id, set())
        if chat_id in self._always or allowed.issuperset(offer.names):
            return True
        choice = await self._consent.ask(_request(self._chat_of(chat_id), offer))
        if choice == _CHAT:
            self._always.add(chat_id)
        elif choice == _ONCE:
            allowed.update(offer.names)
        return choice in (_ONCE, _CHAT)


def _request(chat: ChatRecord | None, offer: Offer) -> ConsentRequest:
    return ConsentRequest(
        kind="packages",
        asks=words.LOAD_PACKAGES,
        choices=(
            Choice(_ONCE, words.LOAD, is_yes=True),
            Choice(_CHAT, words.LOAD_IN_CHAT, is_yes=True),
            Choice(_NO, words.LOAD_NOTHING),
        ),
        details=(
            Detail(words.PACKAGES, "\n".join(offer.lines)),
            Detail(words.PLACES, "\n".join(offer.hosts)),
        ),
        chat=chat,
    )
