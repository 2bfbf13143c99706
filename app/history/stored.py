"""Form of records in a database: one line of JSON each, files apart, and a running answer as a log.

A file's bytes are in the database once a chat, under their digest, and not in the message: reading
a chat's messages stays quick, and a large file can't take them with it.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec

from ..core.events import Event, Heartbeat
from ..core.json_values import encoded
from ..core.messages import File, Message, Part
from ..core.run_fold import RunFold
from .records import CLOSED, CONTINUE, ChatRecord, MessageRecord

# Stands in a stored message for a file: "kept:", its digest, ":", and what its data URL began with;
# for the text of a document the same with nothing behind it.
_KEPT = "kept:"

# Base64 shorter than this stays in the message, in characters.
_INLINE_CHARACTERS = 1024

_chats = msgspec.json.Decoder(ChatRecord)


# The others are made when they are first needed: that takes a while, and the page starts with the
# list of chats alone.
@cache
def _messages() -> "msgspec.json.Decoder[MessageRecord]":
    return msgspec.json.Decoder(MessageRecord)


@cache
def _batches() -> "msgspec.json.Decoder[list[Event]]":
    return msgspec.json.Decoder(list[Event])


@cache
def _parts() -> "msgspec.json.Decoder[list[Part]]":
    return msgspec.json.Decoder(list[Part])


class _Part(msgspec.Struct):
    type: str
    text: str = ""
    name: str = ""


class _Parts(msgspec.Struct):
    parts: list[_Part] = []


class _Said(msgspec.Struct):
    """The part of a message that searching reads: the rest is passed over, which is quick."""

    chat_id: str
    message: _Parts
    note: str = ""


@cache
def _said() -> "msgspec.json.Decoder[_Said]":
    return msgspec.json.Decoder(_Said)


def chat_line(chat: ChatRecord) -> bytes:
    return encoded(chat) + b"\n"


def chats_of(lines: bytes) -> list[ChatRecord]:
    """Read the chats in these lines. One that can't be read is left out; it stays where it is
    kept.
    """
    try:
        return _chats.decode_lines(lines)
    except msgspec.MsgspecError:
        return _one_by_one(_chats, lines)


def messages_of(lines: bytes, files: Mapping[str, bytes]) -> list[MessageRecord]:
    """Read the messages in these lines, with their files; those that can't be read are left out."""
    try:
        records = _messages().decode_lines(lines)
    except msgspec.MsgspecError:
        records = _one_by_one(_messages(), lines)
    for record in records:
        _change_files(record.message, lambda file: _put_back(file, files))
    return records


def message_line(record: MessageRecord) -> tuple[bytes, dict[str, bytes]]:
    """The record's line, and the bytes of its files by their digests."""
    files: dict[str, bytes] = {}
    message = msgspec.structs.replace(record.message)
    _change_files(message, lambda file: _take_out(file, files))
    return encoded(msgspec.structs.replace(record, message=message)) + b"\n", files


def texts_of(lines: bytes) -> list[tuple[str, str]]:
    """Give the texts of these messages for searching: pairs of a chat's id and a text, files by
    name.
    """
    try:
        found = _said().decode_lines(lines)
    except msgspec.MsgspecError:
        found = _one_by_one(_said(), lines)
    texts = []
    for said in found:
        pieces = [
            part.text if part.type == "text" else part.name
            for part in said.message.parts
            if part.type in ("text", "file")
        ]
        if said.note != CONTINUE and (text := "\n".join(filter(None, pieces))):
            texts.append((said.chat_id, text))
    return texts


def digests_in(lines: bytes) -> set[str]:
    """The digests of all files that these messages refer to."""
    start = f'"{_KEPT}'.encode()
    pieces = lines.split(start)[1:]
    return {piece.partition(b":")[0].decode("ascii", "replace") for piece in pieces}


def parts_line(parts: Sequence[Part]) -> bytes:
    """Parts of a question that is not asked yet, with their files."""
    return encoded(parts) + b"\n"


def parts_of(line: bytes) -> list[Part]:
    """The parts in this line; empty where it can't be read."""
    try:
        return _parts().decode(line)
    except msgspec.MsgspecError:
        return []


def batch_line(batch: Iterable[Event], place: str = "") -> bytes:
    """Write one entry of a log: events that came together, and the place in a server's log they
    reach.
    """
    line = encoded([event for event in batch if not isinstance(event, Heartbeat)]) + b"\n"
    return line + encoded(place) + b"\n" if place else line


