"""The drawer's tab "Python": what the Python of the chat has in its names and its folder."""

from collections.abc import Callable, Mapping
from typing import Any

from js import document
from tokenfall_page import isFrameOpen  # boot.mjs registers it

from ....core.file_names import DATA_SUFFIXES, name_in_folder, safe_file_name
from ....python.messages import Variable
from ...web import toast
from ...web.dom import Node, announce, clone, find, listen, part, save_file, show
from ...web.plain_text import short, short_name
from ...web.quota import ask_to_last, estimate
from ...web.tasks import beside
from . import words
from .python_sessions import PythonSessions

_MOST_FILES = 500
_MOST_FILE_BYTES = 50_000_000


class SessionPanel:
    """Drawn while it is seen only. `chat_id()` names the chat that is shown, `has_begun()` tells
    whether anything was asked in it.
    """

    def __init__(
        self,
        sessions: PythonSessions,
        chat_id: Callable[[], str],
        has_begun: Callable[[], bool],
    ) -> None:
        self._sessions = sessions
        self._chat_id = chat_id
        self._has_begun = has_begun
        self._panel: Node = find("panel-python")
        self._panel.append(clone("template-python"))
        listen(part(self._panel, "upload"), "change", lambda _: beside(self._take()))
        self._files: Mapping[str, bytes] = {}
        self._is_asking = False
        self._asks_again = False
        listen(find("open-drawer"), "click", lambda _: self.refresh())
        listen(self._panel, "click", self._on_click)
        sessions.on_change = self._on_change

    def _on_change(self, chat_id: str) -> None:
        if chat_id == self._chat_id():
            self.refresh()

    def refresh(self) -> None:
        """Show what there is now; costs nothing while nobody looks."""
        if self._panel.hidden or not isFrameOpen("drawer"):
            return
        if self._is_asking:
            self._asks_again = True
            return
        self._is_asking = True
        beside(self._draw())

    async def _draw(self) -> None:
        try:
            self._asks_again = True
            while self._asks_again:
                self._asks_again = False
                await self._draw_once()
        finally:
            self._is_asking = False

    async def _draw_once(self) -> None:
        chat_id = self._chat_id()
        is_running = self._sessions.is_running(chat_id)
        self._say(words.RUNNING if is_running else words.NOT_RUNNING)
        self._panel.querySelector('[data-python="restart"]').disabled = not is_running
        loaded = self._sessions.packages(chat_id)
        part(self._panel, "packages").textContent = ", ".join(loaded) or words.NO_PACKAGES
        self._show_addresses(self._sessions.addresses(chat_id))
        written, attached = await self._sessions.files(chat_id)
        is_lasting = (await estimate()).is_lasting
        if chat_id == self._chat_id():
            self._show_files(written, attached, is_lasting=is_lasting)
        if self._sessions.is_busy(chat_id):
            part(self._panel, "no-names").textContent = words.BUSY
            return
        listed = await self._sessions.variables(chat_id)
        if chat_id == self._chat_id():
            self._show_names(listed.variables if listed is not None else [])

    def _say(self, sentence: str) -> None:
        state = part(self._panel, "state")
        if state.textContent != sentence:
            state.textContent = sentence

    def _show_names(self, names: list[Variable]) -> None:
        part(self._panel, "no-names").textContent = "" if names else words.NO_NAMES
        show(part(self._panel, "names-frame"), bool(names))
        part(self._panel, "names").replaceChildren(*map(_row, names))

    def _show_files(
        self, written: Mapping[str, bytes], attached: Mapping[str, bytes], *, is_lasting: bool
    ) -> None:
        self._files = {**attached, **written}
        names = sorted(self._files)[:_MOST_FILES]
        size = sum(map(len, self._files.values()))
        told = words.files(len(self._files), size, is_lasting=is_lasting)
        part(self._panel, "no-files").textContent = told if names else words.NO_FILES
        show(self._panel.querySelector('[data-python="persist"]'), bool(names) and not is_lasting)
        items = [_file(name, len(self._files[name]), is_written=name in written) for name in names]
        part(self._panel, "files").replaceChildren(*items)

    def _show_addresses(self, addresses: Mapping[str, bool]) -> None:
        part(self._panel, "no-addresses").textContent = "" if addresses else words.NO_ADDRESSES
        items = [_address(host, is_allowed=may) for host, may in addresses.items()]
        part(self._panel, "addresses").replaceChildren(*items)

    def _on_click(self, event: Any) -> None:
        button = event.target.closest("[data-python]")
        if not button:
            return
        item = button.closest("[data-file]")
        name = str(item.getAttribute("data-file")) if item else ""
        match button.getAttribute("data-python"):
            case "allow" | "disallow" as asked:
                host = str(button.closest("[data-host]").getAttribute("data-host"))
                may = asked == "allow"
                self._sessions.set_address(self._chat_id(), host, is_allowed=may)
                announce(f"{host} {words.ALLOWED if may else words.REFUSED}")
                self._panel.focus()
            case "restart":
                self._sessions.restart(self._chat_id())
                announce(words.RESTARTED)
                self._panel.focus()
            case "download" if name in self._files:
                data = self._files[name]
                saved = safe_file_name(name, suffixes=DATA_SUFFIXES)
                save_file(data, saved, "application/octet-stream")
            case "delete":
                beside(self._delete(name))
            case "upload" if self._has_begun():
                part(self._panel, "upload").click()
            case "upload":
                toast.show(words.BEGIN_FIRST)
            case "persist":
                beside(self._persist())

    async def _take(self) -> None:
        """Add the files that the person chose."""
        field, chat_id = part(self._panel, "upload"), self._chat_id()
        added = []
        for file in list(field.files):
            name = name_in_folder(str(file.name))
            if file.size > _MOST_FILE_BYTES:
                toast.show(words.too_large(name, _MOST_FILE_BYTES))
                continue
            data = (await file.arrayBuffer()).to_bytes()
            await self._sessions.add_file(chat_id, name, data)
            added.append(name)
        field.value = ""  # so that the same file may be chosen again
        if added:
            announce(words.added(added))

    async def _persist(self) -> None:
        """Ask the browser not to clear what it keeps for this page."""
        toast.show(words.KEPT_FOR_GOOD if await ask_to_last() else words.NO_PROMISE)
        self._panel.focus()
        self.refresh()

    async def _delete(self, name: str) -> None:
        await self._sessions.remove_file(self._chat_id(), name)
        announce(words.deleted(short_name(name)))
        self._panel.focus()


