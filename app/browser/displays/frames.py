"""The frames themselves under Python's names: display_frame.mjs, which comes with the first."""

import asyncio
from collections.abc import Callable
from typing import Any

from js import Object
from pyodide.ffi import create_proxy, to_js
from tokenfall_page import loadDisplays  # boot.mjs registers it

from ..web.dom import Node


async def module() -> Node:
    """Give display_frame.mjs."""
    return await loadDisplays()


class Frame:
    """A frame in `place`. `tell` is called with its messages, "ended" with the reason as the
    last.
    """

    def __init__(
        self, displays: Node, place: Node, title: str, tell: Callable[[str, Any], None]
    ) -> None:
        self._tell = tell
        self._proxy = create_proxy(self._take)
        self.is_open = True
        self._frame = displays.DisplayFrame.new(place, title, self._proxy)

    def send(self, type: str, transfer: Any = None, **values: Any) -> None:
        """Send it a message; see display.html."""
        if self.is_open:
            message = to_js({"type": type, **values}, dict_converter=Object.fromEntries)
            self._frame.send(message, to_js([transfer] if transfer is not None else []))

    def end(self) -> None:
        """Take it away."""
        if self.is_open:
            self._frame.end("done")

    def _take(self, type: str, value: Any = None) -> None:
        if type == "ended":
            self.is_open = False
            # Not while it is being called.
            asyncio.get_running_loop().call_soon(self._proxy.destroy)
        self._tell(type, value)
