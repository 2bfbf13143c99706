"""Everything that can go wrong: public names; `core.errors` draws the tree."""

from .core.errors import (
    ConnectError,
    CorsError,
    ErrorInfo,
    ErrorKind,
    ProtocolError,
    ReadError,
    TokenfallError,
    TransportError,
    UsageError,
)
from .core.messages import (
    AnswerError,
    AuthenticationError,
    ConnectionFailedError,
    ContentFilterError,
    ContextLengthError,
    DeadlineError,
    IncompleteError,
    InvalidRequestError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaError,
    RateLimitError,
    ServerError,
)
from .core.tools.function_tool import (
    ToolError,
)

__all__ = [
    "AnswerError",
    "AuthenticationError",
    "ConnectError",
    "ConnectionFailedError",
    "ContentFilterError",
    "ContextLengthError",
    "CorsError",
    "DeadlineError",
    "ErrorInfo",
    "ErrorKind",
    "IncompleteError",
    "InvalidRequestError",
    "NotFoundError",
    "OverloadedError",
    "PermissionDeniedError",
    "ProtocolError",
    "QuotaError",
    "RateLimitError",
    "ReadError",
    "ServerError",
    "TokenfallError",
    "ToolError",
    "TransportError",
    "UsageError",
]
