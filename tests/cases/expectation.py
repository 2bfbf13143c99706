"""Comparing a message with what a recorded case says it means."""

import json
import re
from typing import Any

from app.core.messages import Message, ToolCall

# Models whose server does not tell reasoning apart write it at the head of the text.
_THINK = re.compile(r"\s{0,16}<think>(?P<reasoning>.*?)(?:</think>(?P<text>.*)|\Z)", re.DOTALL)


def differences(message: Message, expect: dict[str, Any]) -> list[str]:
    """Say in what a message differs from an expectation; empty where it does not.

    A leading `<think>` block is reasoning for us whatever the expectation says. Between parts of
    reasoning white space is free.
    """
    found = _differences_of_choice(message, expect)
    usage = message.usage.raw if message.usage is not None else None
    _compare(found, "usage", usage or None, expect.get("usage") or None)
    _compare_error(found, message, expect.get("error"))
    for name in ("n_citations", "n_annotations_streamed"):
        if (number := expect.get(name)) is not None:
            _compare(found, "citations", len(message.sources), number)
    if expect.get("finish_reason") and not expect.get("error"):
        _compare(found, "status", message.status, "complete")
    if choices := expect.get("choices"):
        messages = [message, *message.alternatives]
        _compare(found, "number of choices", len(messages), len(choices))
        for one, choice in zip(messages, choices, strict=False):
            found += _differences_of_choice(one, choice)
    return found


def _differences_of_choice(message: Message, expect: dict[str, Any]) -> list[str]:
    found: list[str] = []
    text, reasoning = _told_apart(expect.get("text") or "", expect.get("reasoning") or "")
    _compare(found, "text", message.text, text)
    if parts := expect.get("reasoning_parts"):
        _compare(found, "reasoning", _packed(message.reasoning), _packed("".join(parts)))
    else:
        _compare(found, "reasoning", message.reasoning, reasoning)
    _compare(found, "refusal", message.refusal, expect.get("refusal") or "")
    _compare(found, "finish reason", message.finish_reason_raw, expect.get("finish_reason"))
    calls, expected_calls = message.tool_calls, expect.get("tool_calls") or []
    _compare(found, "number of tool calls", len(calls), len(expected_calls))
    for call, expected in zip(calls, expected_calls, strict=False):
        _compare_call(found, call, expected)
    return found


def _told_apart(text: str, reasoning: str) -> tuple[str, str]:
    if not (block := _THINK.match(text)):
        return text, reasoning
    return block["text"] or "", reasoning + block["reasoning"]


def _compare_call(found: list[str], call: ToolCall, expected: dict[str, Any]) -> None:
    if expected.get("id"):
        _compare(found, "tool call id", call.id, expected["id"])
    elif not call.id:
        found.append("a tool call without an id got none")
    _compare(found, "tool name", call.name, expected.get("name") or "")
    if "arguments_json" in expected:
        _compare(found, "arguments", _value(call.arguments), expected["arguments_json"])
    else:
        written = expected.get("arguments") or expected.get("input")  # of a call in free text
        _compare(found, "arguments", call.arguments, written or "")


def _packed(text: str) -> str:
    return "".join(text.split())


def _value(arguments: str) -> Any:
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return arguments


def _compare_error(found: list[str], message: Message, expected: Any) -> None:
    if not expected:
        _compare(found, "error", message.error, None)
        return
    if message.error is None:
        found.append(f"error: none; expected {expected!r}")
        return
    error = message.error
    _compare(found, "status", message.status, "error")
    if isinstance(expected, str):
        _compare(found, "error message", error.message, expected)
        return
    if expected.get("message"):
        _compare(found, "error message", error.message, expected["message"])
    if expected.get("code") is not None:
        _compare(found, "error code", error.code, str(expected["code"]))
    if expected.get("status_code") is not None:
        _compare(found, "error status", error.status, expected["status_code"])
    raw = error.raw["error"] if isinstance(error.raw, dict) and "error" in error.raw else error.raw
    if isinstance(raw, dict):  # which may say more than the expectation keeps
        raw = {name: value for name, value in raw.items() if name in expected}
    _compare(found, "the provider's own error", raw, expected)


def _compare(found: list[str], what: str, value: Any, expected: Any) -> None:
    if value != expected:
        found.append(f"{what}: {_excerpt(value)}; expected {_excerpt(expected)}")


def _excerpt(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 400 else f"{shown[:200]} … {shown[-200:]}"
