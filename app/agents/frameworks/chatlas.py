"""A chat of chatlas. Source: https://posit-dev.github.io/chatlas (0.23)."""

import copy
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from chatlas import (
    AssistantTurn,
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
from ..calls import Calls
from ..request import Request
from .conversation import conversation

_CUT: dict[str, FinishReason] = {
    "max_tokens": "length",
    "context_window": "length",
    "content_filter": "content_filter",
}


def answering(chat: Any) -> Callable[[Request], AsyncIterator[list[Event]]]:
    """Let a copy of the chat answer, so that its own turns stay what they are: those before all."""

    async def answer(request: Request) -> AsyncIterator[list[Event]]:
        asked = conversation(request)
        own = copy.deepcopy(chat)
        if asked.instructions:
            given = [own.system_prompt, asked.instructions]
            own.system_prompt = "\n\n".join(text for text in given if text)
        before = [*own.get_turns(), *map(_turn, asked.before)]
        own.set_turns(before)
        reading = _Reading()
        pieces = await own.stream_async(*_contents(asked.question), content="all")
        try:
            async for piece in pieces:
                if batch := reading.read(piece):
                    yield batch
        finally:
            await pieces.aclose()
        turns = [one for one in own.get_turns()[len(before) :] if isinstance(one, AssistantTurn)]
        yield _end(turns)

    return answer


class _Reading:
    def __init__(self) -> None:
        self._calls = Calls()

    def read(self, piece: Any) -> list[Event]:
        match piece:
            case str():
                return [ContentDelta(piece)] if piece else []
            case ContentThinkingDelta(thinking=text) | ContentThinking(thinking=text):
                return [ReasoningDelta(text)] if text else []
            case ContentToolRequest():
                return self._calls.whole(piece.id, piece.name, piece.arguments)
            case ContentToolResult() if piece.request is not None:
                is_error = piece.error is not None
                content = str(piece.error) if is_error else piece.get_model_value()
                return self._calls.result(piece.request.id, content, is_error=is_error)
        return []


def _end(turns: list[Any]) -> list[Event]:
    """The tokens of all turns, and why the last one ended."""
    counted = [
        Usage(asked + cached, told, cached_tokens=cached)
        for asked, told, cached in (turn.tokens for turn in turns if turn.tokens)
    ]
    usage = [sum(counted[1:], counted[0])] if counted else []
    raw = (turns[-1].finish_reason if turns else None) or "stop"
    return [*usage, Done("complete", _CUT.get(raw, "stop"), raw)]


def _turn(message: Message) -> Turn:
    match message.role:
        case "assistant":
            text = [message.text] if message.text else []
            return AssistantTurn([*text, *map(_request, message.tool_calls)])
        case "tool":
            results = [one for one in message.parts if isinstance(one, ToolResult)]
            return UserTurn([*map(_result, results)])
    return UserTurn(_contents(message))


def _request(call: Any) -> ContentToolRequest:
    return ContentToolRequest(
        id=call.id, name=call.name, arguments=json.loads(call.arguments or "{}")
    )


def _result(result: ToolResult) -> ContentToolResult:
    request = ContentToolRequest(id=result.call_id, name=result.name, arguments={})
    return ContentToolResult(value=result.content, request=request)


def _contents(message: Message) -> list[Any]:
    return [message.text, *map(_attached, message.files)]


def _attached(file: File) -> Any:
    if file.mime_type.startswith("image/"):
        return content_image_url(file.url)
    read = content_pdf_url if file.mime_type == "application/pdf" else content_document_url
    return read(file.url)
