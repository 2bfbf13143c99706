"""What the rounds of faults share: a reader, the other worker, and what a whole answer is."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from pathlib import Path

from app.core.events import Done, Event, StepStart
from app.core.messages import Message, ToolResult
from app.core.run_fold import RunFold
from app.core.running.chat import Chat
from app.core.tools.function_tool import tool
from app.core.tools.toolbox import NotedToolbox
from app.core.wire.transport import Request
from app.protocols.tokenfall.runs import Question
from app.providers import PROVIDERS
from app.runs.feeds import Behind, Feeds, Told
from app.runs.log import LogError, RunRecord, events_of
from app.runs.offsets import START
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport
from app.server.runs.background import Background
from tests.server.runs.doomed import WORDS


def again(
    folder: Path,
    question: Question,
    history: Sequence[Message],
    background: Background | None = None,
) -> Chat:
    """The chat at the other worker, whose tool leaves its line too."""

    @tool
    def look(where: str) -> str:
        """Look there."""
        with (folder / "looked").open("a") as file:
            file.write("looked\n")
        return "seen"

    def reply(request: Request) -> Reply:
        call = ToolCall(id="c1", name="look", arguments='{"where": "there"}')
        has_looked = b'"tool"' in request.body
        return streamed(
            records(Answer(text="".join(WORDS), tool_calls=() if has_looked else (call,)))
        )

    transport = ScriptedTransport(reply)
    toolbox = NotedToolbox([look])
    return Chat(PROVIDERS["demo"], "demo", tools=toolbox, transport=transport, messages=history)


def check_whole(events: list[Event], record: RunRecord) -> None:
    """The answer is whole, as if one worker had given it: each step once, each call answered."""
    fold = RunFold(Message("assistant"))
    fold.add(events)
    messages = fold.messages
    assert record.status == "complete"
    assert [message.role for message in messages] == ["assistant", "tool", "assistant"]
    assert [messages[0].text, messages[2].text] == ["".join(WORDS)] * 2
    assert [call.name for call in messages[0].tool_calls] == ["look"]
    results = [part for part in messages[1].parts if isinstance(part, ToolResult)]
    assert [result.call_id for result in results] == ["c1"]
    numbers = [event.number for event in events if isinstance(event, StepStart)]
    assert numbers == [1, 2]
    assert [isinstance(event, Done) for event in events] == [False] * (len(events) - 1) + [True]


async def follow(feeds: Feeds, delivered: list[bytes]) -> None:
    """Read to the end; where the log cannot be read, come back as a page does."""
    place = START
    while True:
        with suppress(LogError):
            async with aclosing(feeds.follow(events_of("r1"), place)) as parts:
                async for part in parts:
                    if isinstance(part, Told):
                        continue
                    entries = part.entries if isinstance(part, Behind) else part
                    delivered += [line for entry in entries for line in entry.lines()]
                    place = entries[-1].end
                    if delivered[-1].startswith(b'{"type":"done"'):
                        return
        await asyncio.sleep(0.05)