def _row(one: Variable) -> Node:
    row = document.createElement("tr")
    head = document.createElement("th")
    head.scope = "row"
    head.textContent = short_name(one.name)
    head.title = short(one.text)
    row.append(head)
    for text in (one.type, one.shape, words.size_of(one.size)):
        cell = document.createElement("td")
        cell.textContent = short(text)
        row.append(cell)
    return row


def _address(host: str, *, is_allowed: bool) -> Node:
    item = clone("template-python-address")
    item.setAttribute("data-host", host)
    part(item, "name").textContent = short_name(host)
    part(item, "state").textContent = words.ALLOWED if is_allowed else words.REFUSED
    for button in item.querySelectorAll("[data-python]"):
        is_yes = button.getAttribute("data-python") == "allow"
        button.setAttribute("aria-label", words.allow(host) if is_yes else words.disallow(host))
        show(button, is_yes != is_allowed)
    return item


def _file(name: str, size: int, *, is_written: bool) -> Node:
    item = clone("template-python-file")
    item.setAttribute("data-file", name)
    shown = short_name(name)
    part(item, "name").textContent = shown
    size_text = words.size_of(size)
    part(item, "size").textContent = size_text if is_written else f"{size_text}, {words.ATTACHED}"
    for button in item.querySelectorAll("[data-python]"):
        is_delete = button.getAttribute("data-python") == "delete"
        says = words.delete(shown) if is_delete else words.download(shown)
        button.setAttribute("aria-label", says)
        show(button, is_written or not is_delete)
    return item
