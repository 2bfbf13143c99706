"""The built-in model and a person's file, run here for processes that have one end of a link."""

import asyncio
import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

from app.agents.request import texts
from app.core.events import ApprovalRequest, ContentDelta, Event, MessageStart
from app.core.fold import Fold
from app.native.agent_process import AgentProcess
from app.native.local_model import LocalModel
from app.native.shared_answering import SharedAnswering
from app.native.shared_link import SharedAgent, SharedModel
from tests.live_server import LIMIT_S
from tests.native.engine import prepared
from tests.native.test_agent_process import PACKAGES, SOURCE


def file_of(folder: Path) -> AgentProcess:
    file = folder / "counting_bot.py"
    file.write_text(SOURCE)
    return AgentProcess(file, packages=PACKAGES, reload=True)


@asynccontextmanager
async def shared(
    model: LocalModel | None, agent: AgentProcess | None
) -> AsyncIterator[SharedAnswering]:
    answering = SharedAnswering(model, agent)
    answering.start()
    try:
        async with asyncio.timeout(LIMIT_S):
            yield answering
    finally:
        await asyncio.to_thread(answering.end)


def other_process(answering: SharedAnswering) -> tuple[SharedModel | None, SharedAgent | None]:
    """What another process gets: its end goes there pickled."""
    end = answering.link()
    arrived = pickle.loads(ForkingPickler.dumps(end))
    end.theirs.close()
    return arrived.connected()  # type: ignore[no-any-return]


async def text(agent: SharedAgent, said: str) -> str:
    fold = Fold()
    async for batch in agent.ask(texts(said), chat="c", user="ada", shows_errors=False):
        fold.add(batch)
    return fold.message.text


async def test_all_ask_one_file_which_keeps_its_states_and_takes_in_edits(tmp_path: Path) -> None:
    async with shared(None, file := file_of(tmp_path)) as answering:
        links = [other_process(answering) for _ in range(3)]
        assert all(model is None for model, _ in links)
        one, two, three = (agent for _, agent in links if agent is not None)
        assert (one.look().title, one.look().state) == ("Counting bot", "starting")
        assert (await one.load()).state == (await two.load()).state == "ready"
        assert await text(one, "Hi") == "1 in ada's chat"
        assert await text(two, "Hi") == "2 in ada's chat"
        # Stopped by who asked, and by the end of the process that asked.
        waiting = one.ask(texts("wait"), chat="c", user="ada", shows_errors=False)
        left = three.ask(texts("wait"), chat="c", user="ada", shows_errors=False)
        for answer in (waiting, left):
            while (await anext(answer)) != [ContentDelta("Half")]:
                pass
        await waiting.aclose()
        await three.close()
        assert await text(two, "Hi") == "5 in ada's chat"
        while any(not version.is_idle for version in file._all()):
            await asyncio.sleep(0)
        file.file.write_text(SOURCE.replace("in {request", "with {request"))
        while await text(one, "Hi") != "1 with ada's chat":  # of the file as it is now
            await one.load()
        for agent in (one, two):
            await agent.close()


async def test_a_person_says_yes_through_another_process_and_only_in_their_own_name(
    tmp_path: Path,
) -> None:
    async with shared(None, file_of(tmp_path)) as answering:
        (_, one), (_, two) = other_process(answering), other_process(answering)
        assert one is not None
        assert two is not None
        events: list[Event] = []
        async for batch in one.ask(texts("ask"), chat="c", user="ada", shows_errors=False):
            events += batch
            for event in batch:
                if isinstance(event, ApprovalRequest):
                    assert isinstance(events[0], MessageStart)
                    id = events[0].id
                    assert not await two.decide(id, event.call_id, "once", user="bo")
                    assert not await two.decide(f"{id}x", event.call_id, "once", user="ada")
                    assert await two.decide(id, event.call_id, "once", user="ada")
        assert ContentDelta("yes") in events
        await asyncio.to_thread(answering.end)
        assert not await two.decide("x", "y", "once", user="ada")
        assert await text(one, "Hi") == ""


async def test_all_have_one_model_and_see_how_it_is(tmp_path: Path) -> None:
    model = LocalModel(tmp_path, prepare=prepared(tmp_path, port=4711))
    async with shared(model, None) as answering:
        seen = [found for _ in range(2) if (found := other_process(answering)[0]) is not None]
        following = [asyncio.create_task(one.run()) for one in seen]
        while not all(one.endpoint for one in seen):
            await asyncio.sleep(0)
        assert {one.endpoint for one in seen} == {model.endpoint}
        assert {one.status for one in seen} == {model.status}
        assert all(one.is_shared for one in seen)
        seen[0].want()
        await asyncio.to_thread(answering.end)
        await asyncio.wait(following)
        assert [one.endpoint for one in seen] == [None, None]
        assert {one.status.state for one in seen} == {"failed"}
