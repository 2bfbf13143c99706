"""Tools that a chat may offer: the page's own, and those that a person wrote. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from ...core.tools.function_tool import Tool
from ...documents import FILE_TOOLS
from .page_tools import PAGE_TOOLS


class Tools:
    """Tools by name, the page's own first.

    `may_run(name)` says of a tool whether it may run unasked; `yours()` gives the tools that the
    person wrote; `of_chats` makes those of the page that each chat has for itself. `of_files(id)`
    gives those over a chat's documents, for a chat that has some.
    """

    def __init__(
        self,
        may_run: Callable[[str], bool],
        yours: Callable[[], Mapping[str, Tool]] = dict,
        of_chats: Mapping[str, Callable[[str], Tool]] = MappingProxyType({}),
        of_files: Callable[[str], list[Tool]] = lambda chat_id: [],
    ) -> None:
        self._may_run = may_run
        self._yours = yours
        self._of_chats = of_chats
        self.of_files = of_files

    @property
    def names(self) -> list[str]:
        return list(self._all())

    @property
    def page_names(self) -> list[str]:
        """The names of the page's tools, which no other tool may have."""
        return [*PAGE_TOOLS, *self._of_chats]

    @property
    def own_names(self) -> list[str]:
        """The names of the tools that the person wrote."""
        taken = {*self.page_names, *FILE_TOOLS}
        return [name for name in self._yours() if name not in taken]

    def description(self, name: str) -> str:
        """Give the first line of a tool's description."""
        return self._all()[name].description.partition("\n")[0]

    def chosen(self, names: Iterable[str], chat_id: str = "") -> list[Tool]:
        """The tools of these names for a chat, as the person has approved them."""
        known = self._all(chat_id)
        return [
            replace(known[name], needs_approval=not self._may_run(name))
            for name in names
            if name in known
        ]

    def _all(self, chat_id: str = "") -> dict[str, Tool]:
        of_chat = {name: make(chat_id) for name, make in self._of_chats.items()}
        # A kept tool may be older than one of the page.
        return PAGE_TOOLS | of_chat | {name: self._yours()[name] for name in self.own_names}
