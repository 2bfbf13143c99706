"""One wire format a file: render a request, decode an answer. Pure: no I/O.

A decoder takes bytes cut anywhere and gives events; `close()` gives the rest, with `Done` last.

    decoder = decoder("openai-chat")
    for chunk in chunks:
        events = decoder.feed(chunk)
    events = decoder.close()
    decoder.message.text
"""

from collections.abc import Mapping

from ..core.errors import ErrorInfo, UsageError
from . import openai_chat
from .decoding import Decoder
from .failures import http_failure

_DECODERS: dict[str, type[Decoder]] = {openai_chat.NAME: openai_chat.ChatDecoder}


def decoder(name: str) -> Decoder:
    """Return a new decoder for one answer of this protocol, streamed or whole.

    Raises:
        UsageError: There is no protocol of this name.
    """
    _check(name)
    return _DECODERS[name]()


def http_error(name: str, status: int, headers: Mapping[str, str], body: bytes) -> ErrorInfo:
    """Return what a response other than 2xx says went wrong. Never raises on its content.

    Raises:
        UsageError: There is no protocol of this name.
    """
    _check(name)
    return http_failure(status, headers, body)


def _check(name: str) -> None:
    if name not in _DECODERS:
        raise UsageError(f"no protocol {name!r}; known: {', '.join(_DECODERS)}")
