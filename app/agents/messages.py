"""Messages between the server and a process that runs a person's file: lines of JSON."""

import msgspec

from ..core.events import Event
from ..core.messages import Message
from ..core.options import ToolDefinition
from ..protocols.tolerant import clean

# A line is one batch of events, perhaps with a file.
MOST_LINE_BYTES = 64_000_000


class _Said(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True):
    pass


class Ask(_Said, tag="ask", frozen=True):
    """A question; `chat` names the state it has, `tools` are those of who asks."""

    id: str
    messages: list[Message]
    chat: str = ""
    user: str = ""
    shows_errors: bool = False
    tools: list[ToolDefinition] = []


class Stop(_Said, tag="stop", frozen=True):
    """Nobody waits for this answer any more."""

    id: str


class Decide(_Said, tag="decide", frozen=True):
    """A person's reply to a question of an answer."""

    id: str
    call_id: str
    decision: str
    user: str = ""


class Loaded(_Said, tag="loaded", frozen=True):
    """The file is there, and can be asked. `beside` are the files of its own modules."""

    title: str
    description: str = ""
    takes_tools: bool = False
    beside: list[str] = []


class Broken(_Said, tag="broken", frozen=True):
    """The file can't be asked; `error` says why, with its line. `beside` as for `Loaded`, with
    those that failed.
    """

    error: str
    beside: list[str] = []


class Told(_Said, tag="told", frozen=True):
    """The next events of an answer."""

    id: str
    events: list[Event]


Question = Ask | Stop | Decide
Answer = Loaded | Broken | Told

_QUESTION: msgspec.json.Decoder[Question] = msgspec.json.Decoder(Question)
_ANSWER: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def line(said: Question | Answer) -> bytes:
    """Write a message as its line. Raises TypeError where it holds a value that no JSON can."""
    try:
        return msgspec.json.encode(said) + b"\n"
    except UnicodeEncodeError:  # half a character, as functions may give
        return msgspec.json.encode(clean(msgspec.to_builtins(said))) + b"\n"


def read_question(data: bytes) -> Question:
    """Read a message of the server. Raises `msgspec.MsgspecError`: it says nothing else."""
    return _QUESTION.decode(data)


def read_answer(data: bytes) -> Answer | None:
    """Read a message of the process; None where it is none of ours."""
    try:
        return _ANSWER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
