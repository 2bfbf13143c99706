"""Several providers behind one door; the next one stands in where one fails at once.

Prints:

    asked: openrouter.ai
    asked: localhost
    The lamp went out. Ines lit four lanterns.
    complete
"""

import asyncio
from urllib.parse import urlsplit

from app import Gateway, Retries, user
from app.errors import ConnectError
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport
from app.transports import Request

from .script import STORY, answer


def network(request: Request) -> Reply:
    """A network in which only what runs on this machine answers."""
    host = urlsplit(request.url).hostname
    print("asked:", host)
    if host != "localhost":
        raise ConnectError(f"Nothing answers at {host}.")
    return answer(STORY)


async def main() -> None:
    builder = Gateway.builder().openrouter("a-key").lm_studio()
    gateway = builder.transport(ScriptedTransport(network)).build()
    # A conversation instead of one answer: gateway.chat(model=…)

    run = gateway.chat_stream(
        [user("Tell me a story")],
        model="openrouter/anthropic/claude-sonnet-4",
        fallbacks=["lm-studio/qwen3-8b"],
        retries=Retries(attempts=0),
    )
    async for text in run.text():
        print(text, end="", flush=True)
    print(f"\n{run.status}")


if __name__ == "__main__":
    asyncio.run(main())
