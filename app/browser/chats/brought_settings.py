"""Asks whether chats from a file may use what it brought for them: once an import.

Until then, and after a no, they are asked as new chats are (`history/brought`). What was not
decided is asked again at the next visit, for all of these chats at once; the drawer of each asks
too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from ...history.brought import drop, take
from ...history.records import Brought, ChatRecord
from ..consent.consent import Consent
from ..consent.request_list import Choice, ConsentRequest, Detail
from ..settings import words as settings_words
from ..settings.answer_options import FIELDS
from ..web.tasks import beside
from . import words
from .chats import Chats

_USE, _DROP, _LATER = "use", "drop", "later"

# What may do the most comes first; the rest of the settings goes together.
_APART = ("instructions", "extra")


class BroughtSettings:
    """Asks about chats, and does what is decided."""

    def __init__(self, chats: Chats, consent: Consent) -> None:
        self._chats = chats
        self._consent = consent
        self._asking: dict[ConsentRequest, set[str]] = {}
        chats.on_list = self._on_list

    def ask_waiting(self) -> None:
        """Ask about all chats that were left undecided at an earlier visit."""
        self.ask(list(self._chats.records))

    def ask(self, ids: Sequence[str]) -> bool:
        """Ask once about those of these chats that bring something, where nobody asks yet. Says
        whether there are any.
        """
        asked = set().union(*self._asking.values())
        records = self._chats.records
        undecided = [
            records[id] for id in ids if id in records and records[id].brought and id not in asked
        ]
        if undecided:
            request = _request(undecided)
            self._asking[request] = {chat.id for chat in undecided}
            beside(self._settle(request))
        return bool(undecided)

    async def _settle(self, request: ConsentRequest) -> None:
        choice = await self._consent.ask(request)
        ids = self._asking.pop(request)
        if choice in (_USE, _DROP):
            decided = (chat for id in ids if (chat := self._chats.records.get(id)) is not None)
            await self._chats.changing.decide(
                [chat for chat in decided if chat.brought], take if choice == _USE else drop
            )

    def _on_list(self) -> None:
        """Another tab may have decided, or a chat be gone: ask no more of what is settled."""
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


def details(brought: Iterable[Brought]) -> list[Detail]:
    """All that these chats bring, each thing said once, with in how many chats it is."""
    found: dict[str, Counter[str]] = {}
    for one in brought:
        for label, text in _said(one):
            found.setdefault(label, Counter())[text] += 1
    return [
        Detail(label, "\n\n".join(_counted(text, count, counts) for text, count in counts.items()))
        for label, counts in sorted(found.items(), key=lambda item: _LABELS.index(item[0]))
    ]


def _counted(text: str, count: int, counts: Counter[str]) -> str:
    return text if len(counts) == 1 else f"{words.in_chats(count)}\n{text}"


def _said(brought: Brought) -> Iterable[tuple[str, str]]:
    settings = brought.settings
    if settings.instructions:
        yield settings_words.INSTRUCTIONS, settings.instructions
    for text in brought.system:
        yield words.SYSTEM_MESSAGES, text
    if settings.extra:
        pretty = msgspec.json.format(msgspec.json.encode(settings.extra), indent=2).decode()
        yield settings_words.EXTRA, pretty
    if settings.tools is not None:
        yield words.BROUGHT_TOOLS, ", ".join(settings.tools) or words.BRINGS_NO_TOOLS
    if settings.model:
        yield words.BROUGHT_MODEL, settings.model.removeprefix("own ")
    others = [
        f"{field.label}: {field.write(value)}"
        for field in FIELDS
        if field.name not in _APART and (value := getattr(settings, field.name)) is not None
    ]
    if settings.streaming is not None:
        others.append(words.STREAMS if settings.streaming else words.DOES_NOT_STREAM)
    if others:
        yield words.OTHER_SETTINGS, "\n".join(others)
    if brought.echoes:
        yield words.PROVIDER_DATA, words.gets_back(brought.echoes)


_LABELS = (
    settings_words.INSTRUCTIONS,
    words.SYSTEM_MESSAGES,
    settings_words.EXTRA,
    words.BROUGHT_TOOLS,
    words.BROUGHT_MODEL,
    words.OTHER_SETTINGS,
    words.PROVIDER_DATA,
)
