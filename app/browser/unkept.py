"""A keeper that keeps nothing: for chats that last as long as the page."""

from collections.abc import Sequence

from ..core.events import Event
from ..history.records import ChatRecord, MessageRecord


class Unkept:
    """Takes what an open chat gives, and lets it go."""

    async def save_chat(self, chat: ChatRecord) -> None: ...

    async def save_messages(self, records: Sequence[MessageRecord]) -> None: ...

    async def delete_messages(self, records: Sequence[MessageRecord]) -> None: ...

    def log(self, record: MessageRecord) -> "UnkeptLog":
        return UnkeptLog()


class UnkeptLog:
    """The log of an answer that nobody keeps."""

    def append(self, batch: Sequence[Event]) -> None: ...

    async def finish(self, *records: MessageRecord) -> None: ...
