"""Records and words on tools when an answer ends while they run."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import events as ev
from app.core.fold import Fold
from app.core.messages import Message, ToolCall, ToolResult
from app.core.running.chat import Chat
from app.core.running.run import Run
from app.core.tools.function_tool import tool
from app.core.tools.toolbox import Toolbox
from app.core.unanswered import LOST, NOT_RUN, STOPPED, unanswered
from app.core.wire.transport import Request
from app.providers import provider
from app.scripted.openai_chat import Answer, body, records, streamed, whole
from app.scripted.openai_chat import ToolCall as Asked
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport


class Tools:
    """Tools that return, go on for ever, or wait for leave; `returned` is set once all that return
    have, and `began` counts those that go on.
    """

    def __init__(self, kinds: Sequence[str], limit: int = 4) -> None:
        self.returned = asyncio.Event()
        self._left = kinds.count("look")
        self.began = 0
        self._tell()

        def look(n: int) -> str:
            """Look."""
            self._left -= 1
            self._tell()
            return f"saw {n}"

        async def dig(n: int) -> str:
            """Dig for ever."""
            self.began += 1
            await asyncio.get_running_loop().create_future()
            return f"dug {n}"

        @tool(needs_approval=True)
        def burn(n: int) -> str:
            """Burn."""
            return f"burnt {n}"

        async def look_async(n: int) -> str:
            """Look."""
            return look(n)

        look_async.__name__ = "look"
        self.box = Toolbox([look_async, dig, burn], limit=limit)

    def _tell(self) -> None:
        if self._left == 0:
            self.returned.set()

    async def come_far(self) -> None:
        """Wait until all has come as far as it can: what returns has, what can begin did."""
        await self.returned.wait()
        for _ in range(20):  # turns of the loop
            await asyncio.sleep(0)


class Asking:
    """A chat whose model asks for tools of these kinds, each with its place as its number."""

    def __init__(self, kinds: Sequence[str], *, ids: Sequence[str] = (), limit: int = 4) -> None:
        self.tools = Tools(kinds, limit)
        self.requests: list[Any] = []
        ids = ids or [f"c{place}" for place in range(len(kinds))]
        calls = tuple(
            Asked(id, kind, json.dumps({"n": place}))
            for place, (id, kind) in enumerate(zip(ids, kinds, strict=True))
        )
        self._answers = [
            Answer(text="Let me see.", tool_calls=calls, finish_reason="tool_calls"),
            Answer(text="Fine."),
        ]
        self.chat = Chat(
            provider("llama.cpp"),
            "m",
            tools=self.tools.box,
            transport=ScriptedTransport(self._reply),
        )

    def _reply(self, request: Request) -> Reply:
        self.requests.append(json.loads(request.body))
        answer = self._answers.pop(0)
        return streamed(records(answer)) if self.requests[-1]["stream"] else whole(body(answer))

    async def stopped(self, stop: Any = Run.cancel, *, streaming: bool = True) -> Run:
        """Ask, and stop once all has come as far as it can."""
        run = self.chat.stream("Go", streaming=streaming)

        async def watch() -> None:
            while not any(one.role == "tool" for one in run.messages):
                await asyncio.sleep(0)
            await self.tools.come_far()
            stop(run)

        watching = asyncio.ensure_future(watch())
        self.events = [event async for event in run]
        await watching
        return run

    async def told_next(self) -> list[str]:
        """Give the results of the tools as the model reads them with the next question."""
        assert (await self.chat.ask("And now?")).text == "Fine."
        sent = self.requests[-1]["messages"]
        asked = [call["id"] for one in sent for call in one.get("tool_calls", ())]
        results = [one for one in sent if one["role"] == "tool"]
        assert [one["tool_call_id"] for one in results] == asked
        assert len(set(asked)) == len(asked)
        return [one["content"] for one in results]


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (["dig", "look"], [STOPPED, "saw 1"]),
        (["look", "dig"], ["saw 0", STOPPED]),
        (["burn", "look"], [NOT_RUN, "saw 1"]),
        (["burn", "dig", "look"], [NOT_RUN, STOPPED, "saw 2"]),
        (["look", "burn", "burn"], ["saw 0", NOT_RUN, NOT_RUN]),
    ],
)
async def test_a_stop_keeps_what_returned_and_tells_the_rest_as_it_is(
    kinds: list[str], told: list[str], streaming: bool
) -> None:
    asking = Asking(kinds)
    run = await asking.stopped(streaming=streaming)
    assert run.status == "aborted"
    # The reader is told the same, before the end.
    assert [one.content for one in asking.events if isinstance(one, ToolResult)] == told
    assert isinstance(asking.events[-1], ev.Done)
    assert run.messages[-1].parts == [one for one in asking.events if isinstance(one, ToolResult)]
    assert await asking.told_next() == told


async def test_a_call_that_waited_for_its_turn_was_not_run() -> None:
    asking = Asking(["dig", "dig", "look"], limit=1)
    asking.tools.returned.set()  # it never comes to that one
    await asking.stopped()
    assert asking.tools.began == 1
    assert await asking.told_next() == [STOPPED, NOT_RUN, NOT_RUN]


@pytest.mark.parametrize("how", ["leave", "fail", "cancel the task", "drop"])
async def test_it_is_the_same_where_the_reader_goes_away(how: str) -> None:
    asking = Asking(["burn", "look", "dig", "look"])
    run = asking.chat.stream("Go")

    async def read() -> None:
        async with run:
            async for event in run:
                if isinstance(event, ev.ToolRunStart) and event.name == "dig":
                    await asking.tools.come_far()
                    if how == "fail":
                        raise RuntimeError("the page failed")
                    if how == "leave":
                        return

    if how == "leave":
        await read()
    elif how == "fail":
        with pytest.raises(RuntimeError):
            await read()
    elif how == "cancel the task":
        task = asyncio.ensure_future(read())
        while not asking.tools.began:
            await asyncio.sleep(0)
        await asking.tools.come_far()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        batches = run.batches()
        while not any(isinstance(event, ev.ToolRunStart) for event in await anext(batches)):
            pass
        await asking.tools.come_far()
        await batches.aclose()
    assert run.status == "aborted"
    assert await asking.told_next() == [NOT_RUN, "saw 1", STOPPED, "saw 3"]


async def test_it_is_the_same_where_another_question_interrupts() -> None:
    asking = Asking(["dig", "look"])

    def interrupt(run: Run) -> None:
        asking.second = asking.chat.stream("No, wait.", when_busy="interrupt")  # type: ignore[attr-defined]

    await asking.stopped(interrupt)
    await asking.second.result()  # type: ignore[attr-defined]
    sent = asking.requests[-1]["messages"]
    assert [one["content"] for one in sent if one["role"] == "tool"] == [STOPPED, "saw 1"]
    assert sent[-1] == {"role": "user", "content": "No, wait."}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["look", "dig", "burn"]), st.sampled_from(["a", "b", "c"])),
        min_size=1,
        max_size=6,
    )
)
def test_each_call_has_one_honest_result_whatever_ran(calls: list[tuple[str, str]]) -> None:
    kinds, ids = [kind for kind, _ in calls], [id for _, id in calls]

    async def tried() -> list[str]:
        asking = Asking(kinds, ids=ids, limit=10)
        if not {"dig", "burn"} & set(kinds):
            await asking.chat.ask("Go")  # nothing to stop
            asking._answers = [Answer(text="Fine.")]
        else:
            await asking.stopped()
        return await asking.told_next()

    expected = {"look": "saw {}", "dig": STOPPED, "burn": NOT_RUN}
    assert asyncio.run(tried()) == [expected[kind].format(n) for n, kind in enumerate(kinds)]


# --- where only events are there: a log that ends, a run elsewhere


@given(
    st.lists(st.sampled_from("abc"), max_size=6),
    st.lists(st.sampled_from("abc"), max_size=6),
    st.lists(st.sampled_from("abc"), max_size=6),
)
def test_every_call_has_exactly_one_result(
    asked: list[str], answered: list[str], begun: list[str]
) -> None:
    calls = [ToolCall(id, "f") for id in asked]
    results = [ToolResult(id, "x") for id in answered if id in asked]
    missing = unanswered(calls, results, begun)
    for id in set(asked):
        there = min(asked.count(id), answered.count(id))
        told = [one.content for one in missing if one.call_id == id]
        assert len(told) == asked.count(id) - there
        most = min(max(begun.count(id) - answered.count(id), 0), len(told))
        assert told.count(LOST) == most
        assert told[:most] == [LOST] * most


@pytest.mark.parametrize("status", ["aborted", "error", "incomplete"])
def test_tools_that_ran_elsewhere_when_the_answer_broke_off_are_told_so(status: Any) -> None:
    fold = Fold()
    fold.add([ev.StepStart(1), ev.ToolCallStart(0, "a", "f"), ev.ToolRunStart("a", "f")])
    fold.add([ToolResult("a", "1"), ev.StepStart(2)])
    fold.add([ev.ToolCallStart(n, id, "f") for n, id in enumerate("abc")])
    fold.add([ev.ToolRunStart("b", "f"), ev.ToolRunStart("a", "f"), ToolResult("a", "2")])
    fold.add([ev.Done(status)])
    results = [(one.call_id, one.content) for one in results_of(fold.message)]
    assert results == [("a", "1"), ("a", "2"), ("b", LOST), ("c", NOT_RUN)]
    assert fold.message.open_tool_calls == []


def test_calls_that_nobody_began_stay_open() -> None:
    fold = Fold()
    fold.add([ev.StepStart(1), ev.ToolCallStart(0, "a", "f"), ev.Done("complete", "tool_calls")])
    assert [call.id for call in fold.message.open_tool_calls] == ["a"]


def results_of(message: Message) -> list[ToolResult]:
    return [part for part in message.parts if isinstance(part, ToolResult)]
