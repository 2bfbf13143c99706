"""Requests to a server that keeps runs, and its replies: docs/openapi.json."""

from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from ...core.messages import Message, Status
from ...core.options import Options, ToolDefinition

_Name = Annotated[str, msgspec.Meta(max_length=200)]

# The header of a question with the asker's own key: a header is hidden wherever requests are shown.
KEY_HEADER = "provider-key"


class Question(msgspec.Struct, omit_defaults=True):
    """A question to the server. `messages` end with the question; where `chat` names one that the
    server has, they follow its earlier runs, or replace these where they are the `whole`
    conversation: the asking page has its branches. `tools` are answered by the reader,
    `server_tools` name tools that run here. `key` and `base_url` are the asker's own; `data` may
    hold any value that has a field here, for clients that know no other place.
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
    stream: bool = True
    data: dict[str, Any] = {}

    def without_key(self) -> "Question":
        """Give the part of it that may be kept."""
        data = {name: value for name, value in self.data.items() if name != "key"}
        return replace(self, key="", data=data)


class RunState(msgspec.Struct, omit_defaults=True):
    """A run as a page is told of it. `can_continue`: it came to no proper
    end, and the chat may be asked to go on.
    """

    id: str
    chat: str
    created_s: float
    events: str
    offset: str
    status: Status | None = None
    can_continue: bool = False
    message: Message | None = None


class ChatLine(msgspec.Struct, omit_defaults=True):
    """A chat in the list; `status` is that of its latest run, None while it is on its way."""

    id: str
    title: str
    updated_s: float
    run: str
    status: Status | None = None


class ChatList(msgspec.Struct):
    """An owner's chats, the latest first, and where to follow them from."""

    chats: list[ChatLine]
    offset: str


class ChatState(msgspec.Struct, omit_defaults=True):
    """A chat with all that was said in it, as far as it came."""

    id: str
    title: str
    messages: list[Message]
    runs: list[RunState]
