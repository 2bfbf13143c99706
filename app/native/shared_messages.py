"""Messages between the process that answers and the others that serve beside it: lines of JSON."""

import msgspec

from ..agents.messages import Ask, Decide, Stop, Told
from ..protocols.tolerant import clean
from .agent_process import AgentStatus
from .local_model import ModelStatus

# A line is a question or a batch of events, perhaps with files.
MOST_LINE_BYTES = 256_000_000


class _Said(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True):
    pass


class Want(_Said, tag="want", frozen=True):
    """Somebody asks for a model that has failed."""


class Look(_Said, tag="look", frozen=True):
    """Somebody wants to know how the file is; an edit of it is taken in."""


class Decision(_Said, tag="decision", frozen=True):
    """A decision, and the number under which it is told whether anybody waited for it."""

    number: int
    decide: Decide


class Decided(_Said, tag="decided", frozen=True):
    number: int
    is_awaited: bool


class ModelNews(_Said, tag="model", frozen=True):
    status: ModelStatus
    base_url: str = ""
    key: str = ""


class AgentNews(_Said, tag="agent", frozen=True):
    status: AgentStatus


Asked = Want | Look | Decision | Ask | Stop
Answered = Decided | ModelNews | AgentNews | Told

read_asked = msgspec.json.Decoder(Asked).decode
read_answered = msgspec.json.Decoder(Answered).decode


def line(said: Asked | Answered) -> bytes:
    try:
        return msgspec.json.encode(said) + b"\n"
    except UnicodeEncodeError:  # half a character, as functions may give
        return msgspec.json.encode(clean(msgspec.to_builtins(said))) + b"\n"
