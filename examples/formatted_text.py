"""An answer with a tool in it as plain text: with labels, and in the standard formatting.

Prints:

    [Thinking]:
    The user asks about the weather.
    [Content]:
    Let me check.
    [TOOL_CALL]: get_weather({"city":"Tokyo"})
    [TOOL_RESULT]: 22 degrees
    [Content]:
    It is mild.
    ---
    Let me check.
    → get_weather(city="Tokyo")
    ← 22 degrees
    It is mild.
"""

import asyncio

from app import Chat
from app.core.text.formatter import Formatter, formatted

from .script import MODEL, PROVIDER, answer, plays


def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return "22 degrees"


def asks() -> Chat:
    call = answer(
        "Let me check.",
        reasoning="The user asks about the weather.",
        calls=(("get_weather", '{"city":"Tokyo"}'),),
    )
    return Chat(PROVIDER, MODEL, tools=[get_weather], transport=plays(call, "It is mild."))


async def main() -> None:
    formatter = Formatter("labels")
    async for event in asks().stream("Do I need a coat?"):
        print(formatter.push(event), end="")  # holds back what may become a tag
    print(formatter.flush() + "\n---")

    async for text in formatted(asks().stream("Do I need a coat?")):
        print(text, end="", flush=True)
    print()


if __name__ == "__main__":
    asyncio.run(main())
