"""Changes of an owner's chats: what is deleted, expires or is set, told to who follows them."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec

from ...core.messages import Status
from ...protocols.tokenfall.runs import Change, ChatFacts, What
from ...runs.log import LogError, NoSuchRunError, RunLog, RunRecord, changes_of
from . import controls
from .kept import question_of

_log = logging.getLogger(__name__)


async def delete_run(log: RunLog, record: RunRecord, message: str = "") -> None:
    """Remove a run and its records; one on its way is stopped. `message` is the one that its page
    deleted it with, if not the answer alone.
    """
    is_gone = await _remove(log, record)
    await _forget_empty(log, [record])
    if is_gone:
        known = {place.id for place in question_of(record).places}
        await tell(log, record, "deleted", answer=message if message in known else "")


async def delete_chat(log: RunLog, records: Sequence[RunRecord]) -> None:
    """Remove a chat with all its runs."""
    for record in records:
        await _remove(log, record)
    await _forget_empty(log, records[-1:])
    await tell(log, _whole(records[-1]), "deleted")


async def expire(log: RunLog, kept_s: float) -> None:
    """Remove the runs that ended longer ago."""
    expired = await log.expire(kept_s)
    await _forget_empty(log, expired)
    for record in expired:
        await tell(log, record, "expired")


async def set_facts(
    log: RunLog, record: RunRecord, facts: ChatFacts, kept: Mapping[str, bytes]
) -> None:
    """Keep facts of the chat of a run, as these values."""
    await log.set_facts(record.owner, record.chat, kept)
    await _forget_empty(log, [record])  # another reader may have deleted it meanwhile
    await tell(log, _whole(record), "set", facts=facts)


async def tell(
    log: RunLog,
    record: RunRecord,
    what: What,
    status: Status | None = None,
    answer: str = "",
    facts: ChatFacts | None = None,
) -> None:
    """Tell who follows the owner's chats. A log that fails is noted; the change stands."""
    if not answer and record.question:
        answer = question_of(record).answer
    change = Change(record.chat, record.id, what, status, record.title, answer, facts)
    try:
        await log.tell(changes_of(record.owner), msgspec.json.encode(change))
    except LogError as error:
        _log.warning("a change was not told: %s", error)


def _whole(record: RunRecord) -> RunRecord:
    """The record of a run, as what is told of its whole chat."""
    return msgspec.structs.replace(record, id="", question=b"")


async def _remove(log: RunLog, record: RunRecord) -> bool:
    if record.status is None:
        with suppress(NoSuchRunError):
            await controls.tell(log, record.id, controls.Cancel())
    return await log.delete(record.id)


async def _forget_empty(log: RunLog, gone: Sequence[RunRecord]) -> None:
    """Forget the facts of the chats of these runs that have no run any more."""
    for owner in {record.owner for record in gone}:
        known = {record.chat for record in await log.runs(owner)}
        for chat in {record.chat for record in gone if record.owner == owner} - known:
            await log.forget_facts(owner, chat)
