"""The page in another program: mounted below a path, with that program's own login."""

import asyncio
import json
import queue
import re
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.routing import Mount

import app as tokenfall
from app.agents import Request
from app.core.errors import UsageError
from app.core.messages import Message
from app.protocols import decoder
from app.server import served_here
from app.server.page_folder import page_of
from app.server.security import HEADERS
from tests.live_server import REPOSITORY, free_port
from tests.server.tree import Tree

LIMIT_S = 60.0


async def answer(request: Request) -> AsyncIterator[Any]:
    """Counts the questions of each chat."""
    request.state["n"] = request.state.get("n", 0) + 1
    if request.message == "ask":
        yield "yes" if await request.ask("Sure?") else "no"
    elif request.message == "fail":
        raise ValueError("secret")
    else:
        yield f"{request.user or 'nobody'} {request.state['n']}"


def who(request: Asked) -> str | None:
    return request.cookies.get("who")


async def who_later(request: Asked) -> str | None:
    await asyncio.sleep(0)
    return who(request)


async def of_query(request: Asked) -> str | None:
    return request.query_params.get("who")


async def ended(mounted: Any) -> None:
    """Begin and end an app that is served alone, as its server does."""
    steps = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, str]:
        return {"type": next(steps)}

    async def send(message: Any) -> None:
        assert message["type"].endswith(".complete")

    await mounted({"type": "lifespan"}, receive, send)


