"""A session in the tab: called by the script of its worker with the page's texts and files, answers
with `messages` and the bytes of files.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from .imports import needs
from .messages import File, Installed, Message, written
from .packages import Load, install
from .session import Session, catch_interrupts

_FOLDER = Path("/files")


def serve(reply: Callable[[str | bytes], None], load: Load) -> Callable[[Any], None]:
    """Give the function that takes the page's messages; `reply` takes the answers, `load` loads
    packages.
    """
    _FOLDER.mkdir(exist_ok=True)
    os.chdir(_FOLDER)
    sys.path.append(str(_FOLDER))  # last, so that no file there takes a library's place
    return _Service(reply, load).take


class _Service:
    def __init__(self, reply: Callable[[str | bytes], None], load: Load) -> None:
        self._reply = reply
        self._load = load
        self._session = Session(self._tell, _FOLDER)
        self._name = ""  # of the file whose bytes come next
        self._is_package = False
        self._packages: dict[str, Any] = {}  # files of packages, until they are installed
        # The loop keeps no hold of what runs.
        self._running: set[asyncio.Task[None]] = set()
        catch_interrupts(self._session)

    def take(self, said: Any) -> None:
        """Take a text of the page, or the bytes of the file that it has just named."""
        if not isinstance(said, str):
            if self._is_package:
                self._packages[self._name] = said
            else:
                self._session.folder.put(self._name, said.to_bytes())
            return
        match json.loads(said):
            case {"kind": "Put" | "Package" as kind, "name": str(name)}:
                self._name, self._is_package = name, kind == "Package"
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
                self._session.interrupt()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _install(self, names: list[str], wheels: list[str]) -> None:
        files, self._packages = self._packages, {}
        self._tell(Installed(await install(names, wheels, files, self._load)))

    async def _run(self, code: str, cell: int) -> None:
        self._tell(await self._session.run_async(code, cell))

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
