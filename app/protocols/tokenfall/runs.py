"""Requests to a server that keeps runs, and its replies: docs/openapi.json."""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec.structs import replace

from ...core.events import Event
from ...core.messages import Message, Status
from ...core.options import Options, ToolDefinition

_Name = Annotated[str, msgspec.Meta(max_length=200)]

# The header of a question with the asker's own key: a header is hidden wherever requests are shown.
KEY_HEADER = "provider-key"
# The address of a large file of an answer, beside the page: its run, and its name there. Models and
# providers name addresses too, and no other one may be asked for in their place.
FILE_ADDRESS = re.compile(r"api/runs/([\w-]+)/payloads/([0-9a-f]{64})", re.ASCII)


class Place(msgspec.Struct, omit_defaults=True):
    """The place of a message where a page keeps its chat: the `id` that it has there, and what the
    page says of it beside its words.
    """

    id: _Name
    source: _Name = ""
    note: _Name = ""
    created_ms: int = 0


class Question(msgspec.Struct, omit_defaults=True):
    """A question to the server. `messages` end with the question; where `chat` names one that the
    server has, they follow its earlier runs, or replace these where they are the `whole`
    conversation: the asking page has its branches, and `places` says where it keeps these messages
    and, last, the answer, so that other pages keep them there too. `tools` are answered by the
    reader, `server_tools` name tools that run here. `key` and `base_url` are the asker's own;
    `data` may hold any value that has a field here, for clients that know no other place.
    """

    messages: list[Message]
    provider: _Name = ""
    model: _Name = ""
    base_url: str = ""
    key: str = ""
    instructions: str = ""
    options: Options = Options()
    tools: list[ToolDefinition] = []
    server_tools: list[str] = []
    chat: _Name = ""
    whole: bool = False
    places: list[Place] = []
    stream: bool = True
    data: dict[str, Any] = {}

    @property
    def answer(self) -> str:
        """The id of the answer where the asking page keeps it; empty where it said none."""
        return self.places[-1].id if len(self.places) == len(self.messages) + 1 else ""

    def without_key(self) -> "Question":
        """Give the part of it that may be kept."""
        data = {name: value for name, value in self.data.items() if name != "key"}
        return replace(self, key="", data=data)


class RunState(msgspec.Struct, omit_defaults=True):
    """A run as a page is told of it. `can_continue`: it came to no proper end, and the chat may be
    asked to go on. A reader whose place is lost gets all events up to `offset`, `so_far`, and goes
    on from there.
    """

    id: str
    chat: str
    created_s: float
    events: str
    offset: str
    status: Status | None = None
    can_continue: bool = False
    message: Message | None = None
    so_far: list[Event] = []


class ChatFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts that a person set of a chat, or some of them: None, and a setting that is not here, say
    nothing. `is_titled`: the title was given by hand. `settings` are those that the chat's
    questions are asked with, by the names that its page has for them; null is the page's default.
    """

    title: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    is_titled: bool | None = None
    pinned: bool | None = None
    settings: dict[str, Any] = {}


class ChatLine(msgspec.Struct, omit_defaults=True):
    """A chat in the list; `status` is that of its latest run, None while it is on its way."""

    id: str
    title: str
    updated_s: float
    run: str
    status: Status | None = None
    pinned: bool = False


class ChatList(msgspec.Struct):
    """An owner's chats, the latest first, and where to follow them from."""

    chats: list[ChatLine]
    offset: str


class ChatNode(msgspec.Struct, omit_defaults=True):
    """A message of a chat with its branches, behind the message `parent`. `run` names the run that
    gives or gave it; one without a status goes on there.
    """

    id: str
    message: Message
    parent: str = ""
    run: str = ""
    source: str = ""
    note: str = ""
    created_ms: int = 0


class ChatState(msgspec.Struct, omit_defaults=True):
    """A chat with all that was said in it, as far as it came: `messages` are the latest branch,
    `nodes` all of them. `facts` are what a person set of it.
    """

    id: str
    title: str
    messages: list[Message]
    runs: list[RunState]
    nodes: list[ChatNode]
    facts: ChatFacts = ChatFacts()


What = Literal["began", "ended", "deleted", "expired", "set"]


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """A change of a chat, for those who follow an owner's chats. `answer` is the id of the answer
    where the asking page keeps it, or of the message before it that was deleted with it. Without a
    `run` it is the whole chat that was deleted, or of which `facts` were set.
    """

    chat: str
    run: str
    what: What
    status: Status | None = None
    title: str = ""
    answer: str = ""
    facts: ChatFacts | None = None
