"""A history that every provider accepts, whatever happened before.

Providers refuse a whole conversation for one loose end: a call without its result, a result without
its call, an empty turn.
"""

from collections.abc import Iterator, Sequence

from ..core.messages import Message, Role, ToolResult

_NOT_RUN = "This tool was not run."


def settled(messages: Sequence[Message]) -> Iterator[Message]:
    """Yield the messages with every loose end tied.

    Turns that say nothing (an answer that failed before its first word) are left out. After an
    answer with tool calls comes one message with a result for each, in the order of the calls; a
    call that was never answered gets a result that says so. Results without a call are left out.
    """
    results = {
        part.call_id: part
        for message in messages
        for part in message.parts
        if isinstance(part, ToolResult)
    }
    for message in messages:
        if message.role == "tool":
            continue
        calls = message.tool_calls
        if not (calls or message.text or message.refusal or message.files):
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
