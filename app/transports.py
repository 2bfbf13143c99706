"""Carriers of requests: public names, of `core.wire` and `native.http`.

A chat that names no transport takes that of `use`, or else one over httpx2 where that is installed.
"""

from typing import TYPE_CHECKING

from .core.wire.recording import Exchange, Recorder, Replay
from .core.wire.transport import Request, Response, Transport, default, offer, use

if TYPE_CHECKING:
    from .native.http import HTTPTransport
else:

    def __getattr__(name):
        if name != "HTTPTransport":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .native.http import HTTPTransport

        globals()[name] = HTTPTransport
        return HTTPTransport

    def __dir__():
        return __all__


def _http() -> Transport:
    from .native.http import HTTPTransport

    return HTTPTransport()


__all__ = [
    "Exchange",
    "HTTPTransport",
    "Recorder",
    "Replay",
    "Request",
    "Response",
    "Transport",
    "default",
    "use",
]

offer(_http)
