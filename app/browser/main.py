"""Makes the parts of the page and connects them.

Long, because all parts meet here and nowhere else.
"""

from contextlib import nullcontext
from functools import partial
from typing import Any

from js import document, location, window
from tokenfall_page import handOver  # boot.mjs registers it

from .. import __version__
from ..core.tools.function_tool import Tool
from ..history.records import ChatRecord
from ..python.messages import RUN_PYTHON
from . import commands, layout, words
from .chats import key_traces
from .chats.brought_settings import BroughtSettings
from .chats.chat_commands import ChatCommands
from .chats.chats import Chats
from .composing import Composing
from .consent.consent import Consent
from .conversation.answer import answer_files, python_card
from .conversation.answer_runs import AnswerRuns
from .conversation.chat_view import ChatView
from .conversation.composer import attachments, message_box
from .conversation.conversation import Conversation
from .conversation.drawing_marks import DrawingMarks
from .conversation.jumps import Jumps
from .conversation.links import Links
from .conversation.message_actions import AppActions, MessageActions
from .conversation.model_titles import ModelTitles
from .conversation.notifications import Notifications
from .conversation.outline import Outline
from .conversation.quoting import Quoting
from .conversation.run_settings import RunSettings
from .conversation.tool_approvals import ToolApprovals
from .displays.code_displays import CodeDisplays
from .hints import Hints
from .markdown import code_actions, markdown
from .models.model_choice import ModelChoice
from .models.model_offers import ModelOffers
from .models.model_options import ModelOptions, has_server
from .models.page_server import PageServer
from .models.sent_options import SentOptions
from .preferences.chat_settings import ChatSettingsPanel
from .preferences.preferences import Preferences
from .run_setup import RunSetup
from .samples import Samples
from .settings import appearance
from .settings.answer_options import DEFAULTS, with_prompt
from .settings.api_keys import ProviderKeys
from .settings.local_settings import LocalSettings
from .shared_links import SharedLinks, Takers
from .storage.chat_store import ChatStore
from .tools.offered_tools import Tools
from .tools.own.own_tools import OwnTools
from .tools.own.tool_editing import ToolEditing
from .tools.permissions import ToolPermissions
from .tools.sandbox.sandboxes import Sandboxes
from .tools.session.python_sessions import PythonSessions
from .tools.tool_choice import ToolChoice
from .web import call_log, event_loop, link_copying, palette, toast
from .web.dom import find, listen
from .web.tasks import Once, beside
from .web.web_storage import DeviceEntries, follow_others


async def start() -> None:
    """Take over the page; called once, by index.html."""
    event_loop.gather_turns()
    if "debug" in location.search:
        call_log.start()
    page = Page(await ChatStore.open())
    await page.start()
    root = document.documentElement
    root.setAttribute("data-version", __version__)
    root.setAttribute("data-state", "ready")
    layout.keep_for_next_visit()


def _page_drawing() -> Any:
    from .page_drawing import PageDrawing  # with the first page that is saved

    return PageDrawing()


