"""Each address of the server, also one that comes later: refused to other hosts, to other sites and
to who is not known.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.routing import Route

from app.native.agent_here import AgentHere
from app.native.server_file import PROOF_PATH
from app.server.access import Access
from app.server.app import create_app
from app.server.identity import identity_of
from app.server.security import HEADER_POLICY
from tests.server.tree import Tree

STRANGERS = {
    "another host": {"host": "evil.example:8765"},
    "another port": {"host": "localhost:1"},
    "another origin": {"origin": "https://evil.example"},
    "no origin": {"origin": "null"},
    "another site": {"sec-fetch-site": "cross-site"},
    "another port of this computer": {"sec-fetch-site": "same-site"},
}


@asynccontextmanager
async def every(tree: Tree) -> AsyncIterator[tuple[httpx2.AsyncClient, list[tuple[str, str]], str]]:
    """A client, all addresses of the API with their methods, and the token."""
    app = create_app(
        root=tree.root,
        runtime=tree.runtime,
        # No connection tells a user here, as from outside of a container.
        access=Access(identity_of(tree.runtime), "0.0.0.0"),
        agent=AgentHere(lambda message: message),
        script_control=True,
        reload=True,
    )
    addresses = [
        (method, re.sub(r"\{[^}]*\}", "x", route.path))
        for route in app.routes
        if isinstance(route, Route) and route.path.startswith("/api/")
        for method in sorted(route.methods or ())
    ]
    assert len(addresses) > 40
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8765") as client:
        yield client, addresses, app.state.access.token


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_it_is_refused_to_strangers(tree: Tree, stranger: str) -> None:
    async with every(tree) as (client, addresses, token):
        known = {"authorization": f"Bearer {token}"}
        for method, path in addresses:
            answer = await client.request(method, path, headers=known | STRANGERS[stranger])
            assert answer.status_code == 403, (method, path)
            assert method == "HEAD" or answer.json()["error"]["code"].startswith("foreign_")
            assert answer.headers["content-security-policy"] == HEADER_POLICY
            assert "access-control-allow-origin" not in answer.headers


async def test_it_is_refused_to_who_is_not_known(tree: Tree) -> None:
    async with every(tree) as (client, addresses, token):
        for method, path in addresses:
            if path == PROOF_PATH:
                continue  # it proves who is there, and tells nothing else
            answer = await client.request(method, path)
            assert answer.status_code == 401, (method, path)
        assert (await client.get("/api/status")).status_code == 401
        known = {"authorization": f"Bearer {token}"}
        assert (await client.get("/api/status", headers=known)).status_code == 200
