"""Work that is done once a turn of the event loop, however many asked for it."""

import asyncio
from collections.abc import Callable


class Once:
    """Calls `work` after the running code, once for all calls until then."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._is_asked = False

    def __call__(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            asyncio.get_running_loop().call_soon(self._do)

    def _do(self) -> None:
        self._is_asked = False
        self._work()
