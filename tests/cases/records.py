"""A second, plain reading of recorded streams, to check the decoder against.

It knows records that are well formed and of the ordinary shape, no more, and shares no code with
the app.
"""

import json
import re
from typing import Any, Literal

Ending = Literal["open", "finished", "done", "failed"]

_ENDINGS_OF_RUNS: dict[str, Ending] = {"RUN_FINISHED": "finished", "RUN_ERROR": "failed"}

_RECORD = re.compile(rb".*?(?:\r\n\r\n|\n\n|\r\r)|.+", re.DOTALL)
_LINE = re.compile(rb".*?\n|.+", re.DOTALL)
_LINE_END = re.compile(rb"\r\n|\n|\r")


def split(body: bytes, protocol: str = "openai-chat") -> list[bytes]:
    """The body cut after each blank line, or each line of Ollama's; nothing is left out."""
    return (_LINE if protocol == "ollama" else _RECORD).findall(body)


def payload(record: bytes) -> tuple[str, bytes]:
    """The event name and the data of one record, both empty where it has none."""
    fields: dict[bytes, list[bytes]] = {b"event": [], b"data": []}
    for line in _LINE_END.split(record):
        name, _, value = line.partition(b":")
        if name in fields:
            fields[name].append(value.removeprefix(b" "))
    return b"".join(fields[b"event"][-1:]).decode(), b"\n".join(fields[b"data"])


def endings(records: list[bytes], protocol: str = "openai-chat") -> list[Ending]:
    """For each record: how a stream stands that has been read up to and with it.

    An error outweighs a finish reason, which outweighs the sentinel of the end.
    """
    rank: list[Ending] = ["open", "done", "finished", "failed"]
    state: Ending = "open"
    found = []
    for record in records:
        state = max(state, _ending(record, protocol), key=rank.index)
        found.append(state)
    return found


def read(body: bytes) -> dict[str, Any]:
    """Read a stream or a whole body, in the form of a recorded expectation."""
    reading: dict[str, Any] = {
        "text": "",
        "reasoning": "",
        "tool_calls": [],
        "finish_reason": None,
        "usage": None,
    }
    if body.lstrip().startswith(b"{"):
        _add(reading, json.loads(body))
        return reading
    for record in split(body):
        _, data = payload(record)
        if data and data != b"[DONE]":
            _add(reading, json.loads(data))
    return reading


def _ending(record: bytes, protocol: str) -> Ending:
    event, data = ("", record) if protocol == "ollama" else payload(record)
    if data.strip() == b"[DONE]":
        return "done"
    try:
        value = json.loads(data)
    except ValueError:
        return "open"
    if not isinstance(value, dict):
        return "open"
    if protocol == "ollama":
        return _ending_of_line(value)
    if protocol == "openai-responses":
        return _ending_of_event(value)
    if protocol == "anthropic-messages":
        return _ending_of_message(value)
    if protocol == "gemini-interactions":
        return _ending_of_step(value)
    if protocol == "gemini":
        return _ending_of_candidate(value)
    if protocol == "ag-ui":
        return _ENDINGS_OF_RUNS.get(value["type"], "open")
    if protocol == "tokenfall":
        return "finished" if value["type"] == "done" else "open"
    reasons = [
        choice.get("finish_reason")
        for choice in value.get("choices") or ()
        if not choice.get("index")
    ]
    if event == "error" or value.get("error") or "error" in reasons:
        return "failed"
    return "finished" if any(reasons) else "open"


def _ending_of_line(line: dict[str, Any]) -> Ending:
    if line.get("error"):
        return "failed"
    if not line.get("done"):
        return "open"
    return "finished" if line.get("done_reason") else "done"


def _ending_of_event(event: dict[str, Any]) -> Ending:
    kind = event.get("type")
    if kind in ("error", "response.failed"):
        return "failed"
    return "finished" if kind in ("response.completed", "response.incomplete") else "open"


def _ending_of_message(event: dict[str, Any]) -> Ending:
    kind = event.get("type")
    if kind == "message_delta":
        return "finished" if event["delta"].get("stop_reason") else "open"
    return "failed" if kind == "error" else "done" if kind == "message_stop" else "open"


def _ending_of_step(event: dict[str, Any]) -> Ending:
    kind = event.get("event_type")
    if kind == "error":
        return "failed"
    return "finished" if kind == "interaction.completed" else "open"


def _ending_of_candidate(response: dict[str, Any]) -> Ending:
    if response.get("error"):
        return "failed"
    reasons = [candidate.get("finishReason") for candidate in response.get("candidates") or ()]
    reasons.append((response.get("promptFeedback") or {}).get("blockReason"))
    return "finished" if any(reasons) else "open"


def _add(reading: dict[str, Any], value: dict[str, Any]) -> None:
    if value.get("usage"):
        reading["usage"] = value["usage"]
    for choice in value.get("choices") or ():
        delta = choice.get("delta") or choice.get("message") or {}
        reading["text"] += delta.get("content") or ""
        reading["reasoning"] += delta.get("reasoning_content") or ""
        for place, fragment in enumerate(delta.get("tool_calls") or ()):
            _add_call(reading["tool_calls"], fragment.get("index", place), fragment)
        reading["finish_reason"] = choice.get("finish_reason") or reading["finish_reason"]


def _add_call(calls: list[dict[str, Any]], index: int, fragment: dict[str, Any]) -> None:
    if index == len(calls):
        calls.append({"id": "", "name": "", "arguments": ""})
    call, function = calls[index], fragment.get("function") or {}
    call["id"] = call["id"] or fragment.get("id") or ""
    call["name"] = call["name"] or function.get("name") or ""
    call["arguments"] += function.get("arguments") or ""
