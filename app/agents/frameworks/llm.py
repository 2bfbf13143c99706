"""A model of `llm`, or a conversation with one, which may have tools. Source:
https://llm.datasette.io (0.36).
"""

import base64
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import llm
from llm.parts import TextPart, ToolCallPart, ToolResultPart

from ...core.events import ContentDelta, Event, ReasoningDelta
from ...core.messages import File, Message, ToolResult, Usage
from ...core.options import ToolDefinition
from ...protocols.data_urls import parse_data_url
from ..calling import TAKES_TOOLS
from ..calls import Calls
from ..request import Request
from .conversation import conversation, page_tools


def answering(thing: Any) -> Callable[[Request], Any]:
    """Let the model answer, in a conversation of each answer's own, with the tools of the given
    one and those of the page, at whose calls it ends. A model that is not async runs in a thread.
    """
    model = getattr(thing, "model", thing)
    tools = getattr(thing, "tools", None)
    hooks = {
        name: getattr(thing, name, None) for name in ("before_call", "after_call", "chain_limit")
    }
    given = {name: value for name, value in hooks.items() if value is not None}
    run = {name: value for name, value in given.items() if name != "chain_limit"}

    def chain(request: Request, offered: list[ToolDefinition]) -> Any:
        asked = conversation(request)
        said = [*asked.before, asked.question]
        first = [llm.system(asked.instructions)] if asked.instructions else []
        talk = model.conversation(tools=[*(tools or ()), *map(_tool, offered)] or None, **given)
        return talk.chain(messages=[*first, *map(_said, said)])

    def begun(request: Request) -> "tuple[Any, _Reading]":
        named = [getattr(one, "name", "") or getattr(one, "__name__", "") for one in tools or ()]
        offered = page_tools(request, named)
        return chain(request, offered), _Reading(offered)

    def answer(request: Request) -> Iterator[list[Event]]:
        asked, reading = begun(request)
        for response in asked.responses():
            yield reading.results(response.prompt.tool_results)
            for event in response.stream_events():
                yield reading.read(event)
            calls = response.tool_calls()
            yield reading.calls(calls, response.usage())
            if own := reading.own_beside_left(calls):
                yield reading.results(response.execute_tool_calls(tool_calls_list=own, **run))
            if reading.leaves:
                break
        yield reading.end()

    async def async_answer(request: Request) -> AsyncIterator[list[Event]]:
        asked, reading = begun(request)
        async for response in asked.responses():
            yield reading.results(response.prompt.tool_results)
            async for event in response.astream_events():
                yield reading.read(event)
            calls = await response.tool_calls()
            yield reading.calls(calls, await response.usage())
            if own := reading.own_beside_left(calls):
                results = await response.execute_tool_calls(tool_calls_list=own, **run)
                yield reading.results(results)
            if reading.leaves:
                break
        yield reading.end()

    chosen = async_answer if isinstance(model, llm.AsyncModel | llm.AsyncKeyModel) else answer
    setattr(chosen, TAKES_TOOLS, True)
    return chosen


def _tool(offered: ToolDefinition) -> llm.Tool:
    return llm.Tool(offered.name, offered.description, offered.parameters, lambda **_: "")


class _Reading:
    """The responses of one answer; a response is asked with the results of the one before."""

    def __init__(self, offered: list[ToolDefinition]) -> None:
        self._calls = Calls(offered)
        self._usages: list[Usage] = []

    def read(self, event: Any) -> list[Event]:
        if event.type == "text" and event.chunk:
            return [ContentDelta(event.chunk)]
        return [ReasoningDelta(event.chunk)] if event.type == "reasoning" and event.chunk else []

    def calls(self, calls: list[Any], usage: Any) -> list[Event]:
        self._usages.append(Usage(usage.input, usage.output))
        return [
            event
            for call in calls
            for event in self._calls.whole(call.tool_call_id, call.name, call.arguments)
        ]

    @property
    def leaves(self) -> bool:
        """Tell whether a call waits for the page."""
        return bool(self._calls.left)

    def own_beside_left(self, calls: list[Any]) -> list[Any]:
        """The agent's own calls beside those that wait for the page: nobody else runs them."""
        return [one for one in calls if self.leaves and one.tool_call_id not in self._calls.left]

    def results(self, results: list[Any]) -> list[Event]:
        return [
            event
            for one in results
            for event in self._calls.result(
                one.tool_call_id, one.output, is_error=one.exception is not None
            )
        ]

    def end(self) -> list[Event]:
        return [sum(self._usages[1:], self._usages[0]), *self._calls.end()]


def _said(message: Message) -> Any:
    match message.role:
        case "assistant":
            calls = [
                ToolCallPart(call.name, json.loads(call.arguments or "{}"), call.id)
                for call in message.tool_calls
            ]
            return llm.assistant(*([TextPart(message.text)] if message.text else []), *calls)
        case "tool":
            results = [one for one in message.parts if isinstance(one, ToolResult)]
            return llm.tool_message(
                *(ToolResultPart(one.name, one.content, one.call_id) for one in results)
            )
    return llm.user(message.text, *map(_attached, message.files))


def _attached(file: File) -> Any:
    if (inline := parse_data_url(file.url)) is not None:
        kind, data = inline
        return llm.Attachment(type=file.mime_type or kind, content=base64.b64decode(data))
    return llm.Attachment(type=file.mime_type or None, url=file.url)
