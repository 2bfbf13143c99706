"""Contents of a chat from a file beside its words: without power before a person gave it.

A file may say how a model is called in its chats (instructions, extra JSON, tools, which model),
put words of the system among the messages, and hold data that a provider would get back.
All of that is set apart when the file is read. Until a person takes it, the chat is asked as a new
one would be, with what can be seen of its messages and nothing else.
"""

from collections.abc import Sequence
from typing import Any, TypeGuard

import msgspec

from ..core.messages import File, Message, Part, ProviderTool, Reasoning, Text, ToolCall
from .records import CONTINUE, Brought, ChatRecord, ChatSettings, MessageRecord


def set_apart(chat: ChatRecord, records: Sequence[MessageRecord]) -> None:
    """Take all power from a chat that came with a file."""
    before = chat.brought.settings if chat.brought is not None else ChatSettings()
    brought = Brought(
        settings=_over(before, chat.settings),
        system=[text for record in records if (text := _system_text(record.message))],
        echoes=sum(_echoes(record.message) for record in records),
    )
    chat.brought = brought if brought != Brought() else None
    chat.settings = ChatSettings()
    chat.takes_file = chat.on_server = False
    chat.server_has, chat.gone = {}, {}
    for record in records:
        record.from_file, record.run, record.is_begun_elsewhere = True, "", False
        if record.message.role == "user":  # of a question nothing else is shown
            parts = record.message.parts
            record.message.parts = [part for part in parts if isinstance(part, Text | File)]


def take(chat: ChatRecord) -> None:
    """Give a chat what its file brought, as a person decided."""
    if chat.brought is not None:
        chat.settings = _over(chat.settings, chat.brought.settings)
        chat.brought, chat.takes_file = None, True


def drop(chat: ChatRecord) -> None:
    """Drop what the file brought for a chat, as a person decided."""
    chat.brought = None


def asked_with(chat: ChatRecord, records: Sequence[MessageRecord], go_on: str) -> list[Message]:
    """The messages as a model gets them. `go_on` is what the page itself says to have an answer
    continued: a request of that kind is never shown, so a file can't put anything else into it.
    """
    messages = []
    for record in records:
        message = record.message
        if record.from_file and record.note == CONTINUE:
            message = msgspec.structs.replace(message, parts=[Text(go_on)])
        if record.from_file and not chat.takes_file:
            if message.role == "system":
                continue
            # A provider's extras of an answer are for it alone, and this answer is nobody's.
            message = msgspec.structs.replace(message, protocol="", provider="")
        if any(_is_lost(part) for part in message.parts):
            parts: list[Part] = [_told(part) for part in message.parts]
            message = msgspec.structs.replace(message, parts=parts)
        messages.append(message)
    return messages


def _told(part: Part) -> Part:
    """A file that is lost, as words: no provider takes one without an address."""
    if _is_lost(part):
        return Text(f"({part.name or 'a file'}: not here any more)\n\n")
    return part


def _is_lost(part: Part) -> TypeGuard[File]:
    return isinstance(part, File) and not part.url


def _over(below: ChatSettings, above: ChatSettings) -> ChatSettings:
    said: dict[str, Any] = {
        name: value
        for name, value in msgspec.structs.asdict(above).items()
        if value is not None and value != ""
    }
    return msgspec.structs.replace(below, **said)


def _system_text(message: Message) -> str:
    return message.text if message.role == "system" else ""


def _echoes(message: Message) -> bool:
    """Tell whether a provider would get something back that nobody sees."""
    return any(
        part.extra
        for part in message.parts
        if isinstance(part, Reasoning | ToolCall | ProviderTool)
    )
