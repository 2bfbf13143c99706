"""Lists of messages as programs send them to providers and write them down, alone or in
`{"messages": […]}`: in the field names of OpenAI (Chat Completions and Responses), Anthropic,
Gemini, Bedrock, Cohere, Ollama, ShareGPT, LangChain and the AI SDK.
"""

from typing import Any

from ...core.messages import Part, Reasoning, Refusal, Role, Text, ToolCall, ToolResult
from .fields import (
    SOUNDS,
    UNKNOWN,
    arguments_of,
    dict_of,
    dicts_of,
    first_text,
    id_of,
    list_of,
    lost,
    ms_of,
    picture,
    picture_block,
    pictures_in,
    result_of,
    source,
    text_of,
    thought_and_said,
)
from .talk import Said, Talk

LABEL = "a list of messages"

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "model": "assistant",
    "ai": "assistant",
    "bot": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "chatbot": "assistant",
    "prompt": "user",  # of a program that exports chats of ChatGPT
    "response": "assistant",
    "tool": "tool",
    "function": "tool",
}
_LISTS = ("messages", "conversations", "conversation", "contents")
_CONTENTS = ("content", "value", "parts", "text", "message", "say")
# Of LangChain, whose messages have a type in the place of a role, and an object around the rest.
_ROLES_BY_TYPE = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}
# Items of OpenAI's Responses that stand between messages.
_ITEMS = (
    "reasoning",
    "function_call",
    "function_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
)
_TIMES = ("timestamp", "created_at", "createdAt", "date", "create_time")


def is_message(value: Any) -> bool:
    """Tell whether this is one message."""
    value = _unwrapped(value)
    if not isinstance(value, dict) or _role(value) is None:
        return False
    return any(name in value for name in (*_CONTENTS, "tool_calls"))


def goes_on(value: dict[str, Any]) -> bool:
    """Tell whether this belongs to a conversation that has begun, also of a role of its own, as
    games of several speakers have.
    """
    has_words = any(name in value for name in (*_CONTENTS, "tool_calls"))
    return is_item(value) or (text_of(value.get("role")) != "" and has_words)


def is_item(value: dict[str, Any]) -> bool:
    """Tell whether this is a thought, a call or its result, between messages of Responses."""
    return value.get("type") in _ITEMS and "role" not in value


def takes(value: dict[str, Any]) -> bool:
    """Tell whether this is a conversation with such messages."""
    return bool(_listed(value))


def read(value: dict[str, Any]) -> Talk:
    """One conversation."""
    model = value.get("model")
    name = text_of(model) or first_text(dict_of(model), "name", "id")
    talk = Talk(
        id=id_of(value.get("id")) or id_of(value.get("conversation_id")),
        title=first_text(value, "title", "name", "topic"),
        created_ms=ms_of(value.get("created_at")) or ms_of(value.get("createdAt")),
        updated_ms=ms_of(value.get("updated_at")) or ms_of(value.get("updatedAt")),
        instructions=first_text(value, "system", "systemPrompt", "prompt"),
    )
    before = ""
    for number, message in enumerate(map(_unwrapped, _listed(value))):
        if is_item(message):
            role: Role = "tool" if "output" in message else "assistant"
            one = Said(f"{number}", role, items([message], f"{number}", talk))
        else:
            one = _said(f"{number}", message, talk)
        one.parent, one.model = before, one.model or (name if one.role == "assistant" else "")
        talk.said.append(one)
        before = one.id
    return talk


def _listed(value: dict[str, Any]) -> list[dict[str, Any]]:
    for name in _LISTS:
        messages = dicts_of(value.get(name))
        if messages and is_message(messages[0]):
            return messages
    asked, answered = dicts_of(value.get("input")), dicts_of(value.get("output"))
    if answered and (text := text_of(value.get("input"))):
        asked = [{"role": "user", "content": text}]
    return [*asked, *answered] if asked and is_message(asked[0]) else []


