"""Libraries that draw displays: large files that come when they are first needed, are known by
their hashes, and are kept by the browser from then on.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any

import js
from js import Object, document, fetch
from pyodide.ffi import JsException, to_js

from . import words

# Of the files in the packages that the set-up fetches: setup/display_libraries.py.
SHA256 = {
    "mermaid": "336df803d87a38b70a01e736e666c8f7601d2ce42f5e47c8fafe5d721074b9a3",
    "plotly": "2f645d1bade8182fce161b7f10f89402f8b315805250ff4a94672a28d23c390a",
    "vega": "8f6a3587cf8d4f42c7e08120e3eb05d067e746d554e39d2dcf52acc0bd5ba28f",
    "vega-lite": "83e215e84e308ee8688fa6503ba0f1cf8a3c05c0d61df2841a0b92bf86809e00",
}
_STORE = "tokenfall libraries"


class LibraryError(Exception):
    """A library that can't be had; the text says why, for a person."""


def path_of(name: str) -> str:
    """Name the place of a library beside the page."""
    return f"vendor/{name}/{name}.js"


async def is_kept(name: str) -> bool:
    """Tell whether this browser has it."""
    store = await _store()
    return bool(store and await store.match(path_of(name)))


async def library(name: str, say: Callable[[str], None]) -> Any:
    """Give the file as an ArrayBuffer; `say` is called with the reason of a wait.

    Raises:
        LibraryError: There is none.
    """
    store = await _store()
    kept = await store.match(path_of(name)) if store else None
    data = await kept.arrayBuffer() if kept else None
    if data and _is_ours(name, data):
        return data
    try:
        response = await _fetched(name, say)
        copy = response.clone()
        data = await response.arrayBuffer()
    except JsException as error:
        raise LibraryError(words.not_fetched(f"{error}.")) from None
    if not _is_ours(name, data):
        raise LibraryError(words.OTHER_LIBRARY)
    if store:
        with suppress(JsException):  # without room for it, it is fetched again
            await store.put(path_of(name), copy)
    return data


async def _fetched(name: str, say: Callable[[str], None]) -> Any:
    say(words.FETCHING)
    response = await fetch(path_of(name))
    if response.status == 404:
        if document.documentElement.getAttribute("data-host") != "server":
            raise LibraryError(words.NO_LIBRARY)
        say(words.FETCHING_ONCE[name])
        prepared = await fetch(
            f"api/libraries/{name}", to_js({"method": "POST"}, dict_converter=Object.fromEntries)
        )
        if not prepared.ok:
            raise LibraryError(words.not_fetched(await _reason(prepared)))
        response = await fetch(path_of(name))
    if not response.ok:
        raise LibraryError(words.not_fetched(await _reason(response)))
    return response


async def _reason(response: Any) -> str:
    """Give the server's reason, in its own words where it has any."""
    try:
        return str((await response.clone().json()).error.message)
    except (JsException, AttributeError):
        return f"HTTP status {response.status}."


async def _store() -> Any:
    """Open the browser's cache of files; None where it keeps none, as over plain http from
    elsewhere.
    """
    try:
        return await js.caches.open(_STORE)
    except (JsException, AttributeError):
        return None


def _is_ours(name: str, data: Any) -> bool:
    return sha256(data.to_bytes()).hexdigest() == SHA256[name]
