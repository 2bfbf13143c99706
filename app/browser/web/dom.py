"""The DOM calls that the views share."""

from collections.abc import Callable
from typing import Any

from js import URL, Blob, Object, document, navigator, window
from pyodide.ffi import JsException, create_proxy, to_js

from .plain_text import short

# Of what a screen reader is told, in characters.
_TOLD_CHARACTERS = 2000

# What a JsProxy is to the type checker: there are no stubs for the DOM.
Node = Any


def find(id: str) -> Node:
    """The element of the shell with this id."""
    return document.getElementById(id)


def part(root: Node, name: str) -> Node:
    """The element marked `data-part="name"` within `root`."""
    return root.querySelector(f'[data-part="{name}"]')


def clone(template_id: str) -> Node:
    """A new element from a <template> of the shell, not yet in the page."""
    return find(template_id).content.firstElementChild.cloneNode(True)


def listen(target: Node, kind: str, handler: Callable[[Any], None]) -> None:
    """Call `handler` with each event, for as long as the page lives.

    The proxy behind it is never destroyed, so this is for the shell's own elements: a few
    delegated listeners, registered once, never one a message.
    """
    target.addEventListener(kind, create_proxy(handler))


def listen_passive(target: Node, kind: str, handler: Callable[[Any], None]) -> None:
    """Listen as `listen` does, for a handler that never keeps the browser from scrolling."""
    target.addEventListener(kind, create_proxy(handler), _PASSIVE)


_PASSIVE = to_js({"passive": True}, dict_converter=Object.fromEntries)


def show(element: Node, visible: bool) -> None:
    element.hidden = not visible


def js_object(**values: Any) -> Node:
    """Make an object of JavaScript, for functions that take options."""
    return to_js(values, dict_converter=Object.fromEntries)


def option(label: str, value: str, *, enabled: bool = True) -> Node:
    """An <option> of a <select> or a <datalist>."""
    made = document.createElement("option")
    made.textContent = label
    made.value = value
    made.disabled = not enabled
    return made


async def to_clipboard(text: str, html: str = "") -> bool:
    """Copy, with HTML beside it for programs that take that; False where the browser or the person
    does not allow it.
    """
    try:
        if html and hasattr(window, "ClipboardItem"):
            kinds = {"text/plain": _blob(text, "text/plain"), "text/html": _blob(html, "text/html")}
            item = window.ClipboardItem.new(to_js(kinds, dict_converter=Object.fromEntries))
            await navigator.clipboard.write(to_js([item]))
        else:
            await navigator.clipboard.writeText(text)
    except (JsException, AttributeError):
        # No clipboard on pages over plain http from elsewhere, or the person said no.
        return False
    return True


def _blob(data: bytes | str, kind: str) -> Node:
    return Blob.new(to_js([data]), to_js({"type": kind}, dict_converter=Object.fromEntries))


def save_file(data: bytes | str, name: str, kind: str) -> None:
    """Let the browser save this as a file; `kind` is its media type."""
    blob = _blob(data, kind)
    link = document.createElement("a")
    link.href, link.download = URL.createObjectURL(blob), name
    link.click()
    # Safari reads it only some time after the press.
    window.setTimeout(URL.revokeObjectURL.bind(URL), 60_000, link.href)


def is_touch() -> bool:
    """Tell whether there is no keyboard to speak of; as composer.mjs sees it."""
    return bool(window.matchMedia("(hover: none) and (pointer: coarse)").matches)


def announce(sentence: str) -> None:
    """Tell a screen reader: the text is not read to it as it grows."""
    find("status").textContent = short(sentence, _TOLD_CHARACTERS)


def is_typing() -> bool:
    """Tell whether the focus is in a field."""
    active = document.activeElement
    return bool(active and active.matches("input, textarea, select, [contenteditable]"))
