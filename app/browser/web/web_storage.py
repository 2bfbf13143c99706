"""The browser's two small storages. Nothing here raises: the page works without them."""

from contextlib import suppress

import js
from pyodide.ffi import JsException

# Named, not held: where storage is forbidden, already looking at it raises.
DEVICE = "localStorage"
TAB = "sessionStorage"


def get(storage: str, name: str) -> str | None:
    try:
        value = getattr(js, storage).getItem(name)
    except JsException:
        return None
    return value if isinstance(value, str) else None


def names(storage: str, prefix: str) -> list[str]:
    """The names of all entries that begin so."""
    try:
        entries = getattr(js, storage)
        found = [str(entries.key(number)) for number in range(entries.length)]
    except JsException:
        return []
    return sorted(name for name in found if name.startswith(prefix))


def put(storage: str, name: str, value: str) -> bool:
    """Keep an entry; False where storage is forbidden or full."""
    try:
        getattr(js, storage).setItem(name, value)
    except JsException:
        return False
    return True


def remove(storage: str, name: str) -> None:
    with suppress(JsException):
        getattr(js, storage).removeItem(name)
