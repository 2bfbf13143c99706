"""Questions that are asked while an answer is on its way: they wait, are dropped, or interrupt.

Prints:

    queued: complete
    dropped: aborted
    interrupted: aborted, then complete
"""

import asyncio

from app import Chat
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Stall

from .script import MODEL, PROVIDER, STORY, plays

RECORDS = records(Answer(text=STORY))
BEGINNING, REST = RECORDS[:3], RECORDS[3:]


async def main() -> None:
    slow = streamed([*BEGINNING, Gate("go on"), *REST])
    transport = plays(slow, STORY)
    chat = Chat(PROVIDER, MODEL, transport=transport)
    first = asyncio.ensure_future(chat.stream("One?").result())
    await asyncio.sleep(0)
    second = chat.stream("Two?", when_busy="queue")
    dropped = chat.stream("Three?", when_busy="drop")
    transport.open_gate("go on")
    await first
    print("queued:", (await second.result()).status)
    print("dropped:", dropped.status)

    endless = streamed([*BEGINNING, Stall()])
    chat = Chat(PROVIDER, MODEL, transport=plays(endless, STORY))
    first = asyncio.ensure_future(chat.stream("One?").result())
    await asyncio.sleep(0)
    second = chat.stream("Two?", when_busy="interrupt")
    print(f"interrupted: {(await first).status}, then {(await second.result()).status}")


if __name__ == "__main__":
    asyncio.run(main())
