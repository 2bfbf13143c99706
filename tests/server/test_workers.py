"""Several processes behind one port: a run goes on when the one that carries it ends or dies."""

import asyncio
import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from app.core import events as ev
from app.core.events import StepReset, ToolRunStart
from app.core.messages import Message
from app.core.run_fold import RunFold
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Stall
from app.server.edits import Edits
from app.server.workers import Workers
from tests.live_server import LIMIT_S, live_server, until
from tests.runs.redis_server import RedisServer
from tests.server.runs.conftest import said
from tests.server.tree import make_tree
from tests.server.workers import Together, three_workers


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    tree = make_tree(tmp_path_factory.mktemp("workers"))
    with (
        live_server(root=tree.root, runtime=tree.runtime) as provider,
        three_workers(provider, tree.root, tree.runtime, tree.runtime) as together,
    ):
        yield together


def folded(events: list[str]) -> list[Message]:
    fold = RunFold(Message("assistant"))
    fold.add(msgspec.json.decode(event, type=ev.Event) for event in events)
    return fold.messages


def test_a_killed_worker_of_three_costs_no_token_and_no_tool_runs_twice(workers: Together) -> None:
    call = ToolCall(id="c1", name="look", arguments='{"where": "there"}')
    workers.provider.reset()
    workers.provider.queue(
        streamed(records(Answer(tool_calls=(call,)))),
        said("one ", "two ", "three", gate="never"),
        said("one ", "two ", "three"),
    )
    run = workers.begin()
    killed: list[int] = []

    def kill(event: str) -> None:
        if "two" in event and not killed:
            killed.append(workers.carrier(run))
            os.kill(killed[0], signal.SIGKILL)

    events = workers.read(run, kill)
    assert killed
    assert workers.carrier(run) != killed[0]
    assert workers.read(run) == events  # whoever answers
    decoded = [msgspec.json.decode(event, type=ev.Event) for event in events]
    assert sum(isinstance(event, StepReset) for event in decoded) == 1
    assert sum(isinstance(event, ToolRunStart) for event in decoded) == 1
    assert [message.text for message in folded(events)] == ["", "", "one two three"]
    assert (workers.folder / "looked").read_text() == "looked\n"
    assert workers.state(run)["status"] == "complete"


def test_a_stop_reaches_the_worker_that_carries_the_run(workers: Together) -> None:
    workers.provider.reset()
    workers.provider.queue(streamed([*records(Answer(text="one two"))[:2], Stall()]))
    run = workers.begin()
    workers.provider.wait(0, at="stall")
    carrier = workers.carrier(run)
    os.kill(carrier, signal.SIGSTOP)  # so that another one takes the request
    with httpx2.Client(base_url=workers.http.base_url, timeout=LIMIT_S, trust_env=False) as other:
        assert other.post(f"/api/runs/{run}/cancel").status_code == 202
    os.kill(carrier, signal.SIGCONT)
    done = json.loads(workers.read(run)[-1])
    assert done["status"] == "aborted"
    workers.provider.wait(0, state="disconnected")


BOT = '''
"""Counts the questions of each chat."""
import os
from tokenfall import Request

async def answer(request: Request):
    request.state["n"] = request.state.get("n", 0) + 1
    if request.message == "ask":
        yield "yes" if await request.ask("Sure?") else "no"
    else:
        yield f"{request.state['n']} by {os.getpid()}"
'''


@pytest.fixture(scope="module")
def over_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    """Three workers over a Redis, with a file that answers and a built-in model."""
    tree = make_tree(tmp_path_factory.mktemp("redis"))
    (bot := tree.runtime / "bot.py").write_text(BOT)
    with (
        RedisServer() as redis,
        live_server(root=tree.root, runtime=tree.runtime) as provider,
        three_workers(
            provider, tree.root, tree.runtime, tree.runtime, redis.url, str(bot)
        ) as together,
    ):
        together.redis = redis.url
        yield together


def test_workers_over_a_redis_take_over_too(over_redis: Together) -> None:
    test_a_killed_worker_of_three_costs_no_token_and_no_tool_runs_twice(over_redis)


