"""The tabs of this browser that show the same chats: their messages, and who writes what.

A tab holds a lock for each answer that it writes. A tab that is killed loses its locks, and so the
others know which answers are still being written and which were cut off.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec
from js import BroadcastChannel
from pyodide.ffi import JsException, create_proxy, to_js
from tokenfall_page import (
    heldLocks,
    holdLock,
)

from ..web.page_address import SPACE

_log = logging.getLogger(__name__)

_CHANNEL = f"{SPACE}tokenfall"
_ANSWER = f"{SPACE}tokenfall.answer"
_ALIVE = f"{SPACE}tokenfall.tab"


class ChatsChanged(msgspec.Struct, tag="chats"):
    """Tells that these chats were made, changed or deleted; no ids stand for all."""

    ids: list[str]


class MessagesChanged(msgspec.Struct, tag="messages"):
    """Messages of this chat were kept or removed."""

    chat_id: str


class AnswerBegun(msgspec.Struct, tag="begun"):
    """An answer is being written from now on."""

    chat_id: str
    message_id: str


class AnswerGrew(msgspec.Struct, tag="grew"):
    """An answer that is being written has grown, and so has its log."""

    chat_id: str
    message_id: str


class AnswerEnded(msgspec.Struct, tag="ended"):
    """An answer is no longer written, and what it came to is kept."""

    chat_id: str
    message_id: str


class StopWanted(msgspec.Struct, tag="stop"):
    """The person has pressed Stop in a tab that only shows the answers of this chat."""

    chat_id: str


TabMessage = ChatsChanged | MessagesChanged | AnswerBegun | AnswerGrew | AnswerEnded | StopWanted


class Hello(msgspec.Struct, tag="hello"):
    """A tab has opened, or answers one that has."""

    is_answer: bool = False


class AnswerLock(NamedTuple):
    """An answer that some tab writes."""

    chat_id: str
    message_id: str


class Tabs:
    """Messages of this tab to the others, and theirs to it. Nothing here raises.

    `name` is this tab's, until it is reloaded; `has_others` says whether there are or were any.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[TabMessage], None]] = []
        self._decode = msgspec.json.Decoder(TabMessage | Hello).decode
        self.has_others = False
        self._channel: Any = None
        self.name = uuid4().hex[:12]
        self._living: Any = None  # the promise of this tab's lock
        self._end: Callable[[], None] | None = None
        with suppress(JsException):
            self._channel = BroadcastChannel.new(_CHANNEL)
            self._channel.addEventListener("message", create_proxy(self._heard))
        self.tell(Hello())

    def listen(self, listener: Callable[[TabMessage], None]) -> None:
        """Call back with messages of other tabs, for as long as the page lives."""
        self._listeners.append(listener)

    def tell(self, news: TabMessage | Hello) -> None:
        """Tell the other tabs; this one does not hear it."""
        if self._channel is not None:
            with suppress(JsException):
                self._channel.postMessage(to_js(msgspec.json.encode(news)))

    async def hold(self, chat_id: str, message_id: str) -> Callable[[], None]:
        """Say that this tab writes this answer, until the function that is returned is called.

        Waits as long as another tab writes it.
        """
        release: Callable[[], None] = await holdLock(_name(chat_id, message_id))
        return release

    async def take(self, chat_id: str, message_id: str) -> Callable[[], None] | None:
        """The same for an answer that no other tab writes; None where one does."""
        release: Callable[[], None] | None = await holdLock(_name(chat_id, message_id), True)
        return release

    async def live(self) -> None:
        """Say that this tab is there, for as long as it is."""
        if self._living is None:  # asked twice at once, the second would wait for the first
            self._living = holdLock(f"{_ALIVE} {self.name}")
        self._end = await self._living

    async def alive(self) -> set[str]:
        """The names of the tabs that have said so, and are still there."""
        found = (str(name).split(" ") for name in await heldLocks())
        return {parts[1] for parts in found if parts[0] == _ALIVE and len(parts) == 2}

    async def writing(self) -> set[AnswerLock]:
        """The answers that any tab is writing, this one too."""
        found = (str(name).split(" ") for name in await heldLocks())
        return {
            AnswerLock(*parts[1:]) for parts in found if parts[0] == _ANSWER and len(parts) == 3
        }

    def _heard(self, event: Any) -> None:
        self.has_others = True
        try:
            news = self._decode(event.data.to_bytes())
        except (msgspec.MsgspecError, AttributeError):
            return  # from a page of another version
        if isinstance(news, Hello):
            if not news.is_answer:
                self.tell(Hello(is_answer=True))
            return
        for listener in self._listeners:
            try:
                listener(news)
            except Exception:
                _log.exception("the page failed on news from another tab")


def _name(chat_id: str, message_id: str) -> str:
    return f"{_ANSWER} {chat_id} {message_id}"
