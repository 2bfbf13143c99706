"""Changes of the chats by other tabs, seen in this one."""

import asyncio
from collections.abc import Callable

from ..conversation.conversation import Conversation
from ..storage.tabs import (
    AnswerBegun,
    AnswerEnded,
    AnswerGrew,
    ChatsChanged,
    MessagesChanged,
    StopWanted,
    TabMessage,
)
from ..web.tasks import beside
from .chat_list import ChatList

# How often an answer of another tab is read anew while it grows, and how often it is looked
# whether that tab is still there.
_GROWING_S = 0.3
_ALIVE_S = 2.0


class OtherTabs:
    """Keeps the list and the shown chat in step. `running` are chats that others answer in;
    `changed()` is called when they are others.
    """

    def __init__(
        self, chats: ChatList, conversation: Conversation, changed: Callable[[], None]
    ) -> None:
        self.running: set[str] = set()
        self._store = chats.store
        self._chats = chats
        self._conversation = conversation
        self._changed = changed
        self._stale: set[str] = set()
        self._is_watching = False
        self._is_reloading = False

    async def start(self) -> None:
        """Begin to listen; called once."""
        self._store.tabs.listen(self._hear)
        await self._look()

    def _hear(self, news: TabMessage) -> None:
        match news:
            case ChatsChanged(ids=[]):
                beside(self._chats.read())
            case ChatsChanged(ids=ids):
                beside(self._chats.read_some(ids))
            case AnswerBegun(chat_id=id):
                self._set_running(self.running | {id})
                self._reload_soon(id)
            case AnswerEnded(chat_id=id):
                beside(self._look())
                self._reload_soon(id)
            case StopWanted(chat_id=id):
                self._conversation.stop_in(id)
            case MessagesChanged(chat_id=id) | AnswerGrew(chat_id=id):
                self._reload_soon(id)

    def _reload_soon(self, chat_id: str) -> None:
        if chat_id != self._conversation.shown.chat.id:
            return
        self._stale.add(chat_id)
        if not self._is_reloading:
            self._is_reloading = True
            beside(self._reload())

    async def _reload(self) -> None:
        try:
            while self._stale:
                chat_id = self._stale.pop()
                await self._conversation.reload(chat_id)
                await asyncio.sleep(_GROWING_S)
        finally:
            self._is_reloading = False

    async def _look(self) -> None:
        """See which answers other tabs are writing."""
        writing = await self._store.tabs.writing()
        mine = self._conversation.is_running
        before = self.running
        self._set_running({each.chat_id for each in writing if not mine(each.chat_id)})
        # A tab that was killed tells nobody; what it had written is folded when it is read.
        for chat_id in before - self.running:
            await self._conversation.reload(chat_id)
            self._conversation.follow(chat_id)

    def _set_running(self, running: set[str]) -> None:
        if running != self.running:
            self.running = running
            self._changed()
        if running and not self._is_watching:
            self._is_watching = True
            beside(self._watch())

    async def _watch(self) -> None:
        try:
            while self.running:
                await asyncio.sleep(_ALIVE_S)
                await self._look()
        finally:
            self._is_watching = False
