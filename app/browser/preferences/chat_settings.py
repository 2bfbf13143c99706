"""The drawer's tab "Settings of this chat": its differences from the defaults."""

from collections.abc import Callable
from typing import Any

from ...history.records import ChatRecord, ChatSettings
from ..models.model_options import ModelOption
from ..models.page_server import may_be_on_server
from ..models.sent_options import SentOptions
from ..settings.answer_options import FIELDS, Prompt
from ..settings.brought_details import details
from ..settings.local_settings import LocalSettings
from ..web.dom import find, listen, show
from . import words
from .answer_fields import AnswerFields

# The values of the field that says where answers are given.
_PLACES = {None: "", True: "yes", False: "no"}


class ChatSettingsPanel:
    """Shows and changes the settings of one chat at a time. `keep(**settings)` changes some,
    `decide(id)` asks about the settings that a file brought for it; `model(chat)` gives the model
    that answers in it, `sent` knows which fields that model is sent.
    """

    def __init__(
        self,
        settings: LocalSettings,
        keep: Callable[..., None],
        decide: Callable[[str], object],
        model: Callable[[ChatRecord], ModelOption],
        sent: SentOptions,
    ) -> None:
        self._settings = settings
        self._keep = keep
        self._model = model
        self._sent = sent
        self._chat: ChatRecord | None = None
        self._fields = AnswerFields(
            find("chat-fields"),
            lambda: settings.values.prompts,
            self._keep_prompts,
            self._change,
            self._take_offer,
        )
        listen(find("chat-on-server"), "change", lambda _: self._place())
        listen(find("chat-defaults"), "click", lambda _: self._make_default())
        listen(find("chat-reset"), "click", lambda _: self._reset())
        listen(find("chat-brought-decide"), "click", lambda _: self._decide(decide))

    def show(self, chat: ChatRecord) -> None:
        """Show the settings of this chat."""
        self._chat = chat
        self._fields.fill(chat.settings, self._settings.values)
        self.show_standing()
        show(find("chat-brought"), chat.brought is not None)
        if chat.brought is not None:
            labels = [detail.label for detail in details([chat.brought])]
            find("chat-brought-says").textContent = words.brought_unused(labels)
        self._offer()

    def show_standing(self) -> None:
        """Show the fields as the chat's model takes them: the model, or its known facts, may have
        changed.
        """
        if self._chat is not None:
            self._show_place(self._chat)
            self._fields.show_standing(self._sent.standings(self._model(self._chat)))

    def _show_place(self, chat: ChatRecord) -> None:
        """Show where its answers are given: only where they can be given on the server."""
        option = self._model(chat)
        show(find("chat-run"), may_be_on_server(option))
        chosen = chat.settings.on_server
        find("chat-on-server").value = _PLACES[chosen]
        find("chat-run-note").textContent = words.where_answers_are_given(
            on_server=option.on_server if chosen is None else chosen
        )

    def _place(self) -> None:
        chosen = str(find("chat-on-server").value)
        value = next(one for one, place in _PLACES.items() if place == chosen)
        self._change("on_server", value)
        self.show_standing()

    def _take_offer(self, name: str) -> None:
        if self._chat is not None:
            model = self._model(self._chat)
            self._sent.send(model.id, name, bool(self._sent.standings(model)[name].offer))
            self.show_standing()

    def show_defaults(self) -> None:
        """Show the defaults, which may have changed; a value being typed stays."""
        self._fields.show_defaults(self._settings.values)

    def refresh(self) -> None:
        """Show the chat's record, which may have changed."""
        if self._chat is not None:
            self.show(self._chat)

    def _decide(self, decide: Callable[[str], object]) -> None:
        if self._chat is not None:
            decide(self._chat.id)

    def _change(self, name: str, value: Any) -> None:
        if self._chat is not None:
            self._keep(**{name: value})
            self._offer()

    def _offer(self) -> None:
        """Offer the buttons for own settings, where there are any."""
        own: Any = self._chat.settings if self._chat is not None else ChatSettings()
        is_own = any(getattr(own, field.name) is not None for field in FIELDS)
        show(find("chat-own"), is_own)

    def _make_default(self) -> None:
        if self._chat is None:
            return
        own = {field.name: getattr(self._chat.settings, field.name) for field in FIELDS}
        self._settings.update(**{name: own[name] for name in own if own[name] is not None})
        self._keep(**dict.fromkeys(own))
        self.refresh()
        find("tab-settings").focus()

    def _reset(self) -> None:
        if self._chat is None:
            return
        self._keep(**{field.name: None for field in FIELDS})
        self.refresh()
        find("tab-settings").focus()

    def _keep_prompts(self, prompts: list[Prompt]) -> None:
        self._settings.update(prompts=prompts)
