"""A status every so many tokens, and the total at the end.

Prints:

    The lamp went out. [4] Ines lit four lanterns. [8]
    [Total: 8 tokens]
"""

import asyncio
import time

from app import Chat
from app.core.text.stream_chunks import Meter
from app.events import ContentDelta, Done

from .script import MODEL, PROVIDER, STORY, plays


async def main() -> None:
    chat = Chat(PROVIDER, MODEL, transport=plays(STORY))
    meter = Meter(time.monotonic, every=4)
    async for event in chat.stream("Tell me a story"):
        if isinstance(event, ContentDelta):
            print(event.text, end="")
        progress = meter.push(event)
        if isinstance(event, Done):
            print(f"\n[Total: {meter.progress.tokens} tokens]")
        elif progress is not None:
            print(f" [{progress.tokens}]", end="")


if __name__ == "__main__":
    asyncio.run(main())
