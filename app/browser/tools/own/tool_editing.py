"""The editor of a person's own tools: the work of its buttons, and its kept text.

Nothing that is typed is lost: each file that is not saved is kept as a draft, in this browser.

Long, because every button of the editor works on the buffers that it holds.
"""

import asyncio
from typing import Any

from js import window
from pyodide.ffi import JsException

from ....core.file_names import safe_file_name
from ...web import link_copying, menu, toast
from ...web import words as web_words
from ...web.dom import listen, save_file
from ...web.ids import new_id
from ...web.menu import Item
from ...web.tasks import beside
from ..permissions import ToolPermissions
from ..sandbox.sandboxes import Sandboxes
from ..tool_choice import ToolChoice
from . import words
from .code_field import CodeField
from .kept_files import KeptBuffers
from .own_tools import OwnTools
from .tool_checks import Checked, ToolChecks
from .tool_editor import EditorActions, FileRow, ToolEditor
from .tool_examples import EMPTY, EXAMPLES
from .tool_feedback import ToolFeedback
from .tool_files import EditorBuffer, ToolFile, file_name, free_name, problem
from .tool_trials import ToolTrials

# More than this nobody writes by hand, and a browser keeps only some millions of characters.
_MOST_BYTES = 200_000
_KEEP_AFTER_S = 0.5
# What a new file holds.
_BEGINNINGS = {EMPTY, *(example.source for example in EXAMPLES)}


