"""Several processes behind one port: all accept at the same sockets, and one that dies is replaced.

What they share is the log of runs, through which each serves every reader, takes every stop, and
takes over the runs of one that has died, and who answers (`SharedAnswering`): the built-in model
and a person's file, which are run here. Nothing else of them is shared.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from starlette.applications import Starlette

from ..native.shared_answering import SharedAnswering
from ..native.shared_link import SharedEnd
from .certificate import Certificate
from .edits import Edits
from .http_server import Server, keep_log_readable
from .runs import metrics

# A new interpreter each: the same on all systems, and no state of the parent's threads.
_SPAWN = multiprocessing.get_context("spawn")
_SAFE_PATH = "PYTHONSAFEPATH"
# How long workers may take to end; each has limits of its own, which are shorter.
_STOP_LIMIT_S = 15.0
# How long to wait before one that died is replaced: one that dies at once costs no more than this.
_REPLACE_S = 1.0

_DIED = "A worker of the server ended by itself (code {}). Another one takes its place."
_NOT_STARTED = "A worker of the server did not start (code {})."


class Workers:
    """`make_app` makes the application, in each of `count` processes: both it and what it is given
    are pickled. It is told the `shared` model and agent. With `edits`, one of a module of the
    server ends them all, and `is_outdated` says so.
    """

    def __init__(
        self,
        make_app: Callable[..., Starlette],
        sockets: Sequence[socket.socket],
        count: int,
        *,
        shared: SharedAnswering | None = None,
        edits: Edits | None = None,
        certificate: Certificate | None = None,
        verbose: bool = False,
    ) -> None:
        self._given = (make_app, list(sockets), certificate, verbose)
        self._count = count
        self._shared = shared or SharedAnswering(None, None)
        self._edits = edits
        self._running: list[SpawnProcess] = []
        self._edited, self._say_edited = _SPAWN.Pipe(duplex=False)
        self.is_outdated = False

    def run(self, on_started: Callable[[], None], on_stopping: Callable[[], None]) -> int:
        """Serve until Ctrl+C or SIGTERM. Gives the exit code: 1 where a worker does not start."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with tempfile.TemporaryDirectory() as folder:
            os.environ[metrics.SHARED] = folder
            self._shared.start()
            try:
                if not all(self._has_started(*one) for one in self._begin(self._count)):
                    return 1
                on_started()
                if self._edits is not None:
                    args = (self._edits, self._say_edited)
                    threading.Thread(target=_follow, args=args, daemon=True).start()
                while not self.is_outdated:
                    self._replace()
                return 0
            except KeyboardInterrupt:
                print("\nStopped.")
                return 0
            finally:
                on_stopping()
                self._end()
                self._shared.end()
                del os.environ[metrics.SHARED]

    def _begin(self, count: int) -> list[tuple[SpawnProcess, Connection]]:
        begun = []
        for _ in range(count):
            told, telling = _SPAWN.Pipe(duplex=False)
            end = self._shared.link()
            process = _SPAWN.Process(target=_work, args=(*self._given, end, telling), daemon=True)
            with _without_the_folder():
                process.start()
            # So that the end of the worker is the end of the pipe, and of its link.
            telling.close()
            end.theirs.close()
            self._running.append(process)
            begun.append((process, told))
        return begun

    def _has_started(self, process: SpawnProcess, told: Connection) -> bool:
        try:
            told.recv()
        except EOFError:
            process.join()
            print(_NOT_STARTED.format(process.exitcode), file=sys.stderr)
            return False
        finally:
            told.close()
        return True

    def _replace(self) -> None:
        """Wait until a worker dies, and put another one in its place, or for an edit."""
        if self._edited in wait([self._edited, *(one.sentinel for one in self._running)]):
            self.is_outdated = True
            return
        for process in [one for one in self._running if not one.is_alive()]:
            print(_DIED.format(process.exitcode), file=sys.stderr, flush=True)
            self._running.remove(process)
            metrics.forget_worker(process.pid)
            time.sleep(_REPLACE_S)
            for _, told in self._begin(1):
                told.close()

    def _end(self) -> None:
        for process in self._running:
            process.terminate()
        until_s = time.monotonic() + _STOP_LIMIT_S
        for process in self._running:
            process.join(max(0, until_s - time.monotonic()))
            process.kill()


@contextmanager
def _without_the_folder() -> Iterator[None]:
    """Let interpreters that are started in here run nothing of the folder one stands in: `spawn`
    begins them with `-c`, which would put that first.
    """
    known = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        del os.environ[_SAFE_PATH]
        if known is not None:
            os.environ[_SAFE_PATH] = known


def _follow(edits: Edits, telling: Connection) -> None:
    """Wait for an edit of the server."""
    asyncio.run(edits.until_server_changes(partial(print, flush=True)))
    telling.send(None)


def _work(
    make_app: Callable[..., Starlette],
    sockets: list[socket.socket],
    certificate: Certificate | None,
    verbose: bool,
    end: SharedEnd,
    telling: Any,
) -> None:
    """Serve in a process of its own, for as long as its parent lives."""
    keep_log_readable(verbose)
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def on_started() -> None:
        with suppress(BrokenPipeError):  # nobody waits for who takes a dead one's place
            telling.send(os.getpid())
        telling.close()

    with suppress(KeyboardInterrupt):  # Ctrl+C reaches all processes of a terminal
        model, agent = end.connected()
        app = make_app(model=model, agent=agent)
        Server(app, on_started, certificate=certificate).run(sockets)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
