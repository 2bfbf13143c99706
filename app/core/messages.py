"""The conversation: messages, their parts, and how they came to be.

All are plain values. Their JSON form (`msgspec.json`) goes over our own wire and into the history,
so a field may be added but never change its meaning. The exceptions that carry a message stand with
it, because `raise_for_error` raises them.

Long, because a message is one value, whose properties all stand here.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from .errors import ErrorInfo, ErrorKind, TokenfallError
from .nesting import is_too_deep
from .parts import (
    File,
    Part,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    Timing,
    ToolCall,
    ToolResult,
    Usage,
)

__all__ = [
    "AnswerError",
    "AuthenticationError",
    "ConnectionFailedError",
    "ContentFilterError",
    "ContextLengthError",
    "DeadlineError",
    "File",
    "FinishReason",
    "IncompleteError",
    "InvalidRequestError",
    "Message",
    "Mode",
    "NotFoundError",
    "OverloadedError",
    "Part",
    "PermissionDeniedError",
    "ProviderTool",
    "QuotaError",
    "RateLimitError",
    "Reasoning",
    "Refusal",
    "Role",
    "ServerError",
    "Source",
    "Status",
    "Text",
    "Timing",
    "ToolCall",
    "ToolResult",
    "Usage",
    "is_object",
    "user",
]

Role = Literal["system", "user", "assistant", "tool"]

# How the stream ended. Not the same as why the model stopped: a cut stream is `incomplete`
# whatever the model meant to do.
Status = Literal["complete", "incomplete", "aborted", "error"]

# Why the model stopped. The provider's own word is kept beside it. `pause`: the provider wants to
# be asked again with the same history, and goes on from there.
FinishReason = Literal[
    "stop", "length", "tool_calls", "content_filter", "refusal", "pause", "error", "unknown"
]

# The model was stopped before its end, or took back what it had said: its calls may be half, or
# what nobody should do.
_CALLS_DO_NOT_STAND = ("length", "content_filter", "refusal", "error")

# Providers' words for a full window, which counts as a limit of the length.
_WINDOW_WORDS = ("model_context_window_exceeded", "model_length")

Mode = Literal["streaming", "sync"]


class Message(msgspec.Struct, omit_defaults=True):
    """One turn of the conversation.

    `status` is None while an answer is still growing. `alternatives` are the other choices of a
    provider that was asked for several. `provider` gave the answer and `protocol` is its format,
    also where others handed it on: the `extra` of its parts means nothing to anybody else.
    """

    role: Role
    parts: list[Part] = []
    id: str = ""
    model: str = ""
    protocol: str = ""
    provider: str = ""
    mode: Mode | None = None
    status: Status | None = None
    finish_reason: FinishReason | None = None
    finish_reason_raw: str | None = None
    usage: Usage | None = None
    timing: Timing | None = None
    error: ErrorInfo | None = None
    warnings: list[str] = []
    alternatives: "list[Message]" = []

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def reasoning(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Reasoning))

    @property
    def refusal(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Refusal))

    @property
    def tool_calls(self) -> list[ToolCall]:
        return [part for part in self.parts if isinstance(part, ToolCall)]

    @property
    def open_tool_calls(self) -> list[ToolCall]:
        """The calls without a result in this message, but for those that the provider runs once it
        may: those that came over our own wire may have been answered where they came from. Ids may
        be used again by a later step.
        """
        still_open: dict[int, ToolCall] = {}
        places: dict[str, list[int]] = {}
        for place, part in enumerate(self.parts):
            if isinstance(part, ToolCall):
                still_open[place] = part
                places.setdefault(part.id, []).append(place)
            elif isinstance(part, ToolResult) and (asked := places.get(part.call_id)):
                del still_open[asked.pop(0)]
        remote = {one.call_id for one in self.parts if isinstance(one, ProviderTool)}
        return [call for call in still_open.values() if call.id not in remote]

    @property
    def open_requests(self) -> list[ProviderTool]:
        """The provider's requests for leave that have no result in this message."""
        answered = {part.call_id for part in self.parts if isinstance(part, ToolResult)}
        return [
            part
            for part in self.parts
            if isinstance(part, ProviderTool) and part.asks_for and part.id not in answered
        ]

    @property
    def has_failed(self) -> bool:
        """Tell whether it came to no proper end without being stopped."""
        return self.status in ("error", "incomplete")

    @property
    def calls_stand(self) -> bool:
        """Tell whether the model meant its calls as they are.

        A call cut short can still parse (`{"path": "/"}` is a prefix of many things), so the stream
        must have ended as it should, and the model of its own accord.
        """
        return self.status == "complete" and self.finish_reason not in _CALLS_DO_NOT_STAND

    @property
    def has_filled_window(self) -> bool:
        """Tell whether the context window is full: a larger limit of the answer does not help."""
        return (self.finish_reason_raw or "").lower() in _WINDOW_WORDS

    @property
    def is_paused(self) -> bool:
        """Tell whether the provider wants to be asked again, to go on from this very answer."""
        return self.status == "complete" and self.finish_reason == "pause"

    @property
    def runnable_tool_calls(self) -> list[ToolCall]:
        """The calls that may run: named, whole, open, from an answer whose calls stand."""
        if not self.calls_stand:
            return []
        return [call for call in self.open_tool_calls if call.name and is_object(call.arguments)]

    @property
    def failure(self) -> ErrorInfo | None:
        """The error of an answer that failed or broke off; None for any other."""
        if self.error is None and self.status == "incomplete":
            return ErrorInfo("read", "The answer broke off before its end.", retryable=True)
        return self.error

    def raise_for_error(self) -> "Message":
        """Raise where the answer failed or broke off; else return it. A stop is no failure.

        Raises:
            AnswerError: Of the kind that fits (`RateLimitError`, …); its `answer` is this message.
        """
        if self.error is not None:
            raise _answer_error(self.error, self)
        if self.failure is not None:
            raise IncompleteError(self.failure, self)
        return self

    @property
    def sources(self) -> list[Source]:
        return [part for part in self.parts if isinstance(part, Source)]

    @property
    def files(self) -> list[File]:
        return [part for part in self.parts if isinstance(part, File)]


def user(content: str | Sequence[Part]) -> Message:
    """A question: a text, or its parts."""
    parts: list[Part] = [Text(content)] if isinstance(content, str) else list(content)
    return Message("user", parts, status="complete")


def is_object(arguments: str) -> bool:
    """Tell whether the arguments of a call are a JSON object; none at all count as an empty one."""
    if not arguments.strip():
        return True  # how several providers write a call without arguments
    if is_too_deep(arguments.encode("utf-8", "replace")):
        return False
    try:
        msgspec.json.decode(arguments, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return False
    return True


class AnswerError(TokenfallError):
    """An answer failed. `str(error)` is a sentence for people, `info` the failure as data, and
    `answer` the message with all that had arrived.
    """

    def __init__(self, info: ErrorInfo, answer: Message) -> None:
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


def _answer_error(info: ErrorInfo, answer: Message) -> AnswerError:
    """The exception for a failure; `AnswerError` itself for kinds that have none of their own."""
    return _ERROR_OF_KIND.get(info.kind, AnswerError)(info, answer)
