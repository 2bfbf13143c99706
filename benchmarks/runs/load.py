"""What is asked of the servers, and what it takes."""

import asyncio
import re
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median, quantiles

from .figures import Figures, Row
from .servers import OurServer, ReferenceServer, Server

_COUNT = 150
_READERS = (1, 100, 1000)
_RUNS = 50
_TIME = re.compile(rb'"text":"(\d+\.\d+) "')


async def read_all(reader: asyncio.StreamReader, late_s: list[float], words: int) -> None:
    """Read so many words, or to the end; note how long each was on its way."""
    while words and (line := await reader.readline()):
        for found in _TIME.findall(line):
            late_s.append(time.monotonic() - float(found))
            words -= 1


async def latency(server: Server, path: str, readers: int) -> tuple[float, float]:
    """The median and the 99th percentile, in milliseconds."""
    late_s: list[float] = []
    streams = [await server.ask("GET", path) for _ in range(readers)]
    await asyncio.gather(*(read_all(stream, late_s, _COUNT) for stream in streams))
    assert len(late_s) == readers * _COUNT, "an event is missing"
    return median(late_s) * 1000, quantiles(late_s, n=100)[-1] * 1000


async def of_run(server: OurServer, readers: int) -> tuple[float, float]:
    """The same of a run."""
    return await latency(server, f"/api/runs/{await server.begin(_COUNT)}/events", readers)


async def of_stream(server: ReferenceServer, readers: int) -> tuple[float, float]:
    """The same of a stream of the reference server."""
    path = await server.begin(_COUNT)
    return await latency(server, f"{path}?offset=-1&live=sse", readers)


async def reader_kib(server: Server, path: str) -> float:
    """The memory that one of 1,000 readers takes."""
    before = server.memory_kib()
    streams = [await server.ask("GET", path) for _ in range(1000)]
    await asyncio.sleep(3)
    return (server.memory_kib() - before) / len(streams)


@contextmanager
def ours() -> Iterator[OurServer]:
    """A server of ours that has done nothing yet, so that its memory grows by what is asked."""
    with tempfile.TemporaryDirectory() as folder:
        server = OurServer(folder)
        try:
            yield server
        finally:
            server.end()


async def of_many_runs() -> tuple[float, float]:
    """The memory that one of many runs takes, and an event's way while all are written."""
    with ours() as server:
        await of_run(server, 1)  # what is loaded once
        before = server.memory_kib()
        runs = [await server.begin(100_000) for _ in range(_RUNS)]
        await asyncio.sleep(3)
        run_kib = (server.memory_kib() - before) / _RUNS
        late_s: list[float] = []
        stream = await server.ask("GET", f"/api/runs/{runs[0]}/events")
        reading = asyncio.create_task(read_all(stream, late_s, 100_000))
        await asyncio.sleep(5)
        reading.cancel()
        return run_kib, median(late_s[-100:]) * 1000


async def of_many_readers() -> float:
    """The memory that one of many readers of a run takes."""
    with ours() as server:
        await of_run(server, 1)
        return await reader_kib(server, f"/api/runs/{await server.begin(100_000)}/events")


async def measured() -> Figures:
    """Measure all of it, which takes some minutes."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    run_kib, together_ms = await of_many_runs()
    ours_kib = await of_many_readers()
    theirs_kib = None
    with ExitStack() as stack:
        reference = ReferenceServer.here()
        if reference is not None:
            stack.callback(reference.end)
            path = await reference.begin(100_000)
            theirs_kib = await reader_kib(reference, f"{path}?offset=-1&live=sse")
            for task in reference.writing:
                task.cancel()
    with ExitStack() as stack:
        server = stack.enter_context(ours())
        reference = ReferenceServer.here()
        if reference is not None:
            stack.callback(reference.end)
            await of_stream(reference, 1)
        await of_run(server, 1)
        rows = []
        for readers in _READERS:
            floor = await latency(server, f"/plain?count={_COUNT}", readers)
            run = await of_run(server, readers)
            theirs = None if reference is None else await of_stream(reference, readers)
            rows.append(Row(readers, floor, run, theirs))
            print(rows[-1].line(), flush=True)
    return Figures(rows, _RUNS, run_kib, ours_kib, theirs_kib, together_ms)
