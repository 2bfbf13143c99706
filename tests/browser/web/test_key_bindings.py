"""Shortcuts: how they are written, shown, and recognised on any layout of keys."""

import pytest

from app.browser.web.key_bindings import Press, parse, shown


@pytest.mark.parametrize(
    ("written", "elsewhere", "on_a_mac"),
    [
        ("Mod+Shift+O", "Ctrl+Shift+O", "⇧⌘O"),
        ("Mod+B Ctrl+Shift+S", "Ctrl+B Ctrl+Shift+S", "⌘B ⌃⇧S"),
        ("Ctrl+Shift+ArrowUp", "Ctrl+Shift+↑", "⌃⇧↑"),
        ("Ctrl+Alt+Enter", "Ctrl+Alt+Enter", "⌃⌥↩"),
        ("Shift+Escape /", "Shift+Esc /", "⇧Esc /"),
        ("", "", ""),
    ],
)
def test_it_is_shown_as_people_know_it(written: str, elsewhere: str, on_a_mac: str) -> None:
    assert shown(written, mac=False) == elsewhere.split()
    assert shown(written, mac=True) == on_a_mac.split()


def pressed(written: str, press: Press, *, mac: bool = False) -> bool:
    return any(keys.is_pressed(press) for keys in parse(written, mac=mac))


def test_mod_is_command_on_a_mac_and_ctrl_elsewhere() -> None:
    assert pressed("Mod+K", Press("k", "KeyK", ctrl=True))
    assert pressed("Mod+K", Press("k", "KeyK", meta=True), mac=True)
    assert not pressed("Mod+K", Press("k", "KeyK", ctrl=True), mac=True)
    assert not pressed("Mod+K", Press("k", "KeyK", ctrl=True, alt=True))


def test_a_sign_that_shift_changes_is_told_by_its_place() -> None:
    assert pressed("Mod+Shift+;", Press(":", "Semicolon", ctrl=True, shift=True))
    assert not pressed("Mod+Shift+;", Press(":", "Period", ctrl=True, shift=True))


def test_letters_are_told_by_their_name_and_by_their_place_in_other_alphabets() -> None:
    assert pressed("Mod+Shift+O", Press("O", "KeyO", ctrl=True, shift=True))
    assert not pressed("Mod+Shift+O", Press("o", "KeyO", ctrl=True))
    # On Dvorak the key at this place writes an R.
    assert not pressed("Mod+Shift+O", Press("R", "KeyO", ctrl=True, shift=True))
    # On a Cyrillic layout the key of the O writes a Щ.
    assert pressed("Mod+Shift+O", Press("Щ", "KeyO", ctrl=True, shift=True))


@pytest.mark.parametrize("letter", ["A", "Z"])
def test_every_latin_letter_is_told_by_its_name(letter: str) -> None:
    other = Press(letter.lower(), "KeyQ", ctrl=True)
    assert pressed(f"Mod+{letter}", other)
    assert not pressed("Mod+Q", other)


def test_signs_are_told_wherever_a_layout_has_them() -> None:
    assert pressed("Mod+/", Press("/", "Slash", ctrl=True))
    # On a German layout "/" lies above the 7.
    assert pressed("Mod+/", Press("/", "Digit7", ctrl=True, shift=True))
    assert pressed("Mod+Shift+;", Press(":", "Semicolon", ctrl=True, shift=True))
    assert not pressed("Mod+Shift+;", Press(";", "Semicolon", ctrl=True, alt=True))


def test_what_a_text_field_needs_itself_is_known() -> None:
    (slash,) = parse("/", mac=False)
    (previous,) = parse("Ctrl+Shift+ArrowUp", mac=False)
    (delete,) = parse("Mod+Shift+Backspace", mac=False)
    (palette,) = parse("Mod+K", mac=False)
    assert slash.is_plain
    assert previous.edits_text
    assert delete.edits_text
    assert not palette.is_plain
    assert not palette.edits_text


@pytest.mark.parametrize(
    ("written", "is_plain", "edits_text"),
    [
        ("/", True, False),
        ("Shift+?", True, False),
        ("Ctrl+/", False, False),
        ("Alt+/", False, False),
        ("Mod+/", False, False),
        ("Escape", False, False),
        ("Backspace", False, True),
        ("ArrowDown", False, True),
    ],
)
def test_what_a_key_does_in_a_text_field(written: str, is_plain: bool, edits_text: bool) -> None:
    for mac in (False, True):
        (keys,) = parse(written, mac=mac)
        assert (keys.is_plain, keys.edits_text) == (is_plain, edits_text)


def test_shift_belongs_to_letters_and_to_keys_that_edit() -> None:
    assert not pressed("Mod+K", Press("K", "KeyK", ctrl=True, shift=True))
    assert not pressed("Ctrl+ArrowUp", Press("ArrowUp", "ArrowUp", ctrl=True, shift=True))
    assert pressed("Mod+.", Press(".", "Period", ctrl=True, shift=True))
    assert not pressed("Mod+.", Press(":", "Period", ctrl=True, shift=True))
    assert not pressed("Mod+K", Press("Dead", "KeyL", ctrl=True))
