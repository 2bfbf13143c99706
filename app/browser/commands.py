"""The commands that concern several rooms, or the page as a whole."""

from collections.abc import Callable
from functools import partial

from . import words
from .consent.consent import Consent
from .conversation.composer import message_box
from .preferences.preferences import Preferences
from .run_setup import RunSetup
from .settings.local_settings import LocalSettings
from .web import shortcuts
from .web import words as web_words


def register(
    consent: Consent,
    preferences: Preferences,
    new_chat: Callable[[], None],
    open_own_tools: Callable[[], None],
) -> None:
    """Register the commands by which people act."""
    add = shortcuts.register
    add("new-chat", "Mod+Shift+O", web_words.NEW_CHAT, new_chat)
    for id, keys, label, is_yes in (
        ("allow", "Ctrl+Alt+Enter", words.ALLOW_FIRST, True),
        ("deny", "Ctrl+Alt+Backspace", words.DENY_FIRST, False),
    ):
        press = partial(consent.press_first, is_yes=is_yes)
        add(id, keys, label, press, when=lambda: consent.is_asking)
    add("add-provider", "", words.ADD_A_PROVIDER, preferences.add_provider)
    add("settings", "Ctrl+.", words.SETTINGS, preferences.open)
    add("own-tools", "", words.YOUR_TOOLS, open_own_tools)


def register_switches(settings: LocalSettings, setup: RunSetup, preferences: Preferences) -> None:
    """Register the commands that set the page. Last, so that the palette begins with the others."""
    add = shortcuts.register
    for streaming, label in ((True, words.USE_STREAMING), (False, words.USE_SYNC)):
        add(
            f"mode-{'streaming' if streaming else 'sync'}",
            "",
            label,
            partial(setup.switch_mode, streaming),
            when=partial(_differs, streaming),
            words=words.MODE_WORDS,
        )
    for theme, label in words.THEMES.items():
        use_theme = partial(_use_theme, settings, theme)
        add(f"theme-{theme}", "", label, use_theme, words=words.THEME_WORDS)
    for section, label in words.SECTIONS.items():
        add(f"settings-{section}", "", label, partial(preferences.open, section))


def _use_theme(settings: LocalSettings, theme: str) -> None:
    settings.update(theme=theme)


def _differs(streaming: bool) -> bool:
    return message_box.is_streaming() != streaming
