"""Marks of chats that a person deleted or brought back, set before the disk knows of it.

The list shows at once what was done, and the disk takes its time, in which the page may go. A mark
is written without waiting, so whoever reads the disk next, in this tab, another one or after a
reload, takes it as the person left it.
"""

from collections.abc import Iterable, Sequence

from ...history.records import ChatRecord
from ..web import web_storage
from ..web.web_storage import DEVICE

# Of a chat by its id: when it was deleted, in milliseconds; below 0 when it was brought back.
_MARK = "deleted."


def put(ids: Iterable[str], when_ms: int) -> None:
    """Mark chats as deleted then; below 0 as brought back."""
    for id in ids:
        web_storage.put(DEVICE, _MARK + id, str(when_ms))


def settle(ids: Iterable[str], when_ms: int) -> None:
    """Let go of these marks: the disk knows it. One that was set since stays."""
    for id in ids:
        if _of(id) == when_ms:
            web_storage.remove(DEVICE, _MARK + id)


def forget(ids: Iterable[str]) -> None:
    """Let go of all marks of chats: they are gone, or made anew."""
    for id in ids:
        web_storage.remove(DEVICE, _MARK + id)


def older_than(when_ms: int) -> dict[str, int]:
    """Give the marks that have been there longer: the tab that set them is no more."""
    return {id: mark for id in _marked() if (mark := _of(id)) and abs(mark) < when_ms}


def as_left(chats: Sequence[ChatRecord]) -> Sequence[ChatRecord]:
    """Bring chats as the disk has them to where the person left them."""
    marked = _marked() if len(chats) > 1 else {chat.id for chat in chats}
    for chat in chats:
        if chat.id in marked and (mark := _of(chat.id)) is not None:
            chat.deleted_ms = max(mark, 0)
    return chats


def _marked() -> set[str]:
    return {name.removeprefix(_MARK) for name in web_storage.names(DEVICE, _MARK)}


def _of(id: str) -> int | None:
    try:
        return int(web_storage.get(DEVICE, _MARK + id) or "")
    except ValueError:
        return None
