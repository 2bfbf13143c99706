"""One wire format a package: render a request, decode an answer. Pure: no I/O.

A decoder takes bytes cut anywhere and gives events; `close()` gives the rest, with `Done` last.

    decoder = decoder("openai-chat")
    for chunk in chunks:
        events = decoder.feed(chunk)
    events = decoder.close()
    decoder.message.text
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast

from ..core.errors import ErrorInfo, UsageError
from ..core.messages import Message
from ..core.options import Options
from .decoding import Decoder
from .failures import http_failure
from .rendering import Rendered
from .takes import Takes


class WireFormat(Protocol):
    """The interface of each of the packages here.

    `provider` names the asked one: extras that another kept with an answer are not sent to it.
    `takes` tells the settings that the model takes.
    """

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
        provider: str = ...,
        takes: Takes = ...,
    ) -> Rendered: ...

    def authorization(self, key: str) -> dict[str, str]: ...

    def parse_models(self, body: bytes) -> list[str]: ...


# Imported when first asked for: a page speaks one of them, and each costs its start some 30 ms.
_MODULES = {
    "openai-chat": "openai_chat",
    "openai-responses": "openai_responses",
    "anthropic-messages": "anthropic",
    "gemini": "gemini",
    "gemini-interactions": "gemini_interactions",
    "ollama": "ollama",
    "ag-ui": "ag_ui",
    "tokenfall": "tokenfall",
}


def wire_format(name: str) -> WireFormat:
    """Return the protocol of this name.

    Raises:
        UsageError: There is none.
    """
    if name not in _MODULES:
        raise UsageError(f"no protocol {name!r}; known: {', '.join(_MODULES)}")
    return cast(WireFormat, import_module(f".{_MODULES[name]}", __name__))


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
