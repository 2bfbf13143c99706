"""Asks the server of this page how its built-in model is doing, until that is settled."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Literal

import msgspec
from js import document

from ...core.errors import TransportError
from ...core.wire.transport import Request, Transport
from ..web.page_address import beside_page
from . import words

# Milliseconds would not be seen, and a download takes a minute.
_EVERY_S = 0.7
_HIDDEN_EVERY_S = 5.0
# The server tries a failed model anew.
_FAILED_EVERY_S = 5.0


class ModelStatus(msgspec.Struct):
    """Status of the model as the server's `api/status` has it; sizes in bytes, the window in
    tokens. `locked`: the server does not answer this browser.
    """

    state: Literal["absent", "downloading", "starting", "ready", "failed", "locked"] = "absent"
    id: str = ""
    label: str = words.BUILT_IN_MODEL
    received_bytes: int = 0
    total_bytes: int = 0
    message: str = ""
    window: int | None = None

    @property
    def is_coming(self) -> bool:
        return self.state in ("downloading", "starting")

    @property
    def doing(self) -> str:
        """The state of the model, in a few words."""
        return words.model_state(self.state, self.received_bytes, self.total_bytes)

    @property
    def share(self) -> float:
        """The share of the download that is here, from 0 to 1."""
        if self.state == "starting":
            return 1.0
        return self.received_bytes / self.total_bytes if self.total_bytes else 0.0


class AgentStatus(msgspec.Struct):
    """A person's file that answers, given to `serve.py`. `error` says why it can't be used as it is
    now; with `reload` it is looked at again and again. `takes_tools`: those of the page are of use
    to it.
    """

    title: str
    state: Literal["starting", "ready", "failed"] = "starting"
    description: str = ""
    error: str = ""
    reload: bool = False
    takes_tools: bool = False


class ServerStatus(msgspec.Struct):
    """Status of this page's server. `relay`: whether it asks providers for it; `named`: the model
    that new chats should begin with, by its name; `agent`: a person's file that answers instead of
    a model; `keys`: the providers whose key it has; `chats`: whether any may run there;
    `on_server`: whether the agent's answers are given and kept there, where a chat says nothing
    else, None where they can't be.

    `is_said`: the server said so itself.
    """

    model: ModelStatus
    relay: bool = False
    named: str = ""
    agent: AgentStatus | None = None
    keys: list[str] = []
    chats: bool = False
    on_server: bool | None = None
    is_said: bool = True


async def statuses(transport: Transport) -> AsyncGenerator[ServerStatus]:
    """Yield each new status; the last one when the model is there, or nobody says how it is."""
    known: ServerStatus | None = None
    while True:
        status = await _ask(transport)
        if status != known:
            known = status
            yield status
        agent = status.agent
        if status.model.is_coming or (agent and (agent.reload or agent.state == "starting")):
            await asyncio.sleep(_HIDDEN_EVERY_S if document.hidden else _EVERY_S)
        elif status.model.state == "failed" and status.is_said:
            await asyncio.sleep(_FAILED_EVERY_S)
        else:
            return


class _Error(msgspec.Struct):
    message: str = ""
    code: str | None = None


class _Refusal(msgspec.Struct):
    error: _Error


async def _ask(transport: Transport) -> ServerStatus:
    request = Request("GET", beside_page("api/status"), {"accept": "application/json"})
    try:
        async with transport.open(request) as response:
            body = b"".join([chunk async for chunk in response.chunks()])
        if response.status in words.NOT_LET_IN:
            why = _of_login(body) or words.NOT_LET_IN[response.status]
            return ServerStatus(ModelStatus("locked", message=why))
        return msgspec.json.decode(body, type=ServerStatus)
    except TransportError as error:
        return ServerStatus(ModelStatus("failed", message=str(error)), is_said=False)
    except msgspec.MsgspecError:
        return ServerStatus(ModelStatus("failed", message=words.FOREIGN_STATUS), is_said=False)


def _of_login(refusal: bytes) -> str:
    """Give the server's words on who has logged in; empty where it says none."""
    with suppress(msgspec.MsgspecError):
        error = msgspec.json.decode(refusal, type=_Refusal).error
        if error.code in words.LOGIN_CODES:
            return error.message
    return ""
