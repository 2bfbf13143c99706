"""The dialog "Settings": its sections, one Save for all of them, and the fields of the page.

The section of providers has a module of its own. The meaning of a draft, and its storage, are for
the caller.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from ..settings import words as settings_words
from ..web import toast
from ..web.dom import Node, clone, find, listen, part, show
from ..web.notification import is_offered
from . import words
from .answer_fields import AnswerFields


class Draft(msgspec.Struct):
    """Values of the fields. `answers` are those of the answer fields, by name; `free_tools` the
    names of the tools that may run without asking.
    """

    answers: dict[str, Any] = {}
    stall_s: float | None = None
    paste_limit: int = 4000
    sends_by_control: bool = False
    reads_answers: bool = False
    up_recalls: bool = False
    formats_questions: bool = True
    notifies: bool = False
    notifies_with_text: bool = False
    model_titles: bool = False
    draws_diagrams: bool = False
    theme: str = "system"
    free_tools: list[str] = []


class ToolRow(NamedTuple):
    """One tool that may be let run without asking."""

    name: str
    label: str
    about: str


class Problem(NamedTuple):
    """Reason why a draft can't be kept, and the section that it is about."""

    section: str
    sentence: str


class SettingsActions(NamedTuple):
    """Requests of the dialog to its caller. `save` keeps the draft, or says why it can't;
    `end_preview` shows the theme that is set.
    """

    save: Callable[[Draft], Problem | None]
    preview_theme: Callable[[str], None]
    end_preview: Callable[[], None]


