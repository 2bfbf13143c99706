"""Which tools a chat offers to its model, and which of them may run unasked: the menu "Tools"."""

from collections.abc import Callable
from functools import partial

from ..core.tools import Tool
from ..history.records import ChatRecord
from . import texts, tools
from .dom import find, listen, show
from .settings import Settings, Store
from .sources import BUILT_IN, DEMO, Source
from .views import menu
from .views.menu import Item


class ToolChoice:
    """Shows the menu, and keeps what is chosen: per chat, and as the default of the next one.

    `chat()` gives the record of the chat that is shown, `source()` who answers in it; `save()`
    keeps the record.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        chat: Callable[[], ChatRecord],
        source: Callable[[], Source],
        save: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._chat = chat
        self._source = source
        self._save = save
        self._button = find("tools")
        self._button.disabled = False
        listen(self._button, "click", lambda _: menu.open(self._button, self._items()))

    def tools_of(self, chat: ChatRecord, source: Source) -> list[Tool]:
        """What this chat offers to this model."""
        if source.id == BUILT_IN:
            return []  # it is too small for tools, and says nothing sensible with them
        return tools.chosen(self._names(chat, source), self._settings.approvals)

    def allow(self, name: str) -> None:
        """Let a tool run unasked from now on, in all chats."""
        self._settings.approvals[name] = True
        self._store.save(self._settings)

    def refresh(self) -> None:
        """Show how many are on."""
        count = len(self.tools_of(self._chat(), self._source()))
        show(self._button, self._source().id != BUILT_IN)
        self._button.classList.toggle("is-on", count > 0)
        label = texts.tools_on(count)
        self._button.setAttribute("aria-label", label)
        self._button.title = label

    def _names(self, chat: ChatRecord, source: Source) -> list[str]:
        if chat.settings.tools is not None:
            return chat.settings.tools
        if self._settings.tools is not None:
            return self._settings.tools
        # Some models refuse a request with tools, so they are offered to others when asked for.
        return list(tools.TOOLS) if source.id == DEMO else []

    def _items(self) -> list[Item]:
        on = self._names(self._chat(), self._source())
        offers = [
            Item(texts.tool_label(name), partial(self._turn, name), checked=name in on, stays=True)
            for name in tools.TOOLS
        ]
        asks = [
            Item(
                texts.ask_before(name),
                partial(self._turn_asking, name),
                checked=not self._may(name),
                begins_group=number == 0,
                stays=True,
            )
            for number, name in enumerate(tools.TOOLS)
        ]
        return offers + asks

    def _may(self, name: str) -> bool:
        return tools.may_run(name, self._settings.approvals)

    def _turn(self, name: str) -> None:
        before = self._names(self._chat(), self._source())
        after = [one for one in tools.TOOLS if (one in before) != (one == name)]
        self._chat().settings.tools = self._settings.tools = after
        self._store.save(self._settings)
        self._save()
        self.refresh()

    def _turn_asking(self, name: str) -> None:
        self._settings.approvals[name] = not self._may(name)
        self._store.save(self._settings)
