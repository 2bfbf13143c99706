"""The chats that the page's server has, of all browsers of this person: listed, fetched, followed.

A chat that is opened is kept in this browser too from then on. What another browser asks in a chat
that is kept here comes to it, and goes on there as it is written; what another one deletes goes.
"""

import asyncio
from collections.abc import Callable, Sequence

import msgspec
from js import document

from ...core.errors import TransportError
from ...core.messages import File, Message
from ...following.followed_chats import FollowedChats
from ...history.records import ChatRecord, ChatSettings, MessageRecord
from ...history.tree import Tree
from ...protocols.tokenfall.runs import Change, ChatFacts, ChatLine, ChatNode
from ...protocols.tokenfall.runs import ChatList as ServerList
from ..conversation.conversation import Conversation
from ..conversation.server_runs import name_of
from ..storage.database import StorageError
from ..web import web_storage
from ..web.dom import listen
from ..web.ids import now_ms
from . import words
from .chat_list import ChatList, ListNews
from .server_facts import ServerFacts, taken

# Up to where this browser knows what happened to the chats of the server.
_PLACE = "tokenfall.server-chats"
# So many of the chats kept here are looked at where it is unknown what happened to them.
_LOOKED_AT = 50


_FAILS = (TransportError, StorageError, ValueError, msgspec.MsgspecError)


