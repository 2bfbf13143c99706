"""Runs a person's file in a process of its own: `python -m tokenfall.agents.process FILE PACKAGES`.

It reads `messages` from standard input and writes them to standard output, a line each, and ends
when standard input ends. What the file prints goes to standard error. PACKAGES is the folder with
what Tokenfall itself needs; it stands behind the person's own.
"""

import os
import sys

if __name__ == "__main__":
    sys.path.append(sys.argv[2])

import asyncio
import threading
from pathlib import Path
from typing import BinaryIO

from ..core.errors import ErrorInfo
from ..core.events import Done, Error
from .answering import Answer
from .loading import Agent, LoadError, load
from .messages import Ask, Broken, Decide, Loaded, Stop, Told, line, read_question

_MOST_CHATS = 1000


def main() -> None:
    """Load the file, say how that went, and answer."""
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    try:
        agent = load(Path(sys.argv[1]))
    except LoadError as error:
        answers.write(line(Broken(str(error))))
        answers.flush()
        return
    answers.write(line(Loaded(agent.title, agent.description)))
    answers.flush()
    asyncio.run(_serve(agent, questions, answers))


async def _serve(agent: Agent, questions: BinaryIO, answers: BinaryIO) -> None:
    loop = asyncio.get_running_loop()
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        for data in questions:
            loop.call_soon_threadsafe(asked.put_nowait, data)
        # Whoever asked is gone, whatever blocks here.
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    serving = _Serving(agent, answers)
    while True:
        serving.take(await asked.get())


class _Serving:
    """The answers of one file, and the states of its chats."""

    def __init__(self, agent: Agent, answers: BinaryIO) -> None:
        self._agent = agent
        self._out = answers
        self._states: dict[str, dict[str, object]] = {}
        self._answers: dict[str, tuple[Answer, asyncio.Task[None]]] = {}

    def take(self, data: bytes) -> None:
        """Act on a message of the server."""
        match read_question(data):
            case Ask() as asked:
                answer = Answer(
                    self._agent.function,
                    asked.messages,
                    id=asked.id,
                    name=self._agent.title,
                    state=self._state(asked.chat),
                    user=asked.user,
                    shows_errors=asked.shows_errors,
                )
                task = asyncio.create_task(self._tell(answer))
                self._answers[asked.id] = answer, task
            case Stop(id):
                if id in self._answers:
                    self._answers[id][1].cancel()
            case Decide(id, call_id, decision):
                if id in self._answers:
                    self._answers[id][0].decide(call_id, decision)

    def _state(self, chat: str) -> dict[str, object]:
        """The state of a chat; those of chats that were not asked in for long are forgotten."""
        state = self._states.pop(chat, {})
        self._states[chat] = state
        while len(self._states) > _MOST_CHATS:
            del self._states[next(iter(self._states))]
        return state

    async def _tell(self, answer: Answer) -> None:
        batches = answer.batches()
        try:
            async for batch in batches:
                self._say(Told(answer.id, batch))
        except TypeError as error:  # an event of theirs holds what no JSON can
            failure = Error(ErrorInfo("unknown", f"What the function gave cannot be sent: {error}"))
            self._say(Told(answer.id, [failure, Done("error")]))
        finally:
            await batches.aclose()
            self._answers.pop(answer.id, None)

    def _say(self, told: Told) -> None:
        self._out.write(line(told))
        self._out.flush()


if __name__ == "__main__":
    main()
