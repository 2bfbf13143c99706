"""Runs and readers that one server holds, their cost, and the time that an event is on its way.

    python3 -m benchmarks.runs --into docs

One event is written each 20 ms. Its time on its way is counted from when the word was due to the
reader's socket, on one machine; `plain` is an endpoint of Starlette's that keeps nothing. The load
is bounded: 1, 100 and 1,000 readers of one run, 50 runs at once (2,500 batches a second).
"""

import argparse
import asyncio
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from .figures import Figures, Row
from .serving import TOKEN

_COUNT = 150
_READERS = (1, 100, 1000)
_RUNS = 50
_TIME = re.compile(rb'"text":"(\d+\.\d+) "')
_ROOT = Path(__file__).parents[2]


class Server:
    """The process that is measured."""

    def __init__(self, folder: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.runs.serving", folder],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
        )
        self._writers: list[asyncio.StreamWriter] = []
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def memory_kib(self) -> int:
        """Measure its memory."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        found = re.search(r"VmRSS:\s+(\d+)", status)
        assert found is not None
        return int(found[1])

    def end(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    async def ask(self, method: str, path: str, body: bytes = b"") -> asyncio.StreamReader:
        """Send one request; give what comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers.append(writer)  # one that nobody holds closes its connection
        head = (
            f"{method} {path} HTTP/1.0\r\nHost: localhost:{self.port}\r\n"
            f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        return reader

    async def begin(self, count: int) -> str:
        """Begin a run of so many words; give its id."""
        asked = {"role": "user", "parts": [{"type": "text", "text": str(count)}]}
        question = {"provider": "openai-chat", "key": "k", "model": "m", "messages": [asked]}
        answer = await (await self.ask("POST", "/api/runs", json.dumps(question).encode())).read()
        return str(json.loads(answer.partition(b"\r\n\r\n")[2])["id"])


async def read_all(reader: asyncio.StreamReader, late_s: list[float]) -> None:
    """Read to the end; note how long each word was on its way."""
    while line := await reader.readline():
        if found := _TIME.search(line):
            late_s.append(time.monotonic() - float(found[1]))


async def latency(server: Server, readers: int, *, is_plain: bool) -> tuple[float, float]:
    """The median and the 99th percentile, in milliseconds."""
    path = f"/plain?count={_COUNT}"
    if not is_plain:
        path = f"/api/runs/{await server.begin(_COUNT)}/events"
    late_s: list[float] = []
    streams = [await server.ask("GET", path) for _ in range(readers)]
    await asyncio.gather(*(read_all(stream, late_s) for stream in streams))
    assert len(late_s) == readers * _COUNT, "an event is missing"
    return median(late_s) * 1000, quantiles(late_s, n=100)[-1] * 1000


async def measured() -> Figures:
    """Measure all of it, which takes some minutes."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        try:
            await latency(server, 1, is_plain=False)  # what is loaded once
            rows = []
            for readers in _READERS:
                floor = await latency(server, readers, is_plain=True)
                run = await latency(server, readers, is_plain=False)
                rows.append(Row(readers, *floor, *run))
                print(rows[-1].line(), flush=True)
            before = server.memory_kib()
            runs = [await server.begin(100_000) for _ in range(_RUNS)]
            await asyncio.sleep(3)
            run_kib = (server.memory_kib() - before) / _RUNS
            late_s: list[float] = []
            reading = asyncio.create_task(
                read_all(await server.ask("GET", f"/api/runs/{runs[0]}/events"), late_s)
            )
            await asyncio.sleep(5)
            reading.cancel()
            for each in runs:
                await (await server.ask("POST", f"/api/runs/{each}/cancel")).read()
            await asyncio.sleep(3)
            last = await server.begin(100_000)
            before = server.memory_kib()
            streams = [await server.ask("GET", f"/api/runs/{last}/events") for _ in range(1000)]
            await asyncio.sleep(3)
            reader_kib = (server.memory_kib() - before) / len(streams)
            together_ms = median(late_s[-100:]) * 1000
            return Figures(rows, _RUNS, run_kib, reader_kib, together_ms)
        finally:
            server.end()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--into", type=Path, help="the folder for the table and the picture")
    options = parser.parse_args()
    found = asyncio.run(measured())
    print(found.table())
    if options.into:
        found.write(options.into)
