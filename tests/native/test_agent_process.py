"""A person's file in a process of its own: asked, stopped, told a yes, edited, broken, ended."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from app.agents.request import texts
from app.core.events import ApprovalRequest, ContentDelta, Event, MessageStart
from app.core.fold import Fold
from app.core.messages import Message
from app.native.agent_process import AgentProcess

# Only a test that fails waits so long, in seconds.
LIMIT_S = 120.0
PACKAGES = Path(msgspec.__file__).parents[1]

SOURCE = '''
"""Counts."""
import asyncio, os, sys
from tokenfall import Request, step
from tokenfall.events import ContentDelta

class Word(str): ...

print("printed while it loads")

async def answer(request: Request):
    print("printed while it answers")
    state = request.state
    state["n"] = state.get("n", 0) + 1
    match request.message:
        case "wait":
            yield "Half"
            await asyncio.Event().wait()
        case "ask":
            yield "yes" if await request.ask("Sure?") else "no"
        case "fail":
            yield "Half"
            raise ValueError("secret")
        case "odd":
            yield "half \\ud83d"
            yield Word("a word")
        case "unsendable":
            yield ContentDelta(Word("of their own"))
        case "die":
            yield "Half"
            os._exit(3)
        case _:
            with step("count"):
                pass
            yield f"{state['n']} in {request.user or 'nobody'}'s chat"
'''


@asynccontextmanager
async def running(
    folder: Path, source: str = SOURCE, *, reload: bool = False
) -> AsyncIterator[AgentProcess]:
    file = folder / "counting_bot.py"
    file.write_text(source)
    agent = AgentProcess(file, packages=PACKAGES, reload=reload)
    try:
        async with asyncio.timeout(LIMIT_S):
            yield agent
    finally:
        await agent.close()


async def answer(
    agent: AgentProcess, text: str, chat: str = "c", *, shows: bool = False
) -> Message:
    fold = Fold()
    async for batch in agent.ask(texts(text), chat=chat, user="ada", shows_errors=shows):
        fold.add(batch)
    return fold.message


async def test_it_answers_and_keeps_the_state_of_each_chat(tmp_path: Path) -> None:
    async with running(tmp_path) as agent:
        assert (agent.status.title, agent.status.state) == ("Counting bot", "starting")
        status = await agent.load()
        assert (status.title, status.state, status.description) == (
            "Counting bot",
            "ready",
            "Counts.",
        )
        assert (await answer(agent, "Hi")).text == "1 in ada's chat"
        assert (await answer(agent, "Hi")).text == "2 in ada's chat"
        other = await answer(agent, "Hi", "other")
        assert other.text == "1 in ada's chat"
        assert [call.name for call in other.tool_calls] == ["count"]
        assert other.model == "Counting bot"


def bare_python(folder: Path) -> Path:
    """A Python of a person's that has no package of ours."""
    program = folder / "python"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    program.chmod(0o755)
    return program


async def test_a_python_without_our_packages_runs_a_file(tmp_path: Path) -> None:
    file = tmp_path / "counting_bot.py"
    file.write_text(SOURCE)
    agent = AgentProcess(file, executable=bare_python(tmp_path), packages=PACKAGES)
    try:
        async with asyncio.timeout(LIMIT_S):
            assert (await agent.load()).error == ""
            assert (await answer(agent, "Hi")).text == "1 in ada's chat"
    finally:
        await agent.close()


async def test_a_python_that_cannot_load_them_says_what_to_install(tmp_path: Path) -> None:
    file = tmp_path / "counting_bot.py"
    file.write_text(SOURCE)
    agent = AgentProcess(file, executable=bare_python(tmp_path), packages=tmp_path / "none")
    async with asyncio.timeout(LIMIT_S):
        status = await agent.load()
    assert "pip install msgspec" in status.error
    assert "msgspec" in status.error.partition("Install")[0]


async def test_a_stop_ends_that_answer_alone(tmp_path: Path) -> None:
    async with running(tmp_path) as agent:
        waiting = agent.ask(texts("wait"), chat="c", user="ada")
        assert isinstance((await anext(waiting))[0], MessageStart)
        assert await anext(waiting) == [ContentDelta("Half")]
        assert (await answer(agent, "Hi")).text == "2 in ada's chat"
        await waiting.aclose()
        assert (await answer(agent, "Hi")).text == "3 in ada's chat"


