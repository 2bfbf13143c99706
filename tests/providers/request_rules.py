"""The rules of each row of the table for what it gets back, as its documentation has them.

`broken(row, model, body)` says what a provider would refuse in a request.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from app.core.errors import ProtocolError
from app.protocols.tokenfall import parse_request
from app.providers import Provider
from app.providers.families import takes

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ID = re.compile(r"[!-~]{1,64}")


def broken(row: Provider, model: str, body: dict[str, Any]) -> list[str]:
    """List the rules that a request breaks."""
    rules = {
        "openai-chat": _chat,
        "openai-responses": _responses,
        "anthropic-messages": _anthropic,
        "gemini": _gemini,
        "gemini-interactions": _interactions,
        "ollama": _ollama,
        "ag-ui": _ag_ui,
        "tokenfall": _tokenfall,
    }
    return list(rules[row.protocol](row, model, body))


def _is_object(text: Any) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (TypeError, ValueError):
        return False


def _alternates(roles: list[str]) -> Iterator[str]:
    """Instructions, then a question, then no two of one side but for calls and their results."""
    while roles and roles[0] == "system":
        roles = roles[1:]
    if "system" in roles:
        yield "instructions in the middle"
    if roles and roles[0] != "user":
        yield f"it begins with {roles[0]}"
    for before, after in zip(roles, roles[1:], strict=False):
        if before == after != "tool":
            yield f"{before} behind {before}"
    if roles and roles[-1] == "assistant":
        yield "it ends with an answer"


def _chat(row: Provider, model: str, body: dict[str, Any]) -> Iterator[str]:
    messages = body["messages"]
    taken = takes(row.name, row.base_url, model)
    yield from _alternates([one["role"] for one in messages])
    if sum(one["role"] == "system" for one in messages) > 1:
        yield "instructions in pieces"
    known = {"role", "content", "tool_calls", "tool_call_id"}
    known |= {"reasoning_content", "reasoning_details"}
    waiting: list[str] = []
    seen: set[str] = set()
    for place, one in enumerate(messages):
        if strange := one.keys() - known:
            yield f"fields {strange}"
        content, calls = one["content"], one.get("tool_calls", [])
        if not (calls and content is None):
            if not isinstance(content, str | list):
                yield f"content {content!r}"
            if not content and one["role"] == "assistant":
                yield "an empty answer"
        if one["role"] == "tool":
            if not waiting or waiting.pop(0) != one["tool_call_id"]:
                yield "a result that nobody asked for"
            continue
        if waiting:
            yield f"calls without results: {waiting}"
        for call in calls:
            if not _NAME.fullmatch(call["function"]["name"]):
                yield f"name {call['function']['name']!r}"
            if not _is_object(call["function"]["arguments"]):
                yield f"arguments {call['function']['arguments']!r}"
            if call["id"] in seen or not re.fullmatch(r"[!-~]{1,40}", call["id"]):
                yield f"id {call['id']!r}"
            if row.name == "mistral" and not re.fullmatch(r"[a-zA-Z0-9]{9}", call["id"]):
                yield f"id {call['id']!r} for Mistral"
            seen.add(call["id"])
            waiting.append(call["id"])
        before = messages[place - 1]["role"] if place else ""
        if taken.answers_last and (before, one["role"]) == ("tool", "user"):
            yield "a question behind results"
        if one["role"] == "assistant":
            wants = taken.echoes == "tools" and ("tools" in body or calls)
            wants = wants or ("reasoning-with-calls" in row.habits and calls)
            if wants and not isinstance(one.get("reasoning_content"), str):
                yield "no reasoning_content"
            if not wants and "reasoning_content" in one:
                yield "reasoning_content"
    if waiting:
        yield f"calls without results: {waiting}"


def _responses(row: Provider, model: str, body: dict[str, Any]) -> Iterator[str]:
    waiting: list[str] = []
    seen: set[str] = set()
    for item in body["input"]:
        kind = item.get("type", "message")
        if kind.endswith("call_output"):
            if not waiting or waiting.pop(0) != item["call_id"]:
                yield "an output that nobody asked for"
            continue
        if kind in ("function_call", "custom_tool_call"):
            if not _NAME.fullmatch(item["name"]):
                yield f"name {item['name']!r}"
            if kind == "function_call" and not _is_object(item["arguments"]):
                yield f"arguments {item['arguments']!r}"
            if item["call_id"] in seen or not _ID.fullmatch(item["call_id"]):
                yield f"id {item['call_id']!r}"
            seen.add(item["call_id"])
            waiting.append(item["call_id"])
            continue
        if kind == "message":
            if waiting and item["role"] == "user":
                yield f"calls without outputs: {waiting}"
            if not item["content"] and item["role"] == "assistant":
                yield "an empty answer"
        elif kind == "reasoning":
            if not (item.get("encrypted_content") or item.get("content")):
                yield "a reference to reasoning that is not kept"
        elif item.get("status") not in (None, "completed", "failed"):
            yield f"{kind} that is {item['status']}"
    if waiting:
        yield f"calls without outputs: {waiting}"


def _anthropic(row: Provider, model: str, body: dict[str, Any]) -> Iterator[str]:
    turns = body["messages"]
    yield from _alternates([turn["role"] for turn in turns])
    for place, turn in enumerate(turns):
        blocks = turn["content"]
        if not blocks:
            yield "an empty turn"
        kinds = [block["type"] for block in blocks]
        for block in blocks:
            if block["type"] == "text" and not block["text"].strip():
                yield "blank text"
            is_unsigned = block["type"] == "thinking" and not block.get("signature")
            if is_unsigned and "tool_use" not in kinds:
                yield "thoughts without a signature"
            if block["type"] == "tool_use":
                if not re.fullmatch(r"[a-zA-Z0-9_-]+", block["id"]):
                    yield f"id {block['id']!r}"
                if not _NAME.fullmatch(block["name"]):
                    yield f"name {block['name']!r}"
                if not isinstance(block["input"], dict):
                    yield "an input that is no object"
        asked = [block["id"] for block in blocks if block["type"] == "tool_use"]
        following = turns[place + 1]["content"] if place + 1 < len(turns) else []
        told = [block["tool_use_id"] for block in following if block["type"] == "tool_result"]
        if turn["role"] == "assistant" and asked != told:
            yield f"calls {asked}, results {told}"
        if len(set(asked)) < len(asked):
            yield f"ids {asked}"
        if "tool_result" in kinds and kinds.index("tool_result") != 0:
            yield "results that do not come first"
        begun = [block["id"] for block in blocks if block["type"] == "server_tool_use"]
        ended = [b["tool_use_id"] for b in blocks if b["type"] == "web_search_tool_result"]
        if begun != ended:
            yield f"searches {begun}, found {ended}"


def _gemini(row: Provider, model: str, body: dict[str, Any]) -> Iterator[str]:
    contents = body["contents"]
    if contents and contents[0]["role"] != "user":
        yield "it begins with an answer"
    signs = not re.search(r"gemini-[12]\b|gemma", model)
    for place, content in enumerate(contents):
        if not content["parts"]:
            yield "no parts"
        calls = [part for part in content["parts"] if "functionCall" in part]
        following = contents[place + 1]["parts"] if place + 1 < len(contents) else []
        results = [part["functionResponse"] for part in following if "functionResponse" in part]
        names = [part["functionCall"]["name"] for part in calls]
        if content["role"] == "model" and names != [result["name"] for result in results]:
            yield f"calls {names}, results {[result['name'] for result in results]}"
        if not all(map(_NAME.fullmatch, names)):
            yield f"names {names}"
        if any(not isinstance(part["functionCall"]["args"], dict) for part in calls):
            yield "arguments that are no object"
        if calls and signs and "thoughtSignature" not in calls[0]:
            yield "a call without a signature"
        run = sum("executableCode" in part for part in content["parts"])
        if run != sum("codeExecutionResult" in part for part in content["parts"]):
            yield "a program without its result"
    if contents and contents[-1]["role"] != "user":
        yield "it ends with an answer"


def _interactions(row: Provider, model: str, body: dict[str, Any]) -> Iterator[str]:
    kinds = [step["type"] for step in body["input"]]
    if kinds and kinds[0] != "user_input":
        yield f"it begins with {kinds[0]}"
    if kinds and kinds[-1] not in ("user_input", "function_result"):
        yield f"it ends with {kinds[-1]}"
    waiting: list[str] = []
    seen: set[str] = set()
    for step in body["input"]:
        kind = step["type"]
        if kind in ("user_input", "model_output") and not step["content"]:
            yield f"an empty {kind}"
        if kind == "thought" and not step["signature"]:
            yield "thoughts without a signature"
        if kind == "function_result":
            if not waiting or waiting.pop(0) != step["call_id"]:
                yield "a result that nobody asked for"
        elif kind == "user_input" and waiting:
            yield f"calls without results: {waiting}"
        if kind == "function_call":
            if not _NAME.fullmatch(step["name"]) or not isinstance(step["arguments"], dict):
                yield f"call {step}"
            if step["id"] in seen or not _ID.fullmatch(step["id"]):
                yield f"id {step['id']!r}"
            seen.add(step["id"])
            waiting.append(step["id"])
    if waiting:
        yield f"calls without results: {waiting}"
    if kinds.count("google_search_call") != kinds.count("google_search_result"):
        yield "a search without its result"


def _ollama(row: Provider, model: str, body: dict[str, Any]) -> Iterator[str]:
    messages = body["messages"]
    yield from _alternates([one["role"] for one in messages])
    waiting: list[str] = []
    for one in messages:
        if not isinstance(one["content"], str):
            yield f"content {one['content']!r}"
        if one["role"] == "tool":
            if not waiting or waiting.pop(0) != one["tool_name"]:
                yield "a result that nobody asked for"
            continue
        if waiting:
            yield f"calls without results: {waiting}"
        calls = [call["function"] for call in one.get("tool_calls", [])]
        if one["role"] == "assistant" and not one["content"] and not calls:
            yield "an empty answer"
        for call in calls:
            if not _NAME.fullmatch(call["name"]) or not isinstance(call["arguments"], dict):
                yield f"call {call}"
            waiting.append(call["name"])
    if waiting:
        yield f"calls without results: {waiting}"


def _ag_ui(row: Provider, model: str, body: dict[str, Any]) -> Iterator[str]:
    messages = body["messages"]
    ids = [one["id"] for one in messages]
    if len(set(ids)) < len(ids) or not all(ids):
        yield f"ids {ids}"
    yield from _alternates([one["role"] for one in messages if one["role"] != "reasoning"])
    waiting: list[str] = []
    for one in messages:
        if not isinstance(one["content"], str if one["role"] != "user" else str | list):
            yield f"content {one['content']!r}"
        if one["role"] == "tool":
            if not waiting or waiting.pop(0) != one["toolCallId"]:
                yield "a result that nobody asked for"
            continue
        if waiting:
            yield f"calls without results: {waiting}"
        calls = one.get("toolCalls", [])
        for call in calls:
            if not _NAME.fullmatch(call["function"]["name"]):
                yield f"name {call['function']['name']!r}"
            if not _is_object(call["function"]["arguments"]):
                yield f"arguments {call['function']['arguments']!r}"
        waiting = [call["id"] for call in calls]
    if waiting:
        yield f"calls without results at the end: {waiting}"


def _tokenfall(row: Provider, model: str, body: dict[str, Any]) -> Iterator[str]:
    """What our own server refuses is what it can't read: whom it asks makes the rest fit."""
    try:
        parse_request(json.dumps(body).encode())
    except ProtocolError as error:
        yield str(error)
