"""A chat as what was said and the cells that ran between. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...core.messages import File, Part, ProviderTool, Reasoning, Refusal, Text, ToolCall
from ...core.text.text_files import name_of
from ...history.markdown import arguments_of, one_line, sources_of
from ...history.reading_copy import ending_of, results_of
from ...history.records import CONTINUE
from ...history.tree import Tree
from ...python import messages
from ...python.messages import Message
from ..conversation.answer.drawn_files import drawn_apart
from ..conversation.composer.seen import file_size_of, is_here, mime_type_of
from ..web.pictures import may_be_drawn

# What a cell told, by the id of its call and its code; nothing where that is not kept.
ToldOf = Callable[[str, str], Sequence[Message]]


@dataclass(frozen=True, slots=True)
class Said:
    """A text; `speaker` is empty where a person wrote it."""

    text: str
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Thought:
    """A stretch of thinking that a model shows."""

    text: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a question, or of an answer. `picture` is the address of a picture that is here,
    `drawn` a chart or page that is, as `drawn_files` has it; `address` that of a file elsewhere.
    """

    name: str
    size_bytes: int
    picture: str = ""
    drawn: tuple[str, Any] | None = None
    address: str = ""
    is_lost: bool = False
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """A call of a tool other than Python, or one of Python without whole code, and what the model
    read of it.
    """

    call: str
    read: str
    has_failed: bool


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


One = Said | Thought | Attached | RunCell | Called | Ended


def cells_of(tree: Tree, told_of: ToldOf) -> list[One]:
    """List what is shown of a chat, in its order."""
    found: list[One] = []
    path = tree.path()
    results = results_of(path)
    for record in path:
        is_person = record.message.role == "user"
        speaker = "" if is_person else record.source or record.message.model or "Answer"
        for part in record.message.parts:
            result = results.get(id(part))
            read, has_failed = (result.content, result.is_error) if result else ("", False)
            match part:
                case File():
                    found.append(_attached(part, is_answered=not is_person))
                case Text() if is_person and is_here(part):
                    found.append(_attached(part))
                case Reasoning() if text := part.text.strip():
                    match found:
                        case [*_, Thought(before, thinker)] if thinker == speaker:
                            found[-1] = Thought(f"{before}\n\n{text}", speaker)
                        case _:
                            found.append(Thought(text, speaker))
                case Text() | Refusal() if record.note != CONTINUE and part.text.strip():
                    found.append(Said(part.text.strip(), speaker))
                case ToolCall(name=messages.RUN_PYTHON) if code := code_of(part.arguments):
                    found.append(RunCell(code, told_of(part.id, code), read, has_failed))
                case ToolCall() | ProviderTool():
                    call = one_line(part.name, part.arguments)
                    found.append(Called(call, read, has_failed))
        if listed := sources_of(record.message):
            found.append(Said(listed, speaker))
        if ending := ending_of(record.message):
            found.append(Ended(ending))
    return found


def _attached(part: Part, *, is_answered: bool = False) -> Attached:
    name = name_of(part) or mime_type_of(part) or "file"
    if not isinstance(part, File):
        return Attached(name, file_size_of(part))
    picture = part.url if may_be_drawn(part.url) else ""
    return Attached(
        name,
        file_size_of(part) if is_here(part) else 0,
        picture,
        None if picture or part.told else drawn_apart(part),
        part.url if part.url.startswith(("https:", "http:")) else "",
        is_lost=not part.url,
        is_answered=is_answered,
    )


def code_of(arguments: str) -> str:
    """The code in the arguments of a call; empty where there is none."""
    code = arguments_of(arguments).get("code")
    return code if isinstance(code, str) else ""
