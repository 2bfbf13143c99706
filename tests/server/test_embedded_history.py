"""The history of a mounted page, on the server: each person's own, of each page its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

import app as tokenfall
from app.agents import Request
from app.core.errors import UsageError
from app.core.events import Event
from app.core.running.chat import Chat
from app.core.tools.function_tool import tool
from app.native.http import HTTPTransport
from app.providers import Provider
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.transport import ScriptedTransport
from app.server.host_stopping import until_host_stops
from app.server.signs_of_life import with_signs_of_life
from tests.runs.redis_server import RedisServer
from tests.server.test_embedding import answer, cookie, ended, question, reached, who

Client = httpx2.AsyncClient


def asking(text: str, chat: str = "chat-of-it", **more: Any) -> dict[str, Any]:
    """A question that goes on on the server."""
    said = {"role": "user", "parts": [{"type": "text", "text": text}], "status": "complete"}
    return {"messages": [said], "chat": chat} | more


async def begin(client: Client, name: str, text: str, path: str = "/a/b", **more: Any) -> str:
    asked = asking(text, **more)
    begun = await client.post(f"{path}/api/runs", json=asked, headers=cookie(name))
    assert begun.status_code == 201, begun.text
    return str(begun.json()["id"])


async def told(client: Client, name: str, run: str, path: str = "/a/b") -> str:
    """The text of a run, once it has ended."""
    await client.get(f"{path}/api/runs/{run}/events", headers=cookie(name))
    state = (await client.get(f"{path}/api/runs/{run}", headers=cookie(name))).json()
    assert state["status"] == "complete", state
    return "".join(part.get("text", "") for part in state["message"]["parts"])


async def chats(client: Client, name: str, path: str = "/a/b") -> list[str]:
    said = await client.get(f"{path}/api/chats", headers=cookie(name))
    return [chat["title"] for chat in said.json()["chats"]]


async def test_each_person_has_a_history_of_their_own_that_outlives_the_program(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "folder" / "chats.db"
    async with reached(tokenfall.app(answer, user=who, history=kept)) as client:
        status = (await client.get("/a/b/api/status", headers=cookie("ada"))).json()
        assert (status["on_server"], status["chats"]) == (True, True)
        run = await begin(client, "ada", "Hello")
        assert await told(client, "ada", run) == "ada 1"
        # The same name of a chat is another chat for another person.
        assert await told(client, "bo", await begin(client, "bo", "My own")) == "bo 1"
        assert await told(client, "ada", await begin(client, "ada", "Again")) == "ada 2"
        # So has their title; each of the two chats of one name its own.
        set_by = [("ada", {"title": "Mine"}, 204), ("cleo", {"title": "Hers"}, 404)]
        for name, facts, status in set_by:
            put = client.patch("/a/b/api/chats/chat-of-it", json=facts, headers=cookie(name))
            assert (await put).status_code == status
        for path in (f"runs/{run}", f"runs/{run}/events", "chats/other"):
            assert (await client.get(f"/a/b/api/{path}", headers=cookie("bo"))).status_code == 404
        for path in ("cancel", "approvals"):
            said = await client.post(f"/a/b/api/runs/{run}/{path}", json=[], headers=cookie("bo"))
            assert said.status_code == 404
        assert (
            await client.delete(f"/a/b/api/runs/{run}", headers=cookie("bo"))
        ).status_code == 404
    async with reached(tokenfall.app(answer, user=who, history=str(kept))) as client:
        assert await chats(client, "ada") == ["Mine"]
        assert await chats(client, "bo") == ["My own"]
        assert await chats(client, "cleo") == []
        assert (await client.get("/a/b/api/chats")).status_code == 401
    # Another page of the same program may keep its chats in the same place.
    async with reached(tokenfall.app(answer, user=who, history=kept), "/other") as client:
        assert await chats(client, "ada", "/other") == []
        run = await begin(client, "ada", "Elsewhere", "/other")
        assert await told(client, "ada", run, "/other") == "ada 1"


async def test_names_are_any_texts_and_each_is_one_person(tmp_path: Path) -> None:
    kept = tmp_path / "chats.db"
    for name in ("\ud800", "\udfff", "a\n/a/b", "a", "a%0A", "\0", "login:a"):
        mounted = tokenfall.app(answer, user=lambda _, name=name: name, history=kept)  # type: ignore[misc]
        async with reached(mounted) as client:
            run = await begin(client, "", "Hi")
            # Half a character goes as the one that stands for any.
            whole = "\ufffd" if name in ("\ud800", "\udfff") else name
            assert await told(client, "", run) == f"{whole} 1"
            assert await chats(client, "") == ["Hi"]


@pytest.mark.parametrize("decision", ["once", "deny"])
async def test_an_answer_that_asks_goes_on_with_what_its_own_person_says(
    decision: str, tmp_path: Path
) -> None:
    async with reached(tokenfall.app(answer, user=who, history=tmp_path / "chats.db")) as client:
        run = await begin(client, "ada", "ask")
        path = f"/a/b/api/runs/{run}"
        kind = {"accept": "application/json"}
        while "approval_request" not in (
            said := (await client.get(f"{path}/events", headers=cookie("ada") | kind)).text
        ):
            await asyncio.sleep(0)
        assert '"Sure?' in said.replace("\\", "")
        decided = [{"type": "decision", "call_id": "ask_1", "decision": decision}]
        for name, status in (("bo", 404), ("ada", 202)):
            given = await client.post(f"{path}/approvals", json=decided, headers=cookie(name))
            assert given.status_code == status
        assert await told(client, "ada", run) == ("yes" if decision == "once" else "no")


async def test_stop_reaches_the_function(tmp_path: Path) -> None:
    stopped = asyncio.Event()

    async def endless(request: Request) -> AsyncIterator[str]:
        yield "begun"
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with reached(tokenfall.app(endless, history=tmp_path / "chats.db")) as client:
        run = await begin(client, "", "Hi")
        await client.post(f"/a/b/api/runs/{run}/cancel")
        await stopped.wait()
        await client.get(f"/a/b/api/runs/{run}/events")
        state = (await client.get(f"/a/b/api/runs/{run}")).json()
        assert state["status"] == "aborted"


LOOK = {"name": "look", "description": "Looks.", "parameters": {"type": "object"}}


def chat_that_looks() -> tuple[Chat, ScriptedTransport]:
    """A `Chat` of ours whose model calls a tool of the page, and tells what that said."""
    call = ToolCall("c1", "look", '{"where": "pond"}')
    replies = [
        streamed(records(Answer(tool_calls=(call,)))),
        streamed(records(Answer(text="Two."))),
    ]
    script = ScriptedTransport(lambda request: replies.pop(0))
    return Chat(Provider("p", "P", "https://p.example/v1"), "m", transport=script), script


async def test_a_tool_of_the_page_goes_along_in_a_run(tmp_path: Path) -> None:
    agent, script = chat_that_looks()
    async with reached(tokenfall.app(agent, history=tmp_path / "chats.db")) as client:
        assert (await client.get("/a/b/api/status")).json()["agent"]["takes_tools"] is True
        run = await begin(client, "", "How many?", tools=[LOOK])
        path, kind = f"/a/b/api/runs/{run}", {"accept": "application/json"}
        while '"wants":"result"' not in (await client.get(f"{path}/events", headers=kind)).text:
            await asyncio.sleep(0)
        result = [{"type": "result", "call_id": "c1", "content": "two otters"}]
        assert (await client.post(f"{path}/tool-results", json=result)).status_code == 202
        assert await told(client, "", run) == "Two."
    first, second = (json.loads(one.request.body) for one in script.exchanges)
    assert [one["function"]["name"] for one in first["tools"]] == ["look"]
    assert [one["role"] for one in second["messages"]] == ["user", "assistant", "tool"]
    assert second["messages"][-1]["content"] == "two otters"


async def test_a_tool_of_the_page_runs_there() -> None:
    agent, script = chat_that_looks()
    async with reached(tokenfall.app(agent)) as client:
        seen: list[str] = []

        @tool
        def look(where: str) -> str:
            """Look."""
            seen.append(where)
            return "two otters"

        page = Provider("agent", "Agent", "http://host.test/a/b/api/agent", protocol="tokenfall")
        chat = Chat(page, "agent", transport=HTTPTransport(client), tools=[look])
        assert (await chat.ask("How many?")).text == "Two."
        assert seen == ["pond"]
    assert len(script.exchanges) == 2


async def test_a_function_is_told_of_the_tools_that_it_asks_for() -> None:
    def of_tools(message: str, tools: list[Any], history: list[Any]) -> str:
        return f"{message}: {[one.name for one in tools]}, after {len(history)}"

    async with reached(tokenfall.app(of_tools)) as client:
        assert (await client.get("/a/b/api/status")).json()["agent"]["takes_tools"] is True
        asked = json.loads(question("Hi"))
        asked["options"]["tools"] = [LOOK]
        result = {"type": "tool_result", "call_id": "c1", "content": "x"}
        asked["messages"] += [
            {"role": "assistant", "parts": []},
            {"role": "tool", "parts": [result]},
        ]
        said = await client.post("/a/b/api/agent/chat", json=asked)
        assert "Hi: ['look'], after 0" in said.text
    async with reached(tokenfall.app(answer)) as client:
        assert "takes_tools" not in (await client.get("/a/b/api/status")).json()["agent"]


@pytest.mark.parametrize(
    "more",
    [
        {"provider": "demo"},
        {"provider": "local"},
        {"provider": "openai", "key": "sk-own"},
        {"provider": "other", "base_url": "http://169.254.169.254/v1"},
        {"data": {"provider": "other", "base_url": "http://169.254.169.254/v1"}},
    ],
)
@pytest.mark.parametrize("path", ["runs", "chat"])
async def test_only_the_agent_is_asked(path: str, more: dict[str, Any], tmp_path: Path) -> None:
    async with reached(tokenfall.app(answer, history=tmp_path / "chats.db")) as client:
        said = await client.post(f"/a/b/api/{path}", json=asking("Hi", **more))
        assert (said.status_code, said.json()["error"]["code"]) == (403, "provider_refused")


async def test_what_all_people_do_is_told_to_none(tmp_path: Path) -> None:
    async with reached(tokenfall.app(answer, user=who, history=tmp_path / "chats.db")) as client:
        for path in ("metrics", "providers", "providers/agent/models"):
            said = await client.get(f"/a/b/api/{path}", headers=cookie("ada"))
            assert said.status_code == 404


async def test_without_a_history_nothing_is_kept_here() -> None:
    async with reached(tokenfall.app(answer)) as client:
        status = (await client.get("/a/b/api/status")).json()
        assert (status["on_server"], status["chats"]) == (None, False)
        assert (await client.post("/a/b/api/runs", json=asking("Hi"))).status_code == 404
        assert (await client.get("/a/b/api/chats")).status_code == 404


@pytest.mark.parametrize("history", ["postgres://host/db", "http://host", "sqlite:///chats.db"])
def test_a_history_of_another_kind_is_refused_at_once(history: str) -> None:
    with pytest.raises(UsageError, match="neither"):
        tokenfall.app(answer, history=history)


FRAMED = [
    "",
    "api/status",
    "app/browser/displays/display.html",
    "app/browser/tools/session/session.html",
]


@pytest.mark.parametrize("path", FRAMED)
async def test_a_host_names_who_may_frame_the_page(path: str) -> None:
    named = ["https://intranet.example.org", "self"]
    async with reached(tokenfall.app(answer, framed_by=named)) as client:
        said = await client.get(f"/a/b/{path}")
        assert ("data-frameable" in said.text) == (path == "")  # it starts there
        policy = said.headers["content-security-policy"]
        assert "frame-ancestors https://intranet.example.org 'self'" in policy
        assert "'none';" not in policy.partition("frame-ancestors")[2]
    async with reached(tokenfall.app(answer)) as client:
        said = await client.get(f"/a/b/{path}")
        assert "data-frameable" not in said.text
        policy = said.headers["content-security-policy"]
        assert "intranet" not in policy
        assert ("frame-ancestors 'none'" in policy) != path.endswith(".html")


@pytest.mark.parametrize(
    "origin", ["*", "https:", "a.example; script-src *", "'self'", "https://a/b", ""]
)
def test_who_is_no_origin_can_frame_nothing(origin: str) -> None:
    with pytest.raises(UsageError, match="origin"):
        tokenfall.app(answer, framed_by=[origin])


async def test_the_page_sets_no_cookie_of_its_own() -> None:
    """The login is the host's; `serve.py`'s own cookie has its folder in its name."""
    async with reached(tokenfall.app(answer, user=who)) as client:
        for path in ("", "api/status"):
            assert (
                "set-cookie"
                not in (await client.get(f"/a/b/{path}", headers=cookie("ada"))).headers
            )


async def test_streams_end_when_the_program_around_is_told_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Uvicorn:
        should_exit = False

        def handle_exit(self) -> None:
            self.should_exit = True

    uvicorn = Uvicorn()
    monkeypatch.setattr("app.server.host_stopping._EVERY_S", 0)
    monkeypatch.setattr("signal.getsignal", lambda _: uvicorn.handle_exit)
    stopping = asyncio.create_task(until_host_stops())
    await asyncio.sleep(0)
    assert not stopping.done()
    uvicorn.handle_exit()
    await stopping


async def test_a_function_that_is_silent_for_long_is_not_taken_for_dead() -> None:
    go_on = asyncio.Event()
    events: list[Event] = [tokenfall.events.ContentDelta("late")]

    async def silent() -> AsyncIterator[list[Event]]:
        await go_on.wait()
        yield events

    told: list[list[Event]] = []
    async for batch in with_signs_of_life(silent(), every_s=0):  # type: ignore[arg-type]
        told.append(batch)
        if len(told) == 2:
            go_on.set()
    assert told[:2] == [[tokenfall.events.Heartbeat()]] * 2
    assert told[-1] == events


async def test_a_question_in_sync_mode_says_that_it_can_not_be_seen() -> None:
    async with reached(tokenfall.app(answer)) as client:
        asked = json.loads(question("ask")) | {"stream": False}
        said = (await client.post("/a/b/api/agent/chat", json=asked)).json()
        assert said["status"] == "error"
        assert "switch streaming on" in json.dumps(said)


async def test_a_history_in_a_redis_is_that_of_all_its_programs() -> None:
    with RedisServer() as redis:
        one, other = (tokenfall.app(answer, user=who, history=redis.url) for _ in range(2))
        async with reached(one) as client:
            run = await begin(client, "ada", "Hello")
            assert await told(client, "ada", run) == "ada 1"
        async with reached(other) as client:
            assert await chats(client, "ada") == ["Hello"]
            assert await told(client, "ada", run) == "ada 1"
            assert await chats(client, "bo") == []
            assert (
                await client.get(f"/a/b/api/runs/{run}", headers=cookie("bo"))
            ).status_code == 404


async def test_an_answer_that_its_program_ends_is_marked(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[str]:
        yield "begun"
        await asyncio.Event().wait()

    kept = tmp_path / "chats.db"
    mounted = tokenfall.app(endless, history=kept)
    async with reached(mounted) as client:
        run = await begin(client, "", "Hi")
        kind = {"accept": "application/json"}
        while "begun" not in (await client.get(f"/a/b/api/runs/{run}/events", headers=kind)).text:
            await asyncio.sleep(0)
        await ended(mounted)
    async with reached(tokenfall.app(endless, history=kept)) as client:
        state = (await client.get(f"/a/b/api/runs/{run}")).json()
        assert (state["status"], state["can_continue"]) == ("incomplete", True)