@asynccontextmanager
async def reached(mounted: Any, path: str = "/a/b") -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a program that has the page below the path."""
    host = Starlette(routes=[Mount(path, mounted)])
    transport = httpx2.ASGITransport(app=host)
    async with (
        asyncio.timeout(LIMIT_S),
        httpx2.AsyncClient(transport=transport, base_url="http://host.test") as client,
    ):
        yield client
        await ended(mounted)


def question(text: str, chat: str = "c") -> bytes:
    said = {"role": "user", "parts": [{"type": "text", "text": text}], "status": "complete"}
    options = {"cache_key": chat}
    return json.dumps({"messages": [said], "options": options, "stream": True}).encode()


def cookie(name: str) -> dict[str, str]:
    return {"cookie": f"who={name}"} if name else {}


async def asked(
    client: httpx2.AsyncClient, text: str, name: str = "", chat: str = "c"
) -> tuple[int, Message]:
    said = await client.post(
        "/a/b/api/agent/chat", content=question(text, chat), headers=cookie(name)
    )
    reading = decoder("tokenfall")
    reading.feed(said.content)
    reading.close()
    return said.status_code, reading.message


@pytest.mark.parametrize("user", [who, who_later])
async def test_each_person_has_a_state_of_their_own(user: Any) -> None:
    async with reached(tokenfall.app(answer, user=user)) as client:
        for name, text in (("ada", "ada 1"), ("bo", "bo 1"), ("ada", "ada 2"), ("bo", "bo 2")):
            # The same chat, as far as its name goes: whoever knows it has not more by that.
            status, message = await asked(client, "Hi", name)
            assert (status, message.text, message.status) == (200, text, "complete")


@pytest.mark.parametrize("name", ["", "x" * 201])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "api/agent/chat"),
        ("POST", "api/agent/decisions"),
        ("GET", "api/status"),
        ("GET", "api/model-servers"),
        ("GET", "api/nothing"),
        ("GET", ""),
        ("GET", "index.html"),
        ("GET", "manifest.webmanifest"),
    ],
)
async def test_who_has_not_logged_in_gets_nothing(name: str, method: str, path: str) -> None:
    async with reached(tokenfall.app(answer, user=who)) as client:
        said = await client.request(method, f"/a/b/{path}", headers=cookie(name))
        assert (said.status_code, "Log in first." in said.text) == (401, True)


async def test_what_is_no_name_is_nobody() -> None:
    for said in ("", None, 7, True, ["ada"]):
        mounted = tokenfall.app(answer, user=lambda _, said=said: said)  # type: ignore[misc]
        async with reached(mounted) as client:
            assert (await asked(client, "Hi"))[0] == 401


async def test_a_question_is_answered_by_who_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = asyncio.Event()
    tell = Request.ask

    async def ask(self: Request, question: str, **details: Any) -> bool:
        asking = asyncio.ensure_future(tell(self, question, **details))
        await asyncio.sleep(0)
        waiting.set()
        return await asking

    monkeypatch.setattr(Request, "ask", ask)
    monkeypatch.setattr("app.native.asked_agent.uuid4", lambda: type("Id", (), {"hex": "a1"}))
    async with reached(tokenfall.app(answer, user=who)) as client:
        answering = asyncio.create_task(asked(client, "ask", "ada"))
        await waiting.wait()
        said = json.dumps({"answer": "a1", "call": "ask_1", "decision": "once"}).encode()
        path = "/a/b/api/agent/decisions"
        for name, status in (("bo", 404), ("ada", 204), ("ada", 404)):
            told = await client.post(path, content=said, headers=cookie(name))
            assert told.status_code == status, name
        assert (await answering)[1].text == "yes"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://host.test"}, 200),
        ({"origin": "https://host.test"}, 200),  # a proxy in front speaks https
        ({"origin": "https://elsewhere.test"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[::1"}, 403),
        ({"origin": "//host.test"}, 403),
        ({"origin": "ftp://host.test"}, 403),
        ({"origin": "http://host.test/"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
async def test_other_sites_may_not_ask(headers: dict[str, str], status: int) -> None:
    async with reached(tokenfall.app(answer)) as client:
        said = await client.post(
            "/a/b/api/agent/chat", content=question("Hi"), headers=cookie("ada") | headers
        )
        assert said.status_code == status


@pytest.mark.parametrize("path", ["/", "/a/b", "/a%20b"])
async def test_the_page_lies_below_any_path_and_says_whose_it_is(path: str) -> None:
    async with reached(tokenfall.app(answer, user=who), path.replace("%20", " ")) as client:
        base = path.rstrip("/")
        pages = {name: await client.get(f"{base}/", headers=cookie(name)) for name in ("ada", "bo")}
        spaces = set()
        for page in pages.values():
            assert page.status_code == 200
            assert page.headers["cache-control"] == "no-store"
            for name, value in HEADERS.items():
                assert page.headers[name] == value
            head = page.text.partition(">")[2].partition(">")[0]
            spaces.add(head.partition('data-space="')[2].partition('"')[0])
        assert len(spaces - {""}) == 2
        # A page that says whose it is gets answers in the name of no other.
        statuses = {
            (await client.get(f"{base}/api/status", headers=cookie("ada") | says)).status_code
            for says in ({"tokenfall-space": space} for space in spaces)
        }
        assert statuses == {200, 401}
        boot = await client.get(f"{base}/app/browser/boot.mjs")
        assert boot.status_code == 200
        assert boot.headers["content-type"].startswith("text/javascript")
        # What would keep one person's page for the next.
        for name in ("service_worker.mjs", "files.json"):
            assert (await client.get(f"{base}/{name}", headers=cookie("ada"))).status_code == 404


async def test_a_page_that_keeps_no_chats_says_that_there_is_none_to_delete() -> None:
    """Else its pages would ask again at each visit."""
    async with reached(tokenfall.app(answer)) as client:
        for path in ("chats/c", "runs/r?message=m"):
            assert (await client.delete(f"/a/b/api/{path}")).status_code == 404


async def test_the_folder_without_its_slash_leads_to_the_page() -> None:
    async with reached(tokenfall.app(answer)) as client:
        page = await client.get("/a/b", follow_redirects=True)
        assert str(page.url) == "http://host.test/a/b/"
        assert page.status_code == 200


async def test_other_pages_of_the_same_program_keep_their_own() -> None:
    texts = []
    for path in ("/one", "/two"):
        async with reached(tokenfall.app(answer), path) as client:
            texts.append((await client.get(f"{path}/")).text.partition("<head>")[0])
    assert texts[0] != texts[1]


async def test_it_says_what_answers_and_not_what_fails() -> None:
    async with reached(tokenfall.app(answer, title="Ops bot")) as client:
        status = (await client.get("/a/b/api/status")).json()
        assert status["agent"] == {
            "title": "Ops bot",
            "state": "ready",
            "description": "Counts the questions of each chat.",
        }
        assert status["relay"] is False
        _, message = await asked(client, "fail")
        assert message.error is not None
        assert "secret" not in f"{message.error.message}{message.error.raw}"
    async with reached(tokenfall.app(answer, debug=True)) as client:
        _, message = await asked(client, "fail")
        assert message.error is not None
        assert "secret" in message.error.message


@pytest.mark.parametrize("path", ["chat", "decisions"])
@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"answer":' + b"[" * 100_000, b"\xff", b"", b'{"messages":[{}]}']
)
async def test_a_body_that_is_none_gives_no_traceback(path: str, body: bytes) -> None:
    async with reached(tokenfall.app(answer)) as client:
        said = await client.post(f"/a/b/api/agent/{path}", content=body)
        assert said.status_code == 400
        assert HEADERS.items() <= dict(said.headers).items() | {("cache-control", "no-store")}


async def test_a_name_may_be_any_text() -> None:
    for name in ("\u202e", "\0", "\ud800"):
        mounted = tokenfall.app(answer, user=lambda _, name=name: name)  # type: ignore[misc]
        async with reached(mounted) as client:
            assert (await client.get("/a/b/")).status_code == 200


async def test_a_program_around_it_keeps_its_own_state() -> None:
    async with reached(tokenfall.app(answer, user=of_query)) as client:
        said = await client.get("/a/b/api/status?who=ada")
        assert said.status_code == 200


def test_what_cannot_answer_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="'tone'"):
        tokenfall.app(lambda message, tone: "")
    with pytest.raises(UsageError):
        tokenfall.app(3)


def test_a_page_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("app.server.page_folder.__file__", str(tmp_path / "a/b/c.py"))
    with pytest.raises(UsageError, match="not here"):
        tokenfall.app(answer)


async def test_where_serving_has_ended_the_same_cell_serves_anew(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends, begun = threading.Event(), queue.SimpleQueue[threading.Thread]()

    def serve_page(*, sockets: list[socket.socket], **rest: Any) -> int:
        begun.put(threading.current_thread())
        assert ends.wait(LIMIT_S)
        return 0

    page = page_of(tree.root, tree.runtime)
    monkeypatch.setattr(served_here, "page_here", lambda: page)
    monkeypatch.setattr(served_here, "serve_page", serve_page)
    port = free_port()
    begin = partial(tokenfall.serve, answer, port=port, open_browser=False)
    first = begin()
    thread = begun.get(timeout=LIMIT_S)
    assert begin() == first
    assert begun.empty()
    ends.set()
    thread.join(LIMIT_S)
    assert begin() == first
    begun.get(timeout=LIMIT_S).join(LIMIT_S)


SCRIPT = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import app as tokenfall
from app.server import served_here
from app.server.page_folder import page_of

served_here.page_here = lambda: page_of(Path(sys.argv[2]), Path(sys.argv[3]))

def answer(message):
    return f"You said {message}"

def begin():
    port = int(sys.argv[5])
    return tokenfall.serve(answer, title="Echo", port=port, open_browser=False)

async def in_a_loop():
    global answer
    answer = lambda message: "the first"
    begin()
    answer = lambda message: f"You said {message}"
    served = begin()  # the same cell again
    print(served._repr_html_(), flush=True)
    await asyncio.Event().wait()

asyncio.run(in_a_loop()) if sys.argv[4] == "loop" else begin()
"""


@pytest.mark.parametrize("where", ["script", "loop"])
def test_a_script_serves_it_and_a_notebook_gets_a_link(tree: Tree, where: str) -> None:
    port = "0" if where == "script" else str(free_port())
    arguments = (str(REPOSITORY), str(tree.root), str(tree.runtime), where, port)
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments], stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            wanted = r"http://localhost:\d+" if where == "script" else r"<a href=.+</a>"
            told = ""
            while not re.search(wanted, told):
                line = program.stdout.readline()
                assert line, told
                told += line
            found = re.search(r"http://localhost:\d+", told)
            assert found
            if where == "loop":
                assert told == f'<a href="{found[0]}" target="_blank">Echo</a>\n'
            with httpx2.Client(base_url=found[0], timeout=LIMIT_S, trust_env=False) as client:
                assert client.get("/").status_code == 200
                assert client.get("/api/status").json()["agent"]["title"] == "Echo"
                said = client.post("/api/agent/chat", content=question("Hi"))
                assert "You said Hi" in said.text
        finally:
            program.terminate()
