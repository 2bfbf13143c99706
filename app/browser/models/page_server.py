"""The server of this page, as far as models are concerned: it keeps keys, runs the built-in model,
asks providers for the page, and gives answers in its place. On a file host there is none.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from js import document, window

from ..net.server_status import ServerStatus, statuses
from ..settings.api_keys import ProviderKeys
from ..web.dom import listen
from ..web.page_address import SPACE
from ..web.tasks import beside
from .model_choice import ModelChoice
from .model_options import AGENT, ModelOption, ModelOptions, has_server


class PageServer:
    """Follows the server's status. `on_keys()` is called when keys have come from it, or gone;
    `has_chats`: some may run there.
    """

    def __init__(
        self,
        keys: ProviderKeys,
        options: ModelOptions,
        choice: ModelChoice,
        on_keys: Callable[[], None],
    ) -> None:
        self._keys = keys
        self._options = options
        self._choice = choice
        self._on_keys = on_keys
        self.has_chats = False
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take in its first status, before anything is sent: an early message should reach the
        model that is ready, and not the Demo.
        """
        if not has_server():
            self._choice.refresh()
            return
        if not SPACE:  # a program that has the page among others keeps no keys for it
            self._keys.use_server(self._options.fetch, self._on_keys)
            await self._keys.sync()
            beside(self._keys.follow())
        said = statuses(self._options.fetch)
        self._take(await anext(said))
        self._follow(said)
        listen(window, "online", lambda _: self._ask_anew("failed", "locked"))
        listen(document, "visibilitychange", self._on_visibility)

    def _follow(self, said: AsyncIterator[ServerStatus]) -> None:
        """Take in its further status, and none that was asked before."""
        if self._following is not None:
            self._following.cancel()
        self._following = asyncio.ensure_future(self._take_all(said))

    async def _take_all(self, said: AsyncIterator[ServerStatus]) -> None:
        async for status in said:
            self._take(status)

    def _take(self, status: ServerStatus) -> None:
        self._options.use_relay(status.relay)
        self.has_chats = status.chats
        self._options.server_keys = frozenset(status.keys)
        self._options.agent_on_server = status.on_server
        self._choice.set_model(status.model, status.named, status.agent)

    def _ask_anew(self, *states: str) -> None:
        """Ask at once in one of these states: the server may say something else now."""
        if self._choice.model.state in states:
            self._follow(statuses(self._options.fetch))

    def _on_visibility(self, _event: Any) -> None:
        if not document.hidden:
            self._ask_anew("locked")  # the printed address may have been opened in another tab


def may_be_on_server(option: ModelOption) -> bool:
    """Tell whether the server can give this model's answers. A program that has the page among
    others asks its agent alone.
    """
    return has_server() and option.asked_by_server is not None and (not SPACE or option.id == AGENT)
