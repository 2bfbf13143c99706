"""The lists of models of the person's providers: asked for when the picker opens, kept for this
visit.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from ...providers import Provider
from ...providers.model_facts import UNKNOWN, ModelFacts
from ..settings.local_settings import LocalSettings
from ..settings.settings import Connection, Settings
from ..web.tasks import beside
from . import words
from .model_options import ModelOptions
from .servers_here import ServersHere


class _Listed(NamedTuple):
    """A provider's reply when asked with this key; `trouble` is why it gave no list."""

    key: str
    models: list[str]
    facts: dict[str, ModelFacts]
    trouble: str = ""


class ModelLists:
    """`changed` is called when a list has come, or has failed to."""

    def __init__(
        self,
        settings: LocalSettings,
        options: ModelOptions,
        here: ServersHere,
        changed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._options = options
        self._here = here
        self._changed = changed
        self._listed: dict[str, _Listed] = {}  # by base URL
        self._asking: set[str] = set()

    def ask(self) -> None:
        """Ask each provider whose list has not come with the key that it has now."""
        for connection in self._settings.values.connections:
            base_url = connection.base_url
            provider = self._options.provider(
                base_url, connection.label, connection.preset, via_server=connection.via_server
            )
            known = self._listed.get(base_url)
            has_come = known is not None and known.key == provider.key and not known.trouble
            if has_come or base_url in self._asking or not provider.lists_models:
                continue
            has_key = bool(provider.key) or self._options.has_server_key(base_url)
            if provider.needs_key and not has_key:
                self._listed[base_url] = _Listed("", [], {}, words.NO_KEY_HERE)
                continue
            self._asking.add(base_url)
            beside(self._ask(base_url, provider, via_server=connection.via_server))

    def models(self, connection: Connection) -> list[str]:
        """List the known models of a provider: those used before first."""
        known = self._listed.get(connection.base_url)
        listed = known.models if known is not None else []
        return list(dict.fromkeys([*connection.models, *listed]))

    def facts(self, connection: Connection, model: str) -> ModelFacts:
        """Give the facts of this model from its provider's list."""
        known = self._listed.get(connection.base_url)
        listed = known.facts.get(model) if known is not None else None
        found = self._here.facts(connection.base_url, model)
        return (listed or connection.facts_of(model)).beside(found)

    def notes(self) -> list[str]:
        """Tell of lists on their way and of failed ones, in a sentence each."""
        notes = []
        for connection in self._settings.values.connections:
            known = self._listed.get(connection.base_url)
            if connection.base_url in self._asking:
                notes.append(words.asking_for_models(connection.label))
            elif known is not None and known.trouble:
                notes.append(words.no_models(connection.label, known.trouble))
        return notes

    def with_facts(self, settings: Settings, base_url: str) -> Settings:
        """Give the settings with the facts that a provider's list told of its kept models."""
        if (connection := settings.connection(base_url)) is None:
            return settings
        facts = {name: self.facts(connection, name) for name in connection.models}
        known = {name: said for name, said in facts.items() if said != UNKNOWN}
        return settings.with_connection(
            msgspec.structs.replace(connection, windows={}, facts=known)
        )

    async def _ask(self, base_url: str, provider: Provider, *, via_server: bool) -> None:
        try:
            found = await self._options.check(provider, "", via_server=via_server)
        finally:
            self._asking.discard(base_url)
        trouble = "" if found.models else found.message
        self._listed[base_url] = _Listed(provider.key, found.models, found.facts, trouble)
        self._settings.change(self.with_facts(self._settings.values, base_url))
        self._changed()
