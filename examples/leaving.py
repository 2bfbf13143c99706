"""A reader that goes away: the request and the tools that run are cancelled, the rest is kept.

Prints:

    Let me look it up.
    the tool was cancelled
    aborted: Let me look it up.
    aborted: Once
"""

import asyncio

from app import Chat
from app.events import ContentDelta, ToolRunStart
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Stall

from .script import MODEL, PROVIDER, answer, plays


async def slow_search(query: str) -> str:
    """Search for very long."""
    try:
        await asyncio.Event().wait()
        return "found"
    except asyncio.CancelledError:
        print("\nthe tool was cancelled")
        raise


async def main() -> None:
    asks = answer("Let me look it up.", calls=(("slow_search", '{"query": "lamps"}'),))
    chat = Chat(PROVIDER, MODEL, tools=[slow_search], transport=plays(asks))
    async with chat.stream("Who made the first lamp?") as run:
        async for event in run:
            if isinstance(event, ContentDelta):
                print(event.text, end="")
            if isinstance(event, ToolRunStart):
                await asyncio.sleep(0)  # the tool begins
                break  # leaving the block is what cancels
    print(f"{run.status}: {run.message.text}")

    # A stop from outside wakes even a wait for a provider that has gone silent.
    silent = streamed([*records(Answer(text="Once upon a time"))[:2], Stall()])
    run = Chat(PROVIDER, MODEL, transport=plays(silent)).stream("Tell me a story")
    asyncio.get_running_loop().call_later(0.01, run.cancel)
    message = await run.result()
    print(f"{message.status}: {message.text}")


if __name__ == "__main__":
    asyncio.run(main())
