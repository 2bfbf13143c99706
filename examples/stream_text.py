"""The text of an answer as it arrives, and the same answer whole.

Prints:

    The lamp went out. Ines lit four lanterns.
    complete, 15 tokens
    The lamp went out. Ines lit four lanterns.
"""

import asyncio

from app import Chat

from .script import MODEL, PROVIDER, STORY, plays


async def main() -> None:
    chat = Chat(PROVIDER, MODEL, transport=plays(STORY))
    run = chat.stream("Tell me a story")
    async for text in run.text():
        print(text, end="", flush=True)
    message = run.message
    assert message.usage is not None
    print(f"\n{message.status}, {message.usage.total_tokens} tokens")

    # Sync: the same loop, the same message, in one piece.
    message = await chat.ask("Tell me a story", streaming=False)
    print(message.text)


if __name__ == "__main__":
    asyncio.run(main())
