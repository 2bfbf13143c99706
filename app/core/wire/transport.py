"""The contract of transports: fetch in the tab, httpx2 under CPython, a script in tests.

The core never opens a connection itself. It renders a `Request`, hands it to a `Transport`,
and reads the chunks of the `Response`.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol

import msgspec

from ..errors import UsageError


class Request(msgspec.Struct, frozen=True):
    """One HTTP request. `headers` may hold a key: never log or print them."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url}, {len(self.body)} bytes)"


class Response(Protocol):
    """An HTTP response, of any status. Header names are lower case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, cut wherever the network cut it.

        Raises:
            ReadError: The body broke off before its proper end.
        """
        ...


class Transport(Protocol):
    """Carries a request out and the body back."""

    def open(self, request: Request) -> AbstractAsyncContextManager[Response]:
        """Send the request; enter the block when status and headers are there.

        Leaving the block, at the end, early or by cancellation, aborts the request down to the
        socket. Nothing is read ahead without bound: a slow reader slows the sender.

        Raises:
            ConnectError: There was no answer at all.
        """
        ...


_default: Transport | None = None
_offered: Callable[[], Transport] | None = None


def use(transport: Transport) -> None:
    """Make this the transport of every `Chat` that is not given one: once, at start-up."""
    global _default
    _default = transport


def offer(make: Callable[[], Transport]) -> None:
    """Let this make the default where `use` was given none, once one is needed. It raises
    `ImportError` where what it needs is not installed.
    """
    global _offered
    _offered = make


def default() -> Transport:
    """Return the transport that `use` was given, or else make the one that was offered.

    Raises:
        UsageError: There is none.
    """
    if _default is None and _offered is not None:
        with suppress(ImportError):
            use(_offered())
    if _default is None:
        raise UsageError(
            "nothing carries the request: install httpx2 (pip install httpx2), pass "
            "transport=… to the chat, or call tokenfall.transports.use(…) once"
        )
    return _default
