"""Runs a person's file in a process of its own, which `start` begins.

It reads `messages` from standard input and writes them to standard output, a line each, and ends
when standard input ends. The file's own output goes to standard error.
"""

import asyncio
import os
import sys
import threading
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

from ..core.errors import ErrorInfo
from ..core.events import Done, Error
from .answers import Answers
from .loading import Agent, LoadError, beside, load
from .messages import (
    MOST_LINE_BYTES,
    Ask,
    Broken,
    Decide,
    Loaded,
    Stop,
    Told,
    line,
    read_question,
)

_MOST_MB = MOST_LINE_BYTES // 1_000_000


def main() -> None:
    """Load the file, say how that went, and answer."""
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    os.environ.setdefault("MPLBACKEND", "Agg")  # figures are given, and no window opens
    try:
        agent = load(Path(sys.argv[1]))
    except LoadError as error:
        answers.write(line(Broken(str(error), beside(Path(sys.argv[1]), error.__cause__))))
        answers.flush()
        return
    about = agent.title, agent.description, agent.function.takes_tools
    answers.write(line(Loaded(*about, beside(Path(sys.argv[1])))))
    answers.flush()
    asyncio.run(_serve(agent, questions, answers))


async def _serve(agent: Agent, questions: BinaryIO, answers: BinaryIO) -> None:
    loop = asyncio.get_running_loop()
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        for data in questions:
            loop.call_soon_threadsafe(asked.put_nowait, data)
        # The asking side is gone, whatever blocks here.
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    serving = _Serving(agent, answers)
    while True:
        serving.take(await asked.get())


class _Serving:
    """Messages of the server to one file, carried out."""

    def __init__(self, agent: Agent, out: BinaryIO) -> None:
        self._answers = Answers(agent)
        self._out = out
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def take(self, data: bytes) -> None:
        """Act on a message of the server."""
        match read_question(data):
            case Ask() as asked:
                self._tasks[asked.id] = asyncio.create_task(self._tell(asked))
            case Stop(id):
                if id in self._tasks:
                    self._tasks[id].cancel()
            case Decide() as said:
                self._answers.decide(said)

    async def _tell(self, asked: Ask) -> None:
        try:
            async with aclosing(self._answers.batches(asked)) as batches:
                async for batch in batches:
                    self._say(Told(asked.id, batch))
        except TypeError as error:  # an event of theirs holds what no JSON can, or too much
            failure = Error(ErrorInfo("unknown", f"What the function gave cannot be sent: {error}"))
            self._say(Told(asked.id, [failure, Done("error")]))
        finally:
            self._tasks.pop(asked.id, None)

    def _say(self, told: Told) -> None:
        data = line(told)
        if len(data) > MOST_LINE_BYTES and len(told.events) > 1:
            for event in told.events:
                self._say(Told(told.id, [event]))
            return
        if len(data) > MOST_LINE_BYTES:
            raise TypeError(f"it has {len(data) // 1_000_000} MB, and {_MOST_MB} MB can be")
        self._out.write(data)
        self._out.flush()
