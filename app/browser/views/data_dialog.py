"""The dialog about what is kept: how much it is, how safe it is, out, in, and away with it."""

from collections.abc import Callable
from typing import NamedTuple

from .. import texts
from ..dom import find, listen, show
from ..room import Room


class Actions(NamedTuple):
    """What the buttons do."""

    export: Callable[[], None]
    take_in: Callable[[], None]
    ask_to_last: Callable[[], None]
    delete_all: Callable[[], None]


class DataDialog:
    """Shows the facts, and calls `actions`."""

    def __init__(self, actions: Actions) -> None:
        listen(find("data-export"), "click", lambda _: actions.export())
        listen(find("data-import"), "click", lambda _: actions.take_in())
        listen(find("data-last"), "click", lambda _: actions.ask_to_last())
        listen(find("data-delete"), "click", lambda _: actions.delete_all())
        listen(find("data-close"), "click", lambda _: self.close())

    def open(self) -> None:
        find("data-said").textContent = ""
        find("data").showModal()

    def close(self) -> None:
        find("data").close()

    def show(self, chats: int, room: Room, *, is_kept: bool) -> None:
        """Show how things are."""
        find("data-chats").textContent = f"{chats:,}"
        find("data-used").textContent = texts.used(
            room.used_bytes, room.quota_bytes, room.chats_bytes
        )
        bar = find("data-bar")
        show(bar, bool(room.quota_bytes))
        bar.value = room.used_bytes / room.quota_bytes if room.quota_bytes else 0
        safety = texts.LASTING if room.is_lasting else texts.NOT_LASTING
        find("data-safety").textContent = safety if is_kept else texts.NOT_KEPT
        show(find("data-last"), is_kept and not room.is_lasting)
        find("data-export").disabled = find("data-delete").disabled = not chats

    def say(self, sentence: str) -> None:
        """Say what came of it."""
        find("data-said").textContent = sentence