class ToolEditing:
    """One for the page. `choice` is told of new tools and of those that are gone."""

    def __init__(
        self,
        own: OwnTools,
        sandboxes: Sandboxes,
        choice: ToolChoice,
        permissions: ToolPermissions,
    ) -> None:
        self._own = own
        self._sandboxes = sandboxes
        self._kept = KeptBuffers()
        self._choice = choice
        self._permissions = permissions
        self._buffers: list[EditorBuffer] = []
        self._shown: EditorBuffer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._view = ToolEditor(
            EditorActions(
                choose=self._choose,
                begin=self._begin,
                new=lambda: self._show(None),
                take=lambda file: beside(self._take(file)),
                rename=self._on_typed,
                save=lambda: beside(self._save()),
                more=lambda button: menu.open(button, self._items()),
                close=lambda: beside(self._close()),
            )
        )
        self._code = CodeField(self._on_typed)
        self._feedback = ToolFeedback(self._code.select_line)
        self._checks = ToolChecks(
            sandboxes, lambda: self._shown.source if self._shown else None, self._on_checked
        )
        self._trials = ToolTrials(sandboxes, self._checks.run)
        listen(window, "pagehide", lambda _: self._on_leaving())

    def open(self) -> None:
        """Show the dialog: the file that was shown last, or where to begin."""
        if self._view.is_open:
            return
        drafts = {buffer.saved or buffer.id: buffer for buffer in self._kept.all()}
        saved = []
        for file in self._own.files:
            as_saved = EditorBuffer(new_id(), file.name, file.source, file.name)
            saved.append(drafts.pop(file.name, as_saved))
        for draft in drafts.values():
            draft.saved = ""  # its file is gone, by another tab
        last = self._shown
        self._buffers = [*saved, *drafts.values()]
        self._view.open()
        same = [buffer for buffer in self._buffers if last and buffer.name == last.name]
        self._show(next(iter([*same, *self._buffers]), None))

    def open_with(self, name: str, source: str) -> None:
        """Show the dialog with one more file, which is not saved: nothing of it runs."""
        self.open()
        self._add(file_name(name) or words.UNTITLED_FILE, source)

    def on_state(self, state: str) -> None:
        """Take in that the sandbox is off, starting or ready."""
        if self._view.is_open and state == "starting":
            self._feedback.say(words.STARTING_TOOLS)

    def _show(self, buffer: EditorBuffer | None) -> None:
        self._keep()
        self._trials.leave()
        self._shown = buffer
        self._refresh()
        if buffer is None:
            self._view.show_beginning()
            self._view.focus_beginning()
            return
        self._view.show_buffer(buffer.name)
        self._code.fill(buffer.source)
        self._feedback.clear()
        file = self._own.file(buffer.saved)
        if file is not None and file.source == buffer.source:
            # It ran when it was saved.
            self._checks.know(Checked(file.source, tuple(file.tools), has_run=True))
        self._checks.read()
        self._code.focus()

    def _choose(self, id: str) -> None:
        chosen = next((buffer for buffer in self._buffers if buffer.id == id), None)
        if chosen is not None and chosen is not self._shown:
            self._show(chosen)

    def _begin(self, number: int) -> None:
        if number < 0:
            self._add(words.UNTITLED_FILE, EMPTY)
        else:
            self._add(EXAMPLES[number].name, EXAMPLES[number].source)

    def _add(self, name: str, source: str) -> None:
        name = free_name(name, [buffer.name for buffer in self._buffers])
        buffer = EditorBuffer(new_id(), name, source)
        self._buffers.append(buffer)
        self._kept.keep(buffer)
        self._show(buffer)

    async def _take(self, file: Any) -> None:
        if file.size > _MOST_BYTES:
            self._view.say_at_beginning(words.TOO_LONG_A_FILE)
            return
        try:
            data = bytes((await file.arrayBuffer()).to_bytes())
            source = data.decode("utf-8-sig").replace("\r\n", "\n")
        except (UnicodeDecodeError, JsException):
            self._view.say_at_beginning(words.NOT_A_PYTHON_FILE)
            return
        self._add(file_name(str(file.name)) or words.UNTITLED_FILE, source)

    def _on_typed(self) -> None:
        buffer = self._shown
        if buffer is None:
            return
        was = buffer.source
        buffer.name, buffer.source = self._view.name, self._code.text
        self._refresh()
        self._view.say("")
        if buffer.source != was:
            self._checks.soon()
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_KEEP_AFTER_S, self._keep)

    def _keep(self) -> None:
        """Keep the typed text as a draft, or none where it equals the saved one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (buffer := self._shown) is None or buffer not in self._buffers:
            return
        if not self._is_changed(buffer):
            self._kept.drop(buffer.id)
        elif not self._kept.keep(buffer):
            self._view.say(words.NO_ROOM_FOR_DRAFT)

    def _on_leaving(self) -> None:
        if self._timer is not None:
            self._keep()

    def _on_checked(self, checked: Checked | None) -> None:
        if checked is None:
            self._feedback.say(words.RUNNING_SOURCE)
        elif checked.problem:
            self._feedback.show_error(checked.problem, checked.line)
        else:
            self._trials.show(checked.tools)
            self._feedback.show_tools(checked, self._clash(checked))

    def _clash(self, checked: Checked) -> str:
        assert self._shown is not None
        if not checked.tools and not checked.has_run:
            return ""
        file = ToolFile(self._shown.name, checked.source, list(checked.tools))
        return self._problem(file, self._shown)

    def _problem(self, file: ToolFile, buffer: EditorBuffer) -> str:
        others = [one for one in self._own.files if one.name != buffer.saved]
        return problem(file, others, self._choice.page_names)

    async def _save(self) -> None:
        buffer = self._shown
        if buffer is None or not self._is_changed(buffer):
            return
        name = file_name(buffer.name)
        if not name:
            self._view.say(words.NO_FILE_NAME)
            self._view.focus_name()
            return
        checked = await self._checks.run()
        if checked is None or buffer is not self._shown:
            return
        if checked.problem:
            self._view.say(words.SAVE_NEEDS_TOOLS)
            return
        file = ToolFile(name, checked.source, list(checked.tools))
        if said := self._problem(file, buffer):
            self._view.say(said)
            return
        before = self._own.file(buffer.saved)
        is_kept = self._own.put(file, buffer.saved)
        buffer.name = buffer.saved = name
        self._view.show_name(name)
        self._keep()
        self._refresh()
        new, gone = _difference(before, file)
        # A new tool may have the name of one that went in another tab.
        self._permissions.forget([*gone, *new])
        takes_tools = self._choice.turn_on(new)
        said = words.file_saved(new, takes_tools=takes_tools)
        toast.show(said if is_kept else words.NO_ROOM_FOR_TOOLS)

    def _items(self) -> list[Item]:
        buffer = self._shown
        assert buffer is not None
        items = [
            Item(words.DOWNLOAD, lambda: _download(buffer)),
            Item(words.COPY_LINK, lambda: _share(buffer)),
        ]
        file = self._own.file(buffer.saved)
        if file is not None and self._is_changed(buffer):
            items.append(Item(words.REVERT, lambda: self._revert(buffer, file)))
        delete = Item(
            words.DELETE_FILE, lambda: self._delete(buffer), danger=True, begins_group=True
        )
        return [*items, delete]

    def _revert(self, buffer: EditorBuffer, file: ToolFile) -> None:
        typed = buffer.name, buffer.source
        self._put_into(buffer, file.name, file.source)
        toast.show(words.REVERTED, web_words.UNDO, lambda: self._put_into(buffer, *typed))

    def _put_into(self, buffer: EditorBuffer, name: str, source: str) -> None:
        buffer.name, buffer.source = name, source
        if buffer in self._buffers:
            self._show(buffer)

    def _delete(self, buffer: EditorBuffer) -> None:
        place = self._buffers.index(buffer)
        file = self._own.file(buffer.saved)
        at = self._own.remove(file.name) if file else 0
        names = [tool.name for tool in file.tools] if file else []
        approvals = self._permissions.forget(names)
        self._buffers.remove(buffer)
        self._kept.drop(buffer.id)
        left = self._buffers[place : place + 1] or self._buffers[-1:]
        self._show(left[0] if left else None)

        def restore() -> None:
            if file is not None:
                self._own.put(file, file.name, at)
                self._permissions.restore(approvals)
            self._buffers.insert(place, buffer)
            if not self._view.is_open:
                self._shown = buffer
                self._keep()
                return
            self._show(buffer)

        toast.show(words.file_deleted(buffer.name), web_words.UNDO, restore)

    async def _close(self) -> None:
        self._keep()
        changed = [buffer for buffer in self._buffers if self._is_changed(buffer)]
        untouched = [one for one in changed if not one.saved and one.source in _BEGINNINGS]
        names = [buffer.name for buffer in changed if buffer not in untouched]
        if names and not await menu.confirm(
            words.CLOSE_UNSAVED, words.close_unsaved(names), words.CLOSE_ANYWAY
        ):
            return
        for buffer in untouched:
            self._kept.drop(buffer.id)
        self._trials.leave()
        self._sandboxes.try_draft(None)
        self._view.close()

    def _is_changed(self, buffer: EditorBuffer) -> bool:
        file = self._own.file(buffer.saved)
        return file is None or (file.name, file.source) != (buffer.name, buffer.source)

    def _refresh(self) -> None:
        self._view.show_files(
            [
                FileRow(buffer.id, buffer.name, self._is_changed(buffer), buffer is self._shown)
                for buffer in self._buffers
            ]
        )
        if self._shown is not None:
            self._view.show_changed(self._is_changed(self._shown))


def _download(buffer: EditorBuffer) -> None:
    name = safe_file_name(file_name(buffer.name) or words.UNTITLED_FILE)
    save_file(buffer.source, name, "text/x-python;charset=utf-8")


def _share(buffer: EditorBuffer) -> None:
    link_copying.copy("tools", buffer.name, buffer.source)


def _difference(before: ToolFile | None, after: ToolFile) -> tuple[list[str], list[str]]:
    """Names of tools that are new in a file, and of those that are gone from it."""
    old = [tool.name for tool in before.tools] if before else []
    new = [tool.name for tool in after.tools]
    return [name for name in new if name not in old], [name for name in old if name not in new]
