"""A file that a person would write, with an agent of a framework, asked as the server does."""

import asyncio
import os
import textwrap
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from app.agents.request import texts
from app.core.events import ApprovalRequest, MessageStart
from app.core.fold import Fold
from app.core.messages import Message, Reasoning, Text, ToolCall, ToolResult, Usage
from app.core.options import ToolDefinition
from app.native.agent_process import AgentProcess

LIMIT_S = 120.0
PACKAGES = Path(msgspec.__file__).parents[1]


class Asked:
    """A file that is asked."""

    def __init__(self, agent: AgentProcess) -> None:
        self.agent = agent
        self.questions: list[str] = []

    async def __call__(self, *said: str, decision: str = "once", chat: str = "c") -> Message:
        """Ask with this conversation, of texts; `decision` is the answer to what is asked."""
        return await self.of(texts(*said), decision, chat)

    async def of(
        self,
        messages: list[Message],
        decision: str = "once",
        chat: str = "c",
        tools: Sequence[ToolDefinition] = (),
    ) -> Message:
        fold, id = Fold(), ""
        async for batch in self.agent.ask(messages, chat=chat, shows_errors=True, tools=tools):
            fold.add(batch)
            for event in batch:
                if isinstance(event, MessageStart):
                    id = id or event.id
                if isinstance(event, ApprovalRequest):
                    assert event.wants == "answer"
                    self.questions.append(event.arguments)
                    assert await self.agent.decide(id, event.call_id, decision)
        return fold.message

    async def with_tool_of_page(self, text: str) -> tuple[Message, Message]:
        """Ask something for which the agent's own tool `weigh` and one of the page are called at
        once; give the answer that waits for the page, and the one that has its result.
        """
        assert self.agent.status.takes_tools
        schema = {"type": "object", "properties": {"where": {"type": "string"}}}
        # One of them has the name of the agent's own, which goes first.
        tools = [ToolDefinition(name, "Look.", schema) for name in ("look", "weigh")]
        asked = texts(text)
        waiting = await self.of(asked, tools=tools)
        assert (waiting.error, waiting.finish_reason) == (None, "tool_calls")
        results = {one.call_id for one in waiting.parts if isinstance(one, ToolResult)}
        (look,) = [one for one in waiting.tool_calls if one.id not in results]
        assert (look.name, msgspec.json.decode(look.arguments)) == ("look", {"where": "up"})
        own = [one for one in waiting.tool_calls if one.id in results]
        assert "weigh" in [one.name for one in own]
        seen = Message("tool", [ToolResult(look.id, "grey sky", "look")], status="complete")
        return waiting, await self.of([*asked, waiting, seen], tools=tools)


@asynccontextmanager
async def running(folder: Path, source: str, variable: str) -> AsyncIterator[Asked]:
    """Ask a file of this text, run by the Python that the variable names: its own, apart."""
    file = folder / "my_agent.py"
    file.write_text(textwrap.dedent(source))
    agent = AgentProcess(file, executable=Path(os.environ[variable]), packages=PACKAGES)
    try:
        async with asyncio.timeout(LIMIT_S):
            status = await agent.load()
            assert status.error == ""
            yield Asked(agent)
    finally:
        await agent.close()


def shape(message: Message) -> list[Any]:
    """The parts of a message, without ids."""
    found: list[Any] = []
    for part in message.parts:
        match part:
            case ToolCall():
                found.append((part.name, msgspec.json.decode(part.arguments)))
            case ToolResult():
                found.append((part.name, part.content, part.is_error))
            case Text():
                found.append(part.text)
            case Reasoning():
                found.append(Reasoning(part.text))
    assert message.error is None, message.error
    assert message.status == "complete"
    calls = [part.id for part in message.parts if isinstance(part, ToolCall)]
    results = [part.call_id for part in message.parts if isinstance(part, ToolResult)]
    assert sorted(calls) == sorted(results)
    return found


def usage(message: Message) -> Usage:
    assert message.usage is not None
    return message.usage
