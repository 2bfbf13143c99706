"""All tools that a chat may offer: the page's own, and those that a person wrote. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ...core.tools.function_tool import Tool
from .page_tools import PAGE_TOOLS


class Tools:
    """Tools by name, the page's own first.

    `may_run(name)` says of a tool whether it may run unasked; `yours()` gives the tools that the
    person wrote.
    """

    def __init__(
        self,
        may_run: Callable[[str], bool],
        yours: Callable[[], Mapping[str, Tool]] = dict,
    ) -> None:
        self._may_run = may_run
        self._yours = yours

    @property
    def names(self) -> list[str]:
        return list(self._all())

    @property
    def page_names(self) -> list[str]:
        """Those of the page, which no other tool may have."""
        return list(PAGE_TOOLS)

    @property
    def own_names(self) -> list[str]:
        """Those that the person wrote."""
        return [name for name in self._yours() if name not in PAGE_TOOLS]

    def description(self, name: str) -> str:
        """What it says of itself, in its first line."""
        return self._all()[name].description.partition("\n")[0]

    def chosen(self, names: Iterable[str]) -> list[Tool]:
        """The tools of these names, as the person has approved them."""
        known = self._all()
        return [
            replace(known[name], needs_approval=not self._may_run(name))
            for name in names
            if name in known
        ]

    def _all(self) -> dict[str, Tool]:
        # What is kept may be older than a tool of the page.
        return PAGE_TOOLS | {name: self._yours()[name] for name in self.own_names}
