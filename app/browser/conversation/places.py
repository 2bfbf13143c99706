"""Places of the reader in each chat of this tab, to be there again: after another chat, and after a
reload. The end is where a reader returns by itself, so it is not kept.
"""

from contextlib import suppress

import msgspec

from ..web import web_storage

_NAME = "tokenfall.places"
# Of so many chats, those left last.
_MOST = 200


class Place(msgspec.Struct, frozen=True, array_like=True):
    """The turn at the upper edge, and which share of it lies above."""

    turn_id: str
    share: float


class Places:
    """The places by the id of the chat."""

    def __init__(self) -> None:
        self._known: dict[str, Place] = {}
        with suppress(msgspec.MsgspecError):
            kept = web_storage.get(web_storage.TAB, _NAME) or "{}"
            self._known = msgspec.json.decode(kept, type=dict[str, Place])

    def of(self, chat_id: str) -> Place | None:
        """Give the reader's place in a chat, None for its end."""
        return self._known.get(chat_id)

    def keep(self, chat_id: str, place: Place | None) -> None:
        """Keep the place at which the reader leaves a chat."""
        before = self._known.pop(chat_id, None)
        if place is not None:
            self._known[chat_id] = place
        elif before is None:
            return
        for id in list(self._known)[:-_MOST]:
            del self._known[id]
        text = msgspec.json.encode(self._known).decode()
        web_storage.put(web_storage.TAB, _NAME, text)
