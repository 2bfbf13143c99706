"""One wire format a file: render a request, decode an answer. Pure: no I/O.

A decoder takes bytes cut anywhere and gives events; `close()` gives the rest, with `Done` last.

    decoder = decoder("openai-chat")
    for chunk in chunks:
        events = decoder.feed(chunk)
    events = decoder.close()
    decoder.message.text
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..core.errors import ErrorInfo, UsageError
from ..core.messages import Message
from ..core.options import Options
from . import anthropic, gemini, ollama, openai_chat, openai_responses
from .decoding import Decoder
from .failures import http_failure
from .rendering import Rendered


class WireFormat(Protocol):
    """What a module of this package offers."""

    NAME: str
    MODELS_PATH: str

    @property
    def Decoder(self) -> type[Decoder]: ...

    def render(
        self,
        messages: Sequence[Message],
        *,
        model: str,
        options: Options,
        stream: bool,
        habits: frozenset[str] = ...,
    ) -> Rendered: ...

    def authorization(self, key: str) -> dict[str, str]: ...

    def parse_models(self, body: bytes) -> list[str]: ...


_MODULES: list[WireFormat] = [openai_chat, openai_responses, anthropic, gemini, ollama]
_WIRE_FORMATS = {module.NAME: module for module in _MODULES}


def wire_format(name: str) -> WireFormat:
    """Return the protocol of this name.

    Raises:
        UsageError: There is none.
    """
    if name not in _WIRE_FORMATS:
        raise UsageError(f"no protocol {name!r}; known: {', '.join(_WIRE_FORMATS)}")
    return _WIRE_FORMATS[name]


def decoder(name: str) -> Decoder:
    """Return a new decoder for one answer of this protocol, streamed or whole.

    Raises:
        UsageError: There is no protocol of this name.
    """
    return wire_format(name).Decoder()


def http_error(name: str, status: int, headers: Mapping[str, str], body: bytes) -> ErrorInfo:
    """Return what a response other than 2xx says went wrong. Never raises on its content.

    Raises:
        UsageError: There is no protocol of this name.
    """
    wire_format(name)
    return http_failure(status, headers, body)
