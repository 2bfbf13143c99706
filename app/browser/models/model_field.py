"""The field for a provider's model, with the list of those that the provider named."""

from collections.abc import Callable, Sequence
from functools import partial

from ..web import menu
from ..web.dom import find, listen, option, show


class ModelField:
    """Completes the typed name, and shows the list at a button. `chosen()` is called when a model
    was entered for the person, or picked by them.
    """

    def __init__(self, chosen: Callable[[], None]) -> None:
        self._chosen = chosen
        self._models: list[str] = []
        self._is_suggested = False  # what the field holds
        listen(find("set-pick"), "click", lambda _: self._open())
        listen(find("set-model"), "input", lambda _: self._typed())

    def fill(self, model: str) -> None:
        """Put in the known models of the shown provider."""
        find("set-model").value = model
        self._is_suggested = False

    def offer(self, models: Sequence[str]) -> None:
        """Offer these models; without any, no list."""
        self._models = list(models)
        find("set-models").replaceChildren(*[option(name, name) for name in models])
        show(find("set-pick"), bool(models))

    @property
    def offers_one(self) -> bool:
        """Tell whether there is nothing to choose from."""
        return len(self._models) == 1

    def suggest(self, model: str) -> None:
        """Enter this one for the person."""
        self._choose(model)
        self._is_suggested = True

    def withdraw(self) -> None:
        """Empty the field if it still holds the suggestion: it was about another address."""
        if self._is_suggested:
            self._choose("")

    def _choose(self, model: str) -> None:
        self.fill(model)
        self._chosen()

    def _typed(self) -> None:
        self._is_suggested = False

    def _open(self) -> None:
        entered = str(find("set-model").value).strip()
        items = [
            menu.Item(name, partial(self._choose, name), checked=name == entered)
            for name in self._models
        ]
        menu.open(find("set-pick"), items)
