"""Offers of the model picker and the palette, and the choice made there."""

from collections.abc import Callable
from functools import partial

from ...providers.loopback import is_loopback
from ...providers.model_facts import UNKNOWN, ModelFacts
from ..settings.local_settings import LocalSettings
from ..settings.settings import Connection, Settings, own_id
from ..web import palette
from . import model_picker, words
from .model_choice import ADD, ModelChoice
from .model_lists import ModelLists
from .model_options import AGENT, BUILT_IN, DEMO, ModelOptions, has_server, host_of
from .model_search import Group, Model, models_of, recent_of, search
from .servers_here import ServersHere


class ModelOffers:
    """Groups the models, searches them, and hands the choice on. A model server found on this
    computer becomes a provider when one of its models is chosen.

    `add_provider` leads to where one is entered; `changed` is called when more is known of the
    model that is asked.
    """

    def __init__(
        self,
        settings: LocalSettings,
        options: ModelOptions,
        choice: ModelChoice,
        add_provider: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._options = options
        self._choice = choice
        self._add_provider = add_provider
        self._changed = changed
        self._here = ServersHere(options.fetch, self._on_list)
        self._lists = ModelLists(settings, options, self._here, self._on_list)

    def start(self) -> None:
        """Connect the picker; called once."""
        model_picker.start(
            model_picker.Offers(
                search=self.search,
                chosen=lambda: self._choice.option.id,
                notes=self._lists.notes,
                opened=self._opened,
                choose=self.choose,
            )
        )

    def choose(self, id: str) -> None:
        """Ask this model from now on, or, for `ADD`, enter a provider."""
        if id == ADD:
            self._add_provider()
            return
        values = self._with_server_of(id)
        for connection in values.connections:
            model = id.removeprefix(own_id(connection.base_url, ""))
            if model not in ("", id):
                values = values.with_model(
                    connection.base_url,
                    connection.label,
                    connection.preset,
                    model,
                    via_server=connection.via_server,
                )
                values = self._lists.with_facts(values, connection.base_url)
        self._choice.make(id, values)

    def pick(self, label: str, then: Callable[[str], None]) -> None:
        """Have a model picked for one thing, which the label says, and hand it to `then`."""

        def picked(id: str) -> None:
            if id == ADD:
                self._add_provider()
                return
            self._settings.change(self._with_server_of(id))
            then(id)

        model_picker.open_for(label, picked)

    def look_here(self) -> None:
        """Ask for the model servers of this computer, where this page's server looks for them."""
        if self._options.has_relay:
            self._here.ask()

    def search(self, query: str) -> list[Group]:
        """Search the models for these words, or list all, behind those used last; at the end the
        words themselves as a model's name, and another provider.
        """
        name, groups = query.strip(), self._groups()
        shown = groups if name else [self._recent(groups), *groups]
        known = {model.id for model in models_of(groups)}
        more = [
            Model(id, words.use_typed(name, connection.label))
            for connection in (*self._settings.values.connections, *self._server_keyed())
            if name and (id := own_id(connection.base_url, name)) not in known
        ]
        more.append(Model(ADD, words.ADD_PROVIDER))
        return [*search(shown, query), Group(words.MORE, more)]

    async def find(self, query: str) -> list[palette.Entry]:
        """Search for the palette: the models alone, and none before something is typed."""
        if not query.split():
            return []
        return [
            palette.Entry(one.label, partial(self.choose, one.id), words.ask_model(one.provider))
            for one in models_of(search(self._groups(), query))
            if one.enabled
        ]

    def _recent(self, groups: list[Group]) -> Group:
        return recent_of(words.RECENT_MODELS, self._settings.values.recent, groups)

    def _groups(self) -> list[Group]:
        groups = []
        if has_server():
            status = self._choice.model
            ready = status.state == "ready"
            label = status.label if ready else f"{status.label} ({status.doing})"
            place = words.ON_THIS_COMPUTER
            facts = ModelFacts(window=status.window)
            built_in = Model(BUILT_IN, label, "", place, facts, enabled=ready)
            groups.append(Group(place, [built_in]))
        if (agent := self._choice.agent) is not None:
            place = words.ON_THIS_COMPUTER
            groups.insert(0, Group(agent.title, [Model(AGENT, agent.title, "", place)], place))
        demo = Model(DEMO, words.DEMO, "", words.IN_THIS_TAB)
        groups.append(Group(words.IN_THIS_TAB, [demo]))
        for connection in self._settings.values.connections:
            host, provider = host_of(connection.base_url), connection.label
            place = words.ON_THIS_COMPUTER if is_loopback(connection.base_url) else host
            models = [
                Model(
                    own_id(connection.base_url, name),
                    name,
                    provider,
                    place,
                    self._lists.facts(connection, name),
                )
                for name in self._lists.models(connection)
            ]
            groups.append(Group(provider, models, "" if place == provider else place))
        for connection in self._server_keyed():
            models = [
                Model(
                    own_id(connection.base_url, name), name, connection.label, words.KEY_ON_SERVER
                )
                for name in connection.models
            ]
            groups.append(Group(connection.label, models, words.KEY_ON_SERVER))
        for server in self._here.new_to(self._settings.values):
            place = words.found_at(host_of(server.base_url))
            models = [
                Model(
                    own_id(server.base_url, name),
                    name,
                    server.label,
                    place,
                    server.facts.get(name, UNKNOWN),
                )
                for name in server.models
            ]
            groups.append(Group(server.label, models, place))
        return groups

    def _opened(self) -> None:
        self._lists.ask()
        self.look_here()

    def _server_keyed(self) -> list[Connection]:
        """The providers whose key the server has and that the person has not entered."""
        known = self._settings.values.connection
        return [one for one in self._options.server_connections() if not known(one.base_url)]

    def _with_server_of(self, id: str) -> Settings:
        values, via_server = self._settings.values, self._options.has_relay
        for one in self._server_keyed():
            model = id.removeprefix(own_id(one.base_url, ""))
            if model not in ("", id):
                return values.with_model(
                    one.base_url, one.label, one.preset, model, via_server=False
                )
        return self._here.entered(id, values, via_server=via_server)

    def _on_list(self) -> None:
        model_picker.refresh()
        self._changed()
