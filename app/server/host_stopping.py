"""The end of the program that the page is mounted in.

A mounted app is told nothing of it: Starlette gives `lifespan` to the outer app alone, and uvicorn
waits for each connection to close, of which a page that follows its chats keeps one open. But
uvicorn's handler of signals is a method of its server, which knows that it was told to stop.
"""

import asyncio
import signal

_EVERY_S = 0.3
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def until_host_stops() -> None:
    """Wait until the uvicorn around is to stop; for ever where another program serves."""
    while not any(_is_stopping(signal.getsignal(one)) for one in _SIGNALS):
        await asyncio.sleep(_EVERY_S)


def _is_stopping(handler: object) -> bool:
    return getattr(getattr(handler, "__self__", None), "should_exit", False) is True
