"""The library that draws diagrams: fetched when a page asks for it, and served from then on."""

import asyncio
import json
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from app.server.export import export
from app.server.libraries import library_routes
from app.server.site import Site
from app.setup.display_libraries import LIBRARIES
from app.setup.errors import SetupError
from app.setup.stamps import Stamp, digest
from tests.server.tree import Tree

MERMAID = LIBRARIES["mermaid"]


class Preparation:
    """Counts how often it is asked, and how many at once."""

    def __init__(self) -> None:
        self.calls = 0
        self.running = 0
        self.most = 0
        self.problem = ""

    def __call__(self, name: str) -> None:
        self.calls += 1
        self.running += 1
        self.most = max(self.most, self.running)
        self.running -= 1
        if self.problem:
            raise SetupError(self.problem)


async def test_pages_that_ask_take_turns_and_hear_why_not() -> None:
    prepare = Preparation()
    transport = httpx2.ASGITransport(Starlette(routes=library_routes(prepare)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        path = "/api/libraries/mermaid"
        answers = await asyncio.gather(*(client.post(path) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [204] * 4
        assert prepare.most == 1
        assert (await client.get(path)).status_code == 405
        assert (await client.post("/api/libraries/other")).status_code == 404
        prepare.problem = "The network could not be reached."
        answer = await client.post(path)
        assert answer.status_code == 503
        assert answer.json()["error"]["message"] == prepare.problem


def test_it_is_served_and_exported_once_it_is_there_and_kept_by_no_worker(
    own_tree: Tree, tmp_path: Path
) -> None:
    site = Site(own_tree.root, own_tree.runtime)
    assert site.find(MERMAID.path) is None
    assert MERMAID.path not in site.paths()
    export(own_tree.root, own_tree.runtime, tmp_path / "without")
    without = json.loads((tmp_path / "without/files.json").read_text("utf-8"))

    file = MERMAID.file(own_tree.runtime)
    file.parent.mkdir(parents=True)
    file.write_text("globalThis.mermaid = {}")
    Stamp(file.parent / "fetched.json", digest(""), lambda: [file]).write()
    found = site.find(MERMAID.path)
    assert found is not None
    assert found.body == file.read_bytes()
    export(own_tree.root, own_tree.runtime, tmp_path / "with")
    assert (tmp_path / "with" / MERMAID.path).read_bytes() == file.read_bytes()
    # A visitor downloads it when it is needed, not with the rest.
    assert json.loads((tmp_path / "with/files.json").read_text("utf-8")) == without

    file.write_text("evil()")
    with pytest.raises(SetupError, match=r"mermaid\.js is not the file"):
        site.find(MERMAID.path)
