"""A write side of the Durable Streams protocol, for its public tests alone: streams that anybody
may make, over a log of runs; they are read by our own read side.

    python -m tests.server.runs.durable_writing --store sqlite

fetches the tests from npm and runs them against it. What the protocol knows of a stream beside its
content, such as its producers, is kept in memory here. A fork is a copy.
"""

import argparse
import asyncio
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.runs.feeds import Feeds
from app.runs.log import Claim, Entry, RunLog, RunRecord, events_of
from app.runs.memory import MemoryLog
from app.runs.offsets import START, Offset
from app.runs.redis import RedisLog
from app.runs.sqlite import SQLiteLog
from app.server.runs.durable_streams import Stream, head, read
from app.server.runs.refusals import RefusedError
from app.setup.node import on_path
from tests.live_server import REPOSITORY
from tests.runs.redis_server import RedisServer

LONG_POLL_S = 2.0
_SUITE = Path(__file__).with_name("durable_streams")
# Behind all content, where a stream was closed: the log's own end is an event too.
CLOSED = b""
_MOST = 2**53 - 1
# The first offset of the reference server, which the suite takes to be everybody's.
_ZERO = "0000000000000000_0000000000000000"
_CONFIG = "export default { test: { testTimeout: 60000 } };\n"
# Its own command looks for tests where they are not.
_TESTS = """\
import {{ runConformanceTests }} from "@durable-streams/server-conformance-tests";
runConformanceTests({{ baseUrl: "{url}", longPollTimeoutMs: 2000 }});
"""
_SECURITY = {
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "*",
    "access-control-allow-headers": "*",
    "access-control-expose-headers": "*",
}


class Kept:
    """What is known of one stream."""

    def __init__(self, run: str, claim: Claim, content_type: str) -> None:
        self.run = run
        self.claim = claim
        self.content_type = content_type
        self.tail = START
        self.is_closed = False
        self.is_gone = False  # deleted, with forks that go on
        self.seq = ""
        self.producers: dict[str, tuple[int, int]] = {}
        self.closed_by: tuple[str, int, int] | None = None
        self.ttl = ""
        self.expires_at = ""
        self.ends_at: float | None = None
        self.source = ""
        self.fork_at = ""
        self.forks = 0
        self.lock = asyncio.Lock()

    @property
    def settings(self) -> tuple[str, ...]:
        """All in which two requests to make it have to agree."""
        kind = self.content_type.partition(";")[0].strip().lower()
        return kind, self.ttl, self.expires_at, str(self.is_closed), self.source, self.fork_at

    def told(self) -> dict[str, str]:
        found = {"stream-next-offset": str(self.tail), "content-type": self.content_type}
        if self.is_closed:
            found["stream-closed"] = "true"
        return found

    def touch(self) -> None:
        """Begin to count its time anew."""
        if self.ttl:
            self.ends_at = time.time() + int(self.ttl)


