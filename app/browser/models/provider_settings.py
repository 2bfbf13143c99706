"""The section "Providers" of the settings: the meaning of its fields, and where they are kept."""

from collections.abc import Callable

from js import location
from msgspec.structs import replace

from ...core.header_values import misfit
from ...providers import PROVIDERS, Provider
from ...providers.key_text import tidied
from ..settings.api_keys import ProviderKeys
from ..settings.local_settings import LocalSettings
from ..settings.settings import Connection, Settings, own_id
from ..web import toast
from ..web import words as web_words
from ..web.dom import find
from ..web.page_address import SPACE
from ..web.tasks import beside
from . import words
from .model_choice import ModelChoice
from .model_options import BUILT_IN, DEMO, ModelOptions, has_server, host_of
from .provider_form import NEW, Preset, ProviderActions, ProviderDraft, ProviderForm, Row

# In the names of models that turn text into something else, or something else into text.
_NO_CHAT = (
    "audio", "dall-e", "davinci", "babbage", "embed", "guard", "image", "imagen", "moderation",
    "ocr", "realtime", "rerank", "sora", "speech", "transcribe", "tts", "veo", "whisper",
)  # fmt: skip


class ProviderSettings:
    """Fills the form, tests entered providers, and keeps saved ones.

    `is_open()` tells whether the form is seen; `forgotten(key)` hears of one that is kept no more.
    """

    def __init__(
        self,
        settings: LocalSettings,
        keys: ProviderKeys,
        options: ModelOptions,
        choice: ModelChoice,
        is_open: Callable[[], bool],
        forgotten: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._options = options
        self._choice = choice
        self._is_open = is_open
        self._forgotten = forgotten
        if has_server():
            find("set-key-note").textContent = words.KEY_IS_KEPT_BY_SERVER
        self._tested: dict[str, bool] = {}  # in this visit, by base URL
        self._form = ProviderForm(
            ProviderActions(
                key_of=self._key_of,
                key_lack=lambda base_url: words.KEY_LACKS[self._keys.lack(_tidy(base_url))],
                key_problem=_key_problem,
                list_models=lambda draft: beside(self._check(draft, show=False)),
                test=lambda draft: beside(self._check(draft, show=True)),
                forget=self._forget,
                about=self._about,
                may_relay=lambda: options.has_relay,
                wants_relay=options.wants_relay,
                may_run=lambda: has_server() and not SPACE,
                has_server_key=options.has_server_key,
            ),
            _presets(),
            words.passes_through(str(location.host)),
        )

    def open(self) -> None:
        """Fill the form, with the provider that is chosen now."""
        chosen = self._choice.option.provider.base_url if self._choice.is_own else NEW
        self._form.open([self._draft(known) for known in self._settings.values.connections], chosen)
        self._list()

    def follow(self) -> None:
        """Take in that the providers have changed while the form is seen, by another tab
        perhaps.
        """
        self._form.follow([self._draft(known) for known in self._settings.values.connections])
        self._list()

    def show_keys(self) -> None:
        """Show the keys that came or went while the form is seen."""
        self._form.take_keys()
        self._list()

    def begin_new(self) -> None:
        """Show the form of a provider that is being added."""
        self._form.go_to(NEW)

    def problem(self) -> str:
        """Say why an entered provider cannot be kept, empty where it can; the form then shows
        it.
        """
        for draft in self._entered():
            field, sentence = _problem(draft)
            if field:
                self._form.point_out(draft.id, field)
                return sentence
        return ""

    def save(self, values: Settings) -> bool:
        """Keep these settings with the touched providers, and choose the model of the shown one:
        for new chats, and for the shown chat if it is empty. False where nothing was touched.
        """
        drafts = self._entered()
        for draft in drafts:
            values = self._kept(draft, values)
        if drafts:
            id = own_id(_tidy(drafts[-1].base_url), drafts[-1].model)
            if not self._choice.make_for_new(id, values):
                said = words.new_chats_ask(drafts[-1].model)
                toast.show(said, words.USE_IT_HERE, lambda: self._choice.make(id))
        return bool(drafts)

    def _entered(self) -> list[ProviderDraft]:
        """List the touched drafts, but for a new one that is still empty."""
        return [
            draft
            for draft in self._form.touched()
            if draft.id != NEW or draft.base_url or draft.key or draft.model
        ]

    def _kept(self, draft: ProviderDraft, values: Settings) -> Settings:
        """Keep the key of a provider; return the settings with its other entries."""
        address = _tidy(draft.base_url)
        if draft.id not in (NEW, address):
            # At another address it is another one, with a key of its own.
            values = values.moved(draft.id, address)
            self._keys.forget(draft.id)
        row = PROVIDERS.get(draft.preset)
        # At another address than the preset's it is not the provider of that name.
        is_named = row is not None and row.base_url == address
        label = row.label if row is not None and is_named else host_of(address)
        before = self._keys.of(address)
        self._keys.keep(address, tidied(draft.key), remember=draft.remember)
        if before != self._keys.of(address):
            self._forgotten(before)
        if self._tested.get(address) is False:
            del self._tested[address]  # it was about what has just been changed
        ways = {"via_server": draft.via_server, "on_server": draft.on_server}
        return values.with_model(address, label, draft.preset, draft.model, **ways)

    def _draft(self, known: Connection) -> ProviderDraft:
        key, remember = self._key_of(known.base_url)
        option = self._choice.option
        is_chosen = self._choice.is_own and option.provider.base_url == known.base_url
        model = option.model if is_chosen else next(iter(known.models), "")
        preset = known.preset if known.preset in PROVIDERS else "other"
        address, ways = known.base_url, (known.via_server, self._options.is_on_server(known, key))
        return ProviderDraft(address, preset, address, key, remember, model, *ways)

    def _list(self) -> None:
        self._form.show_rows([self._row(known) for known in self._settings.values.connections])

    def _row(self, known: Connection) -> Row:
        host = host_of(known.base_url)
        key, remember = self._key_of(known.base_url)
        lack = self._keys.lack(known.base_url)
        state = words.key_state(has_key=bool(key), is_remembered=remember, lack=lack)
        if not key and not lack and self._options.has_server_key(known.base_url):
            state = words.SERVER_HAS_KEY
        tested = self._tested.get(known.base_url)
        mood = "" if tested is None else "good" if tested else "bad"
        if mood:
            state = f"{words.TESTED[mood]} · {state[0].lower()}{state[1:]}"
        return Row(known.base_url, known.label, "" if known.label == host else host, state, mood)

    def _key_of(self, base_url: str) -> tuple[str, bool]:
        address = _tidy(base_url)
        return self._keys.of(address), self._keys.is_remembered(address)

    async def _check(self, draft: ProviderDraft, *, show: bool) -> None:
        address = _tidy(draft.base_url)
        via_server = draft.via_server
        provider = self._options.provider(
            address, "", draft.preset, tidied(draft.key), via_server=via_server
        )
        found = await self._options.check(provider, draft.model, via_server=via_server)
        asked = draft.base_url, draft.via_server
        if not self._is_open() or (self._form.address, self._form.via_server) != asked:
            return  # the answer is about something that is no longer asked
        if show:
            offers_server = found.bars_pages and not via_server and self._options.has_relay
            advice = found.advice
            if offers_server:
                advice = f"{advice} {words.passes_through(str(location.host))}".strip()
            self._form.show_result(found.ok, found.message, advice, offers_server=offers_server)
            self._tested[address] = found.ok
            self._list()
        if found.models:
            self._form.offer_models(found.models)
            if show:
                self._form.suggest(_likely(found.models, draft.preset))

    def _about(self, preset: str) -> str:
        """Say whether a web page may call this provider, as far as the table knows."""
        row = PROVIDERS.get(preset)
        if row is None:
            return ""
        if row.browser == "setting":
            return row.browser_setting.format(origin=str(location.origin))
        is_relayed = row.browser == "no" and self._options.has_relay
        return words.MAY_CALL["relay" if is_relayed else row.browser]

    def _forget(self, draft: ProviderDraft) -> None:
        address = draft.id
        before = self._settings.values
        known = before.connection(address)
        if known is None:  # another tab was quicker
            self._form.drop(address)
            return
        place = before.connections.index(known)
        key, remember = self._key_of(address)
        self._keys.forget(address)
        self._forgotten(key)
        self._settings.change(before.without(address))
        self._form.drop(address)
        self._list()

        def undo() -> None:
            now = self._settings.values
            if now.connection(address) is not None:
                return  # it has been entered again meanwhile
            if key:
                self._keys.keep(address, key, remember=remember)
            else:
                self._keys.bring_back(address)
            back = now.with_connection(known, place)
            # A choice made meanwhile stays.
            recent = [*now.recent, *(id for id in before.recent if id not in now.recent)]
            self._settings.change(
                replace(
                    back,
                    choice=now.choice or before.choice,
                    recent=recent,
                    sends=before.sends | now.sends,
                )
            )
            if self._is_open():
                self._form.bring_back(draft)
                self._list()

        toast.show(words.forgotten(host_of(address)), web_words.UNDO, undo)


def _likely(models: list[str], preset: str) -> str:
    """Choose a model to begin with among a provider's: the one that the table names, else the first
    whose name tells of no other task than chatting.
    """
    row = PROVIDERS.get(preset)
    if row is not None and row.default_model in models:
        return row.default_model
    chatting = [name for name in models if not any(word in name.lower() for word in _NO_CHAT)]
    return (chatting or models)[0]


def _problem(draft: ProviderDraft) -> tuple[str, str]:
    """Name the field that keeps this provider from being kept, and say why; empty where none
    does.
    """
    if not _tidy(draft.base_url).startswith(("https://", "http://")):
        return "base_url", words.NO_ADDRESS
    if problem := _key_problem(draft.key):
        return "key", problem
    return ("", "") if draft.model else ("model", words.NO_MODEL)


def _key_problem(entered: str) -> str:
    letter = misfit(tidied(entered))
    return words.key_misfit(letter) if letter else ""


def _presets() -> list[Preset]:
    rows = [row for row in PROVIDERS.values() if row.name not in (DEMO, BUILT_IN)]
    return [
        Preset(row.name, row.label, group, row.base_url, row.key_url, row.default_model)
        for group in words.PRESET_GROUPS.values()
        for row in rows
        if _group(row) == group
    ]


def _group(row: Provider) -> str:
    if not row.base_url:
        return words.PRESET_GROUPS["own"]
    is_here = row.base_url.startswith("http://localhost")
    return words.PRESET_GROUPS["here" if is_here else "service"]


def _tidy(base_url: str) -> str:
    """Strip a base URL of parts that people copy along with it."""
    address = base_url.strip().rstrip("/")
    return address.removesuffix("/chat/completions").rstrip("/")