async def test_a_person_is_asked_and_says_yes(tmp_path: Path) -> None:
    async with running(tmp_path) as agent:
        events: list[Event] = []
        async for batch in agent.ask(texts("ask")):
            events += batch
            for event in batch:
                if isinstance(event, ApprovalRequest):
                    assert isinstance(events[0], MessageStart)
                    assert not await agent.decide(events[0].id + "x", event.call_id, "once")
                    assert await agent.decide(events[0].id, event.call_id, "once")
        assert ContentDelta("yes") in events


async def test_a_failure_says_where_to_who_wrote_it(tmp_path: Path) -> None:
    async with running(tmp_path) as agent:
        for shows in (False, True):
            message = await answer(agent, "fail", shows=shows)
            assert (message.status, message.text) == ("error", "Half")
            assert message.error is not None
            assert ("secret" in message.error.message) == shows
            assert ("counting_bot.py" in str(message.error.raw)) == shows


async def test_what_no_json_has_a_form_for_hangs_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as agent:
        message = await answer(agent, "odd")
        assert (message.status, message.text) == ("complete", "half \ufffda word")
        message = await answer(agent, "unsendable")
        assert message.status == "error"
        assert message.error is not None
        assert "cannot be sent" in message.error.message


async def test_a_program_that_ends_is_started_anew(tmp_path: Path) -> None:
    async with running(tmp_path) as agent:
        message = await answer(agent, "die")
        assert (message.status, message.text) == ("error", "Half")
        assert message.error is not None
        assert "starts anew" in message.error.message
        assert (await answer(agent, "Hi")).text == "1 in ada's chat"


async def test_an_edit_counts_from_the_next_answer_on_and_a_broken_one_does_not(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with running(tmp_path, "def answer(): return 'first'", reload=True) as agent:
        assert (await answer(agent, "Hi")).text == "first"
        agent.file.write_text("def answer(): return 'second'")
        assert (await answer(agent, "Hi")).text == "second"
        agent.file.write_text("def answer(: return 'third'")
        assert (await answer(agent, "Hi")).text == "second"
        assert agent.status.state == "ready"
        assert "SyntaxError" in agent.status.error
        # The terminal has it too, with its line.
        in_terminal = capfd.readouterr().err
        assert "line 1" in in_terminal
        assert "SyntaxError" in in_terminal
        agent.file.write_text("def answer(): return 'the fourth'")
        assert (await answer(agent, "Hi")).text == "the fourth"
        assert agent.status.error == ""


async def test_an_edit_of_a_module_beside_it_counts_too(tmp_path: Path) -> None:
    beside = tmp_path / "words_of_otters.py"
    beside.write_text("SAID = 'first'")
    source = "import words_of_otters\ndef answer(): return words_of_otters.SAID"
    async with running(tmp_path, source, reload=True) as agent:
        assert (await answer(agent, "Hi")).text == "first"
        beside.write_text("SAID = 'second'")
        assert (await answer(agent, "Hi")).text == "second"
        # What a broken version imports anew is mended in its own file.
        new = tmp_path / "new_words.py"
        new.write_text("SAID = (")
        agent.file.write_text(source.replace("words_of_otters", "new_words"))
        assert (await answer(agent, "Hi")).text == "second"
        assert "new_words.py" in agent.status.error
        new.write_text("SAID = 'the third'")
        assert (await answer(agent, "Hi")).text == "the third"


async def test_an_answer_of_the_version_before_comes_to_its_end(tmp_path: Path) -> None:
    async with running(tmp_path, reload=True) as agent:
        asking = agent.ask(texts("ask"))
        (start,) = await anext(asking)
        assert isinstance(start, MessageStart)
        (question,) = await anext(asking)
        assert isinstance(question, ApprovalRequest)
        agent.file.write_text("def answer(): return 'new'")
        assert (await answer(agent, "Hi")).text == "new"
        assert await agent.decide(start.id, question.call_id, "deny")
        rest = [event async for batch in asking for event in batch]
        assert rest[0] == ContentDelta("no")


async def test_without_a_good_version_it_says_why(tmp_path: Path) -> None:
    async with running(tmp_path, "import nothing_that_there_is\n") as agent:
        message = await answer(agent, "Hi", shows=True)
        assert message.status == "error"
        assert message.error is not None
        assert "nothing_that_there_is" in message.error.message
        assert agent.status.state == "failed"
        assert "nothing" not in str((await answer(agent, "Hi")).error)


async def test_it_ends_with_who_asks(tmp_path: Path) -> None:
    async with running(tmp_path, SOURCE.replace('"1"', "'1'")) as agent:
        await agent.load()
        assert agent._good is not None
        pid = agent._good._process.pid
        await agent.close()
        try:
            os.kill(pid, signal.SIG_DFL)
            is_alive = True
        except ProcessLookupError:
            is_alive = False
        assert not is_alive