class Streams:
    """The streams over one log, by their paths."""

    def __init__(self, log: RunLog) -> None:
        self._log = log
        self._feeds = Feeds(log)
        self._kept: dict[str, Kept] = {}
        self._making = asyncio.Lock()
        self._closing = asyncio.Event()

    async def handle(self, request: Request) -> Response:
        try:
            answer = await self._answer(request)
        except RefusedError as refusal:
            answer = refusal.response()
        for name, value in _SECURITY.items():
            answer.headers[name] = value
        return answer

    async def _answer(self, request: Request) -> Response:
        match request.method:
            case "OPTIONS":
                return Response(status_code=204)
            case "PUT":
                async with self._making:
                    return await self._make(request)
            case "POST":
                kept = await self._found(request)
                async with kept.lock:
                    kept.touch()
                    return await self._append(kept, request)
            case "DELETE":
                kept = await self._found(request)
                await self._delete(request.url.path, kept)
                return Response(status_code=204)
            case "HEAD":
                kept = await self._found(request)
                more = {"stream-ttl": kept.ttl, "stream-expires-at": kept.expires_at}
                return head(_stream(kept), {name: value for name, value in more.items() if value})
        kept = await self._found(request)
        kept.touch()

        async def find() -> Stream:
            return _stream(kept)

        return await read(
            self._log, self._feeds, find, request, self._closing, long_poll_s=LONG_POLL_S
        )

    async def _found(self, request: Request) -> Kept:
        path = request.url.path
        kept = self._kept.get(path)
        if kept is not None and kept.ends_at is not None and kept.ends_at <= time.time():
            await self._delete(path, kept)
            kept = self._kept.get(path)
        if kept is None:
            raise RefusedError(404, "unknown", "there is no such stream")
        if kept.is_gone:
            raise RefusedError(410, "gone", "it was deleted")
        return kept

    async def _delete(self, path: str, kept: Kept) -> None:
        if kept.forks:
            kept.is_gone = True
            kept.ends_at = None
            return
        del self._kept[path]
        await self._log.delete(kept.run)
        if source := self._kept.get(kept.source):
            source.forks -= 1
            if source.is_gone:
                await self._delete(kept.source, source)

    async def _make(self, request: Request) -> Response:
        path, headers = request.url.path, request.headers
        known = None
        if path in self._kept:
            try:
                known = await self._found(request)
            except RefusedError as refusal:
                if refusal.response().status_code == 410:
                    raise RefusedError(409, "gone", "its forks still go on") from None
        source = None
        if "stream-fork-sub-offset" in headers and "stream-forked-from" not in headers:
            raise RefusedError(400, "no_source", "a sub-offset is one of a fork")
        if "stream-forked-from" in headers:
            source = await self._source(headers["stream-forked-from"])
        content_type = headers.get("content-type", "") or (
            source.content_type if source else "application/octet-stream"
        )
        made = Kept("", Claim(0, 0), content_type)
        made.ttl, made.expires_at = (
            headers.get("stream-ttl", ""),
            headers.get("stream-expires-at", ""),
        )
        made.is_closed = headers.get("stream-closed", "").lower() == "true"
        _check_time(made)
        entries: list[Entry] = []
        if source is not None:
            made.source = headers["stream-forked-from"]
            entries = await self._inherited(source, made, headers)
        if known is not None:
            if known.settings != made.settings:
                raise RefusedError(409, "differs", "it is there with other settings")
            return Response(status_code=200, headers=known.told())
        body = await request.body()
        contents = _contents(made, body, may_be_empty=True) if body else []
        made.run = sha256(f"{path} {time.time_ns()}".encode()).hexdigest()
        claim = await self._log.create(RunRecord(made.run, "me", made.run), "tests")
        assert claim is not None
        made.claim = claim
        made.touch()
        if made.expires_at:
            made.ends_at = datetime.fromisoformat(made.expires_at).timestamp()
        elif source is not None and not made.ttl:
            made.ttl, made.expires_at, made.ends_at = source.ttl, source.expires_at, source.ends_at
            made.touch()
        for entry in entries:
            await self._write(made, entry.data, entry.last - entry.first + 1)
        if contents:
            await self._write(made, b"\n".join(contents), len(contents))
        if made.is_closed:
            await self._close(made)
        if source is not None:
            source.forks += 1
        self._kept[path] = made
        location = {"location": str(request.url)}
        return Response(status_code=201, headers=made.told() | location)

    async def _source(self, path: str) -> Kept:
        kept = self._kept.get(path)
        if kept is not None and kept.ends_at is not None and kept.ends_at <= time.time():
            await self._delete(path, kept)
            kept = self._kept.get(path)
        if kept is None:
            raise RefusedError(404, "unknown", "there is no such stream to fork")
        if kept.is_gone:
            raise RefusedError(409, "gone", "the stream to fork was deleted")
        return kept

    async def _inherited(self, source: Kept, made: Kept, headers: Any) -> list[Entry]:
        kinds = [one.content_type.partition(";")[0].strip().lower() for one in (source, made)]
        if kinds[0] != kinds[1]:
            raise RefusedError(409, "differs", "a fork has the type of its source")
        told = headers.get("stream-fork-offset", "")
        try:
            is_start = told in ("-1", _ZERO)
            place = source.tail if not told else START if is_start else Offset.of(told)
        except ValueError as error:
            raise RefusedError(400, "bad_offset", str(error)) from None
        if place.number > source.tail.number:
            raise RefusedError(400, "bad_offset", "the source has no such offset")
        more = headers.get("stream-fork-sub-offset", "0")
        if not re.fullmatch(r"0|[1-9]\d{0,15}", more):
            raise RefusedError(400, "bad_offset", "a sub-offset is a number")
        made.fork_at = f"{place}+{more}"
        found = await self._up_to(source, place)
        if count := int(more):
            found.append(await self._piece(source, place, count))
        return found

    async def _piece(self, source: Kept, place: Offset, count: int) -> Entry:
        """The next messages behind a place, or so many bytes of the next one."""
        entries = await self._log.read(events_of(source.run), place)
        if not entries or not entries[0].data:
            raise RefusedError(400, "bad_offset", "there is nothing behind it")
        data, is_json = entries[0].data, _stream(source).is_json
        parts = entries[0].lines() if is_json else [data[at : at + 1] for at in range(len(data))]
        if count > len(parts):
            raise RefusedError(400, "bad_offset", "that is more than the next one has")
        joined = (b"\n" if is_json else b"").join(parts[:count])
        return Entry(1, 1, count if is_json else 1, joined)

    async def _up_to(self, source: Kept, place: Offset) -> list[Entry]:
        found: list[Entry] = []
        after = START
        while entries := await self._log.read(events_of(source.run), after):
            after = entries[-1].end
            for entry in entries:
                if not entry.data or entry.first > place.number:
                    continue
                lines = entry.lines()[: place.number - entry.first + 1]
                is_part = entry.last > place.number
                data = b"\n".join(lines) if is_part else entry.data
                found.append(Entry(1, entry.first, min(entry.last, place.number), data))
        return found

    async def _append(self, kept: Kept, request: Request) -> Response:
        headers = request.headers
        body = await request.body()
        closes = headers.get("stream-closed", "").lower() == "true"
        producer = _producer(headers)
        if kept.is_closed:
            return self._told_closed(kept, body, closes, producer)
        if body or not closes:
            if not headers.get("content-type"):
                raise RefusedError(400, "no_type", "a content type is needed")
            if not body:
                raise RefusedError(400, "empty", "an append holds something")
            kinds = [
                one.partition(";")[0].strip().lower()
                for one in (headers["content-type"], kept.content_type)
            ]
            if kinds[0] != kinds[1]:
                raise RefusedError(409, "differs", "the stream is of another type")
        contents = _contents(kept, body, may_be_empty=False) if body else []
        status = 204
        told: dict[str, str] = {}
        if producer is not None:
            refusal, told = _checked(kept, producer)
            if refusal is not None:
                return Response(status_code=refusal, headers=kept.told() | told)
            status = 200
        seq = headers.get("stream-seq", "")
        if seq:
            if kept.seq and seq.encode() <= kept.seq.encode():
                raise RefusedError(409, "seq", "the sequence goes on")
            kept.seq = seq
        if producer is not None:
            kept.producers[producer[0]] = producer[1:]
        if contents:
            await self._write(kept, b"\n".join(contents), len(contents))
        if closes:
            kept.closed_by = producer
            await self._close(kept)
        if closes and not contents:
            status = 204
        return Response(status_code=status, headers=kept.told() | told)

    def _told_closed(
        self, kept: Kept, body: bytes, closes: bool, producer: tuple[str, int, int] | None
    ) -> Response:
        told = kept.told()
        if producer is not None:
            if producer == kept.closed_by:
                name, epoch, number = producer
                told |= {"producer-epoch": str(epoch), "producer-seq": str(number)}
                return Response(status_code=204, headers=told)
            return Response(status_code=409, headers=told)
        return Response(status_code=204 if closes and not body else 409, headers=told)

    async def _write(self, kept: Kept, data: bytes, count: int) -> None:
        kept.claim = await self._log.append(kept.run, kept.claim, data, count)
        kept.tail = Offset(*kept.claim)

    async def _close(self, kept: Kept) -> None:
        kept.is_closed = True
        await self._log.append(kept.run, kept.claim, CLOSED, 1, "complete")


