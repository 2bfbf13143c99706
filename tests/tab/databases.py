"""The browser's own means to look after databases."""

from typing import Any

from js import Promise, indexedDB
from pyodide.ffi import create_once_callable


async def delete(name: str) -> None:
    """Delete a database, also while pages have it open: they are told, and close it."""

    def begin(resolve: Any, reject: Any) -> None:
        request = indexedDB.deleteDatabase(name)
        request.onsuccess = resolve
        request.onerror = reject

    await Promise.new(create_once_callable(begin))
