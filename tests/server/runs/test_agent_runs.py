"""The file that `serve.py` was given, asked in runs: it goes on like any other answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.agents import Request
from app.core.events import ApprovalRequest, MessageStart
from app.core.fold import Fold
from app.core.messages import user
from app.native.agent_here import AgentHere
from app.native.http import HTTPTransport
from app.protocols.tokenfall.runs import Question
from app.server.runs.agent_asking import AGENT, AgentAsker
from app.server.runs.asking import Asker
from app.server.runs.refusals import RefusedError
from tests.live_server import LIMIT_S, live_server
from tests.server.tree import Tree

from .conftest import Pages, text_of


async def answer(request: Request) -> AsyncIterator[Any]:
    """Asks first, then counts."""
    request.state["n"] = request.state.get("n", 0) + 1
    said = await request.ask("May I?")
    yield f"{'yes' if said else 'no'} {request.state['n']}: {request.message}"


@pytest.fixture
def pages(tree: Tree, tmp_path: Path) -> Iterator[Pages]:
    with live_server(root=tree.root, runtime=tree.runtime, agent=AgentHere(answer)) as server:
        pages = Pages(server, tmp_path)
        yield pages
        pages.http.close()


@pytest.mark.parametrize(("decision", "said"), [("once", "yes"), ("deny", "no")])
def test_it_asks_through_the_run_and_its_state_lives_with_the_chat(
    pages: Pages, decision: str, said: str
) -> None:
    for number in (1, 2):
        asked = {"provider": "", "base_url": "", "model": "", "chat": "one-and-the-same"}
        run = pages.begin("Hello", **asked)["id"]
        request = pages.until(run, "approval_request")
        assert (request["call_id"], request["wants"]) == ("ask_1", "answer")
        decided = [{"type": "decision", "call_id": "ask_1", "decision": decision}]
        told = pages.http.post(f"/api/runs/{run}/approvals", json=decided)
        assert told.status_code == 202
        pages.read(run)
        assert text_of(pages.state(run)) == f"{said} {number}: Hello"


async def test_an_answer_that_waits_for_a_yes_gets_it_also_where_another_one_answers_by_now() -> (
    None
):
    here = AgentHere(answer)

    async def others(request: Request) -> str:
        return "another" if await request.ask("Other?") else "none"

    texts = []
    async with asyncio.timeout(LIMIT_S):
        batches = [here.ask([user("Hi")])]
        waiting = [await anext(batches[0]), await anext(batches[0])]
        for _ in range(2):
            here.renew(others)
        batches.append(here.ask([user("Hi")]))
        waiting += [await anext(batches[1]), await anext(batches[1])]
        for place, reading in enumerate(batches):
            [begun], [asked] = waiting[2 * place : 2 * place + 2]
            assert isinstance(begun, MessageStart)
            assert isinstance(asked, ApprovalRequest)
            assert await here.decide(begun.id, asked.call_id, "once")
            fold = Fold()
            async for batch in reading:
                fold.add(batch)
            texts.append(fold.message.text)
            assert not await here.decide(begun.id, asked.call_id, "once")
    assert texts == ["yes 1: Hi", "another"]


def test_it_stands_among_the_providers_and_the_others_are_asked_too(pages: Pages) -> None:
    listed = pages.http.get("/api/providers").json()["providers"]
    assert AGENT in [one["name"] for one in listed]
    run = pages.begin("hi")["id"]  # of the Demo
    pages.read(run)
    assert "Hello" not in text_of(pages.state(run))
    status = pages.http.get("/api/status").json()
    assert (status["on_server"], status["agent"]["title"]) == (False, "Agent")


def test_none_is_asked_a_second_time_and_without_one_that_is_said() -> None:
    question = Question([user("Hi")])
    asker = AgentAsker(AgentHere(answer), shows_errors=True)
    with_it = Asker(HTTPTransport(), own={}, model=None, agent=asker)
    assert with_it.again(question, []) is None
    without = Asker(HTTPTransport(), own={}, model=None)
    with pytest.raises(RefusedError, match="without an agent"):
        without.chat(Question([user("Hi")], AGENT), [])
