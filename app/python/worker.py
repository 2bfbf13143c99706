"""A session in the tab: called by the script of its worker with the page's texts and files, answers
with `messages` and the bytes of files.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol

from . import http_clients
from .imports import needs
from .messages import File, Installed, Message, written
from .network import Network
from .packages import Load, install
from .session import Session, catch_interrupts

_FOLDER = Path("/files")


class Tab(Protocol):
    """Help of sandbox_worker.mjs: `load` loads packages."""

    load: Load

    def carry(self, carried: Callable[..., Awaitable[list[Any]]], plain: type, /) -> None:
        """Have the browser's `fetch` go this way, and have `plain` in the place of its
        `XMLHttpRequest`.
        """


def serve(reply: Callable[[str | bytes], None], tab: Tab) -> Callable[[Any], None]:
    """Give the function that takes the page's messages; `reply` takes the answers."""
    _FOLDER.mkdir(exist_ok=True)
    os.chdir(_FOLDER)
    sys.path.append(str(_FOLDER))  # last, so that no file there takes a library's place
    return _Service(reply, tab).take


class _Service:
    def __init__(self, reply: Callable[[str | bytes], None], tab: Tab) -> None:
        self._reply = reply
        self._tab = tab
        self._session = Session(self._tell, _FOLDER)
        self._take_bytes: Callable[[Any], None] = lambda data: None  # of what was just named
        self._packages: dict[str, Any] = {}  # files of packages, until they are installed
        # The loop keeps no hold of what runs.
        self._running: set[asyncio.Task[None]] = set()
        catch_interrupts(self._session)
        self._network = Network(self._tell, lambda: self._session.is_running)
        tab.carry(self._network.carried, http_clients.serve(self._network.ask))

    def take(self, said: Any) -> None:
        """Take a text of the page, or the bytes of what it has just named."""
        if not isinstance(said, str):
            self._take_bytes(said)
            return
        match json.loads(said):
            case {"kind": "Put", "name": str(name)}:
                self._take_bytes = lambda data: self._session.put(name, data.to_bytes())
            case {"kind": "Package", "name": str(name)}:
                self._take_bytes = lambda data: self._packages.update({name: data})
            case {"kind": "Answer", "request": int(number), "about": about}:
                self._take_bytes = lambda data: self._network.take(number, data.to_bytes(), **about)
            case {"kind": "Refusal", "request": int(number), "reason": str(reason)}:
                self._network.refuse(number, reason)
            case {"kind": "Inspect", "code": str(code)}:
                self._tell(needs(code))
            case {"kind": "Install", "packages": list(names), "wheels": list(wheels)}:
                self._begin(self._install(names, wheels))
            case {"kind": "Run", "cell": int(cell), "code": str(code)}:
                self._begin(self._run(code, cell))
            case {"kind": "Remove", "name": str(name)}:
                self._session.folder.remove(name)
            case {"kind": "List"}:
                self._tell(self._session.variables())
            case {"kind": "Interrupt"}:
                self._network.stop()
                self._session.interrupt()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _install(self, names: list[str], wheels: list[str]) -> None:
        files, self._packages = self._packages, {}
        self._tell(Installed(await install(names, wheels, files, self._tab.load)))

    async def _run(self, code: str, cell: int) -> None:
        done = await self._session.run_async(code, cell)
        self._network.stop()  # nobody answers what the cell has left behind
        self._tell(done)

    def _tell(self, message: Message) -> None:
        if not isinstance(message, File):
            self._reply(written(message))
            return
        try:
            data = self._session.folder.place(message.name).read_bytes()
        except OSError:
            return  # a task of the cell has taken it away again
        self._reply(written(message))
        self._reply(data)
