"""A run waits for a person or a page, but not for ever; a server that stops says so."""

import asyncio

import pytest

from app.core.messages import Message, ToolResult
from app.core.running.chat import Chat
from app.core.tools.function_tool import Tool, tool
from app.providers import PROVIDERS
from app.runs.feeds import Feeds
from app.runs.log import RunLog, RunRecord, events_of
from app.runs.memory import MemoryLog
from app.runs.sqlite import SQLiteLog
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Reply, Stall
from app.scripted.transport import ScriptedTransport
from app.server.runs.budgets import Patience
from app.server.runs.controls import Cancel, Decided, tell
from app.server.runs.kept import answer_so_far, events_in
from app.server.runs.metrics import Metrics
from app.server.runs.runner import Runner
from tests.live_server import LIMIT_S

TEXT = records(Answer(text="It is done."))
STALLED = streamed([*TEXT[:2], Stall()])


class Worker:
    """One worker over a log, and what its readers see."""

    def __init__(self, log: RunLog | None = None, **patience: float) -> None:
        self.log = log or MemoryLog()
        self.feeds = Feeds(self.log)
        self.runner = Runner(self.log, self.feeds, Metrics(), Patience(**patience))
        self.ended = 0

    async def begin(self, *replies: Reply, tools: tuple[Tool, ...] = ()) -> ScriptedTransport:
        """Begin the run r1."""
        waiting = iter(replies)
        transport = ScriptedTransport(lambda request: next(waiting))
        chat = Chat(PROVIDERS["demo"], "demo", tools=tools, transport=transport)
        assert await self.runner.start(RunRecord("r1", "a", "c"), chat.stream("hi"), self._end)
        return transport

    def _end(self) -> None:
        self.ended += 1

    async def until(self, kind: str) -> None:
        """Wait until an event of this kind is in the log."""
        async with asyncio.timeout(LIMIT_S):
            async for part in self.feeds.follow(events_of("r1")):
                assert isinstance(part, list)
                events = events_in(line for entry in part for line in entry.lines())
                if any(type(event).__name__ == kind for event in events):
                    return

    async def answer(self) -> Message:
        """The answer, when it has come to its end."""
        await self.until("Done")
        return (await answer_so_far(self.log, "r1"))[0]

    async def close(self) -> None:
        """End the worker."""
        await self.runner.close()
        await self.feeds.close()
        await self.log.close()


@tool(needs_approval=True)
def remove(name: str) -> str:
    """Remove a thing."""
    return f"{name} is gone"


CALLED = streamed(
    records(Answer(tool_calls=(ToolCall(id="c1", name="remove", arguments='{"name": "x"}'),)))
)


def result_in(message: Message) -> ToolResult:
    [found] = [part for part in message.parts if isinstance(part, ToolResult)]
    return found


@pytest.mark.parametrize(("decision", "said"), [("once", "x is gone"), ("deny", "denied")])
async def test_a_persons_yes_or_no_comes_through_the_log(decision, said):
    worker = Worker()
    await worker.begin(CALLED, streamed(TEXT), tools=(remove,))
    await worker.until("ApprovalRequest")
    await tell(worker.log, "r1", Decided("c1", decision))
    message = await worker.answer()
    assert said in result_in(message).content
    assert message.text == "It is done."
    await worker.close()


async def test_nobody_is_waited_for_for_ever():
    worker = Worker(wait_s=0)
    await worker.begin(CALLED, streamed(TEXT), tools=(remove,))
    message = await worker.answer()
    assert "Nobody answered in time" in result_in(message).content
    assert message.status == "complete"
    await worker.close()


async def test_an_answer_takes_no_longer_than_the_server_lets_it():
    worker = Worker(run_s=0)
    transport = await worker.begin(STALLED)
    message = await worker.answer()
    assert message.status == "incomplete"
    assert "longer than the server" in message.warnings[0]
    assert all(exchange.state == "aborted" for exchange in transport.exchanges)
    await worker.close()


async def test_a_server_that_stops_marks_its_answers_and_lets_go():
    worker = Worker()
    transport = await worker.begin(STALLED)
    await worker.until("ContentDelta")
    await worker.runner.close()
    message = await worker.answer()
    assert message.status == "incomplete"
    assert "was stopped" in message.warnings[0]
    assert message.text
    assert transport.exchanges[0].state == "aborted"
    assert (worker.ended, worker.runner.running) == (1, 0)
    await worker.close()


async def test_a_stop_that_comes_before_the_worker_listens_is_not_lost():
    worker = Worker()
    await worker.begin(STALLED)
    await tell(worker.log, "r1", Cancel())
    assert (await worker.answer()).status == "aborted"
    await worker.close()


async def test_a_worker_that_lost_its_run_writes_and_asks_no_more():
    """The worker only seemed dead: another one has marked the run."""
    worker = Worker()
    transport = await worker.begin(STALLED)
    await worker.until("ContentDelta")
    await worker.log.release(worker.runner.worker)
    other = Worker(worker.log, lease_s=LIMIT_S)
    taking = asyncio.create_task(other.runner.keep())
    message = await worker.answer()
    assert message.status == "incomplete"
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    renewing = asyncio.create_task(worker.runner.keep())
    async with asyncio.timeout(LIMIT_S):
        while worker.runner.running:
            await asyncio.sleep(0)
    renewing.cancel()
    await asyncio.gather(renewing, return_exceptions=True)
    assert transport.exchanges[0].state == "aborted"
    known = await worker.log.get("r1")
    assert known is not None
    assert known.epoch == 2
    await worker.close()


async def test_a_stop_told_in_another_process_reaches_the_worker(tmp_path):
    """Open WebUI 14340: it reached a process that did not run the answer."""
    worker = Worker(SQLiteLog(tmp_path / "runs.db"))
    other = Worker(SQLiteLog(tmp_path / "runs.db"))
    transport = await worker.begin(STALLED)
    await other.until("ContentDelta")
    await tell(other.log, "r1", Cancel())
    assert (await other.answer()).status == "aborted"
    assert transport.exchanges[0].state == "aborted"
    await other.close()
    await worker.close()
