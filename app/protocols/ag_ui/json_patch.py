"""JSON Patch, in which agents tell changes of their state.

Sources: https://www.rfc-editor.org/rfc/rfc6902, https://www.rfc-editor.org/rfc/rfc6901. Ours, for
a library would have to be loaded in the tab, and none bounds what a stranger's patch may cost.
"""

from copy import deepcopy
from typing import Any

from ...core.nesting import MAX_DEPTH
from ..tolerant import as_dict, as_str

# How much patches may copy and move, in characters: each line can double a document, and takes no
# time on the wire. A value counts as so many, besides those that are written in it.
_MOST_MOVED = 20_000_000
_OF_VALUE = 200
# Items of a list that another one pushes aside cost less.
_ITEMS_PUSHED = 8


class PatchError(ValueError):
    """A patch that does not fit what it is for."""


class Room:
    """Room for the copies of one stranger, in all of their documents."""

    def __init__(self) -> None:
        self._left = _MOST_MOVED

    def take(self, size: int) -> None:
        """Take so much. Raises `PatchError` where it is not there."""
        self._left -= size
        if self._left < 0:
            raise PatchError("it would be too large")


class Document:
    """A JSON value that patches change in place. `value` is its present form."""

    def __init__(self, value: Any, room: Room) -> None:
        self._root = [value]  # so that the whole has a place in something, too
        self._room = room

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
            size = _size(value, len(path))
            self._room.take(size if kind in ("move", "copy") else 0)
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
            index = len(parent) if key == "-" else _index(key, len(parent))
            self._push(parent, index)
            parent.insert(index, value)
        else:
            raise PatchError(f"nothing can be put at {key!r}")

    def _remove(self, keys: list[str]) -> None:
        parent, key = self._at(keys[:-1]), keys[-1]
        _item(parent, key)
        if isinstance(parent, dict):
            del parent[key]
        else:
            self._push(parent, int(key))
            del parent[int(key)]

    def _push(self, items: list[Any], index: int) -> None:
        self._room.take((len(items) - index) // _ITEMS_PUSHED)


def _size(value: Any, depth: int) -> int:
    """Measure a value that is `depth` levels down. Raises `PatchError` where it goes too deep."""
    size, level = 0, [value]
    while level:
        if depth > MAX_DEPTH:
            raise PatchError("it would be too large")
        size += len(level) * _OF_VALUE + sum(len(one) for one in level if isinstance(one, str))
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                size += sum(map(len, one))
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        level = inner
        depth += 1
    return size


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
    if len(key) > len(str(most)) or int(key) > most:
        raise PatchError(f"the list has no place {key[:40]}")
    return int(key)
