"""Messages of readers to a run, through the log."""

import msgspec

from ...core.running.calls import Decision


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """A reader wants the run to stop."""


class Result(msgspec.Struct, frozen=True, tag="result"):
    """A reader gives a tool's result."""

    call_id: str
    content: str
    is_error: bool = False


class Decided(msgspec.Struct, frozen=True, tag="decision"):
    """A person has said yes or no to a call."""

    call_id: str
    decision: Decision


Control = Cancel | Result | Decided
