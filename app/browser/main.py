"""Makes the parts of the page and connects them."""

import asyncio
from collections.abc import Coroutine

from js import document
from tokenfall_page import handOver  # type: ignore[import-not-found]  # boot.mjs registers it

from .. import __version__
from ..providers import PROVIDERS
from ..providers.check import check
from .conversation import Conversation
from .dom import Node, find, listen
from .local_model import ModelStatus, watch
from .settings import Connection, Store
from .sources import BUILT_IN, DEMO, Source, Sources, has_server, own_id
from .views import composer, model_picker, transcript
from .views.model_picker import Entry
from .views.settings_dialog import Actions, Draft, Preset, SettingsDialog


async def start() -> None:
    """Take over the page; called once, by index.html."""
    page = Page()
    await page.start()
    root = document.documentElement
    root.setAttribute("data-version", __version__)
    root.setAttribute("data-state", "ready")


class Page:
    """What was chosen, and who has to know when that changes."""

    def __init__(self) -> None:
        self._store = Store()
        self._settings = self._store.load()
        self._sources = Sources(self._store)
        self._model = ModelStatus()
        self._chosen = DEMO
        # Whether the person chose during this visit; then nothing is chosen for them any more.
        self._has_chosen = False
        self._conversation = Conversation(self._sources.demo(), self._settings, self._show_hint)
        self._dialog = SettingsDialog(
            Actions(
                key_of=self._key_of,
                list_models=lambda draft: self._keep(self._check(draft, show=False)),
                test=lambda draft: self._keep(self._check(draft, show=True)),
                forget=self._forget,
                save=self._save,
                preview_theme=self._store.use_theme,
            )
        )
        self._tasks: set[asyncio.Future[None]] = set()

    async def start(self) -> None:
        if has_server():
            # The first answer comes before anything is sent: an early message should reach the
            # model that is ready, and not the Demo.
            known: asyncio.Future[None] = asyncio.get_running_loop().create_future()

            def changed(status: ModelStatus) -> None:
                self._on_model(status)
                if not known.done():
                    known.set_result(None)

            self._keep(watch(self._sources.fetch, changed))
            await known
        else:
            self._choose_default()
        self._listen()
        early = handOver()
        self._show_hint()
        if early is not None:
            self._conversation.send(early.text, streaming=composer.is_streaming(), shown=True)

    def _listen(self) -> None:
        composer.start()
        composer.on_send(self._send)
        composer.on_stop(self._conversation.stop)
        composer.on_mode(self._store.keep_mode)
        transcript.on_press(self._on_press)
        model_picker.on_choose(self._choose, self._add_provider)
        listen(find("new-chat"), "click", lambda _: self._new_chat())
        listen(find("open-settings"), "click", lambda _: self._open_settings())
        find("open-settings").disabled = False
        listen(document, "visibilitychange", lambda _: self._on_visibility())

    def _keep(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # The conversation

    def _send(self, text: str) -> bool:
        sent = self._conversation.send(text, streaming=composer.is_streaming())
        self._show_hint()
        return sent

    def _new_chat(self) -> None:
        self._conversation.clear()
        self._show_hint()
        composer.focus()

    def _on_press(self, action: str, article: Node) -> None:
        match action:
            case "retry":
                self._conversation.retry(streaming=composer.is_streaming())
                self._show_hint()
                composer.focus()
            case "settings":
                self._open_settings()
            case "copy":
                self._keep(transcript.copy(article))

    def _on_visibility(self) -> None:
        if not document.hidden:
            self._conversation.seen()

    # Which model

    def _on_model(self, status: ModelStatus) -> None:
        self._model = status
        self._choose_default()
        self._show_hint()

    def _choose_default(self) -> None:
        """Use what the person chose last time, else the built-in model once it is ready."""
        available = self._available()
        wanted = self._settings.choice or BUILT_IN
        untouched = not self._has_chosen and self._conversation.is_empty
        if untouched and wanted in available:
            self._chosen = wanted
        elif self._chosen not in available:
            self._chosen = DEMO
        self._apply()

    def _choose(self, id: str) -> None:
        self._has_chosen = True
        self._chosen = self._settings.choice = id
        self._store.save(self._settings)
        self._apply()
        self._show_hint()

    def _available(self) -> dict[str, Source]:
        sources = {DEMO: self._sources.demo()}
        if self._model.state == "ready":
            sources[BUILT_IN] = self._sources.built_in(self._model.id, self._model.label)
        for source in self._sources.own(self._settings):
            sources[source.id] = source
        return sources

    def _apply(self) -> None:
        """Make everything follow the choice."""
        available = self._available()
        source = available[self._chosen]
        self._conversation.use(source, self._settings)
        entries = [Entry(DEMO, "Demo", "In this tab")]
        if has_server():
            ready = self._model.state == "ready"
            label = self._model.label if ready else f"{self._model.label} ({_doing(self._model)})"
            entries.insert(0, Entry(BUILT_IN, label, "On this computer", ready))
        entries += [
            Entry(known.id, known.model, known.provider.label)
            for known in available.values()
            if known.id not in (DEMO, BUILT_IN)
        ]
        model_picker.fill(entries, self._chosen)
        find("welcome-note").textContent = _about(source)

    def _show_hint(self) -> None:
        """Say the one thing worth knowing now."""
        composer.offer("")
        model = self._model
        if self._conversation.is_running:
            composer.hint("" if composer.is_touch() else "Esc stops the answer.")
        elif has_server() and model.is_coming and self._chosen == DEMO:
            share = model.received_bytes / model.total_bytes if model.total_bytes else 0
            composer.hint(
                f"{model.label} is {_doing(model)}. Until it is ready, the Demo answers.",
                progress=1.0 if model.state == "starting" else share,
            )
        elif model.state == "ready" and self._chosen == DEMO and not self._has_chosen:
            composer.hint(f"{model.label} is ready.")
            composer.offer("Use it", lambda: self._choose(BUILT_IN))
        elif model.state == "failed" and self._chosen == DEMO:
            reason = model.message.rstrip(".") or "no reason was given"
            composer.hint(f"The built-in model did not start: {reason}. The Demo answers.")
        elif not has_server() and self._chosen == DEMO:
            composer.hint(
                "The built-in model needs serve.py on your computer. "
                "Here the Demo answers, or a provider of yours."
            )
            composer.offer("Add a provider", self._add_provider)
        else:
            keys = "Enter sends, Shift+Enter makes a new line."
            composer.hint("" if composer.is_touch() else keys)

    # Settings

    def _add_provider(self) -> None:
        self._apply()
        self._open_settings()

    def _open_settings(self) -> None:
        settings = self._settings
        draft = Draft(
            instructions=settings.instructions,
            temperature=settings.temperature,
            max_tokens=settings.max_tokens,
            stall_s=settings.stall_s,
            theme=self._store.theme,
        )
        chosen = self._available()[self._chosen]
        if chosen.id not in (DEMO, BUILT_IN):
            draft.base_url = draft.preset = chosen.provider.base_url
            draft.model = chosen.model
        presets = [
            Preset(known.base_url, _named(known), "Yours", known.base_url)
            for known in settings.connections
        ]
        presets += [
            Preset(row.name, row.label, "Presets", row.base_url)
            for row in PROVIDERS.values()
            if row.name not in (DEMO, BUILT_IN)
        ]
        own = frozenset(known.base_url for known in settings.connections)
        self._dialog.open(draft, presets, own)

    def _key_of(self, base_url: str) -> tuple[str, bool]:
        address = _tidy(base_url)
        return self._store.key(address), self._store.is_remembered(address)

    async def _check(self, draft: Draft, *, show: bool) -> None:
        address = _tidy(draft.base_url)
        provider = self._sources.provider(address, "", self._preset_of(draft), draft.key)
        found = await check(provider, draft.model, self._sources.fetch, document.location.href)
        if not self._dialog.is_open or self._dialog.address != draft.base_url:
            return
        if show:
            self._dialog.show_result(found.ok, found.message, found.advice)
        if found.models:
            self._dialog.offer_models(found.models)

    def _save(self, draft: Draft) -> str:
        settings = self._settings
        settings.instructions = draft.instructions
        settings.temperature = draft.temperature
        settings.max_tokens = draft.max_tokens
        settings.stall_s = draft.stall_s
        has_provider = bool(draft.base_url or draft.key or draft.model)
        if has_provider and (problem := self._save_provider(draft)):
            return problem
        self._store.use_theme(draft.theme)
        self._store.save(settings)
        self._apply()
        self._show_hint()
        return ""

    def _save_provider(self, draft: Draft) -> str:
        address = _tidy(draft.base_url)
        if not address.startswith(("https://", "http://")):
            return "The base URL should begin with https:// or http://."
        if not draft.model:
            return "Enter a model, or test the connection to list them."
        preset = self._preset_of(draft)
        row = PROVIDERS.get(preset)
        named = row is not None and row.base_url == address
        label = row.label if row is not None and named else _host(address)
        self._settings.remember_model(address, label, preset, draft.model)
        self._store.keep_key(address, draft.key, remember=draft.remember)
        if draft.provider_changed:
            self._has_chosen = True
            self._chosen = self._settings.choice = own_id(address, draft.model)
        return ""

    def _preset_of(self, draft: Draft) -> str:
        """The row of the table that this draft came from, also by way of a kept provider."""
        known = self._settings.connection(draft.preset)
        return known.preset if known is not None else draft.preset

    def _forget(self, base_url: str) -> None:
        address = _tidy(base_url)
        self._settings.forget(address)
        self._store.forget_key(address)
        if self._chosen not in self._available():
            self._settings.choice = ""
            self._chosen = BUILT_IN if self._model.state == "ready" else DEMO
        self._store.save(self._settings)
        self._apply()
        self._show_hint()


def _tidy(base_url: str) -> str:
    """The base URL without what people copy along with it."""
    address = base_url.strip().rstrip("/")
    return address.removesuffix("/chat/completions").rstrip("/")


def _named(known: Connection) -> str:
    host = _host(known.base_url)
    return host if known.label == host else f"{known.label} ({host})"


def _host(base_url: str) -> str:
    return base_url.partition("://")[2].partition("/")[0]


def _doing(model: ModelStatus) -> str:
    match model.state:
        case "downloading" if model.total_bytes:
            received, total = (size / 1e6 for size in (model.received_bytes, model.total_bytes))
            return f"downloading, {received:.0f} of {total:.0f} MB"
        case "absent":
            return "not running"
        case "failed":
            return "did not start"
        case state:
            return state


def _about(source: Source) -> str:
    match source.id:
        case "demo":
            return (
                "The Demo answers: a script in this tab, no model. "
                "It shows how answers arrive; /help says what it can play."
            )
        case "built-in":
            return (
                f"{source.label} answers, a very small model on this computer: fluent, fast, "
                "and often wrong. Nothing leaves this machine."
            )
        case _:
            host = _host(source.provider.base_url)
            return f"{source.label} answers. Your words go to {host} only."
