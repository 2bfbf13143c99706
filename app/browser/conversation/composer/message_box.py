"""The message box and its buttons. Keys are turned into `submit` and clicks by composer.mjs."""

from collections.abc import Callable
from typing import Any

from js import Event, document

from ...web.dom import find, listen, show
from ..turns import typed
from . import words


def on_send(send: Callable[[str], bool]) -> None:
    """Call `send(text)` for each message the person sends, also for no text: a file may be enough.

    The box is emptied if it returns True.
    """

    def submitted(_event: object) -> None:
        if not find("message").readOnly and send(typed(str(find("message").value))):
            find("message").value = ""

    listen(find("composer"), "submit", submitted)


def on_stop(stop: Callable[[], None]) -> None:
    listen(find("stop"), "click", lambda _: stop())


def show_running(running: bool) -> None:
    """Offer Stop while an answer runs; Send is then for the text written meanwhile."""
    had_focus = document.activeElement in (find("send"), find("stop"))
    find("composer").classList.toggle("running", running)
    show(find("stop"), running)
    if had_focus:
        focus()


def put(text: str) -> None:
    """Put a text into the box, above the text there."""
    box = find("message")
    box.value = "\n".join(one for one in (text, box.value) if one)
    focus()


def add(text: str) -> None:
    """Put a text below the text there, with room to write after it; it can be undone."""
    box = find("message")
    box.setSelectionRange(box.textLength, box.textLength)
    ends = len(box.value) - len(box.value.rstrip("\n"))
    insert(("\n" * max(2 - ends, 0) if box.value else "") + text + "\n\n")
    box.scrollTop = box.scrollHeight


def insert(text: str) -> None:
    """Put a text at the cursor; it can be undone as anything that is typed."""
    focus()
    # The one way that keeps the box's own undo; browsers without it take the second.
    if not document.execCommand("insertText", False, text):
        find("message").setRangeText(text)


def written() -> str:
    """Give the text in the box, to the letter."""
    return str(find("message").value)


def replace(text: str) -> None:
    """Set the text in the box, with the cursor at its end."""
    box = find("message")
    box.value = text
    box.setSelectionRange(len(text), len(text))
    box.dispatchEvent(Event.new("input"))  # so that the box grows, and the draft is kept


def on_arrow(action: Callable[[int], bool]) -> None:
    """Call `action(by)` at the keys Up (-1) and Down (1); it says whether it did something."""

    def pressed(event: Any) -> None:
        if event.key not in ("ArrowUp", "ArrowDown") or event.isComposing:
            return
        if event.shiftKey or event.altKey or event.ctrlKey or event.metaKey:
            return
        if action(-1 if event.key == "ArrowUp" else 1):
            event.preventDefault()

    listen(find("message"), "keydown", pressed)


def focus() -> None:
    find("message").focus()


def hold(held: bool) -> None:
    """Take no letter and send nothing, while it is not settled which chat they are for."""
    find("message").readOnly = held


def is_streaming() -> bool:
    """Tell whether the switch says streaming, or else sync."""
    return bool(find("streaming").checked)


def on_mode(changed: Callable[[bool], None]) -> None:
    listen(find("streaming"), "change", lambda _: changed(is_streaming()))


def show_mode(streaming: bool) -> None:
    """Set the switch."""
    find("streaming").checked = streaming


def hint(sentence: str, *, progress: float | None = None) -> None:
    """Say something below the box; `progress` from 0 to 1 adds a bar."""
    find("hint").textContent = sentence
    bar = find("boot-progress")
    show(bar, progress is not None)
    if progress is not None:
        bar.value = progress


def offer(label: str, action: Callable[[], None] | None = None) -> None:
    """Put a button behind the hint; an empty label takes it away."""
    button = find("hint-action")
    button.textContent = label
    show(button, bool(label))
    _offered[:] = [action] if action is not None else []


_offered: list[Callable[[], None]] = []


def start() -> None:
    """Connect the listeners that serve for the page's life."""
    find("boot-progress").setAttribute("aria-label", words.PREPARING_MODEL)

    def accepted(_event: object) -> None:
        for action in _offered[:]:
            action()

    listen(find("hint-action"), "click", accepted)
