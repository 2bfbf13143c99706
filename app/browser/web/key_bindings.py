"""Keys of the keyboard: how a shortcut is written, when it is pressed, how it is shown. Pure.

A shortcut is written `Mod+Shift+O`; `Mod` is Command on a Mac and Ctrl elsewhere. Several that
mean the same stand in one string with spaces between them.
"""

from typing import NamedTuple


class Press(NamedTuple):
    """The fields of a keydown event, by its own names."""

    key: str
    code: str = ""
    ctrl: bool = False
    shift: bool = False
    alt: bool = False
    meta: bool = False


class Keys(NamedTuple):
    """One shortcut, for this kind of computer."""

    key: str
    ctrl: bool = False
    shift: bool = False
    alt: bool = False
    meta: bool = False

    @property
    def is_plain(self) -> bool:
        """Tell whether the key writes a character when a text field has the focus."""
        return not (self.ctrl or self.alt or self.meta) and len(self.key) == 1

    @property
    def edits_text(self) -> bool:
        """Tell whether it does something of its own in a text field that holds text."""
        return self.key.startswith("arrow") or self.key == "backspace"

    def is_pressed(self, press: Press) -> bool:
        """Tell whether this press means the shortcut, on any layout of keys."""
        if (self.ctrl, self.alt, self.meta) != (press.ctrl, press.alt, press.meta):
            return False
        key = press.key.lower()
        if key == self.key:
            # Where "/" lies above the 7, Shift is part of writing it.
            return self.shift == press.shift or not (self.key.isalpha() or self.edits_text)
        # Another alphabet, or what Shift makes of the key: then where the key lies decides.
        is_latin = len(key) == 1 and "a" <= key <= "z"
        return self.shift == press.shift and not is_latin and press.code == _code(self.key)


def parse(written: str, *, mac: bool) -> list[Keys]:
    """Read shortcuts; an empty string has none."""
    return [_parse(one, mac) for one in written.split()]


def shown(written: str, *, mac: bool) -> list[str]:
    """Write these shortcuts as people know them: `Ctrl+Shift+O`, on a Mac `⇧⌘O`."""
    return [_shown(one.split("+"), mac) for one in written.split()]


def _parse(written: str, mac: bool) -> Keys:
    *modifiers, key = written.split("+")
    mod = "meta" if mac else "ctrl"
    held = {mod if name == "Mod" else name.lower() for name in modifiers}
    return Keys(key.lower(), *(name in held for name in ("ctrl", "shift", "alt", "meta")))


def _shown(names: list[str], mac: bool) -> str:
    if not mac:
        return "+".join(_NAMES.get(name, name) for name in names)
    return "".join(_MAC_NAMES.get(name, name) for name in sorted(names, key=_mac_place))


def _code(key: str) -> str:
    return f"Key{key.upper()}" if len(key) == 1 and key.isalpha() else _CODES.get(key, "")


def _mac_place(name: str) -> int:
    return _MAC_ORDER.index(name) if name in _MAC_ORDER else len(_MAC_ORDER)


# `KeyboardEvent.code` of the keys on which the layouts differ.
_CODES = {";": "Semicolon", "/": "Slash", ".": "Period", ",": "Comma"}
_NAMES = {"Mod": "Ctrl", "ArrowUp": "↑", "ArrowDown": "↓", "Escape": "Esc"}
_MAC_NAMES = {
    "Mod": "⌘",
    "Ctrl": "⌃",
    "Shift": "⇧",
    "Alt": "⌥",
    "ArrowUp": "↑",
    "ArrowDown": "↓",
    "Escape": "Esc",
    "Enter": "↩",
    "Backspace": "⌫",
}
# The order in which a Mac's own menus name them.
_MAC_ORDER = ("Ctrl", "Alt", "Shift", "Mod")
