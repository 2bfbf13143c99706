"""One answer, from its first event to the exit code."""

import sys
from contextlib import aclosing
from datetime import datetime, timedelta
from time import monotonic

import msgspec

from ...core.events import ApprovalRequest, Event
from ...core.messages import Message, ProviderTool
from ...core.running.run import Run
from ...core.running.step import Deadlines
from ...core.text.diagnosis import diagnose
from ...core.text.stream_chunks import Meter
from ...core.wire.recording import Exchange
from .arguments import COMPLETE, FAILED, INCOMPLETE, STOPPED
from .person import Person
from .screen import Screen

_CODES = {"complete": COMPLETE, "error": FAILED, "incomplete": INCOMPLETE, "aborted": STOPPED}
_TOLD = {
    "length": "The answer reached its length limit; --max-tokens sets it.",
    "content_filter": "The provider's filter ended the answer.",
    "refusal": "The model declined to go on.",
    "error": "The provider could not finish the answer.",
    "pause": "The answer is not finished.",
}
_SOON_S = 60
_LONGEST_WAIT_S = 366 * 24 * 3600
_NOTHING = "The answer is empty."
_NOTHING_SAID = "The model thought, and then said nothing."
_WINDOW_IS_FULL = "The model's window is full, so the answer ends here."


class Answer:
    """Shows answers as `--json` and `--status` ask for."""

    def __init__(
        self, screen: Screen, person: Person, *, as_json: bool = False, with_status: bool = False
    ) -> None:
        self._screen = screen
        self._person = person
        self._as_json = as_json
        self._with_status = with_status

    async def show(self, run: Run) -> int:
        """Read the run to its end and show it. Returns the exit code.

        Raises:
            BrokenPipeError: Nobody reads any more; the run has been ended.
        """
        meter = Meter(monotonic)
        async with run, aclosing(run.batches()) as batches:
            async for batch in batches:
                if self._as_json:
                    _write_json(batch)
                else:
                    self._screen.show(batch)
                for event in batch:
                    progress = meter.push(event)
                    if progress is not None and self._with_status:
                        self._screen.status(progress)
                    if isinstance(event, ApprovalRequest):
                        await self._person.answer(event, run)
        if not self._as_json:
            self._screen.end_line()
        if self._with_status:
            self._screen.say(str(meter.progress))
        self._tell_end(run.message)
        return _CODES[run.message.status or "aborted"]

    def tell_findings(
        self, message: Message, deadlines: Deadlines, exchanges: list[Exchange]
    ) -> None:
        """With `--status`, say what was unusual about an answer, and what helps."""
        if self._with_status:
            for finding in diagnose(message, deadlines=deadlines, exchanges=exchanges):
                if finding.topic == "missing" and self._has_told_end(message):
                    continue
                self._screen.say(f"{finding.topic}: {finding.what} {finding.advice}")

    def _has_told_end(self, message: Message) -> bool:
        return message.status != "complete" or message.finish_reason in _TOLD

    def _tell_end(self, message: Message) -> None:
        if message.status == "error" and message.error is not None:
            self._screen.say(f"Error: {message.error.message}")
            if (wait_s := message.error.retry_after_s or 0) > 0:
                self._screen.say(asks_to_wait(wait_s, datetime.now()))
        elif message.status == "incomplete":
            self._screen.say("Incomplete: the answer broke off before its end.")
        elif message.status == "aborted":
            self._screen.say("Stopped.")
        elif message.finish_reason in _TOLD:
            told = _WINDOW_IS_FULL if message.has_filled_window else _TOLD[message.finish_reason]
            self._screen.say(" ".join([told, *message.warnings]))
        elif not _says_anything(message):
            self._screen.say(_NOTHING_SAID if message.reasoning.strip() else _NOTHING)


def asks_to_wait(wait_s: float, now: datetime) -> str:
    """Say a wait as people read it; a long one by the time of its end."""
    if wait_s <= _SOON_S:
        return f"The provider asks to wait {wait_s:.0f} s."
    until = now + timedelta(seconds=min(wait_s, _LONGEST_WAIT_S))
    form = "%H:%M" if until.date() == now.date() else "%Y-%m-%d %H:%M"
    return f"The provider asks to wait until {until:{form}}."


def _says_anything(message: Message) -> bool:
    ran_tools = any(isinstance(part, ProviderTool) for part in message.parts)
    said = message.text.strip() or message.refusal or message.files
    return bool(said or message.tool_calls or ran_tools)


def _write_json(batch: list[Event]) -> None:
    sys.stdout.write("".join(msgspec.json.encode(event).decode() + "\n" for event in batch))
    sys.stdout.flush()
