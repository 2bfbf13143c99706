"""A history as the Messages API wants it: turns, each a list of blocks."""

import base64
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ...core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    ToolCall,
    ToolResult,
)
from ..data_urls import parse_data_url
from ..rendering import as_object
from ..tolerant import as_dict, as_str
from ..valid_history import settled

NAME = "anthropic-messages"

_NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")


def turns(messages: Sequence[Message], provider: str, model: str) -> list[dict[str, Any]]:
    """The turns of a conversation without its instructions; those of one side are joined."""
    turns: list[dict[str, Any]] = []
    for message in settled(messages, NAME, provider, model, is_open=_is_open):
        if message.role == "assistant":
            role, blocks = "assistant", list(_assistant_blocks(message))
        else:
            role, blocks = "user", list(_user_blocks(message))
        if not blocks:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    for turn in turns:
        _forget_callers(turn["content"])
    return turns


def _forget_callers(blocks: list[dict[str, Any]]) -> None:
    """Take the mention of a program off calls that it made, where it is not told itself."""
    ids = {block.get("id") for block in blocks}
    for block in blocks:
        caller = as_dict(block.get("caller"))
        if caller.get("type") != "direct" and caller.get("tool_id") not in ids:
            block.pop("caller", None)


def _is_open(_: Message, tool: ProviderTool) -> bool:
    """Tell whether the tool was called and has no result, which is refused."""
    kinds = [as_str(as_dict(head).get("type")) for _, head in tool.extra or ()]
    is_called = any(kind.endswith("_tool_use") for kind in kinds)
    return is_called and not any(kind.endswith("_tool_result") for kind in kinds)


def _user_blocks(message: Message) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ToolResult):
            block: dict[str, Any] = {"type": "tool_result", "tool_use_id": _id(part.call_id)}
            if part.content:
                block["content"] = part.content
            if part.is_error:
                block["is_error"] = True
            yield block
        elif isinstance(part, File):
            yield _file_block(part)
    if message.role != "tool" and message.text.strip():
        yield {"type": "text", "text": message.text}


def _file_block(file: File) -> dict[str, Any]:
    source: dict[str, Any] = {"type": "url", "url": file.url}
    mime_type = file.mime_type
    if inline := parse_data_url(file.url):
        mime_type = mime_type or inline[0]
        source = {"type": "base64", "media_type": mime_type, "data": inline[1]}
        if mime_type.startswith("text/"):
            text = base64.b64decode(inline[1]).decode("utf-8", "replace")
            source = {"type": "text", "media_type": "text/plain", "data": text}
    is_image = not mime_type or mime_type.startswith("image/")
    return {"type": "image" if is_image else "document", "source": source}


def _assistant_blocks(message: Message) -> Iterator[dict[str, Any]]:
    """The blocks of an answer, in their order: the server checks it where there are signatures."""
    run: list[tuple[int, dict[str, Any]]] = []  # provider's tools that stand side by side
    is_whole = message.status == "complete"
    for part in message.parts:
        if isinstance(part, ProviderTool):
            if part.extra:
                run += _provider_blocks(part)
            continue
        if isinstance(part, Source):
            continue
        yield from _in_order(run)
        run = []
        match part:
            case Text(text) | Refusal(text):
                if text.strip():  # blank text is refused
                    yield {"type": "text", "text": text}
            case Reasoning(text, extra):
                kept = as_dict(extra)
                if signature := kept.get("signature"):
                    yield {"type": "thinking", "thinking": text, "signature": signature}
                elif data := kept.get("redacted"):
                    yield {"type": "redacted_thinking", "data": data}
                elif text and is_whole and message.tool_calls:
                    # Claude signs what it thought to its end; other models that are spoken to like
                    # it do not, and want it back beside their calls.
                    yield {"type": "thinking", "thinking": text, "signature": ""}
            case ToolCall():
                block = {"type": "tool_use", "id": _id(part.id), "name": part.name}
                yield block | {"input": as_object(part.arguments)} | as_dict(part.extra)
    yield from _in_order(run)


def _in_order(run: list[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [block for _, block in sorted(run, key=lambda item: item[0])]


def _provider_blocks(tool: ProviderTool) -> Iterator[tuple[int, dict[str, Any]]]:
    """Put together again the blocks that `ServerTool.part` took apart."""
    for place, head in tool.extra:
        if head["type"].endswith("_tool_result"):
            yield place, head | {"content": tool.result}
        elif head["type"].endswith("_tool_use"):
            yield place, head | {"input": as_object(tool.arguments)}
        else:
            yield place, head | as_dict(tool.result)


def _id(id: str) -> str:
    """Give an id in the letters that are taken here: other providers use more."""
    return _NOT_IN_AN_ID.sub("_", id) or "call"
