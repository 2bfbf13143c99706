"""The core's transport in the tab: `fetch`, an AbortController and the byte pump.

The ready-made ones (pyfetch, pyscript.fetch) can't stream a body or don't abort the request when
it is left. Bytes cross from JavaScript once a burst; strings, which are dear to bring over, never.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from js import AbortController, AbortSignal, Object, fetch, location, navigator
from pyodide.ffi import JsException, to_js

from ...core.errors import ConnectError, CorsError, ReadError
from ...core.header_values import misfit
from ...core.wire.transport import Request
from ...providers.loopback import is_callable_by_pages
from ..web.page_address import SPACE, beside_page
from . import address_policy, words
from .pump import Pump

# How long the second look at a silent address may take, in milliseconds.
_PROBE_MS = 3000
# A word is to be seen within two frames (33 ms): so long it waits at most, then for its frame. No
# less than `web/time_slice` leaves between two writes: what is read is written in the same turn.
_PAUSE_MS = 22
# Says to the server of this page whose it is; see `server/embedding`.
_SPACE_HEADER = "tokenfall-space"


class FetchResponse:
    """A response to `fetch`; satisfies the core's `Response`."""

    def __init__(self, response: Any, pump: Pump | None) -> None:
        self._pump = pump
        self.status: int = response.status
        # The browser gives the names in lower case, and cross-origin only those it may.
        self.headers: Mapping[str, str] = Object.fromEntries(response.headers.entries()).to_py()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, one chunk a burst.

        Raises:
            ReadError: The body broke off before its proper end.
        """
        if self._pump is None:
            return
        try:
            async for burst in self._pump.bursts():
                yield burst
        except JsException as error:
            raise ReadError(_broke_off(error)) from None


class FetchTransport:
    """Carries requests out of the tab. `way_out` is a sentence for providers that bar only pages:
    the other way to them.
    """

    def __init__(self) -> None:
        self.way_out = ""

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[FetchResponse]:
        """Send the request; leaving the block aborts it down to the socket.

        Raises:
            ConnectError: There was no answer that this page may see. The sentence says as much
                as the browser tells.
            CorsError: There was one, but this page may not see it.
        """
        if forbidden := address_policy.forbidden(request.url, location.href):
            # Asking all the same would only put a policy violation into the console.
            raise ConnectError(f"{forbidden} {self.way_out}".strip())
        for name, value in request.headers.items():
            if letter := misfit(value):
                # The browser refuses it without a word, which looks as if CORS forbade it.
                raise ConnectError(words.header_cannot_hold(name, letter))
        controller = AbortController.new()
        pump = None
        try:
            try:
                response = await fetch(request.url, _options(request, controller.signal))
            except JsException:
                raise await self._no_answer(request.url) from None
            if response.body:
                pump = Pump(response.body, _PAUSE_MS)
            yield FetchResponse(response, pump)
        finally:
            # After the end of the body both do nothing.
            controller.abort()
            if pump is not None:
                pump.close()

    async def _no_answer(self, url: str) -> ConnectError:
        """Say why a fetch failed. The browser tells scripts nothing but that it did: ask twice."""
        host = urlsplit(url).netloc
        if not navigator.onLine and not is_callable_by_pages(url):
            return ConnectError(words.offline(host))
        if address_policy.origin(url) == address_policy.origin(location.href):
            return ConnectError(words.no_server(host))
        if await _answers_strangers(url):
            sentence = words.not_allowed(host, address_policy.origin(location.href))
            return CorsError(f"{sentence} {self.way_out}".strip())
        is_elsewhere = not is_callable_by_pages(location.href)
        may_be_asked = is_callable_by_pages(url) and is_elsewhere
        return ConnectError(words.nothing_answers(host, may_be_asked=may_be_asked))


def _options(request: Request, signal: Any) -> Any:
    headers = dict(request.headers)
    if SPACE and request.url.startswith(beside_page("api/")):
        headers[_SPACE_HEADER] = SPACE
    options: dict[str, Any] = {
        "method": request.method,
        "headers": headers,
        "signal": signal,
        "cache": "no-store",
        "referrerPolicy": "no-referrer",
    }
    if request.body:
        options["body"] = to_js(request.body)
    return to_js(options, dict_converter=Object.fromEntries)


async def _answers_strangers(url: str) -> bool:
    """Tell whether anything answers a request whose answer this page can't see.

    Such a request carries no key and needs no permission, so it succeeds where only CORS forbids.
    """
    options = {"mode": "no-cors", "cache": "no-store", "credentials": "omit"}
    asked = to_js(options, dict_converter=Object.fromEntries)
    asked.signal = AbortSignal.timeout(_PROBE_MS)
    try:
        await fetch(url, asked)
    except JsException:
        return False
    return True


def _broke_off(error: JsException) -> str:
    if not navigator.onLine:
        return words.NETWORK_WENT
    return words.CONNECTION_BROKE
