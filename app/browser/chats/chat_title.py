"""The title of the chat in the top bar, which can be written anew in its place."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..web.dom import find, listen, show
from ..web.shortcuts import is_composing


class Titled(NamedTuple):
    """The chat whose title is shown."""

    id: str
    title: str


def start(shown: Callable[[], Titled], rename: Callable[[str, str], None]) -> None:
    """Connect the button and the double click; called once. `rename(id, title)` keeps a title."""
    editing: list[str] = []  # the id of the chat whose title is being written
    field, button = find("title-field"), find("title-edit")

    def begin() -> None:
        if button.hidden:
            return
        chat = shown()
        editing[:] = [chat.id]
        field.value = chat.title
        show(field, True)
        find("title-place").classList.add("edited")
        field.focus()
        field.select()

    def end(*, is_kept: bool) -> None:
        if not editing:
            return
        id, title = editing.pop(), " ".join(str(field.value).split())
        show(field, False)
        find("title-place").classList.remove("edited")
        if is_kept and title:
            rename(id, title)

    def on_key(event: Any) -> None:
        if event.key not in ("Enter", "Escape") or is_composing(event):
            return
        event.preventDefault()
        end(is_kept=event.key == "Enter")
        button.focus()

    listen(button, "click", lambda _: begin())
    listen(find("chat-title"), "dblclick", lambda _: begin())
    listen(field, "keydown", on_key)
    listen(field, "focusout", lambda _: end(is_kept=True))


def offer(is_kept: bool) -> None:
    """Offer another title, for a chat that is in the list."""
    show(find("title-edit"), is_kept)