def _stream(kept: Kept) -> Stream:
    return Stream(events_of(kept.run), kept.tail, kept.is_closed, kept.content_type)


def _contents(kept: Kept, body: bytes, *, may_be_empty: bool) -> list[bytes]:
    """The messages of a body: of JSON those of one array, else all of it."""
    if not _stream(kept).is_json:
        return [body]
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError(400, "bad_json", str(error)) from None
    values = value if isinstance(value, list) else [value]
    if not values and not may_be_empty:
        raise RefusedError(400, "empty", "an append holds something")
    return [msgspec.json.encode(one) for one in values]


def _check_time(made: Kept) -> None:
    if made.ttl and made.expires_at:
        raise RefusedError(400, "two_times", "one of the two is enough")
    if made.ttl and not re.fullmatch(r"0|[1-9]\d*", made.ttl):
        raise RefusedError(400, "bad_ttl", "seconds, in digits")
    if made.expires_at:
        try:
            at = datetime.fromisoformat(made.expires_at)
        except ValueError as error:
            raise RefusedError(400, "bad_time", str(error)) from None
        if at.tzinfo is None:
            raise RefusedError(400, "bad_time", "with its zone")
        made.expires_at = str(at.astimezone(UTC).isoformat())


def _producer(headers: Any) -> tuple[str, int, int] | None:
    names = ("producer-id", "producer-epoch", "producer-seq")
    given = [headers[name] for name in names if name in headers]
    if not given:
        return None
    numbers = given[1:]
    is_whole = len(given) == 3 and bool(given[0])
    if not is_whole or not all(
        one.isascii() and one.isdecimal() and int(one) <= _MOST for one in numbers
    ):
        raise RefusedError(400, "bad_producer", "a name, an epoch and a number are needed")
    return given[0], int(given[1]), int(given[2])


