"""The contract of a log of runs. `memory`, `sqlite` and `redis` keep it, each in its own store.

A log holds streams of batches. The stream of a run's events has one writer at a time: who holds the
latest claim. Each claim is a new epoch, and an append under an older one is refused, so a worker
that only seemed dead writes nothing more. Messages of readers and pages to the writer (stop, a
person's yes, a tool's result) are data in the log too, in the run's stream of controls: a message
to a process would reach the wrong one.

Claims are leases: one that is not renewed in time may be taken. How long that is, `memory` and
`sqlite` measure by the system's monotonic clock, which all processes of a machine share. `redis`
has its server's only, which may jump: where it has, all claims begin anew.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from ..core.messages import Status
from .offsets import START, Offset

# How long a claim holds that nobody renews.
LEASE_S = 10.0
# How much one reading gives at most, beyond its first batch.
PAGE_BYTES = 256 * 1024
# How many changes of an owner's chats are kept for those who follow them.
KEPT_CHANGES = 1000


class LogError(Exception):
    """The log cannot be written or read now; it may work later."""


class NoSuchRunError(Exception):
    """There is no run of this id, or no more."""


class LostOffsetError(Exception):
    """The log has no such event: it was lost, or never here."""


class FencedError(Exception):
    """Another worker holds the run now: nothing was written."""


class Entry(msgspec.Struct, frozen=True):
    """A batch as it lies in a stream: events `first` to `last`, a line of JSON each."""

    epoch: int
    first: int
    last: int
    data: bytes

    @property
    def end(self) -> Offset:
        """The place of its last event."""
        return Offset(self.epoch, self.last)

    def lines(self) -> list[bytes]:
        """Its events, each as JSON."""
        return self.data.split(b"\n")

    def after(self, number: int) -> "Entry":
        """The part of it behind this event."""
        if number < self.first:
            return self
        rest = self.lines()[number - self.first + 1 :]
        return Entry(self.epoch, number + 1, self.last, b"\n".join(rest))


class RunRecord(msgspec.Struct, omit_defaults=True):
    """Record of a run beside its events. `question` is the question asked, without any key, and
    `title` a few words of it; `status` is None until its end. Times are seconds since 1970, for
    people.
    """

    id: str
    owner: str
    chat: str
    title: str = ""
    question: bytes = b""
    created_s: float = 0.0
    epoch: int = 0
    last: int = 0
    status: Status | None = None
    ended_s: float | None = None
    size: int = 0  # of all that is kept of it, in bytes


class Claim(NamedTuple):
    """The right to write a run's events, after the event `last`."""

    epoch: int
    last: int


class Payload(msgspec.Struct, frozen=True):
    """Large data of a run, which its events refer to by `name`."""

    name: str
    mime_type: str
    data: bytes


# New entries of each stream; None where its run is gone, or the place behind which they would be.
News = Mapping[str, "Sequence[Entry] | None"]


def events_of(run: str) -> str:
    """The stream of a run's events."""
    return f"events:{run}"


def controls_of(run: str) -> str:
    """The stream of messages to a run's writer."""
    return f"controls:{run}"


def changes_of(owner: str) -> str:
    """The stream of changes in an owner's chats."""
    return f"changes:{owner}"


def run_of(stream: str) -> str | None:
    """The run that a stream belongs to; None for one of an owner."""
    kind, _, name = stream.partition(":")
    return None if kind == "changes" else name


class RunLog(ABC):
    """A log of runs. Every method may raise `LogError`."""

    @abstractmethod
    async def create(self, record: RunRecord, worker: str) -> Claim | None:
        """Begin a run, claimed by this worker; None where there is one of this id already."""

    @abstractmethod
    async def append(
        self, run: str, claim: Claim, data: bytes, count: int, status: Status | None = None
    ) -> Claim:
        """Write `count` events behind `claim.last`; with a `status` they are the run's last.

        The same append again, after a failure that left open whether it was written, changes
        nothing.

        Raises:
            FencedError: Another claim is newer, or the run has ended.
            NoSuchRunError: It was deleted.
        """

    @abstractmethod
    async def tell(self, stream: str, data: bytes) -> Offset:
        """Add one line to a stream of controls or changes, whoever holds the run.

        Raises:
            NoSuchRunError: There is no such run.
        """

    @abstractmethod
    async def read(
        self, stream: str, after: Offset = START, limit: int = PAGE_BYTES
    ) -> list[Entry]:
        """Give the entries behind an event, about `limit` bytes of them.

        Raises:
            LostOffsetError: There is no such event.
            NoSuchRunError: There is no such run.
        """

    @abstractmethod
    async def news(self, cursors: Mapping[str, Offset]) -> News:
        """Wait until a stream has more than its cursor says, or `nudge`. One caller a process."""

    @abstractmethod
    def nudge(self) -> None:
        """Let `news` return, perhaps with nothing."""

    @abstractmethod
    async def claim(self, run: str, worker: str) -> Claim | None:
        """Take a run whose claim was not renewed in time; None where it is held, or has ended."""

    @abstractmethod
    async def heartbeat(self, worker: str, runs: Sequence[str]) -> set[str]:
        """Renew claims; give those runs that this worker does not hold any more."""

    @abstractmethod
    async def attend(self, worker: str) -> None:
        """Say that this worker takes runs that others leave: for as long as a claim holds."""

    @abstractmethod
    async def attending(self) -> set[str]:
        """Name the workers that have said so."""

    @abstractmethod
    async def release(self, worker: str) -> None:
        """Let go of all that this worker holds, as if its time were over; it attends no more, and
        that first.
        """

    @abstractmethod
    async def unattended(self) -> list[str]:
        """List runs without an end whose claim was not renewed in time."""

    @abstractmethod
    async def get(self, run: str) -> RunRecord | None:
        """Read the record of a run."""

    @abstractmethod
    async def runs(self, owner: str, chat: str | None = None) -> list[RunRecord]:
        """List an owner's runs, or those of one chat, without their questions; the oldest first."""

    @abstractmethod
    async def stored_bytes(self, owner: str) -> int:
        """Measure the room that an owner's runs and the facts of their chats take."""

    @abstractmethod
    async def set_facts(self, owner: str, chat: str, facts: Mapping[str, bytes]) -> None:
        """Keep these values beside a chat's runs, each by its name (letters, `_`, `.`) and over the
        one that was there: two writers may each change their own.
        """

    @abstractmethod
    async def facts(self, owner: str, chat: str | None = None) -> dict[str, dict[str, bytes]]:
        """Read these values of an owner's chats, or of one: by chat, by name."""

    @abstractmethod
    async def forget_facts(self, owner: str, chat: str) -> None:
        """Remove these values of a chat."""

    @abstractmethod
    async def put(self, run: str, payload: Payload) -> None:
        """Keep large data. Raises `NoSuchRunError`."""

    @abstractmethod
    async def payload(self, run: str, name: str) -> Payload | None:
        """Give large data back."""

    @abstractmethod
    async def delete(self, run: str) -> bool:
        """Remove a run with all that belongs to it; tell whether there was one."""

    @abstractmethod
    async def expire(self, kept_s: float) -> list[RunRecord]:
        """Remove runs that ended longer ago, by the clock of the store; give their records."""

    @abstractmethod
    async def close(self) -> None:
        """End the use of the log. Its content stays."""
