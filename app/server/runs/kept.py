"""Kept records of runs, read back: an answer so far, a chat's messages, large files."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Sequence
from hashlib import sha256
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec.structs import replace

from ...core.events import Event
from ...core.fold import Fold
from ...core.messages import File, Message, Part
from ...core.run_fold import RunFold
from ...protocols.tokenfall.runs import FILE_ADDRESS, ChatNode, Place, Question
from ...providers import PROVIDERS
from ...runs.compaction import Merger
from ...runs.feeds import kept
from ...runs.log import Payload, RunLog, RunRecord, events_of
from ...runs.offsets import START, Offset
from .refusals import RefusedError

_decode_event = msgspec.json.Decoder(Event).decode
_decode_question = msgspec.json.Decoder(Question).decode

# A file as long as this lies beside the events; each reader gets its address, and its bytes when it
# wants them.
_LONGEST_URL = 64 * 1024
# Of the files of one conversation: an address is short, and can be named a thousand times.
_MOST_FILE_BYTES = 100 * 1024 * 1024
_DATA_URL = re.compile(r"data:([^;,]*)((?:;[^;,]*)*?)(;base64)?,", re.ASCII)


def events_in(lines: Iterable[bytes]) -> list[Event]:
    """Events as they lie in the log."""
    return [_decode_event(line) for line in lines]


def question_of(record: RunRecord) -> Question:
    """Read the question of a run, without any key."""
    return _decode_question(record.question)


async def events_so_far(log: RunLog, run: str) -> tuple[list[Event], Offset]:
    """Give an answer's events in the log, in as few as can be, and tell up to where."""
    merger, place = Merger(), START
    async for entry in kept(log, events_of(run)):
        merger.add(events_in(entry.lines()))
        place = entry.end
    return merger.take(), place


async def answer_so_far(log: RunLog, run: str) -> tuple[Message, Offset]:
    """Fold an answer's events in the log, and tell up to where."""
    events, place = await events_so_far(log, run)
    return folded(events), place


def folded(events: Iterable[Event]) -> Message:
    """Give the message that events make."""
    fold = Fold()
    fold.add(events)
    return fold.message


async def messages_of(log: RunLog, records: Sequence[RunRecord]) -> list[Message]:
    """Collect a chat's messages: the questions of its runs, and their answers as far as they came.
    Of questions asked with the whole conversation, take the latest branch.
    """
    messages: list[Message] = []
    for record in records:
        question = question_of(record)
        if question.whole:
            messages = []
        messages += question.messages
        answer, _ = await answer_so_far(log, record.id)
        if answer.parts or answer.status is not None:
            messages.append(answer)
    return messages


async def conversation_of(
    log: RunLog, owner: str, question: Question, earlier: Sequence[RunRecord]
) -> list[Message]:
    """Give the messages that a question is asked with, in a chat with these earlier runs. Raises
    `RefusedError` where their files are too large together.
    """
    messages = question.messages
    if not question.whole:
        messages = [*await messages_of(log, earlier), *messages]
    return await with_files(log, owner, messages)


async def nodes_of(log: RunLog, records: Sequence[RunRecord]) -> list[ChatNode]:
    """Collect a chat's messages with all its branches, each behind the one before. A page that
    asked has said where it keeps them; to the others a run follows the one before.
    """
    nodes: dict[str, ChatNode] = {}
    latest = ""
    for record in records:
        question, created_ms = question_of(record), int(record.created_s * 1000)
        parent = "" if question.whole else latest
        places = question.places if question.answer else _places(record, question, created_ms)
        for place, message in zip(places[:-1], question.messages, strict=True):
            nodes.setdefault(place.id, _node(place, message, parent))
            parent = place.id
        answer = places[-1]
        for number, message in enumerate(await _answer_of(log, record, question)):
            place = replace(answer, id=f"{answer.id}-{number + 1}") if number else answer
            place = replace(place, created_ms=(place.created_ms or created_ms) + number)
            # Put over what a later question has of it: the run's own is the whole of it.
            nodes[place.id] = replace(_node(place, message, parent), run=answer.id)
            parent = place.id
        latest = parent
    return list(nodes.values())


def _places(record: RunRecord, question: Question, created_ms: int) -> list[Place]:
    """Make places for messages of whom keeps none."""
    count = len(question.messages)
    asked = [
        Place(f"{record.id}-q{number}", created_ms=created_ms - count + number)
        for number in range(count)
    ]
    return [*asked, Place(record.id, created_ms=created_ms)]


def _node(place: Place, message: Message, parent: str) -> ChatNode:
    return ChatNode(place.id, message, parent, "", place.source, place.note, place.created_ms)


def begun_by(question: Question) -> Message:
    """An answer of which nothing has come: it says who is asked."""
    name = question.provider
    return Message(
        "assistant",
        model=question.model,
        protocol=PROVIDERS[name].protocol if name in PROVIDERS else "",
        provider=name,
        mode="streaming" if question.stream else "sync",
    )


async def _answer_of(log: RunLog, record: RunRecord, question: Question) -> list[Message]:
    """The messages of an answer; of one on its way only who is asked."""
    begun = begun_by(question)
    if record.status is None:
        return [begun]
    fold = RunFold(begun)
    async for entry in kept(log, events_of(record.id)):
        fold.add(events_in(entry.lines()))
    fold.settle()
    return fold.messages or [replace(begun, status=record.status)]


async def with_files(log: RunLog, owner: str, messages: Iterable[Message]) -> list[Message]:
    """The messages as a provider takes them: an owner's files as data in the place of addresses of
    ours. Raises `RefusedError` where those are too large together.
    """
    room = _MOST_FILE_BYTES
    found = []
    for message in messages:
        parts: list[Part] = []
        for part in message.parts:
            payload = await _payload(log, owner, part) if isinstance(part, File) else None
            if not isinstance(part, File) or payload is None:
                parts.append(part)
                continue
            if (room := room - len(payload.data)) < 0:
                said = f"its files have more than {_MOST_FILE_BYTES // 2**20} MiB together"
                raise RefusedError(413, "files_too_large", said)
            data = b64encode(payload.data).decode()
            parts.append(replace(part, url=f"data:{payload.mime_type};base64,{data}"))
        found.append(replace(message, parts=parts))
    return found


async def by_reference(log: RunLog, run: str, events: list[Event]) -> list[Event]:
    """The events with the addresses of their large files, which are kept beside them."""
    return [
        await _referred(log, run, event)
        if isinstance(event, File) and len(event.url) > _LONGEST_URL
        else event
        for event in events
    ]


async def _referred(log: RunLog, run: str, file: File) -> File:
    if (head := _DATA_URL.match(file.url)) is None:
        return file
    body = file.url[head.end() :]
    try:
        data = b64decode(body, validate=True) if head[3] else unquote_to_bytes(body)
    except (Base64Error, ValueError):
        return file
    mime_type = file.mime_type or head[1]
    name = sha256(data).hexdigest()
    await log.put(run, Payload(name, mime_type, data))
    return replace(file, url=f"api/runs/{run}/payloads/{name}", mime_type=mime_type)


async def _payload(log: RunLog, owner: str, file: File) -> Payload | None:
    """The bytes of a file that lies here, of this owner; None where it is none."""
    if (reference := FILE_ADDRESS.fullmatch(file.url)) is None:
        return None
    record = await log.get(reference[1])
    if record is None or record.owner != owner:
        return None
    return await log.payload(record.id, reference[2])
