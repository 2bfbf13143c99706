"""Facts that people set of their chats, as the log keeps them: values as JSON by their names, so
that two devices that change two of them at once both have their way.
"""

import re
from collections.abc import Mapping

import msgspec

from ...protocols.tokenfall.runs import ChatFacts
from .refusals import RefusedError

_SETTING = "settings."
_NAME = re.compile(r"[a-z][a-z_]{0,39}", re.ASCII)
# Of one chat. Instructions are the longest that a page sets.
_MOST_BYTES = 256 * 1024
_MOST_SETTINGS = 40


def kept_facts(facts: ChatFacts, known: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give the values to keep over the `known` ones. Raises `RefusedError` where they are none, or
    all of them together were too many.
    """
    if wrong := [name for name in facts.settings if not _NAME.fullmatch(name)]:
        raise RefusedError(400, "bad_request", f"no setting is named {wrong[0]!r}")
    named = {
        name: value
        for name, value in msgspec.structs.asdict(facts).items()
        if name != "settings" and value is not None
    }
    named |= {_SETTING + name: value for name, value in facts.settings.items()}
    kept = {name: msgspec.json.encode(value) for name, value in named.items()}
    together = {**known, **kept}
    if (
        sum(map(len, together.values())) > _MOST_BYTES
        or len(together) > len(msgspec.structs.fields(ChatFacts)) + _MOST_SETTINGS
    ):
        raise RefusedError(413, "too_large", "that is more than is kept of a chat's settings")
    return kept


def facts_in(values: Mapping[str, bytes]) -> ChatFacts:
    """Give what these kept values say."""
    told = {name: msgspec.Raw(value) for name, value in values.items() if "." not in name}
    settings = {
        name.removeprefix(_SETTING): msgspec.Raw(value)
        for name, value in values.items()
        if name.startswith(_SETTING)
    }
    return msgspec.json.decode(msgspec.json.encode(told | {"settings": settings}), type=ChatFacts)
