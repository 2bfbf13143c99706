"""Requests of the Python of a chat, carried by the page: to addresses that the person allowed,
without credentials, within bounds. Redirects too lead nowhere else.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

from js import (
    URL,
    AbortController,
    Array,
    Blob,
    Object,
    Promise,
    Request,
    globalThis,
    location,
    navigator,
)
from pyodide.ffi import JsException, to_js

from ....python.messages import Fetch
from . import words
from .public_hosts import refusal
from .python_session import Answer, CellLeave
from .redirects import confined, next_stop

# How long an address may take to answer, to the last byte, and how much it may send.
_LIMIT_S = 30.0
_MOST_BYTES = 50_000_000
# How many addresses one cell may have the person asked about while it runs.
_MOST_ASKED = 5
# What may be asked twice: the first answer tells that there is a redirect.
_REPEATABLE = ("GET", "HEAD")
_MOST_STRANGERS = 3


class NotReached(Exception):
    """There is no answer; the message says why, and what to do."""


class _Unread(NotReached):
    """The browser does not let the page read it, and does not tell why."""


class Reach:
    """Hosts that may be asked in which chat, for as long as the page. `ask(chat_id, host)` asks the
    person for one more: "once", "chat", or "no".
    """

    def __init__(self, ask: Callable[[str, str], Awaitable[str]]) -> None:
        self._ask = ask
        self._hosts: dict[str, dict[str, bool]] = {}

    def hosts(self, chat_id: str) -> dict[str, bool]:
        """The hosts of which something was said for the chat, and whether they may be asked."""
        return self._hosts.setdefault(chat_id, {})

    def unknown(self, chat_id: str, hosts: list[str]) -> list[str]:
        """Of these, list those that the person can be asked about, and was not."""
        known = self.hosts(chat_id)
        named = dict.fromkeys(_host_of(f"https://{host}") for host in hosts)
        return [host for host in named if host and host not in known][: 2 * _MOST_ASKED]

    async def bring(self, chat_id: str, asked: Fetch, leave: CellLeave) -> Answer | str:
        """Carry a request; return the reason where it may not be carried, or has no answer that
        this page may read.
        """
        try:
            host = _checked(asked.url)
            if not await self._may_ask(chat_id, host, leave):
                return words.not_allowed(host)
            answer = await _answer(asked, host, globalThis, "manual")
            return answer or await self._followed(chat_id, asked, leave)
        except NotReached as reason:
            return str(reason)

    async def _followed(self, chat_id: str, asked: Fetch, leave: CellLeave) -> Answer:
        """Ask once more, now with the redirects, as far as the person allows where they lead."""
        if asked.method not in _REPEATABLE:
            raise NotReached(words.redirected(asked.url))
        for _ in range(_MOST_STRANGERS):
            hosts = [host for host, may in (leave.hosts | self.hosts(chat_id)).items() if may]
            try:
                async with confined([f"https://{host}" for host in hosts]) as window:
                    answer = await _answer(asked, _checked(asked.url), window, "follow")
                    assert answer is not None
                    return answer
            except _Unread:
                url = await next_stop(asked.url, hosts)
            if not url:
                raise NotReached(words.redirected(asked.url))
            host = _checked(url)
            if host in hosts:
                raise _Unread(words.unread(host, is_online=True))
            if not await self._may_ask(chat_id, host, leave):
                raise NotReached(words.leads_to(asked.url, host))
        raise NotReached(words.redirected(asked.url))

    async def _may_ask(self, chat_id: str, host: str, leave: CellLeave) -> bool:
        async with leave.turn:
            may = (leave.hosts | self.hosts(chat_id)).get(host)
            return await self._asked(chat_id, host, leave) if may is None else may

    async def _asked(self, chat_id: str, host: str, leave: CellLeave) -> bool:
        leave.asked += 1
        if leave.asked > _MOST_ASKED:
            raise NotReached(words.too_many_hosts(host, _MOST_ASKED))
        leave.is_asking = True
        try:
            self.settle(chat_id, [host], await self._ask(chat_id, host), leave)
        finally:
            leave.is_asking = False
        return leave.hosts[host]

    def settle(self, chat_id: str, hosts: list[str], choice: str, leave: CellLeave) -> None:
        """Keep what the person chose. A no is not asked about again, as long as the page."""
        for host in hosts:
            leave.hosts[host] = choice in ("once", "chat")
            if choice != "once":
                self.hosts(chat_id)[host] = leave.hosts[host]


def _checked(url: str) -> str:
    """Name the host of an address, with its port. Raises `NotReached`."""
    address = _parsed(url)
    if address is None:
        raise NotReached(words.no_address(url))
    if reason := refusal(address.protocol, address.hostname, str(location.hostname)):
        raise NotReached(reason)
    return str(address.host)


def _host_of(url: str) -> str:
    try:
        return _checked(url)
    except NotReached:  # told when it is asked
        return ""


def _parsed(url: str) -> Any:
    """The address as the browser reads it, which knows all ways of writing one; None where it is
    none.
    """
    try:
        return URL.new(url)
    except JsException:
        return None


async def _answer(asked: Fetch, host: str, window: Any, redirect: str) -> Answer | None:
    """Have the browser ask; None where the answer is a redirect that is not followed."""
    controller = AbortController.new()
    try:
        request = Request.new(asked.url, _options(asked, controller.signal, redirect))
    except (JsException, ValueError) as error:
        raise NotReached(words.no_request(host, str(error))) from None
    try:
        async with asyncio.timeout(_LIMIT_S):
            response = await _settled(window, request)
            if response is None:
                raise _Unread(words.unread(host, is_online=bool(navigator.onLine)))
            if response.type == "opaqueredirect":
                return None
            headers = [[str(name), str(value)] for name, value in response.headers.entries()]
            body = await _body(response, host)
            return Answer(str(response.url), int(response.status), headers, body)
    except TimeoutError:
        raise NotReached(words.too_slow(host, _LIMIT_S)) from None
    except JsException:
        raise _Unread(words.unread(host, is_online=bool(navigator.onLine))) from None
    finally:
        controller.abort()


async def _settled(window: Any, request: Any) -> Any:
    """Ask in this window; None where the browser refuses. Its promise stays in JavaScript: an error
    of another window's is none to Pyodide in WebKit, and what awaits it waits for ever.
    """
    asked = getattr(Array, "from")(Array.of(None), window.fetch.bind(window, request))
    (told,) = await Promise.allSettled(asked)
    return told.value if told.status == "fulfilled" else None


def _options(asked: Fetch, signal: Any, redirect: str) -> Any:
    options = to_js(
        {
            "method": asked.method,
            "mode": "cors",
            "credentials": "omit",
            "redirect": redirect,
            "cache": "no-store",
            "referrerPolicy": "no-referrer",
        },
        dict_converter=Object.fromEntries,
    )
    options.headers = to_js([one[:2] for one in asked.headers])
    options.signal = signal
    if asked.body:
        options.body = to_js(base64.b64decode(asked.body))
    return options


async def _body(response: Any, host: str) -> Any:
    """Read it, and no more than a page can hold."""
    parts, size = [], 0
    if response.body:
        reader = response.body.getReader()
        while not (part := await reader.read()).done:
            size += int(part.value.byteLength)
            if size > _MOST_BYTES:
                raise NotReached(words.too_long_an_answer(host, _MOST_BYTES))
            parts.append(part.value)
    return await Blob.new(Array.of(*parts)).arrayBuffer()
