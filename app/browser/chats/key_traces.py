"""Traces of a forgotten key, removed from the chats: 0.1.0 kept replies of providers that hold it.

Today's answers hold no key: it is hidden before they become records (`core/wire/secrets`).
"""

from collections.abc import Awaitable, Callable

import msgspec

from ...core.wire.secrets import Secrets
from ...history.records import without
from ..storage.chat_store import ChatStore
from ..storage.database import Key, StorageError
from .chat_list import ChatList

# Messages read at once: few enough that the page does not stutter.
_SLICE = 250


class _Of(msgspec.Struct):
    chat_id: str


async def hide(chats: ChatList, key: str, reload: Callable[[str], Awaitable[object]]) -> None:
    """Hide this key in all kept chats, and in the shown one; `reload(id)` shows an open chat as
    kept.
    """
    if not (secrets := Secrets([key])):
        return
    store = chats.store
    try:
        for chat_id in await _chats_with(store, secrets):
            await _clean(store, chat_id, secrets)
            await reload(chat_id)
    except StorageError:
        return  # what can't be read can't be shown either
    for chat in list(chats.records.values()):
        if (title := secrets.clean(chat.title)) != chat.title:
            chats.change([chat.id], title=title)


async def _chats_with(store: ChatStore, secrets: Secrets) -> set[str]:
    """The chats in which one of these stands, or may: an answer in a log is read with its chat."""
    database = store.database_of("")
    found = {str(key[0]) for key in await database.keys("log")}
    last: Key | None = None
    while True:
        last, lines = await database.slice("messages", last, _SLICE)
        if last is None:
            return found
        if secrets.spans(lines):
            found |= {
                msgspec.json.decode(line, type=_Of).chat_id
                for line in lines.splitlines()
                if secrets.spans(line)
            }


async def _clean(store: ChatStore, chat_id: str, secrets: Secrets) -> None:
    tree = await store.load(chat_id)
    if tree is None:
        return
    cleaned = [(record, without(record, secrets)) for record in tree.records()]
    await store.save_messages([after for before, after in cleaned if after is not before])
