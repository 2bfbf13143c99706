"""A document without an origin in which a Python runs, from the page's side: it is given all that
it needs as bytes, and ends with its element, whatever it is doing.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from js import Array, MessageChannel, Object, document, fetch
from pyodide.ffi import JsException, create_proxy
from tokenfall_page import apart, keepUsed  # boot.mjs registers them

from . import words

_WORKER = "app/browser/tools/sandbox/sandbox_worker.mjs"
_LOCK = "vendor/pyodide/pyodide-lock.json"
_FILES = {
    "loader": "vendor/pyodide/pyodide.mjs",
    "module": "vendor/pyodide/pyodide.asm.mjs",
    "wasm": "vendor/pyodide/pyodide.asm.wasm",
    "library": "vendor/pyodide/python_stdlib.zip",
    "lock": _LOCK,
}

# The frame answers at once where there is one.
_FRAME_LIMIT_S = 10.0
# Python starts in 1 to 3 seconds here.
_START_LIMIT_S = 120.0


class FrameError(Exception):
    """A frame that did not start; the message is the reason, as far as there is one."""


class Frame:
    """`address` is its document, `service` the module in the wheels of these packages that answers
    there. `heard` is called with its messages once it is up, and with `None` where it ended by
    itself. `lock` is the list of the packages that its Pyodide knows.
    """

    def __init__(
        self,
        address: str,
        packages: Iterable[str],
        service: str,
        heard: Callable[[Any], None],
        lock: str = _LOCK,
    ) -> None:
        self._address = address
        self._packages = packages
        self._service = service
        self._sources = [*(_FILES | {"lock": lock}).values(), _WORKER]
        self._used = [lock]
        self._heard = heard
        self._states: asyncio.Queue[Any] = asyncio.Queue()
        self._frame = document.createElement("iframe")
        self._channel = MessageChannel.new()
        self._listener = create_proxy(self._on_message)
        self._channel.port1.onmessage = self._listener
        self._is_up = False

    async def start(self) -> Any:
        """Start it; return its document's account of itself.

        Raises:
            FrameError: It does not start.
        """
        try:
            loaded = asyncio.Event()
            on_load = create_proxy(lambda _: loaded.set())
            self._frame.hidden = True
            self._frame.title = "Sandbox"
            # Memory that two threads share, where the page has it: an interrupt needs it. For any
            # origin, as none is its own.
            self._frame.setAttribute("allow", "cross-origin-isolated *")
            attributes = await apart(self._address, "allow-scripts")
            for name, value in Object.entries(attributes):
                self._frame.setAttribute(name, value)
            self._frame.addEventListener("load", on_load)
            document.body.append(self._frame)
            files, _ = await asyncio.gather(
                self._files(), asyncio.wait_for(loaded.wait(), _FRAME_LIMIT_S)
            )
            on_load.destroy()
            # The frame has no origin that could be named. There is nothing secret in this.
            self._frame.contentWindow.postMessage(
                files, "*", Array.of(self._channel.port2, *files.files)
            )
            async with asyncio.timeout(_FRAME_LIMIT_S):
                about = await self._reached("loaded")
            async with asyncio.timeout(_START_LIMIT_S):
                await self._reached("ready")
        except (JsException, TimeoutError, OSError) as error:
            raise FrameError(str(error)) from None
        self._is_up = True
        keepUsed(*self._used)
        return about

    def post(self, message: Any, *transferred: Any) -> None:
        """Say something to the document."""
        self._channel.port1.postMessage(message, Array.of(*transferred))

    def end(self) -> None:
        """Remove it: the browser ends a worker with its document, also in the middle of a loop."""
        self._frame.remove()
        self._channel.port1.close()
        self._channel.port1.onmessage = None
        self._listener.destroy()

    def _on_message(self, event: Any) -> None:
        is_state = hasattr(event.data, "state")
        if not self._is_up:
            self._states.put_nowait(event.data)
        else:
            self._heard(None if is_state else event.data)

    async def _reached(self, state: str) -> Any:
        said = await self._states.get()
        if getattr(said, "state", "") != state:
            raise FrameError(str(getattr(said, "reason", "")))
        return said

    async def _files(self) -> Any:
        """Fetch all that it needs, as one message whose `files` are to be transferred."""
        names = [*_FILES, "worker"]
        *found, packages = await asyncio.gather(*map(_bytes, self._sources), self._wheels())
        message = Object.new()
        for name, data in zip(names, found, strict=True):
            setattr(message, name, data)
        message.service = self._service
        message.wheels = Array.of(*packages)
        # The worker's script is used by the frame itself.
        message.files = Array.of(*found[:-1], *packages)
        return message

    async def _wheels(self) -> list[Any]:
        lock = (await (await _response(_LOCK)).json()).to_py()
        folder = _LOCK.rpartition("/")[0]
        known = lock["packages"]
        needed = [one for name in self._packages for one in (name, *known[name]["depends"])]
        paths = [f"{folder}/{known[name]['file_name']}" for name in needed]
        self._used += paths
        return await asyncio.gather(*map(_bytes, paths))


async def _bytes(path: str) -> Any:
    return await (await _response(path)).arrayBuffer()


async def _response(path: str) -> Any:
    try:
        response = await fetch(path)
    except JsException:  # the browser does not say why
        raise OSError(words.not_fetched(path)) from None
    if not response.ok:
        raise OSError(f"{path}: HTTP status {response.status}")
    return response
