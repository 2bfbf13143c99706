"""Messages to a run through the log: of its readers, and of its worker to the next one."""

from collections.abc import Callable
from contextlib import suppress

import msgspec

from ...core.errors import UsageError
from ...core.running.calls import Decision
from ...core.running.run import Run
from ...runs.log import RunLog, controls_of


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


class HandedOver(msgspec.Struct, frozen=True, tag="handed_over"):
    """The worker ends, and leaves the run to another one: no death of a worker."""


class Began(msgspec.Struct, frozen=True, tag="began"):
    """A provider that goes on by itself has begun an answer, which it calls by this name. `size`
    is the number of messages in the question, `number` counts such answers of the run.
    """

    name: str
    size: int
    number: int


Control = Cancel | Result | Decided | HandedOver | Began

decode_control = msgspec.json.Decoder(Control).decode


async def tell(log: RunLog, run: str, control: Control) -> None:
    """Tell the worker that carries a run, through the log. Raises as `RunLog.tell`."""
    await log.tell(controls_of(run), msgspec.json.encode(control))


# Passes on a decision on a question that no call of the run asks: its provider may.
Decide = Callable[[str, Decision], None]


def obey(run: Run, told: bytes, decide: Decide) -> None:
    """Do what a reader has told a run."""
    match decode_control(told):
        case Cancel():
            run.cancel("user")
        case Result(call_id, content, is_error):
            with suppress(UsageError):  # the call has its answer already, or never asked
                run.give(call_id, content, is_error=is_error)
        case Decided(call_id, decision):
            try:
                run.decide(call_id, decision)
            except UsageError:
                decide(call_id, decision)
