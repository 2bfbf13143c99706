"""A history that every provider accepts, whatever happened before.

Providers refuse a whole conversation for one loose end: a call without its result, a result without
its call, an empty turn, a signature that another one made.
"""

from collections.abc import Iterator, Sequence

import msgspec

from ..core.messages import Message, Part, ProviderTool, Reasoning, Role, ToolCall, ToolResult

_NOT_RUN = "This tool was not run."


def settled(messages: Sequence[Message], protocol: str, provider: str) -> Iterator[Message]:
    """Yield the messages with every loose end tied, as `provider` may see them by `protocol`.

    Turns that say nothing (an answer that failed before its first word) are left out. After an
    answer with tool calls comes one message with a result for each, in the order of the calls; a
    call that was never answered gets a result that says so. Results without a call are left out.

    What somebody else kept with an answer means nothing here, and is taken off: its reasoning, its
    own tools, the `extra` of its calls. So every `extra` that is left may be echoed.
    An answer that holds the results of its own tools is told step by step.
    """
    results = {
        part.call_id: part
        for message in messages
        for part in message.parts
        if isinstance(part, ToolResult)
    }
    for message in _steps(messages):
        if message.role == "tool":
            continue
        if message.role == "assistant" and (message.protocol, message.provider) != (
            protocol,
            provider,
        ):
            message = msgspec.structs.replace(message, parts=_bare(message.parts))
        calls = message.tool_calls
        if not (calls or message.text or message.refusal or message.files or _ran_tools(message)):
            continue
        yield message
        if calls:
            role: Role = "tool"
            yield Message(
                role,
                [
                    results.get(call.id) or ToolResult(call.id, _NOT_RUN, call.name, is_error=True)
                    for call in calls
                ],
                status="complete",
            )


def _ran_tools(message: Message) -> bool:
    """Whether the provider did something: it may have paused there, and goes on from it."""
    return any(isinstance(part, ProviderTool) and part.extra for part in message.parts)


def _bare(parts: Sequence[Part]) -> list[Part]:
    return [
        ToolCall(part.id, part.name, part.arguments) if isinstance(part, ToolCall) else part
        for part in parts
        if not isinstance(part, Reasoning | ProviderTool)
    ]


def _steps(messages: Sequence[Message]) -> Iterator[Message]:
    """Yield the messages, those of several steps in parts: a step ends with its tools' results."""
    for message in messages:
        if message.role != "assistant" or not any(
            isinstance(part, ToolResult) for part in message.parts
        ):
            yield message
            continue
        parts: list[Part] = []
        for part in message.parts:
            if isinstance(part, ToolResult):
                if parts:
                    yield msgspec.structs.replace(message, parts=parts)
                parts = []
            else:
                parts.append(part)
        yield msgspec.structs.replace(message, parts=parts)
