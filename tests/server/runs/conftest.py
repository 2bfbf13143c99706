"""A server whose runs ask its own Demo, over HTTP and step by step."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.core.tools.function_tool import tool
from app.runs.sqlite import SQLiteLog
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Reply
from app.server.runs.budgets import Budget, Patience
from tests.live_server import LIMIT_S, LiveServer, live_server
from tests.server.tree import Tree

PATIENCE = Patience(wait_s=LIMIT_S, lease_s=LIMIT_S)


class Pages:
    """Requests of pages for the runs of a server."""

    def __init__(self, server: LiveServer, folder: Path, **headers: str) -> None:
        self.server = server
        self.folder = folder  # of the log
        self.http = httpx2.Client(
            base_url=server.url, timeout=LIMIT_S, trust_env=False, headers=headers
        )

    def question(self, text: str = "hi", **more: Any) -> dict[str, Any]:
        """A question to the Demo."""
        asked = {"role": "user", "parts": [{"type": "text", "text": text}]}
        base_url = f"{self.server.url}/api/demo/v1"
        who = {"provider": "other", "base_url": base_url, "model": "demo"}
        return {"messages": [asked]} | who | more

    def begin(self, text: str = "hi", **more: Any) -> dict[str, Any]:
        """Begin a run."""
        answer = self.http.post("/api/runs", json=self.question(text, **more))
        assert answer.status_code == 201, answer.text
        begun: dict[str, Any] = answer.json()
        return begun

    def read(self, run: str, after: str = "", last: int | None = None) -> list[tuple[str, str]]:
        """Read a run's events to its end, or so many: their ids, and their JSON."""
        found: list[tuple[str, str]] = []
        headers = {"last-event-id": after} if after else {}
        path = f"/api/runs/{run}/events"
        with self.http.stream("GET", path, headers=headers) as response:
            assert response.status_code == 200
            place = ""
            for line in response.iter_lines():
                if line.startswith("id: "):
                    place = line[4:]
                elif line.startswith("data: "):
                    found.append((place, line[6:]))
                    if len(found) == last:
                        break
        return found

    def until(self, run: str, kind: str) -> dict[str, Any]:
        """Read a run until an event of this kind comes; give it."""
        with self.http.stream("GET", f"/api/runs/{run}/events") as response:
            for line in response.iter_lines():
                if line.startswith("data: "):
                    event: dict[str, Any] = json.loads(line[6:])
                    if event["type"] == kind:
                        return event
        raise AssertionError(f"no {kind} came")

    def state(self, run: str) -> dict[str, Any]:
        """Ask for the state of a run."""
        answer = self.http.get(f"/api/runs/{run}")
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state


def said(*words: str, gate: str = "") -> Reply:
    """An answer of the Demo in these words; before the last one is a gate."""
    lines = records(Answer(text="".join(words)), split=lambda text: list(words) if text else [])
    if not gate:
        return streamed(lines)
    place = len(words)
    return streamed([*lines[:place], Gate(gate), *lines[place:]])


def text_of(state: dict[str, Any]) -> str:
    """Give the text of a run's answer."""
    return "".join(part["text"] for part in state["message"]["parts"] if part["type"] == "text")


@tool
def double(number: int) -> int:
    """Double a number."""
    return number * 2


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the log."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def _runs_server(tree: Tree, runs_folder: Path) -> Iterator[LiveServer]:
    with live_server(
        root=tree.root,
        runtime=tree.runtime,
        open_log=partial(SQLiteLog, runs_folder / "runs.db", lease_s=LIMIT_S),
        tools=[double],
        budget=Budget(starts_a_minute=100_000),  # all tests of this folder are one person
        patience=PATIENCE,
    ) as server:
        yield server


@pytest.fixture
def pages(_runs_server: LiveServer, runs_folder: Path) -> Iterator[Pages]:
    """Pages of one person."""
    _runs_server.reset()
    found = Pages(_runs_server, runs_folder)
    with found.http:
        yield found
