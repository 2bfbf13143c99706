"""Recorded answers that came whole, read by what their own fields say."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.core.messages import ProviderTool

from . import tally
from .decoding import assert_sound, decode
from .library import FOLDER

_FILES = sorted((FOLDER / "nonstream").rglob("*.json")) if FOLDER is not None else []
_BODIES = {path: json.loads(path.read_bytes()) for path in _FILES}
RESPONSES = [path for path, body in _BODIES.items() if body.get("object") == "response"]
MESSAGES = [path for path, body in _BODIES.items() if body.get("type") == "message"]
CANDIDATES = [path for path, body in _BODIES.items() if "candidates" in body]

_CALLS = ("function_call", "custom_tool_call")
_OTHERS = ("message", "reasoning")


@pytest.mark.parametrize("path", RESPONSES, ids=lambda path: path.stem)
def test_a_response(path: Path):
    body = path.read_bytes()
    events, message = decode([body], "openai-responses")
    assert_sound(events, message)
    response: dict[str, Any] = json.loads(body)
    items = response["output"]
    parts = [part for item in items if item["type"] == "message" for part in item["content"]]
    assert message.text == "".join(part.get("text", "") for part in parts)
    assert len(message.sources) == sum(len(part.get("annotations") or ()) for part in parts)
    assert [(call.id, call.name, call.arguments) for call in message.tool_calls] == [
        (item["call_id"], item["name"], item.get("arguments") or item.get("input") or "")
        for item in items
        if item["type"] in _CALLS
    ]
    tools = [part for part in message.parts if isinstance(part, ProviderTool)]
    assert [tool.id for tool in tools] == [
        item["id"] for item in items if item["type"] not in (*_CALLS, *_OTHERS)
    ]
    assert (message.status, message.finish_reason_raw) == ("complete", response["status"])
    assert message.usage is not None
    assert message.usage.raw == response["usage"]
    tally.count("whole answers")


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_a_message(path: Path):
    body = path.read_bytes()
    events, message = decode([body], "anthropic-messages")
    assert_sound(events, message)
    said: dict[str, Any] = json.loads(body)
    blocks = said["content"]
    assert message.text == "".join(block.get("text", "") for block in blocks)
    assert message.reasoning == "".join(block.get("thinking", "") for block in blocks)
    assert len(message.sources) == sum(len(block.get("citations") or ()) for block in blocks)
    assert [
        (call.id, call.name, json.loads(call.arguments or "{}")) for call in message.tool_calls
    ] == [
        (block["id"], block["name"], block["input"])
        for block in blocks
        if block["type"] == "tool_use"
    ]
    tools = [part for part in message.parts if isinstance(part, ProviderTool) and part.id]
    # A result that comes long after its call is a part of its own.
    assert list(dict.fromkeys(tool.id for tool in tools)) == [
        block["id"] for block in blocks if block["type"] in ("server_tool_use", "mcp_tool_use")
    ]
    assert (message.status, message.finish_reason_raw) == ("complete", said["stop_reason"])
    assert message.usage is not None
    assert message.usage.raw == {k: v for k, v in said["usage"].items() if v is not None}
    tally.count("whole answers")


@pytest.mark.parametrize("path", CANDIDATES, ids=lambda path: path.stem)
def test_candidates(path: Path):
    body = path.read_bytes()
    events, message = decode([body], "gemini")
    assert_sound(events, message)
    said: dict[str, Any] = json.loads(body)
    (candidate,) = said["candidates"]
    parts = candidate["content"]["parts"]
    assert message.text == "".join(part.get("text", "") for part in parts)
    assert [(call.name, json.loads(call.arguments)) for call in message.tool_calls] == [
        (part["functionCall"]["name"], part["functionCall"]["args"])
        for part in parts
        if "functionCall" in part
    ]
    assert (message.status, message.finish_reason_raw) == ("complete", candidate["finishReason"])
    assert message.usage is not None
    assert message.usage.raw == said["usageMetadata"]
    tally.count("whole answers")
