"""The chats of the list under their headings."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date, datetime, time

from ...history.days import first_day, heading, local
from ...history.records import ChatRecord
from . import words
from .sidebar import Row


def grouped(records: Iterable[ChatRecord]) -> list[Row]:
    """Chats under their headings, pinned ones first, the latest above."""
    latest = sorted(records, key=lambda chat: chat.updated_ms, reverse=True)
    pinned = [chat for chat in latest if chat.pinned]
    rest = [chat for chat in latest if not chat.pinned]
    rows: list[Row] = [words.PINNED, *pinned] if pinned else []
    today = date.today()
    at = 0
    while at < len(rest):
        day = local(rest[at].updated_ms).date()
        start = datetime.combine(first_day(day, today), time())
        # Those since then stand together; the list falls, so the key is turned round.
        end = bisect_left(rest, -start.timestamp() * 1000, at, key=lambda chat: -chat.updated_ms)
        end = max(end, at + 1)
        rows += [heading(day, today), *rest[at:end]]
        at = end
    return rows
