"""Makes the parts of the page and connects them."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from js import document, location, navigator, window
from msgspec import structs
from tokenfall_page import handOver  # boot.mjs registers it

from .. import __version__
from ..core.running.step import Deadlines
from ..history.records import ChatRecord
from . import layout, words
from .chats import key_traces
from .chats.brought_settings import BroughtSettings
from .chats.chat_commands import ChatCommands
from .chats.chats import Chats
from .consent.consent import Consent
from .conversation.answer import answer_files
from .conversation.composer import attachments, message_box, queued_questions
from .conversation.conversation import Conversation
from .conversation.drawing_marks import DrawingMarks
from .conversation.links import Links
from .conversation.message_actions import AppActions, MessageActions
from .conversation.prompt_history import PromptHistory
from .conversation.run_settings import RunSettings
from .conversation.tool_approvals import ToolApprovals
from .conversation.turns import question_texts
from .markdown import code_actions, markdown
from .models.model_choice import ADD, Hint, ModelChoice
from .models.model_offers import ModelOffers
from .models.model_options import ModelOptions, has_server
from .models.sent_options import SentOptions
from .net import server_status
from .net.server_status import ServerStatus
from .preferences.chat_settings import ChatSettingsPanel
from .preferences.preferences import Preferences
from .settings import appearance
from .settings.answer_options import merged
from .settings.api_keys import ProviderKeys
from .settings.local_settings import LocalSettings
from .storage.chat_store import ChatStore
from .tools.offered_tools import Tools
from .tools.own import words as own_words
from .tools.own.own_tools import OwnTools
from .tools.own.tool_editing import ToolEditing
from .tools.permissions import ToolPermissions
from .tools.sandbox.sandboxes import Sandboxes
from .tools.tool_choice import ToolChoice
from .web import call_log, palette, shortcuts, toast
from .web import words as web_words
from .web.dom import is_touch, listen
from .web.tasks import beside
from .web.web_storage import DeviceEntries, follow_others


async def start() -> None:
    """Take over the page; called once, by index.html."""
    if "debug" in location.search:
        call_log.start()
    page = Page(await ChatStore.open())
    await page.start()
    root = document.documentElement
    root.setAttribute("data-version", __version__)
    root.setAttribute("data-state", "ready")
    layout.keep_for_next_visit()


class Page:
    """Tells each part what happened in the others."""

    def __init__(self, history: ChatStore) -> None:
        self._history = history
        attachments.keep_in(history.outbox)
        settings = self._settings = LocalSettings(DeviceEntries())
        keys = self._keys = ProviderKeys()
        permissions = self._permissions = ToolPermissions(settings)
        self._sources = ModelOptions(keys)
        self._sent = SentOptions(settings)
        self._consent = Consent(message_box.focus)
        Links(self._consent)
        approvals = ToolApprovals(self._consent, permissions.take)
        self._conversation = Conversation(
            history,
            self._asking,
            approvals,
            DrawingMarks(history.tabs),
            self._on_changed,
            self._on_show,
        )
        self._chats = Chats(history, self._conversation)
        self._brought = BroughtSettings(self._chats, self._consent)
        self._chat_commands = ChatCommands(self._chats, keys.all, self._brought.ask)
        self._choice = ModelChoice(
            settings,
            keys,
            self._sources,
            may_move=lambda: not self._conversation.shown.chat.head,
            changed=self._on_choice,
            chosen=self._keep_model,
        )
        self._is_following = False  # the server's status
        self._sandbox_state = "off"
        sandboxes = Sandboxes(self._on_sandbox)
        own_tools = OwnTools(sandboxes, self._on_tools)
        tools = Tools(permissions.may_run, own_tools.tools)
        self._preferences = Preferences(
            settings,
            keys,
            self._sources,
            self._choice,
            tools,
            permissions,
            forgotten=self._on_forgotten_key,
        )
        self._offers = ModelOffers(
            settings,
            self._sources,
            self._choice,
            add_provider=self._preferences.add_provider,
            changed=self._conversation.show_context,
        )
        self._tools = ToolChoice(
            settings,
            tools,
            permissions,
            self._sent,
            chat=lambda: self._conversation.shown.chat,
            source=lambda: self._choice.source,
            change=self._change_chat,
        )
        self._own_tools = ToolEditing(own_tools, sandboxes, self._tools, permissions)
        self._conversation.reading.is_on = settings.values.reads_answers
        self._conversation.transcript.format_questions(settings.values.formats_questions)
        self._chat_settings = ChatSettingsPanel(
            settings,
            self._change_chat,
            lambda id: self._brought.ask([id]),
            lambda chat: self._choice.source_of(chat.settings.model),
            self._sent,
        )
        self._recall = PromptHistory(lambda: question_texts(self._conversation.shown.tree))
        self._actions = MessageActions(
            self._conversation,
            AppActions(
                models=self._choice.sources,
                pick_model=self._offers.pick,
                open_settings=self._preferences.open,
                leave_out=partial(self._sent.send, is_sent=False),
            ),
        )

    async def start(self) -> None:
        # What was chosen while Python came up counts; the chats show their own mode from here on.
        chosen_early = message_box.is_streaming()
        markdown.load()
        self._offers.start()  # the picker works from the moment that the choice is shown
        await self._chats.start()
        self._brought.ask_waiting()
        if has_server():
            self._keys.use_server(self._sources.fetch, self._on_keys)
            await self._keys.meet()
            beside(self._keys.follow())
            statuses = server_status.statuses(self._sources.fetch)
            # The first comes before anything is sent: an early message should reach the model
            # that is ready, and not the Demo.
            self._take(await anext(statuses))
            beside(self._follow(statuses))
        else:
            self._choice.refresh()
        self._listen()
        if chosen_early != self._settings.values.streaming:
            self._set_mode(chosen_early)
            message_box.show_mode(chosen_early)
        early = handOver()
        self._show_hint()
        if early is not None:
            early.article.remove()
            self._settle()
            self._conversation.send(early.text)

    async def _follow(self, statuses: AsyncIterator[ServerStatus]) -> None:
        self._is_following = True
        try:
            async for status in statuses:
                self._take(status)
        finally:
            self._is_following = False

    def _take(self, status: ServerStatus) -> None:
        self._sources.use_relay(status.relay)
        self._choice.set_model(status.model)

    def _ask_anew(self, *states: str) -> None:
        """A server that did not answer may answer now, where that is the state."""
        if has_server() and not self._is_following and self._choice.model.state in states:
            beside(self._follow(server_status.statuses(self._sources.fetch)))

    def _listen(self) -> None:
        self._settings.subscribe(self._on_settings)
        follow_others(self._settings.concerns, self._settings.take_in)
        code_actions.start()
        answer_files.start()
        attachments.start(self._settings.values.paste_limit)
        message_box.start()
        message_box.on_send(self._send)
        message_box.on_stop(self._conversation.stop)
        message_box.on_mode(self._set_mode)
        message_box.on_arrow(self._on_arrow)
        queued_questions.on_press(self._conversation.press_waiting)
        palette.add_search(self._offers.find)
        shortcuts.register("new-chat", "Mod+Shift+O", web_words.NEW_CHAT, self._new_chat)
        shortcuts.register(
            "allow",
            "Ctrl+Alt+Enter",
            words.ALLOW_FIRST,
            lambda: self._consent.press_first(is_yes=True),
            when=lambda: self._consent.is_asking,
        )
        shortcuts.register(
            "deny",
            "Ctrl+Alt+Backspace",
            words.DENY_FIRST,
            lambda: self._consent.press_first(is_yes=False),
            when=lambda: self._consent.is_asking,
        )
        shortcuts.register("add-provider", "", words.ADD_A_PROVIDER, self._preferences.add_provider)
        shortcuts.register("settings", "Ctrl+.", words.SETTINGS, self._preferences.open)
        shortcuts.register("own-tools", "", words.YOUR_TOOLS, self._own_tools.open)
        self._chat_commands.start()
        layout.start()
        # Last, so that the palette begins with what people do.
        for streaming, label in ((True, words.USE_STREAMING), (False, words.USE_SYNC)):
            shortcuts.register(
                f"mode-{'streaming' if streaming else 'sync'}",
                "",
                label,
                partial(self._switch_mode, streaming),
                when=partial(_differs, streaming),
                words=words.MODE_WORDS,
            )
        for theme, label in words.THEMES.items():
            use_theme = partial(self._use_theme, theme)
            shortcuts.register(f"theme-{theme}", "", label, use_theme, words=words.THEME_WORDS)
        for section, label in words.SECTIONS.items():
            open_section = partial(self._preferences.open, section)
            shortcuts.register(f"settings-{section}", "", label, open_section)
        listen(document, "visibilitychange", lambda _: self._on_visibility())
        listen(window, "beforeunload", self._on_leaving)
        for kind in ("online", "offline"):
            listen(window, kind, lambda _: self._show_hint())
        listen(window, "online", lambda _: self._ask_anew("failed", "locked"))

    def _send(self, text: str) -> bool:
        if attachments.is_reading():
            toast.show(words.STILL_READING)
            return False
        if not text and attachments.is_empty():
            return False
        self._settle()
        self._chats.send(text, attachments.take())
        return True

    def _settle(self) -> None:
        """A chat in which something is asked stays with its model, mode and tools, whatever new
        ones begin with.
        """
        chat = self._conversation.shown.chat
        model, streaming = chat.settings.model, chat.settings.streaming
        if self._choice.is_settled and not model:
            model = self._choice.source.id
        if streaming is None:
            streaming = message_box.is_streaming()
        self._change_chat(model=model, streaming=streaming, tools=self._tools.settled(chat))

    def _on_arrow(self, by: int) -> bool:
        """Up and Down in the message box: what the person chose for them."""
        if self._settings.values.up_recalls:
            return self._recall.step(by)
        return by < 0 and not message_box.written() and self._actions.edit_last()

    def _new_chat(self) -> None:
        self._chats.navigation.new()
        self._show_hint()
        message_box.focus()

    def _on_changed(self, chat: ChatRecord) -> None:
        self._chats.on_changed(chat)
        self._show_hint()

    def _asking(self, chat: ChatRecord, model: str, streaming: bool | None) -> RunSettings:
        settings = self._settings.values
        source = self._choice.source_of(model or chat.settings.model)
        deadlines = Deadlines()
        if settings.stall_s is not None:
            deadlines = Deadlines(idle_s=settings.stall_s)
        return RunSettings(
            source,
            structs.replace(
                self._sent.told(source, merged(chat.settings, settings)),
                provider_tools=self._tools.provider_tools_of(chat, source),
            ),
            instructions=_first(chat.settings.instructions, settings.instructions) or "",
            streaming=_first(streaming, chat.settings.streaming, settings.streaming),
            tools=self._tools.tools_of(chat, source),
            allowed=self._permissions.allowed_in(chat.id),
            deadlines=deadlines,
            window=_first(chat.settings.window, source.window, settings.window),
        )

    def _keep_model(self, id: str) -> None:
        """The chat that is shown asks this model from now on."""
        self._change_chat(model=id)

    def _set_mode(self, streaming: bool) -> None:
        self._settings.update(streaming=streaming)
        self._change_chat(streaming=streaming)

    def _switch_mode(self, streaming: bool) -> None:
        message_box.show_mode(streaming)
        self._set_mode(streaming)

    def _use_theme(self, theme: str) -> None:
        self._settings.update(theme=theme)

    def _change_chat(self, **settings: Any) -> None:
        """Change settings of the chat that is shown."""
        self._chats.list.change_settings(self._conversation.shown.chat, **settings)
        self._conversation.show_context()

    def _on_settings(self, changed: frozenset[str]) -> None:
        """Settings have changed, here or in another tab."""
        if changed <= {"connections", "choice", "recent"}:
            return  # what is shown of these is told as the choice
        values = self._settings.values
        appearance.show(values)
        self._conversation.reading.is_on = values.reads_answers
        self._conversation.transcript.format_questions(values.formats_questions)
        self._chat_settings.show_defaults()
        self._chat_settings.show_standing()
        self._conversation.show_context()
        attachments.set_paste_limit(values.paste_limit)
        self._show_hint()

    def _on_show(self, chat: ChatRecord) -> None:
        """Another chat is shown: with its own settings, where it has any."""
        streaming = _first(chat.settings.streaming, self._settings.values.streaming)
        message_box.show_mode(bool(streaming))
        self._consent.show_chat(chat.id)
        self._chat_settings.show(chat)
        self._choice.show(chat.settings.model)

    def _on_choice(self) -> None:
        """Another model is asked, or the built-in one is in another state."""
        self._conversation.show_context()
        self._chat_settings.show_standing()
        self._show_hint()

    def _on_keys(self) -> None:
        """Keys have come from the server of this page, or gone."""
        self._choice.refresh()
        self._preferences.show_keys()

    def _on_forgotten_key(self, key: str) -> None:
        beside(key_traces.hide(self._chats.list, key, self._conversation.reload))

    def _on_tools(self) -> None:
        """The person wrote other tools."""
        self._tools.refresh()
        self._preferences.show_tools()

    def _on_sandbox(self, state: str) -> None:
        self._sandbox_state = state
        self._own_tools.on_state(state)
        self._show_hint()

    def _on_visibility(self) -> None:
        if not document.hidden:
            self._conversation.seen()
            self._ask_anew("locked")  # the printed address may have been opened in another tab

    def _on_leaving(self, event: Any) -> None:
        """Have the browser ask first where questions wait that would be gone."""
        if self._conversation.has_waiting:
            event.preventDefault()

    def _show_hint(self) -> None:
        """Say the one thing worth knowing now."""
        self._tools.refresh()
        is_running = self._conversation.shown.is_running
        hint = Hint() if is_running else self._choice.hint()
        if not navigator.onLine and not is_running:
            hint = Hint(words.OFFLINE)
        if self._sandbox_state == "starting":
            hint = Hint(own_words.STARTING_TOOLS)
        if hint.sentence:
            message_box.hint(hint.sentence, progress=hint.progress)
        elif is_touch():
            message_box.hint("")
        else:
            by_control = self._settings.values.sends_by_control
            enter = words.SEND_BY_CONTROL if by_control else words.SEND_BY_ENTER
            message_box.hint(words.ESC_STOPS if is_running else enter)
        label = words.ADD_A_PROVIDER if hint.offers == ADD else words.USE_IT
        message_box.offer(label if hint.offers else "", lambda: self._offers.choose(hint.offers))


def _differs(streaming: bool) -> bool:
    return message_box.is_streaming() != streaming


def _first(*values: Any) -> Any:
    """The first that is not None, which stands for the default."""
    return next((value for value in values if value is not None), None)