def _unwrapped(value: Any) -> Any:
    """A message of LangChain's without what its library keeps around it."""
    told = dict_of(value)
    kind = text_of(told.get("type"))
    if kind == "constructor" and (names := list_of(told.get("id"))):
        kind = str(names[-1]).removesuffix("Chunk").removesuffix("Message").lower()
    inner = dict_of(told.get("kwargs")) or dict_of(told.get("data")) or told
    if "role" in inner or kind not in _ROLES_BY_TYPE:
        return value
    return inner | {"role": _ROLES_BY_TYPE[kind]}


def _role(message: dict[str, Any]) -> Role | None:
    return _ROLES.get(first_text(message, "role", "from", "sender").lower())


def items(output: Any, id: str, talk: Talk) -> list[Part]:
    """The parts of an answer that is kept as items of OpenAI's Responses."""
    parts: list[Part] = []
    for number, item in enumerate(dicts_of(output)):
        call = id_of(item.get("call_id")) or id_of(item.get("id")) or f"{id}-{number}"
        match item.get("type"):
            case "message":
                for at, block in enumerate(list_of(item.get("content"))):
                    parts += _block(block, f"{id}-{number}-{at}", talk)
            case "reasoning":
                pieces = [*dicts_of(item.get("summary")), *dicts_of(item.get("content"))]
                if thought := "\n\n".join(
                    filter(None, (first_text(one, "text") for one in pieces))
                ):
                    parts.append(Reasoning(thought))
            case "function_call" | "custom_tool_call":
                name = text_of(item.get("name")) or "tool"
                given = item.get("arguments", item.get("input"))
                parts.append(ToolCall(call, name, arguments_of(given)))
            case "function_call_output" | "custom_tool_call_output":
                parts.append(ToolResult(call, result_of(item.get("output"))))
                parts += pictures_in(item.get("output"), talk.left_out)
            case _:
                talk.left_out[UNKNOWN] += 1
    return parts


def _said(id: str, message: dict[str, Any], talk: Talk) -> Said:
    role = _role(message) or "user"
    at_ms = next((ms for name in _TIMES if (ms := ms_of(message.get(name)))), 0)
    model = first_text(message, "model") if role == "assistant" else ""
    parts: list[Part] = []
    if thought := first_text(message, "reasoning_content", "reasoning", "thinking"):
        parts.append(Reasoning(thought))
    fields = (message[name] for name in _CONTENTS if name in message)
    content = next(fields, None)
    if role == "tool":
        call = first_text(message, "tool_call_id", "name") or id
        parts.append(ToolResult(call, result_of(content), text_of(message.get("name"))))
    elif isinstance(content, str):
        parts += thought_and_said(content) if role == "assistant" else _text(content)
    else:
        blocks = [content] if isinstance(content, dict) else list_of(content)
        for number, block in enumerate(blocks):
            parts += _block(block, f"{id}-{number}", talk)
    for image in list_of(message.get("images")):  # Ollama's, without their kind
        kind = "jpeg" if text_of(image).startswith("/9j/") else "png"
        address = f"data:image/{kind};base64,{image}"
        is_whole = text_of(image).startswith("data:")
        parts.insert(0, picture(image if is_whole else address, "", talk.left_out))
    if refusal := text_of(message.get("refusal")):
        parts.append(Refusal(refusal))
    for number, call_of in enumerate(dicts_of(message.get("tool_calls"))):
        parts.append(_call(call_of, f"{id}-call-{number}"))
    if called := dict_of(message.get("function_call")):
        parts.append(_call(called, text_of(called.get("name"))))
    return Said(id, role, parts, created_ms=at_ms, model=model)


def _call(call: dict[str, Any], otherwise: str) -> ToolCall:
    told = dict_of(call.get("function")) or call
    name = text_of(told.get("name")) or "tool"
    return ToolCall(id_of(call.get("id")) or otherwise, name, arguments_of(told.get("arguments")))


def _text(text: str) -> list[Part]:
    return [Text(text)] if text else []


