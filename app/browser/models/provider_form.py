"""The section "Providers" of the settings: the list of a person's providers, and the form of one.

Typed text stays with its provider while others are looked at. The meaning of a draft, and its
storage, are for the caller.

Long, because it is one form: each field changes what others offer.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from js import Object, document
from pyodide.ffi import to_js

from ..web.dom import Node, clone, find, listen, option, part, show
from . import words
from .model_field import ModelField

# The id of the provider that is being added.
NEW = ""

# Where a draft can be wrong.
_FIELDS = {"base_url": "set-base-url", "key": "set-key", "model": "set-model"}


class ProviderDraft(msgspec.Struct):
    """Values of the form for the provider with this `id`: the base URL it is kept under, or NEW."""

    id: str = NEW
    preset: str = ""
    base_url: str = ""
    key: str = ""
    remember: bool = False
    model: str = ""
    via_server: bool = False
    on_server: bool = False
    is_touched: bool = False


class Row(NamedTuple):
    """One provider of the list. `mood` is `good`, `bad` or empty, after its last test."""

    id: str
    label: str
    host: str
    state: str
    mood: str = ""


class Preset(msgspec.Struct, frozen=True):
    """One choice that fills the form. `key_url` is where a key is to be had, `model` one to begin
    with. An empty `base_url` leaves the address as it is.
    """

    id: str
    label: str
    group: str
    base_url: str
    key_url: str = ""
    model: str = ""


class ProviderActions(NamedTuple):
    """Calls of the form to its caller. `key_problem(key)` says what is wrong with an entered key,
    `key_lack(base_url)` why a remembered one is not here. `key_of(base_url)` gives the kept key and
    whether it is remembered, `about(preset)` whether a page may call it. `may_relay()` tells
    whether this page's server can ask, `wants_relay(base_url, preset)` whether only it can;
    `may_run()` whether there is one that can give answers, `has_server_key(base_url)` whether it
    has a key.
    """

    key_of: Callable[[str], tuple[str, bool]]
    key_lack: Callable[[str], str]
    key_problem: Callable[[str], str]
    list_models: Callable[[ProviderDraft], None]
    test: Callable[[ProviderDraft], None]
    forget: Callable[[ProviderDraft], None]
    about: Callable[[str], str]
    may_relay: Callable[[], bool]
    wants_relay: Callable[[str, str], bool]
    may_run: Callable[[], bool]
    has_server_key: Callable[[str], bool]


class ProviderForm:
    """One for the page. `open` fills it, `touched` reads it. `way` explains the choice that this
    page's server asks.
    """

    def __init__(self, actions: ProviderActions, presets: Sequence[Preset], way: str) -> None:
        self._actions = actions
        self._presets = {preset.id: preset for preset in presets}
        self._drafts: dict[str, ProviderDraft] = {}
        self._rows: list[Row] = []
        self._id = NEW  # of the one that the form shows
        self._address = ""  # the base URL whose key is in the field
        self._loaded_key = ""
        self._model = ModelField(self._touch)
        self._listed = ("", "")  # the base URL and key whose models were asked for
        _fill_presets(presets)
        find("set-via-note").textContent = way
        form = find("provider-form")
        listen(find("panel-set-providers"), "click", self._on_click)
        listen(find("set-preset"), "change", lambda _: self._use_preset())
        listen(find("set-base-url"), "change", lambda _: self._use_address())
        # A key can't be read, so it is only ever replaced: also one that has just been filled in.
        listen(find("set-key"), "focus", lambda event: event.target.select())
        listen(find("set-model"), "focus", lambda _: self._list_models())
        listen(form, "input", lambda _: self._touch())
        listen(find("set-test"), "click", lambda _: self._test())
        listen(find("set-via-server"), "change", lambda _: self._drop_findings())
        listen(find("set-try-server"), "click", lambda _: self._try_server())
        listen(find("set-forget"), "click", lambda _: self._actions.forget(self._read()))

    def open(self, drafts: Iterable[ProviderDraft], chosen: str) -> None:
        """Fill the form with the draft that has this id; a new one is always among them."""
        self._drafts = {NEW: ProviderDraft()} | {draft.id: draft for draft in drafts}
        self._fill(self._drafts.get(chosen, self._drafts[NEW]))

    def follow(self, drafts: Iterable[ProviderDraft]) -> None:
        """Take in that another tab has added or removed providers. Typed text stays; of a removed
        provider only while its form is shown.
        """
        shown = self._drafts[self._id] = self._read()
        kept = {NEW: ProviderDraft()} | {draft.id: draft for draft in drafts}
        typed = {id: draft for id, draft in self._drafts.items() if draft.is_touched}
        self._drafts = kept | {id: typed[id] for id in typed if id in kept or typed[id] is shown}
        if not shown.is_touched:
            self._fill(self._drafts.get(self._id, self._drafts[NEW]))

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these in the list."""
        self._rows = list(rows)
        made = []
        for row in rows:
            item = clone("template-provider")
            button = item.firstElementChild
            button.setAttribute("data-provider", row.id)
            button.setAttribute("data-mood", row.mood)
            for name in ("label", "host", "state"):
                part(button, name).textContent = getattr(row, name)
            made.append(item)
        find("set-providers").replaceChildren(*made)
        show(find("set-providers"), bool(made))
        show(find("set-add"), bool(made))
        self._mark()

    def touched(self) -> list[ProviderDraft]:
        """List the drafts that were touched, the shown one last."""
        shown = self._drafts[self._id] = self._read()
        others = [draft for draft in self._drafts.values() if draft is not shown]
        return [draft for draft in (*others, shown) if draft.is_touched]

    def point_out(self, id: str, field: str) -> None:
        """Show the draft with this id, and mark a field of it as wrong: `base_url`, `key` or
        `model`.
        """
        self.go_to(id)
        self._show_key_problem()
        find(_FIELDS[field]).setAttribute("aria-invalid", "true")

    def go_to(self, id: str) -> None:
        """Show the draft with this id; the form's values stay with their own draft."""
        self._drafts[self._id] = self._read()
        self._fill(self._drafts[id])

    def drop(self, id: str) -> None:
        """Forget the draft with this id; the one to be added is shown."""
        self._drafts.pop(id, None)
        self._fill(self._drafts.get(NEW) or ProviderDraft())

    def bring_back(self, draft: ProviderDraft) -> None:
        """Show a draft that was dropped."""
        self._drafts[self._id] = self._read()
        self._drafts[draft.id] = draft
        self._fill(draft)

    def show_result(
        self, good: bool, message: str, advice: str, *, offers_server: bool = False
    ) -> None:
        """Say how the connection test went; `offers_server`: this page's server could ask."""
        box = find("set-result")
        box.classList.remove("good", "bad")
        box.classList.add("good" if good else "bad")
        self._say(message, advice)
        find("set-test").disabled = False
        show(find("set-try-server"), offers_server)

    def offer_models(self, models: Sequence[str]) -> None:
        """List these at the field of the model."""
        self._model.offer(models)

    def suggest(self, model: str) -> None:
        """Enter this model where none is, and say so."""
        if _get("set-model"):
            return
        self._model.suggest(model)
        advice = part(find("set-result"), "advice")
        said = words.suggested(model, is_only=self._model.offers_one)
        advice.textContent = f"{advice.textContent} {said}".strip()

    @property
    def address(self) -> str:
        """The base URL in the field, as it stands."""
        return _get("set-base-url")

    @property
    def via_server(self) -> bool:
        """Tell whether the box says that this page's server is to ask."""
        return bool(find("set-via-server").checked)

    def _fill(self, draft: ProviderDraft) -> None:
        self._id = draft.id
        self._clear_marks()
        _set("set-preset", draft.preset)
        _set("set-base-url", draft.base_url)
        self._model.fill(draft.model)
        _set("set-key", draft.key)
        find("set-remember").checked = draft.remember
        find("set-via-server").checked = draft.via_server
        show(find("set-way"), draft.via_server or self._actions.may_relay())
        find("set-on-server").checked = draft.on_server
        show(find("set-run"), self._actions.may_run())
        self._address = draft.base_url
        self._loaded_key = self._actions.key_of(draft.base_url)[0]
        self._say_lack()
        self._drop_findings()
        show(find("set-forget"), draft.id != NEW)
        self._show_about()
        self._mark()

    def take_keys(self) -> None:
        """Fill in keys that were not here when the form was filled."""
        for draft in self._drafts.values():
            if draft.id != NEW and not draft.key:
                draft.key, draft.remember = self._actions.key_of(draft.base_url)
        if not _get("set-key") and not self._loaded_key:
            self._loaded_key, remembered = self._actions.key_of(self.address)
            if self._loaded_key:
                _set("set-key", self._loaded_key)
                find("set-remember").checked = remembered
        self._say_lack()

    def _say_lack(self) -> None:
        lack = self._actions.key_lack(self.address)
        if not lack and self._actions.has_server_key(self.address):
            lack = words.SERVER_HAS_KEY
        find("set-key").placeholder = lack

    def _mark(self) -> None:
        """Mark the form's provider in the list, and name it above the form."""
        for button in find("panel-set-providers").querySelectorAll("[data-provider]"):
            is_shown = button.getAttribute("data-provider") == self._id
            button.setAttribute("aria-current", "true" if is_shown else "false")
        known = next((row.label for row in self._rows if row.id == self._id), "")
        find("provider-title").textContent = known or words.NEW_PROVIDER

    def _show_about(self) -> None:
        """Show the facts of the chosen row: whether a page may call it, and where a key is to be
        had.
        """
        preset = self._presets.get(_get("set-preset"))
        about = self._actions.about(preset.id) if preset else ""
        part(find("set-about"), "about").textContent = about
        link = find("set-key-link")
        link.href = preset.key_url if preset else ""
        show(link, bool(preset and preset.key_url))

    def _on_click(self, event: Any) -> None:
        button = event.target.closest("[data-provider]")
        if button:
            self.go_to(button.getAttribute("data-provider"))
            # What is asked first: for a new one which it is, else most often another key.
            find("set-key" if self._id else "set-preset").focus()

    def _use_preset(self) -> None:
        preset = self._presets.get(_get("set-preset"))
        if preset and preset.base_url:
            _set("set-base-url", preset.base_url)
            self._model.fill(preset.model)
            self._use_address()
        if self._wants_relay():
            find("set-via-server").checked = True
        self._show_about()
        find("set-base-url" if not self.address else "set-key").focus()

    def _use_address(self) -> None:
        """Follow the address: a key belongs to its base URL, so a kept one leaves the field."""
        if self.address == self._address:
            return
        if _get("set-key") == self._loaded_key:
            self._loaded_key, remembered = self._actions.key_of(self.address)
            _set("set-key", self._loaded_key)
            find("set-remember").checked = remembered
        self._say_lack()
        self._address = self.address
        self._model.withdraw()
        find("set-via-server").checked = self._wants_relay()
        find("set-on-server").checked = self._actions.has_server_key(self.address)
        self._drop_findings()

    def _wants_relay(self) -> bool:
        return self._actions.wants_relay(self.address, _get("set-preset"))

    def _show_key_problem(self) -> None:
        """Say at the field what is wrong with the key."""
        problem = self._actions.key_problem(_get("set-key"))
        find("set-key-problem").textContent = problem
        find("set-key").setAttribute("aria-invalid", "true" if problem else "false")

    def _touch(self) -> None:
        self._drafts[self._id].is_touched = True
        self._clear_marks()
        self._show_key_problem()  # not later: below it a button would move from under the pointer

    def _clear_marks(self) -> None:
        for id in _FIELDS.values():
            find(id).setAttribute("aria-invalid", "false")
        find("set-key-problem").textContent = ""

    def _list_models(self) -> None:
        """Fill the list below the field, once for an address and its key; silent if it fails."""
        asked = (self.address, _get("set-key"))
        if asked[0] and asked != self._listed and not self._actions.key_problem(asked[1]):
            self._listed = asked
            self._actions.list_models(self._read())

    def _drop_models(self) -> None:
        self._listed = ("", "")
        self.offer_models([])

    def _drop_findings(self) -> None:
        """Drop the findings of a test: the provider is another, or is asked another way."""
        self._drop_models()
        find("set-test").disabled = False
        show(find("set-result"), False)
        show(find("set-try-server"), False)

    def _try_server(self) -> None:
        via_server = find("set-via-server")
        via_server.checked = True
        via_server.focus()  # the button goes
        self._touch()
        self._test()

    def _test(self) -> None:
        self._use_address()
        if self._actions.key_problem(_get("set-key")):
            self._show_key_problem()
            find("set-key").focus()
            return
        find("set-test").disabled = True
        find("set-result").classList.remove("good", "bad")
        show(find("set-try-server"), False)
        self._say(words.TESTING, "")
        self._actions.test(self._read())

    def _say(self, message: str, advice: str) -> None:
        box = find("set-result")
        part(box, "message").textContent = message
        part(box, "advice").textContent = advice
        show(box, True)
        box.scrollIntoView(to_js({"block": "nearest"}, dict_converter=Object.fromEntries))

    def _read(self) -> ProviderDraft:
        return ProviderDraft(
            self._id,
            preset=_get("set-preset"),
            base_url=self.address,
            key=_get("set-key"),
            remember=bool(find("set-remember").checked),
            model=_get("set-model"),
            via_server=self.via_server,
            on_server=bool(find("set-on-server").checked),
            is_touched=self._drafts[self._id].is_touched,
        )


def _fill_presets(presets: Sequence[Preset]) -> None:
    select = find("set-preset")
    select.replaceChildren(option(words.CHOOSE_PROVIDER, ""))
    groups: dict[str, Node] = {}
    for preset in presets:
        if preset.group not in groups:
            groups[preset.group] = document.createElement("optgroup")
            groups[preset.group].label = preset.group
            select.append(groups[preset.group])
        groups[preset.group].append(option(preset.label, preset.id))


def _get(id: str) -> str:
    return str(find(id).value).strip()


def _set(id: str, value: str) -> None:
    find(id).value = value
