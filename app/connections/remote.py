"""Connections to a server that speaks our own wire format, over any transport of the core."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from ..core.errors import ErrorInfo
from ..core.messages import Message
from ..core.options import Options
from ..core.running.step import Endpoint
from ..core.wire.transport import Request, Response, Transport
from ..protocols import decoder, http_error, tokenfall
from ..protocols.decoding import Decoder

# Fixed headers, or a function that makes them anew for each request (keys that expire).
Headers = Mapping[str, str] | Callable[[], Mapping[str, str]]


class Connection(msgspec.Struct, frozen=True):
    """The other end of a `Session` or a `Chat`. `transport` is None where the default one
    carries.
    """

    endpoint: Endpoint
    transport: Transport | None = None


class Remote:
    """An address that takes our requests and answers in our format."""

    def __init__(self, url: str, accept: str, headers: Headers | None) -> None:
        self._url = url
        self._accept = accept
        self._headers = headers

    def render(
        self, messages: Sequence[Message], *, model: str, options: Options, stream: bool
    ) -> Request:
        """The request for the next answer; `accept` asks for the framing."""
        rendered = tokenfall.render(messages, model=model, options=options, stream=stream)
        given = self._headers() if callable(self._headers) else self._headers
        accept = self._accept if stream else "application/json"
        headers = {"content-type": "application/json", "accept": accept} | dict(given or {})
        return Request("POST", self._url, headers, rendered.body)

    def decoder(self) -> Decoder:
        return decoder(tokenfall.NAME)

    def http_error(self, response: Response, body: bytes) -> ErrorInfo:
        return http_error(tokenfall.NAME, response.status, response.headers, body)

    def withdraws(self, error: ErrorInfo, model: str) -> bool:
        return False  # nothing is sent unasked


def fetch_server_sent_events(
    url: str, *, headers: Headers | None = None, transport: Transport | None = None
) -> Connection:
    """Connect to a server that answers with server-sent events, as `to_sse_response` does."""
    return Connection(Remote(url, tokenfall.EVENT_STREAM, headers), transport)


def fetch_http_stream(
    url: str, *, headers: Headers | None = None, transport: Transport | None = None
) -> Connection:
    """Connect to a server that answers with one event a line, as `to_ndjson_response` writes."""
    return Connection(Remote(url, tokenfall.NDJSON, headers), transport)
