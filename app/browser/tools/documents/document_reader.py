"""Reads documents in a Python of their own: in a worker of session.html, which has no origin and no
network. What is damaged, or made to do harm, ends there.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from js import Object, Uint8Array
from pyodide.ffi import to_js

from ....core.nesting import is_too_deep
from ..sandbox.frame import Frame, FrameError

_ADDRESS = "app/browser/tools/session/session.html"
_PACKAGE = "app-documents"
_SERVICE = "app.documents.worker"
# Only those need pypdf, which is larger than all of the rest.
_PDF = "pypdf"

# The text of a document by places; how it ended: "whole", "cut", "late", "broken" where its Python
# broke down, or why there is none (documents/problems); pictures of its pages, with their names.
Read = tuple[str, str, list[tuple[str, bytes]]]

# How long one may take: what was read until then is used. Python stays for the next file so long.
_LIMIT_S = 120.0
_REST_S = 20.0
# One message a place. Of text there are 5 million characters at most (documents/worker).
_MOST_MESSAGES = 20_000
_MOST_CHARACTERS = 80_000_000


class DocumentReader:
    """One Python for the page, started with the first document and ended soon after the last."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._reads_pdf = False
        self._turn = asyncio.Lock()
        self._ending: asyncio.TimerHandle | None = None
        self._said: asyncio.Queue[Any] = asyncio.Queue()

    async def read(self, name: str, data: bytes, tell: Callable[[int, int], None]) -> Read:
        """Read a document. `tell(number, total)` hears of each place; `total` is 0 where nobody
        knows.
        """
        async with self._turn:
            if self._ending is not None:
                self._ending.cancel()
            pieces: list[str] = []
            pictures: list[tuple[str, bytes]] = []
            try:
                frame = await self._started(is_pdf=b"%PDF-" in data[:1024])
                _post(frame, owed=_MOST_MESSAGES, room=_MOST_CHARACTERS, texts=_MOST_CHARACTERS)
                _post(frame, text=name)
                buffer = Uint8Array.new(to_js(data)).buffer
                frame.post(_message(bytes=buffer), buffer)
                async with asyncio.timeout(_LIMIT_S):
                    end = await self._heard(pieces, pictures, tell)
            except FrameError:
                return "", "not started", []
            except TimeoutError:
                self.end()
                end = "late" if pieces else "broken"
            except BaseException:
                self.end()
                raise
            if end == "broken":
                self.end()
            if self._frame is not None:
                self._ending = asyncio.get_running_loop().call_later(_REST_S, self.end)
            return "".join(pieces), end, pictures

    async def _heard(
        self,
        pieces: list[str],
        pictures: list[tuple[str, bytes]],
        tell: Callable[[int, int], None],
    ) -> str:
        total, named = 0, ""
        while True:
            said = await self._said.get()
            if named and said is not None and not isinstance(said, str):
                pictures.append((named, bytes(said.to_bytes())))
                named = ""
                continue
            match _answer(said):
                case {"total": int(total)}:
                    pass
                case {"picture": str(named)}:
                    pass
                case {"text": str(text)} if text.startswith("\f"):
                    pieces.append(text)
                    tell(len(pieces), total)
                case {"end": str(end)}:
                    return end
                case _:
                    return "broken"

    def end(self) -> None:
        """End its Python, whatever it is doing."""
        frame, self._frame = self._frame, None
        if frame is not None:
            frame.end()

    async def _started(self, *, is_pdf: bool) -> Frame:
        if self._frame is not None and is_pdf and not self._reads_pdf:
            self.end()
        if self._frame is None:
            said: asyncio.Queue[Any] = asyncio.Queue()
            self._said = said
            packages = [_PACKAGE, _PDF] if is_pdf else [_PACKAGE]
            frame = Frame(_ADDRESS, packages, _SERVICE, said.put_nowait)
            try:
                await frame.start()
            except BaseException:
                frame.end()
                raise
            self._frame, self._reads_pdf = frame, is_pdf
        return self._frame


def _answer(said: Any) -> Any:
    """Read a message of its Python, of which a document made for it may have taken hold; None where
    it is none.
    """
    if not isinstance(said, str) or is_too_deep(said.encode("utf-8", "replace")):
        return None
    try:
        return json.loads(said)
    except ValueError:
        return None


def _post(frame: Frame, **fields: Any) -> None:
    frame.post(_message(**fields))


def _message(**fields: Any) -> Any:
    message = Object.new()
    for name, value in fields.items():
        setattr(message, name, value)
    return message
