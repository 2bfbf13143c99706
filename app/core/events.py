"""The closed vocabulary of what can happen while an answer comes in.

The events are the same for every provider; `Done` is always the last and always there, exactly
once. Each is a tagged value, so its JSON form (`msgspec.json.encode`) tells its `type`. A part that
arrives whole is its own event: `Source`, `File`, `ProviderTool`, `ToolResult`, `Usage`.
"""

from typing import Literal

import msgspec

from .errors import ErrorInfo
from .messages import (
    File,
    FinishReason,
    ProviderTool,
    Source,
    Status,
    Timing,
    ToolResult,
    Usage,
)


class _Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    pass


class MessageStart(_Event, tag="message_start", frozen=True):
    """The provider began to answer. Any field may be empty.

    `protocol` and `provider` are told where the answer is handed on: they say who first gave it.
    """

    id: str = ""
    model: str = ""
    protocol: str = ""
    provider: str = ""


class ContentDelta(_Event, tag="content_delta", frozen=True):
    """The next fragment of the answer's text; never empty."""

    text: str


class ReasoningDelta(msgspec.Struct, tag="reasoning_delta", frozen=True, omit_defaults=True):
    """The next fragment of reasoning.

    `extra` comes once, at the end, with what the provider wants echoed; then `text` may be empty.
    """

    text: str
    extra: object = None


class RefusalDelta(_Event, tag="refusal_delta", frozen=True):
    """The next fragment of a refusal; never empty."""

    text: str


class ToolCallStart(_Event, tag="tool_call_start", frozen=True):
    """The model asks for a tool. `index` counts the calls of this answer from 0, without gaps.

    `name` is empty only where the provider never gave one; such a call can't run.
    """

    index: int
    id: str
    name: str


class ToolCallDelta(_Event, tag="tool_call_delta", frozen=True):
    """The next fragment of a call's arguments (JSON text)."""

    index: int
    arguments: str


class ToolCallEnd(msgspec.Struct, tag="tool_call_end", frozen=True, omit_defaults=True):
    """No more fragments for this call. It comes at the end of the stream, never earlier:
    arguments that happen to parse may still grow.
    """

    index: int
    extra: object = None


class StepStart(_Event, tag="step_start", frozen=True):
    """A model call begins. `number` counts from 1. `goes_on` says that its answer is the rest of
    the one before, in which the provider paused.
    """

    number: int
    goes_on: bool = False


class StepEnd(msgspec.Struct, tag="step_end", frozen=True, omit_defaults=True):
    """A model call has ended; the fields are those of `Done`, for this call alone."""

    status: Status
    finish_reason: FinishReason | None = None
    finish_reason_raw: str | None = None
    usage: Usage | None = None
    timing: Timing | None = None


class ApprovalRequest(_Event, tag="approval_request", frozen=True):
    """A call waits for a person. `wants` says for what: leave to run it, which `Run.decide` gives;
    its result, which `Run.give` gives; or a yes or no to a question of the answering side
    (`answer`).
    """

    call_id: str
    name: str
    arguments: str
    wants: Literal["approval", "result", "answer"]
    by_provider: bool = False


class ToolRunStart(_Event, tag="tool_run_start", frozen=True):
    """A tool begins to run; its `ToolResult` follows, in the order of the calls."""

    call_id: str
    name: str


class Retry(_Event, tag="retry", frozen=True):
    """The model call failed and is made again after `delay_s` seconds. `attempt` counts from 1.

    `model` is filled where another one is asked instead.
    """

    attempt: int
    delay_s: float
    reason: str
    model: str = ""


class StepReset(_Event, tag="step_reset", frozen=True):
    """The output of this answer so far is void; it begins anew."""

    reason: str


class Heartbeat(_Event, tag="heartbeat", frozen=True):
    """The provider is alive and has nothing to say yet.

    `progress` is how much of the question it has read, from 0 to 1, where it tells.
    """

    text: str = ""
    progress: float | None = None


class Warning(_Event, tag="warning", frozen=True):
    """Something on the wire was wrong, and was mended or passed over without losing the answer."""

    message: str
    raw: str = ""


class Error(msgspec.Struct, tag="error", frozen=True):
    """The provider or the way to it failed. Earlier output stays; `Done` still follows."""

    error: ErrorInfo


class Done(msgspec.Struct, tag="done", frozen=True, omit_defaults=True):
    """The end, always the last event.

    `status` says how the stream ended, `finish_reason` why the model stopped (None where it never
    said), `finish_reason_raw` the provider's own word for it.
    """

    status: Status
    finish_reason: FinishReason | None = None
    finish_reason_raw: str | None = None
    usage: Usage | None = None
    timing: Timing | None = None


# Events of one choice of several; the rest belongs to the answer as a whole.
ChoiceEvent = (
    ContentDelta
    | ReasoningDelta
    | RefusalDelta
    | ToolCallStart
    | ToolCallDelta
    | ToolCallEnd
    | File
    | Done
)


class Alternative(msgspec.Struct, tag="alternative", frozen=True):
    """Something that happened in another choice than the answer (n > 1). `choice` is from 1."""

    choice: int
    event: ChoiceEvent


Event = (
    MessageStart
    | ContentDelta
    | ReasoningDelta
    | RefusalDelta
    | ToolCallStart
    | ToolCallDelta
    | ToolCallEnd
    | Source
    | File
    | ProviderTool
    | Usage
    | StepStart
    | StepEnd
    | ApprovalRequest
    | ToolRunStart
    | ToolResult
    | Retry
    | StepReset
    | Heartbeat
    | Warning
    | Error
    | Alternative
    | Done
)

# Output of the model: it resets the idle deadline and stamps the first token.
OUTPUT = (
    ContentDelta,
    ReasoningDelta,
    RefusalDelta,
    ToolCallStart,
    ToolCallDelta,
    ProviderTool,
    File,
)