def _checked(kept: Kept, producer: tuple[str, int, int]) -> tuple[int | None, dict[str, str]]:
    """Decide on an append of a producer: its refusal, if any, and what it is told."""
    name, epoch, number = producer
    known_epoch, last = kept.producers.get(name, (epoch, -1))
    if epoch < known_epoch:
        return 403, {"producer-epoch": str(known_epoch)}
    if epoch > known_epoch:
        if number != 0:
            return 400, {}
        last = -1
    if number <= last:
        return 204, {"producer-epoch": str(epoch), "producer-seq": str(last)}
    if number > last + 1:
        wanted = {"producer-expected-seq": str(last + 1), "producer-received-seq": str(number)}
        return 409, wanted
    return None, {"producer-epoch": str(epoch), "producer-seq": str(number)}


def make_app(open_log: Callable[[], RunLog]) -> Starlette:
    """Make the application; the log is opened in its loop."""
    streams: list[Streams] = []

    async def handle(request: Request) -> Response:
        if not streams:
            streams.append(Streams(open_log()))
        return await streams[0].handle(request)

    methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"]
    return Starlette(routes=[Route("/{path:path}", handle, methods=methods)])


def fetched(npm: Path, suite: Path = _SUITE, name: str = "durable-streams") -> Path:
    """Have packages in a folder of this name, as the lock of the suite says."""
    folder = REPOSITORY / ".runtime" / name
    lock = (suite / "package-lock.json").read_bytes()
    kept = folder / "package-lock.json"
    if not (folder / "node_modules").is_dir() or kept.read_bytes() != lock:
        folder.mkdir(parents=True, exist_ok=True)
        for one in ("package.json", "package-lock.json"):
            shutil.copy(suite / one, folder / one)
        flags = ("--no-save", "--ignore-scripts", "--no-audit", "--no-fund")
        subprocess.run([npm, "install", *flags], cwd=folder, check=True)
    return folder


def main(store: str) -> int:
    """Run the suite against a store; give its exit code."""
    known = on_path()
    if known is None:
        raise SystemExit("Node.js 20 or newer is needed, with npm")
    suite = fetched(known.npm[0])
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        match store:
            case "redis":
                address = stack.enter_context(RedisServer()).url
                open_log: Callable[[], RunLog] = lambda: RedisLog(address)  # noqa: E731
            case "sqlite":
                open_log = lambda: SQLiteLog(Path(folder) / "runs.db")  # noqa: E731
            case _:
                open_log = MemoryLog
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=512))
        server = uvicorn.Server(
            uvicorn.Config(
                make_app(open_log),
                log_level="error",
                timeout_keep_alive=60,
                timeout_graceful_shutdown=1,
            )
        )
        thread = threading.Thread(target=server.run, args=[[listening]], daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        (suite / "vitest.config.mjs").write_text(_CONFIG, "utf-8")
        (suite / "durable_streams.test.mjs").write_text(_TESTS.format(url=url), "utf-8")
        vitest = suite / "node_modules/vitest/vitest.mjs"
        ran = subprocess.run([known.node, vitest, "run"], cwd=suite, check=False)
        server.should_exit = True
        thread.join()
    return ran.returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", choices=("memory", "sqlite", "redis"), default="sqlite")
    sys.exit(main(parser.parse_args().store))
