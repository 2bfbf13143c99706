"""Facts of a chat that the page's server has, and that all browsers of its person share: its title,
its pin, the settings that it asks with. Never a key.

Each value is known by a name, `pinned` or `settings.model`. `ChatRecord.server_has` are the values
that the server had last, so what differs from them was changed here and is to be told, and what
comes from there goes where nothing was changed here.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from .records import ChatRecord, ChatSettings

SETTING = "settings."

# Who gives the answers is for each browser to say.
_OWN = frozenset({"on_server"})
_SETTINGS = [
    name for field in msgspec.structs.fields(ChatSettings) if (name := field.name) not in _OWN
]
# Names of extra fields of a request that may hold a key; a number of tokens is none.
_KEYS = re.compile(r"key|auth|secret|passw|credential|cookie|bearer|(^|[_-])token$", re.IGNORECASE)
# An address with a user's name or with a query, which keys stand in.
_KEYED_ADDRESS = re.compile(r"//[^/\s]*@|\?")
_LONGEST_TITLE = 1000  # for a server
_TITLE = ("title", "is_titled")


class _Rest(msgspec.Struct):
    title: str = ""
    is_titled: bool = False
    pinned: bool = False


def shared_facts(chat: ChatRecord) -> dict[str, Any]:
    """Give the values of a chat that are shared."""
    title = chat.title[:_LONGEST_TITLE]
    facts = {"title": title, "is_titled": chat.is_titled, "pinned": chat.pinned}
    facts |= {SETTING + name: getattr(chat.settings, name) for name in _SETTINGS}
    if chat.settings.extra is not None:
        facts["settings.extra"] = _apart(chat.settings.extra)[0]
    if _KEYED_ADDRESS.search(chat.settings.model):
        del facts["settings.model"]
    return facts


_DEFAULTS = shared_facts(ChatRecord("", 0, 0))


def untold_facts(chat: ChatRecord) -> dict[str, Any]:
    """Give the values that the server does not have yet. A title goes with who gave it."""
    had = _DEFAULTS | chat.server_has
    facts = shared_facts(chat)
    untold = {name: value for name, value in facts.items() if value != had[name]}
    if untold.keys() & set(_TITLE):
        untold |= {name: facts[name] for name in _TITLE}
    return untold


def take_facts(chat: ChatRecord, told: Mapping[str, Any]) -> dict[str, Any]:
    """Note what the server has now, and give the values that this changes here."""
    facts = {name: value for name, value in told.items() if _is_one(name, value)}
    untold = untold_facts(chat)
    if chat.is_titled and not facts.get("is_titled", True):
        untold |= dict.fromkeys(_TITLE)  # a title by hand stays, and is told
    mine = shared_facts(chat)
    chat.server_has = {**chat.server_has, **facts}
    changed = {
        name: value
        for name, value in facts.items()
        if name not in untold and mine.get(name, value) != value
    }
    if isinstance(extra := changed.get("settings.extra"), dict) and chat.settings.extra:
        changed["settings.extra"] = extra | _apart(chat.settings.extra)[1]
    return changed


def _apart(extra: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the fields apart that may hold a key, however deep."""
    keys = {name: value for name, value in extra.items() if _may_hold_key(name, value)}
    return {name: value for name, value in extra.items() if name not in keys}, keys


def _may_hold_key(name: str, value: Any) -> bool:
    if _KEYS.search(name):
        return True
    if isinstance(value, list):
        return any(_may_hold_key("", one) for one in value)
    if isinstance(value, dict):
        return any(_may_hold_key(part, one) for part, one in value.items())
    return isinstance(value, str) and bool(_KEYED_ADDRESS.search(value))


def _is_one(name: str, value: Any) -> bool:
    """Tell whether a chat has such a value; other versions may have others."""
    if name not in _DEFAULTS:
        return False
    try:
        if name.startswith(SETTING):
            msgspec.convert({name.removeprefix(SETTING): value}, ChatSettings)
        else:
            msgspec.convert({name: value}, _Rest)
    except msgspec.ValidationError:
        return False
    return True
