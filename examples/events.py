"""Every kind of event in an answer that thinks, calls a tool and goes on.

Prints:

    [thinking] Weather means a tool.
    [calling tool 0: weather (call_0)]
    [arguments] {"city":"Tokyo"}
    [runs] weather
    [result] 18 degrees in Tokyo
    It is mild.
    [tokens: 21]
    [done: complete, stop]
"""

import asyncio

from app import Chat
from app.events import (
    ContentDelta,
    Done,
    ReasoningDelta,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    ToolRunStart,
)

from .script import MODEL, PROVIDER, answer, plays


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"18 degrees in {city}"


async def main() -> None:
    asks = answer(reasoning="Weather means a tool.", calls=(("weather", '{"city":"Tokyo"}'),))
    chat = Chat(PROVIDER, MODEL, tools=[weather], transport=plays(asks, "It is mild."))
    content, reasoning, arguments = "", "", [""]
    async for event in chat.stream("Do I need a coat in Tokyo?"):
        match event:
            case ContentDelta(text):
                content += text
            case ReasoningDelta(text):
                reasoning += text
            case ToolCallStart(index, id, name):
                print(f"[thinking] {reasoning}\n[calling tool {index}: {name} ({id})]")
            case ToolCallDelta(index, fragment):
                arguments[index] += fragment
            case ToolCallEnd(index):
                print(f"[arguments] {arguments[index]}")
            case ToolRunStart(_, name):
                print(f"[runs] {name}")
            case ToolResult():
                print(f"[result] {event.content}")
            case Done(status, reason):
                assert event.usage is not None
                print(f"{content}\n[tokens: {event.usage.total_tokens}]")
                print(f"[done: {status}, {reason}]")


if __name__ == "__main__":
    asyncio.run(main())
