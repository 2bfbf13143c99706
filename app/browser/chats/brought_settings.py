"""Asks whether chats from files may use the settings these brought for them: one request for all.

Until then, and after a no, they are asked as new chats are (`history/brought`). Another import
while a request waits joins it: several above one another would leave no room to read in. An open
request is made again at the next visit; the drawer of each chat asks too.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from ...history.brought import drop, take
from ...history.records import ChatRecord
from ..consent.consent import Consent
from ..consent.request_list import Choice, ConsentRequest
from ..settings.brought_details import details
from ..web.tasks import beside
from . import words
from .chats import Chats

_USE, _DROP, _LATER = "use", "drop", "later"


class BroughtSettings:
    """Asks about chats, and carries out the decision."""

    def __init__(self, chats: Chats, consent: Consent) -> None:
        self._chats = chats
        self._consent = consent
        self._asking: dict[ConsentRequest, list[str]] = {}
        chats.list.subscribe(lambda _: self._on_list())

    def ask_waiting(self) -> None:
        """Ask about all chats that were left undecided at an earlier visit."""
        self.ask(list(self._chats.records))

    def ask(self, ids: Sequence[str]) -> bool:
        """Ask about those of these chats that bring something and are not asked about yet, together
        with those that are. Tell whether there are any.
        """
        asked = list(chain.from_iterable(self._asking.values()))
        known = set(asked)
        new = self._undecided(id for id in ids if id not in known)
        if new:
            undecided = [*self._undecided(asked), *new]
            for request in list(self._asking):
                self._consent.withdraw(request)
            request = _request(undecided)
            self._asking[request] = [chat.id for chat in undecided]
            beside(self._settle(request))
        return bool(new)

    def _undecided(self, ids: Iterable[str]) -> list[ChatRecord]:
        """List those of these chats that bring something."""
        records = self._chats.records
        return [records[id] for id in ids if id in records and records[id].brought]

    async def _settle(self, request: ConsentRequest) -> None:
        choice = await self._consent.ask(request)
        ids = self._asking.pop(request)
        if choice in (_USE, _DROP):
            decided = (chat for id in ids if (chat := self._chats.records.get(id)) is not None)
            self._chats.operations.decide(
                [chat for chat in decided if chat.brought], take if choice == _USE else drop
            )

    def _on_list(self) -> None:
        """Withdraw requests that are settled: another tab has decided, or the chat is gone."""
        for request, ids in list(self._asking.items()):
            records = (self._chats.records.get(id) for id in ids)
            if not any(record is not None and record.brought for record in records):
                self._consent.withdraw(request)


def _request(chats: Sequence[ChatRecord]) -> ConsentRequest:
    return ConsentRequest(
        kind="import",
        asks=words.brings_settings(len(chats)),
        choices=(
            Choice(_USE, words.USE_BROUGHT, is_yes=True),
            Choice(_DROP, words.DROP_BROUGHT),
            Choice(_LATER, words.DECIDE_LATER),
        ),
        name=chats[0].title if len(chats) == 1 else "",
        details=details([chat.brought for chat in chats if chat.brought is not None]),
        chat=chats[0] if len(chats) == 1 else None,
    )
