"""Finding a model by name among those that can be chosen. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...providers.model_facts import UNKNOWN, ModelFacts


class Model(NamedTuple):
    """One that can be chosen, by its `id`; one that is not `enabled` says why in its label.

    `provider` and `place` tell people who answers and where; `facts` are the provider's.
    """

    id: str
    label: str
    provider: str = ""
    place: str = ""
    facts: ModelFacts = UNKNOWN
    enabled: bool = True


class Group(NamedTuple):
    """Models under a heading. `place` says where they are, `is_mixed` that each says it itself."""

    label: str
    models: Sequence[Model]
    place: str = ""
    is_mixed: bool = False


def search(groups: Iterable[Group], query: str) -> list[Group]:
    """The models that have all words of the query in their name or their provider's.

    The groups keep their order; within one, names that begin with the first word come first.
    Groups without models are left out.
    """
    words = query.lower().split()
    found = []
    for group in groups:
        models = [model for model in group.models if _fits(model, words)]
        if words:
            models.sort(key=lambda model: not model.label.lower().startswith(words[0]))
        if models:
            found.append(group._replace(models=models))
    return found


def models_of(groups: Iterable[Group]) -> list[Model]:
    """List the models of these groups, in their order."""
    return [model for group in groups for model in group.models]


def recent_of(label: str, recent: Sequence[str], groups: Sequence[Group]) -> Group:
    """A group of this label with those models of the groups that have these ids, in their order."""
    known = {model.id: model for model in models_of(groups)}
    return Group(label, [known[id] for id in recent if id in known], is_mixed=True)


def _fits(model: Model, words: Sequence[str]) -> bool:
    name = f"{model.provider} {model.label}".lower()
    return all(word in name for word in words)
