"""A worker that is killed: begins one run and stays in the phase that it is told.

    python -m tests.server.runs.doomed FOLDER PHASE [ADDRESS OF A REDIS]

It says `ready` when it is there. The tool that it runs leaves a line in a file.
"""

import asyncio
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.core.messages import user
from app.core.running.chat import Chat
from app.core.tools.function_tool import tool
from app.core.tools.toolbox import NotedToolbox
from app.core.wire.transport import Request
from app.protocols.tokenfall.runs import Question
from app.providers import PROVIDERS
from app.runs.feeds import Feeds
from app.runs.log import Claim, RunLog, RunRecord
from app.runs.redis import RedisLog
from app.runs.sqlite import SQLiteLog
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Reply, Stall
from app.scripted.transport import ScriptedTransport
from app.server.runs.budgets import Patience
from app.server.runs.metrics import Metrics
from app.server.runs.runner import Runner

# Where a worker can die, in the order in which a run comes there.
PHASES = (
    "before the first token",
    "in text",
    "in a tool call",
    "in a tool",
    "between steps",
    "in the last write",
)
WORDS = ("Let ", "me ", "look. ")


def ready() -> None:
    """Say that this is the phase."""
    print("ready", flush=True)


class DyingWithRedis(RedisLog):
    """Ends before the write that would end the run: there is no half of a script."""

    async def append(self, run, claim, data, count, status=None) -> Claim:
        if status is not None:
            ready()
            await asyncio.sleep(3600)
        return await super().append(run, claim, data, count)


class Dying(SQLiteLog):
    """Stays in the transaction that would end the run."""

    async def append(self, run, claim, data, count, status=None) -> Claim:
        if status is None:
            return await super().append(run, claim, data, count)

        def stay(db) -> None:
            db.execute("UPDATE run SET status = 'complete' WHERE id = ?", (run,))
            ready()
            threading.Event().wait()

        await self._writing.run(stay)
        raise AssertionError("it was not killed")


def replies(phase: str) -> Iterator[Reply]:
    """The provider's answers up to the phase, in which it stays."""
    lines = records(Answer(text="".join(WORDS)), split=lambda text: list(WORDS) if text else [])
    call = ToolCall(id="c1", name="look", arguments='{"where": "there"}')
    calls = records(Answer(text="".join(WORDS), tool_calls=(call,)))
    end = len(calls) - 2
    match phase:
        case "before the first token":
            yield Reply(before=(Stall(),))
        case "in text":
            yield streamed([*lines[:3], Stall()])
        case "in a tool call":
            yield streamed([*calls[:end], Stall()])
        case "in a tool":
            yield streamed(calls)
        case "between steps":
            yield streamed(calls)
            yield Reply(before=(Stall(),))
        case _:
            yield streamed(calls)
            yield streamed(lines)


async def main(folder: Path, phase: str, url: str = "") -> None:
    is_last = phase == PHASES[-1]
    log: RunLog
    if url:
        log = (DyingWithRedis if is_last else RedisLog)(url)
    else:
        log = (Dying if is_last else SQLiteLog)(folder / "runs.db")
    answers = replies(phase)
    transport = ScriptedTransport(lambda request: _next(answers, request, phase))

    @tool
    async def look(where: str) -> str:
        """Look there."""
        with (folder / "looked").open("a") as file:
            file.write("looked\n")
        if phase == "in a tool":
            ready()
            await asyncio.sleep(3600)
        return "seen"

    feeds = Feeds(log)
    runner = Runner(log, feeds, Metrics(), Patience())
    toolbox = NotedToolbox([look])
    chat = Chat(PROVIDERS["demo"], "demo", tools=toolbox, transport=transport)
    question = msgspec.json.encode(Question([user("Look.")], "demo", "demo"))
    record = RunRecord("r1", "ada", "c1", question=question)
    await runner.start(record, chat.stream("Look."), lambda: None, toolbox)
    if phase in ("in text", "in a tool call"):
        seen = ""
        kind = "content_delta" if phase == "in text" else "tool_call_delta"
        async for part in feeds.follow("events:r1"):
            seen += str(part)
            if kind in seen:
                break
        ready()
    await asyncio.sleep(3600)


def _next(answers: Iterator[Reply], request: Request, phase: str) -> Reply:
    reply = next(answers)
    if phase == "before the first token" or (phase == "between steps" and b"seen" in request.body):
        ready()
    return reply


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
