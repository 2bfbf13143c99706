"""The settings dialog's other half: what its fields mean, and where they are kept."""

import platform
from collections.abc import Callable

from pyodide import __version__ as pyodide_version

from ... import __version__
from ..models.model_choice import Choice
from ..models.model_options import Sources
from ..models.provider_settings import ProviderSettings
from ..settings.answer_options import Prompt
from ..settings.settings import Settings, Store
from ..tools.offered_tools import Tools
from ..web import words as web_words
from ..web.dom import find
from .answer_fields import AnswerFields
from .settings_dialog import Actions, Draft, Problem, SettingsDialog, ToolRow


class Preferences:
    """Opens the dialog, and keeps what is saved. `changed` is called after each saving,
    `forgotten(key)` when a key is kept no more.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        sources: Sources,
        choice: Choice,
        tools: Tools,
        changed: Callable[[], None],
        forgotten: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._choice = choice
        self._tools = tools
        self._changed = changed
        self._answers = AnswerFields(
            find("default-fields"),
            lambda: settings.prompts,
            self._keep_prompts,
            lambda name, value: None,  # kept with everything else
        )
        self._dialog = SettingsDialog(
            Actions(self._save, store.use_theme),
            self._answers,
        )
        self._providers = ProviderSettings(
            settings, store, sources, choice, lambda: self._dialog.is_open, forgotten
        )
        find("about-version").textContent = __version__
        find("about-python").textContent = platform.python_version()
        find("about-pyodide").textContent = pyodide_version

    def open(self, section: str = "providers") -> None:
        """Show the dialog at this section."""
        settings = self._settings
        if self._dialog.is_open:
            self._dialog.go_to(section)  # what is typed stays
            return
        self._answers.fill(settings)
        self._providers.open()
        draft = Draft(
            stall_s=settings.stall_s,
            paste_limit=settings.paste_limit,
            reads_answers=settings.reads_answers,
            formats_questions=settings.formats_questions,
            up_recalls=settings.up_recalls,
            sends_by_control=self._store.sends_by_control,
            theme=self._store.theme,
            free_tools=[name for name in self._tools.names if self._tools.may_run(name)],
        )
        self._dialog.show_tools(self._rows())
        self._dialog.open(draft, section)

    def add_provider(self) -> None:
        """Show the dialog with the form of a new provider."""
        self.open()
        self._providers.begin_new()

    def show_tools(self) -> None:
        """There are other tools; what is ticked in the dialog stays."""
        if self._dialog.is_open:
            self._dialog.show_tools(self._rows())

    def show_keys(self) -> None:
        """There are other keys; what is typed in the dialog stays."""
        if self._dialog.is_open:
            self._providers.show_keys()

    def _rows(self) -> list[ToolRow]:
        return [
            ToolRow(name, web_words.tool_label(name), _about(self._tools.description(name)))
            for name in self._tools.names
        ]

    def _keep_prompts(self, prompts: list[Prompt]) -> None:
        self._settings.prompts = prompts
        self._store.save(self._settings)

    def _save(self, draft: Draft) -> Problem | None:
        if problem := self._providers.problem():
            return Problem("providers", problem)
        settings = self._settings
        for name, value in draft.answers.items():
            setattr(settings, name, value)
        settings.stall_s = draft.stall_s
        settings.paste_limit = draft.paste_limit
        settings.reads_answers = draft.reads_answers
        settings.formats_questions = draft.formats_questions
        settings.up_recalls = draft.up_recalls
        for name in self._tools.names:
            self._tools.let_run(name, unasked=name in draft.free_tools)
        self._store.use_send_key(draft.sends_by_control)
        self._store.use_theme(draft.theme)
        self._store.save(settings)
        if not self._providers.save():
            self._choice.refresh()
        self._changed()
        return None


def _about(description: str) -> str:
    """As a person reads it: without the marks around code."""
    return description.replace("`", "")
