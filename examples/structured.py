"""A type in, a checked value of that type out, which can be seen growing.

Prints:

    title: Nine
    title: Nine Lights
    title: Nine Lights, lamps: [4]
    title: Nine Lights, lamps: [4, 5]
    Story(title='Nine Lights', lamps=[4, 5])
    The answer does not fit:
    - answer.lamps: expected array, got "many"
"""

import asyncio
from dataclasses import dataclass

from app import Chat, Options, Output
from app.core.tools.checking import Mismatch

from .script import MODEL, PROVIDER, plays


@dataclass
class Story:
    title: str
    lamps: list[int]


async def main() -> None:
    story = Output(Story)
    transport = plays(
        '{"title": "Nine Lights", "lamps": [4, 5]}',
        '{"title": "Nine Lights", "lamps": "many"}',
    )
    chat = Chat(PROVIDER, MODEL, transport=transport, options=Options(output=story.format))

    growing = story.growing()
    shown = ""
    async for text in chat.stream("Tell me a story").text():
        now = ", ".join(f"{name}: {value}" for name, value in growing.feed(text).items())
        if now != shown:
            shown = now
            print(now)
    print(growing.result())

    try:
        print(story.parse((await chat.ask("Another one")).text))
    except Mismatch as mismatch:
        print(mismatch)


if __name__ == "__main__":
    asyncio.run(main())