class SettingsDialog:
    """One for the page. `fill` and `open` show it; Save and Cancel close it."""

    def __init__(self, actions: SettingsActions, answers: AnswerFields) -> None:
        self._actions = actions
        self._answers = answers
        self.is_touched = False  # since the fields were filled
        self._opened = 0  # how often they were
        dialog = find("settings")
        listen(find("settings-form"), "input", self._on_input)
        listen(find("settings-form"), "submit", self._on_submit)
        # Another section begins at its top.
        listen(find("settings"), "chosen", lambda _: find("settings-body").scrollTo(0, 0))
        listen(find("set-cancel"), "click", lambda _: self._leave())
        listen(find("settings-close"), "click", lambda _: dialog.close())
        listen(dialog, "close", lambda _: self._on_close())

    @property
    def is_open(self) -> bool:
        return bool(find("settings").open)

    def fill(self, draft: Draft) -> None:
        """Fill the fields with this."""
        self.is_touched = False
        self._opened += 1
        for id in ("set-stall", "set-paste"):
            find(id).setAttribute("aria-invalid", "false")
        find("set-stall").value = "" if draft.stall_s is None else f"{draft.stall_s:g}"
        find("set-paste").value = f"{draft.paste_limit}"
        find("set-send").checked = draft.sends_by_control
        find("set-reading").checked = draft.reads_answers
        find("set-questions").checked = draft.formats_questions
        find("set-notify").checked = draft.notifies
        find("set-notify-text").checked = draft.notifies_with_text
        find("set-titles").checked = draft.model_titles
        show(find("set-notifications"), is_offered())
        find("set-diagrams").checked = draft.draws_diagrams
        find("set-up-recalls" if draft.up_recalls else "set-up-edits").checked = True
        for radio in _theme_radios():
            radio.checked = radio.value == draft.theme
        for box in _tool_boxes():
            box.checked = box.value in draft.free_tools
        find("set-problem").textContent = ""

    def open(self, section: str) -> None:
        """Show the dialog at this section, such as "providers"."""
        find("settings").showModal()
        self.go_to(section)

    def show_tools(self, tools: Sequence[ToolRow]) -> None:
        """List these tools; those that are ticked stay so."""
        ticked = [box.value for box in _tool_boxes() if box.checked]
        find("set-tools").replaceChildren(*[_tool_row(tool) for tool in tools])
        for box in _tool_boxes():
            box.checked = box.value in ticked

    def go_to(self, section: str) -> None:
        """Bring up a section; text typed in the others stays there."""
        find(f"tab-set-{section}").click()

    def _leave(self) -> None:
        self.is_touched = False
        find("settings").close()

    def _on_close(self) -> None:
        """Offer a way back to typed changes, after Escape or the cross closed the dialog."""
        self._actions.end_preview()
        if self.is_touched:
            again = partial(self._take_up, self._opened)
            toast.show(words.SETTINGS_NOT_SAVED, words.BACK_TO_THEM, again)

    def _take_up(self, opened: int) -> None:
        if self._opened != opened or self.is_open:
            return  # the fields have been filled anew
        find("settings").showModal()
        for radio in _theme_radios():
            if radio.checked:
                self._actions.preview_theme(radio.value)

    def _on_input(self, event: Any) -> None:
        self.is_touched = True
        if event.target.name == "theme":
            self._actions.preview_theme(event.target.value)
        elif event.target.id in ("set-stall", "set-paste"):
            event.target.setAttribute("aria-invalid", "false")
        find("set-problem").textContent = ""

    def _on_submit(self, event: Any) -> None:
        event.preventDefault()
        draft, problem = self._read()
        problem = problem or self._actions.save(draft)
        find("set-problem").textContent = problem.sentence if problem else ""
        if problem is None:
            self._leave()
            return
        self.go_to(problem.section)
        wrong = find(f"panel-set-{problem.section}").querySelector("[aria-invalid='true']")
        if wrong:
            wrong.focus()

    def _read(self) -> tuple[Draft, Problem | None]:
        """Read the draft, and the first error."""
        problems: list[Problem] = []
        answers, sentence = self._answers.read()
        if sentence:
            problems.append(Problem("answers", sentence))
        numbers: dict[str, float | None] = {}
        for name, section, id, lowest, highest in _NUMBERS:
            field = find(id)
            value, is_wrong = _number(field, lowest, highest)
            field.setAttribute("aria-invalid", "true" if is_wrong else "false")
            if is_wrong:
                label = field.labels.item(0).textContent
                problems.append(
                    Problem(section, settings_words.not_in_range(label, lowest, highest))
                )
            numbers[name] = value
        paste_limit = numbers["paste_limit"]
        checked = [radio.value for radio in _theme_radios() if radio.checked]
        draft = Draft(
            answers=answers,
            paste_limit=Draft().paste_limit if paste_limit is None else int(paste_limit),
            sends_by_control=bool(find("set-send").checked),
            reads_answers=bool(find("set-reading").checked),
            formats_questions=bool(find("set-questions").checked),
            notifies=bool(find("set-notify").checked),
            notifies_with_text=bool(find("set-notify-text").checked),
            model_titles=bool(find("set-titles").checked),
            draws_diagrams=bool(find("set-diagrams").checked),
            up_recalls=bool(find("set-up-recalls").checked),
            stall_s=numbers["stall_s"],
            theme=checked[0] if checked else "system",
            free_tools=[box.value for box in _tool_boxes() if box.checked],
        )
        return draft, problems[0] if problems else None


# Field of the draft, section, element, lowest and highest value.
_NUMBERS = (
    ("stall_s", "answers", "set-stall", 1.0, 3600.0),
    ("paste_limit", "composer", "set-paste", 0.0, 1_000_000.0),
)


def _number(field: Node, lowest: float, highest: float) -> tuple[float | None, bool]:
    """Read the number in a field, None for an empty one; tell also whether it can't be meant."""
    text = str(field.value).strip()
    if field.validity.badInput:  # a browser gives no text at all for what is not a number
        return None, True
    if not text:
        return None, False
    try:
        value = float(text)
    except ValueError:
        return None, True
    return value, not lowest <= value <= highest


def _tool_row(tool: ToolRow) -> Node:
    item = clone("template-tool-approvals")
    box = item.querySelector("input")
    box.value = tool.name
    about = part(item, "about")
    about.id = f"set-tool-{tool.name}"
    box.setAttribute("aria-describedby", about.id)
    part(item, "label").textContent = tool.label
    about.textContent = tool.about
    return item


def _tool_boxes() -> list[Node]:
    return list(find("set-tools").querySelectorAll("input"))


def _theme_radios() -> list[Node]:
    return list(find("settings-form").querySelectorAll('[name="theme"]'))
