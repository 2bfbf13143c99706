"""Files that the Python of a chat has written: they outlast it, and the page."""

from collections.abc import Mapping

from .chat_databases import ChatDatabases
from .database import Change, StorageError


class SessionFiles:
    """Files by chat and name. Methods do not raise; a file without room is held by the store."""

    def __init__(self, databases: ChatDatabases) -> None:
        self._databases = databases

    async def read(self, chat_id: str) -> dict[str, bytes]:
        """The files of a chat; none where they can't be read."""
        try:
            found = await self._databases.database_of(chat_id).entries("session_files", chat_id)
        except StorageError:
            return {}
        return {str(key[-1]): data for key, data in found}

    async def write(self, chat_id: str, changes: Mapping[str, bytes | None]) -> None:
        """Keep these; None takes one away."""
        listed: list[Change] = [
            ("session_files", (chat_id, name), data) for name, data in changes.items()
        ]
        if listed:
            await self._databases.database_of(chat_id).write(listed)
