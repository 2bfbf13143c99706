"""An answer as chunks of text, of which the last one is final and knows usage and error.

Prints:

    The lamp went out. Ines lit four lanterns.
    15 tokens, 42 characters
    The lamp
    the stream failed: The connection broke in the middle of the answer.
"""

import asyncio

from app import Chat
from app.core.text.stream_chunks import stream_chunks
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Cut

from .script import MODEL, PROVIDER, STORY, plays


async def main() -> None:
    chat = Chat(PROVIDER, MODEL, transport=plays(STORY))
    full_response = ""
    async for chunk in stream_chunks(chat.stream("Tell me a story")):
        print(chunk.text, end="", flush=True)
        full_response += chunk.text
        if chunk.is_final and chunk.usage:
            print(f"\n{chunk.usage.total_tokens} tokens, {len(full_response)} characters")

    broken = streamed([*records(Answer(text=STORY))[:3], Cut()])
    chat = Chat(PROVIDER, MODEL, transport=plays(broken))
    async for chunk in stream_chunks(chat.stream("Tell me a story")):
        print(chunk.text, end="", flush=True)
        if chunk.error:
            print(f"\nthe stream failed: {chunk.error.message}")


if __name__ == "__main__":
    asyncio.run(main())
