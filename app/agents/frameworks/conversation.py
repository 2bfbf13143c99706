"""A conversation as frameworks take it, and the question that all of them ask of a person."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from ...core.messages import Message, user
from ...core.options import ToolDefinition
from ...protocols.valid_history import alternating, settled
from ..request import Request

# No answer was given in it, so what providers keep with theirs stays behind.
_PROTOCOL = "framework"


class Conversation(NamedTuple):
    """A question, the messages before it, and the instructions that the person set. Where the page
    has run its tools, their results stand in the place of the question.
    """

    instructions: str
    before: list[Message]
    question: Message

    @property
    def goes_on(self) -> bool:
        """Tell whether results are told, and no question."""
        return self.question.role == "tool"


def conversation(request: Request) -> Conversation:
    """The messages as every model takes them: results of tools follow the answer that called them,
    in a message of their own.
    """
    messages = alternating(settled(request.messages, _PROTOCOL, ""))
    instructions = [one.text for one in messages if one.role == "system"]
    said = [one for one in messages if one.role != "system"]
    return Conversation("\n\n".join(instructions), said[:-1], said[-1] if said else user(""))


def page_tools(request: Request, own: Iterable[str]) -> list[ToolDefinition]:
    """The page's tools, but for those that have the name of one of the agent's own."""
    names = set(own)
    return [one for one in request.tools if one.name not in names]


async def allowed(request: Request, name: str, arguments: Mapping[str, Any] | str) -> bool:
    """Ask the person whether a tool may run."""
    if isinstance(arguments, str):
        with suppress(ValueError):  # else shown as it is
            arguments = json.loads(arguments or "{}")
    return await request.ask(f"May {name} run?", arguments=arguments)
