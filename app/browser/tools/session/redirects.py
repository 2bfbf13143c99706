"""Redirects of a request, among hosts that may be asked. A browser does not tell a page where one
leads, but checks each step against the policy of the document that asks.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from js import URL, AbortController, Object, document, fetch
from pyodide.ffi import JsException, create_proxy, to_js

from ...web.page_address import beside_page

# What a policy can name: no IPv6, no underscore.
_NAMEABLE = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
# As the server has them (server/relay.py).
_RELAY, _TARGET, _LEADS_TO = "api/relay", "relay-to", "relay-leads-to"
_MOST_STEPS = 5


@asynccontextmanager
async def confined(origins: Collection[str]) -> AsyncIterator[Any]:
    """Give the window of an empty document that can ask these origins alone."""
    frame = document.createElement("iframe")
    loaded = asyncio.Event()
    on_load = create_proxy(lambda _: loaded.set())
    frame.hidden = True
    frame.title = "Network"
    frame.addEventListener("load", on_load)
    document.body.append(frame)
    try:
        await loaded.wait()  # until then Firefox may put another document there
        policy = frame.contentDocument.createElement("meta")
        policy.httpEquiv = "Content-Security-Policy"
        named = [one for one in origins if _NAMEABLE.fullmatch(one)]
        policy.content = " ".join(["connect-src", *named])  # without a name there is none
        frame.contentDocument.head.append(policy)
        yield frame.contentWindow
    finally:
        frame.remove()
        on_load.destroy()


async def next_stop(url: str, known: Collection[str]) -> str:
    """The first address on the way from this one that is of another host than these, as this page's
    server finds it when it asks them; empty where it does not.
    """
    if document.documentElement.getAttribute("data-host") != "server":
        return ""
    for _ in range(_MOST_STEPS):
        url = await _led_to(url)
        if not url or _origin(url) not in [f"https://{host}" for host in known]:
            break
    return url if url and _origin(url) else ""


def _origin(url: str) -> str:
    """The origin as the browser reads the address; empty where it is none for it."""
    try:
        return str(URL.new(url).origin)
    except JsException:
        return ""


async def _led_to(url: str) -> str:
    controller = AbortController.new()
    options = to_js({"headers": {_TARGET: url}}, dict_converter=Object.fromEntries)
    options.signal = controller.signal
    try:
        response = await fetch(beside_page(_RELAY), options)
        return str(response.headers.get(_LEADS_TO) or "")
    except JsException:
        return ""
    finally:
        controller.abort()  # what else came is not wanted
