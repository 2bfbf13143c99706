"""The choice of the model: the person's own, else the best that is there."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..net.server_status import AgentStatus, ModelStatus
from ..settings.api_keys import ProviderKeys
from ..settings.local_settings import LocalSettings
from ..settings.settings import Settings
from ..web import words as web_words
from ..web.dom import find
from . import model_picker, words
from .model_options import AGENT, BUILT_IN, DEMO, ModelOption, ModelOptions, has_server, host_of

# The word for "another provider" in place of an option's id.
ADD = "add"


class Hint(NamedTuple):
    """A sentence below the message box; empty for none.

    `progress` is from 0 to 1, None without a bar; `offers` the value of the picker that a button
    should choose, empty without one.
    """

    sentence: str = ""
    progress: float | None = None
    offers: str = ""


class ModelChoice:
    """The chosen model, shown in the picker. `changed` is called with each new state,
    `chosen(id)` when the person chooses.

    `may_move()` says whether a default may still be changed under the person: not once a
    conversation has begun.
    """

    def __init__(
        self,
        settings: LocalSettings,
        keys: ProviderKeys,
        options: ModelOptions,
        may_move: Callable[[], bool],
        changed: Callable[[], None],
        chosen: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._options = options
        self._may_move = may_move
        self._changed = changed
        self._chosen = chosen
        # Whether the person chose during this visit; then nothing is chosen for them any more.
        self._is_made = False
        self._default = DEMO
        self._of_chat = ""  # what the chat that is shown chose, perhaps not there any more
        self.model = ModelStatus()
        self._named = ""
        self.agent: AgentStatus | None = None
        settings.subscribe(self._on_settings)

    @property
    def option(self) -> ModelOption:
        """The model that the shown chat asks."""
        return self.option_of(self._of_chat)

    def options(self) -> list[ModelOption]:
        """List the models that can be asked now."""
        return list(self._available().values())

    def option_of(self, id: str) -> ModelOption:
        """The option with this id; the one of new chats where it is not there."""
        return self._one(id) or self._one(self._default) or self._options.demo()

    @property
    def is_settled(self) -> bool:
        """Tell whether a chat that begins now stays with its model: not with a Demo that stands
        in.
        """
        return self.option.id != DEMO or self._settings.values.choice == DEMO

    @property
    def is_own(self) -> bool:
        """Tell whether it is a model of a provider that the person entered."""
        return self.option.id not in (DEMO, BUILT_IN, AGENT)

    def set_model(
        self, status: ModelStatus, named: str = "", agent: AgentStatus | None = None
    ) -> None:
        """Take in the state of the built-in model, and the name of the model that new chats should
        begin with: the person who started the server may have given one. `agent` answers instead of
        a model.
        """
        self.model, self._named, self.agent = status, named, agent
        self.refresh()

    def make(self, id: str, settings: Settings | None = None) -> None:
        """Choose this model for the chat that is shown and for new ones, and keep that. `settings`
        are kept along with it, where the choice changes others too.
        """
        self._of_chat = id
        self._chosen(id)
        self._keep(id, settings)

    def make_for_new(self, id: str, settings: Settings) -> bool:
        """Choose for new chats, and for the one that is shown unless it has begun: that keeps its
        model. Return whether it asks this one now.
        """
        if self._may_move():
            self.make(id, settings)
            return True
        self._keep(id, settings)
        return self.option.id == id

    def show(self, id: str) -> None:
        """Show the model that the chat now shown has chosen; empty where it has none."""
        self._of_chat = id
        self.refresh()

    def refresh(self) -> None:
        """Take in the models that are there now, and show the choice."""
        available = self._available()
        is_open = not self._is_made and self._may_move()
        if is_open or self._default not in available:
            best = BUILT_IN if BUILT_IN in available else DEMO
            chosen = self._id_of_named(available) or self._settings.values.choice
            self._default = chosen if chosen in available else best
            if self.agent is not None:
                self._default = AGENT  # which this server was started for
        model_picker.show_model(self.option.label, self.option.name)
        find("welcome-note").textContent = self._about()
        _suggest(self.option)
        self._changed()

    def hint(self) -> Hint:
        """Say what the model lacks: its key, or, where the Demo stands in for it, its start."""
        model, option = self.model, self.option
        if option.id == AGENT and self.agent is not None:
            return Hint(words.agent_is_broken(self.agent.error) if self.agent.error else "")
        if option.id not in (DEMO, BUILT_IN):
            base_url = option.provider.base_url
            lack = self._keys.lack(base_url)
            return Hint(words.lacks_key(host_of(base_url), lack) if lack else "")
        if not self._is_made and not model.is_coming and self._lacks_named():
            return Hint(words.no_such_model(self._named), offers=ADD)
        if option.id != DEMO:
            return Hint()
        if not has_server():
            return Hint(words.NEEDS_SERVER, offers=ADD)
        if model.is_coming:
            sentence = words.model_is_coming(model.label, model.doing)
            return Hint(sentence, progress=model.share)
        if model.state == "ready" and self._settings.values.choice != DEMO:
            return Hint(words.model_is_ready(model.label), offers=BUILT_IN)
        if model.state == "locked":
            return Hint(model.message)
        if model.state == "failed":
            return Hint(words.model_failed(model.message))
        return Hint()

    def _keep(self, id: str, settings: Settings | None) -> None:
        self._is_made = True
        self._default = id
        values = settings or self._settings.values
        if not self._settings.change(values.with_choice(id)):
            self.refresh()  # a key may be another one, or the chat

    def _on_settings(self, changed: frozenset[str]) -> None:
        if changed & {"connections", "choice", "recent"}:
            self.refresh()

    def _id_of_named(self, available: Mapping[str, ModelOption]) -> str:
        """The id of the model that was named; empty for none, and where it is not there."""
        fitting = (id for id, one in available.items() if self._named in (one.model, one.label))
        return next(fitting, "") if self._named else ""

    def _lacks_named(self) -> bool:
        return bool(self._named) and not self._id_of_named(self._available())

    def _one(self, id: str) -> ModelOption | None:
        if id == DEMO:
            return self._options.demo()
        if id == BUILT_IN:
            is_there = self.model.state == "ready"
            return self._options.built_in(self.model) if is_there else None
        if id == AGENT:
            return self._options.agent(self.agent) if self.agent else None
        return self._options.own_of(self._settings.values, id) if id else None

    def _available(self) -> dict[str, ModelOption]:
        options = {DEMO: self._options.demo()}
        if self.model.state == "ready":
            options[BUILT_IN] = self._options.built_in(self.model)
        if self.agent is not None:
            options[AGENT] = self._options.agent(self.agent)
        for option in self._options.own(self._settings.values):
            options[option.id] = option
        return options

    def _about(self) -> str:
        """Describe the answering model, for an empty chat."""
        option = self.option
        match option.id:
            case "demo":
                return words.DEMO_ANSWERS
            case "built-in":
                return words.built_in_answers(option.label)
            case "agent" if self.agent is not None:
                return self.agent.description or words.agent_answers(option.label)
            case _:
                host = host_of(option.provider.base_url)
                return words.provider_answers(option.label, host, on_server=option.on_server)


def _suggest(option: ModelOption) -> None:
    """Suggest uses of this model: with a tool only where it gets one."""
    button = find("example-tool")
    has_tools = option.takes_tools
    button.textContent = words.EXAMPLE_OF_TOOL if has_tools else words.EXAMPLE_FOR_ALL
    button.title = words.turns_on(web_words.tool_label(web_words.EXAMPLE_TOOL)) if has_tools else ""
