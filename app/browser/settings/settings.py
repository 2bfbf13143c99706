"""Values of a person's settings, and their change when a provider or model is chosen. Pure:
`local_settings` keeps them.
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from ...providers.model_facts import ModelFacts
from .answer_options import Prompt

# Models of one provider that the picker offers, the last chosen first.
MODELS_KEPT = 8
# The last chosen, of all providers, which the picker shows first.
_RECENT_KEPT = 5


class Connection(msgspec.Struct, frozen=True):
    """A provider that the person entered. `preset` is its name in the table of providers;
    `via_server`: the server of this page, where there is one, asks it for the page.

    `on_server`: that server gives its answers, None where nobody said.

    `facts` are what its list says of the models that are kept here; `windows` what 0.1.0 kept of
    that: how many tokens they can read.
    """

    base_url: str
    label: str
    preset: str = ""
    models: list[str] = []
    windows: dict[str, int] = {}
    via_server: bool = False
    on_server: bool | None = None
    facts: dict[str, ModelFacts] = {}

    def facts_of(self, model: str) -> ModelFacts:
        """Give the provider's facts on a model, as far as they are kept."""
        return self.facts.get(model) or ModelFacts(window=self.windows.get(model))


class Settings(msgspec.Struct, frozen=True):
    """`choice` is the picker's value that the person chose, empty where they never did; `recent`
    are those chosen before, the latest first.

    `stall_s` is after how many seconds of silence an answer that has begun is given up. `tools` are
    those that a new chat offers to the model, None where the person never chose; `approvals` says
    of a tool whether it may run unasked; `sends` of a model (by the picker's value) which options
    it is sent though it is known to refuse them, and which not, since it has refused them.
    `paste_limit` is from how many characters on a pasted text becomes a file; 0 for never.
    `reads_answers` says that a screen reader gets the whole sentences of an answer while it is
    written; `up_recalls`, that the key Up in the empty message box brings back earlier questions,
    in place of editing the last one; `formats_questions`, that code and lists in questions are
    shown as such; `draws_diagrams`, that diagrams are drawn by themselves. `notifies` says that the
    system tells when an answer is done in a hidden tab, `notifies_with_text` that it tells how the
    answer begins, `notify_asked` that the person was asked about it. With `model_titles` the model
    gives each new chat its title. `theme` is `light`, `dark` or `system`, `streaming` the mode of
    new chats; with `sends_by_control` Enter makes a new line.
    """

    connections: list[Connection] = []
    choice: str = ""
    recent: list[str] = []
    instructions: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    window: int | None = None
    reasoning_effort: str | None = None
    stop: list[str] | None = None
    extra: dict[str, Any] | None = None
    stall_s: float | None = None
    tools: list[str] | None = None
    approvals: dict[str, bool] = {}
    sends: dict[str, dict[str, bool]] = {}
    paste_limit: int = 4000
    reads_answers: bool = False
    up_recalls: bool = False
    formats_questions: bool = True
    notifies: bool = False
    notifies_with_text: bool = False
    notify_asked: bool = False
    model_titles: bool = False
    draws_diagrams: bool = False
    prompts: list[Prompt] = []
    theme: str = "system"
    streaming: bool = True
    sends_by_control: bool = False

    def connection(self, base_url: str) -> Connection | None:
        return next((known for known in self.connections if known.base_url == base_url), None)

    def with_connection(self, connection: Connection, at: int | None = None) -> "Settings":
        """The same with this provider: in the place of the one at its address, else here, or as the
        last.
        """
        connections = list(self.connections)
        known = self.connection(connection.base_url)
        if known is not None:
            connections[connections.index(known)] = connection
        else:
            connections.insert(len(connections) if at is None else at, connection)
        return replace(self, connections=connections)

    def with_model(
        self,
        base_url: str,
        label: str,
        preset: str,
        model: str,
        *,
        via_server: bool,
        on_server: bool | None = None,
    ) -> "Settings":
        """The same with this model first among those of its provider, which may be new."""
        known = self.connection(base_url) or Connection(base_url, label)
        others = [name for name in known.models if name != model]
        models = [model, *others][:MODELS_KEPT]
        return self.with_connection(
            replace(
                known,
                label=label,
                preset=preset,
                via_server=via_server,
                on_server=known.on_server if on_server is None else on_server,
                models=models,
            )
        )

    def with_choice(self, id: str) -> "Settings":
        """Give the same with the person's latest choice."""
        recent = [id, *(one for one in self.recent if one != id)][:_RECENT_KEPT]
        return replace(self, choice=id, recent=recent)

    def moved(self, base_url: str, to: str) -> "Settings":
        """The same with this provider at another address, with its models, and the choice of one of
        them. One that was there already is replaced.
        """
        known = self.connection(base_url)
        if known is None or base_url == to:
            return self
        before, after = own_id(base_url, ""), own_id(to, "")

        def renamed(id: str) -> str:
            return after + id.removeprefix(before) if id.startswith(before) else id

        return replace(
            self,
            connections=[
                replace(known, base_url=to, windows={}, facts={}) if one is known else one
                for one in self.connections
                if one.base_url != to
            ],
            choice=renamed(self.choice),
            recent=[renamed(id) for id in self.recent],
            sends={renamed(id): told for id, told in self.sends.items()},
        )

    def without(self, base_url: str) -> "Settings":
        """The same without this provider and its models, and without the choice of one of them."""
        own = own_id(base_url, "")
        return replace(
            self,
            connections=[known for known in self.connections if known.base_url != base_url],
            choice="" if self.choice.startswith(own) else self.choice,
            recent=[id for id in self.recent if not id.startswith(own)],
            sends={id: told for id, told in self.sends.items() if not id.startswith(own)},
        )


def own_id(base_url: str, model: str) -> str:
    """Make the id under which the choice of a person's own model is kept."""
    return f"own {base_url} {model}"
