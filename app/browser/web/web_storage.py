"""The browser's two small storages. Nothing here raises: the page works without them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import js
from pyodide.ffi import JsException

from .dom import listen
from .page_address import SPACE

# Named, not held: where storage is forbidden, already looking at it raises.
DEVICE = "localStorage"
TAB = "sessionStorage"


def get(storage: str, name: str) -> str | None:
    try:
        value = getattr(js, storage).getItem(SPACE + name)
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
    begins = SPACE + prefix
    return sorted(name.removeprefix(SPACE) for name in found if name.startswith(begins))


def put(storage: str, name: str, value: str) -> bool:
    """Keep an entry; False where storage is forbidden or full."""
    try:
        getattr(js, storage).setItem(SPACE + name, value)
    except JsException:
        return False
    return True


def remove(storage: str, name: str) -> None:
    with suppress(JsException):
        getattr(js, storage).removeItem(SPACE + name)


class DeviceEntries:
    """The entries on this device, which all tabs share. An entry without room there is kept as long
    as the page.
    """

    def __init__(self) -> None:
        self._unstored: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self._unstored[name] if name in self._unstored else get(DEVICE, name)

    def names(self, prefix: str) -> list[str]:
        """The names of all entries that begin so."""
        unstored = [name for name in self._unstored if name.startswith(prefix)]
        return sorted({*names(DEVICE, prefix), *unstored})

    def put(self, name: str, value: str) -> bool:
        """Keep an entry; False where it is kept only as long as the page."""
        if put(DEVICE, name, value):
            self._unstored.pop(name, None)
            return True
        self._unstored[name] = value
        return False

    def remove(self, name: str) -> None:
        self._unstored.pop(name, None)
        remove(DEVICE, name)


def follow_others(concerns: Callable[[str | None], bool], take_in: Callable[[], None]) -> None:
    """Call `take_in` after other tabs have changed entries of this device: once for all that come
    together. `concerns` says of an entry whether it counts; None stands for all of them.
    """
    is_due = False

    def on_storage(event: Any) -> None:
        nonlocal is_due
        entry = event.key if isinstance(event.key, str) else None
        if entry is not None and not entry.startswith(SPACE):
            return
        if not is_due and concerns(entry and entry.removeprefix(SPACE)):
            is_due = True
            asyncio.get_running_loop().call_soon(take)

    def take() -> None:
        nonlocal is_due
        is_due = False
        take_in()

    listen(js.window, "storage", on_storage)
