"""The room that the browser gives this page, and for how long."""

from typing import NamedTuple

from js import navigator
from pyodide.ffi import JsException


class Quota(NamedTuple):
    """Bytes used and allowed, roughly by design; 0 where the browser does not say.

    `chats_bytes` are what the database takes of it: chats with their files. The rest is the page
    itself, kept for a start without a network. None where the browser gives the sum alone.
    `is_lasting` says that it promised not to clear it when it runs short of space.
    """

    used_bytes: int
    quota_bytes: int
    is_lasting: bool
    chats_bytes: int | None = None


async def estimate() -> Quota:
    """Ask the browser."""
    try:
        told = await navigator.storage.estimate()
        is_lasting = bool(await navigator.storage.persisted())
        # Not in the standard: Chromium tells the sum apart.
        details = getattr(told, "usageDetails", None)
        chats = getattr(details, "indexedDB", 0) if details is not None else None
        return Quota(
            int(told.usage),
            int(told.quota),
            is_lasting,
            int(chats) if chats is not None else None,
        )
    except (JsException, AttributeError, TypeError):
        return Quota(0, 0, False)


async def ask_to_last() -> bool:
    """Ask the browser not to clear this page's data by itself; tell whether it promised."""
    try:
        return bool(await navigator.storage.persist())
    except (JsException, AttributeError):
        return False
