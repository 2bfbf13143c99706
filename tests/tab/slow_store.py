"""A store whose reading can be held back."""

import asyncio

from app.browser.storage.chat_store import ChatStore
from app.history.tree import Tree


class SlowStore(ChatStore):
    """`load` sets `read`, and returns what was kept then once `let` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.read = asyncio.Event()
        self.let = asyncio.Event()

    async def load(self, chat_id: str) -> Tree | None:
        tree = await super().load(chat_id)
        self.read.set()
        await self.let.wait()
        return tree
