"""Status of a server at `/api/status`: for the page, and for the terminal of its folder."""

import msgspec

from .agent_process import AgentStatus
from .local_model import ModelStatus

PATH = "/api/status"


class ServerStatus(msgspec.Struct, frozen=True):
    """`relay`: whether it asks providers for its page. `named` is the model that new chats there
    begin with, by its name; empty where nobody named one. `agent` is what answers instead of a
    model, `keys` name the providers whose key it has, `chats` says that some may run there.
    `on_server`: whether the agent's answers are given and kept by the server, where a chat says
    nothing else; None where it can't.
    """

    version: str
    model: ModelStatus
    relay: bool = False
    named: str = ""
    agent: AgentStatus | None = None
    keys: tuple[str, ...] = ()
    chats: bool = False
    on_server: bool | None = None
