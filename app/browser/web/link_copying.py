"""Copies links that bring a chat, a prompt or tools, without any key of this page."""

from collections.abc import Callable

from js import location, navigator
from pyodide.ffi import JsException

from ...core.wire.secrets import Secrets
from ...history.shared import Shared, to_fragment
from . import toast, words
from .tasks import beside


class _Keys:
    """The keys of this page."""

    listed: Callable[[], list[str]]


def start(keys: Callable[[], list[str]]) -> None:
    """Leave these out of every link; called once."""
    _Keys.listed = keys


def copy(shared: Shared) -> None:
    """Copy a link that brings this; where it is too long for one, say so."""
    beside(_copy(to_fragment(Secrets(_Keys.listed()).cleaned(shared))))


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
