"""`api/model-servers`: for the page of who runs the server, and for nobody else."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import httpx2
import pytest

from app.native.model_servers import model_servers_here
from app.providers.model_servers import ModelServer
from app.server.found_servers import PATH, FoundServers
from tests import model_servers
from tests.live_server import LIMIT_S, LiveServer, live_server
from tests.model_servers import answering
from tests.server.tree import Tree

OTTER = ModelServer("ollama", "Ollama", "http://localhost:11434", ["otter"])


@pytest.fixture(scope="module")
def finding(tree: Tree) -> Iterator[LiveServer]:
    """A server that has found one."""

    async def discover() -> list[ModelServer]:
        return [OTTER]

    with live_server(root=tree.root, runtime=tree.runtime, discover=discover) as server:
        yield server


def test_the_page_is_told_what_is_there(tree: Tree) -> None:
    with answering(model_servers.OLLAMA) as (port, asked):

        async def discover() -> list[ModelServer]:
            return await model_servers_here({port: "ollama"}, LIMIT_S)

        with live_server(root=tree.root, runtime=tree.runtime, discover=discover) as server:
            (found,) = httpx2.get(server.url + PATH, timeout=LIMIT_S, trust_env=False).json()[
                "servers"
            ]
    assert (found["label"], found["models"]) == ("Ollama", ["otter:3b"])
    assert found["facts"]["otter:3b"]["window"] == 131_072
    assert asked[0] == "GET /api/tags"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:1"},
        {"host": "evil.example"},
    ],
)
def test_no_other_site_is_told(finding: LiveServer, headers: dict[str, str]) -> None:
    answer = httpx2.get(finding.url + PATH, headers=headers, timeout=LIMIT_S, trust_env=False)
    assert answer.status_code in (403, 421)
    assert "otter" not in answer.text
    assert httpx2.post(finding.url + PATH, timeout=LIMIT_S, trust_env=False).status_code == 404


def test_no_other_user_is_told(finding: LiveServer, as_another: Callable[..., str]) -> None:
    assert "otter" not in as_another(finding, f"GET {PATH}")


@pytest.mark.parametrize("is_off", [True, False])
def test_none_is_looked_for_where_that_is_off_or_others_can_come(tree: Tree, is_off: bool) -> None:
    async def discover() -> list[ModelServer]:
        raise AssertionError("nobody is to be asked")

    way = {"discover": None} if is_off else {"discover": discover, "host": "0.0.0.0"}
    with (
        live_server(root=tree.root, runtime=tree.runtime, **way) as server,
        httpx2.Client(timeout=LIMIT_S, trust_env=False, follow_redirects=True) as client,
    ):
        client.get(server.address)
        assert client.get(server.url + PATH).json() == {"servers": []}


async def test_who_asks_at_once_shares_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr("app.server.found_servers.time", clock)
    count = 0

    async def discover() -> list[ModelServer]:
        nonlocal count
        count += 1
        return [OTTER] if count == 1 else []

    found = FoundServers(discover)
    assert await found.servers() == [OTTER]
    assert await found.servers() == [OTTER]
    assert count == 1
    now += 2
    # Gone ones are gone at the next look.
    assert await found.servers() == []
    assert count == 2
