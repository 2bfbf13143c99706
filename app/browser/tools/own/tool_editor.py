"""The dialog "Your tools": the list of files, where to begin, and the file that is edited."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ...web.dom import Node, clone, find, listen, part, show
from ...web.plain_text import short_name
from ...web.shortcuts import IS_MAC
from . import words
from .tool_examples import EXAMPLES


class FileRow(NamedTuple):
    """One file in the list."""

    id: str
    name: str
    is_changed: bool
    is_shown: bool


class EditorActions(NamedTuple):
    """Requests of the dialog to its caller. `begin(number)` begins with an example, -1 for a blank
    file; `take(file)` is given a file of this computer.
    """

    choose: Callable[[str], None]
    begin: Callable[[int], None]
    new: Callable[[], None]
    take: Callable[[Any], None]
    rename: Callable[[], None]
    save: Callable[[], None]
    more: Callable[[Node], None]
    close: Callable[[], None]


class ToolEditor:
    """One for the page."""

    def __init__(self, actions: EditorActions) -> None:
        self._actions = actions
        dialog = find("own-tools")
        find("own-examples").replaceChildren(*[_example(number) for number in range(len(EXAMPLES))])
        listen(dialog, "cancel", self._on_cancel)
        listen(dialog, "keydown", self._on_key)
        listen(find("own-files"), "click", self._on_file)
        listen(find("own-examples"), "click", self._on_example)
        listen(find("own-name"), "input", lambda _: actions.rename())
        for id, action in (
            ("own-close", actions.close),
            ("own-new", actions.new),
            ("own-save", actions.save),
            ("own-empty", lambda: actions.begin(-1)),
            ("own-open", self._choose_file),
            ("own-more", lambda: actions.more(find("own-more"))),
        ):
            listen(find(id), "click", lambda _, action=action: action())  # type: ignore[misc]
        listen(find("own-open-file"), "change", lambda _: self._on_chosen())

    @property
    def is_open(self) -> bool:
        return bool(find("own-tools").open)

    @property
    def name(self) -> str:
        """The name typed for the file."""
        return str(find("own-name").value)

    def open(self) -> None:
        if not self.is_open:
            find("own-tools").showModal()

    def close(self) -> None:
        find("own-tools").close()

    def show_files(self, rows: Sequence[FileRow]) -> None:
        """Show the list; the focus stays on its row."""
        focused = find("own-files").querySelector(":focus")
        id = focused.getAttribute("data-file") if focused else ""
        find("own-files").replaceChildren(*[_row(row) for row in rows])
        show(find("own-files"), bool(rows))
        is_new = not any(row.is_shown for row in rows)
        find("own-new").setAttribute("aria-current", "true" if is_new else "false")
        if id and (row := find("own-files").querySelector(f'[data-file="{id}"]')):
            row.focus()

    def show_beginning(self) -> None:
        """Show where to begin instead of a file."""
        show(find("own-buffer"), False)
        show(find("own-begin"), True)
        self.say_at_beginning("")

    def show_buffer(self, name: str) -> None:
        """Show a file; its source is shown by the code field."""
        show(find("own-begin"), False)
        show(find("own-buffer"), True)
        self.show_name(name)
        self.say("")

    def show_name(self, name: str) -> None:
        find("own-name").value = name

    def focus_name(self) -> None:
        find("own-name").focus()

    def focus_beginning(self) -> None:
        find("own-examples").querySelector("button").focus()

    def show_changed(self, is_changed: bool) -> None:
        """Show whether there is something to save."""
        find("own-save").disabled = not is_changed

    def say(self, problem: str) -> None:
        """Say why the file is not saved."""
        find("own-problem").textContent = problem

    def say_at_beginning(self, problem: str) -> None:
        find("own-begin-said").textContent = problem

    def _on_cancel(self, event: Any) -> None:
        # Choosing no file cancels too, in the field for it.
        if event.target.isSameNode(find("own-tools")):
            event.preventDefault()
            self._actions.close()

    def _on_key(self, event: Any) -> None:
        pressed = event.metaKey if IS_MAC else event.ctrlKey
        if pressed and not event.shiftKey and not event.altKey and event.key in ("s", "S"):
            event.preventDefault()
            if not find("own-buffer").hidden:
                self._actions.save()

    def _on_file(self, event: Any) -> None:
        if row := event.target.closest("[data-file]"):
            self._actions.choose(row.getAttribute("data-file"))

    def _on_example(self, event: Any) -> None:
        if button := event.target.closest("[data-example-number]"):
            self._actions.begin(int(button.getAttribute("data-example-number")))

    def _choose_file(self) -> None:
        find("own-open-file").value = ""  # so that the same file may be chosen again
        find("own-open-file").click()

    def _on_chosen(self) -> None:
        files = find("own-open-file").files
        if files.length:
            self._actions.take(files.item(0))


def _row(row: FileRow) -> Node:
    made = clone("template-own-file")
    button = made.querySelector("button")
    button.setAttribute("data-file", row.id)
    button.setAttribute("aria-current", "true" if row.is_shown else "false")
    part(made, "name").textContent = short_name(row.name)
    show(part(made, "dot"), row.is_changed)
    if row.is_changed:
        button.setAttribute("aria-label", words.file_unsaved(short_name(row.name)))
    return made


def _example(number: int) -> Node:
    made = clone("template-own-example")
    made.querySelector("button").setAttribute("data-example-number", f"{number}")
    part(made, "title").textContent = EXAMPLES[number].title
    part(made, "about").textContent = EXAMPLES[number].about
    return made
