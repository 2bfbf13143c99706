"""Marks of answers that were being drawn when a tab died: those are drawn as plain text from then
on.

A mark stands in this browser's storage from before an answer is drawn until it is laid out. A tab
that goes on, or is closed as tabs are, takes its marks away; one whose process has ended can't.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import js
from js import window
from pyodide.ffi import create_once_callable, create_proxy, to_js

from ..markdown import markdown
from ..storage.tabs import Tabs
from ..web import web_storage
from ..web.dom import Node, find
from ..web.tasks import beside
from ..web.web_storage import DEVICE

_KEY = "tokenfall.drawing "
_PAUSE_S = 0.05


class DrawingMarks:
    """This tab's marks, by the id of an answer's first message, and those of tabs that died."""

    def __init__(self, tabs: Tabs) -> None:
        self._tabs = tabs
        self._mine: set[str] = set()
        self._drawn: dict[str, Callable[[], bool]] = {}
        self._is_following = False
        self._near: Node = None
        window.addEventListener("pagehide", create_proxy(lambda _: self._take_all_away()))

    def has_failed(self, id: str) -> bool:
        """Tell whether another tab began to draw this answer, and has not come to an end with
        it.
        """
        owner = _owner(id)
        return bool(owner) and owner != self._tabs.name

    async def is_drawn_elsewhere(self, id: str) -> bool:
        """Tell whether a tab that lives is drawing it just now."""
        return _owner(id) in await self._tabs.alive()

    def begin(self, id: str) -> None:
        """Mark an answer, before anything of it is in the page."""
        if not self._mine:
            beside(self._tabs.live())
        if web_storage.put(DEVICE, _KEY + id, self._tabs.name):  # else nothing is known
            self._mine.add(id)

    def end(self, id: str) -> None:
        """Take the mark away: it is laid out, or not shown any more."""
        self._drawn.pop(id, None)
        if id in self._mine:
            self._mine.discard(id)
            web_storage.remove(DEVICE, _KEY + id)

    def end_after(self, id: str, is_drawn: Callable[[], bool]) -> None:
        """Take the mark away as soon as the answer is drawn and laid out."""
        if id in self._mine:
            self._drawn[id] = is_drawn
            if not self._is_following:
                self._is_following = True
                beside(self._follow())

    def watch(self, article: Node) -> None:
        """Mark an answer, which is not laid out yet, again when it comes near enough to be."""
        if self._near is None:
            self._near = js.IntersectionObserver.new(
                create_proxy(self._on_near),
                to_js(
                    {"root": find("scroller"), "rootMargin": "300% 0px"},
                    dict_converter=js.Object.fromEntries,
                ),
            )
        self._near.observe(article)

    def _on_near(self, entries: Any, observer: Any) -> None:
        for entry in entries:
            if entry.isIntersecting:
                observer.unobserve(entry.target)
                id = str(entry.target.getAttribute("data-turn"))
                if not self.has_failed(id):
                    self.begin(id)
                    self.end_after(id, lambda: True)

    async def _follow(self) -> None:
        while self._drawn:
            done = [id for id, is_drawn in self._drawn.items() if is_drawn()]
            await markdown.settled()
            # The first frame lays out what is there; when the second one begins, that is done.
            await _frame()
            await _frame()
            for id in done:
                self.end(id)
            if not done:
                await asyncio.sleep(_PAUSE_S)
        self._is_following = False

    def _take_all_away(self) -> None:
        for id in list(self._mine):
            self.end(id)


def _owner(id: str) -> str:
    return web_storage.get(DEVICE, _KEY + id) or ""


async def _frame() -> None:
    done = asyncio.get_running_loop().create_future()
    js.requestAnimationFrame(create_once_callable(lambda _: done.set_result(None)))
    await done
