"""The byte pump under Python's names."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from pyodide.ffi import create_proxy
from tokenfall_page import openBytePump  # boot.mjs registers it


class Pump:
    """The bytes of a stream, a burst at a time, as `pump.mjs` gathers them."""

    def __init__(self, stream: Any, pause_ms: float = 0) -> None:
        self._arrival: asyncio.Future[None] | None = None
        self._on_arrival = create_proxy(self._arrived)
        self._pump = openBytePump(stream, self._on_arrival, pause_ms)

    async def bursts(self) -> AsyncIterator[bytes]:
        """Yield what arrives. Raises the stream's own `JsException`."""
        take = self._pump.take
        loop = asyncio.get_running_loop()
        while (burst := take()) is not None:
            if burst is not False:
                yield burst.to_bytes()
                continue
            # A promise, or a future that the loop makes, would spend a turn more of the loop.
            self._arrival = asyncio.Future(loop=loop)
            await self._arrival

    def close(self) -> None:
        """Give up the stream; at its end that does nothing."""
        self._pump.cancel()
        self._on_arrival.destroy()

    def _arrived(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
