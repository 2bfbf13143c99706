"""A graph of LangGraph whose state has `messages`. Source: https://docs.langchain.com (1.2)."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, ToolMessage
from langgraph.types import Command, Interrupt

from ...core.errors import UsageError
from ...core.events import ContentDelta, Event, ReasoningDelta
from ...core.messages import File, Message, ToolResult, Usage
from ...protocols.tolerant import as_dict, as_int
from ..calls import Calls
from ..request import Request
from .conversation import allowed, conversation

# Kept with a chat: the graph's thread, and the questions that it has seen.
_THREAD = "langgraph thread"


def answering(graph: Any) -> Callable[[Request], AsyncIterator[list[Event]]]:
    """Let the graph answer. An interrupt asks the person for a yes or no.

    Raises:
        UsageError: Its state has no `messages`.
    """
    if hasattr(graph, "compile"):
        graph = graph.compile()
    if "messages" not in graph.channels:
        raise UsageError("the graph's state has no 'messages', so it cannot be told what was asked")

    async def answer(request: Request) -> AsyncIterator[list[Event]]:
        thread, messages = _thread(request, is_kept=bool(graph.checkpointer))
        config = {"configurable": {"thread_id": thread}}
        given: Any = {"messages": messages}
        reading = _Reading()
        while given is not None:
            asked: list[Interrupt] = []
            async for mode, data in graph.astream(
                given, config, stream_mode=["messages", "updates", "values"]
            ):
                if mode == "updates" and "__interrupt__" in data:
                    asked += data["__interrupt__"]
                elif batch := reading.read(mode, data):
                    yield batch
            answers = {one.id: await _answered(request, one.value) for one in asked}
            given = Command(resume=answers) if answers else None
        if batch := reading.rest():
            yield batch

    return answer


def _thread(request: Request, *, is_kept: bool) -> tuple[str, list[dict[str, Any]]]:
    """Choose the thread that goes on, and the messages for it. A graph that keeps its threads is
    told the question alone; where another conversation leads to it (an edited question, another
    branch), it begins anew and is told all.
    """
    asked = conversation(request)
    questions = [one.text for one in asked.before if one.role == "user"]
    known, seen = request.state.get(_THREAD, ("", None))
    thread = known if is_kept and seen == questions else uuid4().hex
    request.state[_THREAD] = thread, [*questions, asked.question.text]
    if thread == known:
        return thread, [*_entries(asked.question)]
    instructions = [{"role": "system", "content": asked.instructions}] if asked.instructions else []
    said = [entry for one in (*asked.before, asked.question) for entry in _entries(one)]
    return thread, [*instructions, *said]


async def _answered(request: Request, value: Any) -> Any:
    """Ask a person about an interrupt; LangChain's middleware wants a decision on each of its
    calls.
    """
    if calls := as_dict(value).get("action_requests"):
        said = [await allowed(request, call["name"], call["args"]) for call in calls]
        return {"decisions": [{"type": "approve" if yes else "reject"} for yes in said]}
    if isinstance(value, str):
        return await request.ask(value)
    return await request.ask("May it go on?", about=value)


class _Reading:
    """Text comes from `messages`, calls and results, which are whole there, from `updates`."""

    def __init__(self) -> None:
        self._calls = Calls()
        self._usage: Usage | None = None
        self._has_text = False
        self._last: Any = None

    def read(self, mode: str, data: Any) -> list[Event]:
        if mode == "values":
            self._last = data.get("messages")
            return []
        if mode == "messages":
            message = data[0]
            return self._text(message) if isinstance(message, AIMessage) else []
        return [event for update in data.values() for event in self._update(update)]

    def rest(self) -> list[Event]:
        """Give the events known at the end alone: the tokens, and text of nodes that give no
        messages.
        """
        said: list[Event] = []
        if not self._has_text and self._last and isinstance(self._last[-1], AIMessage):
            said += self._text(self._last[-1])
        return [*said, *([self._usage] if self._usage else [])]

    def _text(self, message: Any) -> list[Event]:
        self._count(as_dict(message.usage_metadata))
        said: list[Event] = []
        for block in message.content_blocks:
            match block:
                case {"type": "text", "text": str(text)} if text:
                    said.append(ContentDelta(text))
                case {"type": "reasoning", "reasoning": str(text)} if text:
                    said.append(ReasoningDelta(text))
        self._has_text = self._has_text or bool(said)
        return said

    def _count(self, counted: dict[str, Any]) -> None:
        if counted:
            usage = Usage(
                as_int(counted.get("input_tokens")),
                as_int(counted.get("output_tokens")),
                as_int(counted.get("total_tokens")),
                as_int(as_dict(counted.get("input_token_details")).get("cache_read")),
                as_int(as_dict(counted.get("output_token_details")).get("reasoning")),
            )
            self._usage = usage if self._usage is None else self._usage + usage

    def _update(self, update: Any) -> Iterator[Event]:
        for one in update if isinstance(update, list) else [update]:
            messages = as_dict(one).get("messages")
            for message in messages if isinstance(messages, list) else [messages]:
                match message:
                    case AIMessage():
                        for call in message.tool_calls:
                            yield from self._calls.whole(call["id"], call["name"], call["args"])
                    case ToolMessage():
                        yield from self._calls.result(
                            message.tool_call_id, message.text, is_error=message.status == "error"
                        )


def _entries(message: Message) -> Iterator[dict[str, Any]]:
    """A message in OpenAI's words, which LangChain reads."""
    match message.role:
        case "tool":
            for result in message.parts:
                if isinstance(result, ToolResult):
                    yield {
                        "role": "tool",
                        "tool_call_id": result.call_id,
                        "content": result.content,
                    }
        case "assistant":
            entry: dict[str, Any] = {"role": "assistant", "content": message.text}
            if message.tool_calls:
                entry["tool_calls"] = [
                    {
                        "id": call.id,
                        "type": "function",
                        "function": {"name": call.name, "arguments": call.arguments or "{}"},
                    }
                    for call in message.tool_calls
                ]
            yield entry
        case _ if message.files:
            text = {"type": "text", "text": message.text}
            yield {"role": "user", "content": [text, *map(_attached, message.files)]}
        case _:
            yield {"role": "user", "content": message.text}


def _attached(file: File) -> dict[str, Any]:
    if file.mime_type.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": file.url}}
    return {"type": "file", "file": {"filename": file.name, "file_data": file.url}}