def _block(value: Any, id: str, talk: Talk) -> list[Part]:
    block = {"text": value} if isinstance(value, str) else dict_of(value)
    match text_of(block.get("type")):
        case "" | "text" | "input_text" | "output_text":
            told = block.get("text")  # an object around the text in threads of assistants
            if text := text_of(told) or first_text(dict_of(told), "value"):
                return [Reasoning(text)] if block.get("thought") is True else [Text(text)]
            return _untyped(block, talk)
        case "thinking" | "reasoning":
            thought = first_text(block, "thinking", "text", "reasoning")
            return [Reasoning(thought)] if thought else []
        case "refusal":
            return [Refusal(text_of(block.get("refusal")))]
        case "image_url" | "input_image":
            told = block.get("image_url")
            return [picture(text_of(told) or text_of(dict_of(told).get("url")), "", talk.left_out)]
        case "image":
            return [picture_block(block, talk.left_out)]
        case "tool_use":
            name = text_of(block.get("name")) or "tool"
            return [ToolCall(id_of(block.get("id")) or id, name, arguments_of(block.get("input")))]
        case "tool_result":
            call = id_of(block.get("tool_use_id")) or id
            is_error = block.get("is_error") is True
            result = ToolResult(call, result_of(block.get("content")), is_error=is_error)
            return [result, *pictures_in(block.get("content"), talk.left_out)]
        case "step-start":
            return []
        case "source-url":
            found = source(block.get("url"), block.get("title"))
            return [found] if found else []
        case "dynamic-tool" | "tool-invocation":
            return _tool_part(block, id)
        case kind if kind.startswith("tool-"):
            return _tool_part(block, id)
        case "file" if text_of(block.get("mediaType")).startswith("image/"):
            name = text_of(block.get("filename"))
            return [picture(text_of(block.get("url")), name, talk.left_out)]
        case "file" | "input_file" | "document":
            told = dict_of(block.get("file")) or block
            return [lost(first_text(told, "filename", "title", "name"), "", talk.left_out)]
        case "input_audio" | "audio":
            talk.left_out[SOUNDS] += 1
            return []
    talk.left_out[UNKNOWN] += 1
    return []


def _tool_part(block: dict[str, Any], id: str) -> list[Part]:
    """A call of the AI SDK's with its result, where there is one."""
    told = dict_of(block.get("toolInvocation")) or block
    kind = text_of(block.get("type")).removeprefix("tool-")
    name = first_text(told, "toolName") or kind
    call = id_of(told.get("toolCallId")) or id
    parts: list[Part] = [ToolCall(call, name, arguments_of(told.get("input", told.get("args"))))]
    for field in ("output", "result", "errorText"):
        if told.get(field) is not None:
            is_error = field == "errorText"
            parts.append(ToolResult(call, result_of(told[field]), name, is_error=is_error))
            break
    return parts


def _untyped(block: dict[str, Any], talk: Talk) -> list[Part]:
    """A part without a type, as Gemini writes them."""
    if data := dict_of(block.get("inlineData") or block.get("inline_data")):
        kind = first_text(data, "mimeType", "mime_type")
        if not kind.startswith("image/"):
            return [lost("", kind, talk.left_out)]
        return [picture(f"data:{kind};base64,{text_of(data.get('data'))}", "", talk.left_out)]
    if call := dict_of(block.get("toolUse")):  # Bedrock
        name = text_of(call.get("name")) or "tool"
        return [ToolCall(id_of(call.get("toolUseId")), name, arguments_of(call.get("input")))]
    if result := dict_of(block.get("toolResult")):
        said = result_of(result.get("content"))
        is_error = result.get("status") == "error"
        return [ToolResult(id_of(result.get("toolUseId")), said, is_error=is_error)]
    if call := dict_of(block.get("functionCall")):
        name = text_of(call.get("name")) or "tool"
        return [ToolCall(name, name, arguments_of(call.get("args")))]
    if result := dict_of(block.get("functionResponse")):
        name = text_of(result.get("name"))
        return [ToolResult(name, result_of(result.get("response")), name)]
    if block and "text" not in block:
        talk.left_out[UNKNOWN] += 1
    return []
