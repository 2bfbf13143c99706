"""Who answers: name, address, key, habits. Data, but for the few lines that fill in a request.

How the bytes read is the matter of `protocols`. A provider that speaks a known protocol is one
more row of `PROVIDERS`.
"""

from collections.abc import Sequence

import msgspec

from ..core.errors import ErrorInfo
from ..core.messages import Message
from ..core.options import Options
from ..core.transport import Request, Response
from ..protocols import WireFormat, http_error, wire_format
from ..protocols.decoding import Decoder


class Provider(msgspec.Struct, frozen=True, omit_defaults=True):
    """One provider, and the person's key for it.

    `base_url` is what the protocol's paths are appended to, without a slash at its end.
    `habits` are what it does otherwise than its protocol has it; each protocol names those that it
    knows. The key is sent nowhere but to `base_url`.
    """

    name: str
    label: str
    base_url: str
    key: str = ""
    protocol: str = "openai-chat"
    headers: dict[str, str] = {}
    habits: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Provider({self.name}, {self.base_url})"  # never the key

    @property
    def wire_format(self) -> WireFormat:
        """How it is spoken to. Raises `UsageError` where `protocol` is not known."""
        return wire_format(self.protocol)

    def render(
        self, messages: Sequence[Message], *, model: str, options: Options, stream: bool
    ) -> Request:
        """The request that asks `model` to go on with `messages`."""
        rendered = self.wire_format.render(
            messages, model=model, options=options, stream=stream, habits=self.habits
        )
        headers = {"content-type": "application/json"} | rendered.headers | self._headers()
        return Request("POST", self._url(rendered.path), headers, rendered.body)

    def models_request(self) -> Request:
        """The request that lists the provider's models."""
        return Request("GET", self._url(self.wire_format.MODELS_PATH), self._headers())

    def decoder(self) -> Decoder:
        """A new decoder for one answer."""
        return self.wire_format.Decoder()

    def http_error(self, response: Response, body: bytes) -> ErrorInfo:
        """What a response other than 2xx says went wrong."""
        return http_error(self.protocol, response.status, response.headers, body)

    def _url(self, path: str) -> str:
        return self.base_url.rstrip("/") + path

    def _headers(self) -> dict[str, str]:
        accept = {"accept": "application/json, text/event-stream"}
        return (
            accept | (self.wire_format.authorization(self.key) if self.key else {}) | self.headers
        )


_ROWS = [
    # The first two are ours: the addresses are relative to the page.
    Provider("built-in", "Built-in model", "api/model/v1"),
    Provider("demo", "Demo", "api/demo/v1"),
    Provider(
        "openai",
        "OpenAI",
        "https://api.openai.com/v1",
        habits=frozenset({"max-completion-tokens"}),
    ),
    Provider("openrouter", "OpenRouter", "https://openrouter.ai/api/v1"),
    Provider("ollama", "Ollama", "http://localhost:11434/v1"),
    Provider("lm-studio", "LM Studio", "http://localhost:1234/v1"),
    Provider("llama.cpp", "llama.cpp", "http://localhost:8080/v1"),
    Provider("other", "OpenAI-compatible", ""),
]

PROVIDERS: dict[str, Provider] = {row.name: row for row in _ROWS}
