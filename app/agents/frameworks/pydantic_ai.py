"""An agent of pydantic-ai. Source: https://ai.pydantic.dev (2.68)."""

import base64
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from pydantic_ai import messages as told
from pydantic_ai.capabilities import HandleDeferredToolCalls, ReinjectSystemPrompt
from pydantic_ai.tools import (
    DeferredToolRequests,
    DeferredToolResults,
    RunContext,
    ToolDefinition,
)
from pydantic_ai.toolsets import ExternalToolset

from ...core.events import ContentDelta, Done, Event, ReasoningDelta
from ...core.messages import File, FinishReason, Message, ToolResult, Usage
from ...protocols.data_urls import data_url, parse_data_url
from ..calling import TAKES_TOOLS
from ..calls import Calls
from ..giving import events_of
from ..request import Request
from .conversation import allowed, conversation, page_tools

_CUT: dict[str, FinishReason] = {"length": "length", "content_filter": "content_filter"}


def answering(agent: Any) -> Callable[[Request], AsyncIterator[list[Event]]]:
    """Let the agent answer. Tools that want approval ask the person; the page's are external ones,
    at whose calls the run ends.
    """

    async def answer(request: Request) -> AsyncIterator[list[Event]]:
        async def approve(
            context: RunContext[Any], asked: DeferredToolRequests
        ) -> DeferredToolResults:
            said = {
                call.tool_call_id: await allowed(request, call.tool_name, call.args_as_json_str())
                for call in asked.approvals
            }
            return asked.build_results(approvals=said)

        asked = conversation(request)
        own = [name for one in agent.toolsets for name in getattr(one, "tools", ())]
        offered = page_tools(request, own)
        said = [*asked.before, *([asked.question] if asked.goes_on else [])]
        given: dict[str, Any] = {}
        if offered:
            given["toolsets"] = [ExternalToolset([*map(_tool, offered)])]
            given["output_type"] = [agent.output_type, DeferredToolRequests]
        running = agent.run_stream_events(
            None if asked.goes_on else _content(asked.question),
            message_history=[*map(_said, said)],
            instructions=asked.instructions or None,
            capabilities=[HandleDeferredToolCalls(handler=approve), ReinjectSystemPrompt()],
            **given,
        )
        reading = _Reading(offered)
        async with running as events:
            async for event in events:
                if batch := reading.read(event):
                    yield batch

    setattr(answer, TAKES_TOOLS, True)
    return answer


def _tool(offered: Any) -> ToolDefinition:
    return ToolDefinition(
        name=offered.name,
        description=offered.description,
        parameters_json_schema=offered.parameters,
    )


class _Reading:
    def __init__(self, offered: Sequence[Any]) -> None:
        self._calls = Calls(offered)
        self._output_tool: str | None = None

    def read(self, event: Any) -> list[Event]:
        match event:
            case told.PartStartEvent(part=part):
                return self._begun(part)
            case told.PartDeltaEvent(delta=told.TextPartDelta(content_delta=text)) if text:
                return [ContentDelta(text)]
            case told.PartDeltaEvent(delta=told.ThinkingPartDelta(content_delta=text)) if text:
                return [ReasoningDelta(text)]
            case told.PartEndEvent(part=told.NativeToolCallPart() as call):
                return self._calls.whole(call.tool_call_id, call.tool_name, call.args_as_json_str())
            case told.FinalResultEvent(tool_name=name):
                self._output_tool = name
            case told.FunctionToolCallEvent(part=call):
                return self._calls.whole(call.tool_call_id, call.tool_name, call.args_as_json_str())
            case told.FunctionToolResultEvent(part=result):
                return self._result(result)
            case _ if event.event_kind == "agent_run_result":
                return self._ended(event.result)
        return []

    def _begun(self, part: Any) -> list[Event]:
        match part:
            case told.TextPart(content=text) if text:
                return [ContentDelta(text)]
            case told.ThinkingPart(content=text) if text:
                return [ReasoningDelta(text)]
            case told.FilePart(content=content):
                data = base64.b64encode(content.data).decode()
                return [File(data_url(content.media_type, data), content.media_type)]
            case told.NativeToolReturnPart():
                return self._result(part)
        return []

    def _result(self, part: Any) -> list[Event]:
        content = part.model_response_str()
        return self._calls.result(part.tool_call_id, content, is_error=part.outcome != "success")

    def _ended(self, result: Any) -> list[Event]:
        """Give the output that was not told as text, the tokens, and why the model stopped."""
        output = result.output
        if hasattr(output, "model_dump"):
            output = output.model_dump(mode="json")
        is_told = not self._output_tool or isinstance(output, DeferredToolRequests)
        shown = [] if is_told else events_of(output)
        counted = result.usage
        usage = Usage(
            counted.input_tokens,
            counted.output_tokens,
            cached_tokens=counted.cache_read_tokens,
            reasoning_tokens=counted.output_reasoning_tokens,
        )
        if isinstance(result.output, DeferredToolRequests):
            return [usage, *self._calls.end()]
        raw = result.response.finish_reason or "stop"
        return [*shown, usage, Done("complete", _CUT.get(raw, "stop"), raw)]


def _said(message: Message) -> Any:
    """A message as one that pydantic-ai knows."""
    match message.role:
        case "assistant":
            calls = [
                told.ToolCallPart(call.name, call.arguments, call.id) for call in message.tool_calls
            ]
            text = [told.TextPart(message.text)] if message.text else []
            return told.ModelResponse([*text, *calls])
        case "tool":
            results = [one for one in message.parts if isinstance(one, ToolResult)]
            return told.ModelRequest(
                [told.ToolReturnPart(one.name, one.content, one.call_id) for one in results]
            )
    return told.ModelRequest([told.UserPromptPart(_content(message))])


def _content(message: Message) -> Any:
    if not message.files:
        return message.text
    return [message.text, *map(_attached, message.files)]


def _attached(file: File) -> Any:
    if (inline := parse_data_url(file.url)) is not None:
        kind, data = inline
        return told.BinaryContent(base64.b64decode(data), media_type=file.mime_type or kind)
    return (told.ImageUrl if file.mime_type.startswith("image/") else told.DocumentUrl)(file.url)