class Logged(NamedTuple):
    """Content of one answer's log: the record it was begun with, the events so far, and the place
    in a server's log that they reach.
    """

    record: MessageRecord
    events: list[Event]
    place: str

    def records(self) -> list[MessageRecord]:
        """Give the messages of the answer's steps, in order; what has no end is `incomplete`."""
        records = _records_of(self.record, _messages_from(self.record.message, self.events))
        for record in records:
            if record.message.status is None:
                record.message.status, record.note = "incomplete", CLOSED
        return records

    def records_so_far(self) -> list[MessageRecord]:
        """Give the messages of an answer that goes on, as far as it came."""
        fold = RunFold(self.record.message)
        fold.add(self.events)
        return _records_of(self.record, fold.messages or [self.record.message])


def logged(log: bytes, files: Mapping[str, bytes]) -> list[Logged]:
    """Read the logs of answers. An entry that can't be read is passed over."""
    answers: list[Logged] = []
    for line in log.splitlines():
        try:
            if line.startswith(b"{"):
                answers.append(Logged(messages_of(line, files)[0], [], ""))
            elif answers and line.startswith(b'"'):
                answers[-1] = answers[-1]._replace(place=msgspec.json.decode(line, type=str))
            elif answers:
                answers[-1].events.extend(_batches().decode(line))
        except (msgspec.MsgspecError, IndexError):
            continue
    return answers


def recover(log: bytes, files: Mapping[str, bytes]) -> list[list[MessageRecord]]:
    """Rebuild answers from their logs: for each, the messages of its steps, in order.

    A log is a record, the place of the answer in the tree, and after it the batches. The record's
    message names the asked provider, without which its signatures mean nothing. An answer whose end
    is not in its log is `incomplete`, with the note `CLOSED`.
    """
    return [answer.records() for answer in logged(log, files)]


def _messages_from(begun: Message, events: list[Event]) -> list[Message]:
    """The messages that a run's events make.

    Calls that were being answered when the log ends have results too, as far as it tells.
    """
    fold = RunFold(begun)
    fold.add(events)
    fold.settle()
    messages = fold.messages
    if not messages or (messages[-1].role == "tool" and not fold.has_ended):
        messages.append(Message("assistant", protocol=begun.protocol, provider=begun.provider))
    for message in messages:
        message.model = message.model or begun.model
        message.mode = message.mode or (begun.mode if message.role == "assistant" else None)
    return messages


def _records_of(first: MessageRecord, messages: list[Message]) -> list[MessageRecord]:
    records: list[MessageRecord] = []
    for number, message in enumerate(messages):
        records.append(
            msgspec.structs.replace(
                first,
                id=f"{first.id}-{number + 1}" if number else first.id,
                parent=records[-1].id if records else first.parent,
                created_ms=first.created_ms + number,
                message=message,
            )
        )
    return records


def _one_by_one(decoder: Any, lines: bytes) -> list[Any]:
    found = []
    for line in lines.splitlines():
        try:
            found.append(decoder.decode(line))
        except msgspec.MsgspecError:
            continue
    return found


def _change_files(message: Message, change: Any) -> None:
    """Put other files into the message; its lists of parts are replaced, not changed."""
    if any(isinstance(part, File) for part in message.parts):
        parts: list[Part] = [
            change(part) if isinstance(part, File) else part for part in message.parts
        ]
        message.parts = parts
    if message.alternatives:
        message.alternatives = [msgspec.structs.replace(other) for other in message.alternatives]
        for other in message.alternatives:
            _change_files(other, change)


def _take_out(file: File, files: dict[str, bytes]) -> File:
    if len(file.text) >= _INLINE_CHARACTERS:
        data = file.text.encode("utf-8", "replace")
        digest = hashlib.sha256(data).hexdigest()
        files[digest] = data
        file = msgspec.structs.replace(file, text=f"{_KEPT}{digest}:")
    head, comma, text = file.url.partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        return file
    if len(text) < _INLINE_CHARACTERS:
        return file
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return file
    if b64encode(data).decode() != text:
        return file  # what is put back should be what was taken out
    digest = hashlib.sha256(data).hexdigest()
    files[digest] = data
    return msgspec.structs.replace(file, url=f"{_KEPT}{digest}:{head}{comma}")


def _put_back(file: File, files: Mapping[str, bytes]) -> File:
    if file.text.startswith(_KEPT):
        kept = files.get(file.text.removeprefix(_KEPT).partition(":")[0], b"")
        file = msgspec.structs.replace(file, text=kept.decode("utf-8", "replace"))
    if not file.url.startswith(_KEPT):
        return file
    digest, _, head = file.url.removeprefix(_KEPT).partition(":")
    data = files.get(digest)
    # A file that was lost leaves its name.
    url = "" if data is None else head + b64encode(data).decode()
    return msgspec.structs.replace(file, url=url)
