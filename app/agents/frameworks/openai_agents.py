"""An agent of openai-agents. Source: https://openai.github.io/openai-agents-python (0.24)."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from agents import FunctionTool, Runner

from ...core.events import ContentDelta, Event, ReasoningDelta, RefusalDelta
from ...core.messages import File, Message, ToolResult, Usage
from ...core.options import ToolDefinition
from ..calling import TAKES_TOOLS
from ..calls import Calls
from ..request import Request
from .conversation import allowed, conversation, page_tools

_DELTAS: dict[str, Callable[[str], Event]] = {
    "response.output_text.delta": ContentDelta,
    "response.refusal.delta": RefusalDelta,
    "response.reasoning_text.delta": ReasoningDelta,
    "response.reasoning_summary_text.delta": ReasoningDelta,
}


def answering(agent: Any) -> Callable[[Request], AsyncIterator[list[Event]]]:
    """Let the agent answer, and those that it hands over to. Tools that need approval ask; the
    page's are such, too, and the answer ends where one is called. Who is handed over to has none.
    """

    async def answer(request: Request) -> AsyncIterator[list[Event]]:
        asked = conversation(request)
        instructions = [_entry("system", asked.instructions)] if asked.instructions else []
        given: Any = [*instructions, *_items([*asked.before, asked.question])]
        offered = page_tools(request, [one.name for one in agent.tools])
        tools = [*agent.tools, *map(_tool, offered)]
        asking = agent.clone(tools=tools) if offered else agent
        reading = _Reading(offered)
        while True:
            run = Runner.run_streamed(asking, given)
            try:
                async for event in run.stream_events():
                    if batch := reading.read(event):
                        yield batch
            finally:
                run.cancel()
            waiting = [one for one in run.interruptions if not reading.leaves(one)]
            if not waiting:
                break
            given = run.to_state()
            for call in waiting:
                said = await allowed(request, call.tool_name or "", call.raw_item.arguments or "")
                (given.approve if said else given.reject)(call)
        yield [_usage(run.context_wrapper.usage), *reading.end()]

    setattr(answer, TAKES_TOOLS, True)
    return answer


def _tool(offered: ToolDefinition) -> FunctionTool:
    async def never(_: Any, arguments: str) -> str:
        return ""  # it is not approved, so not run

    return FunctionTool(
        offered.name,
        offered.description,
        offered.parameters,
        never,
        strict_json_schema=False,
        needs_approval=True,
    )


class _Reading:
    def __init__(self, offered: Sequence[ToolDefinition]) -> None:
        self._calls = Calls(offered)
        # Which kinds of text came piece by piece since the last item: models may give it whole.
        self._streamed: set[Callable[[str], Event]] = set()

    def read(self, event: Any) -> list[Event]:
        if event.type == "raw_response_event":
            make = _DELTAS.get(event.data.type)
            if make is None or not event.data.delta:
                return []
            self._streamed.add(make)
            return [make(event.data.delta)]
        return self._item(event.item) if event.type == "run_item_stream_event" else []

    def leaves(self, call: Any) -> bool:
        """Tell whether a call that waits is one of the page's tools."""
        return _id(call.raw_item) in self._calls.left

    def end(self) -> list[Event]:
        return self._calls.end()

    def _item(self, item: Any) -> list[Event]:
        raw = item.raw_item
        match item.type:
            case "message_output_item":
                said: list[Event] = [
                    ContentDelta(part.text)
                    if part.type == "output_text"
                    else RefusalDelta(part.refusal)
                    for part in raw.content
                ]
                return self._unless_streamed(said)
            case "reasoning_item":
                parts = [*(raw.content or ()), *raw.summary]
                return self._unless_streamed([ReasoningDelta(part.text) for part in parts])
            case "tool_call_item" | "handoff_call_item":
                name = _of(raw, "name") or _of(raw, "type")
                return self._calls.whole(_id(raw), name, _of(raw, "arguments") or "{}")
            case "tool_call_output_item":
                return self._calls.result(_id(raw), item.output)
            case "handoff_output_item":
                return self._calls.result(_id(raw), _of(raw, "output"))
        return []

    def _unless_streamed(self, said: list[Event]) -> list[Event]:
        left = [event for event in said if type(event) not in self._streamed]
        self._streamed -= {type(event) for event in said}
        return left


def _of(raw: Any, name: str) -> Any:
    return raw.get(name) if isinstance(raw, dict) else getattr(raw, name, None)


def _id(raw: Any) -> str:
    return _of(raw, "call_id") or _of(raw, "id") or ""


def _usage(counted: Any) -> Usage:
    return Usage(
        counted.input_tokens,
        counted.output_tokens,
        counted.total_tokens,
        counted.input_tokens_details.cached_tokens,
        counted.output_tokens_details.reasoning_tokens,
    )


def _items(messages: list[Message]) -> Iterator[dict[str, Any]]:
    """Messages as items of OpenAI's Responses."""
    for message in messages:
        match message.role:
            case "tool":
                for result in message.parts:
                    if isinstance(result, ToolResult):
                        yield {
                            "type": "function_call_output",
                            "call_id": result.call_id,
                            "output": result.content,
                        }
            case "assistant":
                if message.text:
                    yield _entry("assistant", message.text)
                for call in message.tool_calls:
                    yield {
                        "type": "function_call",
                        "call_id": call.id,
                        "name": call.name,
                        "arguments": call.arguments or "{}",
                    }
            case _ if message.files:
                text = {"type": "input_text", "text": message.text}
                yield _entry("user", [text, *map(_attached, message.files)])
            case _:
                yield _entry("user", message.text)


def _entry(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


def _attached(file: File) -> dict[str, Any]:
    if file.mime_type.startswith("image/"):
        return {"type": "input_image", "image_url": file.url, "detail": "auto"}
    kind = "file_data" if file.url.startswith("data:") else "file_url"
    return {"type": "input_file", kind: file.url} | ({"filename": file.name} if file.name else {})
