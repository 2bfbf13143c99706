"""Signs of life of a source that is silent for long: a reader would take it for dead."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from ..core.events import Event, Heartbeat

EVERY_S = 15.0


async def with_signs_of_life(
    batches: AsyncGenerator[list[Event]], every_s: float = EVERY_S
) -> AsyncGenerator[list[Event]]:
    """Yield the batches, and a heartbeat where none has come for so long. Leaving closes them."""
    async with aclosing(batches):
        coming = asyncio.ensure_future(anext(batches, None))
        try:
            while True:
                await asyncio.wait({coming}, timeout=every_s)
                if not coming.done():
                    yield [Heartbeat()]
                elif (batch := coming.result()) is None:
                    return
                else:
                    yield batch
                    coming = asyncio.ensure_future(anext(batches, None))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
