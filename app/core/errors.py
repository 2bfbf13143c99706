"""Everything that can go wrong, by who is at fault.

    TokenfallError
    ├── TransportError      the bytes did not come through
    │   ├── ConnectError      no answer at all: refused, DNS, mixed content
    │   │   └── CorsError       it answers, but the browser lets no web page read it
    │   └── ReadError         the body broke off before its end
    ├── ProtocolError       the bytes came through and make no sense
    ├── AnswerError         an answer failed; raised only where a person asks for exceptions
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

from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from .messages import Message

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
    """This library was called in a way that cannot work; the message says what would."""


class TransportError(TokenfallError):
    """The bytes did not come through. `str(error)` is a sentence for people."""


class ConnectError(TransportError):
    """There was no answer at all: refused, unknown host, mixed content, offline."""


class CorsError(ConnectError):
    """It answers, but the browser lets no web page read what; a program could."""


class ReadError(TransportError):
    """The body broke off before its proper end."""


class ProtocolError(TokenfallError):
    """The bytes came through and make no sense. `str(error)` is a sentence for people."""


def error_info(error: TransportError) -> ErrorInfo:
    """The data form of a transport's exception."""
    kind: ErrorKind = "connect" if isinstance(error, ConnectError) else "read"
    return ErrorInfo(kind, str(error), retryable=True)


class AnswerError(TokenfallError):
    """An answer failed. `str(error)` is a sentence for people, `info` the failure as data, and
    `answer` the message with all that had arrived.
    """

    def __init__(self, info: ErrorInfo, answer: "Message") -> None:
        super().__init__(info.message)
        self.info = info
        self.answer = answer


class IncompleteError(AnswerError):
    """The answer broke off before its end, without any error."""


class ConnectionFailedError(AnswerError):
    """The provider was not reached, or the connection broke."""


class DeadlineError(AnswerError):
    """A deadline passed, ours or the provider's; the message says which."""


class AuthenticationError(AnswerError):
    """There was no key, or a wrong one."""


class PermissionDeniedError(AnswerError):
    """The key may not do this."""


class NotFoundError(AnswerError):
    """There is no such model or address."""


class RateLimitError(AnswerError):
    """Too many requests; `info.retry_after_s` says how long to wait, where the provider did."""


class QuotaError(AnswerError):
    """The account's credit or quota is used up; waiting does not help."""


class OverloadedError(AnswerError):
    """The provider has too much to do."""


class ServerError(AnswerError):
    """The provider failed."""


class InvalidRequestError(AnswerError):
    """The provider does not accept the request."""


class ContextLengthError(InvalidRequestError):
    """The question is longer than the model can read."""


class ContentFilterError(InvalidRequestError):
    """The provider's filter refused."""


_ERROR_OF_KIND: dict[ErrorKind, type[AnswerError]] = {
    "connect": ConnectionFailedError,
    "read": ConnectionFailedError,
    "timeout": DeadlineError,
    "auth": AuthenticationError,
    "permission": PermissionDeniedError,
    "not_found": NotFoundError,
    "rate_limit": RateLimitError,
    "quota": QuotaError,
    "overloaded": OverloadedError,
    "server": ServerError,
    "invalid_request": InvalidRequestError,
    "context_length": ContextLengthError,
    "content_filter": ContentFilterError,
}


def answer_error(info: ErrorInfo, answer: "Message") -> AnswerError:
    """The exception for a failure; `AnswerError` itself for kinds that have none of their own."""
    return _ERROR_OF_KIND.get(info.kind, AnswerError)(info, answer)
