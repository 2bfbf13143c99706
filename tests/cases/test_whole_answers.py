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
RESPONSES = [path for path in _FILES if json.loads(path.read_bytes()).get("object") == "response"]

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
