"""Presses in the transcript: buttons of turns, and keys in the box of an edit."""

import asyncio
from collections.abc import Callable
from typing import Any

from ..web import words as web_words
from ..web.dom import Node, find, is_touch, listen, to_clipboard
from . import words


def on_press(action: Callable[[str, str, Node], None]) -> None:
    """Call `action(name, turn_id, button)` when a button of a turn is pressed."""

    def pressed(event: Any) -> None:
        if summary := event.target.closest("summary"):
            # From now on this reader decides whether it is open.
            summary.parentElement.setAttribute("data-touched", "")
        elif button := event.target.closest("[data-action]"):
            turn = button.closest("[data-turn]")
            id = turn.getAttribute("data-turn") if turn else ""
            action(button.getAttribute("data-action"), id, button)

    listen(find("transcript"), "click", pressed)


def on_edit_key(action: Callable[[str, str, Node], None]) -> None:
    """Call `action` as `on_press` does, for the keys of the box of an edit."""

    def pressed(event: Any) -> None:
        box = event.target
        if event.isComposing or event.keyCode == 229 or not box.matches("[data-edit]"):
            return
        is_enter = event.key == "Enter" and not event.shiftKey and not event.altKey
        # As in the message box: a touch screen has no Shift+Enter. An answer has many lines.
        is_long = is_touch() or box.getAttribute("data-edit") == "long"
        if is_enter and (event.ctrlKey or event.metaKey or not is_long):
            name = "edit-save"
        elif event.key == "Escape":
            name = "edit-cancel"
        else:
            return
        event.preventDefault()
        event.stopPropagation()  # Escape would also stop the answer
        action(name, box.closest("[data-turn]").getAttribute("data-turn"), box)

    listen(find("transcript"), "keydown", pressed)


async def copy(text: str, button: Node, html: str = "") -> None:
    """Put a text on the clipboard, and say so on the button."""
    copied = await to_clipboard(text, html)
    button.textContent = web_words.COPIED if copied else web_words.COPY_FORBIDDEN
    await asyncio.sleep(2)
    button.textContent = words.COPY
