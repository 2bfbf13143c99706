"""The dialog "Settings": reads the fields into a `Draft`, shows one, and the test's result.

What a draft means, and where it is kept, is for the caller.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from js import Object, document
from pyodide.ffi import to_js

from ..dom import find, listen, option, part, show
from .answer_fields import AnswerFields


class Draft(msgspec.Struct):
    """What the fields say. `provider_changed` tells whether that part was touched; `answers` are
    the values of the answer fields, by name.
    """

    preset: str = ""
    base_url: str = ""
    key: str = ""
    remember: bool = False
    model: str = ""
    answers: dict[str, Any] = {}
    stall_s: float | None = None
    paste_limit: int = 4000
    sends_by_control: bool = False
    theme: str = "system"
    provider_changed: bool = False


class Preset(msgspec.Struct, frozen=True):
    """One choice that fills the provider's fields. `about` says whether a page may call it, and
    `key_url` is where a key is to be had.
    """

    id: str
    label: str
    group: str
    base_url: str
    about: str = ""
    key_url: str = ""


class Actions(msgspec.Struct, frozen=True):
    """What the dialog asks of its caller.

    `key_of(base_url)` gives the kept key and whether it is remembered. `save` returns a sentence
    where the draft cannot be kept, empty where it was.
    """

    key_of: Callable[[str], tuple[str, bool]]
    list_models: Callable[[Draft], None]
    test: Callable[[Draft], None]
    forget: Callable[[str], None]
    save: Callable[[Draft], str]
    preview_theme: Callable[[str], None]


class SettingsDialog:
    """One for the page. `open` fills it; Save and Cancel close it."""

    def __init__(self, actions: Actions, answers: AnswerFields) -> None:
        self._actions = actions
        self._answers = answers
        self._presets: dict[str, Preset] = {}
        self._own: frozenset[str] = frozenset()
        self._address = ""  # the base URL whose key is in the field
        self._loaded_key = ""
        self._listed = ("", "")  # the base URL and key whose models were asked for
        self._theme = "system"
        self._is_touched = False
        dialog = find("settings")
        listen(find("set-preset"), "change", lambda _: self._use_preset())
        listen(find("set-base-url"), "change", lambda _: self._use_address())
        # A key can't be read, so it is only ever replaced: also one that has just been filled in.
        listen(find("set-key"), "focus", lambda event: event.target.select())
        listen(find("set-model"), "focus", lambda _: self._list_models())
        listen(find("settings-form"), "input", self._on_input)
        listen(find("settings-form"), "submit", self._on_submit)
        listen(find("set-test"), "click", lambda _: self._test())
        listen(find("set-forget"), "click", lambda _: self._forget())
        listen(find("set-cancel"), "click", lambda _: dialog.close())
        listen(find("settings-close"), "click", lambda _: dialog.close())
        listen(dialog, "close", lambda _: self._actions.preview_theme(self._theme))

    @property
    def is_open(self) -> bool:
        return bool(find("settings").open)

    def open(self, draft: Draft, presets: Sequence[Preset], own: frozenset[str]) -> None:
        """Show the dialog. `own` are the base URLs that can be forgotten."""
        self._presets = {preset.id: preset for preset in presets}
        self._own = own
        self._theme = draft.theme
        _fill_presets(presets, draft.preset)
        _set("set-stall", _shown(draft.stall_s))
        _set("set-paste", f"{draft.paste_limit}")
        find("set-send").checked = draft.sends_by_control
        for radio in _theme_radios():
            radio.checked = radio.value == draft.theme
        self._show_provider(draft.base_url, draft.model)
        self._is_touched = False
        find("set-problem").textContent = ""
        find("settings").showModal()

    def show_result(self, good: bool, message: str, advice: str) -> None:
        """Say how the connection test went."""
        box = find("set-result")
        box.classList.remove("good", "bad")
        box.classList.add("good" if good else "bad")
        self._say(message, advice)
        find("set-test").disabled = False

    def offer_models(self, models: Sequence[str]) -> None:
        find("set-models").replaceChildren(*[option(name, name) for name in models])

    @property
    def address(self) -> str:
        """The base URL in the field, as it stands."""
        return _get("set-base-url")

    def _show_provider(self, base_url: str, model: str) -> None:
        _set("set-base-url", base_url)
        _set("set-model", model)
        self._load_key()
        self._drop_models()
        show(find("set-result"), False)
        find("set-test").disabled = False
        show(find("set-forget"), base_url in self._own)
        self._show_about()

    def _show_about(self) -> None:
        """What is known of the chosen row: whether a page may call it, and where a key is."""
        preset = self._presets.get(_get("set-preset"))
        part(find("set-about"), "about").textContent = preset.about if preset else ""
        link = find("set-key-link")
        link.href = preset.key_url if preset else ""
        show(link, bool(preset and preset.key_url))

    def _load_key(self) -> None:
        self._address = self.address
        self._loaded_key, remembered = self._actions.key_of(self._address)
        _set("set-key", self._loaded_key)
        find("set-remember").checked = remembered

    def _use_preset(self) -> None:
        preset = self._presets.get(_get("set-preset"))
        self._show_provider(preset.base_url if preset else "", "")
        find("set-base-url" if not _get("set-base-url") else "set-key").focus()

    def _use_address(self) -> None:
        """A key belongs to its base URL: at another one, a kept key leaves the field."""
        if self.address == self._address:
            return
        if _get("set-key") == self._loaded_key:
            self._load_key()
        self._address = self.address
        self._drop_models()
        show(find("set-forget"), self.address in self._own)

    def _on_input(self, event: Any) -> None:
        field = event.target
        if field.name == "theme":
            self._actions.preview_theme(field.value)
        elif field.closest("fieldset") == find("set-base-url").closest("fieldset"):
            self._is_touched = True
        find("set-problem").textContent = ""

    def _on_submit(self, event: Any) -> None:
        event.preventDefault()
        draft, problem = self._read()
        problem = problem or self._actions.save(draft)
        find("set-problem").textContent = problem
        if not problem:
            self._theme = draft.theme
            find("settings").close()

    def _list_models(self) -> None:
        """Fill the list below the field, once for an address and its key; silent if it fails."""
        asked = (self.address, _get("set-key"))
        if asked[0] and asked != self._listed:
            self._listed = asked
            self._actions.list_models(self._read()[0])

    def _drop_models(self) -> None:
        self._listed = ("", "")
        self.offer_models([])

    def _test(self) -> None:
        self._use_address()
        draft, _ = self._read()
        find("set-test").disabled = True
        box = find("set-result")
        box.classList.remove("good", "bad")
        self._say("Asking for the list of models…", "")
        self._actions.test(draft)

    def _forget(self) -> None:
        self._actions.forget(self.address)
        find("settings").close()

    def _say(self, message: str, advice: str) -> None:
        box = find("set-result")
        part(box, "message").textContent = message
        part(box, "advice").textContent = advice
        show(box, True)
        box.scrollIntoView(to_js({"block": "nearest"}, dict_converter=Object.fromEntries))

    def _read(self) -> tuple[Draft, str]:
        """The draft, and a sentence where a field cannot be read."""
        answers, problem = self._answers.read()
        numbers: dict[str, float | None] = {}
        for name, field, lowest, highest in _NUMBERS:
            text = _get(field)
            try:
                value = float(text) if text else None
            except ValueError:
                value = lowest - 1
            # A browser gives no text at all for what is not a number.
            if find(field).validity.badInput or (
                value is not None and not lowest <= value <= highest
            ):
                label = find(field).labels.item(0).textContent
                limit = f"from {lowest:g} to {highest:g}" if highest < 1e9 else f"from {lowest:g}"
                problem = problem or f"{label} should be a number {limit}."
                value = None
            numbers[name] = value
        paste_limit = numbers["paste_limit"]
        checked = [radio.value for radio in _theme_radios() if radio.checked]
        preset = self._presets.get(_get("set-preset"))
        draft = Draft(
            preset=preset.id if preset else "",
            base_url=self.address,
            key=_get("set-key"),
            remember=bool(find("set-remember").checked),
            model=_get("set-model"),
            answers=answers,
            paste_limit=4000 if paste_limit is None else int(paste_limit),
            sends_by_control=bool(find("set-send").checked),
            stall_s=numbers["stall_s"],
            theme=checked[0] if checked else "system",
            provider_changed=self._is_touched,
        )
        return draft, problem


# Field of the draft, element, lowest and highest value.
_NUMBERS = (
    ("stall_s", "set-stall", 1.0, 3600.0),
    ("paste_limit", "set-paste", 0.0, 1_000_000.0),
)


def _fill_presets(presets: Sequence[Preset], chosen: str) -> None:
    select = find("set-preset")
    select.replaceChildren(option("Choose a provider…", ""))
    groups: dict[str, Any] = {}
    for preset in presets:
        if preset.group not in groups:
            groups[preset.group] = document.createElement("optgroup")
            groups[preset.group].label = preset.group
            select.append(groups[preset.group])
        groups[preset.group].append(option(preset.label, preset.id))
    select.value = chosen


def _theme_radios() -> list[Any]:
    return list(find("settings-form").querySelectorAll('[name="theme"]'))


def _get(id: str) -> str:
    return str(find(id).value).strip()


def _set(id: str, value: str) -> None:
    find(id).value = value


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