def test_whichever_worker_is_asked_the_same_file_answers_and_the_same_model_is_there(
    over_redis: Together,
) -> None:
    def fresh(method: str, path: str, **more: Any) -> httpx2.Response:
        """Ask on a connection of its own: any of the workers may take it."""
        return httpx2.request(
            method, f"{over_redis.url}{path}", timeout=LIMIT_S, trust_env=False, **more
        )

    def begin(text: str, chat: str = "counted") -> str:
        said = {"role": "user", "parts": [{"type": "text", "text": text}]}
        asked = {"messages": [said], "chat": chat, "provider": "agent"}
        return str(fresh("POST", "/api/runs", json=asked).json()["id"])

    states: set[str] = set()

    def is_told() -> bool:
        """Whether who answers, which may have only just begun, has heard of the file."""
        state = str(fresh("GET", "/api/status").json()["agent"]["state"])
        states.add(state)
        return state != "starting"

    texts = []
    for _ in range(6):
        run = begin("Hi")
        texts.append(folded(over_redis.read(run))[-1].text)
        until(is_told)
    pid = texts[0].rpartition(" ")[2]
    assert texts == [f"{number} by {pid}" for number in range(1, 7)]
    assert states - {"starting"} == {"ready"}
    run = begin("ask", "asked")
    asked: list[dict[str, Any]] = []

    def asks() -> bool:
        path, json_please = f"/api/runs/{run}/events", {"accept": "application/json"}
        events = fresh("GET", path, headers=json_please).json()["events"]
        asked[:] = [one for one in events if one["type"] == "approval_request"]
        return bool(asked)

    until(asks)
    said = [{"type": "decision", "call_id": asked[0]["call_id"], "decision": "once"}]
    assert fresh("POST", f"/api/runs/{run}/approvals", json=said).status_code == 202
    assert folded(over_redis.read(run))[-1].text == "yes"
    until(lambda: fresh("GET", "/api/status").json()["model"]["state"] == "ready")


def no_app(**_: object) -> Starlette:
    raise AssertionError("no worker is begun")


def test_an_edit_of_the_server_ends_them_to_start_again(tmp_path: Path) -> None:
    (module := tmp_path / "app/server.py").parent.mkdir()
    module.write_text("")
    ended = Event()

    def edit() -> None:
        while not ended.wait(0.05):
            module.write_text(module.read_text() + "1\n")

    editing = Thread(target=edit)
    before = signal.getsignal(signal.SIGTERM)
    together = Workers(no_app, [], 0, edits=Edits(tmp_path, asyncio.Event()))
    try:
        assert together.run(editing.start, ended.set) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
        ended.set()
        editing.join()
    assert together.is_outdated


def test_who_ends_leaves_its_runs_to_others_and_the_last_marks_them(workers: Together) -> None:
    """The last one of this module: it ends them all."""
    workers.provider.reset()
    half = streamed([*records(Answer(text="one two"))[:2], Stall()])
    workers.provider.queue(half, said("one ", "two"), half)
    run = workers.begin()
    workers.provider.wait(0, at="stall")
    carrier = workers.carrier(run)
    workers.until_another_attends(carrier)
    os.kill(carrier, signal.SIGTERM)
    events = workers.read(run)
    assert [message.text for message in folded(events)] == ["one two"]
    assert "warning" not in {json.loads(event)["type"] for event in events}
    assert workers.carrier(run) != carrier
    last = workers.begin()
    workers.provider.wait(2, at="stall")
    workers.program.send_signal(signal.SIGINT)
    said_last, complaint = workers.program.communicate(timeout=LIMIT_S)
    assert workers.program.returncode == 0
    assert said_last.endswith("Stopped.\n")
    assert "Another one takes its place" in complaint
    with closing(sqlite3.connect(workers.folder / "runs.db")) as log:
        status = log.execute("SELECT status FROM run WHERE id = ?", (last,)).fetchone()
    assert status == ("incomplete",)
