"""What was said: messages, their parts, and what is known about how they came to be.

All are plain values. Their JSON form (`msgspec.json`) is what goes over our own wire and into the
history, so a field may be added but never change its meaning.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from .errors import ErrorInfo, IncompleteError, answer_error
from .nesting import is_too_deep

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

# How providers call a full window, which counts as a limit of the length.
_WINDOW_WORDS = ("model_context_window_exceeded", "model_length")

Mode = Literal["streaming", "sync"]


class Text(msgspec.Struct, tag="text"):
    """What the message says. Markdown, from outside: never trusted."""

    text: str


class Reasoning(msgspec.Struct, tag="reasoning", omit_defaults=True):
    """What the model shows of its thinking.

    `extra` is what the provider wants to see again in the next request (signatures, encrypted
    content), exactly as it came.
    """

    text: str
    extra: Any = None


class Refusal(msgspec.Struct, tag="refusal"):
    """The model's own words for declining."""

    text: str


class ToolCall(msgspec.Struct, tag="tool_call", omit_defaults=True):
    """A tool that the model asks for. `arguments` is the raw JSON text, perhaps unfinished.

    `extra` is echoed to the provider with the call (thought signatures).
    """

    id: str
    name: str
    arguments: str = ""
    extra: Any = None


class ToolResult(msgspec.Struct, tag="tool_result", omit_defaults=True):
    """What a tool answered, or the sentence that tells the model why it did not."""

    call_id: str
    content: str
    name: str = ""
    is_error: bool = False


class ProviderTool(msgspec.Struct, tag="provider_tool", frozen=True, omit_defaults=True):
    """A tool that the provider ran itself (web search, code execution): nothing for us to run.

    `arguments` is JSON text, `result` what the provider shows of the outcome, `extra` what it
    wants to see again in the next request.
    """

    id: str
    name: str
    arguments: str = ""
    result: Any = None
    extra: Any = None


class Source(msgspec.Struct, tag="source", frozen=True, omit_defaults=True):
    """Something the answer cites. `start` and `end` are offsets into the text, in characters."""

    url: str
    title: str = ""
    quote: str = ""
    start: int | None = None
    end: int | None = None


class File(msgspec.Struct, tag="file", frozen=True, omit_defaults=True):
    """An image or other file, asked with or answered: an http(s) or data URL.

    `name` is the file's own, where it has one.
    """

    url: str
    mime_type: str = ""
    name: str = ""


Part = Text | Reasoning | Refusal | ToolCall | ToolResult | ProviderTool | Source | File


class Usage(msgspec.Struct, tag="usage", frozen=True, omit_defaults=True):
    """Tokens as the provider counted them; None where it did not say.

    `input_tokens` includes `cached_tokens`; `output_tokens` includes `reasoning_tokens`. `raw` is
    the provider's own object.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    raw: Any = None

    def updated(self, newer: "Usage") -> "Usage":
        """Take the newer value of each field that has one.

        Providers send snapshots, some with every chunk, some losing fields on the way: they are
        never summed within one model call, and a missing field never wipes a known one.
        """
        values = {
            name: value if (value := getattr(newer, name)) is not None else getattr(self, name)
            for name in self.__struct_fields__
        }
        return Usage(**values)

    def __add__(self, other: "Usage") -> "Usage":
        """The sum over two model calls; `raw` belongs to one and is left out."""
        names = [name for name in self.__struct_fields__ if name != "raw"]
        pairs = [(getattr(self, name), getattr(other, name)) for name in names]
        return Usage(*(a if b is None else b if a is None else a + b for a, b in pairs))


class Timing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Seconds since the request was sent. `first_output_s` is None where no output came."""

    total_s: float
    first_output_s: float | None = None

    def __add__(self, later: "Timing") -> "Timing":
        """The time of two model calls, one behind the other."""
        first = self.first_output_s
        if first is None and later.first_output_s is not None:
            first = round(self.total_s + later.first_output_s, 6)
        return Timing(round(self.total_s + later.total_s, 6), first)


class Message(msgspec.Struct, omit_defaults=True):
    """One turn of the conversation.

    `status` is None while an answer is still growing. `alternatives` are the other choices of a
    provider that was asked for several. `provider` is who gave the answer and `protocol` the format
    in which he did, also where others handed it on: the `extra` of its parts means nothing to
    anybody else.
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
        """The calls without a result in this message: those that came over our own wire may have
        been answered where they came from. Ids may be used again by a later step.
        """
        still_open: dict[int, ToolCall] = {}
        places: dict[str, list[int]] = {}
        for place, part in enumerate(self.parts):
            if isinstance(part, ToolCall):
                still_open[place] = part
                places.setdefault(part.id, []).append(place)
            elif isinstance(part, ToolResult) and (asked := places.get(part.call_id)):
                del still_open[asked.pop(0)]
        return list(still_open.values())

    @property
    def has_failed(self) -> bool:
        """Whether it came to no proper end, for another reason than that it was stopped."""
        return self.status in ("error", "incomplete")

    @property
    def calls_stand(self) -> bool:
        """Whether the model meant its calls as they are.

        A call cut short can still parse (`{"path": "/"}` is a prefix of many things), so the stream
        must have ended as it should, and the model of its own accord.
        """
        return self.status == "complete" and self.finish_reason not in _CALLS_DO_NOT_STAND

    @property
    def has_filled_window(self) -> bool:
        """Whether the model could read no more: a larger limit of the answer does not help."""
        return (self.finish_reason_raw or "").lower() in _WINDOW_WORDS

    @property
    def is_paused(self) -> bool:
        """Whether the provider wants to be asked again, to go on from this very answer."""
        return self.status == "complete" and self.finish_reason == "pause"

    @property
    def runnable_tool_calls(self) -> list[ToolCall]:
        """The calls that may run: named, whole, open, from an answer whose calls stand."""
        if not self.calls_stand:
            return []
        return [call for call in self.open_tool_calls if call.name and is_object(call.arguments)]

    @property
    def failure(self) -> ErrorInfo | None:
        """What went wrong, where something did; also that the answer broke off without a word."""
        if self.error is None and self.status == "incomplete":
            return ErrorInfo("read", "The answer broke off before its end.", retryable=True)
        return self.error

    def raise_for_error(self) -> "Message":
        """Raise where the answer failed or broke off; else return it. A stop is no failure.

        Raises:
            AnswerError: Of the kind that fits (`RateLimitError`, …); its `answer` is this message.
        """
        if self.error is not None:
            raise answer_error(self.error, self)
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
    """Whether the arguments of a call are a JSON object; none at all count as an empty one."""
    if not arguments.strip():
        return True  # how several providers write a call without arguments
    if is_too_deep(arguments.encode("utf-8", "replace")):
        return False
    try:
        msgspec.json.decode(arguments, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return False
    return True
