"""A chat as what was said and the cells that ran between. Pure."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...core.messages import File, Part, ProviderTool, Refusal, Text, ToolCall, ToolResult
from ...core.nesting import is_too_deep
from ...core.text.text_files import name_of
from ...history.markdown import one_line, sources_of
from ...history.records import CONTINUE
from ...history.transfer import ending_of
from ...history.tree import Tree
from ...python import messages
from ...python.messages import Message
from ..conversation.composer.seen import IMAGES, file_size_of, is_here, mime_type_of
from ..web.pictures import may_be_drawn

# What a cell told, by the id of its call and its code; nothing where that is not kept.
ToldOf = Callable[[str, str], Sequence[Message]]


@dataclass(frozen=True, slots=True)
class Said:
    """A text; `speaker` is empty where a person wrote it."""

    text: str
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a question, or of an answer. `picture` is its address, where it is a picture that
    is here.
    """

    name: str
    size_bytes: int
    picture: str = ""
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """A call of a tool other than Python, or one of Python without whole code."""

    call: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The ending of an answer that is not whole."""

    ending: str


@dataclass(frozen=True, slots=True)
class RunCell:
    """A cell: what it told as it ran, as far as that is kept, and what the model read of it."""

    code: str
    told: Sequence[Message]
    read: str
    has_failed: bool


def cells_of(tree: Tree, told_of: ToldOf) -> list[Said | Attached | RunCell | Called | Ended]:
    """List what is shown of a chat, in its order."""
    found: list[Said | Attached | RunCell | Called | Ended] = []
    # From the end, since ids of calls are used again: the nearest later result is a call's own.
    results: dict[str, ToolResult] = {}
    for record in reversed(tree.path()):
        is_person = record.message.role == "user"
        speaker = "" if is_person else record.source or record.message.model or "Answer"
        if ending := ending_of(record.message):
            found.append(Ended(ending))
        if listed := sources_of(record.message):
            found.append(Said(listed, speaker))
        for part in reversed(record.message.parts):
            match part:
                case ToolResult():
                    results[part.call_id] = part
                case File() | Text() if is_person and is_here(part):
                    found.append(_attached(part))
                case File() if not is_person:
                    found.append(_attached(part, is_answered=True))
                case Text() | Refusal() if record.note != CONTINUE and part.text.strip():
                    found.append(Said(part.text.strip(), speaker))
                case ToolCall(name=messages.RUN_PYTHON) if code := code_of(part.arguments):
                    result = results.get(part.id)
                    has_failed = result is not None and result.is_error
                    read = result.content if result is not None else ""
                    found.append(RunCell(code, told_of(part.id, code), read, has_failed))
                case ToolCall() | ProviderTool():
                    found.append(Called(one_line(part.name, part.arguments)))
    return found[::-1]


def _attached(part: Part, *, is_answered: bool = False) -> Attached:
    name = name_of(part) or mime_type_of(part) or "file"
    is_picture = isinstance(part, File) and mime_type_of(part) in IMAGES and may_be_drawn(part.url)
    picture = part.url if isinstance(part, File) and is_picture else ""
    size_bytes = file_size_of(part) if is_here(part) else 0
    return Attached(name, size_bytes, picture, is_answered)


def code_of(arguments: str) -> str:
    """The code in the arguments of a call; empty where there is none."""
    if is_too_deep(arguments.encode("utf-8", "replace")):
        return ""
    try:
        found = json.loads(arguments)
    except ValueError:
        return ""
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, str) else ""