class Page:
    """Tells each part what happened in the others."""

    def __init__(self, history: ChatStore) -> None:
        self._history = history
        attachments.keep_in(history.outbox)
        self._show_state = Once(self._draw_state)
        settings = self._settings = LocalSettings(DeviceEntries())
        keys = ProviderKeys()
        permissions = ToolPermissions(settings)
        options = ModelOptions(keys)
        sent = SentOptions(settings)
        self._consent = Consent(message_box.focus)
        Links(self._consent)
        runs = AnswerRuns(options.fetch)
        view = self._view = ChatView(
            self._run_settings, runs.recordings, DrawingMarks(history.tabs), self._on_show
        )
        conversation = self._conversation = Conversation(
            history,
            runs,
            view,
            self._run_settings,
            ToolApprovals(self._consent, permissions.take),
            self._on_changed,
            lambda id: self._python.forget(id),
        )
        if has_server():
            history.deletions.delete_on_server = runs.delete_chat
        self._python = PythonSessions(
            history.session_files, history.cells, conversation.files_of, self._asked_for_python
        )
        python_card.start(history.cells, self._display)
        answer_files.start(self._display)
        self._python_panel: Any = None
        self._own_cells: Any = None
        self._python_consent: Any = None
        self._documents: Any = None
        self._chats = Chats(history, conversation)
        is_kept = self._chats.list.records.__contains__
        self._titles = ModelTitles(
            conversation,
            lambda chat, title: self._chats.list.change([chat.id], title=title),
            lambda chat: is_kept(chat.id),
        )
        Notifications(
            settings, conversation, is_kept, lambda id: beside(self._chats.navigation.open(id))
        )
        self._brought = BroughtSettings(self._chats, self._consent)
        self._chat_commands = ChatCommands(self._chats, keys.all, self._brought.ask, _page_drawing)
        self._choice = ModelChoice(
            settings,
            keys,
            options,
            may_move=lambda: not conversation.shown.chat.head,
            changed=self._on_choice,
            chosen=lambda id: self._setup.change(model=id),
        )
        self._server = PageServer(keys, options, self._choice, self._on_keys)
        sandboxes = Sandboxes(self._on_sandbox)
        own_tools = OwnTools(sandboxes, self._on_tools)
        tools = Tools(
            permissions.may_run,
            own_tools.tools,
            {RUN_PYTHON: self._python.tool},
            self._file_tools,
        )
        self._preferences = Preferences(
            settings,
            keys,
            options,
            self._choice,
            tools,
            permissions,
            forgotten=self._on_forgotten_key,
        )
        self._offers = ModelOffers(
            settings,
            options,
            self._choice,
            add_provider=self._preferences.add_provider,
            changed=view.show_context,
        )
        self._tools = ToolChoice(
            settings,
            tools,
            permissions,
            sent,
            chat=lambda: conversation.shown.chat,
            option=lambda: self._choice.option,
            change=lambda **changed: self._setup.change(**changed),
        )
        self._samples = Samples(self._tools)
        self._setup = RunSetup(
            settings, view, self._chats.list, self._choice, sent, self._tools, permissions
        )
        self._own_tools = ToolEditing(own_tools, sandboxes, self._tools, permissions)
        self._displays = CodeDisplays([sandboxes.end_all, self._python.end_all])
        self._chat_settings = ChatSettingsPanel(
            settings,
            self._setup.change,
            lambda id: self._brought.ask([id]),
            lambda chat: self._choice.option_of(chat.settings.model),
            sent,
        )
        actions = MessageActions(
            conversation,
            AppActions(
                models=self._choice.options,
                pick_model=self._offers.pick,
                open_settings=self._preferences.open,
                leave_out=partial(sent.send, is_sent=False),
            ),
        )
        link_copying.start(keys.all)
        self._shared = SharedLinks(
            self._consent,
            Takers(self._chat_commands.take_shared, self._take_prompt, self._own_tools.open_with),
        )
        self._composing = Composing(
            settings, self._chats, self._setup, actions, self._read_document
        )
        self._hints = Hints(settings, conversation, self._choice, self._offers.choose)

    async def start(self) -> None:
        """Show kept chats and settings, then listen, then send what was sent while Python came
        up.
        """
        was_streaming = message_box.is_streaming()  # before chats show their own mode
        markdown.load()
        values = self._settings.values
        self._view.reading.is_on = values.reads_answers
        self._titles.is_on = values.model_titles
        self._view.transcript.format_questions(values.formats_questions)
        self._displays.draw_diagrams(values.draws_diagrams)
        self._offers.start()  # the picker works from the moment that the choice is shown
        await self._chats.start()
        self._brought.ask_waiting()
        await self._server.start()
        self._offers.look_here()
        self._listen()
        self._setup.keep_early_mode(was_streaming)
        self._hints.start()
        if (early := handOver()) is not None:
            early.article.remove()
            self._composing.send_early(early.text)
        if self._server.has_chats:
            self._chats.follow_server()
        self._shared.start()

    def _display(self, kind: str, content: Any) -> Any:
        """Make the place of what is drawn apart; see `CodeDisplays.output`."""
        return self._displays.output(kind, content)

    def _listen(self) -> None:
        self._settings.subscribe(self._on_settings)
        follow_others(self._settings.concerns, self._settings.take_in)
        code_actions.start()
        self._composing.start()
        palette.add_search(self._offers.find)
        commands.register(self._consent, self._preferences, self._new_chat, self._own_tools.open)
        self._chat_commands.start()
        Outline(self._view, Jumps(self._view))
        Quoting()
        layout.start()
        listen(find("tab-python"), "chosen", lambda _: self._show_python())
        listen(find("transcript"), "click", self._edit_cell)
        listen(window, "pagehide", lambda _: self._history.flush())
        listen(document, "visibilitychange", lambda _: self._history.flush())
        commands.register_switches(self._settings, self._setup, self._preferences)

    def _run_settings(
        self, chat: ChatRecord, model: str = "", streaming: bool | None = None, /
    ) -> RunSettings:
        return self._setup.of(chat, model, streaming)

    def _new_chat(self) -> None:
        self._chats.navigation.new()
        message_box.focus()

    def _on_changed(self, chat: ChatRecord) -> None:
        self._chats.on_changed(chat)
        if chat.on_server and not self._conversation.is_running(chat.id):
            self._chats.follow_server()  # the first one, perhaps
        self._show_state()

    def _on_show(self, chat: ChatRecord) -> None:
        """Show the settings of the chat that is now shown, where it has its own."""
        self._setup.show_mode(chat)
        self._consent.show_chat(chat.id)
        self._chat_settings.show(chat)
        if self._python_panel is not None:
            self._python_panel.refresh()
        self._choice.show(chat.settings.model)

    async def _asked_for_python(self, chat_id: str, offer: Any) -> Any:
        from .python_consent import PythonConsent  # with the first package or address

        if self._python_consent is None:
            self._python_consent = PythonConsent(self._consent, self._chats.list.records.get)
        with self._own_cells.out_of_the_way() if self._own_cells else nullcontext():
            return await self._python_consent.asked(chat_id, offer)

    async def _read_document(self, name: str, data: bytes, tell: Any) -> Any:
        from .tools.documents.document_reader import DocumentReader  # with the first document

        if self._documents is None:
            self._documents = DocumentReader()
        return await self._documents.read(name, data, tell)

    def _file_tools(self, chat_id: str) -> list[Tool]:
        if not self._conversation.looked_up_in(chat_id):
            return []
        from .tools.documents.file_tools import file_tools  # with the first document

        return file_tools(lambda: self._conversation.looked_up_in(chat_id))

    def _show_python(self) -> None:
        from .own_cells import OwnCells  # with the first look at it
        from .tools.session.session_panel import SessionPanel

        if self._python_panel is None:
            shown = self._conversation
            self._python_panel = SessionPanel(
                self._python,
                lambda: shown.shown.chat.id,
                lambda: shown.shown.chat.head != "",
            )
            self._own_cells = OwnCells(
                self._python,
                lambda: shown.shown.chat.id if shown.shown.chat.head else "",
                self._displays.output,
            )
        self._python_panel.refresh()

    def _edit_cell(self, event: Any) -> None:
        if event.target.closest("[data-edit-cell]"):
            self._show_python()
            self._own_cells.edit(event.target.closest(".cell"))

    def _on_choice(self) -> None:
        """Show all that depends on the asked model and its state."""
        self._view.show_context()
        self._chat_settings.show_standing()
        self._show_state()

    def _on_settings(self, changed: frozenset[str]) -> None:
        """Show anew all that depends on these settings, changed here or in another tab. Providers
        and the choice among them are not among it: their changes come as a change of the choice.
        """
        values = self._settings.values
        if changed & {"theme", "sends_by_control"}:
            appearance.show(values)
        if "reads_answers" in changed:
            self._view.reading.is_on = values.reads_answers
        if "model_titles" in changed:
            self._titles.is_on = values.model_titles
        if "formats_questions" in changed:
            self._view.transcript.format_questions(values.formats_questions)
        if "draws_diagrams" in changed:
            self._displays.draw_diagrams(values.draws_diagrams)
        if "paste_limit" in changed:
            attachments.set_paste_limit(values.paste_limit)
        if changed & DEFAULTS:
            self._chat_settings.show_defaults()
        if "sends" in changed:
            self._chat_settings.show_standing()
        if "window" in changed:
            self._view.show_context()
        if changed & {"sends", "sends_by_control", "tools"}:
            self._show_state()

    def _on_keys(self) -> None:
        """Show which keys there are now: some came from the page's server, or went."""
        self._choice.refresh()
        self._preferences.show_keys()

    def _take_prompt(self, name: str, text: str) -> None:
        """Keep a prompt that came with a link; one of the person's with its name stays."""
        prompts = with_prompt(self._settings.values.prompts, name, text)
        self._settings.update(prompts=prompts)
        toast.show(words.prompt_came(prompts[-1].name))

    def _on_forgotten_key(self, key: str) -> None:
        beside(key_traces.hide(self._chats.list, key, self._conversation.reload))

    def _on_tools(self) -> None:
        """Offer the tools that the person has written by now."""
        self._tools.refresh()
        self._preferences.show_tools()

    def _on_sandbox(self, state: str) -> None:
        self._own_tools.on_state(state)
        self._hints.show_sandbox(state)

    def _draw_state(self) -> None:
        self._tools.refresh()
        attachments.take_for_python(self._tools.offers(RUN_PYTHON))
        self._samples.offer(self._choice.option.takes_tools)
        self._hints.show()
