"""A slow reader: it slows the sender, or it gets what has piled up in one piece.

Prints:

    backpressure on: at most 8 words at a time, 100 in all
    backpressure off: all that had come by then at once, 100 in all
"""

import asyncio

from app import Chat, StreamConfig
from app.events import ContentDelta

from .script import MODEL, PROVIDER, plays

WORDS = " ".join(["word"] * 100)


async def read_slowly(config: StreamConfig) -> list[list[str]]:
    chat = Chat(PROVIDER, MODEL, transport=plays(WORDS), stream_config=config)
    batches = []
    async for batch in chat.stream("Go").batches():
        batches.append([event.text for event in batch if isinstance(event, ContentDelta)])
        await asyncio.sleep(0)  # so slow that the network could bring a lot
    return batches


async def main() -> None:
    batches = await read_slowly(StreamConfig(buffer=8, backpressure=True))
    words = sum(len(batch) for batch in batches)
    assert max(len(batch) for batch in batches) <= 8
    print(f"backpressure on: at most 8 words at a time, {words} in all")

    batches = await read_slowly(StreamConfig(buffer=8, backpressure=False))
    words = sum(len(text.split()) for batch in batches for text in batch)
    assert max(len(text.split()) for batch in batches for text in batch) > 8
    print(f"backpressure off: all that had come by then at once, {words} in all")


if __name__ == "__main__":
    asyncio.run(main())
