"""The settings dialog's other half: the meaning of its fields, and where they are kept."""

import platform
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from pyodide import __version__ as pyodide_version

from ... import __version__
from ..models.model_choice import ModelChoice
from ..models.model_options import ModelOptions
from ..models.provider_settings import ProviderSettings
from ..settings import appearance
from ..settings.answer_options import FIELDS, Prompt, shown
from ..settings.api_keys import ProviderKeys
from ..settings.local_settings import LocalSettings
from ..tools.offered_tools import Tools
from ..tools.permissions import ToolPermissions
from ..web import words as web_words
from ..web.dom import find
from .answer_fields import AnswerFields
from .settings_dialog import Draft, Problem, SettingsActions, SettingsDialog, ToolRow

# Fields of the draft that are settings of the same name.
_SINGLE = set(Draft.__struct_fields__) - {"answers", "free_tools"}


class Preferences:
    """Opens the dialog, and keeps changes made in it. `forgotten(key)` is called when a key is kept
    no more.
    """

    def __init__(
        self,
        settings: LocalSettings,
        keys: ProviderKeys,
        options: ModelOptions,
        choice: ModelChoice,
        tools: Tools,
        permissions: ToolPermissions,
        forgotten: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._tools = tools
        self._permissions = permissions
        self._filled = Draft()  # what the fields said before the person touched them
        self._answers = AnswerFields(
            find("default-fields"),
            lambda: settings.values.prompts,
            self._keep_prompts,
            lambda name, value: None,  # kept with everything else
        )
        self._dialog = SettingsDialog(
            SettingsActions(
                self._save, appearance.show_theme, lambda: appearance.show(self._settings.values)
            ),
            self._answers,
        )
        self._providers = ProviderSettings(
            settings, keys, options, choice, lambda: self._dialog.is_open, forgotten
        )
        settings.subscribe(self._on_settings)
        find("about-version").textContent = __version__
        find("about-python").textContent = platform.python_version()
        find("about-pyodide").textContent = pyodide_version

    def open(self, section: str = "providers") -> None:
        """Show the dialog at this section."""
        if self._dialog.is_open:
            self._dialog.go_to(section)  # what is typed stays
            return
        self._providers.open()
        self._dialog.show_tools(self._rows())
        self._fill()
        self._dialog.open(section)

    def add_provider(self) -> None:
        """Show the dialog with the form of a new provider."""
        self.open()
        self._providers.begin_new()

    def show_tools(self) -> None:
        """Show the tools, which have changed; ticks in the dialog stay."""
        if self._dialog.is_open:
            self._dialog.show_tools(self._rows())

    def show_keys(self) -> None:
        """Show the keys, which have changed; text typed in the dialog stays."""
        if self._dialog.is_open:
            self._providers.show_keys()

    def _rows(self) -> list[ToolRow]:
        return [
            ToolRow(name, web_words.tool_label(name), _about(self._tools.description(name)))
            for name in self._tools.names
        ]

    def _fill(self) -> None:
        values = self._settings.values
        may_run = self._permissions.may_run
        self._filled = Draft(
            answers={field.name: getattr(values, field.name) for field in FIELDS},
            free_tools=[name for name in self._tools.names if may_run(name)],
            **{name: getattr(values, name) for name in _SINGLE},
        )
        self._answers.fill(values)
        self._dialog.fill(self._filled)

    def _on_settings(self, changed: frozenset[str]) -> None:
        """Take in changes by another tab while the dialog is open; typed text stays."""
        if not self._dialog.is_open:
            return
        if "connections" in changed:
            self._providers.follow()
        if not self._dialog.is_touched:
            self._fill()

    def _keep_prompts(self, prompts: list[Prompt]) -> None:
        self._settings.update(prompts=prompts)

    def _save(self, draft: Draft) -> Problem | None:
        if problem := self._providers.problem():
            return Problem("providers", problem)
        values = replace(self._settings.values, **self._changes(draft))
        if not self._providers.save(values):
            self._settings.change(values)
        return None

    def _changes(self, draft: Draft) -> dict[str, Any]:
        """Give the fields that the person changed: the others may be older than the settings."""
        filled = self._filled
        changes: dict[str, Any] = {
            field.name: draft.answers[field.name]
            for field in FIELDS
            if shown(draft.answers[field.name], field) != shown(filled.answers[field.name], field)
        }
        for name in _SINGLE:
            if getattr(draft, name) != getattr(filled, name):
                changes[name] = getattr(draft, name)
        turned = set(draft.free_tools) ^ set(filled.free_tools)
        decided = {name: name in draft.free_tools for name in turned}
        return changes | {"approvals": self._permissions.decided(decided)}


def _about(description: str) -> str:
    """Give a description as a person reads it: without the marks around code."""
    return description.replace("`", "")
