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
from ..protocols import decoder, http_error, openai_chat
from ..protocols.decoding import Decoder


class Provider(msgspec.Struct, frozen=True, omit_defaults=True):
    """One provider, and the person's key for it.

    `base_url` is what the protocol's paths are appended to, without a slash at its end.
    `stream_usage` says that it may be asked for usage at the end of a stream; `max_tokens_field`
    what it calls the limit of the answer. The key is sent nowhere but to `base_url`.
    """

    name: str
    label: str
    base_url: str
    key: str = ""
    protocol: str = openai_chat.NAME
    headers: dict[str, str] = {}
    stream_usage: bool = True
    max_tokens_field: str = "max_tokens"

    def __repr__(self) -> str:
        return f"Provider({self.name}, {self.base_url})"  # never the key

    def render(
        self, messages: Sequence[Message], *, model: str, options: Options, stream: bool
    ) -> Request:
        """The request that asks `model` to go on with `messages`."""
        body = openai_chat.render(
            messages,
            model=model,
            options=options,
            stream=stream,
            stream_usage=self.stream_usage,
            max_tokens_field=self.max_tokens_field,
        )
        headers = self._headers() | {"content-type": "application/json"}
        return Request("POST", self._url(openai_chat.PATH), headers, body)

    def models_request(self) -> Request:
        """The request that lists the provider's models."""
        return Request("GET", self._url(openai_chat.MODELS_PATH), self._headers())

    def decoder(self) -> Decoder:
        """A new decoder for one answer."""
        return decoder(self.protocol)

    def http_error(self, response: Response, body: bytes) -> ErrorInfo:
        """What a response other than 2xx says went wrong."""
        return http_error(self.protocol, response.status, response.headers, body)

    def _url(self, path: str) -> str:
        return self.base_url.rstrip("/") + path

    def _headers(self) -> dict[str, str]:
        authorization = {"authorization": f"Bearer {self.key}"} if self.key else {}
        return {"accept": "application/json, text/event-stream"} | authorization | self.headers


_ROWS = [
    # The first two are ours: the addresses are relative to the page.
    Provider("built-in", "Built-in model", "api/model/v1"),
    Provider("demo", "Demo", "api/demo/v1"),
    Provider(
        "openai",
        "OpenAI",
        "https://api.openai.com/v1",
        max_tokens_field="max_completion_tokens",
    ),
    Provider("openrouter", "OpenRouter", "https://openrouter.ai/api/v1"),
    Provider("ollama", "Ollama", "http://localhost:11434/v1"),
    Provider("lm-studio", "LM Studio", "http://localhost:1234/v1"),
    Provider("llama.cpp", "llama.cpp", "http://localhost:8080/v1"),
    Provider("other", "OpenAI-compatible", ""),
]

PROVIDERS: dict[str, Provider] = {row.name: row for row in _ROWS}
