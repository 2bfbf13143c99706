"""Copies links that bring a chat, a prompt or tools, without any key of this page."""

from collections.abc import Callable
from typing import Literal

from js import location, navigator
from pyodide.ffi import JsException

from ...core.wire.secrets import Secrets
from . import toast, words
from .tasks import beside


class _Keys:
    """The keys of this page."""

    listed: Callable[[], list[str]]


def start(keys: Callable[[], list[str]]) -> None:
    """Leave these out of every link; called once."""
    _Keys.listed = keys


def copy(kind: Literal["chat", "prompt", "tools"], name: str, text: str) -> None:
    """Copy a link that brings this; where it is too long for one, say so."""
    from ...history.shared import Shared, to_fragment  # rarely needed

    shared = Secrets(_Keys.listed()).cleaned(Shared(kind, name, text))
    beside(_copy(to_fragment(shared)))


async def _copy(fragment: str) -> None:
    if not fragment:
        toast.show(words.LINK_TOO_LONG)
        return
    try:
        await navigator.clipboard.writeText(location.href.partition("#")[0] + fragment)
    except (JsException, AttributeError):
        toast.show(words.COPY_FORBIDDEN)
    else:
        toast.show(words.LINK_COPIED)
