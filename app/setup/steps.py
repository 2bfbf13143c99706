"""Steps: what the set-up does, each only when its result is missing or out of date."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .console import Console, Report
from .errors import os_failed
from .stamps import Stamp


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to prepare.

    `is_done` is asked at every start and must be quick and need no network. `work` does
    the whole step again from the beginning; it may find leftovers of an interrupted try.
    """

    title: str
    is_done: Callable[[], bool]
    work: Callable[[Report], None]


def stamped(title: str, stamp: Stamp, work: Callable[[Report], None]) -> Step:
    """Make a step that is done when its stamp says so."""

    def work_and_stamp(report: Report) -> None:
        stamp.clear()
        work(report)
        stamp.write()

    return Step(title, stamp.matches, work_and_stamp)


def run_steps(steps: Sequence[Step], runtime: Path, console: Console) -> None:
    """Do the open steps, in order. Without such a step, nothing is written.

    Raises:
        SetupError: a step failed; those before it stay done.
    """
    if all(step.is_done() for step in steps):
        return
    try:
        runtime.mkdir(parents=True, exist_ok=True)
        with exclusive(runtime / "setup.lock", console.say):
            _run_pending(steps, runtime, console)
    except OSError as problem:
        raise os_failed("The set-up", problem, runtime) from problem


def _run_pending(steps: Sequence[Step], runtime: Path, console: Console) -> None:
    # Asked again under the lock: another set-up may have done the work meanwhile.
    pending = [step for step in steps if not step.is_done()]
    for number, step in enumerate(pending, start=1):
        with console.step(number, len(pending), step.title) as report:
            try:
                step.work(report)
            except OSError as problem:
                raise os_failed(step.title, problem, runtime) from problem


@contextmanager
def exclusive(file: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file, so that two set-ups in one folder take turns.

    The lock ends with the process that holds it, however that ends.
    """
    with file.open("a") as stream:
        if not _try_lock(stream.fileno()):
            say("Another set-up is at work in this folder; waiting for it to finish …")
            _wait_for_lock(stream.fileno())
        yield


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait_for_lock(descriptor: int) -> None:
        # LK_LOCK itself gives up after ten tries, one a second.
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            except OSError:
                continue
            return

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait_for_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
