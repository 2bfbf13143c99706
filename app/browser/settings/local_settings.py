"""The settings of this browser: kept, changed, and in step with its other tabs. Pure.

Each value is an entry of its own, and so is each provider, kept prompt and tool permission: a tab
that changes one thing writes that alone, and nothing that it has not heard of yet. 0.1.0 kept
everything in one entry, of which the last tab to save kept its own state; that entry is taken over.
Theme, mode and the key that sends are plain words, because the page reads them before Python is up.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol, get_type_hints

import msgspec

from ...core.json_values import encoded
from .answer_options import Prompt
from .settings import Connection, Settings

# The entry that 0.1.0 kept, and that a tab of it still keeps.
_WHOLE = "tokenfall.settings"
_ENTRY = "tokenfall.setting."

# Entries that hold one word; no entry stands for the default.
_WORDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "theme": ("tokenfall.theme", {"light": "light", "dark": "dark"}),
    "streaming": ("tokenfall.mode", {"sync": False, "streaming": True}),
    "sends_by_control": ("tokenfall.send", {"control": True}),
}
# Fields whose items have entries of their own, by these names.
_ITEMS: Mapping[str, tuple[Any, Callable[[Any], str]]] = {
    "connections": (Connection, lambda one: one.base_url),
    "prompts": (Prompt, lambda one: one.name),
}
# Fields whose entries are named by their keys, and what each holds.
_MAPS: Mapping[str, Any] = {"approvals": bool, "sends": dict[str, bool]}
_TYPES = get_type_hints(Settings)


class Entries(Protocol):
    """Named texts that all tabs share."""

    def get(self, name: str) -> str | None: ...

    def names(self, prefix: str) -> list[str]: ...

    def put(self, name: str, value: str) -> bool: ...

    def remove(self, name: str) -> None: ...


class LocalSettings:
    """`values` are the settings as this tab knows them. Nothing here raises: the page works without
    storage.
    """

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._has_room = True
        self._subscribers: list[Callable[[frozenset[str]], None]] = []
        self._take_over()
        self.values = self._read()

    def subscribe(self, hear: Callable[[frozenset[str]], None]) -> None:
        """Call back after each change, here or in another tab, with the names of the fields that
        changed.
        """
        self._subscribers.append(hear)

    def update(self, **fields: Any) -> frozenset[str]:
        """Change these fields; return the names of those whose values differ now."""
        return self.change(msgspec.structs.replace(self.values, **fields))

    def change(self, after: Settings) -> frozenset[str]:
        """Change to these values: differences are kept, and told once."""
        before = self.values
        changed = _difference(before, after)
        for name in changed:
            self._write(name, getattr(before, name), getattr(after, name))
        self._become(after, changed)
        return changed

    def concerns(self, entry: str | None) -> bool:
        """Tell whether an entry that another tab wrote is of the settings; None stands for all."""
        words = [name for name, _ in _WORDS.values()]
        return entry is None or entry in (_WHOLE, *words) or entry.startswith(_ENTRY)

    def take_in(self) -> None:
        """Take in changes of other tabs."""
        self._take_over()
        after = self._read()
        self._become(after, _difference(self.values, after))

    def _become(self, after: Settings, changed: frozenset[str]) -> None:
        self.values = after
        if changed:
            for hear in self._subscribers:
                hear(changed)

    # Reading

    def _read(self) -> Settings:
        fields: dict[str, Any] = {}
        for name in self._entries.names(_ENTRY):
            field, _, key = name.removeprefix(_ENTRY).partition(":")
            kept = self._entries.get(name) or ""
            with suppress(msgspec.MsgspecError):  # what can't be read counts as not set
                if field in _ITEMS and key:
                    fields.setdefault(field, []).append(_decoded(kept, _ITEMS[field][0]))
                elif field in _MAPS and key:
                    fields.setdefault(field, {})[key] = _decoded(kept, _MAPS[field])
                elif field in _TYPES and field not in _ITEMS and field not in _MAPS:
                    fields[field] = _decoded(kept, _TYPES[field])
        for field, (_, key_of) in _ITEMS.items():
            if items := fields.get(field):
                places = {key: place for place, key in enumerate(self._order(field))}
                items.sort(key=lambda one, key_of=key_of: places.get(key_of(one), len(places)))
        for field, (name, meanings) in _WORDS.items():
            word = self._entries.get(name) or ""
            if word in meanings:
                fields[field] = meanings[word]
        return Settings(**fields)

    def _order(self, field: str) -> list[str]:
        """Give the order of a field's items; those that it does not name come last."""
        with suppress(msgspec.MsgspecError):
            return list(_decoded(self._entries.get(_ENTRY + field) or "[]", list[str]))
        return []

    # Writing

    def _write(self, field: str, before: Any, after: Any) -> None:
        if field in _WORDS:
            name, meanings = _WORDS[field]
            words = [word for word, meaning in meanings.items() if meaning == after]
            if words:
                self._put(name, words[0])
            else:
                self._entries.remove(name)
        elif field in _ITEMS:
            key_of = _ITEMS[field][1]
            self._write_items(
                field, {key_of(one): one for one in before}, {key_of(one): one for one in after}
            )
        elif field in _MAPS:
            self._write_items(field, before, after)
        else:
            self._put(_ENTRY + field, _encoded(after))

    def _write_items(self, field: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        for key in before.keys() - after.keys():
            self._entries.remove(f"{_ENTRY}{field}:{key}")
        for key, item in after.items():
            if before.get(key) != item:
                self._write_item(f"{_ENTRY}{field}:{key}", before.get(key), item)
        if field in _ITEMS and list(before) != list(after):
            others = [key for key in self._order(field) if key not in before and key not in after]
            self._put(_ENTRY + field, _encoded([*after, *others]))

    def _write_item(self, name: str, before: Any, after: Any) -> None:
        kept = self._entries.get(name)
        if before is not None and kept is None:
            return  # another tab has removed it
        if isinstance(after, msgspec.Struct):
            # Another tab may have changed other parts of it, or a later version added some.
            parts = {}
            with suppress(msgspec.MsgspecError):
                parts = _decoded(kept or "{}", dict[str, Any])
            was = msgspec.to_builtins(before) if before is not None else {}
            now = msgspec.to_builtins(after)
            after = parts | {part: now[part] for part in now if was.get(part) != now[part]}
        self._put(name, _encoded(after))

    def _put(self, name: str, value: str) -> None:
        self._has_room &= self._entries.put(name, value)

    def _take_over(self) -> None:
        """Divide the one entry of 0.1.0 into entries; fields missing in it stay."""
        whole = self._entries.get(_WHOLE)
        if whole is None:
            return
        fields: dict[str, Any] = {}
        with suppress(msgspec.MsgspecError):
            fields = _decoded(whole, dict[str, Any])
        self._has_room = True
        for name in fields.keys() & (_TYPES.keys() - _WORDS.keys()):
            with suppress(msgspec.MsgspecError):
                nothing: Any = {} if name in _MAPS else []
                self._write(name, nothing, msgspec.convert(fields[name], _TYPES[name]))
        if self._has_room:
            self._entries.remove(_WHOLE)


def _difference(before: Settings, after: Settings) -> frozenset[str]:
    return frozenset(name for name in _TYPES if getattr(before, name) != getattr(after, name))


def _encoded(value: Any) -> str:
    return encoded(value).decode()


def _decoded(text: str, type: Any) -> Any:
    return msgspec.json.decode(text, type=type)
