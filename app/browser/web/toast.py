"""Short messages at the lower edge, some with a way back: "Chat deleted. Undo"."""

from collections.abc import Callable
from itertools import count
from typing import Any

from js import clearTimeout, document, matchMedia, setTimeout
from pyodide.ffi import create_proxy

from . import dom
from .dom import Node, clone, find, listen, part
from .plain_text import short_name

# How long one stays: long enough to read it and to reach its button, a little more for long ones.
_SHORT_MS = 5000
_LONG_MS = 8000
_LONG_CHARACTERS = 60
_MOST_CHARACTERS = 1000
# More than these at once nobody reads; the oldest goes.
_LIMIT = 3

_numbers = count(1)
_actions: dict[str, Callable[[], None]] = {}
_timers: dict[str, int] = {}


# The calls below name their toast and don't hold it: one proxy serves all of them.
_on_time = create_proxy(lambda number: _dismiss(number))


def show(text: str, action_label: str = "", action: Callable[[], None] | None = None) -> str:
    """Say something for 5 to 8 seconds, with a button where there is an `action`. Return the
    message's number.

    The time stands still while the pointer or the focus is on it. Nothing but this page's own
    words and names should be said, so `text` is shown as plain text.
    """
    number = str(next(_numbers))
    toast = clone("template-toast")
    toast.setAttribute("data-number", number)
    part(toast, "text").textContent = short_name(text, _MOST_CHARACTERS)
    if action is not None:
        _actions[number] = action
        button = part(toast, "action")
        button.textContent = action_label
        dom.show(button, True)
    region = find("toasts")
    # A dialog that is open makes everything outside of it out of reach.
    host = document.querySelector("dialog:modal") or document.body
    if not host.isSameNode(region.parentElement):
        host.append(region)
    while region.childElementCount >= _LIMIT:
        _dismiss(region.firstElementChild.getAttribute("data-number"))
    region.append(toast)
    _go_on()
    return number


def is_shown(number: str = "") -> bool:
    """Tell whether the message of this number is shown still; without one, whether any is."""
    one = f'[data-number="{number}"]' if number else ".toast"
    return bool(find("toasts").querySelector(one))


def focus() -> None:
    """Go to the latest one, whose time then stands still."""
    if toast := find("toasts").lastElementChild:
        toast.querySelector("button:not([hidden])").focus()


def start() -> None:
    """Connect the listeners that serve for the page's life."""
    region = find("toasts")
    listen(region, "click", _on_click)
    listen(region, "keydown", _on_key)
    for kind in ("pointerover", "focusin"):
        listen(region, kind, lambda _: _hold())
    for kind in ("pointerout", "focusout"):
        listen(region, kind, lambda _: _go_on())
    # A toast shown in a dialog stays for its time when the dialog goes.
    document.addEventListener("close", create_proxy(lambda _: document.body.append(region)), True)


def _wait(toast: Node) -> None:
    number = toast.getAttribute("data-number")
    is_long = len(part(toast, "text").textContent) > _LONG_CHARACTERS or number in _actions
    _timers[number] = setTimeout(_on_time, _LONG_MS if is_long else _SHORT_MS, number)


def _hold() -> None:
    for timer in _timers.values():
        clearTimeout(timer)
    _timers.clear()


def _go_on() -> None:
    region = find("toasts")
    # A finger leaves its hover behind where it was.
    held = ":hover, :focus-within" if matchMedia("(hover: hover)").matches else ":focus-within"
    if region.matches(held):
        return
    for toast in list(region.children):
        if toast.getAttribute("data-number") not in _timers:
            _wait(toast)


def _on_key(event: Any) -> None:
    toast = event.target.closest(".toast")
    if event.key == "Escape" and toast and not event.isComposing:
        event.preventDefault()  # it would also stop the answer
        _dismiss(toast.getAttribute("data-number"))
        _go_on()


def _on_click(event: Any) -> None:
    button = event.target.closest("[data-part]")
    toast = event.target.closest(".toast")
    if not button or not toast or button.tagName != "BUTTON":
        return
    number = toast.getAttribute("data-number")
    action = _actions.get(number) if button.getAttribute("data-part") == "action" else None
    _dismiss(number)
    _go_on()
    if action is not None:
        action()


def _dismiss(number: str) -> None:
    if (timer := _timers.pop(number, None)) is not None:
        clearTimeout(timer)
    _actions.pop(number, None)
    toast = find("toasts").querySelector(f'[data-number="{number}"]')
    if not toast:
        return
    had_focus = toast.contains(document.activeElement)
    toast.remove()
    if had_focus:
        find("message").focus()
