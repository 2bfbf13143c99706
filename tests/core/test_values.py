"""Values that leave the house: their JSON form, that nobody changes them, what is not set.

The JSON is our wire format and what is kept in browsers: another form would not be read again.
"""

from typing import Any

import msgspec
import pytest

from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    Timing,
    ToolCall,
    ToolResult,
    Usage,
    user,
)
from app.core.options import Options, OutputFormat, ToolDefinition
from app.core.running.buffering import StreamConfig
from app.core.running.chat import Chat
from app.core.running.retries import Retries
from app.core.running.step import Deadlines
from app.core.tools.toolbox import Toolbox
from app.core.wire.transport import Request
from app.providers import Provider

EVENTS: list[tuple[Any, dict[str, Any]]] = [
    (ev.MessageStart("i", "m"), {"type": "message_start", "id": "i", "model": "m"}),
    (ev.MessageStart(), {"type": "message_start"}),
    (ev.ContentDelta("a"), {"type": "content_delta", "text": "a"}),
    (ev.ReasoningDelta("a"), {"type": "reasoning_delta", "text": "a"}),
    (ev.RefusalDelta("a"), {"type": "refusal_delta", "text": "a"}),
    (ev.ToolCallStart(1, "c", "f"), {
        "type": "tool_call_start", "index": 1, "id": "c", "name": "f",
    }),
    (ev.ToolCallDelta(1, "{"), {"type": "tool_call_delta", "index": 1, "arguments": "{"}),
    (ev.ToolCallEnd(1), {"type": "tool_call_end", "index": 1}),
    (ev.Alternative(1, ev.ContentDelta("a")), {
        "type": "alternative", "choice": 1, "event": {"type": "content_delta", "text": "a"},
    }),
    (ev.StepStart(1), {"type": "step_start", "number": 1}),
    (ev.StepEnd("complete"), {"type": "step_end", "status": "complete"}),
    (ev.ToolRunStart("c", "f"), {"type": "tool_run_start", "call_id": "c", "name": "f"}),
    (ev.Heartbeat("x"), {"type": "heartbeat", "text": "x"}),
    (ev.Warning("w", "r"), {"type": "warning", "message": "w", "raw": "r"}),
    (ev.Retry(1, 0.5, "why"), {"type": "retry", "attempt": 1, "delay_s": 0.5, "reason": "why"}),
    (ev.Error(ErrorInfo("server", "m")), {
        "type": "error", "error": {"kind": "server", "message": "m"},
    }),
    (ev.Done("complete", "stop", "STOP"), {
        "type": "done", "status": "complete", "finish_reason": "stop", "finish_reason_raw": "STOP",
    }),
    (Usage(1, 2), {"type": "usage", "input_tokens": 1, "output_tokens": 2}),
    (Source("u", "t"), {"type": "source", "url": "u", "title": "t"}),
]  # fmt: skip
PARTS: list[tuple[Any, dict[str, Any]]] = [
    (Text("a"), {"type": "text", "text": "a"}),
    (Text(""), {"type": "text", "text": ""}),
    (Reasoning("a"), {"type": "reasoning", "text": "a"}),
    (Refusal("a"), {"type": "refusal", "text": "a"}),
    (ToolCall("c", "f", "{}"), {"type": "tool_call", "id": "c", "name": "f", "arguments": "{}"}),
    (ToolResult("c", "r"), {"type": "tool_result", "call_id": "c", "content": "r"}),
    (File("u", "image/png"), {"type": "file", "url": "u", "mime_type": "image/png"}),
    (ProviderTool("c", "search"), {"type": "provider_tool", "id": "c", "name": "search"}),
]


@pytest.mark.parametrize(("value", "form"), EVENTS + PARTS)
def test_a_value_as_json_and_back(value: Any, form: dict[str, Any]) -> None:
    written = msgspec.json.encode(value)
    assert msgspec.json.decode(written) == form
    assert msgspec.json.decode(written, type=type(value)) == value


def test_a_message_says_only_what_it_knows() -> None:
    assert msgspec.to_builtins(user("Hi")) == {
        "role": "user",
        "parts": [{"type": "text", "text": "Hi"}],
        "status": "complete",
    }
    answer = Message("assistant", [Text("a")], status="complete", timing=Timing(2.0))
    assert msgspec.to_builtins(answer) == {
        "role": "assistant",
        "parts": [{"type": "text", "text": "a"}],
        "status": "complete",
        "timing": {"total_s": 2.0},
    }


FROZEN = [
    *(value for value, _ in EVENTS),
    *(File("u", "image/png"), ProviderTool("c", "search"), Timing(1.0), ErrorInfo("server", "m")),
    *(Options(), OutputFormat("n", {}), ToolDefinition("f", "", {}), Request("GET", "u", {})),
    *(Deadlines(), Retries(), StreamConfig()),
]


@pytest.mark.parametrize("value", FROZEN, ids=lambda value: type(value).__name__)
def test_nobody_changes_what_others_may_hold(value: Any) -> None:
    name = value.__struct_fields__[0]
    with pytest.raises(AttributeError):
        setattr(value, name, getattr(value, name))


def test_what_is_not_set_is_the_same_in_every_version() -> None:
    """Somebody's program counts on it; another default is a change to tell of."""
    assert msgspec.structs.asdict(Deadlines()) == {
        "connect_s": 120,
        "first_output_s": 180,
        "idle_s": 90,
        "alive_s": 1200,
        "total_s": None,
        "sync_s": 600,
    }
    assert msgspec.structs.asdict(Retries()) == {
        "attempts": 2,
        "base_s": 1,
        "cap_s": 60,
        "reset": False,
    }
    assert msgspec.structs.asdict(StreamConfig()) == {"buffer": 64, "backpressure": True}
    assert Toolbox().limit == 4
    assert Chat(Provider("p", "P", "https://p.example"), "m").max_steps == 10
    assert msgspec.to_builtins(Options()) == {}
    assert Options().tool_choice == "auto"
