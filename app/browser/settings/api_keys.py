"""The keys of providers: in this tab, or remembered.

A key is stored under its base URL and is only ever read for that one, so it cannot be sent
elsewhere by editing an address. It stays in this tab (sessionStorage) unless it is to be
remembered. Where serve.py serves the page, its server then keeps it and the browser a ticket: what
a browser keeps is read by whatever runs on this port next. On a file host it is in localStorage as
it is. Where storage is forbidden or full, a key lasts as long as the page.

Keys that 0.1.0 remembered, also in a tab that is still open, move to the server once that answers.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from js import document, window

from ...core.errors import TransportError
from ...core.wire.transport import Request, Transport
from ...providers.key_text import tidied
from ..web import web_storage
from ..web.dom import listen
from ..web.page_address import beside_page
from ..web.tasks import beside
from ..web.web_storage import DEVICE, TAB

_KEY = "tokenfall.key:"
_TICKET = "tokenfall.ticket:"
# A ticket whose key the server is to forget; the value is the base URL that it was of.
_FORGET = "tokenfall.forget:"

_TIMEOUT_S = 10.0
# How long it waits before it asks a silent server again: at first, at most, and in a hidden tab.
_AGAIN_S, _AGAIN_MOST_S, _HIDDEN_S = 1.0, 10.0, 30.0

# Why there is no key: the server that keeps it does not answer, or does not have it any more.
Lack = Literal["", "waits", "lost"]


class _Kept(msgspec.Struct):
    ticket: str


class _Opened(msgspec.Struct):
    keys: dict[str, str]


class _NoServerError(Exception):
    """The server of this page does not answer, or not as it should."""


class ProviderKeys:
    """Reads and writes keys. But for `follow`, nothing here waits, and nothing raises."""

    def __init__(self) -> None:
        self._unstored: dict[str, str] = {}
        self._tidied: dict[str, str] = {}  # keys by how they are kept
        self._opened: dict[str, str] = {}  # keys by their tickets
        self._lost: set[str] = set()  # tickets without a key
        self._wanted: set[str] = set()  # base URLs whose key the server is to take
        self._server: Transport | None = None
        self._changed: Callable[[], None] = lambda: None
        self._is_following = False
        self._is_stale = False

    def use_server(self, transport: Transport, changed: Callable[[], None]) -> None:
        """Let this page's server keep remembered keys. `changed` is called when keys come."""
        self._server = transport
        self._changed = changed
        listen(window, "storage", self._on_storage)

    def of(self, base_url: str) -> str:
        """The key of this base URL, empty where there is none."""
        name = _KEY + base_url
        # A bare key on the device, beside a ticket, was put there since by a tab of 0.1.0.
        stored = web_storage.get(TAB, name) or web_storage.get(DEVICE, name)
        opened = self._opened.get(self._ticket(base_url))
        # A key that 0.1.0 kept is as it was pasted.
        key = stored or opened or self._unstored.get(base_url, "")
        if key not in self._tidied:
            self._tidied[key] = tidied(key)
        return self._tidied[key]

    def all(self) -> list[str]:
        """Every key that this page knows."""
        found = [
            web_storage.get(storage, name) or ""
            for storage in (TAB, DEVICE)
            for name in web_storage.names(storage, _KEY)
        ]
        known = [*found, *self._opened.values(), *self._unstored.values()]
        return list(filter(None, map(tidied, known)))

    def is_remembered(self, base_url: str) -> bool:
        is_kept = self._ticket(base_url) or web_storage.get(DEVICE, _KEY + base_url)
        return bool(is_kept) or base_url in self._wanted

    def lack(self, base_url: str) -> Lack:
        """Say why a key that was remembered is not here."""
        ticket = self._ticket(base_url)
        if not ticket or self.of(base_url):
            return ""
        return "lost" if ticket in self._lost else "waits"

    def keep(self, base_url: str, key: str, *, remember: bool) -> None:
        """Keep this key for its base URL, on this device or in this tab. "" removes it, but not one
        that could not be seen.
        """
        if not key and self.lack(base_url):
            return
        if (key, remember) == (self.of(base_url), self.is_remembered(base_url)):
            return
        self.forget(base_url)
        if not key:
            return
        by_server = remember and self._server is not None
        # Until the server has it, it is in this tab: a reload should not lose it.
        storage = DEVICE if remember and not by_server else TAB
        if not web_storage.put(storage, _KEY + base_url, key):
            self._unstored[base_url] = key
        if by_server:
            self._wanted.add(base_url)
            beside(self.follow())

    def forget(self, base_url: str) -> None:
        """Remove the key of this base URL, on the server too."""
        self._tidied.clear()
        self._unstored.pop(base_url, None)
        self._wanted.discard(base_url)
        for storage in (DEVICE, TAB):
            web_storage.remove(storage, _KEY + base_url)
        if ticket := self._ticket(base_url):
            web_storage.remove(DEVICE, _TICKET + base_url)
            self._give_up(ticket, base_url)
            beside(self.follow())

    def bring_back(self, base_url: str) -> None:
        """Undo the forgetting of a key that was not here, because its server was away."""
        for name in web_storage.names(DEVICE, _FORGET):
            if web_storage.get(DEVICE, name) == base_url:
                web_storage.remove(DEVICE, name)
                web_storage.put(DEVICE, _TICKET + base_url, name.removeprefix(_FORGET))

    async def follow(self) -> None:
        """Bring this page and its server together; go on until that answers."""
        self._is_stale = True
        if self._is_following or self._server is None:
            return
        self._is_following = True
        pause_s = _AGAIN_S
        try:
            while self._is_stale:
                self._is_stale = False
                if not await self.sync():
                    self._is_stale = True
                    await asyncio.sleep(_HIDDEN_S if document.hidden else pause_s)
                    pause_s = min(2 * pause_s, _AGAIN_MOST_S)
        finally:
            self._is_following = False

    async def sync(self) -> bool:
        """Settle all open matters with the server, once; False where it does not answer."""
        if self._server is None:
            return True
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await self._have_forgotten()
                await self._open()
                # Last, for a server that can keep no more still opens and forgets.
                await self._hand_over()
                await self._have_forgotten()
        except (_NoServerError, TimeoutError):
            return False
        finally:
            self._changed()
        return True

    # With the server

    async def _hand_over(self) -> None:
        """Give the server the keys to remember, and those that 0.1.0 has remembered."""
        for storage, name in [
            *((DEVICE, name) for name in web_storage.names(DEVICE, _KEY)),
            *((TAB, _KEY + base_url) for base_url in list(self._wanted)),
        ]:
            base_url = name.removeprefix(_KEY)
            key = web_storage.get(storage, name) or self._unstored.get(base_url)
            if not key:
                continue
            ticket = (await self._ask("keep", _Kept, key=key)).ticket
            # Another tab may have moved, changed or forgotten it meanwhile.
            is_same = (web_storage.get(storage, name) or self._unstored.get(base_url)) == key
            before = self._ticket(base_url)
            if not is_same or not web_storage.put(DEVICE, _TICKET + base_url, ticket):
                self._give_up(ticket, "")
                continue
            self._opened[ticket] = key
            web_storage.remove(storage, name)
            self._unstored.pop(base_url, None)
            self._wanted.discard(base_url)
            if before:
                self._give_up(before, "")

    async def _have_forgotten(self) -> None:
        if entries := web_storage.names(DEVICE, _FORGET):
            await self._ask(
                "forget", None, tickets=[name.removeprefix(_FORGET) for name in entries]
            )
            for name in entries:
                web_storage.remove(DEVICE, name)

    async def _open(self) -> None:
        names = web_storage.names(DEVICE, _TICKET)
        tickets = {web_storage.get(DEVICE, name) or "" for name in names} - {""}
        if unknown := tickets - self._opened.keys():
            found = (await self._ask("open", _Opened, tickets=sorted(unknown))).keys
            self._opened |= found
            self._lost = unknown - found.keys()

    async def _ask(self, name: str, shape: Any, **body: Any) -> Any:
        assert self._server is not None
        headers = {"content-type": "application/json"}
        encoded = msgspec.json.encode(body)
        try:
            request = Request("POST", beside_page(f"api/keys/{name}"), headers, encoded)
            async with self._server.open(request) as response:
                answer = b"".join([chunk async for chunk in response.chunks()])
            if not 200 <= response.status < 300:
                raise _NoServerError
            return msgspec.json.decode(answer, type=shape) if shape else None
        except (TransportError, msgspec.MsgspecError):
            raise _NoServerError from None

    # Entries

    def _ticket(self, base_url: str) -> str:
        return web_storage.get(DEVICE, _TICKET + base_url) or ""

    def _give_up(self, ticket: str, base_url: str) -> None:
        """Have the server forget this ticket, as soon as it answers."""
        self._opened.pop(ticket, None)
        web_storage.put(DEVICE, _FORGET + ticket, base_url)

    def _on_storage(self, event: Any) -> None:
        """Take in that another tab remembers a key, or forgets one."""
        if str(event.key).startswith((_KEY, _TICKET)):
            beside(self.follow())
