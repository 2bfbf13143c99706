"""Commands of a person, by key, by button, or from the palette. The one table of them.

Every part registers its commands here. From the table come the handling of keys, the help dialog
and the command palette; an element of the shell marked `data-command="id"` runs the command when it
is pressed.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from js import document, navigator
from tokenfall_page import closeSheet

from .dom import Node, listen
from .key_bindings import Keys, Press, parse, shown

IS_MAC = str(navigator.platform).startswith(("Mac", "iPhone", "iPad"))

_WRITTEN = "textarea, input:not([type=checkbox], [type=radio]), select, [contenteditable]"


def _always() -> bool:
    return True


class Command(NamedTuple):
    """One command. `keys` as in `key_bindings`, empty without a shortcut; `words` find it in the
    palette besides its label.
    """

    id: str
    keys: str
    label: str
    action: Callable[[], None]
    when: Callable[[], bool] = _always
    words: str = ""

    @property
    def shown_keys(self) -> str:
        """The first shortcut as this computer's people write it, empty without one."""
        return next(iter(shown(self.keys, mac=IS_MAC)), "")


_commands: dict[str, Command] = {}
_keys: list[tuple[Keys, str]] = []


def register(
    id: str,
    keys: str,
    label: str,
    action: Callable[[], None],
    *,
    when: Callable[[], bool] = _always,
    words: str = "",
) -> None:
    """Add a command. `when()` says whether it makes sense now; without it, always. `words` are
    other names that people may call it by.

    Raises:
        ValueError: The id is taken, or one of the keys.
    """
    if id in _commands:
        raise ValueError(f"there is a command {id} already")
    mine = parse(keys, mac=IS_MAC)
    for known, other in _keys:
        if known in mine:
            raise ValueError(f"{other} and {id} have the same keys")
    command = Command(id, keys, label, action, when, words)
    _commands[id] = command
    _keys.extend((one, id) for one in mine)
    for button in list(document.querySelectorAll(f'[data-command="{id}"]')):
        _enable(button, command)


def commands() -> list[Command]:
    """List the commands that make sense now, in the order in which they were registered."""
    return [command for command in _commands.values() if command.when()]


def with_keys() -> list[Command]:
    """List the commands that have a shortcut, whether they make sense now or not."""
    return [command for command in _commands.values() if command.keys]


def command(id: str) -> Command | None:
    """The command of this name, if it makes sense now."""
    known = _commands.get(id)
    return known if known is not None and known.when() else None


def run(id: str) -> None:
    """Do it, if it makes sense now."""
    if (known := command(id)) is not None:
        known.action()


def start() -> None:
    """Listen to keys and to the buttons of the shell; called once."""
    listen(document, "keydown", _on_key)
    listen(document, "click", _on_click)


def is_composing(event: Any) -> bool:
    """Tell whether an input method has the key. Safari says so by the key code only."""
    return bool(event.isComposing or event.keyCode == 229)


def _on_click(event: Any) -> None:
    button = event.target.closest("[data-command]")
    if button:
        closeSheet()
        run(button.getAttribute("data-command"))


def _on_key(event: Any) -> None:
    key = str(event.key)
    if len(key) == 1 and key != "/" and not (event.ctrlKey or event.metaKey):
        return  # somebody writes; nearly every key ends here
    if event.defaultPrevented or is_composing(event) or event.getModifierState("AltGraph"):
        return
    if document.querySelector("dialog:modal, [popover]:popover-open"):
        return
    press = Press(key, event.code, event.ctrlKey, event.shiftKey, event.altKey, event.metaKey)
    for keys, id in _keys:
        if not keys.is_pressed(press) or _belongs_to_text(keys, event.target):
            continue
        if (known := command(id)) is not None:
            event.preventDefault()
            if not event.repeat or keys.edits_text:
                known.action()
            return


def _belongs_to_text(keys: Keys, target: Node) -> bool:
    """Tell whether the field with the focus has a use of its own for these keys."""
    if not hasattr(target, "matches") or not target.matches(_WRITTEN):
        return False
    return keys.is_plain or (keys.edits_text and bool(target.value))


def _enable(button: Node, command: Command) -> None:
    button.disabled = not command.when()
    button.hidden = False
    if command.keys:
        name = button.getAttribute("aria-label") or command.label
        button.title = f"{name} ({command.shown_keys})"
