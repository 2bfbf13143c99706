"""The guide to functions: each file in it does what stands there; `tests/peers` tries agents."""

import asyncio
import sys
from pathlib import Path

import pytest

import app
from app.agents import Answer
from app.agents.loading import load
from app.agents.request import texts
from app.core.events import ApprovalRequest
from app.core.fold import Fold
from tests.agents.guides import Example, examples

FUNCTIONS = examples("function.md")
LIMIT_S = 60.0


def test_there_are_files_and_promises() -> None:
    assert [bool(one.answer) for one in FUNCTIONS] == [True] * 4 + [False] * 2
    agents = examples("agent.md")
    assert sum(bool(one.answer) for one in agents) == 3
    assert len(agents) == 7


@pytest.mark.parametrize("example", FUNCTIONS, ids=[one.source.split()[1] for one in FUNCTIONS])
async def test_a_file_of_the_guide_does_what_stands_there(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tokenfall", app)  # its name where it is installed
    file = tmp_path / "my_agent.py"
    file.write_text(example.source)
    agent = load(file)
    if not example.answer:
        return
    fold = Fold()
    answer = Answer(agent.function, texts(example.question), shows_errors=True)
    asked: list[ApprovalRequest] = []
    async with asyncio.timeout(LIMIT_S):
        async for batch in answer.batches():
            fold.add(batch)
            for event in batch:
                if isinstance(event, ApprovalRequest):
                    asked.append(event)
                    answer.decide(event.call_id, "once")
    assert fold.message.error is None
    assert fold.message.text.strip() == example.answer
    assert bool(asked) == example.is_asked_back
