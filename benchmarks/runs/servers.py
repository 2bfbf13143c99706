"""The servers that are measured, each a process of its own."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from app.setup.node import on_path
from tests.server.runs.durable_writing import fetched

from .serving import TOKEN, ticks

_ROOT = Path(__file__).parents[2]
_REFERENCE = Path(__file__).with_name("durable_streams")


class Server:
    """A process that prints its port."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self._process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE)
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
        """End it at once: one that is still busy would first do all that it has taken on."""
        self._process.kill()
        self._process.wait()

    async def ask(self, method: str, path: str, body: bytes = b"") -> asyncio.StreamReader:
        """Send one request; give what comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers.append(writer)  # one that nobody holds closes its connection
        writer.write(self._head(method, path, body, "1.0") + body)
        return reader

    def _head(self, method: str, path: str, body: bytes, version: str) -> bytes:
        lines = (
            f"{method} {path} HTTP/{version}",
            f"Host: localhost:{self.port}",
            f"Authorization: Bearer {TOKEN}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        return "\r\n".join([*lines, "", ""]).encode()


class OurServer(Server):
    """This project's, with a log in SQLite."""

    def __init__(self, folder: str) -> None:
        super().__init__([sys.executable, "-m", "benchmarks.runs.serving", folder])

    async def begin(self, words: int) -> str:
        """Begin a run of so many words; give its id."""
        asked = {"role": "user", "parts": [{"type": "text", "text": str(words)}]}
        question = {"provider": "openai-chat", "key": "k", "model": "m", "messages": [asked]}
        answer = await (await self.ask("POST", "/api/runs", json.dumps(question).encode())).read()
        return str(json.loads(answer.partition(b"\r\n\r\n")[2])["id"])


class ReferenceServer(Server):
    """That of the Durable Streams protocol, with its streams in memory: in files it waits for the
    disk with each word, which ours does with `--durable` alone. Each word is a request of this
    program's, as its writers are elsewhere.
    """

    def __init__(self, node: Path, packages: Path) -> None:
        super().__init__([node, packages / "serve.mjs"])
        self._names = count()
        self.writing: set[asyncio.Task[None]] = set()

    @classmethod
    def here(cls) -> "ReferenceServer | None":
        """Fetch and start it; None where there is no Node.js."""
        if (known := on_path()) is None:
            return None
        packages = fetched(known.npm[0], _REFERENCE, "durable-streams-server")
        shutil.copy(_REFERENCE / "serve.mjs", packages)
        return cls(known.node, packages)

    async def begin(self, words: int) -> str:
        """Begin to write a stream of so many words; give its address."""
        path = f"/words-{next(self._names)}"
        await (await self.ask("PUT", path)).readline()
        self.writing.add(task := asyncio.create_task(self._write(path, words)))
        task.add_done_callback(self.writing.discard)
        return path

    async def _write(self, path: str, words: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        async for due_s in ticks(words):
            body = b'{"type":"content","text":"%.6f "}' % due_s
            writer.write(self._head("POST", path, body, "1.1") + body)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 20"), head
            if length := re.search(rb"(?i)content-length: (\d+)", head):
                await reader.readexactly(int(length[1]))
        writer.close()
