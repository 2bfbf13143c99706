"""The file that `serve.py` was given, asked in runs: it goes on like any other answer."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.agents import Request
from app.core.messages import user
from app.native.agent_here import AgentHere
from app.native.http import HTTPTransport
from app.protocols.tokenfall.runs import Question
from app.server.runs.agent_asking import AGENT, AgentAsker
from app.server.runs.asking import Asker
from app.server.runs.refusals import RefusedError
from tests.live_server import live_server
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
