"""Collecting a stream: shown while it comes, and whole at its end.

Prints:

    The lamp went out. Ines lit four lanterns.
    content: 42 characters
    reasoning: A story, then.
    tool_calls: []
    usage: 7 + 11 = 18
    finish_reason: stop
"""

import asyncio

from app import Chat, Message

from .script import MODEL, PROVIDER, STORY, answer, plays


async def main() -> None:
    transport = plays(answer(STORY, reasoning="A story, then."))
    run = Chat(PROVIDER, MODEL, transport=transport).stream("Tell me a story")
    async for text in run.text():
        print(text, end="", flush=True)

    response: Message = await run.result()
    print(f"\ncontent: {len(response.text)} characters")
    print("reasoning:", response.reasoning)
    print("tool_calls:", response.tool_calls)
    if usage := response.usage:
        print(f"usage: {usage.input_tokens} + {usage.output_tokens} = {usage.total_tokens}")
    print("finish_reason:", response.finish_reason)


if __name__ == "__main__":
    asyncio.run(main())
