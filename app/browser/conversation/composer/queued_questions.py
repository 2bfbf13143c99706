"""The questions that wait for the answer above them."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ....core.messages import Part
from ....core.text.text_files import attached, name_of, written
from ...web.dom import clone, find, listen, part, show
from .. import words as conversation_words
from . import words

# The space below the queue, in pixels.
_BELOW = 24


class Waiting(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def parts(self) -> list[Part]: ...


def show_waiting(waiting: Sequence[Waiting], *, is_paused: bool) -> None:
    """Show the waiting questions, in the order in which they will be asked."""
    listed = part(find("queue"), "queue-list")
    items = []
    for one in waiting:
        item = clone("template-waiting")
        item.setAttribute("data-waiting", one.id)
        files = attached(one.parts)
        part(item, "text").textContent = written(one.parts)
        show(part(item, "text"), bool(written(one.parts)))
        names = (name_of(file) or conversation_words.file("") for file in files)
        part(item, "names").textContent = ", ".join(names)
        show(part(item, "names"), bool(files))
        items.append(item)
    listed.replaceChildren(*items)
    note = words.QUEUE_PAUSED if is_paused else words.QUEUED
    part(find("queue"), "queue-note").textContent = note
    show(find("queue").querySelector('[data-action="resume"]'), is_paused)
    show(find("queue"), bool(waiting))
    # The room below a question that was just asked is less what waits stands in.
    height = find("queue").offsetHeight + _BELOW if waiting else 0
    find("scroller").style.setProperty("--queue", f"{height}px")


def on_press(action: Callable[[str, str], None]) -> None:
    """Call `action(name, id)` when a button of a waiting question is pressed."""

    def pressed(event: Any) -> None:
        if button := event.target.closest("[data-action]"):
            item = button.closest("[data-waiting]")
            id = item.getAttribute("data-waiting") if item else ""
            action(button.getAttribute("data-action"), id)

    listen(find("queue"), "click", pressed)
