"""Owners of runs, how much one may have, and which keys count."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from app.core.messages import user
from app.core.wire.transport import Request
from app.native.http import HTTPTransport
from app.protocols.tokenfall.runs import Question
from app.providers import provider
from app.scripted.openai_chat import Answer, records, streamed, whole
from app.scripted.steps import Reply, Stall
from app.scripted.transport import ScriptedTransport
from app.server.access import Access
from app.server.identity import identity_of
from app.server.public_address import PublicAddress
from app.server.runs.asking import Asker, parse_question
from app.server.runs.budgets import Budget
from app.server.runs.refusals import RefusedError
from app.server.runs.server_keys import read_server_keys
from app.setup.errors import SetupError
from tests.live_server import LIMIT_S, LiveServer, live_server
from tests.server.tree import Tree

PUBLIC = PublicAddress.of("https://chat.example.org")
QUESTION = {
    "messages": [{"role": "user", "parts": [{"type": "text", "text": "flow"}]}],
    "provider": "openai-chat",
}
RECORDS = records(Answer(text="one two"))
ADDRESSES = [
    ("GET", ""),
    ("GET", "/events"),
    ("POST", "/cancel"),
    ("POST", "/tool-results"),
    ("POST", "/approvals"),
    ("GET", "/payloads/" + "0" * 64),
    ("DELETE", ""),
]


OWN = {"openai": provider("openai", key="sk-server")}


async def test_models_are_listed_with_the_servers_own_key_at_the_providers_own_address():
    asked: list[Request] = []

    def reply(request: Request) -> Reply:
        asked.append(request)
        return whole(b'{"data": [{"id": "gpt-5-mini"}]}')

    asker = Asker(
        ScriptedTransport(reply), own={"openai": provider("openai", key="sk-server")}, model=None
    )
    assert (await asker.check("openai")).models == ["gpt-5-mini"]
    assert asked[0].url == "https://api.openai.com/v1/models"
    assert asked[0].headers["authorization"] == "Bearer sk-server"
    with pytest.raises(RefusedError):
        await asker.check("anthropic")
    assert len(asked) == 1


def test_a_key_beside_a_question_counts_and_is_not_kept():
    body = msgspec.json.encode({"messages": [user("hi")]})
    question = parse_question(body, "sk-beside")
    assert question.key == "sk-beside"
    assert b"sk-beside" not in msgspec.json.encode(question.without_key())
    own = msgspec.json.encode({"messages": [user("hi")], "key": "sk-within"})
    assert parse_question(own, "sk-beside").key == "sk-within"


@pytest.fixture
def shared(tree: Tree) -> Iterator[LiveServer]:
    """A server behind a proxy that names who has logged in."""
    identity = identity_of(tree.runtime)
    access = Access(identity, "127.0.0.1", PUBLIC, token="t" * 24, login_header="X-Login")
    with live_server(
        root=tree.root,
        runtime=tree.runtime,
        behind=PUBLIC,
        access=access,
        budget=Budget(runs_at_once=2, starts_a_minute=4, stored_bytes=100_000),
        own_providers={"openai-chat": provider("openai-chat", key="sk-server")},
        transport=ScriptedTransport(lambda request: streamed([*RECORDS[:2], Stall()])),
    ) as server:
        yield server


def person(server: LiveServer, *names: str) -> httpx2.Client:
    """Make the client of a person behind the proxy, which names them in its header."""
    headers = [("host", "chat.example.org"), ("authorization", "Bearer " + "t" * 24)]
    headers += [("x-login", name) for name in names]
    return httpx2.Client(base_url=server.url, headers=headers, timeout=LIMIT_S, trust_env=False)


def test_another_persons_run_is_not_there(shared: LiveServer):
    with person(shared, "ada") as ada, person(shared, "bob") as bob:
        run = ada.post("/api/runs", json=QUESTION, headers={"idempotency-key": "mine"}).json()
        assert ada.get("/api/runs/mine").json()["id"] == run["id"]
        for method, path in ADDRESSES:
            for name in (run["id"], "mine"):
                answer = bob.request(method, f"/api/runs/{name}{path}", content=b"[]")
                assert answer.status_code == 404, path
        for method in ("GET", "DELETE"):
            assert bob.request(method, f"/api/chats/{run['chat']}").status_code == 404
        assert bob.get("/api/chats").json()["chats"] == []
        # The name of another person's chat begins one of one's own.
        own = bob.post("/api/runs", json=QUESTION | {"chat": run["chat"]}).json()
        assert len(bob.get(f"/api/chats/{run['chat']}").json()["runs"]) == 1
        assert own["id"] != run["id"]
        assert [chat["run"] for chat in ada.get("/api/chats").json()["chats"]] == [run["id"]]
        for client, one in ((ada, run), (bob, own)):
            assert client.delete(f"/api/runs/{one['id']}").status_code == 204


@pytest.mark.parametrize("names", [(), ("",), ("ada", "bob"), ("a" * 201,)])
def test_who_is_not_named_by_the_proxy_has_no_runs(shared: LiveServer, names: tuple[str, ...]):
    with person(shared, *names) as nobody:
        answer = nobody.get("/api/chats")
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "login_unknown")


def test_one_person_has_so_much_and_the_others_the_same(shared: LiveServer):
    with person(shared, "ada") as ada, person(shared, "bob") as bob:
        runs = [ada.post("/api/runs", json=QUESTION).json()["id"] for _ in range(2)]
        answer = ada.post("/api/runs", json=QUESTION)
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_runs")
        assert answer.headers["retry-after"]
        assert ada.post("/api/chat", json=QUESTION).status_code == 429
        other = bob.post("/api/runs", json=QUESTION)
        assert other.status_code == 201
        for client, run in ((ada, runs[0]), (ada, runs[1]), (bob, other.json()["id"])):
            client.post(f"/api/runs/{run}/cancel")
            client.get(f"/api/runs/{run}/events")  # to its end
        codes = [ada.post("/api/runs", json=QUESTION).status_code for _ in range(2)]
        answer = ada.post("/api/runs", json=QUESTION)
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_questions")
        assert 201 in codes


def test_what_a_run_is_told_takes_of_its_persons_room(shared: LiveServer):
    with person(shared, "ada") as ada, person(shared, "bob") as bob:
        run = ada.post("/api/runs", json=QUESTION).json()
        address = f"/api/runs/{run['id']}"
        chat = f"/api/chats/{run['chat']}"
        assert ada.patch(chat, json={"title": "A title", "pinned": True}).status_code == 204
        result = [{"call_id": "c", "content": "x" * 70_000}]
        told = [ada.post(f"{address}/tool-results", json=result).status_code for _ in range(3)]
        assert told == [202, 202, 507]
        # What an answer waits for is small, and ends it: it needs no room, as a shorter title.
        small = [{"call_id": "c", "content": "seen"}]
        assert ada.post(f"{address}/tool-results", json=small).status_code == 202
        for word in ("once", "deny"):
            said = [{"call_id": "c", "decision": word}]
            assert ada.post(f"{address}/approvals", json=said).status_code == 202
        assert ada.patch(chat, json={"title": "Title", "pinned": True}).status_code == 204
        decision = [{"call_id": "c" * 70_000, "decision": "once"}]
        for answer in (
            ada.post(f"{address}/approvals", json=decision),
            ada.patch(chat, json={"title": "A longer title"}),
            ada.post("/api/runs", json=QUESTION),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (507, "store_full")
        assert bob.post("/api/runs", json=QUESTION).status_code == 201
        assert ada.post(f"{address}/cancel").status_code == 202
        assert ada.delete(address).status_code == 204
        assert ada.post("/api/runs", json=QUESTION).status_code == 201


def test_the_token_lets_programs_in_that_keep_no_cookies(tree: Tree):
    access = Access(identity_of(tree.runtime), "0.0.0.0", token="t" * 24)
    with live_server(root=tree.root, runtime=tree.runtime, host="0.0.0.0", access=access) as server:
        for authorization, status in (
            ("Bearer " + "t" * 24, 200),
            ("bearer " + "t" * 24, 200),
            ("Bearer " + "t" * 23, 401),
            ("Bearer", 401),
            ("Basic " + "t" * 24, 401),
        ):
            answer = httpx2.get(
                f"{server.url}/api/chats",
                headers={"authorization": authorization},
                timeout=LIMIT_S,
                trust_env=False,
            )
            assert answer.status_code == status, authorization


def asked(**more: object) -> Question:
    return Question([user("hi")], **more)  # type: ignore[arg-type]


def asker(**more: object) -> Asker:
    settings = {"own": OWN, "model": None} | more
    return Asker(HTTPTransport(), **settings)  # type: ignore[arg-type]


def key_of(question: Question, **more: object) -> tuple[str, str]:
    chat = asker(**more).chat(question, [])
    return chat.provider.base_url, chat.provider.key  # type: ignore[attr-defined]


def test_the_servers_key_goes_to_its_providers_own_address_only():
    assert key_of(asked(provider="openai")) == ("https://api.openai.com/v1", "sk-server")
    assert key_of(asked(provider="openai", key="sk-tab"))[1] == "sk-tab"
    elsewhere = "https://evil.example/v1"
    assert key_of(asked(provider="openai", base_url=elsewhere, model="m")) == (elsewhere, "")
    assert key_of(asked(provider="other", base_url=elsewhere, model="m"))[1] == ""
    with pytest.raises(RefusedError, match="no key for Anthropic"):
        key_of(asked(provider="anthropic"))


def test_another_server_that_knows_no_models_has_this_one_choose():
    assert asker().chat(asked(model="default"), []).model == "gpt-6-luna"


def test_a_key_of_the_server_goes_to_the_address_that_stands_with_it():
    there = "https://there.example/api"
    own = {"tokenfall": provider("tokenfall", base_url=there, key="t")}
    for is_open in (False, True):
        settings = {"own": own, "is_open": is_open, "relays": False}
        assert key_of(asked(provider="tokenfall"), **settings) == (there, "t")
        assert key_of(asked(provider="tokenfall", base_url=there), **settings) == (there, "t")
        assert "tokenfall" in {row["name"] for row in asker(**settings).listed()}
    elsewhere = asked(provider="tokenfall", base_url="https://evil.example/api")
    assert key_of(elsewhere, own=own) == ("https://evil.example/api", "")
    with pytest.raises(RefusedError):
        key_of(elsewhere, own=own, is_open=True, relays=True)


def test_where_others_are_answered_they_name_no_addresses_and_bring_keys_if_it_relays():
    for refused in (
        asked(provider="openai", base_url="http://10.0.0.1/"),
        asked(provider="ollama", model="m"),
        asked(provider="other", base_url="http://169.254.169.254/", model="m"),
        asked(provider="openai", key="sk-tab"),
        asked(provider="anthropic", key="sk-tab"),
    ):
        with pytest.raises(RefusedError) as caught:
            key_of(refused, is_open=True, relays=False)
        assert caught.value.status == 403
    assert key_of(asked(provider="openai"), is_open=True, relays=False)[1] == "sk-server"
    tab = asked(provider="anthropic", key="sk-tab")
    assert key_of(tab, is_open=True, relays=True)[1] == "sk-tab"
    names = {row["name"] for row in asker(is_open=True).listed()}
    assert "openai" in names
    assert "ollama" not in names


@pytest.mark.parametrize(
    ("host", "is_asked"),
    [
        ("127.0.0.1:11434", True),
        ("169.254.169.254", False),
        ("2852039166", False),
        ("[fd00:ec2::254]", False),
        ("[::ffff:169.254.169.254]:8080", False),
        ("rebinds.example", False),
    ],
)
async def test_nobody_has_it_ask_what_is_for_machines(
    host: str, is_asked: bool, monkeypatch: pytest.MonkeyPatch
):
    look_up = socket.getaddrinfo

    def known(name: Any, *rest: Any, **options: Any) -> Any:
        # Of the two addresses of the name, the second is the one that is wanted.
        names = ("8.8.8.8", "100.100.100.200") if name == "rebinds.example" else (name,)
        return [found for one in names for found in look_up(one, *rest, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", known)
    heard: list[str] = []

    def reply(request: Request) -> Reply:
        heard.append(request.url)
        return streamed(RECORDS)

    question = asked(provider="other", base_url=f"http://{host}/v1", model="m")
    asking = Asker(ScriptedTransport(reply), own={}, model=None)
    message = await asking.chat(question, []).ask("hi")
    assert bool(heard) is is_asked
    assert is_asked or "for machines only" in str(message.error)


def test_keys_of_the_server_are_read_from_a_private_file(tmp_path: Path):
    file = tmp_path / "keys.json"
    file.write_text('{"openai": " sk-file\\n", "anthropic": "sk-a"}')
    file.chmod(0o600)
    environ = {"OPENAI_API_KEY": "sk-environment", "GROQ_API_KEY": "gsk", "XAI_API_KEY": ""}
    found = read_server_keys(file, environ)
    assert {name: own.key for name, own in found.items()} == {
        "openai": "sk-file",
        "anthropic": "sk-a",
        "groq": "gsk",
        "openai-chat": "sk-environment",
    }
    file.write_text('{"tokenfall": {"key": "t", "base_url": "https://there.example/api/"}}')
    there = read_server_keys(file, {})["tokenfall"]
    assert (there.base_url, there.key) == ("https://there.example/api", "t")
    file.chmod(0o640)
    with pytest.raises(SetupError, match="other users"):
        read_server_keys(file, {})
    file.chmod(0o600)
    for text in (
        '{"openai": 1, "x": "sk-secret"}',
        '["sk-secret"]',
        '{"nobody": "sk-secret"}',
        '{"tokenfall": "sk-secret"}',
        '{"tokenfall": {"key": "sk-secret", "base_url": "there"}}',
        '{"openai": {"keys": "sk-secret"}}',
    ):
        file.write_text(text)
        with pytest.raises(SetupError) as caught:
            read_server_keys(file, {})
        assert "sk-secret" not in str(caught.value)
    with pytest.raises(SetupError, match="cannot be read"):
        read_server_keys(tmp_path / "none", {})
