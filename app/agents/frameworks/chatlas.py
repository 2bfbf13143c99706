"""A chat of chatlas. Source: https://posit-dev.github.io/chatlas (0.23)."""

import copy
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from chatlas import (
    AssistantTurn,
    Tool,
    Turn,
    UserTurn,
    content_document_url,
    content_image_url,
    content_pdf_url,
)
from chatlas.types import (
    ContentThinking,
    ContentThinkingDelta,
    ContentToolRequest,
    ContentToolResult,
)

from ...core.events import ContentDelta, Done, Event, ReasoningDelta
from ...core.messages import File, FinishReason, Message, ToolResult, Usage
from ...core.options import ToolDefinition
from ..calling import TAKES_TOOLS
from ..calls import Calls
from ..request import Request
from .conversation import conversation, page_tools

_CUT: dict[str, FinishReason] = {
    "max_tokens": "length",
    "context_window": "length",
    "content_filter": "content_filter",
}


def answering(chat: Any) -> Callable[[Request], AsyncIterator[list[Event]]]:
    """Let a copy of the chat answer, so that its own turns stay what they are: those before all.
    The page's tools are registered with it; the answer ends with the turn that calls one.
    """

    async def answer(request: Request) -> AsyncIterator[list[Event]]:
        asked = conversation(request)
        own = copy.deepcopy(chat)
        if asked.instructions:
            given = [own.system_prompt, asked.instructions]
            own.system_prompt = "\n\n".join(text for text in given if text)
        before = [*own.get_turns(), *map(_turn, asked.before)]
        # Calls without a result in the turns before would be given one, of failure.
        own.set_turns([] if asked.goes_on else before)
        offered = page_tools(request, [one.name for one in own.get_tools()])
        for one in offered:
            own.register_tool(_tool(one))
        reading = _Reading(offered)
        pieces = await own.stream_async(*_contents(asked.question), content="all")
        own.set_turns(before)
        try:
            async for piece in pieces:
                if batch := reading.read(piece):
                    yield batch
                if reading.leaves and reading.is_turn_over(own.get_last_turn(role="assistant")):
                    break
        finally:
            await pieces.aclose()
        turns = [one for one in own.get_turns()[len(before) :] if isinstance(one, AssistantTurn)]
        counted = _usage(turns)
        yield [*counted, *reading.end()] if reading.leaves else [*counted, _done(turns)]

    setattr(answer, TAKES_TOOLS, True)
    return answer


def _tool(offered: ToolDefinition) -> Tool:
    return Tool(
        func=lambda **_: "",
        name=offered.name,
        description=offered.description,
        parameters=offered.parameters,
    )


class _Reading:
    def __init__(self, offered: Sequence[ToolDefinition]) -> None:
        self._calls = Calls(offered)
        self._had: set[str] = set()

    @property
    def leaves(self) -> bool:
        """Tell whether a call waits for the page."""
        return bool(self._calls.left)

    def is_turn_over(self, turn: Any) -> bool:
        """Tell whether all calls of the turn have results: the model would be asked next."""
        called = [one.id for one in turn.contents if isinstance(one, ContentToolRequest)]
        return self._had.issuperset(called)

    def end(self) -> list[Event]:
        return self._calls.end()

    def read(self, piece: Any) -> list[Event]:
        match piece:
            case str():
                return [ContentDelta(piece)] if piece else []
            case ContentThinkingDelta(thinking=text) | ContentThinking(thinking=text):
                return [ReasoningDelta(text)] if text else []
            case ContentToolRequest():
                return self._calls.whole(piece.id, piece.name, piece.arguments)
            case ContentToolResult() if piece.request is not None:
                self._had.add(piece.request.id)
                is_error = piece.error is not None
                content = str(piece.error) if is_error else piece.get_model_value()
                return self._calls.result(piece.request.id, content, is_error=is_error)
        return []


def _usage(turns: list[Any]) -> list[Event]:
    """Add up the tokens of all turns."""
    counted = [
        Usage(asked + cached, told, cached_tokens=cached)
        for asked, told, cached in (turn.tokens for turn in turns if turn.tokens)
    ]
    return [sum(counted[1:], counted[0])] if counted else []


def _done(turns: list[Any]) -> Done:
    raw = (turns[-1].finish_reason if turns else None) or "stop"
    return Done("complete", _CUT.get(raw, "stop"), raw)


def _turn(message: Message) -> Turn:
    if message.role == "assistant":
        text = [message.text] if message.text else []
        return AssistantTurn([*text, *map(_request, message.tool_calls)])
    return UserTurn(_contents(message))


def _request(call: Any) -> ContentToolRequest:
    return ContentToolRequest(
        id=call.id, name=call.name, arguments=json.loads(call.arguments or "{}")
    )


def _result(result: ToolResult) -> ContentToolResult:
    request = ContentToolRequest(id=result.call_id, name=result.name, arguments={})
    return ContentToolResult(value=result.content, request=request)


def _contents(message: Message) -> list[Any]:
    if message.role == "tool":
        return [_result(one) for one in message.parts if isinstance(one, ToolResult)]
    return [message.text, *map(_attached, message.files)]


def _attached(file: File) -> Any:
    if file.mime_type.startswith("image/"):
        return content_image_url(file.url)
    read = content_pdf_url if file.mime_type == "application/pdf" else content_document_url
    return read(file.url)
