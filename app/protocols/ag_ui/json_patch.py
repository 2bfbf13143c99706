"""JSON Patch, in which agents tell changes of their state.

Sources: https://www.rfc-editor.org/rfc/rfc6902, https://www.rfc-editor.org/rfc/rfc6901. Ours, for
a library would have to be loaded in the tab, and none bounds what a stranger's patch may cost.
"""

from copy import deepcopy
from typing import Any

from ...core.nesting import MAX_DEPTH
from ..tolerant import as_dict, as_str

# How many values one document may take in: patches that copy can double it with every line.
_MOST_VALUES = 1_000_000


class PatchError(ValueError):
    """A patch that does not fit what it is for."""


class Document:
    """A JSON value that patches change in place. `value` is its present form."""

    def __init__(self, value: Any) -> None:
        self._root = [value]  # so that the whole has a place in something, too
        self._room = _MOST_VALUES

    @property
    def value(self) -> Any:
        return self._root[0] if self._root else None

    def apply(self, operations: list[Any]) -> None:
        """Do the operations, one after the other.

        Raises:
            PatchError: An operation is none, its place is not there, a test fails, or it would make
                the document too large or too deep. Those before it are done.
        """
        for operation in operations:
            self._do(as_dict(operation))

    def _do(self, operation: dict[str, Any]) -> None:
        kind, path = as_str(operation.get("op")), _keys(operation.get("path"))
        if kind in ("add", "replace", "test"):
            if "value" not in operation:
                raise PatchError(f"{kind} has no value")
            value = operation["value"]
        elif kind in ("move", "copy"):
            source = _keys(operation.get("from"))
            value = self._at(source)
        elif kind != "remove":
            raise PatchError(f"no operation {kind!r}")
        if kind not in ("remove", "test"):
            self._measure(value, len(path))
        match kind:
            case "add":
                self._add(path, value)
            case "copy":
                self._add(path, deepcopy(value))
            case "move":
                self._remove(source)
                self._add(path, value)
            case "replace":
                self._at(path)
                parent = self._at(path[:-1])
                parent[path[-1] if isinstance(parent, dict) else int(path[-1])] = value
            case "remove":
                self._remove(path)
            case "test" if self._at(path) != value:
                raise PatchError(f"{operation.get('path')} is another value")

    def _at(self, keys: list[str]) -> Any:
        value: Any = self._root
        for key in keys:
            value = _item(value, key)
        return value

    def _add(self, keys: list[str], value: Any) -> None:
        parent, key = self._at(keys[:-1]), keys[-1]
        if parent is self._root:
            self._root[:] = [value]
        elif isinstance(parent, dict):
            parent[key] = value
        elif isinstance(parent, list):
            parent.insert(len(parent) if key == "-" else _index(key, len(parent)), value)
        else:
            raise PatchError(f"nothing can be put at {key!r}")

    def _remove(self, keys: list[str]) -> None:
        parent, key = self._at(keys[:-1]), keys[-1]
        _item(parent, key)
        del parent[key if isinstance(parent, dict) else int(key)]

    def _measure(self, value: Any, depth: int) -> None:
        """Make sure that there is room for a value, `depth` levels down."""
        level = [value]
        while level:
            self._room -= len(level)
            if depth > MAX_DEPTH or self._room < 0:
                raise PatchError("it would be too large")
            inner = [one for one in level if isinstance(one, dict | list)]
            level = [
                item for one in inner for item in (one.values() if isinstance(one, dict) else one)
            ]
            depth += 1


def _keys(pointer: Any) -> list[str]:
    """Split a pointer into its keys, before them the key of the whole document."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise PatchError(f"no pointer {pointer!r}")
    return ["0", *(one.replace("~1", "/").replace("~0", "~") for one in pointer.split("/")[1:])]


def _item(parent: Any, key: str) -> Any:
    if isinstance(parent, dict) and key in parent:
        return parent[key]
    if isinstance(parent, list):
        return parent[_index(key, len(parent) - 1)]
    raise PatchError(f"nothing is at {key[:40]!r}")


def _index(key: str, most: int) -> int:
    if not (key.isascii() and key.isdigit()) or (len(key) > 1 and key[0] == "0"):
        raise PatchError(f"{key[:40]!r} is no place in a list")
    if len(key) > 9 or int(key) > most:
        raise PatchError(f"the list has no place {key[:40]}")
    return int(key)
