"""Finding a model by name among those that can be chosen. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

# Of one group; a longer list is narrowed by typing, and takes long to draw.
_SHOWN = 50


class Model(NamedTuple):
    """One that can be chosen, by its `id`; one that is not `enabled` says why in its label.

    `provider` and `place` are who answers and where, for people; `window` in tokens.
    """

    id: str
    label: str
    provider: str = ""
    place: str = ""
    window: int | None = None
    enabled: bool = True


class Group(NamedTuple):
    """Models under a heading. `place` says where they are, `is_mixed` that each says it itself."""

    label: str
    models: Sequence[Model]
    place: str = ""
    is_mixed: bool = False


class Found(NamedTuple):
    """What a search found, and how many more models it found than can be shown."""

    groups: list[Group]
    hidden: int = 0

    @property
    def models(self) -> list[Model]:
        """All of them, in their order."""
        return [model for group in self.groups for model in group.models]


def search(groups: Iterable[Group], query: str) -> Found:
    """The models that have all words of the query in their name or their provider's.

    The groups keep their order; within one, names that begin with the first word come first.
    """
    words = query.lower().split()
    found, hidden = [], 0
    for group in groups:
        models = [model for model in group.models if _fits(model, words)]
        if words:
            models.sort(key=lambda model: not model.label.lower().startswith(words[0]))
        hidden += max(0, len(models) - _SHOWN)
        if models:
            found.append(group._replace(models=models[:_SHOWN]))
    return Found(found, hidden)


def recent_first(label: str, recent: Sequence[str], groups: Sequence[Group]) -> list[Group]:
    """The same groups, with the models of these ids taken out into a group of this label before
    them. Groups without models are left out.
    """
    known = {model.id: model for group in groups for model in group.models}
    taken = [known[id] for id in recent if id in known]
    ids = {model.id for model in taken}
    rest = [
        group._replace(models=[model for model in group.models if model.id not in ids])
        for group in groups
    ]
    return [group for group in [Group(label, taken, is_mixed=True), *rest] if group.models]


def _fits(model: Model, words: Sequence[str]) -> bool:
    name = f"{model.provider} {model.label}".lower()
    return all(word in name for word in words)
