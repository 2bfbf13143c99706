"""The library that draws diagrams: a large file that comes when it is first needed, is known by its
hash, and is kept by the browser from then on.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any

import js
from js import Object, document, fetch
from pyodide.ffi import JsException, to_js

from . import words

PATH = "vendor/mermaid/mermaid.js"
# Of the file in the package that the set-up fetches: setup/display_libraries.py.
SHA256 = "336df803d87a38b70a01e736e666c8f7601d2ce42f5e47c8fafe5d721074b9a3"
_PREPARE = "api/libraries/mermaid"
_STORE = "tokenfall libraries"


class LibraryError(Exception):
    """A library that can't be had; the text says why, for a person."""


async def library(say: Callable[[str], None]) -> Any:
    """Give the file as an ArrayBuffer; `say` is called with the reason of a wait.

    Raises:
        LibraryError: There is none.
    """
    store = await _store()
    kept = await store.match(PATH) if store else None
    data = await kept.arrayBuffer() if kept else None
    if data and _is_ours(data):
        return data
    try:
        response = await _fetched(say)
        copy = response.clone()
        data = await response.arrayBuffer()
    except JsException as error:
        raise LibraryError(words.not_fetched(f"{error}.")) from None
    if not _is_ours(data):
        raise LibraryError(words.OTHER_LIBRARY)
    if store:
        with suppress(JsException):  # without room for it, it is fetched again
            await store.put(PATH, copy)
    return data


async def _fetched(say: Callable[[str], None]) -> Any:
    say(words.FETCHING)
    response = await fetch(PATH)
    if response.status == 404:
        if document.documentElement.getAttribute("data-host") != "server":
            raise LibraryError(words.NO_LIBRARY)
        say(words.FETCHING_ONCE)
        prepared = await fetch(
            _PREPARE, to_js({"method": "POST"}, dict_converter=Object.fromEntries)
        )
        if not prepared.ok:
            raise LibraryError(words.not_fetched(await _reason(prepared)))
        response = await fetch(PATH)
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


def _is_ours(data: Any) -> bool:
    return sha256(data.to_bytes()).hexdigest() == SHA256
