"""Options sent to a model against the tables: some it is known to refuse and gets all the same,
others it has refused and gets no more.
"""

from collections.abc import Mapping

from ...core.options import Options
from ...providers.taken import options_taken
from ..settings.answer_options import Standing, as_told, standing
from ..settings.local_settings import LocalSettings
from .model_options import ModelOption


class SentOptions:
    """Tells and keeps it, by the picker's value of the model."""

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings

    def sends_tools(self, model: ModelOption) -> bool:
        """Tell whether tools go to this model; not where it has refused them, or its provider lists
        it without, unless a person sends them all the same.
        """
        takes_them = model.provider.takes(model.model).tools and model.facts.tools is not False
        return self._of(model.id).get("tools", takes_them)

    def has_refused_tools(self, model: ModelOption) -> bool:
        """Tell whether it has refused them itself."""
        return self._of(model.id).get("tools") is False

    def told(self, model: ModelOption, options: Options) -> Options:
        """The options as this model gets them."""
        return as_told(options, self._of(model.id))

    def standings(self, model: ModelOption) -> dict[str, Standing]:
        """Give the model's stance on each option."""
        sends = self._of(model.id)
        known = options_taken(model.provider, model.model)
        return {name: standing(taken, sends.get(name)) for name, taken in known.items()}

    def send(self, model_id: str, option: str, is_sent: bool) -> None:
        """Send this option to the model, or leave it out, from now on."""
        sends = self._settings.values.sends
        self._settings.update(sends={**sends, model_id: {**self._of(model_id), option: is_sent}})

    def _of(self, model_id: str) -> Mapping[str, bool]:
        return self._settings.values.sends.get(model_id, {})
