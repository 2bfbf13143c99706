"""Waiting that the network may end: what was lost may be had again."""

import asyncio
from contextlib import suppress

from js import navigator, window
from pyodide.ffi import create_proxy

# Where the browser says that there is no network it may be wrong: then this long, in seconds.
_OFFLINE_S = 30.0


async def wait_for_network(seconds: float) -> None:
    """Wait so long, or until the network is back; without one longer, as nothing would come."""
    back = asyncio.Event()
    hear = create_proxy(lambda _: back.set())
    window.addEventListener("online", hear)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds if navigator.onLine else _OFFLINE_S):
                await back.wait()
    finally:
        window.removeEventListener("online", hear)
        hear.destroy()
