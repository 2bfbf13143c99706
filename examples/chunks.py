"""An answer as chunks with a final one, and a count every few tokens.

Prints:

    The lamp went out. Ines lit four lanterns.
    complete, 8 tokens written
    3 so far
    6 so far
    8 in all
"""

import asyncio
from time import monotonic

from app.core.chat import Chat
from app.core.stream_chunks import Meter, stream_chunks

from .script import MODEL, PROVIDER, STORY, plays


async def main() -> None:
    chat = Chat(PROVIDER, MODEL, transport=plays(STORY))
    async for chunk in stream_chunks(chat.stream("Tell me a story")):
        print(chunk.text, end="", flush=True)
        if chunk.is_final and chunk.usage is not None:
            print(f"\n{chunk.status}, {chunk.usage.output_tokens} tokens written")

    meter = Meter(monotonic, every=3)
    async for event in chat.stream("Tell me another one"):
        if (progress := meter.push(event)) is not None:
            print(progress.tokens, "in all" if progress.is_counted else "so far")


if __name__ == "__main__":
    asyncio.run(main())
