"""The examples of files that answer, as `serve.py` runs them; those of others' packages are asked
where these are (`tests/peers`, `tests/libraries`).
"""

import asyncio
from pathlib import Path

import msgspec
import pytest

from app.agents.request import texts
from app.core.fold import Fold
from app.core.messages import Message
from app.native.agent_process import AgentProcess
from tests.live_server import LIMIT_S, REPOSITORY, live_server

EXAMPLES = REPOSITORY / "examples/agents"


async def asked(name: str, text: str) -> Message:
    """Have an example answer, in a process of its own."""
    agent = AgentProcess(EXAMPLES / f"{name}.py", packages=Path(msgspec.__file__).parents[1])
    fold = Fold()
    try:
        async with asyncio.timeout(LIMIT_S):
            status = await agent.load()
            assert (status.error, status.description != "") == ("", True)
            async for batch in agent.ask(texts(text), shows_errors=True):
                fold.add(batch)
    finally:
        await agent.close()
    assert fold.message.error is None, fold.message.error
    return fold.message


async def test_three_lines() -> None:
    assert (await asked("three_lines", "Hello")).text == "Let me see … you said: Hello"


async def test_the_desk_weighs_its_otters() -> None:
    message = await asked("otter_desk", "How are they?")
    assert [call.name for call in message.tool_calls] == ["weigh"]
    assert "| Cleo | 6.4 |" in message.text
    assert message.text.endswith("You have asked 1 times in this chat.")


async def test_a_model_behind_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with live_server() as server:
        monkeypatch.setenv("AGENT_ADDRESS", f"{server.url}/api/demo/v1")
        message = await asked("over_an_address", "Hello")
    assert (message.status, message.text != "") == ("complete", True)
