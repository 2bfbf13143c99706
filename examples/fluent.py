"""Settings in a chain, chunks with content and tool calls, callbacks of a message's life.

Prints:

    [Calling: weather]
    tool call: weather {"city":"Berlin"}
    tool result: 18 degrees in Berlin
    Assistant: It is mild.
    [10 tokens]
    whole: It is mild.
"""

import asyncio

from app import Message
from app.adapters import Chunk, FluentChat, by_chunk

from .script import MODEL, PROVIDER, answer, plays


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"18 degrees in {city}"


def show(chunk: Chunk) -> None:
    if chunk.tool_calls:
        call = next(iter(chunk.tool_calls.values()))
        if not call.arguments:
            print(f"[Calling: {call.name}]")
    elif chunk.content:
        print(chunk.content, end="")


def count(message: Message) -> None:
    if message.usage:
        print(f"\n[{message.usage.total_tokens} tokens]")


async def main() -> None:
    transport = plays(answer(calls=(("weather", '{"city":"Berlin"}'),)), "It is mild.")
    chat = (
        FluentChat(PROVIDER, "none", transport=transport)
        .with_model(MODEL)
        .with_tool(weather)
        .with_instructions("Be brief.")
        .with_temperature(0.2)
    )
    chat.on_tool_call(lambda call: print(f"tool call: {call.name} {call.arguments}"))
    chat.on_tool_result(lambda result: print(f"tool result: {result.content}\nAssistant: ", end=""))
    chat.on_end_message(count)

    await chat.ask("What's the weather in Berlin?", by_chunk(show))
    print("whole:", chat.messages[-1].text)


if __name__ == "__main__":
    asyncio.run(main())
