"""`--reload`: what is edited reaches open pages, and the server where it has loaded it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from app.server.edits import Edits
from tests.live_server import LIMIT_S, live_server
from tests.server.tree import Tree

AGAIN = "app/server/site.py was edited: the server starts again."
BROKEN = "site.py, line 1: invalid syntax. The server goes on as it was."


async def edit_until(file: Path, text: str, is_seen: Callable[[], bool]) -> None:
    """Edit a file again and again: nobody outside sees from when on edits are looked for."""
    number = 0
    async with asyncio.timeout(LIMIT_S):
        while not is_seen():
            number += 1
            file.write_text(text + "#" * number)
            await asyncio.sleep(0.01)


async def test_the_server_starts_again_for_its_own_modules_and_goes_on_otherwise(
    own_tree: Tree,
) -> None:
    said: list[str] = []
    edits = Edits(own_tree.root, asyncio.Event())
    task = asyncio.ensure_future(edits.until_server_changes(said.append))
    app = own_tree.root / "app"
    # Of what is no Python it says why; of the pages nothing.
    await edit_until(app / "server" / "site.py", "def half(:\n", lambda: bool(said))
    (app / "browser" / "main.py").write_text("edited = 1\n")
    (app / "browser" / "theme.js").write_text("")
    assert set(said) == {BROKEN}
    assert not task.done()
    await edit_until(app / "server" / "site.py", "whole = 1\n", task.done)
    assert set(said) == {BROKEN, AGAIN}
    assert said.count(AGAIN) == 1


async def test_a_server_that_stops_waits_for_no_edit(own_tree: Tree) -> None:
    closing = asyncio.Event()
    said: list[str] = []
    task = asyncio.ensure_future(Edits(own_tree.root, closing).until_server_changes(said.append))
    closing.set()
    await task
    assert said == []


@pytest.mark.parametrize("name", ["index.html", "app/browser/main.py", "app/browser/web/page.css"])
def test_an_open_page_hears_of_an_edit(own_tree: Tree, name: str) -> None:
    with (
        live_server(root=own_tree.root, runtime=own_tree.runtime, reload=True) as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as page,
    ):
        assert 'src="./api/edits.mjs"' in page.get("/").text
        script = page.get("/api/edits.mjs")
        assert script.headers["content-type"].startswith("text/javascript")
        with page.stream("GET", "/api/edits") as stream:
            told = (line for line in stream.iter_lines() if line)
            first = next(told)
            edited = own_tree.root / name
            edited.write_text(edited.read_text() + "\n")
            assert next(told) != first


def test_without_it_no_page_asks(tree: Tree) -> None:
    with (
        live_server(root=tree.root, runtime=tree.runtime) as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as page,
    ):
        assert "edits.mjs" not in page.get("/").text
        assert page.get("/api/edits").status_code == 404
