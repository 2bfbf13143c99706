"""Everything that can go wrong, by who is at fault.

    TokenfallError
    ├── TransportError      the bytes did not come through
    │   ├── ConnectError      no answer at all: refused, DNS, mixed content
    │   │   └── CorsError       it answers, but the browser lets no web page read it
    │   └── ReadError         the body broke off before its end
    ├── ProtocolError       the bytes came through and make no sense
    ├── AnswerError         an answer failed; raised only where a person asks for exceptions. These
    │   │                     carry the message: they stand in `messages`, with `Message`
    │   ├── IncompleteError       it broke off before its end
    │   ├── ConnectionFailedError, DeadlineError
    │   ├── AuthenticationError, PermissionDeniedError, NotFoundError
    │   ├── RateLimitError, QuotaError, OverloadedError, ServerError
    │   └── InvalidRequestError
    │       ├── ContextLengthError
    │       └── ContentFilterError
    └── UsageError          this library was called in a way that cannot work

Inside a run nothing of this is raised at the reader: whatever a provider or the network does
becomes an `Error` event and an `ErrorInfo` on the message, with the partial answer kept.
Exceptions are for transports and framers, whose callers turn them into data, for wrong calls
(`UsageError`), and for who wants them: `Message.raise_for_error()` and `ask(…, raises=True)`.
"""

from typing import Any, Literal

import msgspec

ErrorKind = Literal[
    "connect",  # no answer at all
    "timeout",  # a deadline of ours fired; the message says which
    "read",  # the body broke off
    "protocol",  # bytes arrived and made no sense
    "auth",  # 401: no key, or a wrong one
    "permission",  # 403
    "not_found",  # 404: unknown model or address
    "rate_limit",  # 429
    "quota",  # 402, or a 429 that waiting will not cure
    "context_length",  # the question is longer than the model can read
    "content_filter",  # refused by the provider's filter
    "invalid_request",  # other 4xx
    "tool_use",  # the provider rejected the tool call that its model made
    "overloaded",  # 503, 529
    "server",  # other 5xx
    "unknown",
]


class ErrorInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """One failure, as data: shown on the page, kept with the message, sent over the wire.

    `message` is for people, in the provider's own words where it had any. `code` is the
    provider's word or number as text. `retryable` says that the same request may work later;
    `retry_after_s` how many seconds the provider asked to wait, None where it did not say.
    `raw` is what the provider sent, for diagnosis.
    """

    kind: ErrorKind
    message: str
    code: str | None = None
    status: int | None = None
    retryable: bool = False
    retry_after_s: float | None = None
    raw: Any = None


class TokenfallError(Exception):
    """Base of all exceptions of this package."""


class UsageError(TokenfallError):
    """A call of this library that cannot work; the message says what would."""


class TransportError(TokenfallError):
    """The bytes did not come through. `str(error)` is a sentence for people."""


class ConnectError(TransportError):
    """There was no answer at all: refused, unknown host, mixed content, offline."""


class CorsError(ConnectError):
    """An answer that the browser lets no web page read; a program could."""


class ReadError(TransportError):
    """The body broke off before its proper end."""


class ProtocolError(TokenfallError):
    """The bytes came through and make no sense. `str(error)` is a sentence for people."""


def error_info(error: TransportError) -> ErrorInfo:
    """The data form of a transport's exception."""
    kind: ErrorKind = "connect" if isinstance(error, ConnectError) else "read"
    return ErrorInfo(kind, str(error), retryable=True)
