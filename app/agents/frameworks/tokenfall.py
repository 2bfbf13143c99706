"""A `Chat` of ours: its provider, model, tools and settings, with each chat's own conversation."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from uuid import uuid4

from msgspec.structs import replace

from ...core.events import (
    ApprovalRequest,
    Event,
    MessageStart,
    StepStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)
from ...core.running.chat import Chat
from ...core.running.run import Run
from ..calling import TAKES_TOOLS
from ..request import Request
from ..step import sink
from .conversation import allowed

# Kept with a chat: its identity (AG-UI's thread, a provider's cache).
_KEY = "tokenfall key"
_NOBODY = "Nobody gives the results of this tool here."


def answering(chat: Chat) -> Callable[[Request], AsyncGenerator[list[Event]]]:
    """Let the chat's model answer, after the messages that the chat has. Tools that ask first ask
    the person.
    """

    async def answer(request: Request) -> AsyncGenerator[list[Event]]:
        run = _asked(chat, request)
        reading = _Reading(run)
        async with run, aclosing(run.batches()) as batches:
            async for batch in batches:
                if told := [one for event in batch if (one := reading.read(event))]:
                    yield told
                for call in reading.waiting():
                    if call.wants == "result":
                        run.give(call.call_id, _NOBODY, is_error=True)
                    else:
                        said = await allowed(request, call.name, call.arguments)
                        run.decide(call.call_id, "once" if said else "deny")

    setattr(answer, TAKES_TOOLS, True)
    return answer


def _asked(chat: Chat, request: Request) -> Run:
    instructions = [one.text for one in request.messages if one.role == "system"]
    said = [one for one in request.messages if one.role != "system"]
    key = request.state.setdefault(_KEY, uuid4().hex)
    going_on = bool(said) and said[-1].role == "tool"
    asking = Chat(
        chat.provider,
        chat.model,
        tools=chat.toolbox,
        instructions="\n\n".join(filter(None, [chat.instructions, *instructions])),
        options=replace(chat.options, cache_key=key, tools=[*chat.options.tools, *request.tools]),
        transport=chat.transport,
        deadlines=chat.deadlines,
        retries=chat.retries,
        fallbacks=chat.fallbacks,
        max_steps=chat.max_steps,
        messages=[*chat.messages, *(said if going_on else said[:-1])],
    )
    return asking.go_on() if going_on else asking.stream(said[-1].parts if said else "")


class _Reading:
    """The events of a run as those of the answer that it is told in."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._sink = sink.get()
        self._indexes: dict[int, int] = {}
        self._waiting: list[ApprovalRequest] = []

    def waiting(self) -> list[ApprovalRequest]:
        """The calls that wait since this was asked last."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def read(self, event: Event) -> Event | None:
        match event:
            case ApprovalRequest():
                self._waiting.append(event)
                return None
            case MessageStart():
                # A provider's extras of an answer come back with the next question.
                who = self._run.message
                return replace(event, protocol=who.protocol, provider=who.provider)
            case StepStart():
                self._sink.count_anew()
                self._indexes = {}
            case ToolCallStart():
                # A step of a tool may have taken the number.
                self._indexes[event.index] = self._sink.next_index()
                return replace(event, index=self._indexes[event.index])
            case ToolCallDelta() | ToolCallEnd():
                return replace(event, index=self._indexes[event.index])
        return event
