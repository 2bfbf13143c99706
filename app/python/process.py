"""A session in a process of its own: reads lines of JSON from standard input, writes `messages` to
standard output, a line each, and ends when standard input ends. SIGINT ends a cell's work.

It is no wall: a cell can do what its user may. Limits keep accidents small.
"""

import asyncio
import json
import os
import queue
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from .messages import Message, written
from .session import Session, catch_interrupts

# How long a cell waits for what its programs have printed, once it has ended.
_DRAIN_LIMIT_S = 1.0


def main() -> None:
    """Serve one session; the first line names its limits."""
    questions = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    limits = json.loads(questions.readline())
    _limit(limits["memory_bytes"], limits["file_bytes"])
    lock = threading.Lock()

    def tell(message: Message) -> None:
        with lock:
            answers.write(f"{written(message)}\n")
            answers.flush()

    folder = Path.cwd()
    sys.path.append(str(folder))  # last, so that no file there takes a library's place
    session = Session(tell, folder)
    session.folder.changes()  # what is there already is no change
    session.drain = _printed_outside(session)
    catch_interrupts(session)
    asked: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(questions, asked), daemon=True).start()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    while True:
        match asked.get():
            case {"kind": "Run", "code": str(code), "cell": int(cell)}:
                tell(session.run(code, cell, loop))
            case {"kind": "Variables"}:
                tell(session.variables())


def _read(questions: TextIO, asked: "queue.SimpleQueue[dict[str, Any]]") -> None:
    for line in questions:
        asked.put(json.loads(line))
    # The asking side is gone, whatever runs here.
    os._exit(0)


def _limit(memory_bytes: int, file_bytes: int) -> None:
    """Bound the resources of a cell, as far as this system does that."""
    try:
        import resource
    except ImportError:  # on Windows
        return
    # A file that grows too large is an OSError then.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))


def _printed_outside(session: Session) -> Callable[[], None]:
    """Read what is written to the streams of the process itself, as programs do that a cell has
    started. Return a function that waits until all of it was read.
    """
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    reads, writes = os.pipe()
    for stream in (1, 2):
        os.dup2(writes, stream)
    os.close(writes)
    mark = f"\0{secrets.token_hex(16)}\0".encode()
    is_drained = threading.Event()

    def read() -> None:
        rest = b""
        while data := os.read(reads, 65_536):
            rest += data
            *before, rest = rest.split(mark)
            text = b"".join(before)
            # The beginning of a mark waits for its end.
            if not before or rest:
                at = rest.rfind(b"\0")
                held = rest[at:] if at >= 0 and mark.startswith(rest[at:]) else b""
                text, rest = text + rest[: len(rest) - len(held)], held
            if text:
                session.print_from_outside("stdout", text.decode("utf-8", "replace"))
            if before:
                is_drained.set()

    threading.Thread(target=read, daemon=True).start()

    def drain() -> None:
        is_drained.clear()
        os.write(1, mark)
        is_drained.wait(_DRAIN_LIMIT_S)

    return drain


if __name__ == "__main__":
    main()
