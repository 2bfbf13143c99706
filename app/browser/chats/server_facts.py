"""Titles, pins and settings of chats that the page's server has, told to it and taken from it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...core.errors import TransportError
from ...following.run_server import RunServer, waits
from ...history.records import ChatRecord
from ...history.shared_facts import SETTING, take_facts, untold_facts
from ...protocols.tokenfall.runs import ChatFacts
from ..conversation.server_runs import name_of
from ..web.tasks import beside
from .chat_list import ChatList

# How often a change is told to a server that does not take it; then when the page is next seen.
_TRIES = 20


class ServerFacts:
    """Keeps the facts of chats here and there in step. `is_there(name)`: the server has it."""

    def __init__(self, server: RunServer, chats: ChatList, is_there: Callable[[str], bool]) -> None:
        self._server = server
        self._chats = chats
        self._is_there = is_there
        self._telling: set[str] = set()

    def tell(self, ids: Iterable[str]) -> None:
        """Tell the server what was changed in these chats, where it has them."""
        for id in ids:
            if id not in self._telling and self._untold(id):
                self._telling.add(id)
                beside(self._tell(id))

    def take(self, id: str, facts: ChatFacts) -> None:
        """Take what the server has of a chat that is kept here."""
        if (chat := self._chats.records.get(id)) is None:
            return
        had = chat.server_has
        changed = take_facts(chat, flat(facts))
        if not changed and chat.server_has == had:
            return
        settings = {
            name.removeprefix(SETTING): changed.pop(name)
            for name in list(changed)
            if name.startswith(SETTING)
        }
        self._chats.change([id], settings, **changed, server_has=chat.server_has)

    async def _tell(self, id: str) -> None:
        next_s, tries = waits(), 0
        try:
            while tries < _TRIES and (untold := self._untold(id)):
                try:
                    reply = await self._server.set_facts(name_of(id), _nested(untold))
                except TransportError:
                    is_taken, may_pass = False, True
                else:
                    is_taken, may_pass = reply.error is None, reply.may_pass
                if is_taken and (chat := self._chats.records.get(id)) is not None:
                    self._chats.change([id], server_has={**chat.server_has, **untold})
                    next_s, tries = waits(), 0
                elif may_pass:
                    tries += 1
                    await self._server.wait(next_s())
                else:
                    return  # a server that takes none, or it was deleted there
        finally:
            self._telling.discard(id)

    def _untold(self, id: str) -> dict[str, Any]:
        chat = self._chats.records.get(id)
        if chat is None or not chat.on_server or not self._is_there(name_of(id)):
            return {}
        return untold_facts(chat)


def taken(chat: ChatRecord, facts: ChatFacts) -> ChatRecord:
    """Give a chat that is new here what the server has of it."""
    for name, value in take_facts(chat, flat(facts)).items():
        setting = name.removeprefix(SETTING)
        setattr(chat if setting == name else chat.settings, setting, value)
    return chat


def flat(facts: ChatFacts) -> dict[str, Any]:
    """The values by their names."""
    told = {name: getattr(facts, name) for name in ("title", "is_titled", "pinned")}
    settings = {SETTING + name: value for name, value in facts.settings.items()}
    return {name: value for name, value in told.items() if value is not None} | settings


def _nested(values: Mapping[str, Any]) -> ChatFacts:
    told = {name: value for name, value in values.items() if not name.startswith(SETTING)}
    settings = {
        name.removeprefix(SETTING): value
        for name, value in values.items()
        if name.startswith(SETTING)
    }
    return ChatFacts(**told, settings=settings)
