"""Leave for the Python of a chat, to load packages and to reach addresses: one question for a cell,
asked in the room of consent.
"""

from collections.abc import Callable
from dataclasses import replace

from ..history.records import ChatRecord
from . import words
from .consent.consent import Consent
from .consent.request_list import Choice, ConsentRequest, Detail
from .tools.session.package_plan import Offer
from .tools.session.packages import Granted

_ONCE, _CHAT, _NO = "once", "chat", "no"


class PythonConsent:
    """Asks, and remembers for as long as the page which packages were allowed: "always" is for one
    chat. What was said of addresses `Reach` remembers. `chat_of(id)` gives a chat's record, where
    it has one.
    """

    def __init__(self, consent: Consent, chat_of: Callable[[str], ChatRecord | None]) -> None:
        self._consent = consent
        self._chat_of = chat_of
        self._always: set[str] = set()
        self._allowed: dict[str, set[str]] = {}

    async def asked(self, chat_id: str, offer: Offer) -> Granted:
        """Tell what the person says of what is not allowed yet."""
        allowed = self._allowed.setdefault(chat_id, set())
        if chat_id in self._always or allowed.issuperset(offer.names):
            offer = replace(offer, names=[], lines=[], hosts=[])
        may_load = not offer.names
        if may_load and not offer.addresses:
            return Granted(True, _NO)
        choice = await self._consent.ask(_request(self._chat_of(chat_id), offer)) or _NO
        if choice == _CHAT and offer.names:
            self._always.add(chat_id)
        elif choice == _ONCE:
            allowed.update(offer.names)
        return Granted(may_load or choice != _NO, choice)


def _request(chat: ChatRecord | None, offer: Offer) -> ConsentRequest:
    details = []
    if offer.addresses:  # first, for what is sent there does not come back
        details.append(Detail(words.ADDRESSES, "\n".join(offer.addresses)))
    if offer.names:
        details += [
            Detail(words.PACKAGES, "\n".join(offer.lines)),
            Detail(words.PLACES, "\n".join(offer.hosts)),
        ]
    yes, no = (words.LOAD, words.LOAD_NOTHING) if offer.names else (words.REACH, words.REACH_NOT)
    asks = words.LOAD_PACKAGES if offer.names else words.REACH_ADDRESSES
    if offer.names and offer.addresses:
        yes, no, asks = words.LET_BOTH, words.REACH_NOT, words.LOAD_AND_REACH
    return ConsentRequest(
        kind="packages" if offer.names else "addresses",
        asks=asks,
        choices=(
            Choice(_ONCE, yes, is_yes=True),
            Choice(_CHAT, words.IN_CHAT, is_yes=True),
            Choice(_NO, no),
        ),
        details=details,
        chat=chat,
    )
