"""Searching the chats, in titles at once and in contents a little at a time.

Texts are read once a search and held until it is over, so that the next letter only looks. Chats
are shown as they are found, while the rest is being read.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from js import clearTimeout, performance, setTimeout
from pyodide.ffi import create_proxy

from ...history.records import ChatRecord
from ...history.search import Piece, Query, fold
from ..consent import words as consent_words
from ..conversation import found_words
from ..storage.chat_store import ChatStore
from ..storage.database import StorageError
from ..web.dom import announce, find, listen, show
from . import words

# How long looking may hold up the page at a time, and how long it lets others work.
_SLICE_MS = 8.0
_PAUSE_S = 0.004

# How often what was found so far is shown, and how often it is looked for more that was read.
_SHOW_MS = 250.0
_READING_S = 0.05

# After the last letter, before anything is looked for, in milliseconds.
_DELAY_MS = 120

# Texts of a chat as they are searched: folded, and as they were said.
_Texts = list[tuple[str, str]]


class ChatSearch:
    """The search of the box. `found` are the chats that fit, the latest first; `changed` is called
    when there are others.
    """

    def __init__(
        self,
        store: ChatStore,
        records: Callable[[], Iterable[ChatRecord]],
        changed: Callable[[], None],
    ) -> None:
        self.query = Query("")
        self.found: list[ChatRecord] = []
        self._store = store
        self._records = records
        self._changed = changed
        self._texts: dict[str, _Texts] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._timer: int | None = None
        self._on_timer = create_proxy(lambda: self._begin())
        listen(find("chat-search"), "input", lambda _: self._wait())

    def clear(self) -> None:
        """Show all chats again."""
        find("chat-search").value = ""
        self._begin()

    def recount(self, shown: int) -> None:
        """Say how many are left, where some of the found chats have been deleted."""
        if self.query and (self._looking is None or self._looking.done()):
            find("search-said").textContent = words.chats_found(shown)

    def look(self, chat: ChatRecord) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """Give the title and the place of the words in the contents; empty without a search."""
        if not self.query:
            return (), ()
        title = self.query.marked(chat.title or consent_words.UNTITLED)
        return title, self._snippet(chat)

    def _snippet(self, chat: ChatRecord) -> Sequence[Piece]:
        missing = self.query.missing(fold(chat.title)) or self.query.words
        best: tuple[int, str] = (0, "")
        for folded, text in (self._texts or {}).get(chat.id, ()):
            found = sum(word in folded for word in missing)
            if found > best[0]:
                best = found, text
        return self.query.snippet(best[1]) if best[1] else ()

    def _wait(self) -> None:
        # Nothing is looked for any more that another letter has made old.
        if self._looking is not None:
            self._looking.cancel()
        if self._timer is not None:
            clearTimeout(self._timer)
        self._timer = setTimeout(self._on_timer, _DELAY_MS)

    def _begin(self) -> None:
        self.query = Query(str(find("chat-search").value))
        if self._looking is not None:
            self._looking.cancel()
        show(find("search-state"), bool(self.query))
        if self.query:
            self._looking = asyncio.ensure_future(self._look())
        else:
            found_words.unmark()
            self.found, self._texts = [], None
            if self._reading is not None:
                self._reading.cancel()
                self._reading = None
            self._changed()

    async def _look(self) -> None:
        """Find the chats whose titles fit, show them, and add those whose contents fit as they are
        read.
        """
        records = sorted(self._records(), key=lambda chat: chat.updated_ms, reverse=True)
        by_id = {chat.id: chat for chat in records}
        fitting = {chat.id for chat in records if self.query.fits(fold(chat.title))}
        if self._texts is None:
            self._texts = {}
            self._reading = asyncio.ensure_future(self._read(self._texts))
        reading, read = self._reading, self._texts
        self._show(records, fitting, 0)
        began_ms = shown_ms = performance.now()
        looked, is_whole = 0, False
        while not is_whole:
            is_whole = reading is None or reading.done()
            # More may come of the chat that is being read.
            ready = len(read) if is_whole else len(read) - 1
            for id in list(islice(read, looked, max(ready, looked))):
                if id in by_id and id not in fitting and self._fits(by_id[id]):
                    fitting.add(id)
                looked += 1
                now_ms = performance.now()
                if now_ms - shown_ms > _SHOW_MS:
                    self._show(records, fitting, looked)
                    shown_ms = performance.now()
                if now_ms - began_ms > _SLICE_MS:
                    await asyncio.sleep(_PAUSE_S)
                    began_ms = performance.now()
            if not is_whole:
                # Slow findings are shown at once, quick ones not too often.
                if performance.now() - shown_ms > _SHOW_MS:
                    self._show(records, fitting, looked)
                    shown_ms = performance.now()
                await asyncio.sleep(_READING_S)
                began_ms = performance.now()
        self._show(records, fitting, None)
        announce(words.chats_found(len(fitting)))

    def _show(self, records: Sequence[ChatRecord], fitting: set[str], looked: int | None) -> None:
        """Show the chats found in so many, the latest first; None: in all of them."""
        if looked != 0 and len(fitting) == len(self.found):
            found = self.found  # nothing has come to it
        else:
            found = [chat for chat in records if chat.id in fitting]
        said = words.chats_found(len(found)) if looked is None else words.searching(len(found))
        find("search-said").textContent = said
        bar = find("search-bar")
        show(bar, looked is not None)
        bar.value = (looked or 0) / max(len(records), 1)
        # At the end once more: those found by their titles have got the place in their contents.
        if found is not self.found or looked is None:
            self.found = found
            self._changed()

    def _fits(self, chat: ChatRecord) -> bool:
        missing = self.query.missing(fold(chat.title))
        for folded, _ in (self._texts or {}).get(chat.id, ()):
            missing = [word for word in missing if word not in folded]
            if not missing:
                return True
        return not missing

    async def _read(self, into: dict[str, _Texts]) -> None:
        began_ms = performance.now()
        try:
            async for some in self._store.texts():
                for chat_id, text in some:
                    into.setdefault(chat_id, []).append((fold(text), text))
                    if performance.now() - began_ms > _SLICE_MS:
                        await asyncio.sleep(_PAUSE_S)
                        began_ms = performance.now()
        except StorageError:
            pass  # what was read is searched; the page has said what is wrong
