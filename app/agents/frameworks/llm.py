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
from ...protocols.data_urls import parse_data_url
from ..calls import Calls
from ..request import Request
from .conversation import conversation


def answering(thing: Any) -> Callable[[Request], Any]:
    """Let the model answer, in a conversation of each answer's own, with the tools of the given
    one. A model that is not async runs in a thread.
    """
    model = getattr(thing, "model", thing)
    tools = getattr(thing, "tools", None)
    hooks = {
        name: getattr(thing, name, None) for name in ("before_call", "after_call", "chain_limit")
    }
    given = {name: value for name, value in hooks.items() if value is not None}

    def chain(request: Request) -> Any:
        asked = conversation(request)
        said = [*asked.before, asked.question]
        first = [llm.system(asked.instructions)] if asked.instructions else []
        return model.conversation(tools=tools, **given).chain(messages=[*first, *map(_said, said)])

    def answer(request: Request) -> Iterator[list[Event]]:
        reading = _Reading()
        for response in chain(request).responses():
            yield reading.results(response)
            for event in response.stream_events():
                yield reading.read(event)
            yield reading.calls(response.tool_calls(), response.usage())
        yield reading.usage()

    async def async_answer(request: Request) -> AsyncIterator[list[Event]]:
        reading = _Reading()
        async for response in chain(request).responses():
            yield reading.results(response)
            async for event in response.astream_events():
                yield reading.read(event)
            yield reading.calls(await response.tool_calls(), await response.usage())
        yield reading.usage()

    return async_answer if isinstance(model, llm.AsyncModel | llm.AsyncKeyModel) else answer


class _Reading:
    """The responses of one answer; a response is asked with the results of the one before."""

    def __init__(self) -> None:
        self._calls = Calls()
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

    def results(self, response: Any) -> list[Event]:
        return [
            event
            for one in response.prompt.tool_results
            for event in self._calls.result(
                one.tool_call_id, one.output, is_error=one.exception is not None
            )
        ]

    def usage(self) -> list[Event]:
        return [sum(self._usages[1:], self._usages[0])]


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
