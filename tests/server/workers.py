"""Three workers behind one port, as with `serve.py --workers 3`; their tool notes each of its runs.

    python -m tests.server.workers ROOT RUNTIME FOLDER [LOG [BOT]]

Prints the address once they answer. LOG is the address of a Redis; without it the log is in FOLDER.
With BOT, a file that answers, they share that and a built-in model, of which they are told alone.
"""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from redis import Redis
from starlette.applications import Starlette

from app.core.tools.function_tool import tool
from app.native.agent_process import AgentProcess
from app.native.local_model import BuiltInModel, LocalModel
from app.native.shared_answering import SharedAnswering
from app.server.agent_routes import Agent
from app.server.app import create_app
from app.server.listening import DEFAULT_HOST, address, listen
from app.server.main import open_log
from app.server.workers import Workers
from tests.live_server import LIMIT_S, REPOSITORY, LiveServer, until
from tests.native.engine import prepared


class Together:
    """Workers that run, and a page of theirs. Their answers come from the Demo of `provider`."""

    def __init__(self, provider: LiveServer, folder: Path, program: subprocess.Popen[str]) -> None:
        self.provider = provider
        self.program = program
        self.folder = folder  # of the log
        self.redis = ""  # its address, where the log is there
        assert program.stdout is not None
        self.url = program.stdout.readline().strip()
        self.http = httpx2.Client(base_url=self.url, timeout=LIMIT_S, trust_env=False)

    def begin(self) -> str:
        """Begin a run; give its id."""
        question = {
            "messages": [{"role": "user", "parts": [{"type": "text", "text": "hi"}]}],
            "provider": "other",
            "base_url": f"{self.provider.url}/api/demo/v1",
            "model": "demo",
            "server_tools": ["look"],
        }
        answer = self.http.post("/api/runs", json=question)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def read(self, run: str, on_event: Callable[[str], None] = lambda event: None) -> list[str]:
        """Read to the end, over as many connections as it takes, as a page does."""
        found: list[str] = []
        place = ""
        while not (found and json.loads(found[-1])["type"] == "done"):
            headers = {"last-event-id": place} if place else {}
            path = f"/api/runs/{run}/events"
            with (
                suppress(httpx2.TransportError),
                self.http.stream("GET", path, headers=headers) as answer,
            ):
                at = ""
                for line in answer.iter_lines():
                    if line.startswith("id: "):
                        at = line[4:]
                    elif at and line.startswith("data: "):
                        place, at = at, ""
                        found.append(line[6:])
                        on_event(found[-1])
        return found

    def carrier(self, run: str) -> int:
        """The process that carries a run; where the log is in a Redis, 0 for one that has ended."""
        if self.redis:
            with Redis.from_url(self.redis) as redis:
                job = redis.hget(f"tokenfall:run:{run}", "job")
                held = redis.xpending_range("tokenfall:jobs", "workers", job, job, 1)
                return int(held[0]["consumer"].partition(b"-")[0]) if held else 0
        with closing(sqlite3.connect(self.folder / "runs.db")) as log:
            [worker] = log.execute("SELECT worker FROM run WHERE id = ?", (run,)).fetchone()
        return int(worker.partition("-")[0])

    def until_another_attends(self, pid: int) -> None:
        """Wait until a worker beside this one takes what is left."""

        def is_attended() -> bool:
            with closing(sqlite3.connect(self.folder / "runs.db")) as log:
                rows = log.execute("SELECT worker FROM attending").fetchall()
            return any(not worker.startswith(f"{pid}-") for (worker,) in rows)

        until(is_attended)

    def state(self, run: str) -> dict[str, Any]:
        state: dict[str, Any] = self.http.get(f"/api/runs/{run}").json()
        return state


@contextmanager
def three_workers(
    provider: LiveServer, root: Path, runtime: Path, folder: Path, log: str = "", bot: str = ""
) -> Iterator[Together]:
    """Have them run as long as the block lasts, with the log in this folder, or in a Redis."""
    where = [*map(str, (root, runtime, folder)), log, bot]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.server.workers", *where],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            together = Together(provider, folder, program)
            with together.http:
                yield together
        finally:
            if program.poll() is None:
                program.send_signal(signal.SIGINT)
        # Who takes a dead one's place stays: it has nobody to tell that it has begun.
        assert "Traceback" not in program.communicate(timeout=LIMIT_S)[1]


def make_app(
    root: Path,
    runtime: Path,
    folder: Path,
    log: str,
    *,
    model: BuiltInModel | None,
    agent: Agent | None,
) -> Starlette:
    """Make the application of one worker."""

    @tool
    def look(where: str) -> str:
        """Look there."""
        with (folder / "looked").open("a") as file:
            file.write("looked\n")
        return "seen"

    return create_app(
        root=root,
        runtime=runtime,
        open_log=partial(open_log, log, folder / "runs.db", is_durable=False),
        tools=[look],
        model=model,
        agent=agent,
        resume=True,
        takes_over=True,
    )


def main(root: Path, runtime: Path, folder: Path, log: str = "", bot: str = "") -> int:
    sockets = listen(DEFAULT_HOST, 0)
    url = address(DEFAULT_HOST, sockets[0].getsockname()[1])
    model = LocalModel(runtime, prepare=prepared(folder, port=4711)) if bot else None
    agent = AgentProcess(Path(bot)) if bot else None
    app = partial(make_app, root, runtime, folder, log)
    workers = Workers(app, sockets, 3, shared=SharedAnswering(model, agent))
    return workers.run(lambda: print(url, flush=True), lambda: None)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:4]), *sys.argv[4:6]))  # type: ignore[arg-type]
