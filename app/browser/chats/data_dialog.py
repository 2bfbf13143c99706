"""The dialog about kept data: how much it is, how safe it is, out, in, and away with it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from js import document

from ..web import toast
from ..web.dom import find, listen, show
from ..web.quota import Quota
from . import words


class DataActions(NamedTuple):
    """Actions of the buttons; `stop` ends an export or import that is on its way."""

    export: Callable[[], None]
    export_markdown: Callable[[], None]
    take_in: Callable[[], None]
    ask_to_last: Callable[[], None]
    delete_all: Callable[[], None]
    stop: Callable[[], None]


# Actions that take a while, or would come in their way.
_BUTTONS = ("data-export", "data-markdown", "data-import", "data-delete")


class DataDialog:
    """Shows the facts, and calls `actions`."""

    def __init__(self, actions: DataActions) -> None:
        self._count = 0
        self._is_working = False
        listen(find("data-export"), "click", lambda _: actions.export())
        listen(find("data-markdown"), "click", lambda _: actions.export_markdown())
        listen(find("data-stop"), "click", lambda _: actions.stop())
        listen(find("data-import"), "click", lambda _: actions.take_in())
        listen(find("data-last"), "click", lambda _: actions.ask_to_last())
        listen(find("data-delete"), "click", lambda _: actions.delete_all())
        listen(find("data-close"), "click", lambda _: self.close())

    def open(self) -> None:
        self._say_nothing()
        if not find("data").open:
            find("data").showModal()

    def close(self) -> None:
        find("data").close()

    def show(self, chats: int, room: Quota, *, is_kept: bool) -> None:
        """Show the size and safety of the data."""
        self._count = chats
        find("data-chats").textContent = f"{chats:,}"
        find("data-used").textContent = words.used(
            room.used_bytes, room.quota_bytes, room.chats_bytes
        )
        bar = find("data-bar")
        show(bar, bool(room.quota_bytes))
        bar.value = room.used_bytes / room.quota_bytes if room.quota_bytes else 0
        safety = words.LASTING if room.is_lasting else words.NOT_LASTING
        find("data-safety").textContent = safety if is_kept else words.NOT_KEPT
        show(find("data-last"), is_kept and not room.is_lasting)
        self._enable()

    def begin(self) -> None:
        """Begin something that takes a while; earlier words are taken away."""
        self._is_working = True
        self._say_nothing()
        self._enable()

    def progress(self, sentence: str, share: float) -> None:
        """Show how far it is, from 0 to 1."""
        find("data-doing").textContent = sentence
        find("data-progress").value = share
        show(find("data-work"), True)

    def say(self, sentence: str, details: Sequence[str] = ()) -> None:
        """Say the result, here or, where this is closed, in a short message. `details` are
        sentences that stand here below it.
        """
        had_focus = bool(find("data-work").contains(document.activeElement))
        self._is_working = False
        show(find("data-work"), False)
        self._enable()
        if not find("data").open:
            toast.show(sentence)
            return
        find("data-said").textContent = sentence
        for detail in details:
            item = document.createElement("li")
            item.textContent = detail
            find("data-report").append(item)
        if had_focus:
            find("data-close").focus()

    def _say_nothing(self) -> None:
        find("data-said").textContent = ""
        find("data-report").replaceChildren()

    def _enable(self) -> None:
        for name in _BUTTONS:
            needs_chats = name != "data-import"
            find(name).disabled = self._is_working or (needs_chats and not self._count)
