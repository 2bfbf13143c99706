"""Work that lasts as long as somebody listens."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.types import Receive


async def while_connected(
    receive: Receive, closing: asyncio.Event, work: Coroutine[Any, Any, None]
) -> bool:
    """Run `work` to its end, or cancel it when the client leaves or `closing` is set.

    The client is watched also while nothing is sent. The request's body must have been read,
    for until then `receive` brings the body. Returns whether the work came to its end; its
    exceptions come through.
    """
    task = asyncio.create_task(work)
    watchers = [asyncio.create_task(_gone(receive)), asyncio.create_task(closing.wait())]
    try:
        await asyncio.wait([task, *watchers], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            return False
        await task
        return True
    finally:
        for each in (task, *watchers):
            each.cancel()
        await asyncio.gather(task, *watchers, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