class ServerChats:
    """Follows the server while the page is seen; `changed()` is called when the list is another."""

    def __init__(
        self, chats: ChatList, conversation: Conversation, changed: Callable[[], None]
    ) -> None:
        self._server = conversation.runs.server
        self._chats = chats
        self._store = chats.store
        self._conversation = conversation
        self._changed = changed
        self._lines: dict[str, ChatLine] = {}
        self._deleted: set[str] = set()  # names of those that are being deleted
        self._following: asyncio.Task[None] | None = None
        self._facts = ServerFacts(self._server, chats, lambda name: name in self._lines)
        chats.subscribe(self._on_news)
        listen(document, "visibilitychange", lambda _: self._on_visibility())

    def listed(self) -> list[ChatRecord]:
        """List the chats that are not kept here, the latest first."""
        if not self._lines:
            return []
        here = self._deleted | {name_of(id) for id in self._chats.records}
        lines = [line for line in self._lines.values() if line.id not in here]
        lines.sort(key=lambda line: (line.pinned, line.updated_s), reverse=True)
        return [_record_of(line) for line in lines]

    def is_running(self, name: str) -> bool:
        """Tell whether an answer is on its way in a chat of the server."""
        return name in self._lines and self._lines[name].status is None

    def title_of(self, name: str) -> str:
        """The title of a chat of the server."""
        return self._lines[name].title if name in self._lines else ""

    def follow(self) -> None:
        """Follow the chats from now on, where that has not begun."""
        if (self._following is None or self._following.done()) and not document.hidden:
            self._following = asyncio.ensure_future(self._follow())

    async def fetch(self, name: str) -> str:
        """Keep a chat of the server here too; say why not, where it can't be."""
        try:
            state = await self._server.chat(name)
            if state is None:
                self._forget(name)
                return words.NO_SUCH_CHAT
            records = await self._records(name, state.nodes)
        except _FAILS:
            return words.NOT_FETCHED
        chat = ChatRecord(
            name,
            min((record.created_ms for record in records), default=now_ms()),
            max((record.created_ms for record in records), default=now_ms()),
            state.title,
            settings=ChatSettings(on_server=True),
            on_server=True,
        )
        taken(chat, state.facts)
        await self._store.add([Tree(chat, records)])
        self._store.tell_changed([name])
        self._chats.put([chat])
        return ""

    async def delete(self, name: str) -> bool:
        """Delete a chat of the server that is not kept here; tell whether it is gone."""
        is_gone = await self._server.delete_chat(name)
        if is_gone:
            self._forget(name)
        return is_gone

    # What happens there

    async def _follow(self) -> None:
        try:
            self._deleted |= {name_of(id) for id in await self._store.deletions.waiting()}
            found = await self._server.chats()
        except _FAILS:
            return  # when the page is looked at again
        if found is None or not found.chats:
            return
        self._take_list(found)
        self._facts.tell(self._chats.records)
        known = web_storage.get(web_storage.DEVICE, _PLACE)
        following = FollowedChats(self._server, known or found.offset)
        async for news in following.news():
            try:
                if isinstance(news, Change):
                    await self._take(news)
                else:
                    self._take_list(news)
                    for line in news.chats[:_LOOKED_AT]:
                        await self._refresh(line.id)
            except _FAILS:
                continue  # a chat that is opened later is as it is kept here
            web_storage.put(web_storage.DEVICE, _PLACE, following.place)

    def _take_list(self, found: ServerList) -> None:
        self._lines = {line.id: line for line in found.chats}
        self._changed()

    async def _take(self, change: Change) -> None:
        match change.what:
            case "began" | "ended":
                self._note(change)
                await self._refresh(change.chat, change.answer)
                if (id := self._kept_as(change.chat)) is not None:
                    self._facts.tell([id])
            case "set":
                self._take_facts(change.chat, change.facts or ChatFacts())
            case "deleted" if not change.run:
                self._forget(change.chat)
                if (id := self._kept_as(change.chat)) is not None:
                    await self._store.change_chats([id], on_server=False)  # nothing is there now
                    await self._store.deletions.purge([id])
                    await self._chats.read_some([id])
            case "deleted":
                await self._take_out(change.chat, change.answer)

    async def _take_out(self, name: str, message_id: str) -> None:
        id = self._kept_as(name)
        if id is None or self._conversation.take_out(id, message_id):
            return
        if (tree := await self._store.load(id)) is not None and message_id in tree:
            await self._store.delete_messages(tree.remove(message_id))
            await self._store.change_chats([id], head=tree.chat.head)

    def _note(self, change: Change) -> None:
        if change.chat in self._deleted:
            return
        known = self._lines.get(change.chat)
        self._lines[change.chat] = ChatLine(
            change.chat,
            known.title if known else change.title,
            now_ms() / 1000,
            change.run,
            change.status,
            pinned=known is not None and known.pinned,
        )
        self._changed()

    def _take_facts(self, name: str, facts: ChatFacts) -> None:
        if (line := self._lines.get(name)) is not None:
            pinned = line.pinned if facts.pinned is None else facts.pinned
            title = facts.title or line.title
            self._lines[name] = msgspec.structs.replace(line, title=title, pinned=pinned)
            self._changed()
        if (id := self._kept_as(name)) is not None:
            self._facts.take(id, facts)

    async def _refresh(self, name: str, answer: str = "") -> None:
        """Keep what came to a chat that is kept here, where this answer is not known yet."""
        id = self._kept_as(name)
        if id is None or (tree := await self._store.load(id)) is None or answer in tree:
            return
        if (state := await self._server.chat(name)) is None:
            return
        self._facts.take(id, state.facts)
        fresh, gone = [], set(tree.chat.gone.values())
        for node in state.nodes:
            if node.id in tree:
                continue
            if node.id in gone or node.parent in gone:
                gone.add(node.id)
            else:
                fresh.append(node)
        records = await self._records(id, fresh)
        if not records:
            return
        for record in records:
            tree.put(record)
        tree.select(tree.chat.head)
        tree.chat.updated_ms = max(tree.chat.updated_ms, *(one.created_ms for one in records))
        await self._store.take_in(tree, records)
        await self._conversation.take_in(id)
        await self._chats.read_some([id])

    async def _records(self, chat_id: str, nodes: Sequence[ChatNode]) -> list[MessageRecord]:
        """The messages as they are kept here, with their files."""
        return [_kept(chat_id, node, await self._with_files(node.message)) for node in nodes]

    async def _with_files(self, message: Message) -> Message:
        parts = [
            await self._server.with_data(part) if isinstance(part, File) else part
            for part in message.parts
        ]
        return msgspec.structs.replace(message, parts=parts)

    def _kept_as(self, name: str) -> str | None:
        """The id of a chat of the server that is kept here."""
        records = self._chats.records
        return (
            name if name in records else next((id for id in records if name_of(id) == name), None)
        )

    def _forget(self, name: str) -> None:
        if self._lines.pop(name, None) is not None:
            self._changed()

    def _on_news(self, news: ListNews) -> None:
        """Leave out what is being deleted here, until it comes back by Undo."""
        self._deleted |= {name_of(id) for id in news.gone}
        self._deleted -= {name_of(id) for id in news.changed}
        if not news.is_elsewhere:  # the tab that changed them tells of it
            self._facts.tell(news.changed)

    def _on_visibility(self) -> None:
        if not document.hidden:
            self.follow()
        elif self._following is not None:
            self._following.cancel()


def _record_of(line: ChatLine) -> ChatRecord:
    updated_ms = int(line.updated_s * 1000)
    return ChatRecord(line.id, updated_ms, updated_ms, line.title, on_server=True)


def _kept(chat_id: str, node: ChatNode, message: Message) -> MessageRecord:
    return MessageRecord(
        node.id,
        chat_id,
        node.created_ms,
        message,
        parent=node.parent,
        source=node.source,
        note=node.note,
        run=node.run,
        is_begun_elsewhere=bool(node.run),
    )
