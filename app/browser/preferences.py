"""The settings dialog's other half: what its fields mean, and where they are kept."""

from collections.abc import Callable, Coroutine

from js import location

from ..providers import PROVIDERS, Provider
from ..providers.check import check
from . import texts
from .answer_options import Prompt
from .choice import Choice
from .dom import find
from .settings import Connection, Settings, Store, own_id
from .sources import BUILT_IN, DEMO, Sources, host_of
from .views import toast
from .views.answer_fields import AnswerFields
from .views.settings_dialog import Actions, Draft, Preset, SettingsDialog


class Preferences:
    """Opens the dialog, tests what is entered, and keeps what is saved.

    `keep` runs a coroutine beside everything else; `changed` is called after each saving.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        sources: Sources,
        choice: Choice,
        keep: Callable[[Coroutine[None, None, None]], None],
        changed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._sources = sources
        self._choice = choice
        self._changed = changed
        self._answers = AnswerFields(
            find("default-fields"),
            lambda: settings.prompts,
            self._keep_prompts,
            lambda name, value: None,  # kept with everything else
        )
        self._dialog = SettingsDialog(
            Actions(
                key_of=self._key_of,
                list_models=lambda draft: keep(self._check(draft, show=False)),
                test=lambda draft: keep(self._check(draft, show=True)),
                forget=self._forget,
                save=self._save,
                preview_theme=store.use_theme,
            ),
            self._answers,
        )

    def open(self) -> None:
        """Show the dialog, with the provider that is chosen now."""
        settings = self._settings
        self._answers.fill(settings)
        draft = Draft(
            stall_s=settings.stall_s,
            paste_limit=settings.paste_limit,
            sends_by_control=self._store.sends_by_control,
            theme=self._store.theme,
        )
        if self._choice.is_own:
            source = self._choice.source
            draft.base_url = draft.preset = source.provider.base_url
            draft.model = source.model
        own = [
            Preset(known.base_url, _named(known), "Yours", known.base_url)
            for known in settings.connections
        ]
        rows = [
            Preset(row.name, row.label, "Presets", row.base_url, _about(row), row.key_url)
            for row in PROVIDERS.values()
            if row.name not in (DEMO, BUILT_IN)
        ]
        self._dialog.open(draft, own + rows, frozenset(known.id for known in own))

    def _keep_prompts(self, prompts: list[Prompt]) -> None:
        self._settings.prompts = prompts
        self._store.save(self._settings)

    def _key_of(self, base_url: str) -> tuple[str, bool]:
        address = _tidy(base_url)
        return self._store.key(address), self._store.is_remembered(address)

    async def _check(self, draft: Draft, *, show: bool) -> None:
        provider = self._sources.provider(
            _tidy(draft.base_url), "", self._preset_of(draft), draft.key
        )
        found = await check(provider, draft.model, self._sources.fetch, location.href)
        if not self._dialog.is_open or self._dialog.address != draft.base_url:
            return  # the answer is about something that is no longer asked
        if show:
            self._dialog.show_result(found.ok, found.message, found.advice)
        if found.models:
            self._dialog.offer_models(found.models)

    def _save(self, draft: Draft) -> str:
        has_provider = bool(draft.base_url or draft.key or draft.model)
        if has_provider and (problem := _problem(draft)):
            return problem
        settings = self._settings
        for name, value in draft.answers.items():
            setattr(settings, name, value)
        settings.stall_s = draft.stall_s
        settings.paste_limit = draft.paste_limit
        self._store.use_send_key(draft.sends_by_control)
        self._store.use_theme(draft.theme)
        if has_provider:
            self._keep_provider(draft)
        self._store.save(settings)
        if has_provider and draft.provider_changed:
            self._choice.make(own_id(_tidy(draft.base_url), draft.model))
        else:
            self._choice.refresh()
        self._changed()
        return ""

    def _keep_provider(self, draft: Draft) -> None:
        address = _tidy(draft.base_url)
        preset = self._preset_of(draft)
        row = PROVIDERS.get(preset)
        # At another address than the preset's it is not the provider of that name.
        is_named = row is not None and row.base_url == address
        label = row.label if row is not None and is_named else host_of(address)
        self._settings.remember_model(address, label, preset, draft.model)
        self._store.keep_key(address, draft.key, remember=draft.remember)

    def _preset_of(self, draft: Draft) -> str:
        """The row of the table that this draft came from, also by way of a kept provider."""
        known = self._settings.connection(draft.preset)
        return known.preset if known is not None else draft.preset

    def _forget(self, base_url: str) -> None:
        address = _tidy(base_url)
        known, choice = self._settings.connection(address), self._settings.choice
        key, remember = self._key_of(address)
        self._settings.forget(address)
        self._store.forget_key(address)
        self._store.save(self._settings)
        self._choice.refresh()

        def undo() -> None:
            if known is not None:
                self._settings.connections.append(known)
                self._settings.choice = choice
                self._store.keep_key(address, key, remember=remember)
                self._store.save(self._settings)
                self._choice.refresh()

        toast.show(texts.forgotten(host_of(address)), texts.UNDO, undo)


def _problem(draft: Draft) -> str:
    """Why this provider cannot be kept, empty where it can."""
    if not _tidy(draft.base_url).startswith(("https://", "http://")):
        return "The base URL should begin with https:// or http://."
    if not draft.model:
        return "Enter a model, or test the connection to list them."
    return ""


def _about(row: Provider) -> str:
    """Whether a web page may call this provider, as far as the table knows."""
    origin = str(location.origin)
    if row.browser == "setting":
        return row.browser_setting.format(origin=origin)
    return texts.MAY_CALL.get(row.browser, "")


def _tidy(base_url: str) -> str:
    """The base URL without what people copy along with it."""
    address = base_url.strip().rstrip("/")
    return address.removesuffix("/chat/completions").rstrip("/")


def _named(known: Connection) -> str:
    host = host_of(known.base_url)
    return host if known.label == host else f"{known.label} ({host})"
