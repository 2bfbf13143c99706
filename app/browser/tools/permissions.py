"""Permissions of tools to run without asking the person each time. Pure; the one owner of them."""

from collections.abc import Iterable, Mapping

from ...core.running.calls import Decision
from ..settings.local_settings import LocalSettings
from .page_tools import HARMLESS


class ToolPermissions:
    """Decisions of the person on each tool: always, kept with the settings, or for one chat, as
    long as the page. Without a decision the harmless ones may run.
    """

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings
        self._in_chats: dict[str, set[str]] = {}

    def take(self, decision: Decision, name: str, chat_id: str) -> None:
        """Remember a decision on a call, as far as it holds for others."""
        if decision == "always":
            self.let_run(name, unasked=True)
        elif decision == "chat":
            self._in_chats.setdefault(chat_id, set()).add(name)

    def allowed_in(self, chat_id: str) -> frozenset[str]:
        """The tools that may run unasked in this chat, beside those that always may."""
        return frozenset(self._in_chats.get(chat_id, ()))

    def may_run(self, name: str) -> bool:
        """Tell whether this tool may run unasked."""
        return self._settings.values.approvals.get(name, name in HARMLESS)

    def let_run(self, name: str, *, unasked: bool) -> None:
        """Keep whether this tool may run unasked."""
        self.decide({name: unasked})

    def decide(self, unasked: Mapping[str, bool]) -> None:
        """Keep it for several tools at once."""
        self._settings.update(approvals=self.decided(unasked))

    def decided(self, unasked: Mapping[str, bool]) -> dict[str, bool]:
        """Give the kept decisions as they are with these, which are not kept yet."""
        new = {name: may for name, may in unasked.items() if may != self.may_run(name)}
        return self._settings.values.approvals | new

    def forget(self, names: Iterable[str]) -> dict[str, bool]:
        """Forget the decisions on these tools: they are not for later ones of the same name. Return
        the kept ones, for `restore`.
        """
        names = list(names)
        for allowed in self._in_chats.values():
            allowed.difference_update(names)
        known = self._settings.values.approvals
        gone = {name: known[name] for name in names if name in known}
        self._settings.update(approvals={name: known[name] for name in known if name not in gone})
        return gone

    def restore(self, approvals: Mapping[str, bool]) -> None:
        """Keep decisions again that `forget` returned: the tools are back."""
        self._settings.update(approvals={**self._settings.values.approvals, **approvals})
