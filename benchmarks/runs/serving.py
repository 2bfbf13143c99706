"""The server that is measured: `python -m benchmarks.runs.serving FOLDER` prints its port.

An answer here is the time of each of its words, so whoever reads it knows how long that took.
`/plain` sends the same without a log and without other readers: the floor.
"""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
import uvicorn
from starlette.requests import Request as HTTPRequest
from starlette.responses import StreamingResponse
from starlette.routing import Route

from app.core.wire.transport import Request, Response
from app.runs.sqlite import SQLiteLog
from app.server.access import Access
from app.server.app import create_app
from app.server.identity import identity_of
from app.server.runs.budgets import Budget

TOKEN = "benchmark-benchmark-benchmark"
# A word each, in seconds: how quickly a quick model writes.
PACE_S = 0.02


class Clock:
    """A provider that says the time, so often as the question asks for."""

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        """Answer."""
        asked = msgspec.json.decode(request.body)["messages"][-1]["content"]
        yield Times(int(asked))


class Times:
    """Its answer; before it is a pause, in which readers come."""

    status = 200
    headers: Mapping[str, str] = {"content-type": "text/event-stream"}

    def __init__(self, count: int) -> None:
        self._count = count

    async def chunks(self) -> AsyncIterator[bytes]:
        """Say the time, again and again."""
        yield _chunk({"role": "assistant", "content": "begin "}, None)
        async for due_s in ticks(self._count):
            yield _chunk({"content": f"{due_s:.6f} "}, None)
        yield _chunk({}, "stop") + b"data: [DONE]\n\n"


async def ticks(count: int) -> AsyncIterator[float]:
    """Yield the moment each word is due, as soon as it is: a server that has no time to say it is
    late too.
    """
    begin_s = time.monotonic() + 2
    for number in range(count):
        due_s = begin_s + number * PACE_S
        await asyncio.sleep(max(0, due_s - time.monotonic()))
        yield due_s


def _chunk(delta: dict[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + msgspec.json.encode({"choices": [choice]}) + b"\n\n"


async def plain(request: HTTPRequest) -> StreamingResponse:
    """The floor: each reader has a stream of its own, which nobody keeps."""
    count = int(request.query_params["count"])

    async def body() -> AsyncIterator[bytes]:
        async for due_s in ticks(count):
            yield b'data: {"text":"%.6f "}\n\n' % due_s

    return StreamingResponse(body(), media_type="text/event-stream")


def main(folder: Path) -> None:
    """Serve until the process is ended."""
    access = Access(identity_of(folder), "0.0.0.0", token=TOKEN)
    budget = Budget(runs_at_once=10_000, starts_a_minute=100_000, readers=100_000, most_runs=10_000)
    app = create_app(
        root=folder,
        runtime=folder,
        access=access,
        open_log=partial(SQLiteLog, folder / "runs.db"),
        transport=Clock(),
        budget=budget,
    )
    app.router.routes.insert(0, Route("/plain", plain))
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listening:
        print(listening.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, http="h11", log_level="error")).run([listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
